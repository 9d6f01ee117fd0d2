"""The tests that ask a real cluster of OpenSearch, and what starts one.

``distribution``  OpenSearch and a Java runtime, fetched once and kept
``nodes``         nodes on loopback: started, killed, started again, stopped
``fixtures``      the running cluster, for tests
"""
