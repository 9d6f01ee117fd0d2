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

from collections.abc import Sequence
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np

from app.search.binding.clauses import BoundWord
from app.search.budget import FREE, Budget
from app.search.embedded.matching.docset import NONE, DocSet, added_up, marked
from app.search.embedded.reader.segments import (
    LOOKED_UP,
    IndexReader,
    SegmentReader,
    Span,
    Terms,
)
from app.search.ranking.weights import rarity
from indexer.cache import BoundedCache
from indexer.schema import field_names
from indexer.schema.field_weights import K1, WEIGHTS
from indexer.storage.arrays import Array
from indexer.storage.postings import located, not_among

#: Documents of weighed words that are remembered; each takes sixteen bytes. And words that are
#: counted.
MAX_WEIGHED_DOCS, MAX_COUNTED_WORDS = 1_000_000, 20_000
#: Words times documents of a segment that are added up at once: 4 MB of sums.
MAX_CELLS = 1 << 19
#: The fields of words.
FIELDS = (*field_names.TEXT, *field_names.NAMES)


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
        found = self._known.weighed.get(word.terms)
        if found is None:
            (found,) = weigh([word.terms], self._leaves)
            self._known.weighed[word.terms] = found
        return found

    def words(self, words: Sequence[BoundWord], budget: Budget = FREE) -> list[DocSet | None]:
        """The same for each of some words; None for those that are left when the budget is over."""
        known = self._known.weighed
        found = {word.terms: known.get(word.terms) for word in words}
        new = [terms for terms, each in found.items() if each is None]
        most = max(1, MAX_CELLS // max((leaf.size for leaf in self._leaves.leaves), default=1))
        for first in range(0, len(new), most):
            if first and budget.over():
                break
            some = new[first : first + most]
            for terms, each in zip(some, weigh(some, self._leaves), strict=True):
                found[terms] = known[terms] = each
        return [found[word.terms] for word in words]

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
                freqs = span.field.weights(span.where)
                some = None if freqs is None else freqs[at[kept]]
                tf[kept] += _weighted(docs[kept], some, self._leaves, number, span.name)
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


def weigh(words: Sequence[Terms], leaves: IndexReader) -> list[DocSet]:
    """The live documents that have each of some words, and what it weighs in each."""
    leaf_numbers = range(len(leaves.leaves))
    by_leaf = [damped(words, leaves, number) for number in leaf_numbers]
    made = []
    for found in zip(*by_leaf, strict=True):
        docs, parts = found[0] if len(found) == 1 else map(np.concatenate, zip(*found, strict=True))
        scores = rarity(len(docs), leaves.live) * parts
        docs.flags.writeable = scores.flags.writeable = False  # whoever asks again gets the same
        made.append(DocSet(docs, scores))
    return made or [NONE] * len(words)


def damped(words: Sequence[Terms], leaves: IndexReader, number: int) -> list[DocSet]:
    """The live documents of leaf ``number`` that have each of some words, and its weighted
    frequency there, :func:`saturated`."""
    leaf, count = leaves.leaves[number], len(words)
    spans: dict[str, list[tuple[int, Span]]] = {}
    for each, terms in enumerate(words):
        for span in leaves.spans(terms)[number]:
            spans.setdefault(span.name, []).append((each, span))
    if not spans:
        return [NONE] * count
    # A document of a word is a cell of a table. In one order of the fields, whatever the words:
    # equals have to stay equal.
    cells: list[Array] = []
    summands: list[Array] = []
    for name in filter(spans.__contains__, FIELDS):
        of, field = spans[name], spans[name][0][1].field
        wheres = [span.where for _, span in of]
        docs = np.concatenate([field.docs[where] for where in wheres]).astype(np.intp)
        summands.append(_weighted(docs, field.weights_of(wheres), leaves, number, name))
        if count > 1:
            firsts = np.array([each * leaf.size for each, _ in of])
            docs += firsts.repeat([where.stop - where.start for where in wheres])
        cells.append(docs)
    if len(cells) == 1 and len(of) == 1:
        found, tf = cells[0], summands[0]
    else:
        found, tf = added_up(np.concatenate(cells), np.concatenate(summands), count * leaf.size)
    firsts = np.arange(count + 1) * leaf.size
    if not leaf.whole:
        kept = _live(found, leaf, firsts)
        found, tf = found[kept], tf[kept]
    bounds = found.searchsorted(firsts)
    docs = found - (firsts[:-1] - leaf.base).repeat(bounds[1:] - bounds[:-1])
    parts = saturated(tf)
    return [DocSet(docs[low:high], parts[low:high]) for low, high in pairwise(bounds.tolist())]


def _live(found: Array, leaf: SegmentReader, firsts: Array) -> Array:
    """Which cells of a table are of live documents: a mask. ``firsts`` are where its words begin,
    and where it ends."""
    count = len(firsts) - 1
    if len(found) < LOOKED_UP * count * len(leaf.gone):
        return np.tile(leaf.live, count)[found]
    return not_among(found, (firsts[:-1, None] + leaf.gone).ravel())


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


def _weighted(
    docs: Array, freqs: Array | None, leaves: IndexReader, number: int, name: str
) -> Array:
    """The part of the weighted frequencies of words that a field of leaf ``number`` has, for the
    documents of some of its postings."""
    share = leaves.share(number, name, *WEIGHTS[name])[docs]
    # Of the same precision throughout: equals have to stay equal in any segment.
    return share.astype(np.float64) if freqs is None else np.multiply(share, freqs, dtype=float)


def frequency(span: Span, doc: int, leaves: IndexReader, number: int) -> float:
    """The weighted frequency of a term in one field of one document of leaf ``number``."""
    docs = span.field.docs[span.where]
    at = int(docs.searchsorted(docs.dtype.type(doc)))
    if at == len(docs) or docs[at] != doc:
        return 0.0
    place = span.where.start + at
    freqs = span.field.weights(slice(place, place + 1))
    return float(_weighted(docs[at : at + 1], freqs, leaves, number, span.name)[0])
