"""The health of the service: whether the process is running, and whether an index answers."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, Response
from msgspec import UNSET, Struct, UnsetType

from app.web.api.answer import json_answer
from app.web.context import engine, settings
from app.web.errors import unavailable
from indexer.build import watch_status
from indexer.build.watch_status import WatchStatus
from indexer.errors import IndexUnavailable

health = Blueprint("health", __name__)


class Running(Struct, frozen=True):
    """The process is running."""

    status: Literal["ok"] = "ok"


class Ready(Struct, frozen=True, kw_only=True):
    """An index answers; `watch` is there where a process follows the content."""

    status: Literal["ok"] = "ok"
    generation: int
    watch: WatchStatus | UnsetType = UNSET


class NotReady(Struct, frozen=True, kw_only=True):
    """No index answers, and why."""

    status: Literal["unavailable"] = "unavailable"
    message: str
    hint: str
    watch: WatchStatus | UnsetType = UNSET


@health.get("/healthz")
def healthz() -> Response:
    """Liveness: the process is running."""
    return _now(Running())


@health.get("/readyz")
def readyz() -> Response:
    """Readiness: an index answers, and whether it follows the content.

    That is told where the server was started with `--watch`.
    """
    watched = watch_status.read_status(settings().index) if settings().watched else UNSET
    try:
        return _now(Ready(generation=engine().generation(), watch=watched))
    except IndexUnavailable as error:
        why = NotReady(message=unavailable(error), hint=error.hint, watch=watched)
        return _now(why, 503)


def _now(content: Struct, status: int = 200) -> Response:
    """An answer that is true for the moment alone."""
    response = json_answer(content, status)
    response.headers["Cache-Control"] = "no-store"
    return response
