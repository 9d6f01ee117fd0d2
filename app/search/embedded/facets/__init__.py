"""The values of documents, and how many of the documents found have each.

``columns``     facet values, ranges and histograms of one generation, and filters as masks
``conditions``  conditions on values and ranges as masks
``counting``    counts of values over a selection of documents
"""
