"""The table of contents of a commit: what is written comes back, and nothing else is read."""

from __future__ import annotations

import pickle

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.storage import contents
from indexer.storage.codec import ArraySegment


@given(st.lists(st.sets(st.integers(0, 70_000), max_size=20), max_size=5))
def test_segments_come_back(deletions: list[set[int]]) -> None:
    segments = [ArraySegment("essays", 70_001) for _ in deletions]
    for segment, deleted in zip(segments, deletions, strict=True):
        segment.deleted = set(deleted)
    found = contents.decode(contents.encode(segments), "essays")
    assert [each.segment_id() for each in found] == [each.segment_id() for each in segments]
    assert [each.deleted for each in found] == deletions
    assert {each.size for each in found} <= {70_001}


class _Runs:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("code of the file ran",)


def table(name: object = "abc", size: object = 3, deleted: object = b"") -> bytes:
    return msgspec.msgpack.encode([[name, size, deleted]])


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(_Runs()),
        b"",
        b"\x00garbage",
        table(name="../../etc/passwd"),
        table(name="a/b"),
        table(name="abc\n"),
        table(name=""),
        table(name="a" * 65),
        table(size=-1),
        table(size="3"),
        table(deleted=b"\x01\x00\x00"),
        table(deleted=np.array([3], "<u4").tobytes()),
        msgspec.msgpack.encode([["abc", 3]]),
        table() + b"\x00",
    ],
)
def test_nothing_else_is_read(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        contents.decode(data, "essays")
