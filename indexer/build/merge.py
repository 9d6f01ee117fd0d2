"""Merge segments: small ones together, stale ones without their deleted documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer.build.batch import Batch, Run
from indexer.build.segment_writer import BLOCK, SegmentBuilder
from indexer.schema.field_names import STORED
from indexer.storage.arrays import Array, Blobs, narrow
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS, DocumentsReader
from indexer.storage.postings import Field
from indexer.storage.segment import open_arrays
from indexer.storage.terms import POSTINGS, TermsReader

#: Segments below this many documents are small; more than so many small ones are merged.
SMALL = 1_024
MANY = 8
#: A segment whose deleted documents are more than this share of it is written anew.
STALE = 0.25


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
            keep[at : at + BLOCK]
            if freqs is None
            else np.repeat(keep[at : at + BLOCK], freqs[at : at + BLOCK])
            for at in range(0, len(keep), BLOCK)
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
