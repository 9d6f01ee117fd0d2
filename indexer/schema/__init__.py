"""An essay as fields, terms and stored values.

``document``  the names of all fields, Whoosh's schema, an essay's terms and stored values, and the
              essay read back from them
"""
