"""Merge segments: several become one, without their deleted documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.build import segment_writer
from indexer.build.batch import Batch, Run
from indexer.build.merge_policy import Size, chosen
from indexer.build.segment_writer import BLOCK, SegmentWriter
from indexer.schema.field_names import STORED
from indexer.storage.arrays import Array, narrow
from indexer.storage.blobs import Blobs
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS, DocumentsReader
from indexer.storage.postings import Field
from indexer.storage.segment import map_arrays, open_arrays
from indexer.storage.terms import POSTINGS, TermsReader
from indexer.storage.vectors import read_vectors


def merge(segments: Sequence[ArraySegment], folder: Path, index: str) -> list[ArraySegment]:
    """The segments that answer best, of those in a ``folder``: as :mod:`indexer.build.merge_policy`
    chooses, several become one, without their deleted documents. New ones are written there;
    ``index`` begins their names."""
    most = Size(segment_writer.MAX_DOCUMENTS, segment_writer.MAX_WORDS)
    again = chosen([_live_size(segment, folder) for segment in segments], most)
    writer = SegmentWriter(folder, index)
    for segment in (segments[number] for number in again):
        if segment.doc_count():
            writer.add(as_batch(segment, folder))
    return [*(s for n, s in enumerate(segments) if n not in again), *writer.finish()]


def _live_size(segment: ArraySegment, folder: Path) -> Size:
    files = map_arrays(segment.path(folder, DOCUMENTS))
    gone = sorted(segment.deleted)
    lengths = [files[name] for name in files if name.startswith("length.")]
    words = sum(int(each.sum(dtype=np.int64) - each[gone].sum(dtype=np.int64)) for each in lengths)
    return Size(segment.size - len(gone), words, len(gone))


def as_batch(segment: ArraySegment, folder: Path) -> Batch:
    """A segment's documents that are not deleted, as a batch. Its files are verified: what is
    damaged in them would be whole in the next."""
    files = open_arrays(segment.path(folder, DOCUMENTS))
    reader = DocumentsReader(files, segment)
    live = np.ones(segment.size, dtype=np.bool_)
    live[list(segment.deleted)] = False
    kept = np.flatnonzero(live)
    numbers: list[int] = kept.tolist()
    terms = TermsReader(open_arrays(segment.path(folder, POSTINGS)), files)
    vectors = read_vectors(files)
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
        None if vectors is None else vectors.of_essays.chosen(kept),
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
