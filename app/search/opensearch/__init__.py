"""The engine that asks a cluster of OpenSearch.

``engine``     the port, answered from the current generation
``cluster``    the client: answers are checked, its errors become ours
``snapshot``   one generation, and what was learned of it
``lexicon``    the words of a generation
``dsl``        clauses as queries: what they select
``scoring``    clauses as queries: what they weigh, by BM25F
``expanding``  the words that patterns and misspelt words stand for
``selection``  the essays that words select, and those that follow them
``ranking``    the essays that a text finds, and the query that scores them
``filters``    the filters of a request, and exact counts of facets
``sorting``    the order of essays
``archive``    words, essays and subjects, as spelling and suggestions ask for them
``search``     the one path from a request to the essays that it finds
``hits``       what is found, as hits with snippets
``overview``   the map, the timeline, values that occur together
``links``      the essay that a link means, and those that link to one
``related``    essays worth reading after one, and copies
``report``     what needs the author's attention

Only ``engine`` is named outside, by the factory of the app.
"""
