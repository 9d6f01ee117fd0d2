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
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from app.search.binding.clauses import BoundSynonyms, BoundWord
from app.search.budget import FREE, ORDER, Budget
from app.search.embedded.matching.bm25f import saturated
from app.search.embedded.reader.segments import IndexReader, Span
from app.search.ranking.shares import MAX_DISTANCE, MIN_RARITY, TOGETHER_FIELDS, TOGETHER_SHARE
from indexer.schema.field_weights import WEIGHTS
from indexer.storage.arrays import Array
from indexer.storage.postings import Field, located, stretches

#: Pairs that are looked at in one step.
MAX_PAIRS = 64
#: Where words have so many times as many postings as there are documents, each is searched for
#: the documents; shorter lists are all read.
FAR_MORE = 16


class _Pair(NamedTuple):
    """Two words that were typed side by side, by their numbers, and what their rarity counts."""

    one: int
    other: int
    weight: float


class _Places(NamedTuple):
    """Where some words stand in a field of some documents: ``every`` is ascending, the number of
    the word times how many documents there are, plus the place of the document among these, and in
    the lower 32 bits the position. Those of word ``n`` are ``every[of[n] : of[n + 1]]``."""

    every: Array
    of: list[int]


def closeness(
    words: Sequence[tuple[BoundWord | BoundSynonyms, float]],
    docs: Array,
    leaves: IndexReader,
    budget: Budget = FREE,
) -> Array:
    """What standing together adds to the score of each of ``docs`` (ascending, some hundreds);
    ``words`` in the order they were typed, each with its rarity. What stands for several words
    has no place of its own."""
    added = np.zeros(len(docs))
    looked_at, pairs = _pairs(words)
    if not pairs or budget.over(ORDER):
        return added
    among = _Among(docs, leaves)
    fields = [(name, among.places(looked_at, name)) for name in TOGETHER_FIELDS]
    for first in range(0, len(pairs), MAX_PAIRS):
        if budget.over(ORDER):
            break
        some = pairs[first : first + MAX_PAIRS]
        together: Array | None = None
        for name, places in fields:
            near = None if places is None else _near(places, some, len(docs))
            if near is not None:
                near *= among.share(name)
                together = near if together is None else together + near
        if together is None:
            continue
        weights = np.array([[pair.weight] for pair in some])
        added += (TOGETHER_SHARE * weights * saturated(together)).sum(axis=0)
    return added


def _pairs(
    words: Sequence[tuple[BoundWord | BoundSynonyms, float]],
) -> tuple[list[BoundWord], list[_Pair]]:
    """The words that are looked at, each once, and the pairs of them."""
    numbers: dict[frozenset[str], int] = {}
    looked_at: list[BoundWord] = []
    pairs = []
    for (one, first), (other, second) in pairwise(words):
        weight = min(first, second)
        if weight < MIN_RARITY or one.stems == other.stems:
            continue
        if not (isinstance(one, BoundWord) and isinstance(other, BoundWord)):
            continue
        for word in (one, other):
            if word.stems not in numbers:
                numbers[word.stems] = len(looked_at)
                looked_at.append(word)
        pairs.append(_Pair(numbers[one.stems], numbers[other.stems], weight))
    return looked_at, pairs


class _Among:
    """Some documents of a generation, looked at closely."""

    def __init__(self, docs: Array, leaves: IndexReader) -> None:
        self._leaves = leaves
        self._count = len(docs)
        bounds = [leaf.base for leaf in leaves.leaves] + [leaves.size]
        cuts: list[int] = docs.searchsorted(bounds).tolist()
        #: For each leaf, its documents by their numbers there, and the place of the first in all.
        self._local = [
            (docs[low:high] - base, low)
            for base, low, high in zip(bounds, cuts, cuts[1:], strict=False)
        ]

    def share(self, name: str) -> Array:
        """For each document, what one occurrence of a word in a field counts."""
        found = [
            self._leaves.share(number, name, *WEIGHTS[name])[local]
            for number, (local, _) in enumerate(self._local)
        ]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def places(self, words: Sequence[BoundWord], name: str) -> _Places | None:
        """Where some words stand in a field of documents that have two of them there; None where
        none has."""
        found = [
            places
            for number in range(len(self._local))
            if len(spans := self._spans(words, name, number)) > 1
            and len(places := self._found(spans, number))
        ]
        if not found:
            return None
        places = found[0] if len(found) == 1 else np.concatenate(found)
        # One term of each word in one leaf is in order.
        if not (places[1:] > places[:-1]).all():
            places = np.sort(places)
        words_begin = np.arange(len(words) + 1) * self._count << 32
        return _Places(places, places.searchsorted(words_begin).tolist())

    def _spans(self, words: Sequence[BoundWord], name: str, number: int) -> list[tuple[int, Span]]:
        """The postings of some words in a field of one leaf, each with the number of its word."""
        if not len(self._local[number][0]):
            return []
        return [
            (each, span)
            for each, word in enumerate(words)
            for span in self._leaves.spans(word.terms)[number]
            if span.name == name and span.field.positions is not None
        ]

    def _found(self, spans: Sequence[tuple[int, Span]], number: int) -> Array:
        (local, first), field = self._local[number], spans[0][1].field
        assert field.positions is not None
        wheres = [span.where for _, span in spans]
        size = self._leaves.leaves[number].size
        which, postings, places = _postings(field, wheres, local, size)
        several = (np.bincount(places) > 1)[places]
        if not several.all():
            which, postings, places = which[several], postings[several], places[several]
        if not len(places):
            return places
        starts, ends = field.places_of(wheres, which, postings)
        words = np.array([word * self._count + first for word, _ in spans])
        found: Array = (words[which] + places << 32).repeat(ends - starts)
        found += field.positions[stretches(starts, ends)]
        return found


def _postings(
    field: Field, wheres: Sequence[slice], docs: Array, size: int
) -> tuple[Array, Array, Array]:
    """The postings of some ``docs``, of ``size``, in stretches of postings: for each the number of
    its stretch, its own, and the place of its document."""
    lengths = [where.stop - where.start for where in wheres]
    if sum(lengths) > FAR_MORE * len(docs) * len(wheres):
        found = [located(field.docs[where], docs) for where in wheres]
        places = [having.nonzero()[0] for _, having in found]
        which = np.repeat(np.arange(len(wheres)), [len(each) for each in places])
        postings = [
            at[kept] + where.start
            for (at, _), kept, where in zip(found, places, wheres, strict=True)
        ]
        return which, np.concatenate(postings), np.concatenate(places)
    place_of = np.full(size, -1, np.int32)
    place_of[docs] = np.arange(len(docs))
    every = place_of[np.concatenate([field.docs[where] for where in wheres])]
    kept = (every >= 0).nonzero()[0]
    begins = np.array([0, *accumulate(lengths)])
    which = begins.searchsorted(kept, "right") - 1
    postings = kept + ([where.start for where in wheres] - begins[:-1])[which]
    return which, postings, every[kept]


def _near(places: _Places, pairs: Sequence[_Pair], count: int) -> Array | None:
    """For each pair and each of ``count`` documents, the sum over the places of the second word of
    one over the distance to the nearest of the first: shape (pairs, count); None where there is
    none near."""
    every, of = places
    # As if they were places of the first word: near these are those of its own document alone.
    seconds = [
        every[of[pair.other] : of[pair.other + 1]] - ((pair.other - pair.one) * count << 32)
        for pair in pairs
    ]
    moved = np.concatenate(seconds)
    if not len(moved):
        return None
    after = every.searchsorted(moved)
    before = np.abs(moved - every[np.maximum(after - 1, 0)])
    behind = np.abs(every[np.minimum(after, len(every) - 1)] - moved)
    distance = np.minimum(before, behind)
    kept = ((distance <= MAX_DISTANCE) & (distance > 0)).nonzero()[0]
    if not len(kept):
        return None
    firsts = np.array([(number - pair.one) * count for number, pair in enumerate(pairs)])
    cells = (moved[kept] >> 32) + firsts.repeat([len(each) for each in seconds])[kept]
    return np.bincount(cells, 1 / distance[kept], len(pairs) * count).reshape(-1, count)
