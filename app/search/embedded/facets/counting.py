"""Exact counts of the values of a facet over some documents, all at once.

A :class:`Tally` has the values of one facet in both orders and counts by the cheaper one. By
document: a row of value numbers each, so that few documents are counted by taking their rows. By
value: a bit per document for a value that many have, a list of documents for any other, so that
many documents are counted in one sweep. Of few documents a :class:`Sheet` counts the values of
several facets at once. A :class:`Subset` is the documents to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from app.search.embedded.matching.docset import marked
from indexer.storage.arrays import Array

Mask = npt.NDArray[np.bool_]

#: Where fewer than one document in so many is found, filters look at those alone.
SPARSE_SHARE = 32

#: A row is as long as one document in so many needs; what is left of others stands apart.
ROW_SHARE = 8

#: A value that at least one document in so many has gets a bit for each.
BITS_SHARE = 64

#: Steps of a sweep that take as long as taking one place of one row.
STEPS_A_PLACE = 4

#: Places of the rows of a sheet that take no longer than counting one facet after the other.
MAX_SHEET_PLACES = 8_192


class Subset:
    """Some of ``size`` documents: as ascending numbers, as a mask, as bits, each made when it is
    first asked for; and what was counted of them."""

    def __init__(self, size: int, docs: Array | None = None, mask: Mask | None = None) -> None:
        assert docs is not None or mask is not None
        self._size = size
        self._docs = docs
        self._mask = mask
        self._bits: Array | None = None
        self._length: int | None = None if docs is None else len(docs)
        self._counts: dict[Tally, Array] = {}

    def __len__(self) -> int:
        if self._length is None:
            self._length = int(np.count_nonzero(self.mask))
        return self._length

    @property
    def docs(self) -> Array:
        if self._docs is None:
            self._docs = np.flatnonzero(self.mask)
        return self._docs

    @property
    def mask(self) -> Mask:
        if self._mask is None:
            self._mask = marked([self.docs], self._size)
        return self._mask

    @property
    def bits(self) -> Array:
        if self._bits is None:
            self._bits = _bits(self.mask)
        return self._bits

    def under(self, filters: Iterable[Mask]) -> Subset:
        """Those of the documents that are in every mask."""
        filters = list(filters)
        if not filters:
            return self
        if self._docs is not None and len(self._docs) * SPARSE_SHARE < self._size:
            docs = self._docs
            for each in filters:
                docs = docs[each[docs]]
            return Subset(self._size, docs=docs)
        mask = self.mask
        for each in filters:
            mask = mask & each
        return Subset(self._size, mask=mask)

    def counts(self, tally: Tally) -> Array:
        """For each value of a facet, the documents that have it."""
        counted = self._counts.get(tally)
        if counted is None:
            counted = self._counts[tally] = tally.count(self)
        return counted

    def count_at_once(self, sheet: Sheet) -> None:
        """Count all facets of a sheet, if that takes less than one after the other."""
        if len(self) * sheet.width <= MAX_SHEET_PLACES:
            self._counts |= sheet.count(self)


class Tally:
    """The values of one facet, numbered; ``documents`` has the ascending documents of each."""

    def __init__(self, documents: list[Array], size: int) -> None:
        self._size = size
        self._count = len(documents)
        self._by_document(documents)
        self._by_value(documents)

    def _by_document(self, documents: list[Array]) -> None:
        # No value has the number that stands in empty places.
        kind = np.min_scalar_type(self._count)
        lengths = [len(docs) for docs in documents]
        values = np.arange(self._count, dtype=kind).repeat(lengths)
        docs = np.concatenate([np.empty(0, np.int32), *documents])
        many = np.bincount(docs, minlength=self._size)
        place = np.zeros(len(docs), np.int64)
        if many.max(initial=0) > 1:  # else each stands first in its row
            order = docs.argsort(kind="stable")
            values, docs = values[order], docs[order]
            place = np.arange(len(docs)) - (many.cumsum() - many).repeat(many)
        needing = np.bincount(place)
        width = int(np.count_nonzero(needing * ROW_SHARE >= self._size))
        within = place < width
        self.rows = np.full((self._size, width), self._count, kind)
        self.rows[docs[within], place[within]] = values[within]
        self._more_docs, self._more_values = docs[~within], values[~within]

    def _by_value(self, documents: list[Array]) -> None:
        often = np.array([len(docs) * BITS_SHARE >= self._size for docs in documents], np.bool_)
        self._often = np.flatnonzero(often)
        rows = [_bits(marked([documents[number]], self._size)) for number in self._often]
        self._bits = np.array(rows, np.uint64).reshape(len(rows), _words(self._size))
        self._place = {number: place for place, number in enumerate(self._often.tolist())}
        listed = [docs[:0] if many else docs for docs, many in zip(documents, often, strict=True)]
        lengths = np.array([len(docs) for docs in listed], np.int64)
        self._docs = np.concatenate([np.empty(0, np.int32), *listed])
        self._starts = np.concatenate(([0], np.cumsum(lengths)))
        self._listed = np.flatnonzero(lengths)

    def mask(self, numbers: Iterable[int]) -> Mask:
        """The documents that have any of these values."""
        bits = np.zeros(_words(self._size), np.uint64)
        listed = []
        for number in numbers:
            if number in self._place:
                bits |= self._bits[self._place[number]]
            else:
                listed.append(slice(self._starts[number], self._starts[number + 1]))
        mask = np.unpackbits(bits.view(np.uint8), count=self._size).view(np.bool_)
        for where in listed:
            mask[self._docs[where]] = True
        return mask

    def count(self, within: Subset) -> Array:
        """For each value, the documents of a selection that have it."""
        few = len(within) * self.rows.shape[1] * STEPS_A_PLACE < self._bits.size + len(self._docs)
        return self._count_rows(within) if few else self._sweep(within)

    def __len__(self) -> int:
        return self._count

    def _count_rows(self, within: Subset) -> Array:
        found = self.rows.take(within.docs, axis=0).ravel()
        counts = np.bincount(found, minlength=self._count + 1)[: self._count]
        return self.with_more(counts, within)

    def with_more(self, counts: Array, within: Subset) -> Array:
        """What was counted in rows, and the values that stand apart."""
        if len(self._more_docs):
            more = self._more_values[within.mask.take(self._more_docs)]
            counts = counts + np.bincount(more, minlength=self._count)
        return counts

    def _sweep(self, within: Subset) -> Array:
        counts = np.zeros(self._count, np.int64)
        counts[self._often] = np.bitwise_count(self._bits & within.bits).sum(axis=1)
        if len(self._listed):
            # Values without documents have no stretch to add up.
            taken = within.mask.take(self._docs)
            starts = self._starts[self._listed]
            counts[self._listed] = np.add.reduceat(taken, starts, dtype=np.int64)
        return counts


class Sheet:
    """The rows of several tallies of the same documents side by side, each value with a number of
    its own."""

    def __init__(self, tallies: Sequence[Tally], size: int) -> None:
        self._tallies = tallies
        self.width = sum(tally.rows.shape[1] for tally in tallies)
        firsts = np.cumsum([0, *(len(tally) + 1 for tally in tallies)])
        self._firsts: list[int] = firsts.tolist()
        self._rows = np.empty((size, self.width), np.min_scalar_type(self._firsts[-1]))
        at = 0
        for tally, first in zip(tallies, self._firsts, strict=False):
            width = tally.rows.shape[1]
            self._rows[:, at : at + width] = tally.rows
            self._rows[:, at : at + width] += self._rows.dtype.type(first)
            at += width

    def count(self, within: Subset) -> dict[Tally, Array]:
        """For each tally and each of its values, the documents of a selection that have it."""
        found = self._rows.take(within.docs, axis=0).ravel()
        counts = np.bincount(found, minlength=self._firsts[-1])
        return {
            tally: tally.with_more(counts[first : first + len(tally)], within)
            for tally, first in zip(self._tallies, self._firsts, strict=False)
        }


def _words(size: int) -> int:
    return -(-size // 64)


def _bits(mask: Mask) -> Array:
    """A mask in words of 64 bits, the last filled up with zeros."""
    octets = np.zeros(_words(len(mask)) * 8, np.uint8)
    packed = np.packbits(mask)
    octets[: len(packed)] = packed
    return octets.view(np.uint64)
