"""The front matter of other sites becomes that of ``docs/writing.md``.

``kinds``      which program a file was written for, and what its keys mean there
``plan``       which keys get another name or form, and what cannot be mapped
``yaml_edit``  the same changes made in YAML text, its comments kept
``rewrite``    one file, or all of a folder: the new text, its body untouched
``replace``    a file replaced at once, through no link

Nothing is written but by ``replace``.
"""
