"""The cluster itself: as many nodes as were started, each in its own process."""

from __future__ import annotations

import pytest
from opensearchpy import OpenSearch

from tests.cluster.nodes import Cluster

pytestmark = pytest.mark.cluster


def test_every_node_answers_for_the_whole_cluster(cluster: Cluster) -> None:
    for node in cluster.nodes:
        with OpenSearch(node.url) as client:
            health = client.cluster.health()
        assert (health["number_of_nodes"], health["status"]) == (3, "green")
    assert len({node.pid for node in cluster.nodes}) == 3
    assert all(node.runs() for node in cluster.nodes)
