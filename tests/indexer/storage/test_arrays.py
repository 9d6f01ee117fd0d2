"""Strings that are found among others, against looking at each."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from indexer.storage.arrays import Blobs, Strings

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
