"""An essay as fields, terms and stored values.

``fields``         the names of all fields, and the format number of the index
``document``       the terms and stored values of an essay, and the essay read back from them
``whoosh_schema``  the same fields as Whoosh's schema
"""
