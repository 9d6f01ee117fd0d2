"""The weight of a word in an essay, all fields of text together.

BM25F (Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009,
section 3.5): the frequencies of a word in the fields, each divided by the field's relative length
and times the field's weight, are added up **before** they saturate. A word of the title and of the
text is one word that is somewhat more there, not two words found.

    tf  = Σ over fields  weight · frequency / (1 − b + b · length / mean length)
    idf = ln(1 + (N − n + 0.5) / (n + 0.5))
    score = idf · tf · (K1 + 1) / (tf + K1)

``N`` essays are live, ``n`` of them have the word in any field; mean lengths are over the live
essays that have the field. So an archive ranks the same however it came to be: built at once, or
by a hundred edits.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from app.search.binding.clauses import BoundWord
from app.search.embedded.matching.docset import NONE, DocSet, located, marked, union
from app.search.embedded.reader.segments import IndexReader, Span, Terms
from app.search.ranking.weights import rarity
from indexer.cache import BoundedCache
from indexer.schema.field_weights import K1, WEIGHTS
from indexer.storage.arrays import Array

#: Documents of weighed words that are remembered; each takes sixteen bytes. And words that are
#: counted.
MAX_WEIGHED_DOCS, MAX_COUNTED_WORDS = 1_000_000, 20_000


class _Remembered:
    """Words of one generation that were weighed or counted lately. It holds nothing of the
    generation itself, which would never be let go."""

    def __init__(self) -> None:
        self.weighed = BoundedCache[Terms, DocSet](
            MAX_WEIGHED_DOCS, cost=lambda found: len(found.docs)
        )
        self.counted = BoundedCache[Terms, int](MAX_COUNTED_WORDS)


_remembered: WeakKeyDictionary[IndexReader, _Remembered] = WeakKeyDictionary()


class Weighing:
    """The words of one generation, weighed. Those that were asked for lately are remembered: a
    reader who turns a page or chooses a facet asks for the same words again."""

    def __init__(self, leaves: IndexReader) -> None:
        self._leaves = leaves
        known = _remembered.get(leaves)
        self._known = _remembered.setdefault(leaves, _Remembered()) if known is None else known

    def word(self, word: BoundWord) -> DocSet:
        """The live documents that have a word, and what it weighs in each."""
        known = self._known
        found = known.weighed.get(word.terms)
        if found is None:
            found = self._weigh(word)
            known.weighed[word.terms] = found
        return found

    def within(self, word: BoundWord, number: int) -> DocSet:
        """The same for the documents of leaf ``number``, by their numbers there."""
        found, leaf = self.word(word), self._leaves.leaves[number]
        low, high = found.docs.searchsorted([leaf.base, leaf.base + leaf.size])
        return DocSet(found.docs[low:high] - leaf.base, found.scores[low:high])

    def among(self, word: BoundWord, docs: Array, number: int) -> Array:
        """What a word weighs in some documents of leaf ``number`` that have it."""
        rare = rarity(self._count(word), self._leaves.live)
        tf = np.zeros(len(docs))
        for span in self._leaves.spans(word.terms)[number]:
            at, having = located(span.field.docs[span.where], docs)
            kept = having.nonzero()[0]
            if len(kept):
                tf[kept] += _weighted(span, self._leaves, number, at[kept]).scores
        return rare * saturated(tf)

    def _count(self, word: BoundWord) -> int:
        """How many live documents have a word."""
        counted = self._known.counted
        count = counted.get(word.terms)
        if count is None:
            leaves = range(len(self._leaves.leaves))
            count = sum(having(word, self._leaves, each) for each in leaves)
            counted[word.terms] = count
        return count

    def _weigh(self, word: BoundWord) -> DocSet:
        leaves = self._leaves.leaves
        if not leaves:
            return NONE
        found = [frequencies(word, self._leaves, number) for number in range(len(leaves))]
        docs = np.concatenate(
            [f.docs.astype(np.int64) + leaf.base for f, leaf in zip(found, leaves, strict=True)]
        )
        rare = rarity(len(docs), self._leaves.live)
        scores = rare * saturated(np.concatenate([tf for _, tf in found]))
        docs.flags.writeable = scores.flags.writeable = False  # whoever asks again gets the same
        return DocSet(docs, scores)


def having(word: BoundWord, leaves: IndexReader, number: int) -> int:
    """How many live documents of leaf ``number`` have a word in any field."""
    leaf, spans = leaves.leaves[number], leaves.spans(word.terms)[number]
    if len(spans) < 2 and leaf.whole:
        return sum(where.stop - where.start for _, _, where in spans)
    mask = marked((field.docs[where] for _, field, where in spans), leaf.size)
    return int(np.count_nonzero(mask if leaf.whole else mask & leaf.live))


def saturated(tf: Array) -> Array:
    """How much a weighted frequency counts: 1 for one occurrence, K1 + 1 for very many.

    >>> import numpy as np
    >>> saturated(np.array([1.0, 10.0])).round(2).tolist()
    [1.0, 1.96]
    """
    return tf * (K1 + 1) / (tf + K1)


def frequencies(word: BoundWord, leaves: IndexReader, number: int) -> DocSet:
    """The live documents of leaf ``number`` that have a word, and its weighted frequency there."""
    leaf = leaves.leaves[number]
    spans = leaves.spans(word.terms)[number]
    parts = [_weighted(span, leaves, number) for span in spans]
    found = union(parts, leaf.size, positive=True)
    if leaf.whole or not len(found.docs):
        return found
    kept = leaf.live[found.docs]
    return DocSet(found.docs[kept], found.scores[kept])


def _weighted(span: Span, leaves: IndexReader, number: int, kept: Array | None = None) -> DocSet:
    """The documents of a term in one field, or the ``kept`` ones of them, and the part of its
    weighted frequency that the field has."""
    docs, freqs = span.field.docs[span.where], span.field.weights(span.where)
    if kept is not None:
        docs, freqs = docs[kept], None if freqs is None else freqs[kept]
    share = leaves.share(number, span.name, *WEIGHTS[span.name])[docs.astype(np.intp)]
    # Of the same precision throughout: equals have to stay equal in any segment.
    tf = share.astype(np.float64) if freqs is None else np.multiply(share, freqs, dtype=float)
    return DocSet(docs, tf)
