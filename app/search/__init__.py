"""The search room: a request becomes results, whatever the engine, whoever shows them.

``request``   what is asked and what is answered, engine-neutral
``language``  the reader's text -> a Whoosh query tree and notes
``engine``    the port: what every engine can be asked
``local``     the embedded engine: one generation of the Whoosh index
``evaluate``  query tree -> document numbers and scores
``facets``    exact disjunctive counts, ranges and histograms from columns
``snippets``  where in an essay the words stand, as data
``suggest``   what a reader may be about to type

Nothing here imports Flask.
"""
