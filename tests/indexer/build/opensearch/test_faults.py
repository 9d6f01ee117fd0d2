"""Whatever a cluster does amid a build: readers see the old state or the new one, whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from indexer.build.opensearch import writer
from indexer.errors import IndexLocked, IndexUnreachable
from indexer.storage.opensearch import generations, lock
from indexer.storage.opensearch.connection import Connection, opened
from tests.cluster.nodes import Cluster
from tests.cluster.proxy import Proxy
from tests.indexer.build.test_build import (
    MANY,
    ClusterArchive,
    Interrupted,
    cluster_answers,
    complaints,
    counts,
    titled,
)

pytestmark = pytest.mark.cluster

#: Essays to a request, so that a build of few makes many.
FEW = 10


@pytest.fixture
def archive(
    tmp_path: Path, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClusterArchive]:
    """An archive whose builds write a few essays at a time."""
    monkeypatch.setattr(writer, "MAX_DOCUMENTS", FEW)
    monkeypatch.setattr(lock, "LEASE", 2.0)
    monkeypatch.setattr(lock, "RENEWED_EVERY", 0.3)
    monkeypatch.setattr(generations, "GRACE", 0.5)
    archive = ClusterArchive(tmp_path, opensearch_url)
    direct = archive.connection
    yield archive
    archive.connection = direct
    archive.forget()


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    proxy = Proxy(cluster.urls[0])
    yield proxy
    proxy.close()


def fill(archive: ClusterArchive, title: str = "{}", names: list[str] = MANY) -> None:
    for name in names:
        archive.write(f"{name}.md", titled(title.format(name)))


def at(part: float, act: Callable[[], object]) -> Callable[[int, int], None]:
    """What a build is to call: it acts once, when so much of the files is read."""
    left = [act]

    def progress(done: int, of: int) -> None:
        if left and done >= part * of:
            left.pop()()

    return progress


def interrupt() -> None:
    raise Interrupted


@pytest.mark.parametrize("full", [True, False], ids=["full", "later"])
def test_a_lost_connection_amid_a_build_changes_nothing_that_answers(
    archive: ClusterArchive, proxy: Proxy, full: bool
) -> None:
    fill(archive)
    archive.build()
    before = archive.essays()
    fill(archive, "{}, edited")
    direct = archive.connection
    archive.connection = replace(direct, urls=(proxy.url,), patience=1.0)
    with pytest.raises(IndexUnreachable, match="does not answer") as caught:
        archive.build(full=full, progress=at(0.4, proxy.cut))
    assert "ESSAYS_OPENSEARCH_URL" in caught.value.hint
    archive.connection = direct
    assert archive.essays() == before
    report = archive.build()
    assert report.essays == len(MANY)
    assert archive.titles() == {name: f"{name}, edited" for name in MANY}


def test_a_connection_that_comes_back_in_time_is_no_failure(
    archive: ClusterArchive, proxy: Proxy
) -> None:
    fill(archive)
    archive.connection = replace(archive.connection, urls=(proxy.url,), patience=30.0)

    def away() -> None:
        proxy.cut()
        threading.Timer(1.0, proxy.mend).start()

    report = archive.build(progress=at(0.4, away))
    assert counts(report) == (len(MANY), 0, 0, 0)
    assert archive.titles() == {name: name for name in MANY}


def test_what_a_build_that_died_had_written_is_looked_through(archive: ClusterArchive) -> None:
    fill(archive, names=["old", "zold"])
    first = archive.build()
    fill(archive)
    archive.write("zold.md", titled("zold", more="draft: true"))
    with pytest.raises(Interrupted):
        archive.build(progress=at(0.9, interrupt))
    assert archive.titles() == {"old": "old", "zold": "zold"}
    # Of these the cluster has essays that no reader saw, and whose files are gone.
    for name in MANY[:20]:
        archive.remove(f"{name}.md")
    report = archive.build()
    left = {name: name for name in ["old", *MANY[20:]]}
    assert archive.titles() == left
    assert (report.essays, report.drafts) == (len(left), 1)
    assert report.generation > first.generation
    assert counts(archive.build()) == (0, 0, 0, len(left))


def test_an_essay_that_the_cluster_does_not_take_is_a_problem_of_its_file(
    archive: ClusterArchive,
) -> None:
    name = archive.connection.name
    with opened(archive.connection) as client:
        client.ingest.put_pipeline(
            id=name,
            body={"processors": [{"fail": {
                "if": "ctx.slug != null && ctx.slug.startsWith('no')",
                "message": "not this one",
            }}]},
        )  # fmt: skip
        client.indices.put_index_template(
            name=name,
            body={
                "index_patterns": [f"{name}-g*"],
                "template": {"settings": {"index.default_pipeline": name}},
            },
        )
        try:
            check_rejected(archive, client)
        finally:
            client.indices.delete_index_template(name=name)
            client.indices.put_settings(
                index=f"{name}-g*", body={"index.default_pipeline": "_none"}
            )
            client.ingest.delete_pipeline(id=name)
    report = archive.build()
    assert (report.problems, report.added) == ((), 1)
    assert archive.titles() == {"a": "A", "no": "No", "b-2": "B"}


def check_rejected(archive: ClusterArchive, client: OpenSearch) -> None:
    archive.write("a.md", titled("A"))
    archive.write("b.md", titled("B"))
    archive.write("no.md", titled("No"))
    report = archive.build()
    assert (counts(report), report.essays, report.files) == ((2, 0, 0, 0), 2, 3)
    assert [(p.path, p.what) for p in report.problems] == [
        ("no.md", "OpenSearch does not take this essay: not this one.")
    ]
    assert archive.titles() == {"a": "A", "b": "B"}
    # The version before stays, of a file that would get another slug as well.
    archive.write("b.md", titled("B", "no-more"))
    assert complaints(archive.build()) == [("b.md", 0), ("no.md", 0)]
    assert archive.titles() == {"a": "A", "b": "B"}
    archive.write("b.md", titled("B", "b-2"))
    assert complaints(archive.build()) == [("no.md", 0)]
    assert archive.titles() == {"a": "A", "b-2": "B"}


HOLD = """
import json, sys
from indexer.build.opensearch.writer import BulkWriter, Write
from indexer.errors import IndexLocked
from indexer.storage.opensearch import lock
from indexer.storage.opensearch.connection import Connection, opened
lock.RENEWED_EVERY = 0.3
connection = Connection(urls=tuple(sys.argv[2].split(",")), name=sys.argv[1], replicas=0)
with opened(connection) as client, lock.hold(client, connection, 1) as held:
    print("held", flush=True)
    index = sys.stdin.readline().strip()
    writer = BulkWriter(client, connection, held)
    writer.add(Write(index, "a.md", json.dumps({"slug": "stale"}).encode()))
    try:
        if len(sys.argv) > 3:  # as if it had looked just before it was stopped
            writer._send(writer._waiting)
        writer.flush()
    except IndexLocked as error:
        print(error, flush=True)
"""


@pytest.fixture
def holder(
    archive: ClusterArchive, opensearch_url: str, root: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that holds the lock, and writes to the index that it is told."""
    started = []

    def start(*more: str) -> subprocess.Popen[str]:
        process = running_python(root, HOLD, archive.connection.name, opensearch_url, *more)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def running_python(root: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=root,
    )  # fmt: skip


def test_a_build_waits_for_none_that_lives_and_takes_over_from_one_that_died(
    archive: ClusterArchive, holder: Callable[..., subprocess.Popen[str]]
) -> None:
    archive.write("a.md", titled("A"))
    archive.build()
    process = holder()
    with pytest.raises(IndexLocked, match=f"process {process.pid} on ") as caught:
        archive.build()
    assert caught.value.hint
    process.kill()
    process.wait()
    assert counts(archive.build()) == (0, 0, 0, 1)


@pytest.mark.parametrize("looked", [False, True], ids=["looks-again", "looked-just-before"])
def test_a_build_that_slept_writes_nothing_over_the_next(
    archive: ClusterArchive, holder: Callable[..., subprocess.Popen[str]], looked: bool
) -> None:
    archive.write("a.md", titled("A"))
    archive.build()
    process = holder(*["looked"] * looked)
    process.send_signal(signal.SIGSTOP)
    archive.write("a.md", titled("A, edited"))
    assert counts(archive.build()) == (0, 1, 0, 0)
    with opened(archive.connection) as client:
        index = generations.current(client, archive.connection).essays
    process.send_signal(signal.SIGCONT)
    if not looked:
        time.sleep(1)
    told, _ = process.communicate(f"{index}\n", 30)
    assert told.startswith("Another build has begun")
    with opened(archive.connection) as client:
        client.indices.refresh(index=index)
    assert archive.titles() == {"a": "A, edited"}


class Reader(threading.Thread):
    """Asks for the number of essays again and again, of any node; each answer must be whole."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        super().__init__(daemon=True)
        self.totals: set[int] = set()
        self.failed: list[str] = []
        self.asked = 0
        self._connection = Connection(urls=tuple(cluster.urls), name=name)
        self._stopped = threading.Event()

    def run(self) -> None:
        with opened(self._connection) as client:
            while not self._stopped.is_set():
                self.asked += 1
                try:
                    found = client.search(
                        index=self._connection.name,
                        body={"query": {"exists": {"field": "slug"}}, "track_total_hits": True},
                    )
                except Exception as error:  # noqa: BLE001 - any is a failed search
                    self.failed.append(repr(error))
                    continue
                if found["_shards"]["failed"] or found["timed_out"]:
                    self.failed.append(json.dumps(found["_shards"]))
                self.totals.add(found["hits"]["total"]["value"])

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def manager(cluster: Cluster) -> int:
    """The node that manages the cluster."""
    with urllib.request.urlopen(
        f"{cluster.urls[0]}/_cat/cluster_manager?format=json", timeout=10
    ) as answer:
        told: list[dict[str, Any]] = json.load(answer)
    return int(told[0]["node"].removeprefix("node-"))


def test_a_node_is_killed_amid_a_build_and_nothing_is_lost(
    archive: ClusterArchive, cluster: Cluster
) -> None:
    archive.connection = replace(archive.connection, replicas=1, shards=3)
    fill(archive)
    archive.build()
    reader = Reader(cluster, archive.connection.name)
    reader.start()
    more = [f"more-{name}" for name in MANY]
    fill(archive, names=more)
    killed = manager(cluster)
    try:
        report = archive.build(full=True, progress=at(0.4, lambda: cluster.kill(killed)))
        assert counts(report) == (2 * len(MANY), 0, 0, 0)
        assert set(cluster_answers(archive.connection)) == {f"{name}.md" for name in MANY + more}
        # And a build that changes what answers, with one node less.
        fill(archive, "{}, edited")
        assert counts(archive.build()) == (0, len(MANY), 0, len(more))
        reader.stop()
        assert reader.failed == []
        assert reader.totals == {len(MANY), 2 * len(MANY)}
        assert reader.asked > 10
    finally:
        reader.stop()
        cluster.restart(killed)
        cluster.wait(nodes=3)
    assert counts(archive.build()) == (0, 0, 0, 2 * len(MANY))
    titles = {name: f"{name}, edited" for name in MANY} | {name: name for name in more}
    assert archive.titles() == titles
