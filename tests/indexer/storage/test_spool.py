"""Bytes that wait for their file: those that went in, wherever they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import IndexUnwritable
from indexer.storage import spool
from indexer.storage.blobs import Strings
from indexer.storage.spool import Spool


@pytest.mark.parametrize("most", [0, 1, 5, 1_000])
@pytest.mark.parametrize("pieces", [[], [b""], [b"a"], [b"abc", b"", b"defgh"], [b"ab"] * 9])
def test_what_went_in_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, pieces: list[bytes]
) -> None:
    monkeypatch.setattr(spool, "MAX_IN_MEMORY", most)
    waiting = Spool(tmp_path)
    for piece in pieces:
        waiting.add(piece)
    assert waiting.array().tobytes() == b"".join(pieces)
    assert list(tmp_path.iterdir()) == []  # the file has no name


def test_strings_are_the_same_in_memory_and_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MAX_IN_MEMORY", 3)
    here, there = Strings(), Strings(spool=tmp_path)
    for strings in (here, there):
        strings.add([b"one", b"", b"three"])
        strings.add([b"four"])
    one, other = here.arrays("x"), there.arrays("x")
    assert {name: each.tolist() for name, each in one.items()} == {
        name: each.tolist() for name, each in other.items()
    }


def test_a_folder_that_takes_no_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MAX_IN_MEMORY", 0)
    with pytest.raises(IndexUnwritable):
        Spool(tmp_path / "nowhere").add(b"a")
