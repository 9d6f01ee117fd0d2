"""The cluster that tests ask, where one runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cluster.nodes import Cluster


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """Three nodes. `make test-cluster` starts them; a test that kills one starts it again."""
    home = os.environ.get("ESSAYS_TEST_CLUSTER")
    if not home:
        pytest.skip("no cluster runs: make test-cluster")
    return Cluster.running(Path(home))


@pytest.fixture(scope="session")
def opensearch_url(cluster: Cluster) -> str:
    """The addresses of the nodes, as the setting takes them."""
    return ",".join(cluster.urls)
