"""The search API of Algolia, as its clients and InstantSearch use it, over the engine's port.

What is narrowed by is one condition of the neutral request, so every count is under all of it, as
these clients expect; they send a query of their own for each facet whose other values they show.

``routes``      ``/1/indexes/…``: the addresses
``parameters``  what a client sent, in any of its forms, as named values
``attributes``  the attributes of a record, and what a comparison with each means
``conditions``  ``facetFilters``, ``numericFilters`` and ``filters`` as one condition
``filters``     the grammar of ``filters``
``indices``     names of indices, each an order of the results
``searching``   one query: what is asked of the engine, and what is answered
``counts``      ``facets``, ``facets_stats``, and the search among the values of one facet
``records``     an essay found as a record, with what to mark in it
``marking``     texts with marks, whole and cut
``refusal``     errors in the shape that these clients read
"""
