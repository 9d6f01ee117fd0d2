"""Files on their way into columns: some new, the others from the columns before."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from indexer.storage.arrays import Array
from indexer.storage.file_columns import DIGEST_BYTES, DRAFT, INDEXED, Columns, Known, slug_hash

#: Strings that are put in another order at a time: each byte has a number of eight meanwhile.
_CHUNK = 1 << 16
_HEX = re.compile(f"[0-9a-f]{{{2 * DIGEST_BYTES}}}")
_encode = msgspec.msgpack.Encoder().encode


class _Strings(NamedTuple):
    """Byte strings one after the other: where each begins and the last ends, int64; their bytes."""

    at: Array
    data: Array

    @classmethod
    def of(cls, values: Iterable[bytes]) -> _Strings:
        listed = list(values)
        lengths = np.fromiter(map(len, listed), np.int64, len(listed))
        return cls(_ends(lengths), np.frombuffer(b"".join(listed), np.uint8))

    def before(self, others: _Strings) -> _Strings:
        """These, and others behind them."""
        at = np.concatenate([self.at, others.at[1:] + self.at[-1]])
        return _Strings(at, np.concatenate([self.data, others.data]))

    def ordered(self, order: Array) -> _Strings:
        """The strings of these numbers, in this order."""
        lengths = np.diff(self.at)[order]
        data = np.empty(int(lengths.sum()), np.uint8)
        end = 0
        for first in range(0, len(order), _CHUNK):
            some, sizes = order[first : first + _CHUNK], lengths[first : first + _CHUNK]
            count = int(sizes.sum())
            begins = np.repeat(self.at[some] - (np.cumsum(sizes) - sizes), sizes)
            data[end : end + count] = self.data[begins + np.arange(count)]
            end += count
        return _Strings(_ends(lengths), data)

    def arrays(self, name: str) -> dict[str, Array]:
        """The two arrays of :class:`~indexer.storage.blobs.Blobs`."""
        return {f"{name}.at": self.at, f"{name}.data": self.data}


def _ends(lengths: Array) -> Array:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


class Rows:
    """Files that become rows of :class:`~indexer.storage.file_columns.Columns`, in any order, each
    once. What is known of each is packed as it comes: records of a million files would take half a
    gigabyte."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._sizes, self._mtimes, self._slugs = array("q"), array("q"), array("Q")
        self._digests, self._flags = bytearray(), bytearray()
        self._wanted, self._lengths = bytearray(), array("q")
        self._odd: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def add(self, known: Known) -> None:
        """Take a file."""
        digest = known.digest if _HEX.fullmatch(known.digest) else "00" * DIGEST_BYTES
        usual = digest == known.digest and known.slug == (known.wanted if known.indexed else "")
        if known.problems or not usual:
            self._odd[len(self._paths)] = _encode(known)
        self._paths.append(known.path)
        self._sizes.append(known.size)
        self._mtimes.append(known.mtime_ns)
        self._slugs.append(slug_hash(known.slug) if known.indexed else 0)
        self._digests += bytes.fromhex(digest)
        self._flags.append(INDEXED * known.indexed + DRAFT * known.draft)
        wanted = known.wanted.encode()
        self._wanted += wanted
        self._lengths.append(len(wanted))

    def arrays(self, base: Columns | None = None, left_out: Iterable[int] = ()) -> dict[str, Array]:
        """The arrays of all files: these, and those of ``base`` that are not ``left_out``."""
        base = base or Columns(_none())
        old = base.arrays
        parted = [path.rpartition("/") for path in self._paths]
        own = sorted(range(len(parted)), key=parted.__getitem__)
        order = np.insert(
            np.arange(len(base)),
            np.array([base.place(self._paths[n]) for n in own], np.int64),
            np.array(own, np.int64) + len(base),
        )
        kept = np.ones(len(order), np.bool_)
        kept[list(left_out)] = False
        order = order[kept[order]]
        wanted = _Strings(
            _ends(np.frombuffer(self._lengths, np.int64)), np.frombuffer(self._wanted, np.uint8)
        )
        names = _Strings.of(name.encode() + b"\0" for _, _, name in parted)
        slugs = np.concatenate([old["slug"], np.frombuffer(self._slugs, np.uint64)])[order]
        digests = np.concatenate([old["digest"], np.frombuffer(self._digests, np.uint8)])
        return {
            **_foldered(base, [folder for folder, _, _ in parted], order),
            **_of(old, "name").before(names).ordered(order).arrays("name"),
            **_of(old, "wanted").before(wanted).ordered(order).arrays("wanted"),
            "size": np.concatenate([old["size"], np.frombuffer(self._sizes, np.int64)])[order],
            "mtime": np.concatenate([old["mtime"], np.frombuffer(self._mtimes, np.int64)])[order],
            "digest": digests.reshape(-1, DIGEST_BYTES)[order].reshape(-1),
            "flags": np.concatenate([old["flags"], np.frombuffer(self._flags, np.uint8)])[order],
            "slug": slugs,
            **_by_slug(slugs),
            **self._apart(base, order),
        }

    def _apart(self, base: Columns, order: Array) -> dict[str, Array]:
        """The records of files that have them."""
        numbers = np.full(len(base) + len(self), -1, np.int64)
        numbers[order] = np.arange(len(order))
        odd = {int(n): record for n, record in base.records()}
        odd |= {len(base) + n: record for n, record in self._odd.items()}
        found = sorted((int(numbers[n]), record) for n, record in odd.items() if numbers[n] >= 0)
        return {
            "odd": np.array([number for number, _ in found], np.uint32),
            **_Strings.of(record for _, record in found).arrays("record"),
        }


def _of(arrays: Mapping[str, Array], name: str) -> _Strings:
    return _Strings(arrays[f"{name}.at"], arrays[f"{name}.data"])


def _foldered(base: Columns, own: list[str], order: Array) -> dict[str, Array]:
    """The folders, and where the files of each begin; ``own`` are those of the new files."""
    names = sorted({*base.folders, *own})
    ranks = {name: rank for rank, name in enumerate(names)}
    old = np.array([ranks[name] for name in base.folders], np.int64)
    new = np.array([ranks[name] for name in own], np.int64)
    first = base.arrays["first"].astype(np.int64)
    of_all = np.concatenate([np.repeat(old, first[1:] - first[:-1]), new])
    counts = np.bincount(of_all[order], minlength=len(names))
    left = np.flatnonzero(counts)
    return {
        **_Strings.of(names[n].encode() for n in left.tolist()).arrays("folder"),
        "first": _ends(counts[left]).astype(np.uint32),
    }


def _by_slug(slugs: Array) -> dict[str, Array]:
    owners = np.flatnonzero(slugs)
    owners = owners[np.argsort(slugs[owners], kind="stable")]
    return {"slugs": slugs[owners], "owners": owners.astype(np.uint32)}


def _none() -> dict[str, Array]:
    """The arrays of no file."""
    no_strings = _Strings(np.zeros(1, np.int64), np.empty(0, np.uint8))
    numbers: dict[str, Array] = {
        "first": np.zeros(1, np.uint32),
        "size": np.empty(0, np.int64),
        "mtime": np.empty(0, np.int64),
        "digest": np.empty(0, np.uint8),
        "flags": np.empty(0, np.uint8),
        "slug": np.empty(0, np.uint64),
        "slugs": np.empty(0, np.uint64),
        "owners": np.empty(0, np.uint32),
        "odd": np.empty(0, np.uint32),
    }
    for name in ("folder", "name", "wanted", "record"):
        numbers |= no_strings.arrays(name)
    return numbers
