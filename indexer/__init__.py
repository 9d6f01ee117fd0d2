"""A folder of Markdown essays becomes an index.

``essay``     the records that every package speaks of: essay, section, rating, moment, problem
``errors``    everything that can go wrong, as one tree
``cache``     what was worked out once, remembered within a bound
``parsing``   a file becomes an essay and its problems
``analysis``  a text becomes terms
``schema``    an essay becomes fields, terms and stored values
``storage``   segments and generations on disk
``build``     a folder becomes a generation
``migrate``   other sites' front matter becomes ours

Never imports ``app`` or Flask.
"""
