"""Addresses in, pages and JSON out.

``pages``          what readers see
``api``            what programs see
``blueprint``      the blueprint that all pages belong to
``context``        what every view shares: engine, settings, budget of the request, query log
``params``         an address as a request, and the reverse; knows the names of parameters alone
``urls``           addresses of this site's pages
``essay_links``    an essay's links into the archive as addresses of this site
``changes``        the history of ratings as pages and feeds ask for it
``headers``        headers that every answer has, and where none may lead
``caching``        what a browser has already, by the generation of the index
``bodies``         bodies of requests, read within bounds
``rate_limit``     how often one client may ask, where the settings say so
``proxies``        what proxies before the server say, where they are ours
``cors``           which other sites' pages may read answers
``errors``         every failure as a page or a problem, with a reason and a way out
``problem``        errors of the API as problem details (RFC 9457)
``page_limits``    how large an address and a page may become
``live_settings``  synonyms and pins, read again when their file changes
``observing``      what is told of each request: its id, its time, a line in the log
``metrics``        numbers of the running service as Prometheus reads them
``compression``    compressed answers for browsers that take them
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from app.engines import open_engine
from app.settings import Settings
from app.web import (
    caching,
    compression,
    cors,
    errors,
    headers,
    live_settings,
    observing,
    page_limits,
    proxies,
)
from app.web.api import v1
from app.web.api.algolia import routes as algolia
from app.web.pages import (
    browse,
    changes,
    essay,
    fragments,
    maps,
    media,
    random,
    report,
    search,
    subject,
)
from indexer.errors import of_extra

#: The modules with pages: their views belong to the blueprint once they are imported.
_VIEWS = (browse, changes, essay, maps, media, random, report, search, subject)


def build_app(settings: Settings) -> Flask:
    """Flask, wired: one engine, two blueprints, one place for errors."""
    app = _Synchronous(
        "app", template_folder=str(_templates()), static_folder=str(_templates() / "static")
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Slugs are paths; two slashes in one are the slug's own business.
    app.url_map.merge_slashes = True
    app.extensions["engine"] = open_engine(settings)
    app.extensions["settings"] = settings
    observing.init_app(app)
    _limit_rate(app, settings)
    page_limits.init_app(app)
    live_settings.init_app(app)
    fragments.init_app(app)
    maps.init_app(app)
    report.init_app(app)
    search.init_app(app)
    v1.init_app(app)
    algolia.init_app(app)
    cors.init_app(app)
    errors.init_app(app)
    caching.init_app(app)
    compression.init_app(app)
    headers.init_app(app)
    proxies.init_app(app)
    return app


class _Synchronous(Flask):
    """Flask where no view and no hook is a coroutine: it asks each before each call, twelve times a
    request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def _limit_rate(app: Flask, settings: Settings) -> None:
    """Count requests where they are limited. Raises :class:`~indexer.errors.MissingExtra`."""
    if not settings.serving.rate_limit:
        return
    with of_extra("rate-limit", "A rate limit"):
        from app.web import rate_limit
    rate_limit.init_app(app)


def _templates() -> Path:
    """The templates: inside the package where it is installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "templates"
    return inside if inside.is_dir() else here.parent / "templates"
