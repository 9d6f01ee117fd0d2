"""Which segments a build writes anew: how many are left, and how much is written for it."""

from __future__ import annotations

from math import ceil, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build.merge_policy import FACTOR, MIN_SEGMENTS, STALE_SHARE, Size, chosen

ROOMY = Size(10**9, 10**12)


@pytest.mark.parametrize(
    ("sizes", "again"),
    [
        ([], []),
        ([1], []),
        ([1, 1], []),  # two are few enough
        ([1, 1, 1], [0, 1, 2]),
        ([10_000, 1, 1], [1, 2]),
        ([10_000, 303, 9], []),
        ([10_000, 300, 10], [1, 2]),
        ([10_000, 300, 5, 5], [1, 2, 3]),
        ([10_000, 312, 9], [0, 1, 2]),  # a carry that goes through
        ([5, 10_000, 5], [0, 2]),
        ([40_000, 40_000, 30_000, 900], []),
    ],
)
def test_what_is_written_anew(sizes: list[int], again: list[int]) -> None:
    most = Size(65_536, 10**9)
    assert chosen([Size(each, 100 * each) for each in sizes], most) == again


def test_a_segment_that_is_mostly_deleted_is_written_anew_whatever_its_size() -> None:
    sizes = [Size(700, 700, 300), Size(10, 10)]
    assert chosen(sizes, ROOMY) == [0]
    assert chosen([Size(0, 0, 3)], ROOMY) == [0]


@pytest.mark.parametrize("most", [Size(4, 10**9), Size(10**9, 40)])
def test_what_has_no_room_for_one_another_is_left_when_it_is_full(most: Size) -> None:
    ten = [Size(1, 10)] * 10
    assert chosen(ten, most) == list(range(10))
    assert chosen([Size(4, 40), Size(4, 40), Size(2, 20)], most) == []


#: What a build brings: essays that are new, and which share of what there is it takes away.
builds = st.lists(
    st.tuples(st.sampled_from([0, 1, 1, 1, 2, 7, 60, 900]), st.floats(0, 0.1), st.integers(0, 99)),
    min_size=1,
    max_size=300,
)


def after(sizes: list[Size], most: Size) -> tuple[list[Size], int]:
    """The segments after a merge, and how many documents it wrote."""
    again = chosen(sizes, most)
    kept = [size for number, size in enumerate(sizes) if number not in again]
    merged: list[Size] = []
    for size in (sizes[number]._replace(deleted=0) for number in again):
        last = merged[-1] if merged else None
        if last and last.documents + size.documents <= most.documents:
            merged[-1] = Size(last.documents + size.documents, last.words + size.words)
        elif size.documents:
            merged.append(size)
    return [*kept, *merged], sum(each.documents for each in merged)


@given(builds, st.sampled_from([500, 5_000, 10**9]))
def test_segments_are_few_and_little_is_written_twice(
    brought: list[tuple[int, float, int]], room: int
) -> None:
    most = Size(room, 10**12)
    sizes: list[Size] = []
    changed = written = greatest = 0
    for new, share, which in brought:
        new = min(new, room)
        if sizes and share:
            number = which % len(sizes)
            one = sizes[number]
            gone = ceil(one.documents * share)
            kept = one.documents - gone
            sizes[number] = Size(kept, kept, one.deleted + gone)
            changed += gone
        if new:
            sizes.append(Size(new, new))
            changed += new
        sizes, anew = after(sizes, most)
        written += anew
        live = sum(size.documents for size in sizes)
        greatest = max(greatest, live)
        tiers = log(max(live, 1), FACTOR + 1)
        assert len(sizes) <= MIN_SEGMENTS + tiers + 2 * live / room
        assert all(s.deleted <= STALE_SHARE * (s.documents + s.deleted) for s in sizes)
    tiers = log(max(greatest, 1), FACTOR + 1)
    # Each tier that an essay rises through is paid for FACTOR + 1 times; each deletion for those
    # that were stale with it.
    assert written <= changed * ((FACTOR + 1) * (tiers + 1) + (1 - STALE_SHARE) / STALE_SHARE)


def test_a_thousand_edits_one_by_one() -> None:
    """The figures that the documents give."""
    sizes, written, most_segments = [Size(10_000, 10_000)], 0, 0
    for _ in range(1_000):
        kept = sizes[0].documents - 1
        sizes[0] = Size(kept, kept, sizes[0].deleted + 1)
        sizes, anew = after([*sizes, Size(1, 1)], ROOMY)
        sizes.sort(reverse=True)
        written += anew
        most_segments = max(most_segments, len(sizes))
    assert most_segments == 3
    assert written < 60 * 1_000
