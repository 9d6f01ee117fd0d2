"""How do batches become segments, and when do segments become one?

The writer keeps a bounded number of documents in memory and writes them as one segment; nothing
is sorted but the terms. Segments are never changed: a deletion is a mark in the table of
contents, and a merge reads segments as batches and writes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from indexer.arrays import Array, Blobs
from indexer.batch import Batch, Run
from indexer.codec import ArraySegment, open_arrays
from indexer.documents import DOCUMENTS, DocumentsReader, write_documents
from indexer.postings import Field, Postings, stretches
from indexer.schema import STORED, facet_fields
from indexer.terms import POSTINGS, TermsReader, write_postings

#: Documents of one segment at the most. Numbers of documents fit 16 bits, arrays over a segment's
#: documents fit a processor's cache, and building one takes less than half a gigabyte.
MOST = 32_768
#: Words after which a segment is written all the same: archives of long essays.
MOST_WORDS = 20_000_000

#: Segments below this many documents are small; more than so many small ones are merged.
SMALL = 1_024
MANY = 8
#: A segment whose deleted documents are more than this share of it is written anew.
STALE = 0.25


class _Numbers(dict[str, int]):
    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


class _FieldBuilder:
    """The runs of one field, until they are sorted into postings."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._runs: list[tuple[Array, Run]] = []

    def add(self, run: Run, base: int) -> None:
        numbers = np.fromiter(
            map(self._numbers.__getitem__, run.terms), np.int64, count=len(run.terms)
        )
        self._runs.append((numbers, run._replace(docs=run.docs + base)))

    def postings(self) -> Postings:
        terms = sorted(self._numbers)
        rank = np.empty(len(terms), np.int64)
        rank[[self._numbers[term] for term in terms]] = np.arange(len(terms))
        counts = np.concatenate([run.counts for _, run in self._runs])
        ranks = rank[np.concatenate([numbers for numbers, _ in self._runs])]
        # Runs come in the order of documents, so a stable sort keeps each term's in order too.
        order = np.argsort(ranks, kind="stable")
        ends = np.cumsum(counts)
        starts = ends - counts
        picked = stretches(starts[order], ends[order])
        docs = np.concatenate([run.docs for _, run in self._runs])
        freqs = self._gather([run.freqs for _, run in self._runs])
        positions = self._gather([run.positions for _, run in self._runs])
        if positions is not None:
            whole = freqs if freqs is not None else np.ones(len(docs), np.int64)
            until = np.cumsum(whole)
            positions = positions[stretches((until - whole)[picked], until[picked])]
        bounds = np.zeros(len(terms) + 1, np.int64)
        np.cumsum(np.bincount(ranks, weights=counts, minlength=len(terms)), out=bounds[1:])
        return Postings(
            [term.encode() for term in terms],
            bounds,
            docs[picked],
            None if freqs is None else freqs[picked],
            positions,
        )

    def _gather(self, pieces: Sequence[Array | None]) -> Array | None:
        if all(piece is None for piece in pieces):
            return None
        return np.concatenate(
            [
                np.ones(len(run.docs), np.int64) if piece is None else piece
                for piece, (_, run) in zip(pieces, self._runs, strict=True)
            ]
        )


class SegmentBuilder:
    """One segment in the making."""

    def __init__(self) -> None:
        self.size = 0
        self.words = 0
        self._fields: dict[str, _FieldBuilder] = {}
        self._lengths: dict[str, list[tuple[int, Array]]] = {}
        self._stored: dict[str, list[bytes]] = {name: [] for name in (*STORED, "slug")}
        self._columns: dict[str, list[Array | list[bytes]]] = {}

    def add(self, batch: Batch, slugs: Sequence[str] | None = None) -> None:
        """Put a batch behind those before it; ``slugs`` for one that has none of its own yet."""
        fields, stored = batch.fields, batch.stored
        if slugs is not None:
            order = np.argsort(np.array(slugs, dtype=object), kind="stable")
            terms = [slugs[n] for n in order]
            fields = fields | {"slug": Run(terms, np.ones(len(terms), np.int64), order)}
            stored = stored | {"slug": [msgspec.msgpack.encode(slug) for slug in slugs]}
        for name, run in fields.items():
            self._fields.setdefault(name, _FieldBuilder()).add(run, self.size)
        for name, lengths in batch.lengths.items():
            self._lengths.setdefault(name, []).append((self.size, lengths))
            self.words += int(lengths.sum())
        for name, values in stored.items():
            self._stored[name] += values
        for name, column in batch.columns.items():
            self._columns.setdefault(name, []).append(column)
        self.size += batch.size

    @property
    def full(self) -> bool:
        return self.size >= MOST - 1_024 or self.words >= MOST_WORDS

    def write(self, folder: Path, index: str, facets: tuple[str, ...]) -> ArraySegment:
        """Write the segment's two files."""
        segment = ArraySegment(index, self.size)
        lengths = {}
        for name, pieces in self._lengths.items():
            lengths[name] = np.zeros(self.size, np.int64)
            for base, piece in pieces:
                lengths[name][base : base + len(piece)] = piece
        write_documents(
            segment.path(folder, DOCUMENTS),
            self.size,
            lengths,
            self._stored,
            {name: _joined(pieces) for name, pieces in self._columns.items()},
        )
        # Field by field, letting go of each: the sorted copy is as large as what it is made from.
        postings = {}
        for name in sorted(self._fields):
            postings[name] = self._fields.pop(name).postings()
        write_postings(
            segment.path(folder, POSTINGS), self.size, postings, set(facet_fields(facets))
        )
        return segment


def _joined(pieces: list[Array | list[bytes]]) -> Array | list[bytes]:
    if isinstance(pieces[0], list):
        return [value for piece in pieces for value in piece]
    return np.concatenate([np.asarray(piece) for piece in pieces])


def merge(
    segments: Sequence[ArraySegment], folder: Path, index: str, facets: tuple[str, ...]
) -> list[ArraySegment]:
    """The segments that answer best: small ones together, stale ones without their deleted."""
    small = [s for s in segments if s.size < SMALL]
    again = set(small) if len(small) > MANY else set()
    again |= {s for s in segments if s.deleted_count() > STALE * s.size}
    kept = [s for s in segments if s not in again]
    builder = SegmentBuilder()
    for segment in sorted(again, key=segments.index):
        if segment.doc_count():
            if builder.size and builder.size + segment.doc_count() > MOST:
                kept.append(builder.write(folder, index, facets))
                builder = SegmentBuilder()
            builder.add(as_batch(segment, folder))
    if builder.size:
        kept.append(builder.write(folder, index, facets))
    return kept


def as_batch(segment: ArraySegment, folder: Path) -> Batch:
    """A segment's documents that are not deleted, as a batch."""
    files = open_arrays(segment.path(folder, DOCUMENTS))
    reader = DocumentsReader(files, segment)
    live = np.ones(segment.size, dtype=np.bool_)
    live[list(segment.deleted)] = False
    kept = np.flatnonzero(live)
    numbers: list[int] = kept.tolist()
    terms = TermsReader(open_arrays(segment.path(folder, POSTINGS)), files)
    columns: dict[str, Array | list[bytes]] = {}
    for name in files:
        if name.startswith("column."):
            bare = name.removeprefix("column.").removesuffix(".data")
            if name.endswith(".data"):
                blobs = Blobs(files, f"column.{bare}")
                columns[bare] = [blobs[doc] for doc in numbers]
            elif not name.endswith(".at"):
                columns[bare] = files[name][kept]
    return Batch(
        len(kept),
        {name: _run(field, live) for name, field in terms.fields.items()},
        {
            name.removeprefix("length."): files[name][kept].astype(np.int64)
            for name in files
            if name.startswith("length.")
        },
        {name: [reader.raw(name, doc) for doc in numbers] for name in (*STORED, "slug")},
        columns,
    )


def _run(field: Field, live: Array) -> Run:
    """A field's postings without those of deleted documents."""
    docs = field.docs
    keep = live[docs]
    numbers = np.cumsum(live) - 1
    starts = field.starts.astype(np.int64)
    counts = np.add.reduceat(keep, starts[:-1], dtype=np.int64) if len(field) else starts[:0]
    freqs = None if field.freqs is None else field.freqs[keep].astype(np.int64)
    positions = None
    if field.positions is not None:
        begin, end = field.places(slice(0, len(docs)))
        positions = field.positions[stretches(begin[keep], end[keep])].astype(np.int64)
    still = np.flatnonzero(counts)
    return Run(
        [field.terms[n].decode() for n in still.tolist()],
        counts[still],
        numbers[docs[keep]],
        freqs,
        positions,
    )


def stored(segment: ArraySegment, folder: Path, doc: int) -> dict[str, Any]:
    """The stored values of one document."""
    return DocumentsReader(open_arrays(segment.path(folder, DOCUMENTS)), segment).stored_fields(doc)


def paths(segments: Iterable[ArraySegment], folder: Path) -> list[tuple[ArraySegment, Field]]:
    """The field of content paths of each segment, for :func:`find`."""
    return [(s, Field(open_arrays(s.path(folder, POSTINGS)), "path")) for s in segments]


def find(
    fields: Iterable[tuple[ArraySegment, Field]], path: str
) -> Iterator[tuple[ArraySegment, int]]:
    """The document of a content path that is not deleted, and its segment."""
    for segment, field in fields:
        number = field.find(path.encode())
        if number >= 0:
            for doc in field.docs[field.span(number)].tolist():
                if not segment.is_deleted(doc):
                    yield segment, doc
