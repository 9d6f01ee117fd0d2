"""How much more does an essay say of words that stand together in it?

Words that a reader typed side by side are often one thing ("black box", "loss of biodiversity").
For each such pair, every place where the second stands near the first counts one over their
distance; that is a weighted frequency like that of a word (:mod:`app.search.bm25f`), and weighs as
much as the commoner of the two, times :data:`SHARE`. Pairs of neighbours as evidence beside single
words: Metzler and Croft, *A Markov Random Field Model for Term Dependencies*, 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from app.search.bm25f import WEIGHTS, saturated
from app.search.segment import Leaf, Leaves
from app.search.words import Synonyms, Word
from indexer.arrays import Array
from indexer.postings import Field, stretches

#: What standing together counts, against being there at all.
SHARE = 0.2
#: The fields that are looked at. Of a tag or a heading its words alone say as much.
WHERE = ("title", "body")
#: Words further apart than this do not stand together.
REACH = 5
#: A pair of words that nearly every essay has says nothing.
LEAST = 0.5


def closeness(words: Sequence[tuple[Word | Synonyms, float]], docs: Array, leaves: Leaves) -> Array:
    """What standing together adds to the score of each of ``docs`` (ascending, some hundreds);
    ``words`` in the order they were typed, each with its rarity. What stands for several words
    has no place of its own."""
    added = np.zeros(len(docs))
    for (one, first), (other, second) in pairwise(words):
        weight = min(first, second)
        if weight < LEAST or one.stems == other.stems:
            continue
        if not (isinstance(one, Word) and isinstance(other, Word)):
            continue
        for number, leaf in enumerate(leaves.leaves):
            low, high = np.searchsorted(docs, [leaf.base, leaf.base + leaf.size])
            if low == high:
                continue
            local = docs[low:high] - leaf.base
            together = np.zeros(len(local))
            for name in WHERE:
                near = _near(leaf, name, one, other, local)
                if near is not None:
                    together += leaves.share(number, name, *WEIGHTS[name])[local] * near
            added[low:high] += SHARE * weight * saturated(together)
    return added


def _near(leaf: Leaf, name: str, one: Word, other: Word, docs: Array) -> Array | None:
    """For each document, the sum over the places of ``other`` of one over the distance to the
    nearest ``one``; None where no document can have both."""
    field = leaf.fields.get(name)
    if field is None or field.positions is None:
        return None
    ones = _places(field, name, one, docs)
    others = _places(field, name, other, docs) if len(ones) else ones
    if not len(others):
        return None
    after = np.searchsorted(ones, others)
    before = np.abs(others - ones[np.maximum(after - 1, 0)])
    behind = np.abs(ones[np.minimum(after, len(ones) - 1)] - others)
    distance = np.minimum(before, behind)
    kept = (distance <= REACH) & (distance > 0)
    if not kept.any():
        return None
    return np.bincount(others[kept] >> 32, 1 / distance[kept], len(docs))


def _places(field: Field, name: str, word: Word, docs: Array) -> Array:
    """Where a word stands in a field of some documents, ascending: the place of the document
    among ``docs`` and the position, in one number."""
    found = []
    for field_name, term in word.terms:
        if field_name != name or (number := field.find(term.encode())) < 0:
            continue
        where = field.span(number)
        having = field.docs[where]
        at = np.searchsorted(having, docs.astype(having.dtype))
        at[at == len(having)] = 0
        kept = np.flatnonzero(having[at] == docs)
        if not len(kept):
            continue
        starts, ends = field.places(where)
        starts, ends = starts[at[kept]], ends[at[kept]]
        positions = field.positions
        assert positions is not None
        found.append(
            (np.repeat(kept, ends - starts) << 32)
            + positions[stretches(starts, ends)].astype(np.int64)
        )
    if len(found) == 1:
        return found[0]
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)
