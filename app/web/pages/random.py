"""An essay by chance."""

from __future__ import annotations

import secrets

from flask import redirect, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response as BaseResponse

from app.web.blueprint import pages
from app.web.context import budget, engine, requested
from app.web.urls import address, search_address


@pages.get("/random", endpoint="random")
def by_chance() -> BaseResponse:
    """Another essay each time; with the parameters of a search, one that it finds."""
    asked = replace(requested(), sort="title", per_page=1)
    total = engine().facet_counts(asked, budget()).total
    if not total:
        return redirect(search_address(requested()), 302)
    found = engine().search(replace(asked, page=secrets.randbelow(total) + 1), budget())
    # A build in between may have taken essays away.
    where = address(found.hits[0].essay.slug) if found.hits else url_for("pages.search")
    response = redirect(where, 302)
    response.headers["Cache-Control"] = "no-store"
    return response
