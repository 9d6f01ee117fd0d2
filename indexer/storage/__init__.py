"""Segments and generations on disk.

``arrays``      named NumPy arrays in one verified, memory-mapped file
``blobs``       byte strings by number, out of two arrays
``spool``       bytes that wait, outside of memory where they are many
``postings``    the postings of a field as arrays
``terms``       the terms of a segment, written and read
``documents``   stored values, field lengths and columns of a segment
``vectors``     the vectors of essays and their sections in a segment
``segment``     a segment's name, size and deletions, and its files, opened once
``codec``       the way Whoosh writes and reads such segments
``verified``    which files were read whole, and how they lay then
``contents``    which segments a commit has, and their deletions
``manifest``    what a build knew of every content file
``file_columns``   the same as arrays, all files but those that changed of late
``file_rows``   files on their way into these
``generation``  the current commit, what the build knew then, and the lock
``opensearch``  the same in a cluster: the connection, generations, the lock
``writing``     files written whole or not at all, and errors in plain words
"""
