"""The documents in which words stand one after another.

A place of a word is one number, document and position, so that the places of words side by side
are equal once each is moved to where the phrase would end: two lists in order are merged, and what
comes twice is in both. The rarest word comes first. Where a word is in many more documents than are
left, its places in those alone are looked up; otherwise all of them are read as they lie, which
takes less than choosing.
"""

from __future__ import annotations

import numpy as np

from app.search.budget import FREE, Budget
from app.search.embedded.matching.docset import SPARSE, firsts, marked
from indexer.storage.arrays import Array
from indexer.storage.postings import Field, located, stretches

#: A word that is in so many times as many documents as are left is looked up in those alone.
FAR_COMMONER = 4
#: A list that is so many times as long as another is searched for each of the other's numbers;
#: shorter ones are merged.
FAR_LONGER = 12
#: Documents of a word up to which it is asked first whether any other word is in one of them.
FEW_DOCS = 512


def in_sequence(field: Field, words: list[slice], slop: int, budget: Budget = FREE) -> Array:
    """The documents (ascending) in which the words stand in order, each at most ``slop``
    positions behind the one before; 1 is side by side.

    ``words`` are the stretches of the words' postings in a field that has positions. Where the
    budget is over, the words that are left may stand anywhere.
    """
    ordered = sorted(words, key=lambda where: where.stop - where.start)
    common = field.docs[ordered[0]]
    if len(common) <= FEW_DOCS or slop > 1:
        for where in ordered[1:]:
            common = common[_among(common, field.docs[where])]
            if not len(common):
                return _NONE
    if slop > 1:
        return _chained(field, words, slop, common, budget)
    return _side_by_side(field, words, budget)


_NONE = np.empty(0, np.int64)


def _among(docs: Array, others: Array) -> Array:
    """Which of some documents are among others; both ascending."""
    if len(docs) <= FEW_DOCS or len(docs) * SPARSE < len(others):
        return located(others, docs)[1]
    size = int(max(docs[-1], others[-1])) + 1
    return marked([others], size)[docs.astype(np.intp)]


def _side_by_side(field: Field, words: list[slice], budget: Budget) -> Array:
    """The documents in which the words stand side by side."""
    assert field.positions is not None
    small = max(field.docs.itemsize, field.positions.itemsize) <= 2
    # Document and position are halves of a number. Moving a position may carry it into another
    # document; what seems to match then ends before the last word could.
    kind, bits = (np.uint32, 16) if small else (np.uint64, 32)
    last = len(words) - 1
    ends: Array | None = None
    left = sorted(range(len(words)), key=lambda number: words[number].stop - words[number].start)
    while left and not (ends is not None and budget.over()):
        number = left.pop(0)
        where, moved = words[number], kind(last - number)
        if ends is None:
            ends = _places(field, where, None, kind, bits) + moved
        else:
            docs = None
            if where.stop - where.start > FEW_DOCS:  # else reading all takes less than choosing
                docs = _distinct(ends >> kind(bits))
                docs = docs if len(docs) * FAR_COMMONER < where.stop - where.start else None
            places = _places(field, where, docs, kind, bits)
            ends = _shared(ends - moved, places) + moved
        if not len(ends):
            return _NONE
    assert ends is not None
    found = ends[(ends & kind((1 << bits) - 1)) >= last] >> kind(bits)
    docs = _distinct(found).astype(np.int64)
    for number in left:
        docs = docs[located(field.docs[words[number]], docs)[1]]
    return docs


def _places(field: Field, where: slice, docs: Array | None, kind: type, bits: int) -> Array:
    """Where a word stands, ascending: in all of its documents, or in some of ``docs`` alone."""
    assert field.positions is not None
    own = field.docs[where]
    if docs is None:
        own, counts = own.astype(kind), field.weights(where)
        start = field.positions_before(where.start)
        own <<= kind(bits)
        places: Array = own if counts is None else own.repeat(counts)
        places |= field.positions[start : start + len(places)]
        return places
    at, having = located(own, docs)
    at = at[having]
    starts, ends = field.places(where, at)
    places = (own[at].astype(kind) << kind(bits)).repeat(ends - starts)
    places |= field.positions[stretches(starts, ends)]
    return places


def _distinct(docs: Array) -> Array:
    """The documents of places, each once; places that were carried stand somewhere."""
    if len(docs) < 2:
        return docs
    return np.unique(docs) if docs[0] > docs[-1] else docs[firsts(docs)]


def _shared(some: Array, places: Array) -> Array:
    """Those of some numbers, each there once, that are among ``places``, which ascend."""
    if len(some) * FAR_LONGER < len(places):
        return some[located(places, some)[1]]
    both = np.concatenate([some, places])
    both.sort(kind="stable")  # merges what is in order already
    shared: Array = both[1:][both[1:] == both[:-1]]
    return shared


def _chained(field: Field, words: list[slice], slop: int, common: Array, budget: Budget) -> Array:
    """The documents, of those that have all words, in which each stands near the one before."""
    assert field.positions is not None
    reach: Array | None = None  # where a chain of the words so far can end
    for where in words:
        if reach is not None and budget.over():
            break
        starts, ends = field.places(where, _among(field.docs[where], common).nonzero()[0])
        # Document and position in one number; a step back of the slop never leaves the document.
        keys = np.repeat(common.astype(np.int64) << 32, ends - starts)
        keys += field.positions[stretches(starts, ends)]
        keys += slop
        if reach is not None:
            before = reach.searchsorted(keys) - 1
            keys = keys[(before >= 0) & (reach[before] >= keys - slop)]
        reach = keys
        if not len(reach):
            return _NONE
    return _NONE if reach is None else np.unique(reach >> 32)
