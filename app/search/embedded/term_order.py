"""The order of documents by fields of which each has one term at most, such as the slug.

A segment's terms are in order already, so that within it no text has to be read. Only the first
documents of each segment are compared by their terms with those of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from heapq import merge
from itertools import islice

import numpy as np

from app.search.embedded.reader.segments import IndexReader, SegmentReader
from indexer.storage.arrays import Array, narrow
from indexer.storage.postings import Field

#: So many documents at most are merged for one question; for more, all are, once a generation.
MAX_MERGED = 1_000


class TermOrder:
    """The order of documents by the terms of some ``fields``, the first field deciding; a document
    without a term comes before those that have one.

    Terms are compared by their bytes in UTF-8, which is the order of their characters. The last
    field has another term for every live document.
    """

    def __init__(self, leaves: IndexReader, *fields: str) -> None:
        self._size = leaves.size
        self._leaves = [_LeafOrder(leaf, fields) for leaf in leaves.leaves]

    def first(self, docs: Array, limit: int) -> Array:
        """The first ``limit`` of some live documents, in order: int64, shape (n,)."""
        if limit <= MAX_MERGED or len(self._leaves) == 1:
            return self._merged(np.sort(docs, kind="stable"), limit)
        ranks = self._ranks[docs]
        if limit < len(docs):
            kept = ranks <= np.partition(ranks, limit - 1)[limit - 1]
            docs, ranks = docs[kept], ranks[kept]
        return docs[ranks.argsort()]

    def _merged(self, docs: Array, limit: int) -> Array:
        """The same for ascending documents, whatever ``limit`` is."""
        bounds = docs.searchsorted([*(leaf.base for leaf in self._leaves), self._size]).tolist()
        first = [
            (leaf, leaf.first(docs[low:high], limit))
            for leaf, low, high in zip(self._leaves, bounds, bounds[1:], strict=False)
            if low < high
        ]
        if len(first) == 1:
            return first[0][1]
        every = merge(*(leaf.with_terms(some) for leaf, some in first))
        return np.fromiter((doc for _, doc in islice(every, limit)), np.int64)

    @cached_property
    def _ranks(self) -> Array:
        """The place of each document among all: int32, shape (size,)."""
        ranks = np.empty(self._size, np.int32)
        ranks[self._merged(np.arange(self._size), self._size)] = np.arange(self._size)
        return ranks


class _LeafOrder:
    """The same order within one leaf, whose documents go by their numbers in the generation."""

    def __init__(self, leaf: SegmentReader, fields: tuple[str, ...]) -> None:
        self.base = leaf.base
        self._size = leaf.size
        self._fields = [leaf.fields.get(name) for name in fields]

    @cached_property
    def _places(self) -> list[Array]:
        """For each field 1 and the number of each document's term, 0 where it has none."""
        return [_places(field, self._size) for field in self._fields]

    def first(self, docs: Array, limit: int) -> Array:
        """The first ``limit`` of some documents, in order."""
        places = [each[docs - self.base] for each in self._places]
        if limit < len(docs):
            kept = places[0] <= np.partition(places[0], limit - 1)[limit - 1]
            docs, places = docs[kept], [each[kept] for each in places]
        return docs[np.lexsort(places[::-1])[:limit]]

    def with_terms(self, docs: Array) -> Iterator[tuple[list[bytes], int]]:
        """Each of some documents after its terms."""
        places = [each[docs - self.base].tolist() for each in self._places]
        for doc, *own in zip(docs.tolist(), *places, strict=True):
            yield [_term(*each) for each in zip(self._fields, own, strict=True)], doc


def _places(field: Field | None, size: int) -> Array:
    if field is None:
        return np.zeros(size, np.uint8)
    places = np.zeros(size, np.int64)
    starts = field.starts.astype(np.int64)
    places[field.docs] = np.arange(1, len(field) + 1).repeat(starts[1:] - starts[:-1])
    return narrow(places)


def _term(field: Field | None, place: int) -> bytes:
    return field.terms[place - 1] if field is not None and place else b""
