"""The page of an essay: its text, its place among search results, links and related essays."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Request, abort, redirect, render_template, request, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response as BaseResponse

from app.search.budget import Budget
from app.search.engine import Engine
from app.search.request import SearchRequest
from app.search.results import Neighbours
from app.settings import Settings
from app.web import params
from app.web.blueprint import pages
from app.web.context import budget, engine, settings
from app.web.essay_links import with_addresses
from app.web.pages import essay_html, metadata
from app.web.pages.changes import certainty_line
from app.web.params import BadParameter, Links
from app.web.urls import absolute, address
from indexer.essay import Essay

RELATED = 5
BACKLINKS = 30


class Trail(NamedTuple):
    """The search that led to an essay: ``query`` goes behind the address of another of its hits,
    ``back`` to the page of results that has this one."""

    asked: SearchRequest
    query: str
    back: str
    neighbours: Neighbours | None


def page_context(
    essay: Essay, html: str, asked: Request, engine: Engine, settings: Settings, budget: Budget
) -> Any:
    """What the page's template shows; ``html`` has its links resolved."""
    trail = _trail(essay.slug, asked, engine, settings, budget)
    body = essay_html.Marked(html, 0)
    if trail is not None and trail.asked.q:
        q = trail.asked.q
        body = essay_html.mark(html, lambda texts: engine.highlights(q, texts, budget))
    url = absolute(address(essay.slug))
    return {
        "essay": essay,
        "body": essay_html.furnish(body.html),
        "places": body.places,
        "trail": trail,
        "backlinks": engine.backlinks(essay.slug, BACKLINKS),
        "copies": engine.duplicates(essay.slug, budget),
        "related": engine.related(essay.slug, RELATED, budget),
        "line": certainty_line(essay.slug),
        "article": metadata.article(essay, url, settings.title),
        "metas": metadata.tags(essay, url, settings.title),
    }


def _trail(
    slug: str, asked: Request, engine: Engine, settings: Settings, budget: Budget
) -> Trail | None:
    """The search that an essay's address says; a broken one does not keep the essay back."""
    try:
        request = params.parse(asked.args, settings.rules.facets, settings.per_page)
    except BadParameter:
        return None
    links = Links(request, settings.per_page)
    if not (query := links.trail()):
        return None
    found = engine.neighbours(replace(request, page=1), slug, budget)
    page = (found.position - 1) // request.per_page + 1 if found else 1
    return Trail(request, query, url_for("pages.search") + links.page(page), found)


def _meant(slug: str) -> str | None:
    """The slug of the essay that an address means which is not its own: a link to its file, with
    its ending or without, or its address in capitals."""
    moved = engine().resolve_links((slug,)).get(slug)
    small = slug.lower()
    if moved is None and small != slug and engine().essay(small) is not None:
        return small
    return moved


@pages.get("/essay/<path:slug>", endpoint="essay")
def essay_page(slug: str) -> str | BaseResponse:
    found = engine().essay(slug)
    if found is None:
        moved = _meant(slug)
        if moved is None:
            abort(404)
        asked = request.query_string.decode("utf-8", "replace")
        return redirect(address(moved) + (f"?{asked}" if asked else ""), 301)
    return render_template(
        "pages/essay.html",
        **page_context(found, with_addresses(found), request, engine(), settings(), budget()),
    )
