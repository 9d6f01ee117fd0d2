"""What is answered beside results, as records: related essays, duplicates, the map, the
timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from app.search.request import BARS
from indexer.essay import Essay, Rating


class Reason(msgspec.Struct, frozen=True):
    """Why two essays are related. ``values`` are the tags or works they share, as the related
    essay spells them, or the most telling words of both, as the other one does; links and a
    similar meaning have none."""

    kind: Literal["tag", "work", "links", "linked", "word", "meaning"]
    values: tuple[str, ...] = ()


class Related(msgspec.Struct, frozen=True):
    """An essay worth reading after another, and why: the strongest reason first."""

    essay: Essay
    reasons: tuple[Reason, ...]


class Duplicate(msgspec.Struct, frozen=True):
    """An essay whose text is nearly that of another one; ``share`` is the resemblance of the two,
    1 where they say the same (:mod:`indexer.analysis.shingles`)."""

    essay: Essay
    share: float


class Listed(msgspec.Struct, frozen=True, gc=False):
    """An essay in a list of all; ``updated`` is when it was last changed, or else published, in
    seconds as of :attr:`~indexer.essay.Moment.instant`, or None."""

    slug: str
    updated: int | None


#: How far the writing has come, from the percentage of the status; the last has no percentage.
STAGES = ("finished", "in progress", "draft", "notes", "abandoned", "no status")
#: The least percentage of each stage, in the order of ``STAGES``. They lie between the
#: vocabulary's own numbers, so that a status of 35 % is still notes.
LEAST = (95.0, 60.0, 40.0, 0.01, 0.0)

#: Points that one picture shows at the most. More are a cloud that nobody can point into, and a
#: page of megabytes.
MAX_POINTS = 1000
#: Essays without a place on the map that are listed by name.
MAX_UNPLACED = 100

Unit = Literal["month", "year", "decade"]


def stage(percentage: float | None) -> int:
    """The number of a status's stage in ``STAGES``.

    >>> [STAGES[stage(p)] for p in (100, 75, 35, 0, None)]
    ['finished', 'in progress', 'notes', 'abandoned', 'no status']
    """
    if percentage is None:
        return len(LEAST)
    return next(n for n, least in enumerate(LEAST) if percentage >= least)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One essay: certainty in per cent, importance from 0 to 10, ``status`` as its author says it.

    ``published`` and ``updated`` are days (``2024-01-30``) or empty.
    """

    slug: str
    title: str
    certainty: float | None
    importance: float | None
    status: str
    progress: float | None
    published: str
    updated: str

    @property
    def stage(self) -> int:
        return stage(self.progress)


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """Every essay that matches, as far as it can be drawn.

    ``placed`` essays have both ratings; ``points`` are these, or where they are more than was
    asked for, an even sample of them by importance and certainty. ``squares[i][c]`` counts all
    placed essays by tenths of importance and certainty, as the histograms do. ``unplaced`` lists
    the first of those that lack one rating or both.
    """

    total: int
    placed: int
    points: tuple[Point, ...]
    squares: tuple[tuple[int, ...], ...] = ((0,) * BARS,) * BARS
    unplaced: tuple[Point, ...] = ()

    @property
    def without(self) -> int:
        """The essays that have no place."""
        return self.total - self.placed


class Span(msgspec.Struct, frozen=True):
    """Essays published in one month (``2024-03``), year (``2024``) or decade (``2020``), counted
    by stage."""

    start: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


class Timeline(msgspec.Struct, frozen=True):
    """When essays were published, without gaps from the first to the last; ``undated`` have no
    date of publication."""

    unit: Unit
    spans: tuple[Span, ...]
    undated: int


#: The longest time, in months, that is drawn month by month; then year by year.
BY_MONTH = 36
BY_YEAR = 60 * 12
_MONTHS: dict[Unit, int] = {"month": 1, "year": 12, "decade": 120}


def point_of(essay: Essay) -> Point:
    """An essay as a point of the map."""
    importance = _percentage(essay.importance)
    return Point(
        slug=essay.slug,
        title=essay.title,
        certainty=_percentage(essay.certainty),
        importance=None if importance is None else round(importance / 10, 4),
        status=essay.status.label if essay.status else "",
        progress=_percentage(essay.status),
        published=essay.published.day if essay.published else "",
        updated=essay.updated.day if essay.updated else "",
    )


def timeline_of(counts: Mapping[int, list[int]], undated: int) -> Timeline:
    """Publications by month, year or decade, as the time from first to last asks for. ``counts``
    has for each month, counted from year 0, the essays of each stage."""
    if not counts:
        return Timeline("year", (), undated)
    length = max(counts) - min(counts) + 1
    unit: Unit = "month" if length <= BY_MONTH else "year" if length <= BY_YEAR else "decade"
    first, last = min(counts) // _MONTHS[unit], max(counts) // _MONTHS[unit]
    slots = [[0] * len(STAGES) for _ in range(first, last + 1)]
    for month, own in counts.items():
        slot = slots[month // _MONTHS[unit] - first]
        for stage_number, count in enumerate(own):
            slot[stage_number] += count
    spans = (Span(_start(unit, first + n), tuple(each)) for n, each in enumerate(slots))
    return Timeline(unit, tuple(spans), undated)


def _percentage(rating: Rating | None) -> float | None:
    return rating.percentage if rating else None


def _start(unit: Unit, slot: int) -> str:
    """How a span is named: its month, its year, the first year of its decade."""
    if unit == "month":
        return f"{slot // 12:04}-{slot % 12 + 1:02}"
    return f"{slot * (10 if unit == 'decade' else 1):04}"
