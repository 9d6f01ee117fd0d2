"""A folder becomes a generation in a cluster of OpenSearch.

``build``      the main path, step by step
``last``       what answers when a build begins, and whether it can go on from that
``documents``  essays as documents, made in the workers
``writer``     what is written, in bulk: sent again where the cluster is busy or a node is lost
"""
