"""The words that are typical of an essay, and how much of their weight other essays have.

Words weigh by tf·idf, as in a cosine between documents (Salton and Buckley 1988, "Term-weighting
approaches in automatic text retrieval": 1 + ln tf on one side, idf on both); the other side's
frequency is damped and divided by its length as BM25 does, so that an essay is not like every
other for being long. All of it comes out of the postings of a few words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log
from typing import NamedTuple

import numpy as np

from app.search.embedded.matching.docset import DocSet
from app.search.embedded.reader.segments import K1
from app.search.embedded.snapshot import Snapshot
from indexer.analysis import analyzer, languages, stemming
from indexer.analysis.languages import ENGLISH
from indexer.storage.arrays import Array

#: What a word is looked for in, and what it counts there: more than where a reader's words are
#: sought (:mod:`app.search.embedded.matching.bm25f`), for a title is chosen to say what an essay is
#: about. Tags are compared by themselves.
FIELDS = {"title": 6.0, "headings": 2.5, "summary": 2.0, "body": 1.0}

#: Words that stand for an essay: more of them add hardly anything (Lucene's MoreLikeThis takes as
#: many).
MAX_KEYWORDS = 25
#: Words whose documents are counted, those said most often and the longest first: what long texts
#: say once is looked up no further.
MAX_LOOKED_UP = 200
#: A word that more than this share of the essays have is typical of none of them.
COMMON_SHARE = 0.5
#: What is said once by the way is not what an essay is about; once in its title or summary is.
MIN_COUNT = 2.0


class Keyword(NamedTuple):
    """A word typical of an essay: its ``term``, the ``word`` as the essay mostly spells it, its
    ``idf``, and its ``weight`` in the essay."""

    term: str
    word: str
    idf: float
    weight: float


class Likeness(NamedTuple):
    """``shares`` says how much of the weight of an essay's keywords every document has: from 0 for
    nothing to 1 for as much as the essay itself, float64, shape (size,). ``parts`` are what each
    word adds to which documents."""

    shares: Array
    parts: tuple[tuple[Keyword, DocSet], ...]

    def words(self, doc: int) -> list[str]:
        """The words that the essay shares with another one, the heaviest first, down to those of a
        third of the weight of the first."""
        found = []
        for each, adds in self.parts:
            if added := adds.score(doc):
                found.append((-round(added, 9), each.word))
        least = min(found, default=(0.0, ""))[0] / 3
        return [word for weight, word in sorted(found) if weight <= least]


def keywords(doc: int, snapshot: Snapshot) -> tuple[Keyword, ...]:
    """The words typical of an essay, the heaviest first: no numbers and contractions, no
    words that only this essay has, none that most have."""
    counts, spelled = _counted(doc, snapshot)
    live = int(np.count_nonzero(snapshot.columns.live))
    repeated = [term for term, count in counts.items() if count >= MIN_COUNT]
    first = sorted(repeated, key=lambda term: (-counts[term], -len(term), term))[:MAX_LOOKED_UP]
    found = []
    for term in first:
        having = snapshot.leaves.live_frequency("body", term)
        if 2 <= having <= COMMON_SHARE * live:
            idf = log((live + 1) / having)
            found.append(
                Keyword(term, _spelling(spelled[term]), idf, (1 + log(counts[term])) * idf)
            )
    return tuple(sorted(found, key=lambda each: (-round(each.weight, 9), each.term))[:MAX_KEYWORDS])


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


def _counted(doc: int, snapshot: Snapshot) -> tuple[dict[str, float], dict[str, Counter[str]]]:
    """For each term of an essay, how often it says it, by weight of the place, and how it spells
    it."""
    counts: dict[str, float] = {}
    spelled: dict[str, Counter[str]] = {}
    lang = languages.code(snapshot.card(doc).lang) or ENGLISH
    for weight, text in _parts(doc, snapshot):
        for _, start, end in analyzer.spans(text, (lang,)):
            term = stemming.term_of(text[start:end], lang)
            written = text[start:end].replace("’", "'").removesuffix("'s")
            if len(term) > 1 and not term[0].isdigit() and "'" not in written:
                counts[term] = counts.get(term, 0.0) + weight
                spelled.setdefault(term, Counter())[written] += 1
    return counts, spelled


def _parts(doc: int, snapshot: Snapshot) -> Iterator[tuple[float, str]]:
    card = snapshot.card(doc)
    yield FIELDS["title"], card.title
    for heading, text in snapshot.section_texts(doc):
        yield FIELDS["headings"], heading
        yield FIELDS["body"], text
    yield FIELDS["summary"], card.description
    yield FIELDS["summary"], card.excerpt


def _spelling(written: Counter[str]) -> str:
    """How an essay mostly spells a word, not counting capitals that begin a sentence or title.

    >>> _spelling(Counter({"Forecast": 3, "forecast": 1, "forecasts": 2}))
    'forecasts'
    >>> _spelling(Counter({"Bayes": 2, "Bayesian": 1}))
    'Bayes'
    """
    inside = {word: count for word, count in written.items() if not word[0].isupper()}
    counts = inside or dict(written)
    return min(counts, key=lambda each: (-counts[each], each))
