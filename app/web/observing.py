"""What is told of each request to those who run the service: its id, how long it took, a line in
the log and numbers for ``/metrics``.

Nothing that a reader typed is told, unless the settings ask for it.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from flask import Flask, Response, current_app, g, request

#: The header that names a request, from a proxy that is trusted and in every answer.
ID_HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}")
#: Methods by their names; there may be any number of others.
_METHODS = {"GET", "HEAD", "POST", "OPTIONS"}

_log = logging.getLogger("essays.request")


class Observed(NamedTuple):
    """One request that was answered. ``route`` is the pattern of its address, empty where there is
    none; ``stages`` are those of its searches; times are in seconds."""

    method: str
    route: str
    status: int
    seconds: float
    stages: dict[str, float]


#: Called with each request, once it is answered.
Observer = Callable[[Observed], None]


def init_app(app: Flask) -> None:
    """Before all others: what is asked first before a request is told last of its answer."""
    serving = app.extensions["settings"].serving
    app.extensions["observers"] = []
    app.before_request(_trust if serving.proxies else _begin)
    app.after_request(_end)
    if serving.log_format == "json":
        observe(app, _logged_with_queries if serving.log_queries else _logged)


def observe(app: Flask, observer: Observer) -> None:
    """Have an observer called after each request."""
    app.extensions["observers"].append(observer)


#: Ids of this process: none of another begins so.
_ids = map(f"{os.urandom(6).hex()}-{{:x}}".format, count(1))


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = next(_ids)


def _trust() -> None:
    """Begin a request whose id may be from a proxy that is trusted."""
    g.began = time.perf_counter()
    given = request.headers.get(ID_HEADER, "")
    g.request_id = given if _ID.fullmatch(given) else next(_ids)


def _end(response: Response) -> Response:
    response.headers[ID_HEADER] = g.request_id
    if observers := current_app.extensions["observers"]:
        rule = request.url_rule
        budget = g.get("budget")
        seen = Observed(
            request.method if request.method in _METHODS else "other",
            rule.rule if rule is not None else "",
            response.status_code,
            time.perf_counter() - g.began,
            budget.stages if budget is not None else {},
        )
        for observer in observers:
            observer(seen)
    return response


def _logged(seen: Observed, **more: str) -> None:
    _log.info(
        "request",
        extra={
            "request_id": g.request_id,
            "method": seen.method,
            "route": seen.route,
            "status": seen.status,
            "milliseconds": round(seen.seconds * 1000, 3),
            "stages": {name: round(took * 1000, 3) for name, took in seen.stages.items()},
            **more,
        },
    )


def _logged_with_queries(seen: Observed) -> None:
    query = request.query_string.decode("utf-8", "replace")
    _logged(seen, path=request.path, query=query)
