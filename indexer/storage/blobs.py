"""Byte strings by number, out of two arrays of a file: where each begins, and their bytes."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from indexer.storage.arrays import Array, Arrays, Growing
from indexer.storage.spool import Spool

#: Strings that take so many bytes together may be mapped as a whole.
MAX_MAPPED = 1 << 22


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

    def every(self, step: int) -> list[bytes]:
        """The string number 0, and each that is ``step`` numbers further."""
        starts, ends = self._at[:-1:step], self._at[1::step]
        return [bytes(self._data[start:end]) for start, end in zip(starts, ends, strict=True)]

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


def blobs(files: Arrays, name: str) -> Blobs:
    """The byte strings of a file: read one by one where all of them take more than
    :data:`MAX_MAPPED` bytes, if the system can; else mapped, which takes a tenth of the time."""
    whole = not hasattr(os, "pread") or len(files[f"{name}.data"]) <= MAX_MAPPED
    return Blobs(files, name) if whole else FileBlobs(files, name)
