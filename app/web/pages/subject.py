"""The page of one tag or category."""

from __future__ import annotations

from flask import abort, redirect, render_template, request
from msgspec.structs import replace
from werkzeug.wrappers import Response as BaseResponse

from app.search.request import Range, SearchRequest
from app.web.blueprint import pages
from app.web.context import budget, engine, settings
from app.web.urls import SUBJECTS, value_index

#: Essays that a subject's page lists: the newest, and the most important.
NEWEST, WEIGHTIEST = 30, 10


@pages.get("/tag", defaults={"facet": "tag"})
@pages.get("/category", defaults={"facet": "category"})
def subject(facet: str) -> str | BaseResponse:
    """A subject whose name no path can carry; without a name, all of them."""
    value = request.args.get("value", "")
    return _subject(facet, value) if value else redirect(value_index(facet), 302)


@pages.get("/tag/<path:value>", defaults={"facet": "tag"})
@pages.get("/category/<path:value>", defaults={"facet": "category"})
def subject_at(facet: str, value: str) -> str:
    return _subject(facet, value)


def _subject(facet: str, value: str) -> str:
    asked = SearchRequest(filters={facet: (value,)}, sort="newest", per_page=NEWEST)
    newest = engine().search(asked, budget())
    if not newest.total:
        abort(404)
    shown = next(each.value for each in newest.counts.facets[facet] if each.selected)
    asked = replace(asked, filters={facet: (shown,)}, sort=None, per_page=settings().per_page)
    weightiest = engine().search(
        replace(asked, sort="importance", ranges={"importance": Range(0, None)},
                per_page=WEIGHTIEST), budget(),
    )  # fmt: skip
    return render_template(
        "pages/subject.html", facet=facet, value=shown, asked=asked, total=newest.total,
        newest=newest.hits, weightiest=weightiest.hits,
        together={name: engine().co_occurring(asked, name, budget()) for name in SUBJECTS},
    )  # fmt: skip
