"""Batches become segments.

The writer keeps a bounded number of documents in memory and writes them as one segment; nothing
is sorted but the terms. Segments are never changed: a deletion is a mark in the table of
contents, and a merge reads segments as batches and writes a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from indexer.build.batch import Batch, Run
from indexer.schema.field_names import STORED
from indexer.storage.arrays import Array, Growing, narrow
from indexer.storage.blobs import Strings
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS, write_documents
from indexer.storage.postings import Postings, stretches
from indexer.storage.terms import POSTINGS, write_postings
from indexer.storage.vectors import VectorsBuilder

#: Documents of one segment: their numbers fit 16 bits. A search pays its fixed costs once a
#: segment, so there should be few.
MAX_DOCUMENTS = 65_536
#: Words of one segment, whatever the number of its documents: building one takes some twenty bytes
#: a word.
MAX_WORDS = 40_000_000

#: Values that are put in order at a time: the place of each takes eight bytes, more than itself.
BLOCK = 1 << 18


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
        order = np.argsort(ranks, kind="stable").astype(np.uint32)
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
    # As small as they can be: there may be a third as many stretches as values.
    kind = np.min_scalar_type(len(source))
    starts = np.cumsum(lengths, dtype=kind)
    starts -= lengths.astype(kind)
    ends = np.cumsum(lengths[order], dtype=kind)
    parts = np.append(np.arange(0, len(source), BLOCK), len(source)).astype(kind)
    cuts = ends.searchsorted(parts, "right").tolist()
    at = 0
    for low, high in pairwise(cuts):
        begin = starts[order[low:high]].astype(np.int64)
        piece = source[stretches(begin, begin + lengths[order[low:high]])]
        picked[at : at + len(piece)] = piece
        at += len(piece)
    return picked


class SegmentBuilder:
    """One segment in the making. Stored values are a third of its memory: many of them wait in a
    file of the folder ``spool``."""

    def __init__(self, spool: Path | None = None) -> None:
        self.size = 0
        self.words = 0
        self._fields: dict[str, _FieldBuilder] = {}
        self._lengths: dict[str, list[tuple[int, Array]]] = {}
        self._stored = {name: Strings(spool=spool) for name in (*STORED, "slug")}
        self._columns: dict[str, list[Array | list[bytes]]] = {}
        self._vectors = VectorsBuilder()

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
        self._vectors.add(batch.vectors, batch.size)
        self.size += batch.size
        self.words += batch.words

    def takes(self, batch: Batch) -> bool:
        """Whether there is room for a batch. An empty segment takes any: a batch is never split."""
        return not self.size or (
            self.size + batch.size <= MAX_DOCUMENTS and self.words + batch.words <= MAX_WORDS
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
            self._vectors.arrays(),
        )
        self._stored.clear()
        self._vectors = VectorsBuilder()
        write_postings(
            segment.path(folder, POSTINGS),
            ((name, self._fields.pop(name).postings()) for name in sorted(self._fields)),
        )
        return segment


def _joined(pieces: list[Array | list[bytes]]) -> Array | list[bytes]:
    if isinstance(pieces[0], list):
        return [value for piece in pieces for value in piece]
    return np.concatenate([np.asarray(piece) for piece in pieces])


class SegmentWriter:
    """Batches on their way into segments, each as large as it may be.

    New segments lie in ``folder``, their names begin with ``index``; no commit names them yet.
    """

    def __init__(self, folder: Path, index: str) -> None:
        self._folder = folder
        self._index = index
        self._builder = SegmentBuilder(folder)
        self._written: list[ArraySegment] = []

    def add(self, batch: Batch, slugs: Sequence[str] | None = None) -> None:
        """Put a batch behind those before it; ``slugs`` for one that has none of its own yet.
        Raises :class:`~indexer.errors.IndexUnwritable`."""
        if not self._builder.takes(batch):
            self._flush()
        self._builder.add(batch, slugs)

    def finish(self) -> list[ArraySegment]:
        """Write what is still in memory; all segments, in the order of what was added."""
        self._flush()
        return self._written

    def _flush(self) -> None:
        if self._builder.size:
            self._written.append(self._builder.write(self._folder, self._index))
            self._builder = SegmentBuilder(self._folder)
