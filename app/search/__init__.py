"""A request becomes results: what can be asked, and every engine's answer as records.

``engine``     the port: the questions that every engine answers
``request``    what is asked: words, filters, ranges, order, page
``results``    what is answered: hits, facets, ranges, snippets, other searches to try
``discovery``  what is answered beside results: related essays, duplicates, the map, the timeline
``report``     what needs the author's attention
``answers``    what programs are answered with, as records whose JSON is the API's contract
``payload``    those records, made from what an engine found
``budget``     how much time one request may take, kept by everything that works for it
``facets``     the values of facets as they are listed
``marking``    what to look for in texts to show where a query's words stand
``binding``    a query tree becomes terms of an index; knows no engine
``ranking``    what makes an essay a better answer, in numbers; knows no engine
``spelling``   what a reader meant whose words the archive does not have; knows no engine
``relating``   what relates essays; knows no engine
``suggest``    what completes a text, what to try instead; knows no engine
``query``      a reader's text becomes a query tree; knows no engine
``highlight``  where words stand in a text; knows no engine
``embedded``   the engine that runs in this process
``opensearch``  the engine that asks a cluster

Knows nothing of Flask, the command or the settings file.
"""
