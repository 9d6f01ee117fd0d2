"""The files beside the essays that readers may see, and how they are sent."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import BinaryIO

from flask import Response, abort, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.security import safe_join

from app.web.blueprint import pages
from app.web.context import settings
from indexer.errors import FileRefused
from indexer.parsing import symlinks
from indexer.parsing.rules import Rules
from indexer.parsing.symlinks import MEDIA


def send(content: Path, path: str, rules: Rules) -> Response:
    """A picture or attachment of the folder ``content``, whole or the parts that are asked for.

    Raises 404 for what is hidden, of another kind, or behind a link that leads where it may not.
    """
    parts = [part for part in path.split("/") if part]
    hidden = any(part.startswith(".") for part in parts)
    if hidden or safe_join(str(content), path) is None or not path.lower().endswith(MEDIA):
        abort(404)
    try:
        file = symlinks.open_file(content, "/".join(parts), rules, MEDIA)
    except (FileRefused, OSError, ValueError):
        abort(404)
    return _sent(file, path)


def _sent(file: BinaryIO, path: str) -> Response:
    """An open file as an answer, closed with it. What was opened is sent, not its name: that may
    lead elsewhere by now."""
    info = os.fstat(file.fileno())
    response = send_file(
        file, download_name=posixpath.basename(path), conditional=False,
        etag=f"{info.st_mtime_ns:x}-{info.st_size:x}", last_modified=info.st_mtime,
    )  # fmt: skip
    response.content_length = info.st_size
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=info.st_size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return response


@pages.get("/media/<path:path>")
def media(path: str) -> Response:
    """A picture or attachment of the content folder."""
    response = send(settings().content, path, settings().rules)
    # A drawing can hold scripts; shown by itself it gets to run none.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    return response
