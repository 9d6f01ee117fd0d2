"""An essay as fields, terms and stored values.

``field_names``    the names of all fields
``document``       an essay's terms and stored values, and the essay read back from them
``whoosh_schema``  the fields as Whoosh knows them
"""
