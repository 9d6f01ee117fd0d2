"""Whatever becomes of the files of an index while readers search: a wrong answer never, and soon
right ones again."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.search.embedded.engine import EmbeddedEngine
from app.search.request import SearchRequest
from indexer.build.build import build
from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable
from indexer.parsing.rules import Rules
from indexer.storage import generation
from tests.conftest import Archive, Server
from tests.faults.running import WORDS, command, eventually, fill, run

KINDS = ("current", "toc", "manifest", "post", "docs")


def file_of(index: Path, kind: str) -> Path:
    """The file of a kind that the current generation has."""
    if kind == "current":
        return index / "current"
    pattern = {"toc": "_essays_*.toc", "manifest": "manifest-*"}.get(kind, f"*.{kind}")
    return max(
        (index / generation.current(index).folder).glob(pattern), key=lambda f: f.stat().st_size
    )


def whole(index: Path) -> bool:
    """Whether a new reader could open the index, and a build go on from it."""
    try:
        EmbeddedEngine(index, Rules()).generation()
        generation.manifest(index, generation.current(index))
    except IndexUnavailable:
        return False
    return True


def truncate(place: Path, other: Path) -> None:
    os.truncate(place, 0)


def halve(place: Path, other: Path) -> None:
    os.truncate(place, place.stat().st_size // 2)


def zero(place: Path, other: Path) -> None:
    with place.open("r+b") as file:
        file.write(bytes(place.stat().st_size))


def flip(place: Path, other: Path) -> None:
    with place.open("r+b") as file:
        at = place.stat().st_size * 2 // 3
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))


def delete(place: Path, other: Path) -> None:
    place.unlink()


def write_another(place: Path, other: Path) -> None:
    with place.open("r+b") as file:
        file.write(other.read_bytes())
        file.truncate()


def swap(place: Path, other: Path) -> None:
    shutil.copy(other, place.with_name("swapped"))
    place.with_name("swapped").replace(place)


DAMAGES: list[Callable[[Path, Path], None]] = [
    truncate, halve, zero, flip, delete, write_another, swap,
]  # fmt: skip
#: Each takes five seconds, for each kind of file, with a watcher and without.
DAMAGES_OF_THE_SUITE = [truncate, flip]
#: Whether every damage is tried, as by ``make faults``.
THOROUGH = "ESSAYS_FAULTS" in os.environ
#: Every kind of file, with a watcher and without; in the suite in turn one of the two, since each
#: takes half a minute of a processor.
WAYS = [
    pytest.param(kind, watched, id=f"{kind}-{'watched' if watched else 'alone'}")
    for number, kind in enumerate(KINDS)
    for watched in (True, False)
    if THOROUGH or watched == bool(number % 2)
]
#: Seconds between two questions of a reader.
PAUSE = 0.01 if THOROUGH else 0.05


def content(archive: Archive) -> dict[str, Any]:
    """Essays, and what some searches find of them."""
    fill(archive, 150, words=250)
    archive.build()
    texts = [f"e{n}x" for n in range(0, 150, 9)]
    texts += [f"{one} {two}" for one, two in zip(WORDS[::150], WORDS[9::150], strict=True)]
    return {text: found(archive, text) for text in texts}


def found(archive: Archive, text: str) -> list[str]:
    return archive.slugs(text, per_page=20)


@dataclass
class Load:
    """Readers that ask a server again and again, and compare."""

    server: Server
    right: dict[str, Any]
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[Any] = field(default_factory=list)
    last_bad: float = 0.0

    def start(self, threads: int = 2, pause: float = PAUSE) -> Load:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(n, pause)) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def _ask(self, number: int, pause: float) -> None:
        texts = list(self.right)
        while not self._stop.is_set():
            number += 1
            text = texts[number % len(texts)]
            address = f"{self.server.address}/api/v1/search?per_page=20&q={quote(text)}"
            try:
                with urllib.request.urlopen(address, timeout=20) as response:
                    hits = [hit["slug"] for hit in json.load(response)["hits"]]
                self.seen["200"] += 1
                if hits != self.right[text]:
                    self.wrong.append((text, hits))
            except urllib.error.HTTPError as error:
                with error:
                    self.seen[str(error.code)] += 1
                self.last_bad = time.monotonic()
            except OSError:
                self.seen["reset"] += 1
                self.last_bad = time.monotonic()
            time.sleep(pause)

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def quiet(self, seconds: float = 1.5, limit: float = 120) -> bool:
        """Wait until every answer has been right for some seconds."""
        deadline = time.monotonic() + limit
        begun = time.monotonic()
        while time.monotonic() < deadline:
            if time.monotonic() - max(self.last_bad, begun) > seconds:
                return True
            time.sleep(0.02)
        return False


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "watched"), WAYS)
def test_damage_under_load(
    serve: Callable[..., Server], make: Callable[..., Archive], kind: str, watched: bool
) -> None:
    archive = make(rules=Rules())
    right = content(archive)
    another = make("another", Rules())
    fill(another, 100, words=200, seed=5)
    another.build()
    server = serve(archive, *(["--watch"] if watched else []), ready="/readyz")
    time.sleep(1)
    for damage in DAMAGES if THOROUGH else DAMAGES_OF_THE_SUITE:
        with Load(server, right).start() as load:
            time.sleep(0.3)
            place = file_of(archive.index, kind)
            hurt = time.monotonic()
            damage(place, file_of(another.index, kind))
            if not watched:
                time.sleep(1)
                assert run(command(archive, "index", "--jobs", "1")).returncode == 0
            # What only vanished still answers; the index is mended all the same.
            eventually(lambda: whole(archive.index), said=server.said)
            recovered = load.quiet()
        again = max(0.0, load.last_bad - hurt)
        print(f"{kind:9}{damage.__name__:14}{dict(load.seen)} right again after {again:.2f} s")
        assert load.wrong == [], (kind, damage.__name__)
        assert set(load.seen) <= {"200", "503", "reset"}, (kind, damage.__name__, load.seen)
        assert recovered, (kind, damage.__name__, load.seen, server.said.read_text())
        assert server.process.poll() is None
        assert found(archive, "e9x") == ["e0009"]
    assert "Traceback" not in server.said.read_text()
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_outlives_segments_cut_off_again_and_again(
    serve: Callable[..., Server], make: Callable[..., Archive], workers: str
) -> None:
    """Each cut may end the processes that read beyond it; none of them ends the server."""
    archive = make(rules=Rules())
    right = content(archive)
    server = serve(archive, "--watch", "--workers", workers, ready="/readyz")
    with Load(server, right).start(threads=4, pause=0.0) as load:
        for _ in range(12 if THOROUGH else 4):
            time.sleep(0.4)
            for kind in ("post", "docs"):
                os.truncate(file_of(archive.index, kind), 0)
        recovered = load.quiet()
    print(dict(load.seen), server.said.read_text().count("Unexpected exit"), "ended")
    assert load.wrong == []
    assert recovered, server.said.read_text()
    assert server.process.poll() is None
    assert set(load.seen) <= {"200", "503", "reset"}
    server.stop()


# -- in one process -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["post", "docs"])
@pytest.mark.parametrize("damage", [truncate, halve, zero, flip, write_another])
def test_an_open_engine_notices_before_it_answers(
    make: Callable[..., Archive], kind: str, damage: Callable[[Path, Path], None]
) -> None:
    archive, another = make(), make("another", Rules())
    fill(archive, 20)
    fill(another, 9, seed=3)
    archive.build()
    another.build()
    assert archive.slugs("e7x") == ["e0007"]
    damage(file_of(archive.index, kind), file_of(another.index, kind))
    asked: list[Callable[[EmbeddedEngine], object]] = [
        lambda engine: engine.search(SearchRequest(q="e7x")),
        lambda engine: engine.facet_counts(SearchRequest()),
        lambda engine: engine.essay("e0007"),
        lambda engine: engine.suggest("ba", 5),
        lambda engine: engine.related("e0007", 5),
        lambda engine: engine.generation(),
    ]
    for ask in asked:
        with pytest.raises(IndexDamaged) as caught:
            ask(archive.engine)
        assert caught.value.hint == "Run: essays index"
    assert archive.build().full
    assert archive.slugs("e7x") == ["e0007"]


def test_a_file_that_is_only_taken_away_still_answers(make: Callable[..., Archive]) -> None:
    """As a build does with the files of the last generation."""
    archive = make(rules=Rules())
    fill(archive, 20)
    archive.build()
    assert archive.slugs("e7x") == ["e0007"]
    for kind in ("post", "docs"):
        file_of(archive.index, kind).unlink()
    assert archive.slugs("e8x") == ["e0008"]
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(archive.index, Rules()).generation()


@pytest.mark.parametrize("damage", [truncate, flip, delete])
def test_a_pointer_that_says_nothing_leaves_the_last_generation(
    make: Callable[..., Archive], damage: Callable[[Path, Path], None]
) -> None:
    archive = make(rules=Rules())
    fill(archive, 20)
    archive.build()
    assert archive.slugs("e7x") == ["e0007"]
    damage(archive.index / "current", archive.index / "current")
    for number in (8, 9):
        assert archive.slugs(f"e{number}x") == [f"e{number:04}"]
    archive.write("new.md", "Of kelp.")
    archive.build()
    assert archive.slugs("kelp") == ["new"]
    shutil.rmtree(archive.index)
    with pytest.raises(IndexMissing):
        archive.slugs("kelp")


@pytest.mark.parametrize("damage", [truncate, delete])
def test_the_last_generation_answers_while_a_lost_pointer_is_built_anew(
    make: Callable[..., Archive], damage: Callable[[Path, Path], None]
) -> None:
    archive = make(rules=Rules())
    fill(archive, 20)
    archive.build()
    assert archive.slugs("e7x") == ["e0007"]
    number = archive.engine.generation()
    damage(archive.index / "current", archive.index / "current")
    archive.write("new.md", "Of kelp.")
    found = []

    def search(done: int, of: int) -> None:
        found.append((archive.slugs("e7x"), archive.engine.generation()))

    assert build(archive.content, archive.index, archive.rules, jobs=1, progress=search).full
    assert found
    assert all(each == (["e0007"], number) for each in found)
    assert archive.slugs("kelp") == ["new"]


def test_a_file_that_is_touched_is_verified_and_answers(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules())
    fill(archive, 20)
    archive.build()
    assert archive.slugs("e7x") == ["e0007"]
    os.utime(file_of(archive.index, "post"), (1, 1))
    assert archive.slugs("e8x") == ["e0008"]


def test_an_answer_computed_while_a_file_changed_is_not_given(
    make: Callable[..., Archive],
) -> None:
    archive = make(rules=Rules())
    fill(archive, 20)
    archive.build()
    engine = archive.engine
    place = file_of(archive.index, "docs")

    def question() -> str:
        with engine._latest.reading() as snapshot:
            flip(place, place)
            return snapshot.card(3).title

    with pytest.raises(IndexDamaged):
        question()


def test_looking_costs_microseconds(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules())
    fill(archive, 20)
    archive.build()
    snapshot = archive.engine._latest.get()
    started = time.perf_counter()
    for _ in range(1000):
        assert snapshot.intact()
    took = (time.perf_counter() - started) / 1000
    print(f"{took * 1e6:.1f} µs")
    assert took < 0.001
