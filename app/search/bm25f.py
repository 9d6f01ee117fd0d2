"""How much does a word weigh in an essay, all fields of text together?

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

from math import log
from typing import NamedTuple

import numpy as np

from app.search.matches import NONE, Matches, union
from app.search.segment import Leaf, Leaves
from app.search.words import Word
from indexer.arrays import Array

#: How fast more of the same word stops to count.
K1 = 1.2


class Weight(NamedTuple):
    """What one occurrence in a field counts, against one in the text of average length; and how
    far a field longer than others is held against it (0 not at all, 1 in full)."""

    weight: float
    b: float


#: A title says in a few words what an essay is about; a tag does too, but is chosen from a list,
#: and an essay is not less about it for having more of them. Summaries and headings are the
#: author's own digest. Names that are cited are about others' works.
WEIGHTS = {
    "title": Weight(2.0, 0.75),
    "topics": Weight(2.0, 0.3),
    "summary": Weight(1.5, 0.5),
    "headings": Weight(1.5, 0.5),
    "body": Weight(1.0, 0.75),
    "author": Weight(1.5, 0.2),
    "cites": Weight(0.5, 0.5),
}


class Weighing:
    """The words of one question over one generation; each is weighed once."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._known: dict[tuple[tuple[str, str], ...], list[Matches]] = {}
        self._having: dict[tuple[tuple[str, str], ...], int] = {}

    def word(self, word: Word, number: int) -> Matches:
        """The live documents of leaf ``number`` that have a word, and what it weighs in each."""
        if word.terms not in self._known:
            self._known[word.terms] = self._weigh(word)
        docs, scores = self._known[word.terms][number]
        return Matches(docs, scores * word.boost) if word.boost != 1.0 else Matches(docs, scores)

    def among(self, word: Word, docs: Array, number: int) -> Array:
        """What a word weighs in some documents of leaf ``number`` that have it."""
        if word.terms not in self._having:
            leaves = range(len(self._leaves.leaves))
            self._having[word.terms] = sum(having(word, self._leaves, each) for each in leaves)
        rare = rarity(self._having[word.terms], self._leaves.live)
        leaf, tf = self._leaves.leaves[number], np.zeros(len(docs))
        for name, term in word.terms:
            field = leaf.fields.get(name)
            if field is None or (place := field.find(term.encode())) < 0:
                continue
            where = field.span(place)
            those, freqs = field.docs[where], field.weights(where)
            at = np.searchsorted(those, docs.astype(those.dtype))
            at[at == len(those)] = 0
            kept = np.flatnonzero(those[at] == docs)
            share = self._leaves.share(number, name, *WEIGHTS[name])[docs[kept]]
            tf[kept] += share if freqs is None else share * freqs[at[kept]]
        weighed: Array = word.boost * rare * saturated(tf)
        return weighed

    def _weigh(self, word: Word) -> list[Matches]:
        found = [
            frequencies(word, self._leaves, number) for number in range(len(self._leaves.leaves))
        ]
        rare = rarity(sum(len(docs) for docs, _ in found), self._leaves.live)
        return [Matches(docs, rare * saturated(tf)) for docs, tf in found]


def having(word: Word, leaves: Leaves, number: int) -> int:
    """How many live documents of leaf ``number`` have a word in any field."""
    leaf = leaves.leaves[number]
    mask = np.zeros(leaf.size, dtype=np.bool_)
    for name, term in word.terms:
        field = leaf.fields.get(name)
        if field is not None and (place := field.find(term.encode())) >= 0:
            mask[field.docs[field.span(place)]] = True
    return int(np.count_nonzero(mask if leaf.whole else mask & leaf.live))


def rarity(having: int, live: int) -> float:
    """What having a word says, where ``having`` of ``live`` essays have it: its idf.

    >>> round(rarity(1, 100), 2), round(rarity(100, 100), 4)
    (4.21, 0.005)
    """
    return log(1 + (live - having + 0.5) / (having + 0.5))


def saturated(tf: Array) -> Array:
    """How much a weighted frequency counts: 1 for one occurrence, K1 + 1 for very many.

    >>> import numpy as np
    >>> saturated(np.array([1.0, 10.0])).round(2).tolist()
    [1.0, 1.96]
    """
    return tf * (K1 + 1) / (tf + K1)


def frequencies(word: Word, leaves: Leaves, number: int) -> Matches:
    """The live documents of leaf ``number`` that have a word, and its weighted frequency there."""
    leaf = leaves.leaves[number]
    parts = [part for part in (_field(leaves, number, *term) for term in word.terms) if part]
    return _live(leaf, union(parts, leaf.size))


def _field(leaves: Leaves, number: int, name: str, term: str) -> Matches | None:
    field = leaves.leaves[number].fields.get(name)
    if field is None or (place := field.find(term.encode())) < 0:
        return None
    where = field.span(place)
    docs, freqs = field.docs[where], field.weights(where)
    share = leaves.share(number, name, *WEIGHTS[name])[docs]
    return Matches(docs, share if freqs is None else share * freqs)


def _live(leaf: Leaf, found: Matches) -> Matches:
    if leaf.whole or not len(found.docs):
        return found if len(found.docs) else NONE
    kept = leaf.live[found.docs]
    return Matches(found.docs[kept], found.scores[kept])
