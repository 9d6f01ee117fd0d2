"""The health of the service: whether the process is running, and whether an index answers."""

from __future__ import annotations

from flask import Blueprint, Response

from app.web.api.answer import json_answer
from app.web.context import engine, settings
from app.web.errors import unavailable
from indexer.build import watch_status
from indexer.errors import IndexUnavailable

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Liveness: the process is running."""
    return json_answer({"status": "ok"})


@health.get("/readyz")
def readyz() -> Response:
    """An index answers; and, where a watcher is expected, whether it follows the content."""
    watched = {"watch": watch_status.read_status(settings().index)} if settings().watched else {}
    try:
        return json_answer({"status": "ok", "generation": engine().generation()} | watched)
    except IndexUnavailable as error:
        why = {"status": "unavailable", "message": unavailable(error), "hint": error.hint}
        return json_answer(why | watched, 503)
