"""A request becomes results: what can be asked, and every engine's answer as records.

``engine``     the port: the questions that every engine answers
``request``    what is asked: words, filters, ranges, order, page
``results``    what is answered: hits, facets, ranges, snippets, other searches to try
``discovery``  what is answered beside results: related essays, duplicates, the map, the timeline
``report``     what needs the author's attention
``answers``    what programs are answered with, as records whose JSON is the API's contract
``payload``    those records, made from what an engine found
``budget``     how much time one request may take, kept by everything that works for it
``query``      a reader's text becomes a query tree; knows no engine
``highlight``  where words stand in a text; knows no engine
``embedded``   the engine that runs in this process

Knows nothing of Flask, the command or the settings file.
"""
