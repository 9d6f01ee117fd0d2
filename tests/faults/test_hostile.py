"""Requests that nobody sends by accident, over a real socket: each is answered, and none fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.faults import hostile
from tests.faults.hostile import get, send
from tests.faults.running import fill

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

#: What each kind may be answered; 200 is a page or an answer with a note.
STATUSES = {
    "10,000 repeated parameters": {200, 400, 414},
    "5,000 clauses": {200, 400},
    "CONNECT, TRACE and *": {400, 404, 405},
    "HTTP/1.0": {200},
    "a query of 1 MB": {200, 413, 414, 431},
    "a*, *a*, ~ everywhere": {200},
    "absolute targets": {200, 302, 404},
    "bad UTF-8": {200, 400, 404},
    "bodies that are too large": {400, 404, 405, 413},
    "chunked bodies": {200, 400, 405, 413},
    "deep paging": {200, 400},
    "every verb": {200, 400, 404, 405},
    "line ends in addresses and headers": {200, 302, 400, 404},
    "no HTTP": {400},
    "no host, two hosts": {200, 302, 400},
    "null bytes": {200, 400, 404},
    "odd headers": {200, 304, 400, 404, 431},
    "open redirects": {302, 308, 404},
    "path traversal": {308, 404},
    "patterns that backtrack": {200},
    "two lengths": {200, 400},
}


@pytest.fixture(scope="module")
def port(shared: Callable[..., Archive], serve: Callable[..., Server]) -> Iterator[int]:
    archive = shared("hostile")
    fill(archive, 12, words=30)
    archive.build()
    server = serve(archive, ready="/readyz")
    yield int(server.address.rpartition(":")[2])
    assert server.process.poll() is None
    assert "Traceback" not in server.said.read_text()


def test_every_kind_has_its_answers() -> None:
    assert set(STATUSES) == set(hostile.cases())


@pytest.mark.parametrize("name", STATUSES)
def test_hostile_requests(port: int, name: str) -> None:
    for data in hostile.cases()[name]:
        found = send(port, data)
        assert found.faults() == [], data[:200]
        assert found.status in STATUSES[name], data[:200]
        assert len(found.body) < 500_000, data[:200]


def test_two_lengths_that_differ_are_refused(port: int) -> None:
    """Or whoever stands between would see another request than the server does."""
    for data in hostile.cases()["two lengths"]:
        lengths = [
            line for line in data.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        if len(lengths) > 1 and lengths[0] != lengths[1]:
            assert send(port, data).status == 400


def test_others_are_answered_beside_slow_clients(port: int) -> None:
    assert len(hostile.slow_clients(port, 200)) == 20
    assert send(port, get("/healthz")).status == 200
