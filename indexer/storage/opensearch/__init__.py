"""The index in a cluster of OpenSearch, for archives that one machine does not hold.

``connection``   where the cluster is, the client that asks it, and its errors in our words
``generations``  which indexes answer, what the build knew of every file, and the change of both
``lock``         one build at a time, whichever machine it runs on
"""
