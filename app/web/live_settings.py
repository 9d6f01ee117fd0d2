"""The synonyms and pins that essays.toml says at the time of a request.

An author who adds a synonym sees it at the next search, in every worker, without a build. A file
that cannot be understood changes nothing until it is mended; the log says so once.
"""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask, current_app, request

from app.search.engine import Engine
from app.settings import Settings, curation
from indexer.errors import UsageError

#: Time and size of each file; None where there is none.
Stamp = tuple[tuple[int, int] | None, ...]


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    files = _Files(settings.files)
    #: What is another one once synonyms and pins may be; for :mod:`app.web.caching`.
    app.extensions["curated"] = lambda: files.seen
    if settings.files:
        app.before_request(files.look)


class _Files:
    """The files of settings, as they were when they were last read."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._files = files
        self.seen = self._stamp()
        self._reading = threading.Lock()

    def _stamp(self) -> Stamp:
        return tuple(map(_stamp, self._files))

    def look(self) -> None:
        """Read the files again if one has changed."""
        if request.endpoint == "static":
            return
        seen = self._stamp()
        if seen == self.seen:
            return
        with self._reading:
            if seen == self.seen:
                return
            engine: Engine = current_app.extensions["engine"]
            try:
                engine.curate(curation(self._files))
            except UsageError as error:
                current_app.logger.warning("Synonyms and pins are unchanged: %s", error)
            self.seen = seen


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size
