"""Files that are forged; and strings that are found among others, against looking at each."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import xxhash
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.errors import IndexDamaged
from indexer.storage import blobs as blobs_
from indexer.storage import postings
from indexer.storage.arrays import MAGIC, Arrays, write
from indexer.storage.blobs import Blobs, FileBlobs, Strings, blobs
from indexer.storage.postings import Field, Postings
from indexer.storage.postings import arrays as posting_arrays

#: Few letters, so that words begin one another, end one another and stand within one another.
words = st.text("ab", max_size=4).map(str.encode)


@given(st.sets(words, min_size=1, max_size=40), words, st.tuples(st.integers(0), st.integers(0)))
@example({b"a", b"aa"}, b"aa", (0, 1))
@example({b"", b"a"}, b"", (0, 1))
def test_a_string_is_found_where_it_stands_and_nowhere_else(
    strings: set[bytes], wanted: bytes, bounds: tuple[int, int]
) -> None:
    ordered = sorted(strings)
    blobs = Blobs(Strings(ordered).arrays("x"), "x")
    low = bounds[0] % len(ordered)
    high = low + 1 + bounds[1] % (len(ordered) - low)
    some = ordered[low:high]
    expected = low + some.index(wanted) if wanted in some else -1
    assert blobs.find(wanted, low, high) == expected


@given(
    st.sets(st.text("ab\u0101", max_size=10).map(str.encode), max_size=40),
    st.lists(st.text("ab\u0101", max_size=10).map(str.encode), max_size=12),
)
@example({b"", b"abcdefgh", b"abcdefghi"}, [b"abcdefg", b"abcdefgh", b"abcdefghij", b""])
def test_terms_looked_up_at_once_are_those_found_one_by_one(
    terms: set[bytes], wanted: list[bytes]
) -> None:
    ordered = sorted(terms)
    starts, docs = np.arange(len(ordered) + 1), np.zeros(len(ordered), np.int64)
    field = Field(posting_arrays("f", Postings(ordered, starts, docs)), "f")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(postings, "MIN_LOOKED_UP", 1)
        field.look_up(wanted)
    known = dict(field._known)
    if not terms:
        assert not known
        return
    assert known.keys() == set(wanted)
    assert known == {term: ordered.index(term) if term in terms else -1 for term in wanted}
    assert field.terms.texts(range(len(ordered))) == [term.decode() for term in ordered]


def forged(path: Path, directory: bytes) -> None:
    """A file of an array of three numbers with a directory and a checksum that is right."""
    numbers = bytes(40) + np.arange(3, dtype="<u8").tobytes()
    where = (24 + len(numbers)).to_bytes(8, "little")
    check = xxhash.xxh3_64(numbers + directory + where)
    path.write_bytes(MAGIC + check.digest() + where + numbers + directory)


FORGED = {
    "no directory": b"\x01",
    "a name that is no text": b"\x92\xa1\x82\x80",
    "another name": msgspec.msgpack.encode(("y", {})),
    "objects": msgspec.msgpack.encode(("x", {"a": ("|O", 64, 3)})),
    "texts": msgspec.msgpack.encode(("x", {"a": ("<U4", 64, 1)})),
    "past the end": msgspec.msgpack.encode(("x", {"a": ("<u8", 64, 4)})),
    "before the beginning": msgspec.msgpack.encode(("x", {"a": ("<u8", 8, 1)})),
    "fewer than none": msgspec.msgpack.encode(("x", {"a": ("<u8", 64, -1)})),
}


@pytest.mark.parametrize("directory", FORGED.values(), ids=FORGED)
def test_a_forged_file_is_damaged(tmp_path: Path, directory: bytes) -> None:
    forged(tmp_path / "x", msgspec.msgpack.encode(("x", {"a": ("<u8", 64, 3)})))
    assert Arrays(tmp_path / "x")["a"].tolist() == [0, 1, 2]
    forged(tmp_path / "x", directory)
    with pytest.raises(IndexDamaged):
        Arrays(tmp_path / "x")


def test_strings_are_the_same_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [b"owls", b"", b"Kelp", b"x" * 1_000]
    write(tmp_path / "x", Strings(values).arrays("slug").items())
    files = Arrays(tmp_path / "x")
    mapped = blobs(files, "slug")
    monkeypatch.setattr(blobs_, "MAX_MAPPED", len(b"".join(values)) - 1)
    read = blobs(files, "slug")
    assert not isinstance(mapped, FileBlobs)
    assert isinstance(read, FileBlobs) or sys.platform == "win32"
    assert [each[n] for each in (mapped, read) for n in range(4)] == [*values, *values]
