"""The mapped segments of one generation, side by side.

A :class:`SegmentReader` is one segment with its place among the documents of the generation.
Opening a generation maps what is new and keeps what it shares with the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from indexer.cache import BoundedCache
from indexer.storage.arrays import Array
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS, DocumentsReader
from indexer.storage.postings import MIN_LOOKED_UP, Field, located, not_among
from indexer.storage.segment import open_for_reading
from indexer.storage.terms import POSTINGS, TermsReader
from indexer.storage.vectors import SegmentVectors, read_vectors
from indexer.storage.verified import Verified

#: Words whose spans are remembered: one search comes back to the same few.
MAX_SPANS = 1_024
#: Terms whose frequencies are remembered, some 200 bytes each: one search asks for the same several
#: times, and many searches for the common ones.
MAX_FREQUENCIES = 20_000
#: Where a term has this many times as many documents as were deleted, these are looked up among
#: them; else each document is asked whether it is live.
LOOKED_UP = 8
#: How fast more of the same word stops to count, and how far a long text is held against its words,
#: where one field is weighed by itself.
K1, B = 1.2, 0.75


#: Terms, each with its field.
Terms = tuple[tuple[str, str], ...]


class Span(NamedTuple):
    """Where the postings of a term lie: the stretch ``where`` of a field of one segment."""

    name: str
    field: Field
    where: slice


_NO_DOCS = np.empty(0, np.uint16)


class SegmentReader:
    """One segment: its postings by field, its documents, which of them are live."""

    def __init__(self, segment: ArraySegment, folder: Path, base: int, verified: Verified) -> None:
        documents = open_for_reading(segment.path(folder, DOCUMENTS), verified)
        postings = open_for_reading(segment.path(folder, POSTINGS), verified)
        self.files = (documents, postings)
        self.fields: Mapping[str, Field] = TermsReader(postings, documents).fields
        self.documents = DocumentsReader(documents, segment)
        self.size = segment.doc_count_all()
        self.base = base
        self.live = np.ones(self.size, dtype=np.bool_)
        #: The documents that were deleted, ascending.
        self.gone = np.array(sorted(segment.deleted), dtype=np.int64)
        self.live[self.gone] = False
        self.whole = not segment.deleted

    @cached_property
    def vectors(self) -> SegmentVectors | None:
        """The vectors of its essays; None where it has none."""
        return read_vectors(self.documents.files)

    def spans(self, terms: Terms) -> list[Span]:
        """The postings of those of some terms that the segment has."""
        found, last, key = [], "", b""
        for name, term in terms:
            if term is not last:  # the same in most fields
                last, key = term, term.encode()
            field = self.fields.get(name)
            if field is not None and (number := field.find(key)) >= 0:
                found.append(Span(name, field, field.span(number)))
        return found

    def living(self, docs: Array) -> Array:
        """Those of some ascending documents, by their numbers here, that are live."""
        if self.whole:
            return docs
        if len(docs) < LOOKED_UP * len(self.gone):
            return docs[self.live[docs]]
        kept = not_among(docs, self.gone)
        return docs if kept.all() else docs[kept]

    def live_docs(self, field: str, term: bytes) -> Array:
        """The live documents that have a term: by their numbers here, ascending, of the type that
        the segment has them in, shape (n,)."""
        found = self.fields.get(field)
        number = -1 if found is None else found.find(term)
        if found is None or number < 0:
            return _NO_DOCS
        return self.living(found.docs[found.span(number)])

    def live_frequency(self, field: str, term: bytes) -> int:
        """The number of live documents that have a term."""
        found = self.fields.get(field)
        number = -1 if found is None else found.find(term)
        return 0 if found is None or number < 0 else self.live_count(found, number)

    def live_count(self, found: Field, number: int) -> int:
        """The number of live documents that have a term, given by its number."""
        count = found.frequency(number)
        if self.whole:
            return count
        docs = found.docs[found.span(number)]
        if count < LOOKED_UP * len(self.gone):
            return int(np.count_nonzero(self.live[docs]))
        return count - int(np.count_nonzero(located(docs, self.gone)[1]))

    def length(self, field: str) -> Array | None:
        """The length of a field in every document, in words."""
        return self.documents.files.get(f"length.{field}")

    def column(self, name: str, default: float) -> Array:
        """A number for every document."""
        found = self.documents.files.get(f"column.{name}")
        return np.full(self.size, default) if found is None else found


class IndexReader:
    """All segments of one generation, and what scoring needs to know of them together."""

    def __init__(self, folder: Path, segments: Iterable[ArraySegment]) -> None:
        self.leaves: list[SegmentReader] = []
        self.size = 0
        verified = Verified(folder.parent)
        for segment in segments:
            self.leaves.append(SegmentReader(segment, folder, self.size, verified))
            self.size += segment.doc_count_all()
        self.live = sum(int(np.count_nonzero(leaf.live)) for leaf in self.leaves)
        self._shares: dict[tuple[int, str], Array] = {}
        self._means: dict[str, float] = {}
        self._averages: dict[str, float] = {}
        self._norms: dict[tuple[int, str], Array] = {}
        self._spans = BoundedCache[Terms, list[list[Span]]](MAX_SPANS)
        self._frequencies = BoundedCache[tuple[str, str], int](MAX_FREQUENCIES)

    def spans(self, terms: Terms) -> list[list[Span]]:
        """For each leaf the postings of those of some terms that it has."""
        found = self._spans.get(terms)
        if found is None:
            found = [leaf.spans(terms) for leaf in self.leaves]
            self._spans[terms] = found
        return found

    def look_up(self, words: Iterable[Terms]) -> None:
        """Look up many words at once whose :meth:`spans` are asked for next."""
        by_field: dict[str, list[bytes]] = {}
        for terms in words:
            if terms not in self._spans:
                for name, term in terms:
                    by_field.setdefault(name, []).append(term.encode())
        for name, keys in by_field.items():
            self.look_up_in(name, keys)

    def look_up_in(self, field: str, terms: Sequence[bytes]) -> None:
        """Look up many terms of a field at once that are asked for next."""
        for leaf in self.leaves:
            if (found := leaf.fields.get(field)) is not None:
                found.look_up(terms)

    def share(self, number: int, field: str, weight: float, b: float) -> Array:
        """For every document of a leaf, what one occurrence of a word in a field counts:
        weight / (1 − b + b · length / mean length)."""
        key = (number, field)
        if key not in self._shares:
            lengths = self.leaves[number].length(field)
            if lengths is None:
                lengths = np.full(self.leaves[number].size, self._mean(field))
            relative = lengths / self._mean(field)
            self._shares[key] = (weight / ((1 - b) + b * relative)).astype(np.float32)
        return self._shares[key]

    def _mean(self, field: str) -> float:
        """The mean length of a field over the live documents that have it."""
        if field not in self._means:
            total = count = 0
            for leaf in self.leaves:
                lengths = leaf.length(field)
                if lengths is not None:
                    total += int(lengths[leaf.live].sum(dtype=np.int64))
                    count += int(np.count_nonzero(lengths[leaf.live]))
            self._means[field] = total / count if count else 1.0
        return self._means[field]

    def average(self, field: str) -> float:
        """The mean length of a field over all documents, those without it included."""
        if field not in self._averages:
            total = sum(leaf.documents.field_length(field) for leaf in self.leaves)
            self._averages[field] = total / (self.size or 1) or 1.0
        return self._averages[field]

    def norm(self, number: int, field: str) -> Array | None:
        """BM25's length factor of every document of a leaf: K1 · ((1 − B) + B · length / mean)."""
        key = (number, field)
        if key not in self._norms:
            lengths = self.leaves[number].length(field)
            if lengths is None:
                return None
            self._norms[key] = K1 * ((1 - B) + B * (lengths / self.average(field)))
        return self._norms[key]

    def locate(self, doc: int) -> tuple[SegmentReader, int]:
        """The leaf of a document, and its number there."""
        for leaf in self.leaves:
            if doc < leaf.base + leaf.size:
                return leaf, doc - leaf.base
        raise IndexError(doc)

    def stored(self, doc: int, name: str) -> Any:
        """One stored value of a document."""
        leaf, local = self.locate(doc)
        return leaf.documents.stored(name, local)

    def live_docs(self, field: str, term: str) -> Array:
        """The live documents that have a term: int64, ascending, shape (n,)."""
        key = term.encode()
        found = [leaf.live_docs(field, key) + np.int64(leaf.base) for leaf in self.leaves]
        return found[0] if len(found) == 1 else np.concatenate([np.empty(0, np.int64), *found])

    def live_frequency(self, field: str, term: str) -> int:
        """The number of live documents that have a term."""
        key = (field, term)
        total = self._frequencies.get(key)
        if total is None:
            total = sum(leaf.live_frequency(field, term.encode()) for leaf in self.leaves)
            self._frequencies[key] = total
        return total

    def count(self, field: str, terms: Iterable[str]) -> None:
        """Count many terms at once whose :meth:`live_frequency` is asked for next: half the time of
        counting each."""
        new = [term for term in dict.fromkeys(terms) if (field, term) not in self._frequencies]
        if len(new) < MIN_LOOKED_UP:
            return
        keys, totals = [term.encode() for term in new], [0] * len(new)
        for leaf in self.leaves:
            if (found := leaf.fields.get(field)) is not None:
                found.look_up(keys)
                for place, number in enumerate(map(found.find, keys)):
                    if number >= 0:
                        totals[place] += leaf.live_count(found, number)
        for term, total in zip(new, totals, strict=True):
            self._frequencies[field, term] = total

    def frequency(self, field: str, term: bytes) -> int:
        """The number of documents that have a term, deleted ones included, as Whoosh counts."""
        total = 0
        for leaf in self.leaves:
            found = leaf.fields.get(field)
            if found is not None and (number := found.find(term)) >= 0:
                total += found.frequency(number)
        return total

    def spread(self, field: str, prefix: str) -> int:
        """How many terms begin with ``prefix``, at the most: segments share terms."""
        counts = (
            len(found.prefixed(prefix.encode()))
            for leaf in self.leaves
            if (found := leaf.fields.get(field)) is not None
        )
        return sum(counts)

    def beginning(self, field: str, prefix: str) -> list[str]:
        """The terms that begin with ``prefix``, each once."""
        found: list[str] = []
        for leaf in self.leaves:
            own = leaf.fields.get(field)
            if own is not None:
                found += own.terms.texts(own.prefixed(prefix.encode()))
        return found if len(self.leaves) == 1 else list(dict.fromkeys(found))

    def prefixed(self, field: str, prefix: str) -> dict[str, int]:
        """The terms that begin with ``prefix``, each with its number of documents."""
        counted: dict[str, int] = {}
        for leaf in self.leaves:
            found = leaf.fields.get(field)
            if found is not None:
                for term, having in found.counted(found.prefixed(prefix.encode())):
                    counted[term] = counted.get(term, 0) + having
        return counted
