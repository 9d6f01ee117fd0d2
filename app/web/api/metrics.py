"""``/metrics``: numbers of the running service for Prometheus, where the settings turn them on."""

from __future__ import annotations

import hmac

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.datastructures import WWWAuthenticate

from app.settings import Settings
from app.web.context import settings
from app.web.observing import observe
from indexer.errors import of_extra

metrics = Blueprint("metrics", __name__)

#: The text format of Prometheus.
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def init_app(app: Flask) -> None:
    """Count, where numbers are asked for. Raises :class:`~indexer.errors.MissingExtra`."""
    app.register_blueprint(metrics)
    known: Settings = app.extensions["settings"]
    if not known.serving.metrics:
        return
    with of_extra("metrics", "Metrics"):
        from app.web.metrics import Metrics
    counted = app.extensions["metrics"] = Metrics(known, app.extensions["engine"])
    observe(app, counted.count)


@metrics.get("/metrics")
def numbers() -> Response:
    """All numbers, for who knows the token, if there is one."""
    serving = settings().serving
    if not serving.metrics:
        abort(404)
    proof = request.headers.get("Authorization", "").encode()
    if serving.metrics_token and not hmac.compare_digest(
        proof, f"Bearer {serving.metrics_token}".encode()
    ):
        abort(401, "The token is missing or wrong.", www_authenticate=WWWAuthenticate("bearer"))
    response = current_app.response_class(
        current_app.extensions["metrics"].text(), content_type=_TYPE
    )
    response.headers["Cache-Control"] = "no-store"
    return response
