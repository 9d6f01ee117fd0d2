"""The addresses of feeds, and when an answer is the one that a reader has already."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response as BaseResponse

from app.web.api.feeds import atom, json_feed
from app.web.api.feeds.records import Feed, changes_feed, feed_of
from app.web.changes import told
from app.web.context import budget, engine, requested, settings
from app.web.urls import outside, query_string
from indexer.storage import generation

feeds = Blueprint("feeds", __name__)


@feeds.get("/search.atom")
def as_atom() -> BaseResponse:
    """A search as Atom."""
    since = generation.committed(settings().index)
    feed = _feed("feeds.as_atom")
    other = outside(url_for("feeds.as_json") + query_string(requested()))
    return _sent(atom.write_atom(feed, other), atom.MEDIA_TYPE, since)


@feeds.get("/search.json")
def as_json() -> BaseResponse:
    """A search as JSON Feed."""
    since = generation.committed(settings().index)
    return _sent(json_feed.write_json(_feed("feeds.as_json")), json_feed.MEDIA_TYPE, since)


@feeds.get("/changes.atom")
def changes_as_atom() -> BaseResponse:
    """The last changes of ratings as Atom."""
    feed = changes_feed(told(0)[0], "feeds.changes_as_atom", settings())
    other = outside(url_for("feeds.changes_as_json"))
    return _sent(atom.write_atom(feed, other), atom.MEDIA_TYPE, None)


@feeds.get("/changes.json")
def changes_as_json() -> BaseResponse:
    """The last changes of ratings as JSON Feed."""
    feed = changes_feed(told(0)[0], "feeds.changes_as_json", settings())
    return _sent(json_feed.write_json(feed), json_feed.MEDIA_TYPE, None)


def _feed(endpoint: str) -> Feed:
    """What this address asks for: the newest first, unless it says otherwise."""
    asked = requested()
    found = engine().search(replace(asked, sort=asked.sort or "newest", explain=False), budget())
    return feed_of(found, asked, endpoint, settings())


def _sent(body: bytes, media_type: str, since: float | None) -> BaseResponse:
    """A feed, or word that a reader has it; ``since`` is when the index changed last, as far as
    this process can tell."""
    response: Response = current_app.response_class(body, content_type=media_type)
    response.add_etag()
    if since is not None:
        response.last_modified = datetime.fromtimestamp(since, UTC)
    # Addresses may have the host that was asked for: what one is answered is not for all.
    response.headers["Cache-Control"] = "no-cache" if settings().site_url else "private, no-cache"
    return response.make_conditional(request)
