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
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from indexer.errors import IndexDamaged
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


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """How a file lies on the disk: what writing to it, or putting another in its place, changes."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, info: os.stat_result) -> Stamp:
        """The stamp of a file by what the system says of it."""
        return cls(info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


class Arrays(Mapping[str, Array]):
    """The arrays of one file, mapped. Raises :class:`~indexer.errors.IndexDamaged` for a file
    that is missing, cut off, changed in any bit since it was written, or another file.

    ``trusted`` leaves the reading of all of it, for its checksum, to :meth:`verify`. ``stamp`` is
    how the file lay at ``opened_ns``, the time in nanoseconds since 1970.
    """

    def __init__(self, path: Path, *, trusted: bool = False) -> None:
        self._path = path
        self.verified = False
        try:
            with path.open("rb") as file:
                # Before it is verified: what changes it from now on changes this.
                self.opened_ns = time.time_ns()
                self.stamp = Stamp.of(os.fstat(file.fileno()))
                head = file.read(_HEAD)
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                self.descriptor = os.dup(file.fileno())
                finalize(self, os.close, self.descriptor)
        except (OSError, ValueError) as error:
            raise _damaged(path) from error
        if head[:8] != MAGIC or len(head) < _HEAD:
            raise _damaged(path)
        if not trusted:
            self.verify()
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

    def verify(self) -> None:
        """Read all of the file for its checksum, unless that was done."""
        if self.verified:
            return
        try:
            with os.fdopen(os.dup(self.descriptor), "rb") as file:
                self.verified = _is_whole(file)
        except OSError as error:
            raise _damaged(self._path) from error
        if not self.verified:
            raise _damaged(self._path)

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
        info = os.fstat(self.descriptor)
        return (info.st_size, info.st_mtime_ns) != (self.stamp.size, self.stamp.mtime_ns)

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


def _is_whole(file: BinaryIO) -> bool:
    """Whether a file has the checksum in its head. Read, not mapped: pages that only the checksum
    touches are not the process's."""
    file.seek(0)
    head = file.read(_HEAD)
    check = xxhash.xxh3_64()
    buffer = memoryview(bytearray(_CHUNK))
    while count := file.readinto(buffer):  # type: ignore[attr-defined]
        check.update(buffer[:count])
    check.update(head[16:])
    return head[8:16] == check.digest()


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
