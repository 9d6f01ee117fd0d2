"""A folder becomes a generation.

``build``           compare, read, write, commit, report
``workers``         many files read at once, when any may hang or crash its reader
``batch``           analysed essays as arrays, on their way into a segment
``segment_writer``  batches become segments
``merge``           small and stale segments become one
``slugs``           who gets a slug that two files ask for
``check``           what a person would want to correct, without building
``watch``           when a folder needs another build
``watch_status``    what the process that watches says of itself
``parent_process``  a process that ends with the one that started it
"""
