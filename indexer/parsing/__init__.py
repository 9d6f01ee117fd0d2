"""A file becomes an essay and its problems.

``corpus``       one file, read whatever it holds
``walk``         the files of a content folder, each found once
``symlinks``     where symbolic links may lead
``frontmatter``  the top of a file: its metadata and where the body begins
``size``         how much a front matter may hold
``yaml_text``    YAML whose words stay as they were written
``metadata``     what the keys mean, and what is wrong with their values
``rules``        how the files of one archive are read: aliases, limits, words of its scales
``ratings``      ratings as people write them: words, numbers, parts of a whole, percentages
``bounds``       the largest value of every field
``deadline``     the time that one file may take
``markup``       a Markdown body as safe HTML, sections and links
``sections``     the plain text of a body, cut at its headings
``inline``       a quicker pass over text without markup
``wikilinks``    links by name in double brackets
"""
