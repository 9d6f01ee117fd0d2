"""Where does the time of a full build go, step by step?

One process builds essays with the indexer's own code while the functions that make up each step
keep a clock; a step that runs within another is taken from it, so that the parts add up to the
whole. Times are of the processor, in microseconds an essay, each step's median over ``ROUNDS``
builds: the clock on the wall would count other programs, and a second process waits for the first.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import lxml.html
import nh3
from markdown import Markdown

from indexer.analysis import detection
from indexer.build import embedder
from indexer.build.batch import BatchBuilder
from indexer.build.build import build
from indexer.build.segment_writer import SegmentBuilder
from indexer.parsing import corpus, frontmatter, markup, metadata
from indexer.parsing.rules import Rules
from indexer.schema import document

ROUNDS, ESSAYS = 3, 2_000

#: The steps in their order; each with the functions that it is made of, by their owners.
STEPS: Sequence[tuple[str, Sequence[tuple[Any, str]]]] = (
    ("read the file, know it by its digest", ((corpus, "read_file"),)),
    ("front matter", ((frontmatter, "parse"), (metadata, "read_fields"))),
    ("Markdown to HTML (Python-Markdown)", ((Markdown, "convert"), (Markdown, "reset"))),
    ("HTML as a tree (lxml)", ((lxml.html, "fragment_fromstring"),)),
    ("sections, links, anchors", ((markup, "render"),)),
    ("safe HTML (nh3)", ((nh3, "clean"),)),
    ("language", ((detection, "detect"),)),
    ("words become numbers", ((BatchBuilder, "add"),)),
    ("stored values, compressed", ((document, "stored"),)),
    ("vectors", ((embedder, "passages"), (embedder, "embed"))),
    ("postings of a batch", ((BatchBuilder, "finish"),)),
    ("gather batches", ((SegmentBuilder, "add"),)),
    ("sort and write the segment", ((SegmentBuilder, "write"),)),
)
REST = "all else: scan, slugs, verify, commit"
MARKDOWN = "Markdown to HTML (Python-Markdown)"


class Clock:
    """Seconds of the processor by step; those of a step within another count once."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Let the clock of a step run in the block, and that of the step around it stand."""
        self._take()
        self._running.append(name)
        try:
            yield
        finally:
            self._take()
            self._running.pop()

    def _take(self) -> None:
        now = time.process_time()
        if self._running:
            name = self._running[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that keeps the clock of a step."""

        @wraps(function)
        def clocked(*args: Any, **named: Any) -> Any:
            with self.step(name):
                return function(*args, **named)

        return clocked


def measure(content: Path, essays: int = ESSAYS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Microseconds an essay of every step of a full build of some essays of a generated folder."""
    with tempfile.TemporaryDirectory(dir=content.parent) as work:
        some = Path(work) / "essays"
        count = 0
        for file in islice(sorted(content.rglob("*.md")), essays):
            copy = some / file.relative_to(content)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
            count += 1
        build(some, Path(work) / "warm", Rules(), full=True, jobs=1)
        taken = [_clocked(some, Path(work) / f"index-{n}") for n in range(rounds)]
    steps = {
        name: median(1e6 * each.get(name, 0.0) / count for each in taken)
        for name in [*(name for name, _ in STEPS), REST]
    }
    return {"essays": count, "steps": steps}


def _clocked(content: Path, index: Path) -> dict[str, float]:
    """Seconds by step of one full build in this process."""
    clock = Clock()
    with ExitStack() as patched:
        for name, functions in STEPS:
            for owner, function in functions:
                clocked = clock.around(name, getattr(owner, function))
                patched.enter_context(mock.patch.object(owner, function, clocked))
        with clock.step(REST):
            build(content, index, Rules(), full=True, jobs=1)
    return clock.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("content", type=Path)
    parser.add_argument("--essays", type=int, default=ESSAYS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    found = measure(given.content, given.essays, given.rounds)
    for name, spent in found["steps"].items():
        print(f"{spent:8.0f}  {name}")
    print(f"{sum(found['steps'].values()):8.0f}  altogether, {found['essays']:,} essays")


if __name__ == "__main__":
    main()
