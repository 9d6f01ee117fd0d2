"""How do batches become segments, and when do segments become one?

The writer keeps a bounded number of documents in memory and writes them as one segment; nothing
is sorted but the terms. Segments are never changed: a deletion is a mark in the table of
contents, and a merge reads segments as batches and writes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from indexer.build.batch import Batch
from indexer.build.batch import Run
from indexer.schema.document import STORED
from indexer.storage.arrays import Array
from indexer.storage.arrays import Blobs
from indexer.storage.arrays import Growing
from indexer.storage.arrays import Strings
from indexer.storage.arrays import narrow
from indexer.storage.codec import ArraySegment
from indexer.storage.codec import open_arrays
from indexer.storage.documents import DOCUMENTS
from indexer.storage.documents import DocumentsReader
from indexer.storage.documents import write_documents
from indexer.storage.postings import Field
from indexer.storage.postings import Postings
from indexer.storage.postings import stretches
from indexer.storage.terms import POSTINGS
from indexer.storage.terms import TermsReader
from indexer.storage.terms import write_postings
from itertools import pairwise
from pathlib import Path
from typing import Any
import msgspec
import numpy as np

#: Documents of one segment at the most: their numbers fit 16 bits. A search pays its fixed costs
#: once a segment, so there should be few.
MOST = 65_536
#: Words of one segment at the most, whatever the number of its documents: building one takes some
#: twenty bytes a word.
MOST_WORDS = 40_000_000

#: Segments below this many documents are small; more than so many small ones are merged.
SMALL = 1_024
MANY = 8
#: A segment whose deleted documents are more than this share of it is written anew.
STALE = 0.25

#: Values that are put in order at a time: the place of each takes eight bytes, more than itself.
_BLOCK = 1 << 18


class _Numbers(dict[str, int]):
    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


class _FieldBuilder:
    """The runs of one field, until they are sorted into postings. What a run has of one term is a
    stretch: a term's number, and how many postings and positions follow."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._terms = Growing()
        self._counts = Growing()
        self._places = Growing()
        self._docs = Growing()
        self._freqs = Growing()
        self._positions = Growing()
        self._placed = False

    def add(self, run: Run, base: int) -> None:
        self._placed |= run.positions is not None
        count = len(run.terms)
        if not count:
            return
        self._terms.add(np.fromiter(map(self._numbers.__getitem__, run.terms), np.int64, count))
        self._counts.add(run.counts)
        self._docs.add(np.add(run.docs, base, dtype=np.uint32))
        if run.positions is not None:
            freqs = np.ones(len(run.docs), np.uint8) if run.freqs is None else run.freqs
            firsts = np.cumsum(run.counts, dtype=np.int64) - run.counts
            self._places.add(np.add.reduceat(freqs, firsts, dtype=np.uint32))
            self._freqs.add(freqs)
            self._positions.add(run.positions)

    def postings(self) -> Postings:
        """The postings, once: what has been sorted is let go."""
        terms = sorted(self._numbers)
        rank = np.empty(len(terms), np.uint32)
        rank[[self._numbers[term] for term in terms]] = np.arange(len(terms))
        ranks = rank[self._terms.array()]
        counts, places = self._counts.array(), self._places.array()
        bounds = np.zeros(len(terms) + 1, np.int64)
        np.cumsum(np.bincount(ranks, weights=counts, minlength=len(terms)), out=bounds[1:])
        # Runs come in the order of documents, so a stable sort keeps each term's in order too.
        order = np.argsort(ranks, kind="stable")
        docs, self._docs = _picked(self._docs, counts, order), Growing()
        if not self._placed:
            return Postings([term.encode() for term in terms], bounds, docs)
        freqs, self._freqs = _picked(self._freqs, counts, order), Growing()
        positions, self._positions = _picked(self._positions, places, order), Growing()
        return Postings([term.encode() for term in terms], bounds, docs, freqs, positions)


def _picked(values: Growing, lengths: Array, order: Array) -> Array:
    """The stretches of ``values``, which have these lengths, in another order."""
    source = values.array()
    picked = np.empty_like(source)
    starts = np.cumsum(lengths, dtype=np.int64)
    starts -= lengths
    ends = np.cumsum(lengths[order], dtype=np.int64)
    cuts = np.searchsorted(ends, np.arange(0, len(source) + _BLOCK, _BLOCK), "right").tolist()
    at = 0
    for low, high in pairwise(cuts):
        begin = starts[order[low:high]]
        piece = source[stretches(begin, begin + lengths[order[low:high]])]
        picked[at : at + len(piece)] = piece
        at += len(piece)
    return picked


class SegmentBuilder:
    """One segment in the making."""

    def __init__(self) -> None:
        self.size = 0
        self.words = 0
        self._fields: dict[str, _FieldBuilder] = {}
        self._lengths: dict[str, list[tuple[int, Array]]] = {}
        self._stored = {name: Strings() for name in (*STORED, "slug")}
        self._columns: dict[str, list[Array | list[bytes]]] = {}

    def add(self, batch: Batch, slugs: Sequence[str] | None = None) -> None:
        """Put a batch behind those before it; ``slugs`` for one that has none of its own yet."""
        fields, stored = batch.fields, batch.stored
        if slugs is not None:
            order = np.argsort(np.array(slugs, dtype=object), kind="stable")
            terms = [slugs[n] for n in order]
            fields = [*fields, ("slug", Run(terms, np.ones(len(terms), np.uint8), narrow(order)))]
            stored = [*stored, ("slug", [msgspec.msgpack.encode(slug) for slug in slugs])]
        for name, run in fields:
            self._fields.setdefault(name, _FieldBuilder()).add(run, self.size)
        for name, lengths in batch.lengths.items():
            self._lengths.setdefault(name, []).append((self.size, lengths))
        for name, values in stored:
            self._stored[name].add(values)
        for name, column in batch.columns.items():
            self._columns.setdefault(name, []).append(column)
        self.size += batch.size
        self.words += batch.words

    def takes(self, batch: Batch) -> bool:
        """Whether there is room for a batch. An empty segment takes any: a batch is never split."""
        return not self.size or (
            self.size + batch.size <= MOST and self.words + batch.words <= MOST_WORDS
        )

    def write(self, folder: Path, index: str) -> ArraySegment:
        """Write the segment's two files, letting go of what is written."""
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
        self._stored.clear()
        write_postings(
            segment.path(folder, POSTINGS),
            ((name, self._fields.pop(name).postings()) for name in sorted(self._fields)),
        )
        return segment


def _joined(pieces: list[Array | list[bytes]]) -> Array | list[bytes]:
    if isinstance(pieces[0], list):
        return [value for piece in pieces for value in piece]
    return np.concatenate([np.asarray(piece) for piece in pieces])


def merge(segments: Sequence[ArraySegment], folder: Path, index: str) -> list[ArraySegment]:
    """The segments that answer best: small ones together, stale ones without their deleted."""
    small = [s for s in segments if s.size < SMALL]
    again = set(small) if len(small) > MANY else set()
    again |= {s for s in segments if s.deleted_count() > STALE * s.size}
    kept = [s for s in segments if s not in again]
    builder = SegmentBuilder()
    for segment in sorted(again, key=segments.index):
        if segment.doc_count():
            batch = as_batch(segment, folder)
            if not builder.takes(batch):
                kept.append(builder.write(folder, index))
                builder = SegmentBuilder()
            builder.add(batch)
    if builder.size:
        kept.append(builder.write(folder, index))
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
        ((name, _run(field, live)) for name, field in terms.fields.items()),
        {
            name.removeprefix("length."): files[name][kept].astype(np.int64)
            for name in files
            if name.startswith("length.")
        },
        ((name, [reader.raw(name, doc) for doc in numbers]) for name in (*STORED, "slug")),
        columns,
    )


def _run(field: Field, live: Array) -> Run:
    """A field's postings without those of deleted documents."""
    keep = live[field.docs]
    gone = np.searchsorted(np.flatnonzero(~keep), field.starts)
    counts = np.diff(field.starts - gone)
    still = np.flatnonzero(counts)
    numbers = narrow(np.cumsum(live) - live)
    positions, freqs = None, field.weights(slice(0, len(keep)))
    if field.positions is not None:
        # Block by block: repeating makes a number of eight bytes of every frequency.
        kept = [
            keep[at : at + _BLOCK]
            if freqs is None
            else np.repeat(keep[at : at + _BLOCK], freqs[at : at + _BLOCK])
            for at in range(0, len(keep), _BLOCK)
        ]
        positions = field.positions[np.concatenate(kept)] if kept else field.positions
    return Run(
        [field.terms[n].decode() for n in still.tolist()],
        counts[still],
        numbers[field.docs[keep]],
        None if freqs is None else freqs[keep],
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
