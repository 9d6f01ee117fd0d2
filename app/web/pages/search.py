"""What do readers see? Server-rendered pages; everything works with links and forms alone."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from app.query_log import QueryLog
from app.search.budget import Budget
from app.search.embedded.report.report import shown
from app.search.engine import Engine
from app.search.request import (
    PREFERENCES,
    SCALES,
    SORTS,
    FacetCounts,
    FacetValue,
    Hit,
    SearchRequest,
    SearchResults,
)
from app.settings import Settings
from app.web import page_limits, params
from app.web.pages import essay as essay_
from app.web.pages import media as media_
from app.web.params import Links
from indexer.analysis.languages import direction
from indexer.errors import IndexUnavailable
from indexer.essay import FACETS, RATINGS, Essay, Moment, fold, number

pages = Blueprint("pages", __name__)

#: Words that a reader reads in a minute.
READING_SPEED = 230

LABELS = {
    "tag": "Tags", "category": "Categories", "status": "Status", "certainty": "Certainty",
    "importance": "Importance", "year": "Year",
    "relevance": "Relevance", "newest": "Newest", "updated": "Recently updated", "title": "Title",
    "recent": "Recent",
}  # fmt: skip


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    app.before_request(_begin)
    app.jinja_env.filters.update(
        day=_day, number=number, reading_time=_reading_time, label=label, fold=fold,
        direction=direction,
    )  # fmt: skip
    app.jinja_env.globals.update(
        RATINGS=RATINGS,
        SCALES=SCALES,
        SORTS=SORTS,
        PREFERENCES=PREFERENCES,
        address=address,
        search_for=search_for,
        said=said,
        same=shown,
    )
    app.context_processor(lambda: {"site": settings()})


def _begin() -> None:
    g.budget = Budget(settings().limits.milliseconds)


def engine() -> Engine:
    """The engine of this app."""
    found: Engine = current_app.extensions["essays"]
    return found


def settings() -> Settings:
    """The settings of this app."""
    found: Settings = current_app.extensions["settings"]
    return found


def budget() -> Budget:
    """What this request may cost, all questions together; it began with the request."""
    found: Budget = g.budget
    return found


#: What a path may hold as it is: https://url.spec.whatwg.org/#url-path-segment-string
_PATH = "!$&'()*+,/:;=@"


def address(slug: str) -> str:
    """The page of an essay."""
    # Asked for every hit: building each from the routes takes a tenth of an answer.
    if "essays" not in g:
        g.essays = url_for("pages.essay", slug="-").removesuffix("-")
    place: str = g.essays
    return place + quote(slug, safe=_PATH)


def search_for(facet: str, value: str) -> str:
    """The search for one value of a facet."""
    return url_for("pages.search") + Links(
        SearchRequest(per_page=settings().per_page), settings().per_page
    ).toggle(facet, value)


def said(asked: SearchRequest) -> str:
    """The page of a search."""
    return url_for("pages.search") + params.said(asked, settings().per_page)


def label(name: str) -> str:
    """A facet or sort as pages name it."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _day(moment: Moment) -> str:
    """A day as prose writes it.

    >>> _day(Moment("2024-01-30T05:00:00Z"))
    '30 January 2024'
    """
    months = "January February March April May June July August September October November December"
    year, month, day = moment.day.split("-")
    return f"{int(day)} {months.split()[int(month) - 1]} {int(year)}"


def _reading_time(essay: Essay) -> int:
    """Minutes, at least one."""
    return max(1, round(essay.words / READING_SPEED))


@pages.get("/")
def home() -> str:
    featured = engine().search(SearchRequest(q="is:featured", sort="newest", per_page=6), budget())
    newest = engine().search(SearchRequest(sort="newest", per_page=8), budget())
    updated = engine().search(SearchRequest(sort="updated", per_page=8), budget())
    return render_template(
        "home.html", featured=featured.hits, newest=newest.hits, updated=updated.hits,
        counts=newest.counts, total=newest.total,
    )  # fmt: skip


@pages.get("/search")
def search() -> str:
    asked = params.parse(request.args, settings().rules.facets, settings().per_page)
    found = engine().search(asked, budget())
    remember(found)
    return render_template(
        "search.html", results=found, asked=asked, links=Links(asked, settings().per_page),
        chips=chips(asked), pages=page_numbers(found),
        on=None if found.total else engine().ways_on(asked, budget()),
    )  # fmt: skip


#: The header of a request that a script makes while its reader still types.
TYPING = "X-Typing"


def remember(found: SearchResults) -> None:
    """Keep what was asked and not found, where the archive's settings want that; lists of what is
    nearest are no answer either."""
    memory: QueryLog | None = current_app.extensions["remembered"]
    missed = not found.total or found.nearest
    if memory is not None and missed and TYPING not in request.headers:
        memory.add(found.request)


def chips(asked: SearchRequest) -> list[tuple[str, str, str]]:
    """Every active filter as (facet, what is shown, query string without it, empty where that is
    too long to be said for each: then the boxes of the form do the same)."""
    links = Links(asked, settings().per_page)
    made = [
        (facet, value, "" if links.long else links.toggle(facet, value))
        for facet, chosen in asked.filters.items()
        for value in chosen
    ]
    for facet, wanted in asked.ranges.items():
        unit = "%" if facet == "certainty" else ""
        low = number(wanted.min) if wanted.min is not None else "0"
        high = number(wanted.max) if wanted.max is not None else str(SCALES[facet])
        made.append((facet, f"{low}–{high}{unit}", "" if links.long else links.between(facet)))
    return made


def page_numbers(found: SearchResults) -> list[int | None]:
    """The page numbers to offer: both ends and those near this one; None is a gap.

    The result for page 6 of 12 is 1, 2, gap, 5, 6, 7, gap, 12.
    """
    return params.near(found.request.page, found.pages)


@pages.get("/essay/<path:slug>")
def essay(slug: str) -> str | BaseResponse:
    found = engine().essay(slug)
    if found is None:
        # A link to the file, or to it without its ending, means the essay.
        moved = engine().resolve((slug,)).get(slug)
        if moved is None:
            abort(404)
        asked = request.query_string.decode("utf-8", "replace")
        return redirect(address(moved) + (f"?{asked}" if asked else ""), 301)
    return render_template(
        "essay.html",
        **essay_.context(found, resolved(found), request, engine(), settings(), budget()),
    )


#: A link by name, as :mod:`indexer.parsing.wikilinks` leaves it; no link stands in a link.
_NAMED = re.compile(r'<a href="essay:(wiki//[^"#]*)(#[^"]*)?">(.*?)</a>', re.DOTALL)
_MARKED = re.compile(r'(href|src)="(essay|media):([^"#]*)(#[^"]*)?"')


def resolved(found: Essay) -> str:
    """An essay's HTML with its links into the archive as addresses of this site.

    The HTML was made safe when it was indexed; only the marked addresses change. A name that no
    essay has is no link.
    """
    paths = {unquote(unescape(m[3])) for m in _MARKED.finditer(found.html) if m[2] == "essay"}
    slugs: Mapping[str, str] = engine().resolve(tuple(sorted(paths)))

    def link(match: re.Match[str]) -> str:
        name, kind, quoted, anchor = match[1], match[2], unescape(match[3]), match[4] or ""
        path = unquote(quoted)
        if kind == "media":
            where = url_for("pages.media", path=path)
        else:
            where = address(slugs.get(path, path))
        return f'{name}="{escape(where)}{anchor}"'

    def named(match: re.Match[str]) -> str:
        known = unquote(unescape(match[1])) in slugs
        return match[0] if known else f'<span class="unwritten">{match[3]}</span>'

    return _MARKED.sub(link, _NAMED.sub(named, found.html))


@pages.get("/browse")
def browse() -> str:
    every = SearchRequest(per_page=settings().per_page)
    updated = engine().search(SearchRequest(sort="updated", per_page=6), budget())
    return render_template("browse.html", counts=updated.counts, updated=updated.hits, all=every)


@pages.get("/browse/<facet>")
def browse_facet(facet: str) -> str:
    if facet not in (*FACETS, *settings().rules.facets):
        abort(404)
    counts: FacetCounts = engine().counts(SearchRequest(), budget())
    values: tuple[FacetValue, ...] = counts.facets[facet]
    by_name = facet not in (*RATINGS, "year")
    if by_name:
        values = tuple(sorted(values, key=lambda value: fold(value.value)))
    most = max((value.count for value in values), default=1)
    shown = list(page_limits.paged(page_limits.named(values, sys.maxsize)))
    at = params.whole(request.args, "page", 1, None)
    if at > max(len(shown), 1):
        abort(404)
    return render_template(
        "browse_facet.html", facet=facet, values=shown[at - 1] if shown else (), most=most,
        by_name=by_name, total=len(values), at=at, last=len(shown),
        numbers=params.near(at, len(shown)), links=params.IndexPages(),
    )  # fmt: skip


@pages.get("/media/<path:path>")
def media(path: str) -> Response:
    """A picture or attachment of the content folder."""
    response = media_.send(settings().content, path, settings().rules)
    # A drawing can hold scripts; shown by itself it gets to run none.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    return response


#: Hits that an error page shows, and words of the address that it asks for.
FEW, WORDS = 5, 8
#: Letters of an address that its error page offers to search for.
WORDS_SHOWN = 200


def context_of_error(status: int) -> dict[str, Any]:
    """What an error page may ask: the words of the address that was not found, and what in the
    archive has them, if an index answers."""
    words = re.sub(r"[^\w]+", " ", posixpath.splitext(unquote(request.path))[0])
    words = re.sub(r"^\s*(essay|browse|search|media)\b", "", words).strip()
    hits: tuple[Hit, ...] = ()
    if status == 404 and (asked := [w for w in words[:200].lower().split()[:WORDS] if len(w) > 1]):
        try:
            for q in dict.fromkeys((" ".join(asked), " OR ".join(asked))):
                hits = hits or engine().search(SearchRequest(q=q, per_page=FEW), budget()).hits
        except IndexUnavailable:
            hits = ()
    return {"words": words[:WORDS_SHOWN], "hits": hits}
