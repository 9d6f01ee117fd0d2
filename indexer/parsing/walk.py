"""The files of a content folder, each found once.

Real folders are walked first, then the folders that links lead to, in the order of their paths; a
folder that was seen is not walked again, by whichever way it is met. So folders that link to one
another cost no more than the folders, and the path of an essay depends on the folder alone.
"""

from __future__ import annotations

import heapq
import os
import stat
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias, overload

import numpy as np

from indexer.errors import FileRefused
from indexer.essay import Problem
from indexer.parsing import symlinks
from indexer.parsing.markup import SUFFIXES
from indexer.parsing.rules import Rules
from indexer.parsing.symlinks import MEDIA, Place

Entries: TypeAlias = "list[os.DirEntry[str]]"


class File(NamedTuple):
    """A content file as the folder lists it: relative ``path``, bytes, modification time."""

    path: str
    size: int
    mtime_ns: int


class Folder:
    """The essay files that lie just in one folder, whose content path is ``path``, in the order of
    ``names``: one after the other, each with a zero byte behind it. ``sizes`` in bytes and
    ``mtimes`` in nanoseconds are int64, shape (files,)."""

    __slots__ = ("_ends", "mtimes", "names", "path", "sizes")

    def __init__(
        self, path: str, names: list[str], sizes: Iterable[int], mtimes: Iterable[int]
    ) -> None:
        self.path = path
        self.names = b"".join([name.encode() + b"\0" for name in names])
        self.sizes = np.fromiter(sizes, np.int64, len(names))
        self.mtimes = np.fromiter(mtimes, np.int64, len(names))
        self._ends: memoryview | None = None

    @classmethod
    def of(cls, path: str, files: Iterable[tuple[str, int, int]]) -> Folder:
        """A folder with files, each its name, size and time."""
        listed = sorted(files)
        columns = ([row[n] for row in listed] for n in range(3))
        return cls(path, *columns)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self.sizes)

    def join(self, name: str) -> str:
        """The content path of a file."""
        return f"{self.path}/{name}" if self.path else name

    def file(self, place: int) -> File:
        """The file of a place in the order of names."""
        size, mtime = int(self.sizes[place]), int(self.mtimes[place])
        return File(self.join(self._name(place)), size, mtime)

    def find(self, path: str) -> int:
        """The place of the file of a content path; -1 where none is."""
        name = path.rpartition("/")[2]
        place = bisect_left(range(len(self)), name, key=self._name)
        return place if place < len(self) and self._name(place) == name else -1

    def _name(self, place: int) -> str:
        if self._ends is None:
            ends = np.flatnonzero(np.frombuffer(self.names, np.uint8) == 0)
            self._ends = ends.astype(np.uint32).data
        start = self._ends[place - 1] + 1 if place else 0
        return self.names[start : self._ends[place]].decode()


class Files(Sequence[File]):
    """Files of some folders, given by their places there, in the order of their paths. Each is made
    when it is asked for: a list of a million would take 220 MB for as long as a build."""

    def __init__(self, chosen: Sequence[tuple[Folder, Sequence[int]]] = ()) -> None:
        self._folders = [folder for folder, _ in chosen]
        paths = [folder.file(place).path for folder, places in chosen for place in places]
        order = np.array(sorted(range(len(paths)), key=paths.__getitem__), np.int64)
        lengths = [len(places) for _, places in chosen]
        self._folder = np.arange(len(chosen), dtype=np.uint32).repeat(lengths)[order]
        every = np.fromiter((place for _, places in chosen for place in places), np.uint32)
        self._place = every[order]

    def __len__(self) -> int:
        return len(self._place)

    @overload
    def __getitem__(self, place: int) -> File: ...

    @overload
    def __getitem__(self, place: slice) -> list[File]: ...

    def __getitem__(self, place: int | slice) -> File | list[File]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        folder: Folder = self._folders[self._folder[place]]
        return folder.file(int(self._place[place]))


def unreadable(path: str, error: OSError) -> Problem:
    """The problem of a file or folder that the system does not let us read."""
    reason = error.strerror or type(error).__name__
    return Problem(path, 0, f"The file cannot be read: {reason}.", "Check its permissions.")


class Walk:
    """A walk over the folder ``content``, done when it is made: its ``listings``, one for each
    folder that has essay files, the real ``folders`` that were looked into with their content
    paths, the paths of essay files that are ``links``, and the ``problems`` of what could not be
    listed."""

    def __init__(self, content: Path, rules: Rules) -> None:
        self.listings: list[Folder] = []
        self.folders: dict[str, str] = {}
        self.links: list[str] = []
        self.problems: list[Problem] = []
        self._rules = rules
        self._seen: set[tuple[int, int]] = set()
        self._found: list[tuple[str, int, int]] = []
        self._links: list[tuple[str, Place, str]] = []
        self._refused: list[tuple[str, str, FileRefused]] = []
        try:
            root = symlinks.root_of(content)
        except OSError as error:
            self.problems.append(unreadable(".", error))
            return
        self._root = root.real
        self._walk("", root)
        while self._links:
            self._enter(*heapq.heappop(self._links))
        for path, link, refused in self._refused:
            # What another way leads to as well is not lost.
            if _identity(link) not in self._seen:
                self.problems.append(Problem(path, 0, str(refused), refused.hint))

    @property
    def files(self) -> list[File]:
        """All essay files, in no order."""
        return [each.file(place) for each in self.listings for place in range(len(each))]

    def _enter(self, path: str, within: Place, link: str) -> None:
        try:
            self._walk(path, symlinks.follow(link, within, self._root, self._rules, ()))
        except FileRefused as refused:
            self._refused.append((path, link, refused))
        except OSError as error:
            self.problems.append(unreadable(path, error))

    def _walk(self, below: str, top: Place) -> None:
        """List a folder and the real folders in it."""
        waiting = [(below, top)]
        while waiting:
            below, place = waiting.pop()
            try:
                identity = _identity(place.real)
                if identity in self._seen:
                    continue
                with os.scandir(place.real) as listing:
                    entries = sorted(listing, key=attrgetter("name"), reverse=True)
            except OSError as error:
                self.problems.append(unreadable(below or ".", error))
                continue
            self._seen.add(identity)
            self.folders[place.real] = below
            plain, others = self._parted(below, entries)
            names, infos = self._looked_at(below, plain)
            for entry in others:
                path = f"{below}/{entry.name}" if below else entry.name
                if self._listed(path, entry) and self._is_folder(path, entry, place):
                    waiting.append((path, Place(entry.path, place.tree)))
            sizes = [info.st_size for info in infos]
            mtimes = [info.st_mtime_ns for info in infos]
            if self._found:
                rows = [*zip(names, sizes, mtimes, strict=True), *self._found]
                self._found = []
                self.listings.append(Folder.of(below, rows))
            elif names:
                self.listings.append(Folder(below, names, sizes, mtimes))

    def _parted(self, below: str, entries: Entries) -> tuple[Entries, Entries]:
        """The entries that are essays beyond question, as most are, in the order of names: of a
        million files the others' questions take seconds. And the others, from the last name on."""
        if self._rules.exclude or not below.isascii():
            return [], entries
        plain: Entries = []
        others: Entries = []
        for entry in entries:
            name = entry.name
            beyond_question = (
                name.endswith(SUFFIXES)
                and name[0] != "."
                and name.isascii()
                and (below or name.lower() != "readme.md")
                and entry.is_file(follow_symlinks=False)
            )
            (plain if beyond_question else others).append(entry)
        plain.reverse()
        return plain, others

    def _looked_at(self, below: str, plain: Entries) -> tuple[list[str], list[os.stat_result]]:
        """The names of plain entries, and what the system says of each; a file that it says
        nothing of is a problem."""
        try:
            infos = [entry.stat(follow_symlinks=False) for entry in plain]
        except OSError:
            there = []
            infos = []
            for entry in plain:
                try:
                    infos.append(entry.stat(follow_symlinks=False))
                except OSError as error:
                    path = f"{below}/{entry.name}" if below else entry.name
                    self.problems.append(unreadable(path, error))
                else:
                    there.append(entry)
            plain = there
        return [entry.name for entry in plain], infos

    def _listed(self, path: str, entry: os.DirEntry[str]) -> bool:
        """Whether an entry counts: not hidden, not left out, with a name that is text."""
        if entry.name.startswith(".") or symlinks.excluded(path, self._rules):
            return False
        try:
            path.encode()
        except UnicodeEncodeError:
            if path.lower().endswith(SUFFIXES) or entry.is_dir(follow_symlinks=False):
                shown = path.encode("utf-8", "replace").decode()
                self.problems.append(
                    Problem(shown, 0, "The file's name is not UTF-8.", "Give it a new name.")
                )
            return False
        return True

    def _is_folder(self, path: str, entry: os.DirEntry[str], place: Place) -> bool:
        """Whether an entry is a real folder; a file is noted, a folder behind a link put off."""
        try:
            if entry.is_dir(follow_symlinks=False):
                return True
            if entry.is_symlink() and entry.is_dir():
                heapq.heappush(self._links, (path, place, entry.path))
            elif path.lower().endswith(SUFFIXES) and path.lower() != "readme.md":
                self._add(path, entry, place)
            elif path.lower().endswith(MEDIA) and entry.is_symlink() and Path(entry.path).exists():
                symlinks.follow(entry.path, place, self._root, self._rules, MEDIA)
        except FileRefused as refused:
            self.problems.append(Problem(path, 0, str(refused), refused.hint))
        except OSError as error:
            self.problems.append(unreadable(path, error))
        return False

    def _add(self, path: str, entry: os.DirEntry[str], place: Place) -> None:
        info = entry.stat()
        if not stat.S_ISREG(info.st_mode):
            raise FileRefused("This is not a regular file.", "Remove it.")
        if entry.is_symlink():
            symlinks.follow(entry.path, place, self._root, self._rules, SUFFIXES)
            self.links.append(path)
        self._found.append((entry.name, info.st_size, info.st_mtime_ns))


def _identity(path: str) -> tuple[int, int]:
    info = Path(path).stat()
    return info.st_dev, info.st_ino
