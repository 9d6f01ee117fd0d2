"""How many requests a second does the server answer, beside a constant reply of the same server?

``essays serve`` with two workers on this machine's loopback; eight clients that keep their
connections, in four processes, with plain sockets, so that they cost little of the same machine.
Every search is another one; of the few common words there are, two in five come again with other
filters, and the server remembers what it found. Searches and constant replies take turns.

And how long does one search take over HTTP, by kind of query, beside tantivy in its own process?
One client that keeps its connection; what the constant reply takes is taken off, since that is what
server and client cost whatever is asked. Searches, constant replies and tantivy take turns, a round
each. As in ``faceted_search.py`` both answer with all values of all facets.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import psutil

from tests.bench.asking import questions
from tests.bench.faceted_search import ROUND, WARM
from tests.bench.memory import mapped
from tests.bench.peers import peer, prepare
from tests.bench.shape import HITS, KINDS, Query
from tests.bench.words import SEED

WORKERS, PROCESSES, THREADS = 2, 4, 2
TURNS, SECONDS = 3, 4.0
#: Searches that are prepared: more than can be answered in the time.
PREPARED = 40_000
PATIENCE = 60.0
#: Searches of each kind that are timed over one connection.
TIMED = 250
#: More values than any facet has.
EVERY_VALUE = 10_000


def run(content: Path) -> dict[str, Any]:
    """Requests a second of searches and of constant replies, the server's start and memory, and the
    milliseconds of one search by kind."""
    index = prepare("ours", content)
    asked = questions(content, PREPARED // len(KINDS))
    mixed = [query for some in zip(*asked.values(), strict=True) for query in some]
    searches = [_address(query, n=number) for number, query in enumerate(mixed)]
    constant = [f"/healthz?n={number}" for number in range(4 * PREPARED)]
    rates: dict[str, list[float]] = {"search": [], "constant": []}
    with _server(content, index) as (port, start, process):
        with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
            _load(pool, port, searches[:400], 10.0)  # warm
            for turn in range(TURNS):
                for name, paths in (("search", searches[400:]), ("constant", constant)):
                    share = paths[turn::TURNS]
                    done, seconds = _load(pool, port, share, SECONDS)
                    rates[name].append(done / seconds)
                    print(f"{content.name} {name}: {done / seconds:,.0f} requests/s", flush=True)
        family = [process, *process.children(recursive=True)]
        private = [each.memory_full_info().uss - mapped(each.pid) for each in family]
        latency = _latency(port, content)
    best = {name: sorted(rate)[len(rate) // 2] for name, rate in rates.items()}
    return {
        "workers": WORKERS, "clients": PROCESSES * THREADS, "turns": rates, **best,
        "ratio": best["search"] / best["constant"], "start": start, "private": private,
        "latency": latency,
    }  # fmt: skip


def _address(query: Query, **more: int) -> str:
    asked: list[tuple[str, object]] = [
        ("q", query.text), ("per_page", HITS), ("page", query.page), *more.items(),
        *((facet, value) for facet, values in query.filters.items() for value in values),
    ]  # fmt: skip
    return "/api/v1/search?" + urlencode(asked)


def _latency(port: int, content: Path) -> dict[str, dict[str, float]]:
    """The median milliseconds of a search over HTTP, of the constant reply, and of the same search
    by tantivy in this process, by kind."""
    asked = questions(content, TIMED + WARM, SEED + 1)
    tantivy = peer("tantivy").open(prepare("tantivy", content))
    found: dict[str, dict[str, float]] = {}
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def over_http(path: str) -> None:
            _answer(connection, path)

        for kind in KINDS:
            times: dict[str, list[float]] = {"search": [], "constant": [], "tantivy": []}
            warm, timed = asked[kind][:WARM], asked[kind][WARM:]
            for first in range(0, TIMED, ROUND):
                for query in warm:
                    over_http(_address(query, max_values=EVERY_VALUE))
                some = timed[first : first + ROUND]
                paths = [_address(query, max_values=EVERY_VALUE) for query in some]
                times["search"] += _timed(over_http, paths)
                times["constant"] += _timed(over_http, ["/healthz"] * ROUND)
                for query in warm:
                    tantivy.search(query)
                times["tantivy"] += _timed(tantivy.search, some)
            found[kind] = {name: median(ms) for name, ms in times.items()}
            told = ", ".join(f"{name} {ms:.2f}" for name, ms in found[kind].items())
            print(f"{content.name} {kind}, one client: p50 in ms: {told}", flush=True)
    return found


def _timed(ask: Callable[[Any], object], questions: Sequence[Any]) -> list[float]:
    """Milliseconds of each question."""
    times = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - started) * 1000)
    return times


@contextlib.contextmanager
def _server(content: Path, index: Path) -> Iterator[tuple[int, float, psutil.Process]]:
    """A server on a free port; the seconds from its start to its first answer to a search."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.commands", "serve", str(content), "--index", str(index),
         "--port", str(port), "--workers", str(WORKERS)],
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        while True:
            try:
                if _ask(port, ["/api/v1/search?q="], time.perf_counter() + PATIENCE):
                    break
            except OSError:
                if process.poll() is not None or time.perf_counter() - started > PATIENCE:
                    raise
                time.sleep(0.01)
        yield port, time.perf_counter() - started, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _load(
    pool: ProcessPoolExecutor, port: int, paths: list[str], seconds: float
) -> tuple[int, float]:
    """Requests answered, and in how many seconds; the clients begin together."""
    begin = time.time() + 0.5
    waiting = [
        pool.submit(_clients, port, paths[number::PROCESSES], begin, seconds)
        for number in range(PROCESSES)
    ]
    results = [future.result() for future in waiting]
    return sum(done for done, _ in results), max(last for _, last in results) - begin


def _clients(port: int, paths: list[str], begin: float, seconds: float) -> tuple[int, float]:
    """The clients of one process: how many answers they got, and when the last one came."""
    time.sleep(max(0.0, begin - time.time()))
    end = time.perf_counter() + seconds
    with ThreadPoolExecutor(THREADS) as pool:
        done = [pool.submit(_ask, port, paths[n::THREADS], end) for n in range(THREADS)]
        return sum(future.result() for future in done), time.time()


def _ask(port: int, paths: list[str], end: float) -> int:
    """Ask over one connection until the paths or the time run out; every answer has to be 200."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, path in enumerate(paths):
            if time.perf_counter() >= end:
                return number
            _answer(connection, path)
    return len(paths)


def _answer(connection: socket.socket, path: str) -> None:
    """Ask for one path and read the answer, all of it; it has to be 200."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    got = connection.recv(65_536)
    while (head := got.find(b"\r\n\r\n")) < 0:
        if not (more := connection.recv(65_536)):
            raise ConnectionError("The server closed the connection.")
        got += more
    top = got[:head].lower()
    if not top.startswith(b"http/1.1 200"):
        raise ConnectionError(f"{path}: {got[:200]!r}")
    length = int(top.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    missing = head + 4 + length - len(got)
    while missing > 0:
        if not (more := connection.recv(65_536)):
            raise ConnectionError("The server closed the connection.")
        missing -= len(more)
