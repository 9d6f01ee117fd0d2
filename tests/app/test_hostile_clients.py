"""A server under several clients that ask for too much: others are answered all the same."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.conftest import Archive, Server

#: Patterns that nothing makes cheap: of every two letters, in any order.
HEAP = quote(" OR ".join(f"*{a}?{b}*" for a in "abcdefgh" for b in "abcdefgh"))
#: Far above what is promised; the machine of a test may be busy.
PATIENCE = 2.5


def ask(server: Server, path: str) -> tuple[int, float]:
    """The status of an answer and the seconds it took."""
    began = time.perf_counter()
    with urllib.request.urlopen(server.address + path, timeout=30) as response:
        response.read()
        return response.status, time.perf_counter() - began


@pytest.mark.slow
def test_slow_requests_hold_nobody_up(
    shared: Callable[..., Archive], serve: Callable[..., Server]
) -> None:
    archive = shared("clients")
    letters = "abcdefghijkl"
    words = [a + b + c + d for a in letters for b in letters for c in letters for d in letters]
    for number in range(600):
        some = " ".join(words[number * 30 : number * 30 + 400])
        archive.write(f"{number}.md", some, title=some[:9], certainty=number % 100, importance=5)
    archive.build()
    server = serve(archive, ready="/search?q=abcd")
    over = threading.Event()
    hostile: list[float] = []

    def hammer(path: str) -> None:
        while not over.is_set():
            hostile.append(ask(server, path)[1])

    paths = [f"/search?q={HEAP}", f"/map?q={HEAP}", f"/api/v1/search?q={HEAP}"] * 4
    threads = [threading.Thread(target=hammer, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        health: list[tuple[int, float]] = []
        readers: list[tuple[int, float]] = []
        until = time.monotonic() + 60
        # On until every client has asked more than once: a quick machine is done before.
        while len(readers) < 20 or (len(hostile) <= len(paths) and time.monotonic() < until):
            health.append(ask(server, "/healthz"))
            word = words[2 * len(readers) % len(words)]
            readers.append(ask(server, f"/api/v1/search?q={word}"))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in health + readers} == {200}
    assert max(took for _, took in health) < PATIENCE
    assert max(took for _, took in readers) < PATIENCE
    assert len(hostile) > len(paths)
    print(
        f"\n{len(hostile)} long requests, the slowest {max(hostile) * 1000:.0f} ms; "
        f"health {max(t for _, t in health) * 1000:.0f} ms, "
        f"readers {max(t for _, t in readers) * 1000:.0f} ms"
    )
