"""Arrays in a file that processes share, and whose damage is recognised.

A file holds named NumPy arrays, little-endian and aligned, behind a directory and a checksum::

    magic  b"ESSAYS\\x00\\x01"   8 bytes
    check  xxh3-64 of the rest   8 bytes
    where  offset of directory   8 bytes
    arrays, each at a multiple of 64
    directory, MessagePack: [name of the file, {name: [dtype, offset, count]}]

A file knows its name, which is no other file's: that of another segment, whole as it is, is none
of this one. Opening maps the file and verifies it once; after that an array is a view of the page
cache, which every process on the machine shares.
"""

from __future__ import annotations

import mmap
import os
import sys
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from indexer.errors import IndexDamaged
from indexer.storage.spool import Spool
from indexer.storage.writing import writing

MAGIC = b"ESSAYS\x00\x01"
ALIGN = 64
_HEAD = 24
_CHUNK = 1 << 20

Array = npt.NDArray[Any]

#: The types of arrays as a directory names them, with the bytes of a number.
_PLAIN = {np.dtype(kind).str: np.dtype(kind).itemsize for kind in "?bBhHiIqQefd"}

_directory = msgspec.msgpack.Decoder(tuple[str, dict[str, tuple[str, int, int]]])


def write(path: Path, arrays: Iterable[tuple[str, Array]]) -> None:
    """Write named arrays as one file, each asked for when its turn comes and not held after it.
    One-dimensional arrays of plain types only. Raises :class:`~indexer.errors.IndexUnwritable`.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x"
    >>> write(path, [("docs", np.array([1, 5], dtype=np.uint16))])
    >>> Arrays(path)["docs"].tolist()
    [1, 5]
    """
    check = xxhash.xxh3_64()
    places: dict[str, tuple[str, int, int]] = {}
    with writing(path), path.open("wb") as file:
        file.write(bytes(_HEAD))
        at = _HEAD
        for name, array in arrays:
            array = np.ascontiguousarray(_little(array))
            padding = bytes(-at % ALIGN)
            data = array.data.cast("B") if array.size else memoryview(b"")
            for piece in (padding, data):
                check.update(piece)
                file.write(piece)
            at += len(padding)
            places[name] = (array.dtype.str, at, array.size)
            at += data.nbytes
        directory = msgspec.msgpack.encode((path.name, places))
        check.update(directory)
        file.write(directory)
        where = at.to_bytes(8, "little")
        check.update(where)
        file.seek(0)
        file.write(MAGIC + check.digest() + where)


def _little(array: Array) -> Array:
    if array.dtype.byteorder == ">" or (array.dtype.byteorder == "=" and sys.byteorder == "big"):
        return array.astype(array.dtype.newbyteorder("<"))
    return array


class Arrays(Mapping[str, Array]):
    """The arrays of one file, mapped. Raises :class:`~indexer.errors.IndexDamaged` for a file
    that is missing, cut off, changed in any bit since it was written, or another file."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                # Before it is verified: what changes it from now on changes this.
                self._stamp = _stamp(file.fileno())
                head = file.read(_HEAD)
                whole = head[:8] == MAGIC and head[8:16] == _check(file, head[16:])
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                self.descriptor = os.dup(file.fileno())
                finalize(self, os.close, self.descriptor)
        except (OSError, ValueError) as error:
            raise _damaged(path) from error
        if not whole:
            raise _damaged(path)
        data = memoryview(self._map)
        where = int.from_bytes(head[16:], "little")
        try:
            name, self._places = _directory.decode(data[where:])
        except ValueError as error:
            raise _damaged(path) from error
        # Right in its checksum, and yet not ours: a file can be forged.
        if name != path.name or not all(_lies_within(at, where) for at in self._places.values()):
            raise _damaged(path)
        self._views: dict[str, Array] = {}
        self.nbytes = len(data)

    def __getitem__(self, name: str) -> Array:
        view = self._views.get(name)
        if view is None:
            dtype, offset, count = self._places[name]
            view = np.frombuffer(self._map, dtype=dtype, count=count, offset=offset)
            self._views[name] = view
        return view

    def changed(self) -> bool:
        """Whether somebody wrote to the file, or cut it, since it was verified. Taking its name
        away, as a build does, changes nothing."""
        return _stamp(self.descriptor) != self._stamp

    def offset(self, name: str) -> int:
        """Where an array begins in the file."""
        return self._places[name][1]

    def __iter__(self) -> Any:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _lies_within(place: tuple[str, int, int], end: int) -> bool:
    """Whether an array of plain numbers lies between the head of a file and a place in it."""
    dtype, offset, count = place
    size = _PLAIN.get(dtype, 0)
    return size > 0 and count >= 0 and offset >= _HEAD and offset + count * size <= end


def _stamp(descriptor: int) -> tuple[int, int]:
    info = os.fstat(descriptor)
    return info.st_size, info.st_mtime_ns


def _check(file: BinaryIO, where: bytes) -> bytes:
    """The checksum of what follows the head. Read, not mapped: pages that only the checksum
    touches are not the process's."""
    check = xxhash.xxh3_64()
    buffer = memoryview(bytearray(_CHUNK))
    while count := file.readinto(buffer):  # type: ignore[attr-defined]
        check.update(buffer[:count])
    check.update(where)
    return check.digest()


def _damaged(path: Path) -> IndexDamaged:
    return IndexDamaged(f"The index file {path} is damaged or missing.", "Run: essays index")


def narrow(array: Array) -> Array:
    """Whole numbers in the smallest unsigned type that holds them.

    >>> narrow(np.array([3, 70_000])).dtype
    dtype('uint32')
    """
    top = int(array.max()) if array.size else 0
    for dtype in (np.uint8, np.uint16, np.uint32):
        if top <= np.iinfo(dtype).max:
            return array.astype(dtype, copy=False)
    return array.astype(np.uint64, copy=False)


class Growing:
    """Whole numbers that come piece by piece, in the smallest unsigned type that holds them all.

    They lie in one piece that grows in place: joining them copies nothing, and all of their memory
    goes back at once.

    >>> numbers = Growing()
    >>> numbers.add(np.array([3, 4]))
    >>> numbers.add(np.array([70_000]))
    >>> numbers.array()
    array([    3,     4, 70000], dtype=uint32)
    """

    def __init__(self) -> None:
        self._type: np.dtype[Any] = np.dtype(np.uint8)
        self._bytes = bytearray()

    def add(self, values: Array) -> None:
        """Put numbers behind those before them; not while an :meth:`array` is in use."""
        values = narrow(values)
        wider = np.promote_types(self._type, values.dtype)
        if wider != self._type:
            self._bytes = bytearray(self.array().astype(wider).data)
            self._type = wider
        self._bytes += values.astype(wider, copy=False).data

    def array(self) -> Array:
        """All numbers so far, as they lie."""
        return np.frombuffer(self._bytes, self._type)


class Strings:
    """Byte strings that come piece by piece, on their way into the arrays of :class:`Blobs`; many
    of them wait in a file of ``spool``, a folder."""

    def __init__(self, values: Sequence[bytes] = (), spool: Path | None = None) -> None:
        self._lengths = Growing()
        self._data = Spool(spool)
        self.add(values)

    def add(self, values: Sequence[bytes]) -> None:
        """Put strings behind those before them."""
        self._lengths.add(np.fromiter(map(len, values), np.int64, len(values)))
        self._data.add(b"".join(values))

    def arrays(self, name: str) -> dict[str, Array]:
        """The two arrays of all strings so far."""
        lengths = self._lengths.array()
        at = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=at[1:])
        return {
            f"{name}.at": at.astype(np.uint32) if at[-1] < 2**32 else at,
            f"{name}.data": self._data.array(),
        }


class Blobs:
    """Byte strings by number, out of two arrays: ``<name>.at`` (count + 1) and ``<name>.data``."""

    __slots__ = ("_at", "_data")

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._at = arrays[f"{name}.at"].data
        self._data = arrays[f"{name}.data"].data

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._data[self._at[number] : self._at[number + 1]])

    def stretch(self, among: range) -> list[bytes]:
        """The strings of neighbouring numbers."""
        ends = self._at[among.start : among.stop + 1].tolist()
        data, first = bytes(self._data[ends[0] : ends[-1]]), ends[0]
        return [data[start - first : end - first] for start, end in pairwise(ends)]

    def find(self, wanted: bytes, low: int, high: int) -> int:
        """The number of the string that is ``wanted``, among those from ``low`` to before ``high``,
        which ascend and are distinct; -1 where none is.

        One search in their bytes, which is faster than a look at each of some.
        """
        if high - low == 1:
            return low if self[low] == wanted else -1
        at = self._at
        first, end = at[low], at[high]
        data = bytes(self._data[first:end])
        place = data.find(wanted)
        while place >= 0:
            number = bisect_right(at, first + place, low, high) - 1
            if not wanted:
                return low if at[low + 1] == first else -1
            longer = at[number + 1] - first - place - len(wanted)
            if at[number] == first + place and longer >= 0:
                # What is longer stands behind what it begins with.
                return -1 if longer else number
            place = data.find(wanted, at[number + 1] - first)
        return -1

    def texts(self, among: range) -> list[str]:
        """The strings of neighbouring numbers, as text."""
        ends = self._at[among.start : among.stop + 1].tolist()
        first = ends[0]
        data = bytes(self._data[first : ends[-1]])
        if not data.isascii():
            return [data[start - first : end - first].decode() for start, end in pairwise(ends)]
        text = data.decode()
        return [text[start - first : end - first] for start, end in pairwise(ends)]

    def laid(self) -> tuple[Array, Array]:
        """All strings, one after the other: where each begins (and the last ends), and their
        bytes."""
        return np.asarray(self._at), np.asarray(self._data)


class FileBlobs(Blobs):
    """The same, each string read from the file when it is asked for.

    A few strings from all over a large file would map sixteen pages around each of them.
    """

    __slots__ = ("_files", "_offset")

    def __init__(self, files: Arrays, name: str) -> None:
        super().__init__(files, name)
        self._files = files
        self._offset = files.offset(f"{name}.data")

    def __getitem__(self, number: int) -> bytes:
        start, end = self._at[number], self._at[number + 1]
        return os.pread(self._files.descriptor, end - start, self._offset + start)


if not hasattr(os, "pread"):  # Windows
    FileBlobs.__getitem__ = Blobs.__getitem__  # type: ignore[method-assign]
