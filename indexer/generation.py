"""Which committed state of the index is current, and what did the build know of every file then?

An index folder holds ``current``, one small file that is replaced as a whole, and the folder that
it names, with a Whoosh index and a manifest for each of its commits::

    index/
      current                  {"format": 1, "folder": "g12", "number": 14}
      g12/                     made by the full build that became generation 12
        _essays_2.toc …        Whoosh's table of contents: its own atomic commit
        manifest-2             what was read, for the commit of the same number

A full build writes a new folder and then moves the pointer, so whatever is wrong with the old
one cannot hurt it, and a build that dies at any instant leaves the last generation answering.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex, IndexError as WhooshIndexError

from indexer.errors import IndexDamaged, IndexLocked, IndexMissing
from indexer.essay import Problem
from indexer.schema import FORMAT

NAME = "essays"


class Current(msgspec.Struct, frozen=True):
    """The pointer: the ``format`` of the index, its ``folder``, and the generation's ``number``."""

    format: int
    folder: str
    number: int


class Known(msgspec.Struct, frozen=True):
    """What the build knows of one content file.

    ``digest`` is of the bytes last read; ``mtime_ns`` is 0 where the file's time cannot vouch for
    them. ``wanted`` is the slug that the file asks for, ``slug`` the one it has. ``indexed`` says
    whether a version of it answers (a broken file's last good one does), ``draft`` why it may not.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str
    wanted: str = ""
    slug: str = ""
    indexed: bool = False
    draft: bool = False
    problems: tuple[Problem, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """What the build knew when it committed: under which rules, and of every file."""

    rules: str = ""
    files: tuple[Known, ...] = ()


_manifests = msgspec.msgpack.Decoder(Manifest)


def current(index: Path) -> Current:
    """The pointer of an index folder. Raises IndexMissing, or IndexDamaged for another format."""
    try:
        pointer = msgspec.json.decode((index / "current").read_bytes(), type=Current)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissing(f"There is no index at {index} yet.", "Run: essays index") from None
    except (OSError, msgspec.DecodeError) as error:
        raise IndexDamaged(f"The index at {index} cannot be read.", "Run: essays index") from error
    if pointer.format != FORMAT:
        raise IndexDamaged(
            f"The index at {index} has format {pointer.format}, this version reads {FORMAT}.",
            "Run: essays index",
        )
    return pointer


def create_index(folder: Path, schema: Schema) -> FileIndex:
    """A new, empty Whoosh index, its commit 0."""
    return FileIndex.create(FileStorage(str(folder)), schema, NAME)


def open_index(folder: Path) -> FileIndex:
    """Whoosh's index in one generation folder. Raises IndexDamaged."""
    try:
        return FileIndex(FileStorage(str(folder)), indexname=NAME)
    except (WhooshIndexError, OSError, EOFError, ValueError, pickle.PickleError, AttributeError,
            ImportError, AssertionError, LookupError, TypeError) as error:  # fmt: skip
        # Unpickling a damaged table of contents can raise any of these.
        raise IndexDamaged(f"The index in {folder} cannot be read.", "Run: essays index") from error


def manifest(folder: Path, commit: int) -> Manifest:
    """The manifest of one Whoosh commit. Raises IndexDamaged where it is not there or not whole."""
    try:
        return _manifests.decode((folder / f"manifest-{commit}").read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise IndexDamaged(
            f"The manifest in {folder} cannot be read.", "Run: essays index"
        ) from error


def write_manifest(folder: Path, commit: int, state: Manifest) -> None:
    """Store what the build knows for ``commit``, before that commit happens."""
    _replace(folder / f"manifest-{commit}", msgspec.msgpack.encode(state))


def publish(index: Path, pointer: Current) -> None:
    """Make a committed state the current generation, and drop what no generation needs."""
    _replace(index / "current", msgspec.json.encode(pointer))
    for entry in index.iterdir():
        if re.fullmatch(r"g\d+", entry.name) and entry.name != pointer.folder:
            # Readers of the last generation keep their open files; where the system
            # does not allow that, the next build tries again.
            shutil.rmtree(entry, ignore_errors=True)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def lock(index: Path) -> Iterator[None]:
    """Hold the index folder for one build. Raises IndexLocked while another one has it."""
    index.mkdir(parents=True, exist_ok=True)
    held = FileStorage(str(index)).lock("build.lock")
    if not held.acquire():
        raise IndexLocked(f"Another build is writing {index}.", "Wait until it is done.")
    try:
        yield
    finally:
        held.release()
