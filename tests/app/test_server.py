"""A server that is told to stop or to read its settings again, while it answers."""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.server import LAST_SECONDS
from tests.conftest import environment
from tests.faults.running import command, eventually

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

BODY = b'{"query": "owls"}'


@pytest.fixture(scope="module")
def archive(shared: Callable[..., Archive]) -> Archive:
    made = shared("served")
    made.write("owls.md", "Owls at night.", title="Owls")
    made.build()
    return made


def begin(server: Server) -> socket.socket:
    """Send half of a request."""
    host, port = server.address.removeprefix("http://").split(":")
    asking = socket.create_connection((host, int(port)), timeout=60)
    asking.sendall(
        b"POST /1/indexes/essays/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY[:5]
    )
    # Until a thread waits for the rest.
    time.sleep(0.5)
    return asking


def end(asking: socket.socket) -> tuple[str, int]:
    """Send the rest; the first line of the answer, and how many hits it has."""
    asking.sendall(BODY[5:])
    data = b""
    while piece := asking.recv(65_536):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode(), json.loads(body)["nbHits"]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_what_was_begun_is_answered(
    archive: Archive, serve: Callable[..., Server], sent: signal.Signals
) -> None:
    server = serve(archive, ready="/readyz")
    with begin(server) as asking:
        server.process.send_signal(sent)
        time.sleep(0.5)
        assert end(asking) == ("HTTP/1.1 200 OK", 1)
    assert server.process.wait(30) == 0


def test_who_never_ends_a_request_stops_no_server(
    archive: Archive, serve: Callable[..., Server]
) -> None:
    server = serve(archive, ready="/readyz")
    with begin(server):
        began = time.monotonic()
        server.process.terminate()
        server.process.wait(LAST_SECONDS + 60)
        assert time.monotonic() - began >= LAST_SECONDS
    assert server.children() == []


def test_settings_are_read_again_and_no_request_is_lost(
    archive: Archive, serve: Callable[..., Server]
) -> None:
    server = serve(archive, ready="/readyz")
    failed: list[Exception] = []
    over = threading.Event()

    def title() -> str:
        with urllib.request.urlopen(server.address + "/", timeout=60) as answer:
            page: str = answer.read().decode()
        return page.split("<title>")[1].split("</title>")[0]

    def ask() -> None:
        while not over.is_set():
            try:
                title()
            except Exception as error:  # noqa: BLE001 - whatever a reader would see
                failed.append(error)

    reader = threading.Thread(target=ask)
    reader.start()
    try:
        with begin(server) as asking:
            (archive.content / "essays.toml").write_text('title = "Another Name"\n')
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.5)
            assert end(asking) == ("HTTP/1.1 200 OK", 1)
        eventually(lambda: "Another Name" in title())
        # Until the old worker has ended.
        eventually(lambda: len(server.children()) == 1)
        assert "Another Name" in title()
    finally:
        over.set()
        reader.join()
        (archive.content / "essays.toml").unlink()
    assert failed == []
    assert server.stop() == 0


def arenas(pid: int) -> int:
    """The arenas that glibc made for threads of a process: each reserves 64 MiB of addresses, which
    begin at a multiple of that, and opens as much of them as it needs."""
    whole, found, opened = 1 << 26, 0, (0, 0)
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        place, allowed, *_, inode = line.split()[:5]
        first, last = (int(each, 16) for each in place.split("-"))
        if inode == "0" and allowed == "---p" and opened[1] == first:
            found += opened[0] % whole == 0 and last - opened[0] == whole
        opened = (first, last) if allowed == "rw-p" else (0, 0)
    return found


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_the_threads_of_a_worker_share_their_memory(
    archive: Archive, serve: Callable[..., Server]
) -> None:
    server = serve(archive, ready="/readyz")

    def ask(number: int) -> int:
        address = f"{server.address}/api/v1/search?q=owls&n={number}"
        with urllib.request.urlopen(address, timeout=60) as answer:
            return json.loads(answer.read())["total"]  # type: ignore[no-any-return]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(100))) == {1}
    (worker,) = server.children()
    assert arenas(worker) == 0  # all is in the heap of the process


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_watcher_ends_well(archive: Archive, sent: signal.Signals) -> None:
    watching = subprocess.Popen(
        command(archive, "watch"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(),
    )  # fmt: skip
    status = archive.index / "watch.json"
    status.unlink(missing_ok=True)
    eventually(lambda: status.exists() and b"up to date" in status.read_bytes())
    os.kill(watching.pid, sent)
    said, _ = watching.communicate(timeout=30)
    assert (watching.returncode, "Traceback" in said) == (0, False)
