"""The home page, and the results of a search."""

from __future__ import annotations

from flask import Flask, render_template
from msgspec.structs import replace

from app.search.report import percent_shown
from app.search.request import DEFAULT_VALUES, PREFERENCES, SCALES, SORTS, SearchRequest
from app.search.results import FacetCounts, SearchResults
from app.web import page_limits, params
from app.web.blueprint import pages
from app.web.changes import described
from app.web.context import (
    begin_budget,
    budget,
    engine,
    remember,
    requested,
    settings,
)
from app.web.pages.formatting import day, label, reading_time
from app.web.params import Links
from app.web.urls import address, canonical, query_string, search_for, search_url
from indexer.analysis.languages import direction
from indexer.essay import RATINGS, UNRATED, format_number, value_key


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    app.before_request(begin_budget)
    app.jinja_env.filters.update(
        day=day, number=format_number, reading_time=reading_time, label=label, fold=value_key,
        direction=direction,
    )  # fmt: skip
    app.jinja_env.globals.update(
        RATINGS=RATINGS,
        SCALES=SCALES,
        SORTS=SORTS,
        PREFERENCES=PREFERENCES,
        address=address,
        canonical=canonical,
        described=described,
        query_string=query_string,
        search_for=search_for,
        search_url=search_url,
        same=percent_shown,
        exported=False,
    )
    app.context_processor(lambda: {"site": settings()})


@pages.get("/")
def home() -> str:
    featured = _first(SearchRequest(q="is:featured", sort="newest", per_page=6, max_values=1))
    newest = _first(SearchRequest(sort="newest", per_page=8, max_values=DEFAULT_VALUES))
    updated = _first(SearchRequest(sort="updated", per_page=8, max_values=1))
    return render_template(
        "pages/home.html", featured=featured.hits, newest=newest.hits, updated=updated.hits,
        counts=newest.counts, total=newest.total,
    )  # fmt: skip


def _first(asked: SearchRequest) -> SearchResults:
    return engine().search(asked, budget())


@pages.get("/search")
def search() -> str:
    asked = requested()
    most = min(asked.max_values or DEFAULT_VALUES, page_limits.ASKED_VALUES)
    found = engine().search(replace(asked, max_values=most), budget())
    remember(found)
    return render_template(
        "pages/search.html", results=found, asked=asked, links=Links(asked, settings().per_page),
        chips=chips(asked), pages=page_numbers(found), offered=offered(asked, found.counts),
        on=None if found.total else engine().alternatives(asked, budget()),
    )  # fmt: skip


#: The order of the facets beside the results; those of the archive's own follow.
FACETS_FIRST = ("category", "tag", "certainty", "importance", "status", "year")


def offered(asked: SearchRequest, counts: FacetCounts) -> list[str]:
    """The facets to narrow by. One that says only “unrated” of every essay tells nothing."""
    names = dict.fromkeys((*FACETS_FIRST, *counts.facets))
    return [
        name
        for name in names
        if name in counts.facets
        and (
            any(each.value != UNRATED for each in counts.facets[name])
            or asked.filters.get(name)
            or asked.ranges.get(name)
            or (name in counts.ranges and any(bar.count for bar in counts.ranges[name].histogram))
        )
    ]


def chips(asked: SearchRequest) -> list[tuple[str, str, str]]:
    """Every active filter as (facet, what is shown, query string without it, empty where that is
    too long to be said for each: then the boxes of the form do the same)."""
    links = Links(asked, settings().per_page)
    made = [
        (facet, value, "" if links.long else links.toggle(facet, value))
        for facet, chosen in asked.filters.items()
        for value in chosen
    ]
    for facet, wanted in asked.ranges.items():
        unit = "%" if facet == "certainty" else ""
        low = format_number(wanted.min) if wanted.min is not None else "0"
        high = format_number(wanted.max) if wanted.max is not None else str(SCALES[facet])
        made.append((facet, f"{low}–{high}{unit}", "" if links.long else links.between(facet)))
    return made


def page_numbers(found: SearchResults) -> list[int | None]:
    """The page numbers to offer: both ends and those near this one; None is a gap.

    The result for page 6 of 12 is 1, 2, gap, 5, 6, 7, gap, 12.
    """
    return params.near(found.request.page, found.pages)
