"""The essays nearest to a query in meaning, and how near others are.

An essay is as near as half its own vector says and half its nearest section's: the first tells what
it is about, the second that it gets to the point somewhere. In large segments the signs of the
numbers decide which essays are looked at at all: of 100,000 essays they take a tenth of the time of
the numbers themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.search.embedded.reader.segments import IndexReader, SegmentReader
from indexer.analysis import embedding, languages
from indexer.analysis.embedding import DIMENSIONS, Quantised, Vectors
from indexer.storage.postings import stretches
from indexer.storage.vectors import SegmentVectors, signs

#: Documents of a segment up to which all vectors are compared number by number.
EXACT = 16_384
#: Documents of a larger one that are left when signs were compared.
MIN_CANDIDATES = 4_000
#: Documents whose sections are looked at, for each that is asked for, and at the least.
SHORTLIST, MIN_SHORTLIST = 3, 300
#: The length of the vector of a word that belongs to one subject. Of "the" it is 2, of "should" 7,
#: of "schedule" 15, of "dentist" 20.
LONG_VECTOR = 20.0
#: Vectors that are multiplied at a time: as numbers of 32 bits they stay in the processor's cache.
BLOCK = 1_024

Docs = npt.NDArray[np.int64]


class Nearness(NamedTuple):
    """How near some documents are to a query: ``docs`` (int64), the ``cosines`` of each (float32,
    0 where it has no vector), and the number of its nearest section (int64, -1 where it has none).
    All have the shape (n,)."""

    docs: Docs
    cosines: Vectors
    sections: Docs

    def only(self, kept: npt.NDArray[np.bool_]) -> Nearness:
        """Those documents alone for which ``kept``, shape (n,), is true."""
        return Nearness(self.docs[kept], self.cosines[kept], self.sections[kept])

    def and_also(self, others: Nearness) -> Nearness:
        """These documents, and then others."""
        return Nearness(
            np.concatenate([self.docs, others.docs]),
            np.concatenate([self.cosines, others.cosines]),
            np.concatenate([self.sections, others.sections]),
        )


class WordWeight(NamedTuple):
    """What a word counts in the vector of a question; and the share of its own vector that a
    dictionary tells, where the word vectors know it by pieces alone."""

    weight: float
    share: float


def query_vector(text: str, weigh: Callable[[str], WordWeight] | None = None) -> Vectors | None:
    """The vector of what a reader typed: float32, shape (DIMENSIONS,), of unit length.

    ``weigh`` says of a word in lower case what it counts; without it all count alike, and by their
    own vectors. Words without letters and words in another script than English has count nothing;
    None where no others are left, or where there are no word vectors at all.
    """
    words = _known_words(text)
    model = embedding.model() if words else None
    if model is None:
        return None
    weights = [WordWeight(1.0, 0.0) if weigh is None else weigh(word) for word in words]
    return model.weighted(
        words, [each.weight for each in weights], [each.share for each in weights]
    )


def general_weights(texts: Sequence[str]) -> dict[str, float]:
    """What each of some words says in any archive, from 0 to 1: its vector is the shorter, the more
    kinds of text it stands in (Schakel and Wilson 2015, "Measuring word significance using
    distributed representations of words"). 1 for a word that the vectors do not know.

    >>> should, dentist = general_weights(["should", "dentist"]).values()
    >>> embedding.model() is None or should < 0.5 < dentist
    True
    """
    weights = dict.fromkeys(texts, 1.0)
    known = {text: words for text in weights if (words := _known_words(text))}
    model = embedding.model() if known else None
    if model is not None:
        for text, length in zip(known, model.lengths(list(known.values())), strict=True):
            weights[text] = min(1.0, length / LONG_VECTOR)
    return weights


def _known_words(text: str) -> list[str]:
    words = embedding.lower_words(text)
    if not text.isascii():
        words = [word for word in words if all(map(_english, word))]
    return [word for word in words if not word.isdigit()]


def _english(letter: str) -> bool:
    script = languages.script(letter)
    return not script or languages.written_in(languages.ENGLISH, script)


def has_vectors(reader: IndexReader) -> bool:
    """Whether any segment has vectors that a query's can be compared with."""
    return any(segment_vectors(leaf) is not None for leaf in reader.leaves)


def nearest(reader: IndexReader, vector: Vectors, limit: int) -> Nearness:
    """The ``limit`` live documents nearest to a query's vector, the nearest first; those with the
    same cosine in the order of their numbers."""
    docs: list[Docs] = [np.empty(0, np.int64)]
    found: list[Vectors] = [np.empty(0, np.float32)]
    most = max(SHORTLIST * limit, MIN_SHORTLIST)
    for leaf in reader.leaves:
        vectors = segment_vectors(leaf)
        if vectors is not None:
            among = _candidates(leaf, vectors, vector, max(2 * most, MIN_CANDIDATES))
            docs.append(among + leaf.base)
            rows = None if len(among) == leaf.size else among
            found.append(products(vectors.of_essays.essays, rows, vector))
    near = np.concatenate(docs)[_first(np.concatenate(found), most)]
    shortlist = cosines(reader, vector, np.sort(near))
    first = _first(shortlist.cosines, limit)
    return Nearness(shortlist.docs[first], shortlist.cosines[first], shortlist.sections[first])


def cosines(reader: IndexReader, vector: Vectors, docs: Docs) -> Nearness:
    """How near each of some documents is to a query's vector, in their order."""
    found = np.zeros(len(docs), np.float32)
    sections = np.full(len(docs), -1, np.int64)
    for leaf in reader.leaves:
        vectors = segment_vectors(leaf)
        if vectors is not None and leaf.size == reader.size and len(docs):
            return Nearness(docs, *_both(vectors, vector, docs))
        inside = ((docs >= leaf.base) & (docs < leaf.base + leaf.size)).nonzero()[0]
        if vectors is not None and len(inside):
            local = docs[inside] - leaf.base
            found[inside], sections[inside] = _both(vectors, vector, local)
    return Nearness(docs, found, sections)


def _both(found: SegmentVectors, vector: Vectors, docs: Docs) -> tuple[Vectors, Docs]:
    """Half the cosine of each document and half that of its best section, and which that is."""
    own = products(found.of_essays.essays, docs, vector)
    starts = found.of_essays.starts
    first, last = starts[docs].astype(np.int64), starts[docs + 1].astype(np.int64)
    rows, counts = stretches(first, last), last - first
    near = products(found.of_essays.sections, rows, vector)
    sections = np.full(len(docs), -1, np.int64)
    having = counts.nonzero()[0]
    if not len(having):
        return own, sections
    counts = counts[having]
    best = np.maximum.reduceat(near, counts.cumsum() - counts)
    # Of sections that are equally near the last: what is set again has its last value.
    nearest = near == best.repeat(counts)
    sections[having.repeat(counts)[nearest]] = rows[nearest]
    sections[having] -= first[having]
    own[having] = (own[having] + best) / 2
    return own, sections


def mean(reader: IndexReader, docs: Docs) -> Vectors:
    """The mean of the vectors of some documents: float32, shape (DIMENSIONS,), zeros where none
    has one."""
    rows = np.zeros((len(docs), DIMENSIONS), np.float32)
    for leaf in reader.leaves:
        vectors = segment_vectors(leaf)
        inside = ((docs >= leaf.base) & (docs < leaf.base + leaf.size)).nonzero()[0]
        if vectors is not None and len(inside):
            essays, local = vectors.of_essays.essays, docs[inside] - leaf.base
            rows[inside] = essays.numbers[local] * essays.scales[local, None]
    # In the order of the documents: how they lie in segments must not change a digit.
    found: Vectors = rows.sum(0) / max(len(docs), 1)
    return found


def segment_vectors(leaf: SegmentReader) -> SegmentVectors | None:
    """The vectors of a segment; None where it has none, or those of another model: they cannot be
    compared with a query's."""
    found = leaf.vectors
    return found if found and found.of_essays.model == embedding.identity() else None


def _candidates(leaf: SegmentReader, found: SegmentVectors, vector: Vectors, most: int) -> Docs:
    """The live documents of a segment that have a vector; in a large one the ``most`` that may be
    nearest."""
    there = (found.of_essays.essays.scales > 0) & leaf.live
    if leaf.size <= max(EXACT, most):
        return there.nonzero()[0]
    of_query = signs(embedding.quantise(vector[None]).numbers)[0]
    apart = np.zeros(leaf.size, np.uint16)
    for column, word in enumerate(of_query):
        apart += np.bitwise_count(found.signs[:, column] ^ word)
    apart[~there] = DIMENSIONS + 1
    # All as near as the last that is wanted, so that no order among equals decides.
    counts = np.cumsum(np.bincount(apart, minlength=DIMENSIONS + 2)[: DIMENSIONS + 1])
    return np.flatnonzero(apart <= min(int(np.searchsorted(counts, most)), DIMENSIONS))


def products(quantised: Quantised, rows: Docs | None, vector: Vectors) -> Vectors:
    """The cosines of some rows, or of all, with a vector of unit length: float32, shape (n,)."""
    numbers, scales = quantised
    if rows is not None:
        scales = scales[rows]
    found = np.empty(len(scales), np.float32)
    # One piece of memory for every block: a new one would have to be mapped each time.
    taken = np.empty((min(BLOCK, len(found)), DIMENSIONS), np.int8)
    wide = np.empty(taken.shape, np.float32)
    for at in range(0, len(found), BLOCK):
        end = min(at + BLOCK, len(found))
        if rows is None:
            block = numbers[at:end]
        else:
            block = numbers.take(rows[at:end], 0, taken[: end - at], "clip")
        wide[: end - at] = block
        np.dot(wide[: end - at], vector, found[at:end])
    found *= scales
    return found


def _first(cosines: Vectors, limit: int) -> Docs:
    """Where the ``limit`` greatest are, the greatest first, equals in their order."""
    if limit >= len(cosines):
        return np.argsort(-cosines, kind="stable")
    last = np.partition(cosines, len(cosines) - limit)[len(cosines) - limit]
    among = np.flatnonzero(cosines >= last)
    return among[np.argsort(-cosines[among], kind="stable")][:limit]
