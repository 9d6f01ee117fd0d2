"""The files of a content folder, each found once.

Real folders are walked first, then the folders that links lead to, in the order of their paths; a
folder that was seen is not walked again, by whichever way it is met. So folders that link to one
another cost no more than the folders, and the path of an essay depends on the folder alone.
"""

from __future__ import annotations

import heapq
import os
import stat
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from indexer.errors import FileRefused
from indexer.essay import Problem
from indexer.parsing import symlinks
from indexer.parsing.markup import SUFFIXES
from indexer.parsing.rules import Rules
from indexer.parsing.symlinks import MEDIA, Place


class File(NamedTuple):
    """A content file as the folder lists it: relative ``path``, bytes, modification time."""

    path: str
    size: int
    mtime_ns: int


def unreadable(path: str, error: OSError) -> Problem:
    """The problem of a file or folder that the system does not let us read."""
    reason = error.strerror or type(error).__name__
    return Problem(path, 0, f"The file cannot be read: {reason}.", "Check its permissions.")


class Walk:
    """A walk over the folder ``content``, done when it is made: its essay ``files``, the real
    ``folders`` that were looked into, and the ``problems`` of what could not be listed."""

    def __init__(self, content: Path, rules: Rules) -> None:
        self.files: list[File] = []
        self.folders: list[str] = []
        self.problems: list[Problem] = []
        self._rules = rules
        self._seen: set[tuple[int, int]] = set()
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
            self.folders.append(place.real)
            for entry in entries:
                path = f"{below}/{entry.name}" if below else entry.name
                if self._is_plain(path, entry):
                    self._add_plain(path, entry)
                elif self._listed(path, entry) and self._is_folder(path, entry, place):
                    waiting.append((path, Place(entry.path, place.tree)))

    def _is_plain(self, path: str, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is an essay beyond question, as most are: of a million files the others'
        questions take seconds."""
        return (
            path.endswith(SUFFIXES)
            and not self._rules.exclude
            and path.isascii()
            and not entry.name.startswith(".")
            and entry.is_file(follow_symlinks=False)
            and path.lower() != "readme.md"
        )

    def _add_plain(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.problems.append(unreadable(path, error))
        else:
            self.files.append(File(path, info.st_size, info.st_mtime_ns))

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
        self.files.append(File(path, info.st_size, info.st_mtime_ns))


def _identity(path: str) -> tuple[int, int]:
    info = Path(path).stat()
    return info.st_dev, info.st_ino
