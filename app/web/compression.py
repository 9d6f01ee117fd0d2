"""Compress text for clients that say that they can read it so.

Pages and answers hold no secret of their reader, so their length after compression tells nobody
anything (BREACH needs one).
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.http import parse_accept_header

#: Shorter than this (bytes) a text fits one packet either way.
MIN_BYTES = 1_000
#: Longer than this (bytes) an attachment goes as it lies on the disk.
MAX_BYTES = 4_000_000
#: At this level a page of 60 kB takes half a millisecond; the highest saves one byte in fifty more.
LEVEL = 4

_TEXTS = ("text/", "application/json", "application/problem+json", "application/feed+json",
          "application/atom+xml", "application/rss+xml", "application/xml",
          "application/opensearchdescription+xml", "application/x-suggestions+json",
          "image/svg+xml")  # fmt: skip


def init_app(app: Flask) -> None:
    app.after_request(compress)


@lru_cache(100)
def _takes_gzip(accepted: str) -> bool:
    """Whether a client reads gzip, by what it says that it reads."""
    return parse_accept_header(accepted).quality("gzip") > 0


def compress(response: Response) -> Response:
    """The response as gzip, if it is a text worth it and the request allows it."""
    if not (response.content_type or "").startswith(_TEXTS):
        return response
    response.vary.add("Accept-Encoding")
    length = response.content_length or 0
    if (
        response.status_code == 206
        or "Content-Encoding" in response.headers
        or not MIN_BYTES <= length <= MAX_BYTES
        or not _takes_gzip(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    ):
        return response
    response.direct_passthrough = False  # a static file is read like anything else
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    # A range would be one of other bytes, and so would a strong tag.
    response.headers.pop("Accept-Ranges", None)
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    return response
