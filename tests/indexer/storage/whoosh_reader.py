"""Whoosh's own reader over an index of ours."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import IndexReader

from indexer.schema import whoosh_schema
from indexer.storage import generation


def opened(index: Path, facets: tuple[str, ...] = ()) -> IndexReader:
    """The current generation of an index folder; ``facets`` are the archive's own."""
    pointer = generation.current(index)
    segments = generation.segments_of(index, pointer)
    storage = FileStorage(str(index / pointer.folder))
    return FileIndex._reader(storage, whoosh_schema.schema(facets), segments, pointer.commit)
