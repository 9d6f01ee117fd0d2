"""Headers that every answer has: what a browser may do with it, and where it may not lead.

Everything that a page needs comes from this host, nothing in an essay runs, and no other site may
frame a page. What is made for other sites' pages (the API, feeds, pictures, the search box that is
embedded) they may load; who may read it is for :mod:`app.web.cors`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response

from app.web.cors import OPEN

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_POLICY = (
    "default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; style-src 'self'; "
    "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

#: What no page of this site asks a browser for.
_PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in ("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation",
                 "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb")
)  # fmt: skip

#: The same for all answers; only a policy may be a view's own.
ALL = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
}

#: Where the addresses begin whose answers pages of other sites may load: what :mod:`app.web.cors`
#: opens, feeds, and what stands in essays that are read elsewhere.
_LOADED = (*OPEN, "/changes.atom", "/changes.json", "/media/", "/opensearch.xml")


def init_app(app: Flask) -> None:
    app.after_request(_stay)
    app.wsgi_app = _hardened(app.wsgi_app)  # type: ignore[method-assign, assignment]


def _stay(response: Response) -> Response:
    """Lead nobody away: every address that is redirected to is a path of this site, whatever host
    the request named (a browser takes ``//host`` and ``/\\host`` for one too)."""
    where = response.headers.get("Location")
    if where is not None:
        parts = urlsplit(where)
        path = "/" + parts.path.lstrip("/\\")
        response.headers["Location"] = urlunsplit(("", "", path, parts.query, parts.fragment))
    return response


_OWN = "Content-Security-Policy"
_SAME = [*ALL.items(), ("Cross-Origin-Resource-Policy", "same-origin")]
_CROSS = [*ALL.items(), ("Cross-Origin-Resource-Policy", "cross-origin")]


def _hardened(app: WSGIApplication) -> WSGIApplication:
    """The app with the headers of all answers, put behind its own where the answer is sent: one by
    one they would take a fiftieth of a search."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        more = _CROSS if environ.get("PATH_INFO", "").startswith(_LOADED) else _SAME

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            own = any(name == _OWN for name, _ in headers)
            return start_response(status, headers + (more[1:] if own else more), exc_info)

        return app(environ, start)

    return answer
