"""How many requests a second does the server answer, beside a constant reply of the same server?

``essays serve`` with two workers on this machine's loopback; eight clients that keep their
connections, in four processes, with plain sockets, so that they cost little of the same machine.
Every search is another one. Searches and constant replies take turns.
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
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from tests.bench.asking import questions
from tests.bench.peers import prepare
from tests.bench.shape import HITS, KINDS

WORKERS, PROCESSES, THREADS = 2, 4, 2
TURNS, SECONDS = 3, 4.0
#: Searches that are prepared: more than can be answered in the time.
PREPARED = 40_000
PATIENCE = 60.0


def run(content: Path) -> dict[str, Any]:
    """Requests a second of searches and of constant replies, and the server's start and memory."""
    index = prepare("ours", content)
    asked = questions(content, PREPARED // len(KINDS))
    mixed = [query for some in zip(*asked.values(), strict=True) for query in some]
    searches = [
        "/api/v1/search?" + urlencode(
            [("q", query.text), ("per_page", HITS), ("page", query.page), ("n", number),
             *((facet, value) for facet, values in query.filters.items() for value in values)]
        )
        for number, query in enumerate(mixed)
    ]  # fmt: skip
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
        private = [each.memory_full_info().uss for each in family]
    best = {name: sorted(rate)[len(rate) // 2] for name, rate in rates.items()}
    return {
        "workers": WORKERS, "clients": PROCESSES * THREADS, "turns": rates, **best,
        "ratio": best["search"] / best["constant"], "start": start, "private": private,
    }  # fmt: skip


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
    return len(paths)
