"""Keeping an index up to date until it is told to stop, whatever fails meanwhile."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import SpawnProcess
from pathlib import Path

import msgspec

from app import git
from app.building import build_index, build_told
from app.cli import output
from app.logs import begin, log
from app.rebuilds import Rebuilds
from app.serving_settings import LogFormat
from app.settings import Settings, load
from indexer.build import parent_process, watch, watch_status
from indexer.build.report import Report
from indexer.build.told import Seen, Told
from indexer.build.watch import Due
from indexer.errors import EssaysError, IndexLocked, IndexUnwritable, QueueUnusable
from indexer.essay import Problem
from indexer.parsing.rules import Rules
from indexer.parsing.walk import Walk
from indexer.storage import generation

#: Problems that are listed after a build; ``essays check`` lists all.
LISTED = 20
#: Seconds from a build that failed to the next try without a change, at first and at the most;
#: the same from the end of a watcher to the start of the next.
SOON, LATE = 1.0, 60.0
#: Seconds between two looks at the queue of builds, and those that a build from it waits for
#: another one of the same index.
GLANCE, PATIENCE = 0.25, 300.0


def keep_up(content: Path | None, index_dir: Path | None) -> None:
    """Build at once and after every change, until interrupted. Settings are read anew each time.

    No failure of a build ends it: it says what happened, and tries again after a change, and
    after pauses that grow.
    """
    settings = load(content, index_dir)
    if not settings.content.is_dir():
        build_index(settings)  # says what is wrong
    begin(settings.serving.log_format)
    # It ends well; a build that had begun leaves nothing behind.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    keeper = _Keeper(settings.content, settings.index, settings.serving.log_format)
    keeper.begin_rebuilds()
    keeper.keep_up()


class _Keeper:
    """What was built and said so far."""

    def __init__(self, content: Path, index: Path, form: LogFormat) -> None:
        self._content, self._index = content, index
        self._form = form
        self._rebuilds = Rebuilds(index)
        self._building = threading.Lock()
        self._rules = Rules()
        self._known: tuple[Problem, ...] = ()
        self._pause = 0.0
        self._again = 0.0
        self._seen: Seen | None = None

    def keep_up(self) -> None:
        watch_status.write_status(self._index, "building")
        for due in watch.changes(self._content, self._index, self._folders):
            self._look(due)

    def begin_rebuilds(self) -> None:
        """Make the builds that are asked for over the network as well; in a thread."""
        threading.Thread(target=self.keep_rebuilding, name="rebuilds", daemon=True).start()

    def keep_rebuilding(self) -> None:
        """Make the builds that are asked for over the network, one after the other, unless another
        process does; then take over when it ends. No failure of a build ends it."""
        while True:
            with (
                suppress(IndexLocked, IndexUnwritable, QueueUnusable),
                generation.lock(self._index, "rebuilds.lock"),
            ):
                self._rebuilds.resume()
                while True:
                    self._take()
            time.sleep(SOON)

    def _take(self) -> None:
        """Make the build that waits, or wait a moment for one."""
        if (asked := self._rebuilds.take()) is None:
            time.sleep(GLANCE)
            return
        try:
            with self._building:
                report = self._rebuilt(load(self._content, self._index))
        except Exception as error:  # noqa: BLE001 - the next build may succeed, whatever this met
            public = watch_status.public_message(error, self._content, self._index)
            self._rebuilds.failed(asked.id, public)
            _say_failure(error)
            return
        self._rebuilds.done(asked.id, report)
        self._say(report)

    def _rebuilt(self, settings: Settings) -> Report:
        if settings.hook_pull:
            git.pull(settings.content)
        given_up = time.monotonic() + PATIENCE
        while True:
            try:
                return build_index(settings)
            except IndexLocked:
                # Somebody runs `essays index`.
                if time.monotonic() > given_up:
                    raise
                time.sleep(SOON)

    def _folders(self) -> list[str]:
        """The real folders of the content."""
        return list(Walk(self._content, self._rules).folders)

    def _look(self, due: Due) -> None:
        """Build, unless the last build failed a moment ago and nothing has changed since. After one
        that failed the next looks at the whole folder."""
        if not due.changed and time.monotonic() < self._again:
            return
        told = None
        if due.paths is not None and self._seen is not None:
            told = Told(due.paths, self._seen)
        self._seen = None
        try:
            settings = load(self._content, self._index)
            self._rules = settings.rules
            with self._building:
                report, self._seen = build_told(settings, told, progress=self._progress)
        except Exception as error:  # noqa: BLE001 - the next build may succeed, whatever this met
            self._failed(error)
            return
        self._pause = 0.0
        watch_status.write_status(self._index, "up to date")
        self._say(report)

    def _progress(self, done: int, of: int) -> None:
        if done < of:
            watch_status.write_status(self._index, "building")

    def _failed(self, error: Exception) -> None:
        self._pause = min(max(SOON, 2 * self._pause), LATE)
        self._again = time.monotonic() + self._pause
        watch_status.write_status(
            self._index, "failing", watch_status.public_message(error, self._content, self._index)
        )
        _say_failure(error)

    def _say(self, report: Report) -> None:
        # A file that was broken is no change of the index, but its author waits for a word.
        news = report.added or report.changed or report.removed or report.full
        if news or report.problems != self._known:
            self._known = report.problems
            told = output.describe_build(report)
            if self._form == "json":
                log.info(told, extra={"build": msgspec.to_builtins(report)})
                return
            log.info("%s  %s", time.strftime("%H:%M:%S"), told)
            output.list_problems(report.problems, LISTED)


def _say_failure(error: Exception) -> None:
    if isinstance(error, EssaysError):
        log.error("essays: %s", f"{error} {error.hint}".rstrip())
    else:
        log.error("essays: The build failed with an unexpected error.", exc_info=error)


def _watch_for_a_server(content: Path, index: Path, watched: bool, form: LogFormat) -> None:
    """What the process does that builds beside a server: after changes where the content is
    ``watched``, and whenever it is asked to over the network."""
    parent_process.end_with_parent()
    # Ctrl-C reaches every process of a terminal; the server ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begin(form)
    keeper = _Keeper(content, index, form)
    if not watched:
        keeper.keep_rebuilding()
    keeper.begin_rebuilds()
    keeper.keep_up()


class Watcher:
    """A process that builds beside a server, and is started again whenever it ends.

    ``ending`` says whether the server is about to end, and the watcher with it.
    """

    def __init__(self, settings: Settings, ending: Callable[[], bool]) -> None:
        self._settings = settings
        self._ending = ending
        self._stopped = threading.Event()
        watch_status.write_status(settings.index, "building")
        self._process = self._start()
        self._minder = threading.Thread(target=self._mind, name="watcher", daemon=True)

    def mind(self) -> None:
        """Begin to start it again; in a thread."""
        self._minder.start()

    def _start(self) -> SpawnProcess:
        process = multiprocessing.get_context("spawn").Process(
            target=_watch_for_a_server,
            args=(
                self._settings.content,
                self._settings.index,
                self._settings.watched,
                self._settings.serving.log_format,
            ),
            name="watch",
        )
        process.start()
        return process

    def _mind(self) -> None:
        pause = SOON
        while True:
            started = time.monotonic()
            self._process.join()
            # A signal to all processes may have reached the watcher first.
            if self._stopped.wait(SOON / 2) or self._ending():
                return
            pause = SOON if time.monotonic() - started > LATE else min(2 * pause, LATE)
            what = f"The watcher process ended ({_how(self._process.exitcode)})"
            watch_status.write_status(
                self._settings.index, "stopped", f"{what}; it is being restarted."
            )
            log.warning("essays: %s; it restarts in %g s.", what, pause)
            if self._stopped.wait(pause) or self._ending():
                return
            try:
                self._process = self._start()
            except OSError as error:
                log.error("essays: The watcher process could not be started: %s.", error)

    def stop(self) -> None:
        """End the process, and do not start it again."""
        self._stopped.set()
        if self._minder.is_alive():
            self._minder.join(2 * SOON)
        self._process.terminate()
        self._process.join(5)
        if self._process.exitcode is None:
            self._process.kill()


def _how(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"status {code}"
