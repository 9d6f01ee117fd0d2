"""The certainty of an essay over time, as a line in a small frame."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from app.history.log import Point
from app.web.pages.formatting import day
from indexer.essay import Moment, format_number

#: Width and height of the line's frame, and how much room is left at its edges.
WIDTH, HEIGHT, PAD = 120.0, 28.0, 3.0


class Trend(NamedTuple):
    """The certainty of an essay over time: a path in a frame, its last point, and in words."""

    path: str
    x: float
    y: float
    words: str


def day_of(at: int) -> str:
    """The day of a time, in seconds since 1970, as prose writes it."""
    return day(Moment(datetime.fromtimestamp(at, UTC).date().isoformat()))


def drawn(points: tuple[Point, ...]) -> Trend | None:
    """Points as a line of steps: a certainty holds until the next one.

    >>> drawn((Point(0, 50.0), Point(86_400, 100.0))).words
    'Certainty: 50% on 1 January 1970, 100% on 2 January 1970'
    """
    if len(points) < 2:
        return None
    first, last = points[0].at, points[-1].at
    # What changed last has been so for a while, too.
    span = max((last - first) * 1.15, 1)

    def x(at: float) -> float:
        return round(PAD + (WIDTH - 2 * PAD) * (at - first) / span, 1)

    def y(percent: float) -> float:
        return round(HEIGHT - PAD - (HEIGHT - 2 * PAD) * percent / 100, 1)

    steps = [f"M{x(first)} {y(points[0].percent)}"]
    steps += [f"H{x(each.at)}V{y(each.percent)}" for each in points[1:]]
    end = WIDTH - PAD
    words = ", ".join(f"{format_number(each.percent)}% on {day_of(each.at)}" for each in points)
    return Trend(f"{''.join(steps)}H{end}", end, y(points[-1].percent), f"Certainty: {words}")
