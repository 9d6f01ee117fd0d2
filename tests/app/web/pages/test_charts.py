"""Pictures as numbers: whatever the essays, marks stand inside the frame, and always there."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.discovery import STAGES, Point, Span, Timeline
from app.search.request import BARS, Range
from app.web.pages import charts
from app.web.pages.charts import Corner
from indexer.parsing.rules import CERTAINTY


def point(n: int, certainty: float | None = 50, importance: float | None = 5) -> Point:
    return Point(
        slug=f"essay-{n:04}", title=f"Essay {n}", certainty=certainty, importance=importance,
        status="", progress=None, published="", updated="",
    )  # fmt: skip


RATINGS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 5.0, 50.0, 62.5, 75.0, 100.0]),
        st.sampled_from([0.0, 3.3, 7.0, 10.0]),
    ),
    max_size=60,
)


@given(RATINGS)
def test_marks_stand_in_the_frame_near_their_place(ratings: list[tuple[float, float]]) -> None:
    points = [point(n, *rating) for n, rating in enumerate(ratings)]
    dots = charts.dots(points)
    assert [dot.point for dot in dots] == points
    half = (100 - 2 * charts.PAD) / BARS / 2
    for dot, (certainty, importance) in zip(dots, ratings, strict=True):
        assert 0 < dot.x < 100
        assert 0 < dot.y < 100
        assert abs(dot.x - charts.across(certainty)) < half
        assert abs(dot.y - charts.down(importance)) < half


@given(st.integers(2, 400))
def test_no_two_marks_stand_on_each_other(many: int) -> None:
    dots = charts.dots(point(n) for n in range(many))
    half = (100 - 2 * charts.PAD) / BARS / 2
    assert max(max(abs(dot.x - 50), abs(dot.y - 50)) for dot in dots) < half
    assert len({(dot.x, dot.y) for dot in dots}) > 0.95 * many
    if many <= 20:
        nearest = min(
            math.dist((a.x, a.y), (b.x, b.y)) for a in dots for b in dots if a is not b
        )  # fmt: skip
        assert nearest > 0.8


@given(RATINGS, st.randoms(use_true_random=False))
def test_the_same_essays_make_the_same_picture(
    ratings: list[tuple[float, float]], dice: st.DataObject
) -> None:
    points = [point(n, *rating) for n, rating in enumerate(ratings)]
    placed = {dot.point.slug: (dot.x, dot.y) for dot in charts.dots(points)}
    dice.shuffle(points)  # type: ignore[attr-defined]
    assert {dot.point.slug: (dot.x, dot.y) for dot in charts.dots(points)} == placed


def test_one_essay_alone_stands_exactly_on_its_place() -> None:
    (dot,) = charts.dots([point(1, 75, 7)])
    assert (dot.x, dot.y) == (round(charts.across(75), 2), round(charts.down(7), 2))


def test_essays_without_both_ratings_are_no_marks() -> None:
    assert charts.dots([point(1, None, 5), point(2, 5, None)]) == ()


def test_scales_run_to_the_right_and_upwards() -> None:
    assert charts.across(0) < charts.across(30) < charts.across(100)
    assert charts.down(0) > charts.down(3) > charts.down(10)
    assert charts.across(50) == charts.down(5) == 50


def test_squares_tile_the_map() -> None:
    rows = charts.squares(((1,) * BARS,) * BARS)
    assert (len(rows), {len(row) for row in rows}) == (BARS, {BARS})
    for row in rows:
        for left, right in itertools.pairwise(row):
            assert left.x + left.width == pytest.approx(right.x, abs=0.02)
    for below, above in itertools.pairwise(rows):
        assert above[0].y + above[0].height == pytest.approx(below[0].y, abs=0.02)
    assert rows[0][0].x == charts.across(0)
    assert rows[-1][-1].y == charts.down(10)


@given(st.integers(0, 10_000))
def test_every_rating_lies_in_exactly_one_tenth(hundredths: int) -> None:
    """A rating has two decimals of a per cent."""
    for name, value in (("certainty", hundredths / 100), ("importance", hundredths / 1000)):
        inside = [
            n
            for n in range(BARS)
            for tenth in [charts.tenth(name, n)]
            if (tenth.min or 0) <= value <= (tenth.max or 0)
        ]
        assert inside == [min(hundredths // 1000, 9)], name


def holds(corner: Corner, certainty: float, importance: float) -> bool:
    def within(wanted: Range, value: float) -> bool:
        return (wanted.min is None or wanted.min <= value) and (
            wanted.max is None or value <= wanted.max
        )

    return within(corner.certainty, certainty) and within(corner.importance, importance)


@given(st.floats(0, 100), st.floats(0, 10))
def test_the_corners_share_no_essay(certainty: float, importance: float) -> None:
    sure, unsure, stale, unfinished = charts.corners(2026, 3)
    assert holds(sure, certainty, importance) == (importance >= 7 and certainty >= 75)
    assert holds(unsure, certainty, importance) == (importance >= 7 and certainty <= 50)
    assert not (holds(sure, certainty, importance) and holds(unsure, certainty, importance))
    # These two say with words what no rating says.
    assert holds(stale, certainty, importance) == (importance >= 7)
    assert holds(unfinished, certainty, importance)
    assert stale.q
    assert unfinished.q


def test_corners_are_called_what_the_page_says() -> None:
    assert [corner.name for corner in charts.corners(2026, 3)] == [
        "important and certain", "important but uncertain", "important but stale", "unfinished",
    ]  # fmt: skip


def test_the_axis_has_the_words_of_the_archive() -> None:
    assert [word for _, word in charts.words(CERTAINTY)] == [
        "impossible", "unlikely", "possible", "likely", "certain",
    ]  # fmt: skip
    assert charts.words({}) == ()
    assert charts.words({"odd": 63.0}) == ()


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_bubbles_compare_by_area(one: int, other: int) -> None:
    most = max(one, other)
    assert charts.bubble(most, most) == (8 if most >= 4 else pytest.approx(4 * most**0.5, abs=0.06))
    assert 1.5 <= charts.bubble(min(one, other), most) <= 8


SPANS = st.lists(
    st.lists(st.integers(0, 40), min_size=len(STAGES), max_size=len(STAGES)).map(tuple),
    min_size=1, max_size=80,
)  # fmt: skip


@given(SPANS)
def test_bars_stand_in_the_frame_and_add_up(counts: list[tuple[int, ...]]) -> None:
    spans = tuple(Span(f"{1900 + n}", each) for n, each in enumerate(counts))
    stacks = charts.stacks(Timeline("year", spans, 0))
    most = max(span.total for span in spans)
    assert [stack.span for stack in stacks] == list(spans)
    for stack in stacks:
        assert stack.x >= 0
        assert stack.x + stack.width <= 100.01
        assert sum(part.essays for part in stack.parts) == stack.span.total
        assert all(part.y >= 0 and part.y + part.height <= 100.02 for part in stack.parts)
        height = sum(part.height for part in stack.parts)
        assert height == pytest.approx(100 * stack.span.total / most if most else 0, abs=0.1)
    for left, right in itertools.pairwise(stacks):
        assert left.x + left.width < right.x
    assert 1 <= sum(bool(stack.label) for stack in stacks) <= charts.LABELS


def test_no_time_has_no_bars() -> None:
    assert charts.stacks(Timeline("year", (), 3)) == ()
    assert charts.stages(Timeline("year", (), 3)) == ()


def test_the_script_reads_the_frame_from_the_page() -> None:
    """It turns places back into ratings, so it must not have numbers of its own."""
    root = Path(__file__).resolve().parents[4] / "templates"
    assert 'data-pad="{{ charts.PAD }}"' in (root / "partials/map.html").read_text("utf-8")
    script = (root / "static/map.js").read_text("utf-8")
    assert re.search(r"pad = Number\(figure\.dataset\.pad\)", script)
