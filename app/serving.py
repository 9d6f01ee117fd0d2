"""How does the app meet the network? Granian in front of the Flask app, a watcher beside it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app.settings import Settings
from indexer.errors import UsageError

#: Threads that answer in one worker process. An answer takes milliseconds and holds the GIL, so few
#: of them would do; but requests that take long wait for one another
#: (:data:`app.search.local.AT_A_TIME`), and no others may wait behind those.
THREADS = 32


def address(slug: str) -> str:
    """The path of an essay's page, as the web room makes it."""
    return "/essay/" + quote(slug, safe="/:@!$&'()*+,;=-._~")


def serve(
    settings: Settings,
    host: str,
    port: int,
    workers: int,
    watcher: Callable[[Path | None, Path | None], None] | None,
) -> None:
    """Serve until interrupted. Raises :class:`~indexer.errors.UsageError` for a taken port."""
    _must_be_free(host, port)
    # Workers make the app by themselves, from the environment, like any other process.
    os.environ["ESSAYS_CONTENT"] = str(settings.content)
    os.environ["ESSAYS_INDEX"] = str(settings.index)
    os.environ["ESSAYS_AUTHOR"] = "1" if settings.author_page else ""
    watching = None
    if watcher is not None:
        watching = multiprocessing.get_context("spawn").Process(
            target=watcher, args=(settings.content, settings.index), daemon=False, name="watch"
        )
        watching.start()
    # The number of threads is meant.
    logging.getLogger("_granian").addFilter(lambda told: "Python threads" not in told.getMessage())
    server = Granian(
        "app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )
    shown = f"[{host}]" if ":" in host else host
    server.on_startup(lambda: click.echo(f"Serving {settings.content} at http://{shown}:{port}/"))
    if settings.author_page:
        page = f"http://{shown}:{port}/author"
        server.on_startup(lambda: click.echo(f"Whoever reaches {page} sees the author's page."))
    try:
        server.serve()
    finally:
        if watching is not None:
            watching.terminate()
            watching.join(5)


def _must_be_free(host: str, port: int) -> None:
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
