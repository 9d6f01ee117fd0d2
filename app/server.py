"""The app on the network: Granian in front of the Flask app, a watcher beside it."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import platform
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app import create_app
from app.logs import begin, config, log
from app.serving_settings import Serving
from app.settings import Settings, load
from app.watcher import Watcher
from indexer.build import parent_process
from indexer.errors import UsageError

#: Threads that answer in one worker process. An answer takes milliseconds and holds the GIL, so few
#: of them would do; but requests that take long wait for one another
#: (:data:`app.search.embedded.engine.LONG_AT_A_TIME`), and no others may wait behind those.
THREADS = 32
#: The number that glibc knows the most arenas by (``M_ARENA_MAX`` in malloc.h).
_ARENA_MAX = -8
#: Seconds for which a worker that is told to end answers what it began.
LAST_SECONDS = 10
#: Seconds within which the end of a second worker is no accident, and the longest pause before
#: it is replaced then.
CALM, LONGEST_PAUSE = 30.0, 10.0


def essay_path(slug: str) -> str:
    """The path of an essay's page on a site that begins at the root of its host, for answers that
    no request asks for; :func:`app.web.urls.address` is for those that one does."""
    return "/essay/" + quote(slug, safe="/:@!$&'()*+,;=-._~")


def make_app() -> Flask:
    """The app in a worker process of the server, which ends with it."""
    parent_process.end_with_parent()
    _share_memory()
    settings = load()
    begin(settings.serving.log_format)
    app = create_app(settings)
    # What is there now stays. To look through it for garbage takes a tenth of a second each time.
    gc.collect()
    gc.freeze()
    return app


def _share_memory() -> None:
    """Have all threads of this process take memory from one place. By itself glibc gives threads
    arenas of their own, and each keeps what its greatest answer took; but one thread works at a
    time, whoever holds the GIL."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


class _Server(Granian):  # type: ignore[misc, valid-type]
    """Granian, which ends itself when a worker ends twice within seconds.

    One that a damaged index killed is replaced as often as it takes, after pauses that grow: the
    next one verifies the index before it reads it, and answers that it is damaged.
    """

    _pause = 0.0
    _last = float("-inf")

    def _respawn_workers(self, *args: Any, **options: Any) -> None:
        recent = time.monotonic() - self._last < CALM
        self._pause = min(2 * self._pause or 0.5, LONGEST_PAUSE) if recent else 0.0
        if self._pause:
            self.main_loop_interrupt.wait(self._pause)
        if not self.interrupt_signal:
            super()._respawn_workers(*args, **options)
        self._last = time.monotonic()
        self.respawned_wrks.clear()  # what it counts such ends by


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until interrupted, with a watcher beside where the settings say so. Raises
    :class:`~indexer.errors.UsageError` for a taken port."""
    must_be_free(host, port)
    _share_memory()  # before there are threads; what is forked of this process has it, too
    begin(settings.serving.log_format)
    with _numbers_together(settings.serving) as serving:
        _serve(replace(settings, serving=serving), host, port, workers)


def _serve(settings: Settings, host: str, port: int, workers: int) -> None:
    # Workers make the app by themselves, from the environment, like any other process.
    os.environ["ESSAYS_CONTENT"] = str(settings.content)
    os.environ["ESSAYS_INDEX"] = str(settings.index)
    os.environ["ESSAYS_AUTHOR"] = "1" if settings.author_page else ""
    os.environ["ESSAYS_WATCHED"] = "1" if settings.watched else ""
    for name, value in settings.serving.variables().items():
        os.environ[name] = value
    # The number of threads is meant.
    logging.getLogger("_granian").addFilter(lambda told: "Python threads" not in told.getMessage())
    server = _Server(
        "app.server:make_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=config(settings.serving.log_format),
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_SECONDS,
    )
    shown = f"[{host}]" if ":" in host else host
    server.on_startup(
        lambda: log.info("Serving %s at http://%s:%s/", settings.content, shown, port)
    )
    if settings.author_page:
        page = f"http://{shown}:{port}/author"
        server.on_startup(lambda: log.info("Every visitor can see the author's report at %s", page))
    watcher = None
    if settings.watched or settings.hook_secret:
        watcher = Watcher(settings, lambda: bool(server.interrupt_signal))
        server.on_startup(watcher.mind)
    try:
        server.serve()
    finally:
        if watcher is not None:
            watcher.stop()


@contextmanager
def _numbers_together(serving: Serving) -> Iterator[Serving]:
    """A folder in which the workers of one server count together, where something is counted."""
    if not serving.metrics:
        yield serving
        return
    with tempfile.TemporaryDirectory(
        prefix="essays-metrics-", ignore_cleanup_errors=True
    ) as folder:
        yield replace(serving, metrics_folder=folder)


def must_be_free(host: str, port: int) -> None:
    """Raises :class:`~indexer.errors.UsageError` for an address that nothing can be served at."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(
                f"{host}:{port} cannot be used: {reason}.", "Choose another --port."
            ) from error
