"""The versions of essays that lie in segments, found by their content paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from indexer.essay import Essay
from indexer.schema import document
from indexer.storage import generation
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS, DocumentsReader
from indexer.storage.postings import Field
from indexer.storage.segment import map_arrays
from indexer.storage.terms import POSTINGS


def cards(index: Path) -> Iterator[Essay]:
    """All essays of the current generation, without their text. Raises
    :class:`~indexer.errors.IndexUnavailable`."""
    pointer = generation.current(index)
    folder = index / pointer.folder
    for segment in generation.segments_of(index, pointer):
        reader = DocumentsReader(map_arrays(segment.path(folder, DOCUMENTS)), segment)
        for doc in range(reader.doc_count_all()):
            if not segment.is_deleted(doc):
                yield document.card({name: reader.stored(name, doc) for name in ("card", "slug")})


def cards_of(index: Path, paths: Iterable[str]) -> Iterator[Essay]:
    """The essays of some content paths, without their text. Raises
    :class:`~indexer.errors.IndexUnavailable`."""
    pointer = generation.current(index)
    stored = StoredVersions(generation.segments_of(index, pointer), index / pointer.folder)
    for path in paths:
        yield from stored.cards(path)


class StoredVersions:
    """The essays of the ``segments`` in a ``folder``."""

    def __init__(self, segments: Sequence[ArraySegment], folder: Path) -> None:
        self._segments = segments
        self._folder = folder

    @cached_property
    def _paths(self) -> list[tuple[ArraySegment, Field]]:
        return [
            (segment, Field(map_arrays(segment.path(self._folder, POSTINGS)), "path"))
            for segment in self._segments
        ]

    def _find(self, path: str) -> list[tuple[ArraySegment, int]]:
        """The segments and numbers of the documents of a content path that are not deleted."""
        found = []
        for segment, field in self._paths:
            number = field.find(path.encode())
            if number >= 0:
                docs = field.docs[field.span(number)].tolist()
                found += [(segment, doc) for doc in docs if not segment.is_deleted(doc)]
        return found

    def cards(self, path: str) -> list[Essay]:
        """The version of a content path without its text: one, or none."""
        found = []
        for segment, doc in self._find(path):
            place = segment.path(self._folder, DOCUMENTS)
            reader = DocumentsReader(map_arrays(place), segment)
            stored = {name: reader.stored(name, doc) for name in ("card", "slug")}
            found.append(document.card(stored))
        return found

    def essays(self, path: str) -> list[Essay]:
        """The version of a content path with all of its text: one, or none."""
        return [
            document.whole(
                DocumentsReader(
                    map_arrays(segment.path(self._folder, DOCUMENTS)), segment
                ).stored_fields(doc)
            )
            for segment, doc in self._find(path)
        ]

    def delete(self, path: str) -> None:
        """Mark the version of a content path as deleted in its segment's state."""
        for segment, doc in self._find(path):
            segment.delete_document(doc)
