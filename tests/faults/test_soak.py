"""Readers at a steady rate while an author edits: every answer is of one generation, and a server
that has run for an hour is as large as one that has run for minutes.

Some seconds in the suite; ``make soak`` runs an hour (``ESSAYS_SOAK_SECONDS``).
"""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import msgspec
import pytest

from tests.conftest import Archive, Server
from tests.faults.running import WORDS, eventually

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs /proc")

SECONDS = float(os.environ.get("ESSAYS_SOAK_SECONDS") or 10)
#: From so many seconds on, the size of the end is compared with that of the beginning.
LONG = 300.0
ESSAYS, EDITS_A_SECOND, READERS, REQUESTS_A_SECOND = 400, 2.0, 4, 40.0
#: Each essay is on one side, says so in its tag and in its text, and changes sides when edited.
SIDES = ("larboard", "starboard")
ASKED = [
    "q=larboard", "q=starboard", "q=larboard+OR+starboard", "tag=larboard", "tag=starboard", "",
    "q=bab*&sort=title", "q=%22the+larboard+side%22", "q=larbaord", "certainty_min=50&q=side",
]  # fmt: skip


class Sample(NamedTuple):
    """One request: when it was sent, in seconds from the start, and how long it took, in ms."""

    at: float
    took: float


class Size(NamedTuple):
    """The processes of a server at one time: private memory in MB, and open files."""

    at: float
    private: float
    files: int


class Log:
    """What all readers saw."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.samples: list[Sample] = []
        self.wrong: list[str] = []
        #: By question and generation, the answer; there may be one alone.
        self.answers: dict[tuple[str, int], bytes] = {}
        self.generations: set[int] = set()

    def add(self, asked: str, sample: Sample, status: int, body: bytes) -> None:
        """Note an answer, and what is wrong with it."""
        wrong = []
        found: dict[str, object] = {}
        if status == 200:
            found = msgspec.json.decode(body)
            wrong = list(_contradictions(asked, body))
        else:
            wrong.append(f"{status} for {asked}: {body[:200]!r}")
        with self.lock:
            self.samples.append(sample)
            self.wrong += wrong
            if not found:
                return
            number = found["generation"]
            assert isinstance(number, int)
            self.generations.add(number)
            found.pop("took_ms")
            told = msgspec.json.encode(found, order="deterministic")
            first = self.answers.setdefault((asked, number), told)
            if first != told:
                said = f"two answers to {asked!r} of generation {number}:"
                self.wrong.append(f"{said} {_difference(first, told)}")
            # No server goes back by so many generations.
            while len(self.answers) > 100 * len(ASKED):
                del self.answers[next(iter(self.answers))]


def _difference(one: bytes, other: bytes) -> str:
    """What differs in two answers, part by part."""
    first, second = msgspec.json.decode(one), msgspec.json.decode(other)
    parts = [name for name in first if first[name] != second.get(name)]
    return "; ".join(f"{name}: {first[name]!r} and {second.get(name)!r}"[:400] for name in parts)


class _Value(msgspec.Struct):
    value: str
    count: int


class _Fragment(msgspec.Struct):
    text: str
    match: bool


class _Snippet(msgspec.Struct):
    fragments: list[_Fragment]


class _Hit(msgspec.Struct):
    tags: list[str]
    snippets: list[_Snippet]


class _Answer(msgspec.Struct):
    total: int
    facets: dict[str, list[_Value]]
    hits: list[_Hit]


def _contradictions(asked: str, body: bytes) -> Iterator[str]:
    """Parts of one answer that cannot be of one generation."""
    found = msgspec.json.decode(body, type=_Answer)
    sides = {each.value: each.count for each in found.facets["tag"] if each.value in SIDES}
    if asked == "" and (found.total != ESSAYS or sum(sides.values()) != ESSAYS):
        yield f"{found.total} essays, {sides}"
    for side in SIDES:
        if asked == f"q={side}" and sides != {side: found.total}:
            yield f"{found.total} essays with {side}, {sides}"
    for hit in found.hits:
        marked = {f.text for s in hit.snippets for f in s.fragments if f.match}
        if marked & set(SIDES) - set(hit.tags):
            yield f"an essay of {hit.tags} with the text of {marked}"


def read(server: Server, log: Log, started: float, ends: float, seed: int) -> None:
    """Ask at a steady rate, whether answers are late or not, over one connection."""
    chance = random.Random(seed)
    where = urlsplit(server.address)
    assert where.hostname
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    due = time.monotonic()
    while time.monotonic() < ends:
        asked = chance.choice(ASKED)
        sent = time.monotonic()
        try:
            connection.request("GET", f"/api/v1/search?{asked}")
            response = connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            status, body = 0, repr(error).encode()
        answered = time.monotonic()
        log.add(asked, Sample(sent - started, 1000 * (answered - sent)), status, body)
        due += READERS / REQUESTS_A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
    connection.close()


def write(archive: Archive, number: int, side: str, chance: random.Random) -> None:
    """An essay on one side, put in the place of what was there as editors do."""
    text = f"On the {side} side. e{number}x " + " ".join(chance.choices(WORDS, k=300))
    archive.write(f".{number}", text, title=f"T{number}", lang="en", tags=[side, "ship"],
                  certainty=number % 100)  # fmt: skip
    (archive.content / f".{number}").replace(archive.content / f"e{number}.md")


def edit(archive: Archive, ends: float) -> None:
    """Let essays change sides, one after another."""
    chance = random.Random(5)
    sides = [number % 2 for number in range(ESSAYS)]
    while time.monotonic() < ends:
        number = chance.randrange(ESSAYS)
        sides[number] ^= 1
        write(archive, number, SIDES[sides[number]], chance)
        time.sleep(chance.random() * 2 / EDITS_A_SECOND)


def measured(server: Server, started: float) -> Size:
    """The size of a server and of all that it started."""
    private = files = 0
    for pid in (server.process.pid, *server.children()):
        rolled = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        private += sum(int(line.split()[1]) for line in rolled if line.startswith("Private_"))
        files += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Size(time.monotonic() - started, private / 1024, files)


@contextmanager
def everybody(*tasks: Callable[[], None]) -> Iterator[None]:
    """Tasks that run beside the block, until each has ended."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def test_a_server_under_steady_load_and_edits(
    make: Callable[..., Archive], serve: Callable[..., Server]
) -> None:
    archive = make()
    chance = random.Random(1)
    for number in range(ESSAYS):
        write(archive, number, SIDES[number % 2], chance)
    # An answer that is cut short because its time was over says so, and differs.
    (archive.content / "essays.toml").write_text("[limits]\nmilliseconds = 20000\n")
    server = serve(archive, "--workers", "2", "--watch", ready="/readyz")
    log, sizes = Log(), []
    started = time.monotonic()
    ends = started + SECONDS
    readers = [lambda seed=seed: read(server, log, started, ends, seed) for seed in range(READERS)]
    with everybody(*readers, lambda: edit(archive, ends)):
        while time.monotonic() < ends:
            time.sleep(min(SECONDS / 20, 30))
            sizes.append(measured(server, started))
    _report(log, sizes)
    assert log.wrong == []
    assert len(log.samples) > 0.5 * SECONDS * REQUESTS_A_SECOND
    assert len(log.generations) > SECONDS / 20
    _every_edit_is_found(archive, server)
    if SECONDS >= LONG:
        _as_at_the_beginning(sizes)
    assert server.stop() == 0


def _every_edit_is_found(archive: Archive, server: Server) -> None:
    """What the folder says is what is answered, soon after the last edit."""
    written: dict[str, int] = defaultdict(int)
    for file in archive.content.glob("e*.md"):
        written[next(side for side in SIDES if f"- {side}\n" in file.read_text())] += 1

    def answered() -> bool:
        where = urlsplit(server.address)
        assert where.hostname
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
        connection.request("GET", "/api/v1/search?q=" + quote("larboard OR starboard"))
        found = msgspec.json.decode(connection.getresponse().read(), type=_Answer)
        connection.close()
        sides = {each.value: each.count for each in found.facets["tag"] if each.value in SIDES}
        return sides == written

    eventually(answered)


def _as_at_the_beginning(sizes: list[Size]) -> None:
    """Memory and open files of the last quarter, against the second: the first warms up. How long
    answers took is told and not judged: that is the machine's business, too."""
    early, late = ([s for s in sizes if low <= s.at / SECONDS < low + 0.25] for low in (0.25, 0.75))
    assert median(s.private for s in late) < 1.1 * median(s.private for s in early) + 5
    assert median(s.files for s in late) <= median(s.files for s in early) + 3


def _report(log: Log, sizes: list[Size]) -> None:
    """A line for each tenth of the time."""
    print(
        f"{len(log.samples)} requests, {len(log.generations)} generations, {len(log.wrong)} wrong"
    )
    for tenth in range(10):
        took = [s.took for s in log.samples if int(10 * s.at / SECONDS) == tenth]
        size = [s for s in sizes if int(10 * s.at / SECONDS) == tenth]
        if len(took) > 1 and size:
            cuts = quantiles(took, n=100)
            times = f"median {median(took):.1f} ms, p99 {cuts[-1]:.1f} ms"
            held = f"{size[-1].private:.0f} MB private, {size[-1].files} files open"
            print(f"{tenth / 10:.0%}: {len(took)} requests, {times}; {held}")
