"""The engine in this process: it answers from memory-mapped segments with whole arrays (NumPy).

``engine``      the port, answered from the current generation
``snapshot``    one generation, held open
``sorting``     documents in the order of dates, ratings, titles or scores
``term_order``  documents in the order of slugs or of titles
``latest``      the snapshot that answers now, its files as they were verified
``search``      the one path from a request to the essays that it finds
``hits``        what is found, as hits with snippets
``reader``      terms and postings of mapped segments
``matching``    which documents match a query tree, and what they weigh
``facets``      the values of documents, and their counts
``ranking``     the order of what was found, and the reasons for it
``semantic``    what essays are about, by the vectors of their texts
``spelling``    what a reader meant whose words the archive does not have
``suggest``     what a reader may be about to type; what to try where nothing was found
``discovery``   related essays, duplicates, links, the archive as a whole
``report``      what needs the author's attention

Only ``engine`` is named outside, by the factory of the app and the command.
"""
