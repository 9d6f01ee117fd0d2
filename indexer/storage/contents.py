"""The table of contents of a commit: its segments, and which of their documents are deleted.

Whoosh keeps such a table as a pickle, and whoever can write a pickle runs code in the process that
reads it. This one is MessagePack: what is read is checked and is data, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
import numpy as np

from indexer.storage.codec import ArraySegment

#: The names of segments are parts of file names, and lead nowhere.
_Name = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-z]{1,64}\Z")]


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """A segment: its name, the number of its documents, and the numbers of those that are deleted,
    ascending, as little-endian integers of four bytes."""

    name: _Name
    size: Annotated[int, msgspec.Meta(ge=0)]
    deleted: bytes


_entries = msgspec.msgpack.Decoder(tuple[_Entry, ...])


def encode(segments: Iterable[ArraySegment]) -> bytes:
    """The table of contents of ``segments``, which follow one another as they do in it."""
    return msgspec.msgpack.encode(
        [
            _Entry(each.segid, each.size, np.array(sorted(each.deleted), "<u4").tobytes())
            for each in segments
        ]
    )


def decode(data: bytes, index: str) -> list[ArraySegment]:
    """The segments of a table of contents; ``index`` begins the names of their files. Raises
    ValueError for what is no such table.

    >>> segment = ArraySegment("essays", 9)
    >>> segment.delete_document(4)
    >>> [(each.size, each.deleted) for each in decode(encode([segment]), "essays")]
    [(9, {4})]
    """
    segments = []
    for entry in _entries.decode(data):
        segment = ArraySegment(index, entry.size)
        segment.segid = entry.name
        segment.deleted = set(np.frombuffer(entry.deleted, "<u4").tolist())
        if segment.deleted and max(segment.deleted) >= entry.size:
            raise ValueError(f"{entry.name} has {entry.size} documents")
        segments.append(segment)
    return segments
