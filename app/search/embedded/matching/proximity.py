"""How much more an essay weighs that has words near each other.

Words that a reader typed side by side are often one thing ("black box", "loss of biodiversity").
For each such pair, every place where the second stands near the first counts one over their
distance; that is a weighted frequency like that of a word
(:mod:`app.search.embedded.matching.bm25f`), and weighs as much as the commoner of the two, times
:data:`~app.search.ranking.shares.TOGETHER_SHARE`. Pairs of neighbours as evidence beside single
words: Metzler and Croft, *A Markov Random Field Model for Term Dependencies*, 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from app.search.binding.clauses import BoundSynonyms, BoundWord
from app.search.budget import FREE, ORDER, Budget
from app.search.embedded.matching.bm25f import saturated
from app.search.embedded.matching.docset import located
from app.search.embedded.reader.segments import IndexReader, Span
from app.search.ranking.shares import MAX_DISTANCE, MIN_RARITY, TOGETHER_FIELDS, TOGETHER_SHARE
from indexer.schema.field_weights import WEIGHTS
from indexer.storage.arrays import Array
from indexer.storage.postings import stretches


def closeness(
    words: Sequence[tuple[BoundWord | BoundSynonyms, float]],
    docs: Array,
    leaves: IndexReader,
    budget: Budget = FREE,
) -> Array:
    """What standing together adds to the score of each of ``docs`` (ascending, some hundreds);
    ``words`` in the order they were typed, each with its rarity. What stands for several words
    has no place of its own."""
    among = _Among(docs, leaves)
    added = np.zeros(len(docs))
    for (one, first), (other, second) in pairwise(words):
        weight = min(first, second)
        if weight < MIN_RARITY or one.stems == other.stems:
            continue
        if not (isinstance(one, BoundWord) and isinstance(other, BoundWord)):
            continue
        if budget.over(ORDER):
            break
        together: Array | None = None
        for name in TOGETHER_FIELDS:
            near = _near(among.places(one, name), among.places(other, name), len(docs))
            if near is not None:
                near *= among.share(name)
                together = near if together is None else together + near
        if together is not None:
            added += TOGETHER_SHARE * weight * saturated(together)
    return added


_NOWHERE = np.empty(0, np.int64)


class _Among:
    """Some documents of a generation, looked at closely."""

    def __init__(self, docs: Array, leaves: IndexReader) -> None:
        self._leaves = leaves
        self._places: dict[tuple[frozenset[str], str], Array] = {}
        self._shares: dict[str, Array] = {}
        bounds = [leaf.base for leaf in leaves.leaves] + [leaves.size]
        cuts: list[int] = docs.searchsorted(bounds).tolist()
        #: For each leaf, its documents by their numbers there, and the place of the first in all.
        self._local = [
            (docs[low:high] - base, low)
            for base, low, high in zip(bounds, cuts, cuts[1:], strict=False)
        ]

    def share(self, name: str) -> Array:
        """For each document, what one occurrence of a word in a field counts."""
        if name not in self._shares:
            self._shares[name] = np.concatenate(
                [
                    self._leaves.share(number, name, *WEIGHTS[name])[local]
                    for number, (local, _) in enumerate(self._local)
                ]
            )
        return self._shares[name]

    def places(self, word: BoundWord, name: str) -> Array:
        """Where a word stands in a field, ascending: the place of the document among all, and the
        position there, in one number."""
        key = (word.stems, name)
        places = self._places.get(key)
        if places is None:
            found = [
                self._found(span, number)
                for number, spans in enumerate(self._leaves.spans(word.terms))
                for span in spans
                if span.name == name and len(self._local[number][0])
            ]
            places = found[0] if len(found) == 1 else np.concatenate([_NOWHERE, *found])
            # One term of a leaf after the other is in order; two of them are not.
            if len(found) > 1 and not (places[1:] > places[:-1]).all():
                places = np.sort(places)
            self._places[key] = places
        return places

    def _found(self, span: Span, number: int) -> Array:
        (local, first), field, where = self._local[number], span.field, span.where
        at, having = located(field.docs[where], local)
        kept = having.nonzero()[0]
        positions = field.positions
        if not len(kept) or positions is None:
            return _NOWHERE
        starts, ends = field.places(where, at[kept])
        found: Array = np.repeat((kept + first) << 32, ends - starts)
        found += positions[stretches(starts, ends)]
        return found


def _near(ones: Array, others: Array, count: int) -> Array | None:
    """For each of ``count`` documents, the sum over the places of ``others`` of one over the
    distance to the nearest of ``ones``; None where there is none near."""
    if not len(ones) or not len(others):
        return None
    after = ones.searchsorted(others)
    before = np.abs(others - ones[np.maximum(after - 1, 0)])
    behind = np.abs(ones[np.minimum(after, len(ones) - 1)] - others)
    distance = np.minimum(before, behind)
    kept = (distance <= MAX_DISTANCE) & (distance > 0)
    if not kept.any():
        return None
    return np.bincount(others[kept] >> 32, 1 / distance[kept], count)
