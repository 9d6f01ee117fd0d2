"""``/api/v1``: search, facets, essays, suggestions."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request

from app.search import payload
from app.web import params
from app.web.api import metrics
from app.web.api.answer import json_answer
from app.web.api.browsers import browsers
from app.web.api.crawlers import crawlers
from app.web.api.docs import docs
from app.web.api.feeds.routes import feeds
from app.web.api.health import health
from app.web.api.hooks import hooks
from app.web.api.openapi import MAX_SUGGESTIONS, SUGGESTIONS
from app.web.context import budget, engine, listing, remember, requested
from app.web.essay_links import with_addresses
from app.web.problem import problem
from app.web.urls import address, addresses

api = Blueprint("api", __name__, url_prefix="/api/v1")


def init_app(app: Flask) -> None:
    app.register_blueprint(api)
    app.register_blueprint(health)
    app.register_blueprint(hooks)
    app.register_blueprint(docs)
    app.register_blueprint(feeds)
    app.register_blueprint(crawlers)
    app.register_blueprint(browsers)
    metrics.init_app(app)


@api.get("/search")
def search() -> Response:
    """Search, with hits, snippets, facets and ranges.

    Of each facet the commonest values are listed, and those that are chosen.
    """
    found = engine().search(listing(requested()), budget())
    remember(found)
    return json_answer(payload.results(found, addresses()))


@api.get("/facets")
def facets() -> Response:
    """Count facets and ranges alone.

    All values of each facet are listed, where `max_values` does not say how many.
    """
    return json_answer(payload.counts(engine().facet_counts(requested(), budget())))


@api.get("/essays/<path:slug>")
def essay(slug: str) -> Response:
    """Read one essay, all of it, with the essays that are nearly copies of it."""
    found = engine().essay(slug)
    if found is None:
        return problem(404, f"There is no essay “{slug}”.")
    duplicates = engine().duplicates(slug, budget())
    return json_answer(payload.essay(found, address, with_addresses(found), duplicates))


@api.get("/suggest")
def suggest() -> Response:
    """Complete a half-typed query: titles, tags, categories, the end of a word."""
    text = request.args.get("q", "")
    limit = params.whole(request.args, "limit", SUGGESTIONS, MAX_SUGGESTIONS)
    found = engine().suggest(text[:200], limit, budget())
    return json_answer(payload.suggestions(text, found, address))
