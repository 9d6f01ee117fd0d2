"""Which committed state of the index is current, and what did the build know of every file then?

An index folder holds ``current``, one small file that is replaced as a whole, and the folder that
it names::

    index/
      current                  which commit answers, with the checksums of its two lists
      g12/                     made by the full build that became generation 12
        _essays_2.toc          Whoosh's table of contents: schema, segments, deletions
        manifest-2             what the build knew of every file at that commit
        essays_….post, .docs   segments (:mod:`indexer.codec`)

A commit writes its lists beside the old ones and then moves the pointer; a full build does so in a
folder of its own. Whatever is wrong with the old state cannot hurt the new one, and a build that
dies at any instant leaves the last generation answering.
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
import xxhash
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.index import IndexError as WhooshIndexError

from indexer.errors import IndexDamaged, IndexLocked, IndexMissing
from indexer.essay import Problem
from indexer.schema import FORMAT

NAME = "essays"
_HINT = "Run: essays index"


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """The pointer: which ``commit`` of which ``folder`` is the generation ``number``.

    ``toc`` and ``manifest`` are the checksums of the commit's two lists, ``check`` that of this
    record without itself.
    """

    format: int = FORMAT
    folder: str = ""
    commit: int = 0
    number: int = 0
    toc: str = ""
    manifest: str = ""
    check: str = ""

    def same_state(self, other: Current) -> bool:
        """Whether both answer alike, whatever is known of files since."""
        return (self.folder, self.commit) == (other.folder, other.commit)

    def sealed(self) -> Current:
        """This record with its own checksum."""
        bare = msgspec.structs.replace(self, check="")
        return msgspec.structs.replace(bare, check=_digest(msgspec.json.encode(bare)))


class Known(msgspec.Struct, frozen=True, array_like=True):
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


def _digest(data: bytes) -> str:
    return xxhash.xxh3_64_hexdigest(data)


def current(index: Path) -> Current:
    """The pointer of an index folder. Raises IndexMissing, or IndexDamaged for one that cannot be
    trusted or has another format."""
    try:
        pointer = msgspec.json.decode((index / "current").read_bytes(), type=Current)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissing(f"There is no index at {index} yet.", _HINT) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"The index at {index} cannot be read.", _HINT) from error
    if pointer.format != FORMAT:
        raise IndexDamaged(
            f"The index at {index} has format {pointer.format}, this version reads {FORMAT}.",
            _HINT,
        )
    if pointer != pointer.sealed():
        raise IndexDamaged(f"The index at {index} cannot be read.", _HINT)
    return pointer


def toc(index: Path, pointer: Current) -> TOC:
    """Whoosh's table of contents at the pointer. Raises IndexDamaged."""
    folder = index / pointer.folder
    _read(folder / toc_name(pointer.commit), pointer.toc)
    try:
        return TOC.read(FileStorage(str(folder)), NAME, gen=pointer.commit)
    except (WhooshIndexError, OSError, EOFError, ValueError, pickle.PickleError, AttributeError,
            ImportError, AssertionError, LookupError, TypeError) as error:  # fmt: skip
        # Written whole, but by other versions of Whoosh or of this project.
        raise IndexDamaged(f"The index in {folder} cannot be read.", _HINT) from error


def manifest(index: Path, pointer: Current) -> Manifest:
    """What the build knew at the pointer. Raises IndexDamaged."""
    data = _read(index / pointer.folder / f"manifest-{pointer.commit}", pointer.manifest)
    try:
        return _manifests.decode(data)
    except msgspec.DecodeError as error:
        raise IndexDamaged(f"The manifest in {index} cannot be read.", _HINT) from error


def _read(path: Path, check: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"The index file {path} is missing.", _HINT) from error
    if _digest(data) != check:
        raise IndexDamaged(f"The index file {path} is damaged.", _HINT)
    return data


def toc_name(commit: int) -> str:
    """The file name of Whoosh's table of contents."""
    return f"_{NAME}_{commit}.toc"


def open_index(index: Path) -> FileIndex:
    """The current generation as Whoosh's own index object, for reading with Whoosh alone."""
    pointer = current(index)
    toc(index, pointer)
    return FileIndex(FileStorage(str(index / pointer.folder)), indexname=NAME)


def commit(
    index: Path, pointer: Current, schema: Schema, segments: list[object], state: Manifest
) -> Current:
    """Make a state the current generation: write its lists, move the pointer, drop what no
    generation needs. ``pointer`` names folder, commit and number; the result is what was published.
    """
    folder = index / pointer.folder
    storage = FileStorage(str(folder))
    # What a build that died here left behind; Whoosh does not write over it.
    (folder / toc_name(pointer.commit)).unlink(missing_ok=True)
    TOC(schema, segments, pointer.commit).write(storage, NAME)
    listed = msgspec.msgpack.encode(state)
    _replace(folder / f"manifest-{pointer.commit}", listed)
    pointer = msgspec.structs.replace(
        pointer,
        toc=_digest((folder / toc_name(pointer.commit)).read_bytes()),
        manifest=_digest(listed),
    ).sealed()
    _replace(index / "current", msgspec.json.encode(pointer))
    _sweep(index, pointer, storage, segments)
    return pointer


def _sweep(index: Path, pointer: Current, storage: FileStorage, segments: list[object]) -> None:
    """Remove what belongs to no generation. Readers of the last one keep their open files; where
    the system does not let go of those, the next build tries again."""
    clean_files(storage, NAME, pointer.commit, segments)
    for old in (index / pointer.folder).glob("manifest-*"):
        if old.name != f"manifest-{pointer.commit}":
            old.unlink(missing_ok=True)
    for entry in index.iterdir():
        if re.fullmatch(r"g\d+", entry.name) and entry.name != pointer.folder:
            shutil.rmtree(entry, ignore_errors=True)


def note(index: Path, pointer: Current, state: Manifest) -> Current:
    """Store what is known of the files anew where nothing that answers has changed."""
    listed = msgspec.msgpack.encode(state)
    if _digest(listed) == pointer.manifest:
        return pointer
    _replace(index / pointer.folder / f"manifest-{pointer.commit}", listed)
    pointer = msgspec.structs.replace(pointer, manifest=_digest(listed)).sealed()
    _replace(index / "current", msgspec.json.encode(pointer))
    return pointer


def fresh(index: Path, number: int) -> Current:
    """A pointer to a new, empty folder for a full build; ``number`` is the last one known."""
    # Where the pointer is lost, the folders still tell how far numbers have come.
    seen = [number]
    for folder in index.glob("g*"):
        if folder.name[1:].isdigit():
            commits = (int(p.stem.rsplit("_", 1)[1]) for p in folder.glob(f"_{NAME}_*.toc"))
            seen.append(int(folder.name[1:]) - 1 + max(commits, default=1))
    number = max(seen)
    pointer = Current(folder=f"g{number + 1}", commit=0, number=number)
    (index / pointer.folder).mkdir(parents=True)
    return pointer


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
