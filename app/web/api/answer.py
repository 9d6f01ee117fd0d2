"""JSON answers."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from app.search import payload


def json_answer(content: Any, status: int = 200) -> Response:
    """Records as an answer in JSON."""
    return current_app.response_class(
        payload.encode(content), status, content_type="application/json"
    )
