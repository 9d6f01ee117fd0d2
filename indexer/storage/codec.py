"""The way Whoosh writes and reads segments that lie in arrays.

A codec on Whoosh's own extension points, so that its writer, merges, deletions, searcher and term
expansion work on segments that NumPy answers from (:mod:`app.search.embedded.matching.evaluate`). A
segment is two files, mapped and verified when opened: ``.post`` with the postings of every field
(:mod:`indexer.storage.postings`), ``.docs`` with what belongs to each document: stored values,
field lengths, columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whoosh.codec import base

from indexer.storage.documents import DOCUMENTS, DocumentsReader, DocumentsWriter
from indexer.storage.segment import SegmentState, open_arrays
from indexer.storage.terms import POSTINGS, PostingsWriter, TermsReader


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Whoosh's way in."""

    length_stats = False  # lengths are columns; a term's shortest and longest are read from them

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(indexname)

    def per_document_writer(self, storage: Any, segment: ArraySegment) -> DocumentsWriter:
        return DocumentsWriter(Path(storage.folder), segment)

    def field_writer(self, storage: Any, segment: ArraySegment) -> PostingsWriter:
        return PostingsWriter(Path(storage.folder), segment)

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> DocumentsReader:
        return DocumentsReader(open_arrays(segment.path(Path(storage.folder), DOCUMENTS)), segment)

    def terms_reader(self, storage: Any, segment: ArraySegment) -> TermsReader:
        folder = Path(storage.folder)
        return TermsReader(
            open_arrays(segment.path(folder, POSTINGS)),
            open_arrays(segment.path(folder, DOCUMENTS)),
        )


class ArraySegment(SegmentState):
    """A segment that Whoosh reads and writes by :class:`ArrayCodec`, as its table of contents
    keeps it."""

    def codec(self) -> ArrayCodec:
        return ArrayCodec()
