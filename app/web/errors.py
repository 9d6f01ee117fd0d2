"""Failures as a page for readers and as problem details for programs, each with what to do next.

The only place where errors of the app become answers. A page never shows a traceback, and the log
gets one only for errors that were not expected.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from app.web.api.algolia.refusal import PREFIX, refusal
from app.web.pages.not_found import error_context
from app.web.params import BadParameter
from app.web.problem import problem
from app.web.urls import in_path
from indexer.errors import EssaysError, IndexMissing, IndexUnavailable

#: Where programs ask, and are answered with problem details.
_PROGRAMS = ("/api/", "/hooks/")


def init_app(app: Flask) -> None:
    app.register_error_handler(BadParameter, _bad_parameter)
    app.register_error_handler(EssaysError, _ours)
    app.register_error_handler(HTTPException, _http)


def _bad_parameter(error: BadParameter) -> Response:
    return _answer(400, "This address is not valid", str(error), parameter=error.name)


def _ours(error: EssaysError) -> Response:
    if isinstance(error, IndexUnavailable):
        response = _answer(503, "The index is not ready", unavailable(error), hint=error.hint)
        response.headers["Retry-After"] = "5"
        return response
    log(error)
    return _answer(500, "Something went wrong", "The service could not answer.")


def log(error: EssaysError) -> None:
    """Tell the one who runs the service, paths of this machine and all."""
    current_app.logger.error("%s", error)


def unavailable(error: IndexUnavailable) -> str:
    """Why no index answers, as readers are told: without the paths of this machine, which the log
    has."""
    log(error)
    if isinstance(error, IndexMissing):
        return "There is no index yet."
    return "The index cannot be read."


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response(request.environ)  # type: ignore[return-value]
    if status == 404:
        if (bare := _without_slash()) is not None:
            return redirect(bare, 308)  # type: ignore[return-value]
        return _answer(404, "Page not found", "This archive has no page at this address.")
    if status >= 500:
        return _answer(status, "Something went wrong", "The service could not answer.")
    response = _answer(status, error.name, error.description or error.name)
    # Which methods an address takes, or how long a file is.
    known = [pair for pair in error.get_headers(request.environ) if pair[0] != "Content-Type"]
    response.headers.extend(known)
    return response


def _without_slash() -> str | None:
    """The address without the slash that somebody put behind it, where a page may have that one.
    What programs ask for they ask for again as it is written; and where a path begins with two
    slashes, the rest would be taken for a host."""
    path = request.path
    if request.method not in ("GET", "HEAD") or not path.endswith("/") or path.startswith("//"):
        return None
    bare = path.rstrip("/")
    if bare.startswith(_PROGRAMS) or not bare:
        return None
    if not current_app.create_url_adapter(request).test(bare):  # type: ignore[union-attr]
        return None
    asked = request.query_string.decode("utf-8", "replace")
    return request.script_root + in_path(bare) + (f"?{asked}" if asked else "")


def _answer(
    status: int, title: str, message: str, *, hint: str = "", parameter: str = ""
) -> Response:
    if request.path.startswith(PREFIX):
        return refusal(status, message)
    if request.path.startswith(_PROGRAMS):
        return problem(status, message, hint=hint, parameter=parameter)
    page = render_template(
        "error.html", status=status, title=title, message=message, hint=hint,
        **error_context(status),
    )  # fmt: skip
    return current_app.response_class(page, status)
