"""A cache that forgets everything when it is full."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.cache import BoundedCache


@given(limit=st.integers(1, 20), values=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30))))
def test_it_holds_what_came_last_and_no_more_than_its_limit(
    limit: int, values: list[tuple[int, int]]
) -> None:
    cache = BoundedCache[int, int](limit, cost=lambda value: value)
    counted = BoundedCache[int, int](limit)
    for key, value in values:
        cache[key] = counted[key] = value
        assert cache[key] == counted[key] == value
        # A single value that is greater than all there may be is held alone.
        assert sum(cache.values()) <= limit or len(cache) == 1
        assert len(counted) <= limit


def test_what_it_forgot_takes_no_room() -> None:
    cache = BoundedCache[str, int](2)
    cache["one"] = 1
    cache.clear()
    cache["two"], cache["three"] = 2, 3
    assert cache == {"two": 2, "three": 3}
