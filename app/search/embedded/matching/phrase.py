"""The documents in which words stand one after another."""

from __future__ import annotations

import numpy as np

from app.search.budget import FREE, Budget
from app.search.embedded.matching.docset import SPARSE, located, marked
from indexer.storage.arrays import Array
from indexer.storage.postings import Field, stretches

#: Places of a word from which on they are sifted first.
MIN_SIFTED_PLACES = 1_024
#: Slots of the sieve, a power of two: a few hundred kilobytes, which a processor keeps at hand.
_BITS = 18
#: 2^64 over the golden ratio, odd: multiples of it spread evenly (Knuth, *The Art of Computer
#: Programming*, volume 3, section 6.4).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def in_sequence(
    field: Field, words: list[slice], slop: int, size: int, budget: Budget = FREE
) -> Array:
    """The documents (ascending) in which the words stand in order, each at most ``slop``
    positions behind the one before; 1 is side by side.

    ``words`` are the stretches of the words' postings in a field, of ``size`` documents, that has
    positions. Where the budget is over, the words that are left may stand anywhere.
    """
    none = np.empty(0, np.int64)
    first, *others = sorted((field.docs[where] for where in words), key=len)
    common = first
    for docs in others:
        common = common[_among(common, docs, size)]
        if not len(common):
            return none
    assert field.positions is not None
    reach: Array | None = None  # where a chain of the words so far can end
    for where in words:
        if reach is not None and budget.over():
            break
        docs = field.docs[where]
        kept = _places(docs, common, size)
        starts, ends = field.places(where, kept)
        # Document and position in one number; a step back of the slop never leaves the document.
        keys = np.repeat(common.astype(np.int64) << 32, ends - starts)
        keys += field.positions[stretches(starts, ends)]
        keys += slop
        if reach is not None:
            if slop == 1 and min(len(reach), len(keys)) > MIN_SIFTED_PLACES:
                keys = _sifted(keys, reach)
            before = reach.searchsorted(keys) - 1
            keys = keys[(before >= 0) & (reach[before] >= keys - slop)]
        reach = keys
        if not len(reach):
            return none
    return np.unique(reach >> 32) if reach is not None else none


def _among(docs: Array, others: Array, size: int) -> Array:
    """Which of some documents are among others; both ascending."""
    if len(docs) * SPARSE < len(others):
        return located(others, docs)[1]
    return marked([others], size)[docs.astype(np.intp)]


def _places(docs: Array, common: Array, size: int) -> Array:
    """The places of some documents among those that they are all among."""
    if len(common) == len(docs):
        return np.arange(len(docs))
    if len(common) * SPARSE < len(docs):
        return docs.searchsorted(common)
    return _among(docs, common, size).nonzero()[0]


def _sifted(keys: Array, reach: Array) -> Array:
    """The keys that can follow one of ``reach`` by one, and a few that cannot: marks in a sieve
    are looked up in an instant, where finding each key in an order is a search."""
    marked = np.zeros(1 << _BITS, dtype=np.bool_)
    marked[_slot(reach)] = True
    return keys[marked[_slot(keys - 1)]]


def _slot(keys: Array) -> Array:
    slots: Array = (keys.view(np.uint64) * _SPREAD) >> np.uint64(64 - _BITS)
    return slots.view(np.int64)
