"""An essay as fields, terms and stored values.

``field_names``          the names of all fields
``field_weights``        what a word in each field of text counts
``document``             an essay's terms and stored values, and the essay read back from them
``whoosh_schema``        the fields as Whoosh knows them
``opensearch_mapping``   the fields as OpenSearch knows them
``opensearch_document``  an essay as a document of OpenSearch, and read back from it
"""
