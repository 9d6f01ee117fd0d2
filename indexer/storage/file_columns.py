"""What is known of many files, as columns: arrays of a file, in the order of folders and names.

A build compares these columns with what it finds in a folder, and makes a record
(:class:`Known`) of the few files that differ. What few files have (problems, a slug that is not the
one they ask for) lies apart, as whole records.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec
import numpy as np
import xxhash

from indexer.essay import Problem
from indexer.storage.arrays import Array
from indexer.storage.blobs import Blobs

#: Bytes of a digest (:func:`indexer.parsing.corpus.digest`).
DIGEST_BYTES = 16
#: The flags of a file.
INDEXED, DRAFT = 1, 2


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
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


_decode = msgspec.msgpack.Decoder(Known).decode


class Columns:
    """Files in the order of their folders and names, numbered from 0, as ``arrays`` hold them:

    - ``folder``: the folders, each the path below the content folder, ascending; ``first``, uint32,
      shape (folders + 1,): the number of each one's first file
    - ``name``, each with a zero byte behind it, ascending within a folder; ``wanted``
    - ``size``, ``mtime``: int64; ``digest``: 16 bytes each; ``flags``: uint8; shape (files,)
    - ``slug``: uint64, a hash of the slug, 0 for a file of which no version answers; ``slugs``: the
      others' hashes, ascending, and ``owners``, uint32: whose they are
    - ``odd``, uint32, ascending: the numbers of the files that have a record, ``record``, apart
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays
        self.sizes, self.mtimes = arrays["size"], arrays["mtime"]
        self._first, self._odd = arrays["first"], arrays["odd"]
        self._folders, self._names = Blobs(arrays, "folder"), Blobs(arrays, "name")
        self._wanted, self._records = Blobs(arrays, "wanted"), Blobs(arrays, "record")
        self._digests, self._flags = arrays["digest"], arrays["flags"]

    def __len__(self) -> int:
        return len(self.sizes)

    @cached_property
    def folders(self) -> list[str]:
        """The folders that have files, ascending."""
        return self._folders.texts(range(len(self._folders)))

    def has_folder(self, path: str) -> bool:
        """Whether a folder has files, or one below it."""
        place = bisect_left(self.folders, path)
        below = bisect_left(self.folders, f"{path}/")
        return self.folders[place : place + 1] == [path] or any(
            each.startswith(f"{path}/") for each in self.folders[below : below + 1]
        )

    def span(self, folder: str) -> range:
        """The numbers of the files that lie just in a folder."""
        place = bisect_left(self.folders, folder)
        if place == len(self.folders) or self.folders[place] != folder:
            return range(0)
        return range(int(self._first[place]), int(self._first[place + 1]))

    def names(self, span: range) -> bytes:
        """The names of neighbouring files, each with a zero byte behind it."""
        at, data = self._names.laid()
        return data[at[span.start] : at[span.stop]].tobytes()

    def find(self, path: str) -> int:
        """The number of the file of a path; -1 where none is."""
        folder, _, name = path.rpartition("/")
        span, key = self.span(folder), name.encode() + b"\0"
        number = bisect_left(span, key, key=self._names.__getitem__)
        return span[number] if number < len(span) and self._names[span[number]] == key else -1

    def place(self, path: str) -> int:
        """The number that the file of a path has, or would have."""
        folder, _, name = path.rpartition("/")
        number = bisect_left(self.folders, folder)
        if number < len(self.folders) and self.folders[number] == folder:
            span = self.span(folder)
            key = name.encode() + b"\0"
            return span.start + bisect_left(span, key, key=self._names.__getitem__)
        return int(self._first[number])

    def path(self, number: int) -> str:
        """The path of a file."""
        folder = self.folders[int(np.searchsorted(self._first, number, side="right")) - 1]
        name = self._names[number][:-1].decode()
        return f"{folder}/{name}" if folder else name

    def known(self, number: int) -> Known:
        """What is known of a file."""
        odd = int(np.searchsorted(self._odd, number))
        if odd < len(self._odd) and self._odd[odd] == number:
            return _decode(self._records[odd])
        wanted, flags = self._wanted[number].decode(), int(self._flags[number])
        return Known(
            self.path(number),
            int(self.sizes[number]),
            int(self.mtimes[number]),
            self._digests[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES].tobytes().hex(),
            wanted,
            wanted if flags & INDEXED else "",
            bool(flags & INDEXED),
            bool(flags & DRAFT),
        )

    def all(self) -> Iterator[Known]:
        """What is known of every file."""
        return map(self.known, range(len(self)))

    def odd(self) -> Iterator[Known]:
        """The files that have problems, or another slug than they ask for, and a few more."""
        return (_decode(self._records[n]) for n in range(len(self._odd)))

    def records(self) -> Iterator[tuple[int, bytes]]:
        """The numbers and packed records of the same files."""
        return ((int(number), self._records[n]) for n, number in enumerate(self._odd))

    def owners(self, slug: str) -> Iterator[Known]:
        """The files that have a slug, and a few more."""
        hashed, hashes = slug_hash(slug), self.arrays["slugs"]
        number = int(np.searchsorted(hashes, hashed))
        while number < len(hashes) and int(hashes[number]) == hashed:
            yield self.known(int(self.arrays["owners"][number]))
            number += 1


def slug_hash(slug: str) -> int:
    """The number by which the file of a slug is found, never 0."""
    return xxhash.xxh3_64_intdigest(slug.encode()) or 1
