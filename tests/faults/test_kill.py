"""Whatever is killed, and whenever: nothing is left behind, and the last generation answers."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from app.history import log
from indexer.build import watch_status
from indexer.storage import generation, verified
from tests.conftest import Archive, Server
from tests.faults.running import command, end, eventually, fill, group, names, run, size, start

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@contextmanager
def running(line: list[str], said: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(line, said)
    try:
        yield process
    finally:
        end(process.pid)
        process.wait(10)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


@pytest.mark.parametrize("name", ["index", "check", "watch"])
def test_workers_end_with_a_command_that_was_killed(
    make: Callable[..., Archive], tmp_path: Path, name: str
) -> None:
    archive = make()
    fill(archive, 600, words=1500)
    options = () if name == "watch" else ("--jobs", "2")
    line = command(archive, name, *options)
    if name == "check":
        line = [word for word in line if word not in ("--index", str(archive.index))]
    with running(line, tmp_path / "said") as process:
        eventually(lambda: len(group(process.pid)) >= 3)
        time.sleep(1)
        kill(process)
        eventually(lambda: group(process.pid) == [])


#: A page that holds the interpreter for very long: no thread of its process runs meanwhile.
HOLDING = "import re; re.match('(a+)+b', 'a' * 60)"

BUSY = f"""
import multiprocessing, sys, time
from indexer.build import parent_process

def work():
    parent_process.end_with_parent()
    print("working", flush=True)
    {HOLDING}

if __name__ == "__main__":
    multiprocessing.get_context(sys.argv[1]).Process(target=work).start()
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only a thread can wait")
@pytest.mark.parametrize("way", ["spawn", "fork"])
def test_a_worker_that_holds_the_interpreter_ends_too(tmp_path: Path, way: str) -> None:
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    said = tmp_path / "said"
    with running([sys.executable, str(script), way], said) as process:
        eventually(lambda: "working" in said.read_text(), said=said)
        kill(process)
        eventually(lambda: group(process.pid) == [])


def ready(server: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{server}/readyz", timeout=10) as response:
            return dict(json.load(response))
    except urllib.error.HTTPError as error:
        error.close()
        return {}
    except OSError:
        return {}


def state(server: str) -> str:
    return str(ready(server).get("watch", {}).get("state"))


def test_nothing_is_left_of_a_server_that_was_killed(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    archive = make()
    fill(archive, 5)
    server = serve(archive, "--watch", "--workers", "2", ready="/readyz")
    descendants = family(server.process.pid)
    assert len(descendants) >= 3
    kill(server.process)
    eventually(lambda: not any(alive(pid) for pid in descendants))


def family(pid: int) -> list[int]:
    """The processes that one started, and those that they did."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(each) for listed in children for each in listed.read_text().split()]
    return found + [each for child in found for each in family(child)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def watches(pid: int) -> bool:
    """Whether a process has asked the system for changes of files."""
    with suppress(OSError):
        return any(
            file.readlink().name == "anon_inode:inotify"
            for file in Path(f"/proc/{pid}/fd").iterdir()
        )
    return False


def watcher_of(server: Server) -> int:
    """The process that watches, of the server's family."""
    eventually(lambda: any(map(watches, family(server.process.pid))), said=server.said)
    return next(filter(watches, family(server.process.pid)))


def test_a_watcher_that_dies_is_started_again(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    archive = make()
    fill(archive, 5)
    server = serve(archive, "--watch", ready="/readyz")
    eventually(lambda: state(server.address) == "up to date", said=server.said)
    for number in range(2):
        os.kill(watcher_of(server), signal.SIGKILL)
        eventually(lambda: state(server.address) == "stopped", said=server.said)
        assert ready(server.address)["status"] == "ok"
        assert "is being restarted" in ready(server.address)["watch"]["message"]
        archive.write(f"new{number}.md", "Of kelp.")
        eventually(lambda: state(server.address) == "up to date", said=server.said)
        eventually(lambda n=number: len(archive.slugs("kelp")) == n + 1, said=server.said)  # type: ignore[misc]
    assert "The watcher process ended (signal 9); it restarts" in server.said.read_text()
    assert server.stop() == 0
    assert server.said.read_text().count("it restarts") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
def test_a_watcher_survives_what_nobody_foresaw(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    """Here: no memory for a while."""
    import resource

    archive = make()
    fill(archive, 5)
    server = serve(archive, "--watch", ready="/readyz")
    eventually(lambda: state(server.address) == "up to date", said=server.said)
    pid = watcher_of(server)
    used = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (used + 2_000_000, -1))
    fill(archive, 80, words=20_000, prefix="more")
    eventually(lambda: state(server.address) in ("failing", "stopped"), said=server.said)
    said = ready(server.address)["watch"]
    assert str(archive.home) not in said["message"]
    assert ready(server.address)["status"] == "ok"
    if watcher_of(server) == pid:
        resource.prlimit(pid, resource.RLIMIT_AS, (-1, -1))
    eventually(lambda: archive.slugs("more7x") == ["more0007"], 90, server.said)
    eventually(lambda: state(server.address) == "up to date", said=server.said)


def test_how_things_stand_without_a_watcher(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    archive = make()
    fill(archive, 2)
    archive.build()
    watch_status.write_status(archive.index, "failing", "of long ago")
    assert ready(serve(archive).address) == {"status": "ok", "generation": 1}


def test_a_failing_watcher_is_reported_without_paths(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    archive = make("a home with spaces")
    fill(archive, 2)
    server = serve(archive, "--watch", ready="/readyz")
    eventually(lambda: state(server.address) == "up to date", said=server.said)
    since = ready(server.address)["watch"]["since"]
    (archive.content / "essays.toml").write_text("titel = 1")
    eventually(lambda: state(server.address) == "failing", said=server.said)
    watch = ready(server.address)["watch"]
    assert watch["since"] >= since
    assert "titel" in watch["message"]
    with generation.lock(archive.index):
        (archive.content / "essays.toml").unlink()
        eventually(lambda: "Another build" in ready(server.address)["watch"]["message"])
        assert "/" not in ready(server.address)["watch"]["message"]
    eventually(lambda: state(server.address) == "up to date", said=server.said)
    archive.content.rename(archive.home / "away")
    eventually(lambda: state(server.address) == "failing", said=server.said)
    assert "/" not in ready(server.address)["watch"]["message"]
    (archive.home / "away").rename(archive.content)
    archive.write("new.md", "Of kelp.")
    eventually(lambda: archive.slugs("kelp") == ["new"], said=server.said)


# -- at any instant -------------------------------------------------------------------------------

ROUNDS = int(os.environ.get("ESSAYS_FAULTS") or 6)


@pytest.mark.slow
def test_a_build_killed_at_any_instant(make: Callable[..., Archive], tmp_path: Path) -> None:
    """Builds of every kind, killed ``ESSAYS_FAULTS`` times, while a reader searches."""
    archive = make()
    fill(archive, 150, words=600)
    archive.build()
    chance = random.Random(int(os.environ.get("ESSAYS_FUZZ_SEED") or 1))
    started = time.monotonic()
    assert run(command(archive, "index", "--jobs", "1", "--full")).returncode == 0
    whole = time.monotonic() - started
    usual = size(archive.index)
    stop, wrong, asked = threading.Event(), [], [0]

    def read() -> None:
        while not stop.is_set():
            number = random.randrange(150)
            found = archive.slugs(f"e{number}x")
            asked[0] += 1
            if found != [f"e{number:04}"]:
                wrong.append((number, found))
            time.sleep(0.005)

    reader = threading.Thread(target=read)
    reader.start()
    ends: dict[str, int] = {}
    try:
        for attempt in range(ROUNDS):
            archive.write(
                f"e{attempt % 150:04}.md", f"e{attempt % 150}x again{attempt}x", lang="en"
            )
            kind = chance.choice([(), ("--full",), ("--jobs", "2"), ("--full", "--jobs", "2")])
            with running(command(archive, "index", *kind), tmp_path / "said") as process:
                low = chance.choice([0.0, 0.5])
                try:
                    process.wait(chance.uniform(low, 1.1) * whole)
                except subprocess.TimeoutExpired:
                    kill(process)
                ends[str(process.returncode)] = ends.get(str(process.returncode), 0) + 1
            assert size(archive.index) < 3 * usual
            assert archive.engine.search is not None
        stop.set()
        reader.join()
        assert wrong == []
        print(f"{ROUNDS} builds ended {ends}; {asked[0]} searches in between")
        assert run(command(archive, "index")).returncode == 0
        assert archive.slugs(f"again{ROUNDS - 1}x") == [f"e{(ROUNDS - 1) % 150:04}"]
        pointer = generation.current(archive.index)
        segments = generation.segments_of(archive.index, pointer)
        folders = {name for name in names(archive.index) if "/" not in name}
        # The history of ratings is no part of a generation, and may not have been written yet.
        assert folders - {log.NAME} == {pointer.folder, "build.lock", "current", verified.NAME}
        files = len(names(archive.index / pointer.folder))
        assert files == 2 + 2 * len(segments)
    finally:
        stop.set()
        reader.join()
