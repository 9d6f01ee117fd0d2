"""A request becomes results: what can be asked, and every engine's answer as records.

``engine``     the port: the questions that every engine answers
``request``    what is asked (words, filters, ranges, order) and what is answered (hits, facets)
``discovery``  what is answered beside results: related essays, duplicates, other searches to try
``pictures``   what the map and the timeline are made of
``payload``    any of these answers as JSON
``budget``     how much time one request may take, kept by everything that works for it
``query``      a reader's text becomes a query tree; knows no engine
``highlight``  where words stand in a text; knows no engine
``embedded``   the engine that runs in this process

Knows nothing of Flask, the command or the settings file.
"""
