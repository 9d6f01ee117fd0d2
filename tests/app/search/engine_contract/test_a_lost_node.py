"""A node is lost amid searches: none fails, and every answer has all essays and exact counts.

Behind that stand up to three tries of the client at other nodes
(:data:`app.search.opensearch.cluster.RETRIES`), a copy of every shard on another node, and further
tries where an answer lacks a part (``tests/app/search/opensearch/test_cluster.py``).
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from app.search.opensearch.engine import OpenSearchEngine
from app.search.request import SearchRequest
from app.search.results import SearchResults
from tests.app.search.engine_contract.archives import in_cluster, library
from tests.cluster.nodes import Cluster

pytestmark = pytest.mark.cluster

REQUESTS = [
    SearchRequest(), SearchRequest(q="owl OR serial"), SearchRequest(q="sparow cencus"),
    SearchRequest(q="black box", filters={"category": ("Computing", "Machine Learning")}),
    SearchRequest(sort="title", page=2, per_page=10), SearchRequest(q="interpret*"),
]  # fmt: skip
#: Seconds of searching before and after the loss.
BEFORE, AFTER = 1.0, 4.0


def told(found: SearchResults) -> tuple[object, ...]:
    return found.total, found.counts, [hit.essay.slug for hit in found.hits]


class Reader(threading.Thread):
    """Asks one search after another until it is told to stop."""

    def __init__(self, engine: OpenSearchEngine) -> None:
        super().__init__()
        self._engine = engine
        self._expected = [told(engine.search(request)) for request in REQUESTS]
        self._stopped = threading.Event()
        self.asked = 0
        self.wrong: list[str] = []
        self.longest = 0.0

    def run(self) -> None:
        while not self._stopped.is_set():
            for request, expected in zip(REQUESTS, self._expected, strict=True):
                began = time.perf_counter()
                try:
                    if told(self._engine.search(request)) != expected:
                        self.wrong.append(f"another answer to {request}")
                except Exception as error:  # noqa: BLE001 - any is a failed search
                    self.wrong.append(repr(error))
                self.longest = max(self.longest, time.perf_counter() - began)
                self.asked += 1

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def test_no_search_fails_while_a_node_is_lost(tmp_path: Path, cluster: Cluster) -> None:
    shelf = library(tmp_path)
    with in_cluster(shelf, ",".join(cluster.urls)) as engine:
        cluster.wait(nodes=3)
        readers = [Reader(engine), Reader(engine)]
        for reader in readers:
            reader.start()
        time.sleep(BEFORE)
        before = sum(reader.asked for reader in readers)
        try:
            cluster.kill(0)
            time.sleep(AFTER)
            for reader in readers:
                reader.stop()
            asked = sum(reader.asked for reader in readers)
            longest = max(reader.longest for reader in readers)
            print(f"{before} searches before the loss, {asked - before} after, the longest "
                  f"{longest:.1f} s")  # fmt: skip
            assert [wrong for reader in readers for wrong in reader.wrong] == []
            assert asked - before > len(REQUESTS)
        finally:
            for reader in readers:
                reader.stop()
            cluster.restart(0)
            cluster.wait(nodes=3)
        again = Reader(engine)
        assert [told(engine.search(request)) for request in REQUESTS] == again._expected
