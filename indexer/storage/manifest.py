"""What a build knew of every content file when it committed.

Two files hold it: columns of all files (:mod:`indexer.storage.file_columns`), written once in a
while, and a list of what has changed since, written by each commit. So one edit among a million
files writes what is known of a few. A small archive has the list alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from indexer.essay import Problem
from indexer.storage import arrays
from indexer.storage.arrays import Arrays
from indexer.storage.file_columns import Columns, Known
from indexer.storage.file_rows import Rows

__all__ = ["Known", "Listed", "Manifest", "ManifestBuilder", "decode", "encode"]

#: The ending of the file of columns.
COLUMNS = ".files"
#: Files that the list holds at the most, or a share of those in the columns: reading and writing so
#: many takes some milliseconds.
MOST_LISTED, LISTED_SHARE = 256, 1 / 256


class Counts(msgspec.Struct, frozen=True, array_like=True):
    """Numbers of ``files``, of ``essays`` (files of which a version answers), of ``drafts``, and of
    those that were ``left_out``."""

    files: int = 0
    essays: int = 0
    drafts: int = 0
    left_out: int = 0

    def plus(self, known: Known, sign: int = 1) -> Counts:
        """The numbers with a file more, or less."""
        return Counts(
            self.files + sign,
            self.essays + sign * known.indexed,
            self.drafts + sign * known.draft,
            self.left_out + sign * (known.draft and not known.indexed),
        )


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the list holds: under which rules, the name of the file of columns, and in the order of
    paths what has ``changed`` since that was written, and the files that are ``gone``."""

    rules: str = ""
    columns: str = ""
    counts: Counts = Counts()
    changed: tuple[Known, ...] = ()
    gone: tuple[str, ...] = ()


decode = msgspec.msgpack.Decoder(Listed).decode
encode = msgspec.msgpack.Encoder().encode


class Manifest:
    """What is known of every file, by its path: as in the ``columns``, but for what is ``listed``.

    >>> known = Known("a.md", 10, 1, "5d1c", "a", "a", indexed=True)
    >>> made = Manifest(Listed(changed=(known,)))
    >>> made.get("a.md") == known, made.get("b.md"), made.owner("a")
    (True, None, 'a.md')
    """

    def __init__(self, listed: Listed | None = None, columns: Columns | None = None) -> None:
        self.listed = listed or Listed()
        self.columns = columns
        self.changed: Mapping[str, Known] = {each.path: each for each in self.listed.changed}
        self.gone = frozenset(self.listed.gone)

    @classmethod
    def of(cls, known: Mapping[str, Known]) -> Manifest:
        """A manifest of files that are held in memory."""
        counts = Counts()
        for each in known.values():
            counts = counts.plus(each)
        return cls(Listed(counts=counts, changed=tuple(known.values())))

    @property
    def rules(self) -> str:
        """The fingerprint of the rules that files were read by."""
        return self.listed.rules

    @property
    def counts(self) -> Counts:
        """How many files are known."""
        return self.listed.counts

    def get(self, path: str) -> Known | None:
        """What is known of a file; None where nothing is."""
        if (known := self.changed.get(path)) is not None:
            return known
        if self.columns is None or path in self.gone:
            return None
        number = self.columns.find(path)
        return None if number < 0 else self.columns.known(number)

    def has_folder(self, path: str) -> bool:
        """Whether files are known in a folder, or below it."""
        below = f"{path}/"
        if any(each.startswith(below) for each in self.changed):
            return True
        return self.columns is not None and self.columns.has_folder(path)

    def owner(self, slug: str) -> str | None:
        """The path of the file whose version answers under a slug."""
        if (path := self._owners.get(slug)) is not None:
            return path
        for known in self.columns.owners(slug) if self.columns else ():
            if known.indexed and known.slug == slug and self._holds(known.path):
                return known.path
        return None

    def _holds(self, path: str) -> bool:
        """Whether what the columns say of a file holds."""
        return path not in self.changed and path not in self.gone

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {known.slug: path for path, known in self.changed.items() if known.indexed}

    def odd(self) -> Iterator[Known]:
        """The files that have problems, or another slug than they ask for, and others."""
        yield from self.changed.values()
        for known in self.columns.odd() if self.columns else ():
            if self._holds(known.path):
                yield known

    def conflicts(self) -> list[str]:
        """The paths of the files that have another slug than they ask for."""
        return [each.path for each in self.odd() if each.indexed and each.slug != each.wanted]

    def problems(self) -> list[Problem]:
        """The problems of all files."""
        return [problem for each in self.odd() for problem in each.problems]

    def __iter__(self) -> Iterator[Known]:
        """All files, in no order."""
        yield from self.changed.values()
        for known in self.columns.all() if self.columns else ():
            if self._holds(known.path):
                yield known

    def __len__(self) -> int:
        return self.counts.files


class ManifestBuilder:
    """A manifest in the making, from the ``last`` one and what is known of files since.

    What is told that was known already changes nothing: where :attr:`unchanged`, the last manifest
    is as good.
    """

    def __init__(self, last: Manifest) -> None:
        self.counts = last.counts
        self._last = last
        self._changed: dict[str, Known] = {}
        self._gone: set[str] = set()
        #: Where nothing is known, many files come: packed, not held as records.
        self._rows = None if last.columns or last.changed else Rows()
        self._problems: list[Problem] = []

    @property
    def unchanged(self) -> bool:
        """Whether nothing new was told."""
        return not (self._changed or self._gone or self._rows)

    def add(self, known: Known) -> None:
        """Take what is known of a file, once of each."""
        if self._rows is not None:
            self._rows.add(known)
            self._problems += known.problems
        else:
            last = self._last.get(known.path)
            if last == known:
                return
            if last is not None:
                self.counts = self.counts.plus(last, -1)
            self._changed[known.path] = known
        self.counts = self.counts.plus(known)

    def remove(self, known: Known) -> None:
        """Forget a file that was known."""
        self._gone.add(known.path)
        self.counts = self.counts.plus(known, -1)

    @property
    def changed(self) -> Mapping[str, Known]:
        """What was told of files of which something else was known; none of a first build."""
        return self._changed

    def problems(self) -> list[Problem]:
        """The problems of all files."""
        if self._rows is not None:
            return self._problems
        told = [problem for known in self._changed.values() for problem in known.problems]
        return told + [
            problem
            for known in self._last.odd()
            if known.path not in self._changed and known.path not in self._gone
            for problem in known.problems
        ]

    def written(self, folder: Path, rules: str, begin: str) -> Listed:
        """The new list; columns are written anew into ``folder`` where the list would
        become long, in a file whose name begins with ``begin``. Raises IndexUnwritable, and
        IndexDamaged where the disk has not what was written."""
        last = self._last
        changed = {path: known for path, known in last.changed.items() if path not in self._gone}
        changed |= self._changed
        columns = last.columns
        gone = {
            path
            for path in last.gone | self._gone
            if path not in changed and columns is not None and columns.find(path) >= 0
        }
        many = len(changed) + len(gone) + len(self._rows or ())
        if many <= max(MOST_LISTED, LISTED_SHARE * len(columns or ())):
            for known in Columns(self._rows.arrays()).all() if self._rows else ():
                changed[known.path] = known
            name = last.listed.columns
        else:
            name = f"{begin}{secrets.token_hex(8)}{COLUMNS}"
            rows = self._rows or Rows()
            for known in changed.values():
                rows.add(known)
            left_out = [
                number
                for path in (*changed, *gone)
                if columns is not None and (number := columns.find(path)) >= 0
            ]
            arrays.write(folder / name, rows.arrays(columns, left_out).items())
            Arrays(folder / name)  # as it was written
            changed, gone = {}, set()
        return Listed(
            rules,
            name,
            self.counts,
            tuple(changed[path] for path in sorted(changed)),
            tuple(sorted(gone)),
        )
