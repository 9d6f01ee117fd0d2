"""What a build changed, compared with what was known before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from app.history import log
from app.history.commits import Past, Versions, past
from app.history.log import Change, HistoryLog, Row, State, Version, version_of
from indexer.essay import RATINGS, Essay
from indexer.parsing.rules import Rules


def record(
    history: HistoryLog,
    essays: Iterable[Essay],
    content: Path,
    rules: Rules,
    build: str,
    now: int,
    slugs: Iterable[str] | None = None,
) -> None:
    """Keep what has changed since the last call. ``essays`` are all that answer after the
    ``build``, ``now`` is in seconds since 1970; changes that a commit made get its time. Where
    nothing has changed but the essays that had or have some ``slugs``, those are enough. Raises
    ``sqlite3.Error``."""
    here = {each.slug: each for each in essays}
    with history.writing() as file:
        known = log.rows(file, slugs)
        _leave(file, known, here, content, now)
        changed = [
            essay
            for slug, essay in here.items()
            if slug not in known or known[slug] != log.row_of(essay, known[slug][3])
        ]
        notes = dict(file.execute("SELECT name, value FROM known"))
        before = Past("", {})
        if changed:
            paths = [essay.path for essay in changed]
            before = past(content, paths, notes.get("head", ""), rules)
        kept: list[Row] = []
        changes: list[Change] = []
        for essay in changed:
            state = log.state_of(known[essay.slug]) if essay.slug in known else None
            if state is not None and not state.here:
                log.restore(file, essay.slug)
            some = list(_steps(essay, state, before.versions, now))
            since = state.since if state else some[0][0]
            kept.append(log.row_of(essay, since))
            changes += _changes(essay.slug, state.version if state else None, some)
        head = before.head or notes.get("head", "")
        log.keep(file, kept, changes, {"build": build, "head": head})


def _leave(
    file: sqlite3.Connection, known: dict[str, Row], here: Mapping[str, Essay], content: Path,
    now: int,
) -> None:  # fmt: skip
    """Tell of essays that are gone. One that was moved goes on under its new slug; of one whose
    file is still there, as a draft, nothing is told any more."""
    arrived: dict[str, str] | None = None
    for slug, row in list(known.items()):
        state = log.state_of(row) if slug not in here else None
        if state is None or not state.here:
            continue
        if arrived is None:
            arrived = {each.title: new for new, each in here.items() if new not in known}
        del known[slug]
        if (content / state.path).exists():
            log.forget(file, slug)
        elif moved := arrived.pop(state.title, ""):
            log.rename(file, slug, moved)
            known[moved] = (moved, *row[1:])
        else:
            log.keep(file, [(*row[:4], 0, *row[5:])], [Change(slug, now, "withdrawn")], {})


def _steps(
    essay: Essay, state: State | None, versions: Versions, now: int
) -> Iterator[tuple[int, Version]]:
    """The versions of an essay that are not known yet, with their times, the one that answers
    last."""
    earlier = versions.get(essay.path, []) if state is None or state.here else []
    yield from earlier
    current = version_of(essay)
    if not earlier or earlier[-1][1] != current:
        yield now, current


def _changes(
    slug: str, before: Version | None, steps: Iterable[tuple[int, Version]]
) -> Iterator[Change]:
    for at, version in steps:
        if before is not None:
            for kind, old, new in zip(RATINGS, before, version, strict=True):
                if old != new:
                    yield Change(slug, at, kind, old, new)  # type: ignore[arg-type]
        before = version
