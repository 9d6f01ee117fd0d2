"""How similar essays are to one another in meaning.

Any two essays of an archive have something in common: they are prose, and perhaps all of one
subject. In four archives the cosine of two essays by chance was mostly 0.1 in one and 0.35 in
another, so that it does not say by itself that two essays are near. What all essays have in common
is therefore taken off first (Mu and Viswanath 2018, "All-but-the-Top"): 0 is then as near as
chance, in every archive.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from app.search.embedded.reader.segments import IndexReader
from app.search.embedded.semantic.vectors import BLOCK, Docs, products, segment_vectors
from indexer.analysis.embedding import DIMENSIONS, Quantised, Vectors, unit

#: So many further essays are taken to have nothing in common: what a handful of essays have in
#: common may well be what relates them.
OTHERS = 10
#: Digits of a cosine that are told: those after them depend on how essays lie in segments.
DIGITS = 4


class Similarity:
    """The vectors of all live essays of an index, less what these have in common."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._common = self._mean()
        #: The length that each essay's vector is left with: float32, shape (size,), NaN for an
        #: essay without one.
        self._lengths = np.full(reader.size, np.nan, np.float32)
        square = float(self._common @ self._common)
        for docs, essays, base in self._vectors():
            squares = 1 - 2 * products(essays, docs, self._common) + square
            self._lengths[docs + base] = np.sqrt(np.maximum(squares, 1e-6))

    def to(self, doc: int) -> npt.NDArray[np.float64]:
        """How similar every essay is to one: cosines from -1 to 1, of which 0 is as near as chance,
        shape (size,). NaN where one of the two has no vector or is no longer live."""
        found = np.full(self._reader.size, np.nan)
        leaf, local = self._reader.locate(doc)
        vectors = segment_vectors(leaf)
        if vectors is None or np.isnan(self._lengths[doc]):
            return found
        own = unit(_wide(vectors.of_essays.essays, np.array([local])) - self._common)[0]
        chance = own @ self._common
        for docs, essays, base in self._vectors():
            found[docs + base] = products(essays, docs, own) - chance
        return np.round(found / self._lengths, DIGITS)

    def _vectors(self) -> Iterator[tuple[Docs, Quantised, int]]:
        """For each segment that has vectors the live documents with one, all vectors, and the
        number of its first document."""
        for leaf in self._reader.leaves:
            if (vectors := segment_vectors(leaf)) is not None:
                essays = vectors.of_essays.essays
                yield np.flatnonzero(leaf.live & (essays.scales > 0)), essays, leaf.base

    def _mean(self) -> Vectors:
        total, count = np.zeros(DIMENSIONS), OTHERS
        for docs, essays, _ in self._vectors():
            count += len(docs)
            for at in range(0, len(docs), BLOCK):
                total += _wide(essays, docs[at : at + BLOCK]).sum(0)
        return (total / count).astype(np.float32)


def _wide(essays: Quantised, docs: Docs) -> Vectors:
    """Some vectors as numbers of 32 bits: shape (n, DIMENSIONS)."""
    wide: Vectors = essays.numbers[docs].astype(np.float32) * essays.scales[docs, None]
    return wide
