"""Pages and answers that a browser has already, told by the generation of the index.

A page changes when the index, the history of ratings, synonyms and pins, the settings, the program
or the day do; the tag of a page is made of these, so that one that a browser has is answered by 304
without a search. What was cut short for want of time has no tag.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import xxhash
from flask import Flask, Response, current_app, g, request

from app.history import log as history
from app.settings import Settings

#: The views whose answers a tag stands for; of the others each says for itself.
TAGGED = frozenset({
    "api.essay", "api.facets", "api.search", "api.suggest", "docs.page", "pages.browse",
    "pages.browse_facet", "pages.changes", "pages.essay", "pages.home", "pages.map", "pages.search",
    "pages.subject", "pages.subject_at",
})  # fmt: skip
#: Of these, those that keep what was asked and not found: they have to be asked for that.
_REMEMBERING = frozenset({"api.search", "pages.search"})


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    if settings.engine != "local":
        return  # only the cluster knows its generation, and to ask it takes as long as a search
    app.extensions["tags"] = _Tags(app, settings)
    app.before_request(_known)
    app.after_request(_tagged)


class _Tags:
    """The tag of everything that answers now."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._current = str(settings.index / "current")
        self._history = str(settings.index / history.NAME)
        self._curated = app.extensions["curated"]
        templates = Path(app.template_folder or "")
        code = [*Path(__file__).parent.parent.rglob("*.py"), *templates.rglob("*.*")]
        self._made = f"{settings!r} {_newest(code)}"
        self._remembers = settings.remember_searches
        self._last: tuple[object, str] = (None, "")

    def now(self) -> str:
        """A short text that is another one once a page may be."""
        state = (date.today(), stamp(self._current), stamp(self._history), self._curated())
        known, tag = self._last
        if known != state:
            tag = f'W/"{xxhash.xxh3_64_hexdigest(f"{self._made} {state}")}"'
            self._last = (state, tag)
        return tag

    def vouches(self, endpoint: str) -> bool:
        """Whether a view need not be asked where its tag is known."""
        return not (self._remembers and endpoint in _REMEMBERING)


def stamp(file: str) -> tuple[int, int, int] | None:
    """What is another one once a file is; None where it is not there."""
    try:
        info = os.stat(file)  # noqa: PTH116 - for every request, and a text is quicker
    except OSError:
        return None
    return info.st_ino, info.st_mtime_ns, info.st_size


def _newest(files: Iterable[Path]) -> int:
    return max((file.stat().st_mtime_ns for file in files if file.is_file()), default=0)


def _known() -> Response | None:
    """Answer at once where the browser has what would be answered."""
    endpoint = request.endpoint
    if endpoint not in TAGGED:
        return None
    tags: _Tags = current_app.extensions["tags"]
    # Before the view looks: what it answers is of this tag, or newer.
    g.tag = tag = tags.now()
    # A script that asks with HEAD wants to be heard.
    if _has(tag) and request.method == "GET" and tags.vouches(endpoint):
        return current_app.response_class(status=304)
    return None


def _has(tag: str) -> bool:
    given = request.environ.get("HTTP_IF_NONE_MATCH")
    return given is not None and request.if_none_match.contains_weak(tag[3:-1])


def _tagged(response: Response) -> Response:
    tag = g.get("tag")
    if tag is None or response.status_code not in (200, 304):
        return response
    if (budget := g.get("budget")) is not None and budget.left_out:
        response.headers.add("Cache-Control", "no-store")
        return response
    response.headers.add("ETag", tag)
    response.headers.add("Cache-Control", "no-cache")
    if response.status_code == 200 and request.method == "GET" and _has(tag):
        response.status_code = 304
        response.set_data(b"")
        response.headers.pop("Content-Length", None)
        response.headers.pop("Content-Type", None)
    return response
