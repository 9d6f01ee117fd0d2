"""The map of certainty by importance, and the timeline.

Asks the engine what is where and leaves places to :mod:`app.web.pages.charts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from flask import Flask, render_template, request
from msgspec.structs import replace

from app.search.discovery import STAGES, Points, Span, Timeline
from app.search.request import Narrowing, Range, SearchRequest
from app.web import page_limits
from app.web.blueprint import pages
from app.web.context import budget, engine, requested, settings
from app.web.pages import charts
from app.web.pages.charts import Corner
from app.web.pages.search import chips
from app.web.params import Links
from app.web.urls import map_address, search_address, subject_address, value_address

#: More points than this make a table that is a page of its own.
TABLE_BESIDE = 150


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(tenth=charts.tenth)
    app.jinja_env.globals.update(
        STAGES=STAGES, charts=charts, small_map=small_map, timeline_of=timeline_of,
        subject=subject_address, value_of=value_address, map_for=map_address,
        found_for=search_address,
    )  # fmt: skip


def within(asked: SearchRequest, corner: Corner) -> SearchRequest:
    """A request narrowed to a named part of the map. Ranges intersect; of two sentences both must
    hold, so words with an OR go between parentheses.

    >>> stale = Corner("", "", importance=Range(7, None), q="updated:<2020")
    >>> found = within(SearchRequest(q="a OR b", ranges={"importance": Range(8, 9)}), stale)
    >>> found.q, found.ranges["importance"]
    ('updated:<2020 (a OR b)', Range(min=8, max=9))
    """
    q = asked.q
    if corner.q:
        own = f"({q})" if "OR" in q else q
        q = f"{corner.q} {own}".strip()
    ranges = dict(asked.ranges)
    for name, wanted in (("certainty", corner.certainty), ("importance", corner.importance)):
        if wanted:
            ranges[name] = _both(ranges.get(name, Range()), wanted)
    return replace(asked, q=q, ranges=ranges, page=1)


def _both(one: Range, other: Range) -> Range:
    lows = [end for end in (one.min, other.min) if end is not None]
    highs = [end for end in (one.max, other.max) if end is not None]
    return Range(max(lows, default=None), min(highs, default=None))


def square(asked: SearchRequest, certainty: Range, importance: Range) -> str:
    """The search for one square of the map."""
    return search_address(within(asked, Corner("", "", certainty, importance)))


@pages.get("/map", endpoint="map")
def epistemic_map() -> str:
    asked = requested()
    found = engine().map_points(asked, budget=budget())
    fits = page_limits.fitting(found.points)
    if fits < len(found.points):
        found = engine().map_points(asked, fits, budget())
    today = date.today()
    corners = charts.corners(today.year, today.month)
    parts = [Narrowing(within(SearchRequest(), each), within(asked, each)) for each in corners]
    totals = engine().totals(asked, parts, budget())
    named = [
        (corner, search_address(part.inside), total)
        for corner, part, total in zip(corners, parts, totals, strict=True)
    ]
    table = request.args.get("view") == "table"
    return render_template(
        "pages/map.html", asked=asked, found=found, dots=charts.dots(found.points), square=square,
        squares=charts.squares(found.squares), named=named, words=_words(), table=table,
        beside=len(found.points) <= TABLE_BESIDE, chips=chips(asked),
        description=description(found, named), links=Links(asked, settings().per_page),
        notes=budget().notes(),
    )  # fmt: skip


def _words() -> tuple[tuple[float, str], ...]:
    return charts.words(settings().rules.percentages("certainty"))


def description(found: Points, named: list[tuple[Corner, str, int]]) -> str:
    """The map in a sentence or two, for those who do not see it."""
    essays = "essay stands" if found.placed == 1 else "essays stand"
    parts = [f"{count} {corner.name}" for corner, _, count in named]
    return (
        f"{found.placed} {essays} on a map of certainty, from left to right, by importance, from "
        f"below to above. {', '.join(parts)}."
    )


class SmallMap(NamedTuple):
    """The map where there is no room for names: a bubble per square that holds anything."""

    placed: int
    bubbles: tuple[tuple[float, float, float], ...]
    href: str


def small_map(asked: SearchRequest) -> SmallMap:
    """The map of a request, small."""
    found = engine().map_points(asked, 0, budget())
    most = max((count for row in found.squares for count in row), default=0)
    bubbles = tuple(
        (*charts.middle(certainty, importance), charts.bubble(count, most))
        for importance, row in enumerate(found.squares)
        for certainty, count in enumerate(row)
        if count
    )
    return SmallMap(found.placed, bubbles, map_address(asked))


class DrawnTimeline(NamedTuple):
    """A timeline with its bars, the stages it has, and the search that each bar is, unless that
    would be too long to be said for each."""

    timeline: Timeline
    stacks: tuple[charts.Stack, ...]
    stages: tuple[int, ...]
    links: Mapping[str, str]


def timeline_of(asked: SearchRequest) -> DrawnTimeline:
    """When the essays of a request were published."""
    found = engine().timeline(asked, budget())
    if Links(asked, settings().per_page).long:
        return DrawnTimeline(found, charts.stacks(found), charts.stages(found), {})
    links = {span.start: search_address(_during(asked, found, span)) for span in found.spans}
    return DrawnTimeline(found, charts.stacks(found), charts.stages(found), links)


def _during(asked: SearchRequest, timeline: Timeline, span: Span) -> SearchRequest:
    if timeline.unit == "year":
        year = str(int(span.start))
        return replace(asked, filters={**asked.filters, "year": (year,)}, page=1)
    last = f"..{int(span.start) + 9:04}" if timeline.unit == "decade" else ""
    return within(asked, Corner("", "", q=f"date:{span.start}{last}"))
