"""A reader's text becomes a query tree, and notes on what was not taken as it was typed.

``parser``         text -> tree and notes; never fails
``prose``          whether a text is a query with operators, in capitals, or prose
``grammar``        the tags of the query language: phrases, groups, operators, ``field:value``
``compiler``       tags -> the query tree
``tree``           the nodes of a query tree, and the rules for joining them
``unparse``        the query tree -> a text that has it
``synonyms``       a tree with the author's synonyms in it
``loosening``      what a query that finds nothing may ask for instead
``marks``          what a tree marks in texts
``fields``         what may stand before a colon, and what its values mean
``analyzer``       a word of a query -> the terms that stand for it in an archive's languages
``compounds``      the compound words that a word is a part of
``limits``         how much of a question is answered
``curation``       the author's synonyms and pinned answers
``visible_text``   a typed text without characters that nobody can see

Imports the records of ``app.search`` and of the indexer, and no engine.
"""
