"""What a build says when it is done: to its reader, and to the next build."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from indexer.build.told import Seen
from indexer.essay import Problem


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did, in essays: those that answer now are added, changed or unchanged.

    Every one of the ``files`` of the folder is an essay, a draft left out, or named by a problem.
    A broken file whose last good version still answers is unchanged, and has its problem.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    drafts: int = 0
    essays: int = 0
    files: int = 0
    full: bool = False
    generation: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()


class Edited(NamedTuple):
    """Which essays a build may have changed since the generation ``before``, by the ``paths`` of
    their files and the ``slugs`` that they had or have."""

    before: int
    paths: frozenset[str]
    slugs: frozenset[str]


class Built(NamedTuple):
    """The report of a build, what it saw of the folder, for the next that is only told what
    changed; and what it ``edited``, None where that is much or all."""

    report: Report
    seen: Seen
    edited: Edited | None = None
