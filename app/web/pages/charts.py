"""The geometry of the pictures: numbers in, positions in per cent out.

A frame is 100 by 100, x to the right and y downwards as in SVG. Marks keep their size on every
screen because only their places are relative. ``templates/static/map.js`` turns places back into
ratings by the same ``PAD``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from app.search.discovery import STAGES, Point, Span, Timeline
from app.search.request import BARS, SCALES, Range

#: What stays free at each end of a scale, so that a mark at the end stands whole in the frame.
PAD = 5.0
#: The distance between essays with the same ratings, in per cent of the width and height.
STEP_X, STEP_Y = 1.6, 2.4
#: No essay stands further from its true place than a little less than half a square.
REACH = 0.47 * (100 - 2 * PAD) / BARS
#: An angle by which no turn ever repeats: leaves, seeds, and essays stay out of each other's way.
GOLDEN = math.pi * (3 - math.sqrt(5))

#: Where the axis of certainty names a word, if the archive's vocabulary has one near by.
WORDS_NEAR = (0, 30, 50, 75, 100)
NEAR = 10


class Corner(NamedTuple):
    """A named part of the map: what it is called, why one would look there, and the question it
    is. ``q`` holds what no range of ratings says."""

    name: str
    why: str
    certainty: Range = Range()
    importance: Range = Range()
    q: str = ""


IMPORTANT = Range(7, None)
SURE = Range(75, None)
UNSURE = Range(None, 50)
#: Years without a change after which an important essay counts as stale.
STALE = 3


def corners(year: int, month: int) -> tuple[Corner, ...]:
    """The named parts of the map as of a month. The first two are regions and share no point; the
    others run across the map.

    >>> corners(2026, 3)[2].q
    '(updated:<2023-03 OR (date:<2023-03 -has:updated))'
    """
    before = f"{max(year - STALE, 1):04}-{month:02}"
    return (
        Corner("important and certain", "certainty from 75%, importance from 7", SURE, IMPORTANT),
        Corner(
            "important but uncertain", "certainty up to 50%, importance from 7", UNSURE, IMPORTANT
        ),
        Corner(
            "important but stale",
            f"importance from 7, not updated for {STALE} years",
            importance=IMPORTANT,
            q=f"(updated:<{before} OR (date:<{before} -has:updated))",
        ),
        Corner("unfinished", "neither finished nor abandoned", q="status:>0 status:<100"),
    )


def across(certainty: float) -> float:
    """The x of a certainty in per cent.

    >>> across(0), across(50), across(100)
    (5.0, 50.0, 95.0)
    """
    return PAD + certainty * (100 - 2 * PAD) / SCALES["certainty"]


def down(importance: float) -> float:
    """The y of an importance from 0 to 10; much is above.

    >>> down(0), down(10)
    (95.0, 5.0)
    """
    return 100 - PAD - importance * (100 - 2 * PAD) / SCALES["importance"]


class Dot(NamedTuple):
    """An essay and its place."""

    point: Point
    x: float
    y: float


def dots(points: Iterable[Point]) -> tuple[Dot, ...]:
    """Every rated essay at its place. Those with the same ratings stand around it like the seeds
    of a sunflower, in the order of their slugs: the same essays make the same picture."""
    listed = [p for p in points if p.certainty is not None and p.importance is not None]
    spots: dict[tuple[float, float], list[Point]] = {}
    for point in sorted(listed, key=lambda point: point.slug):
        spots.setdefault(_spot(point), []).append(point)
    places: dict[str, tuple[float, float]] = {}
    for (certainty, importance), members in spots.items():
        for n, point in enumerate(members):
            dx, dy = seed(n, len(members))
            places[point.slug] = across(certainty) + dx, down(importance) + dy
    return tuple(Dot(p, *(round(v, 2) for v in places[p.slug])) for p in listed)


def _spot(point: Point) -> tuple[float, float]:
    return (point.certainty or 0.0, point.importance or 0.0)


def seed(n: int, of: int) -> tuple[float, float]:
    """How far the ``n``-th of so many essays stands from their common place; the first on it.

    >>> seed(0, 5)
    (0.0, 0.0)
    """
    widest = math.sqrt(max(of - 1, 1))
    away = math.sqrt(n)
    turn = n * GOLDEN
    return (
        min(STEP_X, REACH / widest) * away * math.cos(turn),
        min(STEP_Y, REACH / widest) * away * math.sin(turn),
    )


class Square(NamedTuple):
    """A tenth of certainty by a tenth of importance: where it lies, what it holds.

    The ranges include both ends; all but the last end just below the next square.
    """

    x: float
    y: float
    width: float
    height: float
    essays: int
    certainty: Range
    importance: Range


def squares(counts: tuple[tuple[int, ...], ...]) -> tuple[tuple[Square, ...], ...]:
    """All squares of the map, rows from the least important, each from the least certain."""
    side = round((100 - 2 * PAD) / BARS, 2)
    return tuple(
        tuple(
            Square(
                round(across(c * 10), 2), round(down(i + 1), 2), side, side, count,
                tenth("certainty", c), tenth("importance", i),
            )
            for c, count in enumerate(row)
        )
        for i, row in enumerate(counts)
    )  # fmt: skip


@cache
def middle(certainty: int, importance: int) -> tuple[float, float]:
    """The middle of a square of the map, given by its tenths."""
    half = round((100 - 2 * PAD) / BARS, 2) / 2
    x, y = round(across(certainty * 10), 2), round(down(importance + 1), 2)
    return round(x + half, 2), round(y + half, 2)


@cache
def tenth(name: str, n: int) -> Range:
    """The ``n``-th tenth of a scale; ratings have two decimals of a per cent, so nothing falls
    between two.

    >>> tenth("certainty", 7), tenth("importance", 9)
    (Range(min=70.0, max=79.99), Range(min=9.0, max=10.0))
    """
    width = SCALES[name] / BARS
    below = 0 if n == BARS - 1 else SCALES[name] / 10_000
    return Range(n * width, round((n + 1) * width - below, 3))


def bubble(count: int, most: int) -> float:
    """The radius of a circle that stands for so many essays, in pixels: areas compare.

    One essay among ones is no large thing, so the scale begins with four.

    >>> bubble(4, 4), bubble(1, 4), bubble(1, 1)
    (8.0, 4.0, 4.0)
    """
    return round(max(1.5, 8 * math.sqrt(count / max(most, 4))), 1)


def words(table: Mapping[str, float]) -> tuple[tuple[float, str], ...]:
    """Where the axis of certainty stands in words: the archive's own words nearest to even steps.

    >>> words({"certain": 100.0, "likely": 75.0, "possible": 50.0, "remote": 5.0})
    ((5.0, 'remote'), (50.0, 'possible'), (75.0, 'likely'), (100.0, 'certain'))
    """
    found: dict[float, str] = {}
    for wanted in WORDS_NEAR:
        near = min(table.items(), key=lambda entry: abs(entry[1] - wanted), default=("", math.inf))
        if abs(near[1] - wanted) <= NEAR:
            found.setdefault(near[1], near[0])
    return tuple(sorted(found.items()))


class StackPart(NamedTuple):
    """The essays of one stage within a stack."""

    stage: int
    y: float
    height: float
    essays: int


class Stack(NamedTuple):
    """A span of time as a bar: the finished below, what has no status on top. ``label`` is what
    the axis writes below it, or empty."""

    span: Span
    x: float
    width: float
    label: str
    parts: tuple[StackPart, ...]


#: The part of its step that a bar fills.
FILLED = 0.8
#: A bar of few neighbours is no wall.
WIDEST = 7.0
#: Labels that an axis of time has room for on a telephone.
LABELS = 6


def stacks(timeline: Timeline) -> tuple[Stack, ...]:
    """The bars of a timeline; the tallest fills the frame."""
    spans = timeline.spans
    most = max((span.total for span in spans), default=1)
    step = 100 / (len(spans) or 1)
    width = min(step * FILLED, WIDEST)
    apart = max(1, math.ceil(len(spans) / LABELS))
    made = []
    for n, span in enumerate(spans):
        parts, top = [], 100.0
        for stage, count in enumerate(span.counts):
            if count:
                height = 100 * count / most
                top -= height
                parts.append(StackPart(stage, round(abs(top), 2), round(height, 2), count))
        label = span.start if n % apart == 0 else ""
        made.append(
            Stack(span, round(n * step + (step - width) / 2, 3), round(width, 3), label,
                  tuple(parts))
        )  # fmt: skip
    return tuple(made)


def stages(timeline: Timeline) -> tuple[int, ...]:
    """The stages that a timeline has at all."""
    return tuple(n for n in range(len(STAGES)) if any(span.counts[n] for span in timeline.spans))


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def when(timeline: Timeline, span: Span) -> str:
    """A span as prose names it.

    >>> when(Timeline("month", (), 0), Span("2024-03", ()))
    'March 2024'
    >>> when(Timeline("decade", (), 0), Span("1850", ()))
    '1850–1859'
    """
    if timeline.unit == "month":
        year, month = span.start.split("-")
        return f"{MONTHS[int(month) - 1]} {int(year)}"
    first = int(span.start)
    return f"{first}–{first + 9}" if timeline.unit == "decade" else str(first)
