"""Terms and postings of the segments of one generation.

``segments``   the mapped segments side by side, and what scoring needs to know of all together
``fuzzy``      terms that are spelled nearly like a word
``wildcards``  terms that a pattern of ``*`` and ``?`` matches
"""
