"""What would a person want to mend in a folder of essays, without building anything?"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from indexer import corpus
from indexer.essay import RATINGS, Essay, Problem, fold
from indexer.reading import read_all
from indexer.slugs import Slugs
from indexer.vocabulary import Rules


class Drift(msgspec.Struct, frozen=True):
    """A rating word outside the archive's vocabulary: it keeps its value and has no percentage.

    ``paths`` are the first few of the ``count`` essays that use it.
    """

    facet: str
    value: str
    count: int
    paths: tuple[str, ...]


class Findings(msgspec.Struct, frozen=True):
    """What :func:`check` found; drift is worth knowing and no problem."""

    files: int
    essays: int
    drafts: int
    problems: tuple[Problem, ...]
    drift: tuple[Drift, ...]


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
    readings = read_all(content, requests, rules, jobs or os.cpu_count() or 1)
    each = (reading for read in readings for reading in read.readings)
    for done, reading in enumerate(each, 1):
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
    problems += slugs.conflicts()
    drift = [
        Drift(facet, uses[0][1], len(uses), tuple(path for path, _ in uses[:NAMED]))
        for (facet, _), uses in sorted(words.items())
    ]
    ordered = tuple(sorted(problems, key=lambda p: (p.path, p.line, p.what)))
    return Findings(len(files), essays, drafts, ordered, tuple(drift))


def _gather(essay: Essay, words: dict[tuple[str, str], list[tuple[str, str]]]) -> None:
    for facet in RATINGS:
        rating = getattr(essay, facet)
        if rating is not None and rating.percentage is None:
            words.setdefault((facet, fold(rating.label)), []).append((essay.path, rating.label))
