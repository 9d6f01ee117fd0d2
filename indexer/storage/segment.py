"""A segment's name, size and deletions, and its files, opened once.

Whatever reads or writes a part of a segment needs these; none of them needs Whoosh's codec, which
needs them all (:mod:`indexer.storage.codec`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from weakref import WeakValueDictionary

from whoosh.codec import base

from indexer.errors import IndexDamaged
from indexer.storage.arrays import Arrays
from indexer.storage.verified import Verified, distrust

#: Bytes of a file that readers always read whole, for its checksum, when they open it.
ALWAYS_READ = 64_000_000


class SegmentState(base.Segment):  # type: ignore[misc]
    """The name of a segment, the number of its documents, and which of them are deleted.

    A segment's files never change: ``deleted`` is kept in the table of contents, so that each
    commit has its own.
    """

    def __init__(self, indexname: str, size: int = 0) -> None:
        super().__init__(indexname)
        self.size = size
        self.deleted: set[int] = set()

    def path(self, folder: Path, ending: str) -> Path:
        """The segment's file with this ending, in the folder of its generation."""
        name: str = self.make_filename(ending)
        return folder / name

    def should_assemble(self) -> bool:
        return False

    def set_doc_count(self, doccount: int) -> None:
        self.size = doccount

    def doc_count_all(self) -> int:
        return self.size

    def deleted_count(self) -> int:
        return len(self.deleted)

    def deleted_docs(self) -> Iterable[int]:
        return sorted(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self.deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        if delete:
            self.deleted.add(docnum)
        else:
            self.deleted.discard(docnum)


_open: WeakValueDictionary[tuple[Path, int, int, int], Arrays] = WeakValueDictionary()


def open_arrays(path: Path) -> Arrays:
    """A segment's file, mapped and verified once however many readers share it. Raises
    :class:`~indexer.errors.IndexDamaged`."""
    try:
        files = map_arrays(path)
        files.verify()
    except IndexDamaged:
        if path.exists():
            distrust(path.parent.parent)
        raise
    return files


def map_arrays(path: Path) -> Arrays:
    """The same, and not read whole for its checksum: for one that was verified before, or for
    which :class:`~indexer.storage.verified.Verified` vouches."""
    try:
        info = path.stat()
    except OSError:
        return Arrays(path)  # says what is wrong
    key = (path, info.st_ino, info.st_size, info.st_mtime_ns)
    files = _open.get(key)
    if files is None:
        files = _open[key] = Arrays(path, trusted=True)
    return files


def open_for_reading(path: Path, verified: Verified) -> Arrays:
    """The same as :func:`open_arrays`, for who answers from it. To read all of an index of nine
    gigabytes takes half of a server's start, from memory; so a large file is trusted where it was
    ``verified`` not long ago."""
    large = False
    with suppress(OSError):
        large = path.stat().st_size > ALWAYS_READ
    return map_arrays(path) if large and verified.vouches(path) else open_arrays(path)
