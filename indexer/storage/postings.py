"""The postings of a field as arrays, and what can be read from them at once.

For each field of a segment, terms are sorted, and the postings of term ``t`` are the stretch
``starts[t]:starts[t + 1]`` of ``docs`` (ascending) and ``freqs``; the positions of a posting
follow those of the one before. A frequency is one byte; the few that are greater stand apart:
posting ``often[i]`` has ``times[i]``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.storage.arrays import Array, narrow
from indexer.storage.blobs import Blobs, Strings

#: Every so many terms one is kept in memory, so that looking one up touches few pages.
SAMPLED_TERMS = 64
#: The greatest frequency that fits its byte.
MAX_BYTE = 255
#: Terms whose numbers are remembered: one search asks for the same ones in many places.
MAX_REMEMBERED_TERMS = 1024
#: So many terms at least are looked up at once.
MIN_LOOKED_UP = 8


class Postings(NamedTuple):
    """The postings of one field, to be written.

    ``terms`` are sorted by their bytes. ``starts``: int64, ascending, shape (terms + 1,); ``docs``
    (ascending within a term) and ``freqs``: shape (postings,), ``positions``: (sum of
    frequencies,), of any numeric type. ``freqs`` is None where every frequency is 1, ``positions``
    None where the field has none.
    """

    terms: list[bytes]
    starts: Array
    docs: Array
    freqs: Array | None = None
    positions: Array | None = None


def arrays(name: str, postings: Postings) -> dict[str, Array]:
    """The arrays of a field of a segment."""
    made = Strings(postings.terms).arrays(f"{name}.terms")
    made[f"{name}.starts"] = narrow(postings.starts)
    made[f"{name}.docs"] = narrow(postings.docs)
    if postings.freqs is not None and not (postings.freqs == 1).all():
        made |= {f"{name}.{kind}": each for kind, each in _frequencies(postings.freqs).items()}
    if postings.positions is not None:
        made[f"{name}.positions"] = narrow(postings.positions)
    return made


def _frequencies(freqs: Array) -> dict[str, Array]:
    if freqs.dtype.kind not in "iu" and (freqs % 1 != 0).any():
        return {"freqs": freqs.astype(np.float32)}
    freqs = narrow(freqs)
    if freqs.itemsize == 1:
        return {"freqs": freqs}
    # One word said three hundred times would double the frequencies of all.
    often = np.flatnonzero(freqs > MAX_BYTE)
    return {
        "freqs": np.minimum(freqs, MAX_BYTE).astype(np.uint8),
        "often": narrow(often),
        "times": freqs[often],
    }


class Field:
    """The postings of one field of one segment, mapped."""

    def __init__(self, files: Mapping[str, Array], name: str) -> None:
        self.name = name
        self.terms = Blobs(files, f"{name}.terms")
        self.starts = files[f"{name}.starts"]
        #: The same, of which one number is read in a third of the time.
        self._starts = self.starts.data
        self.docs = files[f"{name}.docs"]
        self._freqs = files.get(f"{name}.freqs")
        self.positions = files.get(f"{name}.positions")
        self._often = files.get(f"{name}.often")
        self._times = files.get(f"{name}.times")
        self._count = len(self.terms)
        self._known: dict[bytes, int] = {}

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _samples(self) -> list[bytes]:
        """Made when a term is first looked up: to open an index reads no terms of fields that
        nobody asks for."""
        return self.terms.every(SAMPLED_TERMS)

    def place(self, term: bytes) -> int:
        """The number of the first term that is not before ``term``; ``len(self)`` past the end."""
        block = bisect_right(self._samples, term) - 1
        if block < 0:
            return 0
        high = min((block + 1) * SAMPLED_TERMS, len(self.terms))
        return bisect_left(self.terms, term, block * SAMPLED_TERMS, high)

    def find(self, term: bytes) -> int:
        """The number of a term, -1 where the segment does not have it."""
        known = self._known.get(term)
        if known is not None:
            return known
        block = bisect_right(self._samples, term) - 1
        if block < 0:
            return -1
        high = min((block + 1) * SAMPLED_TERMS, self._count)
        found = self.terms.find(term, block * SAMPLED_TERMS, high)
        if len(self._known) >= MAX_REMEMBERED_TERMS:
            self._known.clear()
        self._known[term] = found
        return found

    def look_up(self, terms: Iterable[bytes]) -> None:
        """Find many terms at once, which takes a fifth of finding each; :meth:`find` knows them
        then."""
        # In order, so that each is looked for near the one before.
        new = sorted({term for term in terms if term not in self._known})
        if len(new) < MIN_LOOKED_UP or not self._count:
            return
        numbers = dict.fromkeys(new, -1)
        wanted = beginnings(new)
        lows = self._beginnings.searchsorted(wanted)
        begun = (self._beginnings.take(lows, mode="clip") == wanted).nonzero()[0]
        highs = self._beginnings.searchsorted(wanted[begun], "right")
        for place, low, high in zip(
            begun.tolist(), lows[begun].tolist(), highs.tolist(), strict=True
        ):
            numbers[new[place]] = self.terms.find(new[place], low, high)
        if len(self._known) + len(numbers) > MAX_REMEMBERED_TERMS:
            self._known.clear()
        self._known.update(numbers)

    @cached_property
    def _beginnings(self) -> Array:
        """The :func:`beginnings` of all terms; eight bytes each."""
        at, data = self.terms.laid()
        padded = np.concatenate([data, np.zeros(8, np.uint8)])
        # A number of eight bytes at every byte, and what is of the next term taken off.
        every = np.ndarray((len(data) + 1,), ">u8", padded, strides=(1,))
        lengths = np.minimum(at[1:] - at[:-1], 8)
        found: Array = every[at[:-1]].astype(np.uint64) & _KEPT[lengths]
        return found

    def span(self, term: int) -> slice:
        """Where the postings of a term lie."""
        return slice(self._starts[term], self._starts[term + 1])

    def frequency(self, term: int) -> int:
        """The number of documents that have a term."""
        return self._starts[term + 1] - self._starts[term]

    def counted(self, among: range) -> Iterator[tuple[str, int]]:
        """The terms of some neighbouring numbers, each with the number of its documents."""
        starts = self.starts[among.start : among.stop + 1].tolist()
        for term, start, end in zip(self.terms.stretch(among), starts, starts[1:], strict=False):
            yield term.decode(), end - start

    def weights(self, where: slice) -> Array | None:
        """The frequencies of a stretch of postings; None where all are 1."""
        if self._freqs is None:
            return None
        freqs = self._freqs[where]
        if self._often is None or self._times is None:
            return freqs
        low, high = self._often.searchsorted([where.start, where.stop])
        if low < high:
            freqs = freqs.astype(self._times.dtype)
            freqs[self._often[low:high] - where.start] = self._times[low:high]
        return freqs

    def weights_of(self, wheres: Sequence[slice]) -> Array | None:
        """The frequencies of some stretches of postings, one after the other; None where all of
        the field are 1."""
        if self._freqs is None:
            return None
        if self._often is not None:
            return np.concatenate([self.weights(where) for where in wheres])
        return np.concatenate([self._freqs[where] for where in wheres])

    def prefixed(self, prefix: bytes) -> range:
        """The numbers of the terms that begin with ``prefix``."""
        end = bytearray(prefix)
        while end and end[-1] == 0xFF:
            end.pop()
        if not end:
            return range(self.place(prefix), len(self.terms))
        end[-1] += 1
        return range(self.place(prefix), self.place(bytes(end)))

    def places(self, where: slice, kept: Array | None = None) -> tuple[Array, Array]:
        """For a stretch of postings, or the ``kept`` ones of it, the beginnings and ends of their
        positions."""
        freqs = self.weights(where)
        if freqs is None:
            starts = np.arange(where.start, where.stop)
            starts = starts if kept is None else starts[kept]
            return starts, starts + 1
        ends = freqs.cumsum(dtype=np.int64)
        if kept is not None:
            freqs, ends = freqs[kept], ends[kept]
        ends += self.positions_before(where.start)
        return ends - freqs, ends

    def places_of(
        self, wheres: Sequence[slice], which: Array, postings: Array
    ) -> tuple[Array, Array]:
        """The beginnings and ends of the positions of some postings, each of which lies in the
        stretch that ``which`` has the number of."""
        if self._freqs is None:
            return postings, postings + 1
        # From the beginning of a block on, before which the positions are known.
        blocks = [where.start // _BLOCK for where in wheres]
        read = [
            slice(block * _BLOCK, where.stop) for block, where in zip(blocks, wheres, strict=True)
        ]
        freqs = self.weights_of(read)
        assert freqs is not None
        counted = np.zeros(len(freqs) + 1, np.int64)
        freqs.cumsum(out=counted[1:])
        begins = np.array([0, *accumulate(where.stop - where.start for where in read)])[:-1]
        at = postings + (begins - [where.start for where in read])[which]
        shifts = self._block_places[blocks] - counted[begins]
        ends = counted[at + 1] + shifts[which]
        return ends - freqs[at], ends

    def positions_before(self, posting: int) -> int:
        """How many positions the postings before one have. Positions follow postings in order, so
        a sum for each block of them does."""
        block = posting // _BLOCK
        return int(self._block_places[block]) + self._positions(block * _BLOCK, posting)

    def _positions(self, start: int, stop: int) -> int:
        freqs = self.weights(slice(start, stop))
        return stop - start if freqs is None else int(freqs.sum(dtype=np.int64))

    @cached_property
    def _block_places(self) -> Array:
        """Where the positions of each block of postings begin."""
        return np.append(0, np.cumsum(self._sums()))

    def _sums(self) -> Array:
        """The positions of every block that is full."""
        blocks = len(self.docs) // _BLOCK
        if self._freqs is None:
            return np.full(blocks, _BLOCK)
        sums: Array = self._freqs[: blocks * _BLOCK].reshape(-1, _BLOCK).sum(axis=1, dtype=np.int64)
        if self._often is not None and self._times is not None:
            places, beyond = (
                self._often.astype(np.int64) // _BLOCK,
                self._times.astype(np.int64) - MAX_BYTE,
            )
            within = places < blocks
            np.add.at(sums, places[within], beyond[within])
        return sums


#: Postings of a block: where its positions begin is known. Of a million postings that takes 32 kB.
_BLOCK = 256


def stretches(starts: Array, ends: Array) -> Array:
    """The numbers of all places from each start up to its end, one after the other.

    >>> stretches(np.array([2, 10]), np.array([4, 13])).tolist()
    [2, 3, 10, 11, 12]
    """
    lengths = ends - starts
    behind = lengths.cumsum()
    total = int(behind[-1]) if len(behind) else 0
    places: Array = np.arange(total)
    places += (ends - behind).repeat(lengths)
    return places


def located(docs: Array, wanted: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Where each of some ``wanted`` numbers stands among ascending ``docs``, and whether it does.

    Places are of type int64 and of the shape of ``wanted``; they mean something where the mask
    beside them is true.

    >>> at, having = located(np.array([1, 4, 6], np.uint16), np.array([4, 5, 70_001]))
    >>> at[having].tolist(), having.tolist()
    ([1], [True, False, False])
    """
    if not len(docs):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), dtype=np.bool_)
    # Numbers of another type would first make all of ``docs`` into that type.
    at = docs.searchsorted(wanted.astype(docs.dtype, copy=False))
    np.minimum(at, len(docs) - 1, out=at)  # what is behind the last is not equal to it
    return at, docs[at] == wanted


def not_among(docs: Array, others: Array) -> npt.NDArray[np.bool_]:
    """Which of some ascending numbers are not among some ``others``: a mask of their shape.

    >>> not_among(np.array([1, 4, 6]), np.array([4, 9])).tolist()
    [True, False, True]
    """
    at, having = located(docs, others)
    mask = np.ones(len(docs), dtype=np.bool_)
    mask[at[having]] = False
    return mask


def beginnings(terms: Sequence[bytes]) -> Array:
    """The first eight bytes of each of some terms as a number that sorts as they do: uint64.

    >>> [hex(each) for each in beginnings([b"a", b"abcdefghij"]).tolist()]
    ['0x6100000000000000', '0x6162636465666768']
    """
    joined = b"".join([term[:8].ljust(8, b"\0") for term in terms])
    return np.frombuffer(joined, ">u8").astype(np.uint64)


#: What is kept of eight bytes, by how many of them there are.
_KEPT = beginnings([b"\xff" * length for length in range(9)])
