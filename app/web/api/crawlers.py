"""What crawlers are told: ``/robots.txt``, the list of all essays, ``/sitemap.xml``, and whom to
tell of a weakness, ``/.well-known/security.txt``.

A sitemap names at most 50,000 addresses, so that of more essays is an index of several
(https://www.sitemaps.org/protocol.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, current_app, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.search.discovery import Listed
from app.search.request import SearchRequest
from app.web.context import budget, engine, settings
from app.web.urls import absolute, address, outside

crawlers = Blueprint("crawlers", __name__)

#: Addresses that one sitemap may name, and letters that an address may have in it.
MAX_ADDRESSES, MAX_LETTERS = 50_000, 2_048
#: How long what security.txt says holds from the day on which it is read.
VALID = timedelta(days=180)
#: Seconds of a day.
_DAY = 86_400

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

#: Searches have more addresses than a crawler ever ends with, and list what has a page of its own;
#: an essay that was come to by a search is the same essay. Feeds are for who subscribes to them,
#: and stand first for parsers that take the first rule that fits and read ``/search?`` without its
#: mark.
_ROBOTS = """\
User-agent: *
Allow: /search.atom
Allow: /search.json
Allow: /api/v1/docs
Disallow: /search?
Disallow: /map?
Disallow: /essay/*?
Disallow: /random
Disallow: /api/v1/
Disallow: /1/
Disallow: /hooks/

Sitemap: {sitemap}
"""


@crawlers.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read, and where all essays are listed."""
    text = _ROBOTS.format(sitemap=outside(url_for("crawlers.sitemap")))
    return current_app.response_class(text, content_type="text/plain; charset=utf-8")


@crawlers.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a weakness of this site (RFC 9116), where the settings say it."""
    known = settings()
    if not known.security_contacts:
        abort(404)
    lines = [f"Contact: {each}" for each in known.security_contacts]
    midnight = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    lines.append(f"Expires: {(midnight + VALID).isoformat().replace('+00:00', 'Z')}")
    if known.site_url:
        lines.append(f"Canonical: {absolute(url_for('crawlers.security'))}")
    text = "\n".join((*lines, ""))
    return current_app.response_class(text, content_type="text/plain; charset=utf-8")


@crawlers.get("/sitemap.xml")
def sitemap() -> BaseResponse:
    """All essays, or where they are listed."""
    total = engine().facet_counts(SearchRequest(), budget()).total
    parts = -(-total // MAX_ADDRESSES)
    if parts <= 1:
        return _sent("urlset", _essays(0))
    numbers = range(1, parts + 1)
    return _sent("sitemapindex", (_part(number) for number in numbers))


@crawlers.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> BaseResponse:
    """One part of a list that is too long for one file."""
    total = engine().facet_counts(SearchRequest(), budget()).total
    if not 1 <= number <= -(-total // MAX_ADDRESSES):
        abort(404)
    return _sent("urlset", _essays((number - 1) * MAX_ADDRESSES))


def _part(number: int) -> str:
    where = outside(url_for("crawlers.sitemap_part", number=number))
    return f"<sitemap><loc>{escape(where)}</loc></sitemap>"


def _essays(first: int) -> Iterator[str]:
    site = outside("")
    if not first:
        for endpoint in ("pages.home", "pages.browse"):
            yield f"<url><loc>{escape(site + url_for(endpoint))}</loc></url>"
    for each in engine().listed(first, MAX_ADDRESSES):
        where = escape(site + address(each.slug))
        if len(where) < MAX_LETTERS:
            yield f"<url><loc>{where}</loc>{_changed(each)}</url>"


def _changed(essay: Listed) -> str:
    """When an essay was changed, as a day where the author said no time."""
    if essay.updated is None:
        return ""
    moment = datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=essay.updated - _DAY)
    whole = moment.isoformat().replace("+00:00", "Z")
    return f"<lastmod>{whole[:10] if essay.updated % _DAY == 0 else whole}</lastmod>"


def _sent(root: str, elements: Iterable[str]) -> BaseResponse:
    """A list, or word that the crawler has it: the same generation lists the same."""
    tag = f"{engine().generation()}-{outside('')}"
    response: Response = current_app.response_class(content_type="application/xml")
    response.set_etag(tag.encode().hex())
    response.headers["Cache-Control"] = "no-cache" if settings().site_url else "private, no-cache"
    if tag.encode().hex() not in request.if_none_match:
        lines = ('<?xml version="1.0" encoding="utf-8"?>', f'<{root} xmlns="{_NAMESPACE}">')
        response.set_data("\n".join((*lines, *elements, f"</{root}>")))
    return response.make_conditional(request)
