"""Errors of the API as problem details (RFC 9457).

The member ``error`` is an extension of ours, older than the others, that programs rely on.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from flask import Response, current_app, request, url_for
from msgspec import UNSET
from werkzeug.http import HTTP_STATUS_CODES

from app.search import payload
from app.search.answers import ErrorReason, ProblemDetails
from app.web.page_limits import ADDRESS
from app.web.urls import canonical

MEDIA_TYPE = "application/problem+json"
#: A longer path says nothing to whoever reads the answer (characters).
MAX_INSTANCE = 1_000


class Kind(NamedTuple):
    """One kind of error: its code, its title, when it happens, and what may be said of it."""

    code: str
    title: str
    when: str
    example: str


#: The kinds of errors that programs are told apart, by their status.
KINDS = {
    400: Kind("bad_parameter", "A parameter is not valid",
              "A parameter has a value that it cannot have; `error.parameter` names it.",
              "page must be a whole number from 1, not “0”."),
    403: Kind("forbidden", "Not allowed",
              "The request does not prove that it may do this.",
              "The signature is missing or wrong."),
    404: Kind("not_found", "Not found", "There is nothing at this address.",
              "There is no essay “owls”."),
    405: Kind("method_not_allowed", "Method not allowed",
              "The address does not take this method; the header `Allow` names those it takes.",
              "The method is not allowed for the requested URL."),
    413: Kind("too_large", "The body is too large",
              "The body of the request has more bytes than are read.",
              "The data value transmitted exceeds the capacity limit."),
    414: Kind("too_long", "The address is too long",
              f"The address has more than {ADDRESS:,} bytes.",
              f"An address can have at most {ADDRESS:,} characters."),
    429: Kind("too_many_requests", "Too many requests",
              "The server limits how often one client may ask; the header `Retry-After` says after "
              "how many seconds it may ask again.", "You ask too often. Try again in 12 seconds."),
    503: Kind("unavailable", "The index is not ready",
              "There is no index yet, or it cannot be read; the header `Retry-After` says when to "
              "ask again.", "There is no index yet."),
}  # fmt: skip


def problem(status: int, message: str, *, hint: str = "", parameter: str = "") -> Response:
    """An error as an answer for programs."""
    found = details(status, message, hint=hint, parameter=parameter, path=quote(request.path))
    return current_app.response_class(payload.encode(found), status, content_type=MEDIA_TYPE)


def details(
    status: int, message: str, *, hint: str = "", parameter: str = "", path: str = ""
) -> ProblemDetails:
    """An error as a record; ``path`` is that which was asked for, as addresses write it."""
    kind = KINDS.get(status)
    return ProblemDetails(
        type=canonical(url_for("docs.page", _anchor=kind.code)) if kind else "about:blank",
        title=kind.title if kind else HTTP_STATUS_CODES.get(status, "Error"),
        status=status,
        detail=message,
        instance=path if 0 < len(path) <= MAX_INSTANCE else UNSET,
        error=ErrorReason(
            code=kind.code if kind else "error",
            message=message,
            hint=hint or UNSET,
            parameter=parameter or UNSET,
        ),
    )
