"""What an author would want to correct in a folder of essays, found without building anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from indexer.analysis import shingles
from indexer.build import batch
from indexer.build.batch import Batch
from indexer.build.slugs import Slugs
from indexer.build.workers import Read, read_all
from indexer.essay import RATINGS, Essay, Problem, value_key
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from indexer.schema import document
from indexer.storage.arrays import Array


class Drift(msgspec.Struct, frozen=True):
    """A rating word outside the archive's vocabulary: it keeps its value and has no percentage.

    ``paths`` are the first few of the ``count`` essays that use it.
    """

    facet: str
    value: str
    count: int
    paths: tuple[str, ...]


class Same(msgspec.Struct, frozen=True):
    """Essays that are nearly the same text, and how much of it the least alike have in common."""

    paths: tuple[str, ...]
    share: float


class Findings(msgspec.Struct, frozen=True):
    """What :func:`check` found; drift and copies are worth knowing and no problem."""

    files: int
    essays: int
    drafts: int
    problems: tuple[Problem, ...]
    drift: tuple[Drift, ...]
    copies: tuple[Same, ...] = ()


#: Paths named for one word of drift.
NAMED = 5


def check(
    content: Path,
    rules: Rules,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Findings:
    """Read every file of ``content`` under ``rules``. Raises ContentMissing."""
    files, problems = corpus.scan(content, rules)
    requests = [(file.path, "") for file in files]
    slugs = Slugs()
    essays = drafts = 0
    words: dict[tuple[str, str], list[tuple[str, str]]] = {}
    sketches: dict[str, Array] = {}
    readings = read_all(content, requests, rules, jobs or os.cpu_count() or 1, batch.builder)
    each = (pair for read in readings for pair in zip(read.readings, _texts(read), strict=True))
    for done, (reading, text) in enumerate(each, 1):
        problems += reading.problems
        if progress:
            progress(done, len(files))
        if reading.essay is None:
            continue
        if reading.essay.draft and not rules.drafts:
            drafts += 1
        else:
            essays += 1
            slugs.claim(reading.essay.slug, reading.path)
        _gather(reading.essay, words)
        sketches[reading.path] = shingles.sketch(shingles.shingles(text))
    problems += slugs.conflicts()
    drift = [
        Drift(facet, uses[0][1], len(uses), tuple(path for path, _ in uses[:NAMED]))
        for (facet, _), uses in sorted(words.items())
    ]
    ordered = tuple(sorted(problems, key=lambda p: (p.path, p.line, p.what)))
    same = _copies(content, sketches, rules)
    return Findings(len(files), essays, drafts, ordered, tuple(drift), same)


def _gather(essay: Essay, words: dict[tuple[str, str], list[tuple[str, str]]]) -> None:
    for facet in RATINGS:
        rating = getattr(essay, facet)
        if rating is not None and rating.percentage is None:
            words.setdefault((facet, value_key(rating.label)), []).append(
                (essay.path, rating.label)
            )


def _texts(read: Read[Batch]) -> Iterator[list[str]]:
    """The texts of the essays that were read, part by part; nothing of drafts left out."""
    packed = dict(read.batch.stored)["sections"]
    for number in read.documents:
        sections = (
            ()
            if number is None
            else document.sections({"sections": msgspec.msgpack.decode(packed[number])})
        )
        yield [section.text for section in sections]


def _copies(content: Path, sketches: dict[str, Array], rules: Rules) -> tuple[Same, ...]:
    """The essays that are nearly the same text; only those that may be are read again."""
    paths = sorted(sketches)
    made = [sketches[path] for path in paths]
    if not made:
        return ()
    owners = np.repeat(np.arange(len(paths)), [len(sketch) for sketch in made])
    pairs = list(shingles.candidates(owners, np.concatenate(made)))
    texts: dict[int, Array] = {}
    for number in sorted({number for pair in pairs for number in pair}):
        essay = corpus.read_file(content, paths[number], rules).essay
        parts = [section.text for section in essay.sections] if essay else []
        texts[number] = shingles.shingles(parts)
    alike = {(a, b): shingles.resemblance(texts[a], texts[b]) for a, b in pairs}
    return tuple(
        Same(tuple(paths[number] for number in family.members), round(family.share, 4))
        for family in shingles.families(alike)
    )
