"""Which other sites' pages may read answers of this one (CORS).

Only what everybody may read is opened: no cookie is set or looked at, so a page of another site
learns nothing that its own server could not ask for.
"""

from __future__ import annotations

from flask import Flask, Response, request

from app.web.context import settings

#: Where the addresses begin that pages of other sites may ask: the API, feeds, what is embedded.
OPEN = ("/1/", "/api/v1/", "/search.atom", "/search.json", "/static/essay-search.js")

#: Seconds for which a browser need not ask again whether it may ask.
MAX_AGE = 86_400

_METHODS = "GET, HEAD, POST, OPTIONS"
#: The star stands for all others, where a browser knows it.
_HEADERS = (
    "Content-Type, Content-Encoding, X-Algolia-Application-Id, X-Algolia-API-Key, X-Algolia-Agent, "
    "X-Algolia-UserToken, X-Typing, *"
)


def init_app(app: Flask) -> None:
    app.after_request(allow)


def allow(response: Response) -> Response:
    """The response with what lets pages of the sites in the settings read it."""
    if not request.path.startswith(OPEN):
        return response
    allowed = settings().api_origins
    origin = request.headers.get("Origin", "")
    if "*" in allowed:
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if origin not in allowed:
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _HEADERS
        response.headers["Access-Control-Max-Age"] = str(MAX_AGE)
    return response
