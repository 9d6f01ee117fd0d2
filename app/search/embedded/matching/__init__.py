"""The documents that match a query tree, and what each weighs.

``evaluate``    the documents of a clause in all segments, and their scores
``docset``      sets of documents with scores: union, intersection, difference
``any_term``    documents that have any of many terms
``phrase``      documents in which words stand one after another
``bm25f``       the weight of a word over all fields of an essay
``proximity``   the weight of words that stand near each other
"""
