"""The essays that are nearly the same text: as one essay, and in the whole archive.

Candidates come out of the postings, for one essay by its rarest words, for the archive by sketches
of all texts (:mod:`indexer.analysis.shingles`), which positions give without reading a text. What
is said of a pair was then found by comparing the two texts themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np

from app.search.budget import BESIDE, FREE, Budget
from app.search.discovery import Duplicate
from app.search.embedded.reader.segments import SegmentReader
from app.search.embedded.snapshot import Snapshot
from indexer.analysis import analyzer, languages, shingles
from indexer.analysis.languages import ENGLISH
from indexer.analysis.shingles import SKETCH, Family
from indexer.storage.arrays import Array
from indexer.storage.postings import stretches

#: An essay's rarest words by which its copies are looked for, of so many of its longest.
RARE_WORDS, LONG_WORDS = 24, 120
#: Of the rarest words a copy has at least so many. Nine tenths of its words would be 21.
MIN_SHARED_WORDS = RARE_WORDS // 2
#: Texts that are compared with one essay's.
MAX_COMPARED = 8
#: Documents whose words are laid out at once.
DOCS_AT_ONCE = 4096


def duplicates(doc: int, snapshot: Snapshot, budget: Budget = FREE) -> tuple[Duplicate, ...]:
    """The essays whose text is nearly that of one, the likest first; equals by slug. Past the
    budget no more texts are compared."""
    if budget.over(BESIDE):
        return ()
    parts = [text for _, text in snapshot.section_texts(doc)]
    own = shingles.shingles(parts)
    if len(own) < shingles.MIN_SHINGLES:
        return ()
    counts = np.zeros(snapshot.size, np.int32)
    looked = 0
    lang = languages.code(snapshot.card(doc).lang) or ENGLISH
    for docs in islice(_postings(parts, lang, snapshot), RARE_WORDS):
        counts[docs] += 1
        looked += 1
    counts[doc] = 0
    near = np.flatnonzero(counts >= max(1, looked * MIN_SHARED_WORDS // RARE_WORDS))
    # Of texts that have the words, those as long come first: in a long one any word may stand.
    lengths = np.maximum(_lengths(snapshot), 1.0)
    apart = np.abs(np.log(lengths[near] / lengths[doc]))
    first = snapshot.sorting.ordered(
        "relevance", near, counts[near] / (looked or 1) - apart, MAX_COMPARED
    )
    found = [
        (shingles.resemblance(own, _shingles(each, snapshot)), snapshot.slug(each), each)
        for each in first.tolist()
        if not budget.over(BESIDE)
    ]
    return tuple(
        Duplicate(snapshot.card(each), round(share, 4))
        for share, _, each in sorted(found, key=lambda it: (-it[0], it[1]))
        if share >= shingles.ALIKE
    )


def _postings(parts: list[str], lang: str, snapshot: Snapshot) -> Iterator[Array]:
    """The live documents of the rarest of a text's longer words, but for words that only it has."""
    words = {term for part in parts for term in analyzer.terms(part, lang)}
    long = sorted(words, key=lambda word: (-len(word), word))[:LONG_WORDS]
    having = {word: snapshot.leaves.frequency("body", word.encode()) for word in long}
    for term in sorted(long, key=lambda word: (having[word], word)):
        if having[term] > 1 and len(docs := snapshot.leaves.live_docs("body", term)) > 1:
            yield docs


def _lengths(snapshot: Snapshot) -> Array:
    """The words of every document's text."""
    pieces: list[Array] = [np.empty(0)]
    for leaf in snapshot.leaves.leaves:
        length = leaf.length("body")
        pieces.append(np.zeros(leaf.size) if length is None else length)
    return np.concatenate(pieces)


def _shingles(doc: int, snapshot: Snapshot) -> Array:
    return shingles.shingles(text for _, text in snapshot.section_texts(doc))


def families(snapshot: Snapshot) -> list[Family]:
    """All essays of a generation that are nearly the same text, by document."""
    owners: list[Array] = [np.empty(0, np.int64)]
    hashes: list[Array] = [np.empty(0, np.uint64)]
    for leaf in snapshot.leaves.leaves:
        for own, some in _sketches(leaf):
            kept = leaf.live[own]
            owners.append(own[kept] + leaf.base)
            hashes.append(some[kept])
    pairs = shingles.candidates(np.concatenate(owners), np.concatenate(hashes))
    read = lru_cache(maxsize=512)(lambda doc: _shingles(doc, snapshot))
    return shingles.families(
        {(one, other): shingles.resemblance(read(one), read(other)) for one, other in pairs}
    )


def _sketches(leaf: SegmentReader) -> Iterator[tuple[Array, Array]]:
    """The sketches of a segment's texts, some documents at a time: document and hash."""
    field = leaf.fields.get("body")
    if field is None or field.positions is None:
        return
    words = np.array([shingles.hashed(field.terms[n]) for n in range(len(field))], np.uint64)
    starts = field.starts.astype(np.int64)
    terms = np.repeat(np.arange(len(field), dtype=np.int32), starts[1:] - starts[:-1])
    freqs = field.weights(slice(0, len(field.docs)))
    freqs = np.ones(len(field.docs), np.uint8) if freqs is None else freqs
    ends = np.cumsum(freqs, dtype=np.uint32)
    for low in range(0, leaf.size, DOCS_AT_ONCE):
        chosen = np.flatnonzero((field.docs >= low) & (field.docs < low + DOCS_AT_ONCE))
        docs = field.docs[chosen].astype(np.int64) - low
        many, until = freqs[chosen].astype(np.int64), ends[chosen].astype(np.int64)
        positions = field.positions[stretches(until - many, until)].astype(np.int64)
        # Every word goes to its own place; where parts of a text meet, places stay empty.
        lengths = np.zeros(min(DOCS_AT_ONCE, leaf.size - low), np.int64)
        if len(docs):
            np.maximum.at(lengths, docs, positions[np.cumsum(many) - 1] + 1 + shingles.WIDTH)
        bases = np.cumsum(lengths) - lengths
        laid = np.zeros(int(lengths.sum()), np.uint64)
        laid[np.repeat(bases[docs], many) + positions] = np.repeat(words[terms[chosen]], many)
        yield _smallest(laid, np.repeat(np.arange(len(lengths)) + low, lengths))


def _smallest(laid: Array, owners: Array) -> tuple[Array, Array]:
    """The sketch of each text, of the hashes of words at their places, 0 where there is none."""
    made = shingles.rolled(laid)
    filled = laid != 0
    whole = filled[: len(made)].copy()
    for shift in range(1, shingles.WIDTH):
        whole &= filled[shift : shift + len(made)]
    owners, made = owners[: len(made)][whole], made[whole]
    # The smallest of many lie far below the rest, so that few have to be sorted.
    sizes = np.bincount(owners) if len(owners) else np.zeros(1, np.int64)
    limits = np.minimum(4.0 * SKETCH / np.maximum(sizes, 1), 1.0) * float(2**64 - 2**12)
    low = (made < limits.astype(np.uint64)[owners]) & (sizes[owners] >= shingles.MIN_SHINGLES)
    owners, made = owners[low], made[low]
    order = np.lexsort((made, owners))
    owners, made = owners[order], made[order]
    new = np.ones(len(made), dtype=np.bool_)
    new[1:] = (made[1:] != made[:-1]) | (owners[1:] != owners[:-1])
    owners, made = owners[new], made[new]
    firsts = np.searchsorted(owners, owners)
    kept = np.arange(len(owners)) - firsts < SKETCH
    return owners[kept], made[kept]
