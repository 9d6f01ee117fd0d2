"""A feed and its entries, whatever they are written as."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from flask import url_for
from msgspec.structs import replace

from app.history.log import Change
from app.search.request import SearchRequest
from app.search.results import Hit, SearchResults
from app.settings import Settings
from app.web import params
from app.web.changes import described
from app.web.urls import absolute, address, outside, search_address
from indexer.essay import Essay, Moment, valid_text

#: The date of what has none: a feed must give one, and each build's own would make it new again.
UNDATED = "1970-01-01T00:00:00Z"
#: Letters of a query that are part of a feed's title.
MAX_QUERY = 100

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


class Entry(NamedTuple):
    """One essay: its addresses as others can follow them, and texts that XML can carry."""

    id: str
    title: str
    url: str
    summary: str
    published: str
    updated: str
    essay: Essay


class Pages(NamedTuple):
    """The addresses of the pages of a feed beside this one; empty where there is none."""

    first: str
    previous: str
    next: str
    last: str


class Feed(NamedTuple):
    """A page of a search; ``url`` is its own address, ``page`` that of the search for readers."""

    id: str
    title: str
    subtitle: str
    site: str
    url: str
    page: str
    icon: str
    updated: str
    pages: Pages
    entries: tuple[Entry, ...]


def feed_of(found: SearchResults, asked: SearchRequest, endpoint: str, settings: Settings) -> Feed:
    """What a search found as a feed that has its address at ``endpoint``; ``asked`` is the search
    as its address says it, without the order that feeds have by themselves."""
    entries = tuple(_entry(each, settings) for each in found.hits)

    def at(number: int) -> str:
        query = params.encode(replace(asked, page=number), settings.per_page).removesuffix("?")
        return outside(url_for(endpoint) + query)

    page, last = asked.page, max(found.pages, 1)
    return Feed(
        id=_id(search_address(asked), settings),
        title=_title(asked, settings),
        subtitle=valid_text(settings.description),
        site=valid_text(settings.title),
        url=at(page),
        page=outside(search_address(found.request)),
        icon=outside(url_for("static", filename="favicon.svg")),
        updated=max((each.updated for each in entries), key=_instant, default=UNDATED),
        pages=Pages(
            first=at(1),
            previous=at(page - 1) if 1 < page <= last else "",
            next=at(page + 1) if page < last else "",
            last=at(last),
        ),
        entries=entries,
    )


def _title(asked: SearchRequest, settings: Settings) -> str:
    """The archive, the words of the search, and what it is narrowed by."""
    values = [value for chosen in asked.filters.values() for value in chosen]
    words = [f"“{asked.q[:MAX_QUERY]}”"] if asked.q else []
    if values or asked.ranges:
        words.append(", ".join(values)[:MAX_QUERY] or "filtered")
    return valid_text(": ".join([settings.title, *filter(None, [", ".join(words)])]))


def _entry(found: Hit, settings: Settings) -> Entry:
    essay = found.essay
    summary = essay.description or essay.excerpt
    if not summary:
        opening = found.snippets[0].fragments if found.snippets else ()
        summary = "".join(fragment.text for fragment in opening)
    return Entry(
        id=_id(address(essay.slug), settings),
        title=essay.title,
        url=outside(address(essay.slug)),
        summary=valid_text(summary),
        published=_time(essay.published) if essay.published else "",
        updated=_time(essay.updated or essay.published),
        essay=essay,
    )


def _id(path: str, settings: Settings) -> str:
    """A name for ever: the address, where the settings say of which site; else one that the host
    of a request has no part in, so that a reader who comes by another finds nothing twice."""
    known = absolute(path)
    return known or uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.title}\n{path}").urn


def _time(moment: Moment | None) -> str:
    """A date as RFC 3339 has it: a day is its first instant, a time without a zone is UTC.

    >>> _time(Moment("2024-01-30")), _time(Moment("2020-12-31T23:30:00-04:00"))
    ('2024-01-30T00:00:00Z', '2020-12-31T23:30:00-04:00')
    """
    if moment is None:
        return UNDATED
    for written in (moment.iso, f"{moment.iso}Z", f"{moment.iso}T00:00:00Z"):
        if _RFC3339.fullmatch(written):
            return written
    # An offset with seconds, as places had before there were zones.
    seconds = datetime.fromisoformat(moment.iso).astimezone(UTC)
    return seconds.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def _instant(written: str) -> int:
    return Moment(written).instant


def changes_feed(found: Iterable[Change], endpoint: str, settings: Settings) -> Feed:
    """The last changes of ratings as a feed that has its address at ``endpoint``."""
    where = url_for("pages.changes")
    entries = tuple(_changed(each, where, settings) for each in found)
    return Feed(
        id=_id(where, settings),
        title=valid_text(f"{settings.title}: changes"),
        subtitle="",
        site=valid_text(settings.title),
        url=outside(url_for(endpoint)),
        page=outside(where),
        icon=outside(url_for("static", filename="favicon.svg")),
        updated=entries[0].updated if entries else UNDATED,
        pages=Pages("", "", "", ""),
        entries=entries,
    )


def _changed(change: Change, where: str, settings: Settings) -> Entry:
    at = datetime.fromtimestamp(change.at, UTC).replace(tzinfo=None).isoformat() + "Z"
    anchor = f"{where}#{quote(change.slug)}-{change.kind}-{change.at}"
    return Entry(
        id=_id(anchor, settings),
        title=f"{change.title}: {described(change)}",
        url=outside(address(change.slug) if change.here else where),
        summary=described(change).capitalize(),
        published=at,
        updated=at,
        essay=Essay(path="", slug=change.slug, title=change.title),
    )
