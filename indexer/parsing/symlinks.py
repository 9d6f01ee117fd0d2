"""Where the symbolic links of a content folder may lead.

A link shows what could be shown at its own place: below the real content folder, not hidden, not
left out by the settings, and of the same kind. ``follow_links`` in the settings lets the links of
the content folder lead out of it, each to one tree of folders; links met in such a tree stay in it.

The scan, reading and ``/media/`` all ask here, and :func:`open_file` asks again when it opens: a
file may have become a link since it was listed.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from indexer.errors import FileRefused
from indexer.parsing.rules import Rules

#: Files of the content folder that pages may show; anything else stays private.
MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".pdf", ".mp3", ".ogg", ".oga",
         ".wav", ".mp4", ".webm", ".csv", ".txt")  # fmt: skip


def _flags(*names: str) -> int:
    """Flags of opening, those that this system has."""
    flags = os.O_RDONLY
    for name in names:
        flags |= getattr(os, f"O_{name}", 0)
    return flags


# A pipe or a device must not make the reader wait, nor become its terminal; of a folder on the
# way only the entry is needed, which takes no permission to list it.
_FILE = _flags("NOFOLLOW", "NONBLOCK", "NOCTTY", "CLOEXEC", "BINARY")
_FOLDER = _flags("NOFOLLOW", "DIRECTORY", "CLOEXEC", "PATH")
_TOP = _flags("DIRECTORY", "CLOEXEC", "PATH")

Endings = tuple[str, ...]


class Place(NamedTuple):
    """Where a file or folder really is: its path without links, and the tree it belongs to (the
    real content folder, or the folder that a link led out to)."""

    real: str
    tree: str


def root_of(content: Path) -> Place:
    """The content folder itself, which may be a link. Raises OSError."""
    real = os.path.realpath(content, strict=True)
    return Place(real, real)


def follow(link: str, within: Place, root: str, rules: Rules, endings: Endings) -> Place:
    """Where a link leads that lies in the folder ``within``; ``endings`` are those that a file may
    have. Raises :class:`~indexer.errors.FileRefused` where it may not lead, OSError where it
    leads nowhere."""
    real = os.path.realpath(link, strict=True)
    place = Place(real, _tree(real, within, root, rules))
    is_folder = Path(real).is_dir()
    inner = Path(real).relative_to(place.tree).parts
    hidden = [part for part in inner if part.startswith(".")]
    if not is_folder and Path(real).name.startswith("."):
        hidden.append(real)
    if hidden or (place.tree == root and left_out("/".join(inner), rules)):
        raise FileRefused(
            "This link leads to something hidden or left out.",
            "Remove the link, or move what it leads to.",
        )
    if not is_folder and not real.lower().endswith(endings):
        raise FileRefused(
            "This link leads to a file of another kind.",
            "Give the file that it leads to the same ending.",
        )
    return place


def _tree(real: str, within: Place, root: str, rules: Rules) -> str:
    for tree in (root, within.tree):
        if Path(real).is_relative_to(tree):
            return tree
    if within.tree != root:
        raise FileRefused(
            "This link leads out of the folder that another link led to.",
            "Link to it from the content folder itself.",
        )
    if not rules.follow_links:
        raise FileRefused(
            "This link leads out of the content folder.",
            "Remove it, or set follow_links = true in essays.toml to publish what it leads to.",
        )
    return real


def left_out(path: str, rules: Rules) -> bool:
    """Whether the settings leave out a content path, or a folder that it is in.

    >>> left_out("drafts/x/a.md", Rules(exclude=("drafts",)))
    True
    """
    parts = path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return any(excluded(each, rules) for each in above)


def excluded(path: str, rules: Rules) -> bool:
    """Whether a pattern of the settings leaves out just this content path."""
    return any(
        fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, pattern.rstrip("/") + "/*")
        for pattern in rules.exclude
    )


def locate(content: Path, path: str, rules: Rules, endings: Endings) -> Place:
    """Where a content path really is, its links followed one after the other. Raises FileRefused
    and OSError as :func:`follow` does."""
    place = root_of(content)
    root = place.real
    for part in path.split("/"):
        at = os.path.join(place.real, part)  # noqa: PTH118 - a Path would take dots away
        if os.path.islink(at):  # noqa: PTH114
            place = follow(at, place, root, rules, endings)
        else:
            place = Place(at, place.tree)
    return place


def open_file(content: Path, path: str, rules: Rules, endings: Endings) -> BinaryIO:
    """Open a regular file of the content folder for reading, without ever waiting for it.

    What is opened is where :func:`locate` says: a link that somebody puts in the way meanwhile
    is not followed. Raises :class:`~indexer.errors.FileRefused`, and OSError for a file that
    cannot be opened.
    """
    try:
        descriptor = _open(str(content), path.split("/"), _TOP)
    except _Moved:  # there is a link on the way
        place = locate(content, path, rules, endings)
        parts = Path(place.real).relative_to(place.tree).parts
        if parts:
            top = place.tree
        else:  # a link led straight to this file
            top, name = os.path.split(place.real)
            parts = (name,)
        try:
            descriptor = _open(top, parts, _FOLDER)
        except _Moved as error:
            raise FileRefused(
                "The file was replaced while it was opened.", "Build again."
            ) from error
    return os.fdopen(descriptor, "rb")


class _Moved(Exception):
    """A link, or no folder, where a folder or file was expected."""


def _open(top: str, parts: Sequence[str], flags: int) -> int:
    """Open a regular file from a folder down, folder by folder, through no link."""
    *folders, name = parts
    if os.open not in os.supports_dir_fd:  # Windows: its links need rights that few have
        return _open_at_once(Path(top, *parts))
    here = -1
    try:
        here = os.open(top, flags)
        for folder in folders:
            below = os.open(folder, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        info = os.stat(name, dir_fd=here, follow_symlinks=False)
        if stat.S_ISLNK(info.st_mode):
            raise _Moved
        _must_be_regular(info)
        descriptor = os.open(name, _FILE, dir_fd=here)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise _Moved from error
        raise
    finally:
        if here >= 0:
            os.close(here)
    try:
        _must_be_regular(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _open_at_once(file: Path) -> int:
    if os.path.realpath(file) != os.path.abspath(file):  # noqa: PTH100
        raise _Moved
    _must_be_regular(file.stat())
    return os.open(file, _FILE)


def _must_be_regular(info: os.stat_result) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(info.st_mode):
        raise FileRefused("This is not a regular file.", "Remove it.")
