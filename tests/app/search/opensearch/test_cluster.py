"""What is asked of a cluster again, by the answers of a node that says what it is told to."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.search.budget import Budget
from app.search.opensearch.cluster import PAUSES, Cluster
from indexer.errors import IndexMissing, IndexUnreachable
from indexer.storage.opensearch.connection import Connection

pytest.importorskip("opensearchpy")

Json = dict[str, Any]


def whole(number: int) -> Json:
    return {"_shards": {"total": 2, "successful": 2, "failed": 0}, "timed_out": False,
            "hits": {"total": {"value": number}}}  # fmt: skip


#: As a node of 3.3 says it when the node that had the texts of what matched was killed.
LOST: Json = {
    "error": {
        "type": "search_phase_execution_exception",
        "reason": "",
        "root_cause": [
            {
                "type": "node_disconnected_exception",
                "reason": "[node-0][indices:data/read/search[phase/fetch/id]] disconnected",
            }
        ],
    },
    "status": 500,
}
PARTIAL = {**whole(0), "_shards": {"total": 2, "successful": 1, "failed": 1}}
REFUSED: Json = {"error": {"reason": "too many clauses"}, "status": 400}
GONE: Json = {"error": {"reason": "no such index"}, "status": 404}


@contextmanager
def node(said: list[list[Json]]) -> Iterator[tuple[Cluster, list[list[Json]]]]:
    """A cluster of one node that answers a request with the next of some lists, and the searches
    of each request that it got."""
    got: list[list[Json]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            several = "/_msearch" in self.path
            lines = body.split(b"\n")[1::2] if several else [body]
            got.append([json.loads(line) for line in lines])
            answers = said[len(got) - 1]
            told = {"responses": answers} if several else answers[0]
            data = json.dumps(told).encode()
            self.send_response(200 if several else answers[0].get("status", 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests say what they want to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    cluster = Cluster(Connection(urls=(url,)))
    try:
        yield cluster, got
    finally:
        cluster.client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def names(got: list[list[Json]]) -> list[list[str]]:
    return [[search["query"] for search in request] for request in got]


@pytest.mark.parametrize("bad", [LOST, PARTIAL], ids=["lost", "partial"])
def test_only_what_lacks_a_part_is_asked_again(bad: Json) -> None:
    said = [[whole(1), bad, bad], [whole(2), bad], [whole(3)]]
    with node(said) as (cluster, got):
        bodies = [{"query": name} for name in "abc"]
        answers = cluster.search_all("index", bodies, Budget(None))
    assert answers == [whole(1), whole(2), whole(3)]
    assert names(got) == [["a", "b", "c"], ["b", "c"], ["c"]]


Ask = Callable[[Cluster, Budget], Any]
ALONE: list[Ask] = [
    lambda cluster, budget: cluster.search_all("index", [{"query": "a"}], budget)[0],
    lambda cluster, budget: cluster.search_named("index", {"query": "a"}, budget),
    lambda cluster, budget: cluster.search_point({"query": "a"}, budget),
]


@pytest.mark.parametrize("ask", ALONE, ids=["several", "named", "point"])
def test_an_answer_that_was_on_a_lost_node_is_asked_again(ask: Ask) -> None:
    with node([[LOST], [PARTIAL], [whole(7)]]) as (cluster, got):
        assert ask(cluster, Budget(None)) == whole(7)
    assert names(got) == [["a"]] * 3


@pytest.mark.parametrize("ask", ALONE, ids=["several", "named", "point"])
def test_a_cluster_that_stays_without_a_part_is_said_to(ask: Ask) -> None:
    tries = 1 + len(PAUSES)
    unreachable = pytest.raises(IndexUnreachable, match=r"node-0.*disconnected")
    with node([[LOST]] * tries) as (cluster, got), unreachable:
        ask(cluster, Budget(None))
    assert len(got) == tries


@pytest.mark.parametrize(
    ("answer", "error"), [(REFUSED, IndexUnreachable), (GONE, IndexMissing)], ids=["400", "404"]
)
def test_what_every_node_refuses_is_asked_once(answer: Json, error: type[Exception]) -> None:
    with node([[answer]]) as (cluster, got), pytest.raises(error):
        cluster.search_all("index", [{"query": "a"}], Budget(None))
    assert len(got) == 1
