"""The tests that ask a real cluster of OpenSearch, and what starts one.

``distribution``  OpenSearch, fetched once and kept, and Java
``nodes``         nodes on loopback: started, killed, started again, stopped
``proxy``         a way to a node that a test can cut
``fixtures``      the running cluster, for tests
"""
