"""A folder becomes a generation.

``build``            the main path, step by step
``last_generation``  what answers when a build begins
``plan``             what may have changed since, and is read
``told``             the same, where somebody tells which files changed
``report``           what a build says when it is done
``workers``          many files read at once, when any may hang or crash its reader
``batch``            analysed essays as arrays, on their way into a segment
``embedder``         the vectors of essays and their sections
``segment_writer``   batches become segments
``merge``            several segments become one
``merge_policy``     which of them
``opensearch``       the same path, to a cluster of OpenSearch
``outcomes``         what becomes of each file
``stored_versions``  essays that lie in segments, by content path
``slugs``            who gets a slug that two files ask for
``check``            what a person would want to correct, without building
``verify``           whether an index is whole, and holds what its folder says
``watch``            when a folder needs another build
``watch_status``     what the process that watches says of itself
``parent_process``   a process that ends with the one that started it
"""
