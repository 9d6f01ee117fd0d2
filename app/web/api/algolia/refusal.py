"""Errors in the shape that clients of Algolia read."""

from __future__ import annotations

from flask import Response, current_app

from app.search import payload

#: The first part of every address of this API.
PREFIX = "/1/"


class Refused(Exception):
    """A request that cannot be answered: a sentence for the developer of a client, and a status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def refusal(status: int, message: str) -> Response:
    """A failure as these clients read it."""
    return current_app.response_class(
        payload.encode({"message": message, "status": status}),
        status,
        content_type="application/json",
    )
