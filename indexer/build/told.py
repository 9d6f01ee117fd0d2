"""The plan of a build that is told which files changed, and so need not look at all of them.

Only what is beyond question is taken so: plain essay files of folders that were looked into before,
in a state of the index that this process left. Of anything else a look at the whole folder says
what it means.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from indexer.build.plan import Plan, is_vouched_for
from indexer.essay import Problem
from indexer.parsing import symlinks
from indexer.parsing.markup import SUFFIXES
from indexer.parsing.rules import Rules
from indexer.parsing.walk import File
from indexer.storage.generation import Current
from indexer.storage.manifest import Known, Manifest

#: Of more changes at once some may have been lost on the way: the system's queue is bounded.
MOST = 500


class Seen(NamedTuple):
    """What a look at the whole folder saw, and where the index stood after the build: at
    ``pointer``. ``folders`` are the real folders with their content paths; ``links`` says whether
    an essay file is a link, ``problems`` what could not be listed."""

    pointer: Current
    folders: Mapping[str, str]
    links: bool
    problems: tuple[Problem, ...]


class Told(NamedTuple):
    """The ``paths`` (real, absolute) of all that has changed since ``seen``."""

    paths: frozenset[str]
    seen: Seen


def plan_told(content: Path, told: Told, known: Manifest, rules: Rules) -> Plan | None:
    """What has to be done for the changes; None where that takes a look at the whole folder."""
    if told.seen.links or len(told.paths) > MOST or not content.is_dir():
        return None
    suspects: list[File] = []
    missing: list[Known] = []
    named = {problem.path for problem in told.seen.problems}
    for place in told.paths:
        folder, name = os.path.split(place)
        below = told.seen.folders.get(folder)
        if below is None or place in told.seen.folders:
            return None
        path = f"{below}/{name}" if below else name
        if path in named:
            return None
        try:
            found = _look(place, path, rules)
        except (OSError, UnicodeEncodeError, _Questionable):
            return None
        last = known.get(path)
        if found is None:
            if known.has_folder(path) or not Path(folder).is_dir():
                return None
            missing += [last] if last is not None else []
        elif not is_vouched_for(found, last):
            suspects.append(found)
    return Plan(sorted(suspects), sorted(missing, key=lambda each: each.path))


class _Questionable(Exception):
    """Something that is no plain file."""


def _look(place: str, path: str, rules: Rules) -> File | None:
    """The essay file at a place, if there is one. Raises :class:`_Questionable`, and what the
    system says."""
    path.encode()
    try:
        info = os.lstat(place)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(info.st_mode) or info.st_nlink > 1:
        # A change of a file with two names is told of one.
        raise _Questionable
    name = path.rpartition("/")[2]
    is_essay = path.lower().endswith(SUFFIXES) and path.lower() != "readme.md"
    if not is_essay or name.startswith(".") or symlinks.excluded(path, rules):
        return None
    return File(path, info.st_size, info.st_mtime_ns)
