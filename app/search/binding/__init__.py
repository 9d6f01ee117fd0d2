"""The words of a query tree become terms of the fields of an index.

``clauses``  a query as terms of fields, which one generation can answer
``binding``  a query tree -> clauses

Every engine whose index has the terms of :mod:`indexer.analysis` answers the same clauses.
"""
