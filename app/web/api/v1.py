"""What do programs see? JSON under ``/api/v1``, and two questions about the service's health."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from app.search import payload
from app.search.request import SearchRequest
from app.web import params
from app.web.errors import unavailable
from app.web.pages.search import address, budget, engine, remember, resolved, settings
from indexer.build import watch_status
from indexer.errors import IndexUnavailable

api = Blueprint("api", __name__, url_prefix="/api/v1")
health = Blueprint("health", __name__)

MOST_SUGGESTIONS = 20


def init_app(app: Flask) -> None:
    app.register_blueprint(api)
    app.register_blueprint(health)


def _json(content: Any, status: int = 200) -> Response:
    return current_app.response_class(
        payload.encode(content), status, content_type="application/json"
    )


def asked() -> SearchRequest:
    """The request that this URL says."""
    return params.parse(request.args, settings().rules.facets, settings().per_page)


@api.get("/search")
def search() -> Response:
    found = engine().search(asked(), budget())
    remember(found)
    return _json(payload.results(found, address))


@api.get("/facets")
def facets() -> Response:
    return _json(payload.counts(engine().counts(asked(), budget())))


@api.get("/essays/<path:slug>")
def essay(slug: str) -> Response:
    found = engine().essay(slug)
    if found is None:
        return _json(
            {"error": {"code": "not_found", "message": f"There is no essay “{slug}”."}}, 404
        )
    duplicates = payload.copies(engine().copies(slug, budget()), address)
    return _json(payload.essay(found, address, resolved(found)) | {"duplicates": duplicates})


@api.get("/suggest")
def suggest() -> Response:
    text = request.args.get("q", "")
    limit = params.whole(request.args, "limit", 10, MOST_SUGGESTIONS)
    found = engine().suggest(text[:200], limit, budget())
    return _json({"query": text, "suggestions": [payload.suggestion(s, address) for s in found]})


@health.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return _json({"status": "ok"})


@health.get("/readyz")
def readyz() -> Response:
    """An index answers; and, where a watcher is expected, whether it follows the content."""
    watched = {"watch": watch_status.read_status(settings().index)} if settings().watched else {}
    try:
        return _json({"status": "ok", "generation": engine().generation()} | watched)
    except IndexUnavailable as error:
        why = {"status": "unavailable", "message": unavailable(error), "hint": error.hint}
        return _json(why | watched, 503)
