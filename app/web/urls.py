"""Addresses of this site's pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

from flask import g, request, url_for
from msgspec.structs import replace

from app.search.request import SearchRequest
from app.web import params
from app.web.context import settings
from app.web.params import Links

#: The facets whose values have a page of their own.
SUBJECTS = ("tag", "category")


def query_string(asked: SearchRequest) -> str:
    """The first page of a search as the end of an address, with its question mark; may be empty."""
    asked = replace(asked, max_values=None)
    return Links(asked, settings().per_page).page(1).removesuffix("?")


def search_address(asked: SearchRequest) -> str:
    """The search that answers a request with a list."""
    return url_for("pages.search") + query_string(asked)


def map_address(asked: SearchRequest) -> str:
    """The map of a request."""
    return url_for("pages.map") + query_string(replace(asked, sort=None, page=1))


def subject_address(facet: str, value: str) -> str:
    """The page of a tag or category.

    What a path cannot carry (browsers resolve ``..``, servers merge ``//``) goes as a parameter.
    """
    parts = value.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return url_for("pages.subject", facet=facet, value=value)
    return url_for("pages.subject_at", facet=facet, value=value)


def value_address(facet: str, value: str) -> str:
    """Where an index leads from a value: to its page if it has one, else to the search for it."""
    return subject_address(facet, value) if facet in SUBJECTS else search_for(facet, value)


def value_index(facet: str) -> str:
    """The page of all values of a facet."""
    return url_for("pages.browse_facet", facet=facet)


#: What a path may hold as it is: https://url.spec.whatwg.org/#url-path-segment-string
_PATH = "!$&'()*+,/:;=@"
#: Slugs whose addresses are remembered: of each some 200 bytes.
ADDRESSES = 10_000


def address(slug: str) -> str:
    """The page of an essay."""
    return addresses()(slug)


def addresses() -> Callable[[str], str]:
    """What makes addresses of essays, for many of them: building each from the routes takes a tenth
    of an answer."""
    place = _essays(request.script_root)
    return lambda slug: place + in_path(slug)


@lru_cache(100)
def _essays(_root: str) -> str:
    """Where the addresses of essays begin on a site whose own begins so."""
    return url_for("pages.essay", slug="-").removesuffix("-")


@lru_cache(ADDRESSES)
def in_path(slug: str) -> str:
    """A slug, or a whole path, as it is written in an address."""
    return quote(slug, safe=_PATH)


def absolute(path: str) -> str:
    """The address of a path of this site as others can keep it; empty where the settings do not say
    where the site is. The host that a request names may be anything."""
    site = settings().site_url
    return site + path if site else ""


#: A host as people write it, with a port or without.
_HOST = re.compile(r"([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?", re.ASCII | re.I)


def outside(path: str) -> str:
    """The address of a path as programs follow it that keep it away from this site: feed readers,
    browsers that add a search engine.

    Where the settings do not say where the site is, it has the host that the request names, so it
    must go to nobody but who sent that request. A host that is none leaves the path alone.
    """
    if settings().site_url or not _HOST.fullmatch(request.host):
        return canonical(path)
    return f"{request.scheme}://{request.host}{path}"


def canonical(path: str) -> str:
    """The one address of a page, for programs that find it at several."""
    return absolute(path) or path


def search_for(facet: str, value: str) -> str:
    """The search for one value of a facet."""
    # Asked for every tag and category on a page.
    place: str | None = g.get("search")
    if place is None:
        place = g.search = url_for("pages.search")
    return place + params.encode(SearchRequest(filters={facet: (value,)}))


def search_url(asked: SearchRequest) -> str:
    """The page of a search."""
    return url_for("pages.search") + params.encode(asked, settings().per_page)
