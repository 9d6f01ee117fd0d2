"""The words that are typical of an essay, and how much of their weight other essays have.

Words weigh by tf·idf, as in a cosine between documents (Salton and Buckley 1988, "Term-weighting
approaches in automatic text retrieval": 1 + ln tf on one side, idf on both); the other side's
frequency is damped and divided by its length as BM25 does, so that an essay is not like every
other for being long. All of it comes out of the postings of a few words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from app.search.embedded.matching.docset import DocSet
from app.search.embedded.reader.segments import K1
from app.search.embedded.snapshot import Snapshot
from app.search.relating.keywords import FIELDS, Keyword, heaviest, typical, words_said
from indexer.storage.arrays import Array


class Likeness(NamedTuple):
    """``shares`` says how much of the weight of an essay's keywords every document has: from 0 for
    nothing to 1 for as much as the essay itself, float64, shape (size,). ``parts`` are what each
    word adds to which documents."""

    shares: Array
    parts: tuple[tuple[Keyword, DocSet], ...]

    def words(self, doc: int) -> list[str]:
        """The words that the essay shares with another one, the heaviest first."""
        return heaviest((adds.score(doc), each.word) for each, adds in self.parts)


def keywords(doc: int, snapshot: Snapshot) -> tuple[Keyword, ...]:
    """The words typical of an essay, the heaviest first."""
    said = words_said(snapshot.card(doc), snapshot.section_texts(doc))
    live = int(np.count_nonzero(snapshot.columns.live))

    def having(terms: Sequence[str]) -> list[int]:
        return [snapshot.leaves.live_frequency("body", term) for term in terms]

    return typical(said, having, live)


def likeness(doc: int, words: tuple[Keyword, ...], snapshot: Snapshot) -> Likeness:
    """How like an essay all others are, by its keywords. One word shared by chance is
    no likeness: it takes two."""
    sums = np.zeros(snapshot.size)
    shared = np.zeros(snapshot.size, np.int32)
    parts = []
    for each in words:
        docs, frequencies = _frequencies(each.term.encode(), snapshot)
        adds = each.weight * each.idf * frequencies
        sums[docs] += adds
        shared[docs] += 1
        parts.append((each, DocSet(docs, adds)))
    own = sums[doc]
    sums[(shared < 2) | ~snapshot.columns.live] = 0.0
    shares = np.minimum(sums / own, 1.0) if own else sums
    return Likeness(shares, tuple(parts))


def _frequencies(term: bytes, snapshot: Snapshot) -> tuple[Array, Array]:
    """The documents that have a term, and its damped frequency in each, as BM25 damps it:
    tf · (K1 + 1) / (tf + K1 · ((1 − B) + B · length / mean length))."""
    leaves = snapshot.leaves
    found: list[Array] = []
    damped: list[Array] = []
    for number, leaf in enumerate(leaves.leaves):
        having, counts = [], []
        for name, weight in FIELDS.items():
            field = leaf.fields.get(name)
            if field is not None and (place := field.find(term)) >= 0:
                where = field.span(place)
                docs, freqs = field.docs[where], field.weights(where)
                having.append(docs)
                counts.append(np.full(len(docs), weight) if freqs is None else freqs * weight)
        if not having:
            continue
        if len(having) == 1:
            docs, tf = having[0], counts[0]
        else:
            sums = np.bincount(np.concatenate(having), weights=np.concatenate(counts))
            docs = np.flatnonzero(sums > 0)
            tf = sums[docs]
        norm = leaves.norm(number, "body")
        damped.append(tf * (K1 + 1) / (tf + (K1 if norm is None else norm[docs])))
        found.append(docs.astype(np.int64) + leaf.base)
    if not found:
        return np.empty(0, np.int64), np.empty(0)
    return np.concatenate(found), np.concatenate(damped)
