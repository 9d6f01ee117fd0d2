"""The author's report: what needs attention, each line with a link to where it is.

The page is there only where the server was started with ``essays serve --author`` or with
``ESSAYS_AUTHOR=1``. Who asks does not count: behind a proxy everyone comes from this machine, and
in a container nobody does. Nor can ``essays.toml`` ask for it, which travels with the essays to
the public server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask import Flask, Response, abort, make_response, render_template

from app.query_log import LoggedQuery, QueryLog
from app.search.report import AuthorReport, BrokenLink, Listing, Named, percent_shown
from app.search.request import SearchRequest
from app.settings import Settings
from app.web.blueprint import pages
from app.web.context import engine, settings
from app.web.errors import log
from app.web.pages.formatting import label
from app.web.urls import address, search_for, search_url
from indexer.errors import SearchesUnreadable

#: Lines of a section that stand open; the rest can be unfolded.
OPEN = 20


class Link(NamedTuple):
    """Where a line leads; ``essays`` that it finds, where there is one to say."""

    text: str
    href: str
    essays: int | None = None


class Line(NamedTuple):
    """One thing that needs attention: its links, a note, the essays that it is in."""

    links: tuple[Link, ...]
    note: str = ""
    concerns: tuple[Link, ...] = ()
    plain: str = ""


class Part(NamedTuple):
    """One kind of things that need attention: how many, why they matter, the first of them."""

    name: str
    title: str
    why: str
    total: int
    lines: tuple[Line, ...]


def init_app(app: Flask) -> None:
    wanted: Settings = app.extensions["settings"]
    memory = QueryLog(wanted.index) if wanted.remember_searches else None
    app.extensions["remembered"] = memory


@pages.get("/author")
def author() -> Response:
    if not settings().author_page:
        abort(404)
    found = engine().author_report(date.today())
    failure = ""
    asked: tuple[LoggedQuery, ...] = ()
    try:
        asked = QueryLog(settings().index).all()
    except SearchesUnreadable as error:
        log(error)
        failure = f"The search log cannot be read. {error.hint}"
    parts = [_searches(asked), *_parts(found)]
    page = render_template(
        "pages/report.html", parts=[part for part in parts if part.total], open=OPEN,
        total=found.essays, clear=[part.title for part in parts[1:] if not part.total],
        failure=failure, remembering=settings().remember_searches, asked=asked,
    )  # fmt: skip
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def _searches(asked: tuple[LoggedQuery, ...]) -> Part:
    return Part(
        "searches",
        "Searches that found nothing",
        "Readers searched for these and found no essay.",
        len(asked),
        tuple(
            Line(
                (Link(each.query, search_url(SearchRequest(q=each.query))),),
                f"{'one day' if each.days == 1 else f'{each.days} days'}, last {each.last}",
            )
            for each in asked
        ),
    )


def _parts(found: AuthorReport) -> Iterator[Part]:
    yield Part(
        "copies", "Nearly the same text",
        "Copies, or drafts kept under two names.", len(found.copies),
        tuple(
            Line(tuple(map(_link, each.essays)), f"{percent_shown(each.share)} the same")
            for each in found.copies
        ),
    )  # fmt: skip
    paths = tuple(each for each in found.broken if not each.is_name)
    wanted = tuple(each for each in found.broken if each.is_name)
    yield _broken("broken", "Broken links", "No essay has this path.",
                  paths)  # fmt: skip
    yield _broken("unwritten", "Wiki links to missing essays",
                  "Links by name, but no essay has this name.", wanted)  # fmt: skip
    yield _stray_pins(found)
    yield _listed("stale", "Not updated for a year", "These are neither finished nor abandoned.",
                  found.stale)  # fmt: skip
    unrated = {facet: count for facet, count in found.unrated.items() if count}
    yield Part(
        "unrated", "Unrated", "Essays without this rating.", len(unrated),
        tuple(Line((Link(label(facet), search_for(facet, "unrated"), count),))
              for facet, count in unrated.items()),
    )  # fmt: skip
    yield Part(
        "drift", "Rating words without a percentage",
        "A search by range does not find these essays.", len(found.drift),
        tuple(Line((Link(each.value, search_for(each.facet, each.value), each.count),),
                   label(each.facet).lower()) for each in found.drift),
    )  # fmt: skip
    yield Part(
        "spellings", "Different spellings of one name",
        "Probably the same subject: they differ in case, in one letter, or as singular and plural.",
        len(found.spellings),
        tuple(
            Line(tuple(Link(each.value, search_for(group.facet, each.value), each.count)
                       for each in group.values))
            for group in found.spellings
        ),
    )  # fmt: skip
    yield Part(
        "used-once", "Tags used once", "Only one essay has each of these tags.",
        found.used_once.total,
        tuple(Line((Link(each.note, search_for("tag", each.note)),), "", (_link(each),))
              for each in found.used_once.essays),
    )  # fmt: skip
    yield _listed("orphans", "No incoming links", "No other essay links to these.",
                  found.orphans)  # fmt: skip
    yield _listed(
        "without-links", "No outgoing links", "These link to no other essay.", found.without_links
    )


def _stray_pins(found: AuthorReport) -> Part:
    lines = tuple(
        Line((Link(each.query, search_url(SearchRequest(q=each.query))),), f"pins “{each.slug}”")
        for each in found.stray_pins
    )
    why = "They are in essays.toml, but no essay has this slug."
    return Part("stray-pins", "Pins that name no essay", why, len(lines), lines)


def _listed(name: str, title: str, why: str, listing: Listing) -> Part:
    lines = tuple(Line((_link(each),), each.note) for each in listing.essays)
    return Part(name, title, why, listing.total, lines)


def _broken(name: str, title: str, why: str, broken: tuple[BrokenLink, ...]) -> Part:
    lines = tuple(
        Line((), _more(each), tuple(map(_link, each.essays)), each.target) for each in broken
    )
    return Part(name, title, why, len(lines), lines)


def _more(broken: BrokenLink) -> str:
    more = broken.count - len(broken.essays)
    return f"and in {more} more" if more > 0 else ""


def _link(essay: Named) -> Link:
    return Link(essay.title, address(essay.slug))
