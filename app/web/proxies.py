"""What proxies before this server say of a request, believed only where they are ours.

Whoever asks can send any header; so ``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``-Prefix`` are
looked at only where the settings say how many proxies there are, and only what the outermost of
these wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: A path that can stand before every address of this site, and leads to no other.
_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    many = settings.serving.proxies
    if many:
        checked = _checked(app.wsgi_app)
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            checked, x_for=many, x_proto=many, x_host=many, x_prefix=many
        )


def _checked(app: Callable[..., Iterable[bytes]]) -> WSGIApplication:
    """The app, told nothing that is no scheme and no prefix."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["wsgi.url_scheme"] not in ("http", "https"):
            environ["wsgi.url_scheme"] = "http"
        prefix = environ.get("SCRIPT_NAME", "").rstrip("/")
        environ["SCRIPT_NAME"] = prefix if _PREFIX.fullmatch(prefix) else ""
        return app(environ, start_response)

    return answer
