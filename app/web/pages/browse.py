"""The lists of subjects, ratings and years."""

from __future__ import annotations

import sys

from flask import abort, render_template, request

from app.search.request import SearchRequest
from app.search.results import FacetCounts, FacetValue
from app.web import page_limits, params
from app.web.blueprint import pages
from app.web.context import budget, engine, settings
from indexer.essay import FACETS, RATINGS, value_key


@pages.get("/browse")
def browse() -> str:
    every = SearchRequest(per_page=settings().per_page)
    updated = engine().search(SearchRequest(sort="updated", per_page=6), budget())
    return render_template(
        "pages/browse.html", counts=updated.counts, updated=updated.hits, all=every
    )


@pages.get("/browse/<facet>")
def browse_facet(facet: str) -> str:
    if facet not in (*FACETS, *settings().rules.facets):
        abort(404)
    counts: FacetCounts = engine().facet_counts(SearchRequest(), budget())
    values: tuple[FacetValue, ...] = counts.facets[facet]
    by_name = facet not in (*RATINGS, "year")
    if by_name:
        values = tuple(sorted(values, key=lambda value: value_key(value.value)))
    most = max((value.count for value in values), default=1)
    shown = list(page_limits.paged(page_limits.named(values, sys.maxsize)))
    at = params.whole(request.args, "page", 1, None)
    if at > max(len(shown), 1):
        abort(404)
    return render_template(
        "pages/browse_facet.html", facet=facet, values=shown[at - 1] if shown else (), most=most,
        by_name=by_name, total=len(values), at=at, last=len(shown),
        numbers=params.near(at, len(shown)), links=params.IndexPages(),
    )  # fmt: skip
