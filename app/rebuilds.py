"""The queue of builds that were asked for over the network, shared by the processes of a server.

A small SQLite file in the index folder, which builds leave alone. Whoever asks joins the build that
waits, or begins one to wait: however many ask, one build runs and at most one waits, and the one
that waits has not looked at the content yet. One process takes builds from the queue
(:mod:`app.watcher`).
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from indexer.build.report import Report
from indexer.errors import QueueUnusable

NAME = "rebuilds.sqlite"
#: Builds whose end is remembered.
KEPT = 50
#: Seconds that one process waits for another to be done with the file.
PATIENCE = 5.0

State = Literal["queued", "running", "done", "failed"]

_TABLE = """CREATE TABLE IF NOT EXISTS rebuilds (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, state TEXT NOT NULL,
    requests INTEGER NOT NULL, queued TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL,
    message TEXT NOT NULL, report BLOB)"""
_ROW = "SELECT id, state, requests, queued, started, ended, message, report FROM rebuilds"
_WAITING = "SELECT id FROM rebuilds WHERE state = 'queued'"
_TRIM = """DELETE FROM rebuilds WHERE state IN ('done', 'failed')
    AND number <= (SELECT max(number) FROM rebuilds) - :kept"""


class Rebuild(msgspec.Struct, frozen=True):
    """A build that was asked for: how it stands, how many requests it answers, when it was
    queued, started and ended (UTC, empty where it was not), why it failed, what it did."""

    id: str
    state: State
    requests: int
    queued: str
    started: str = ""
    ended: str = ""
    message: str = ""
    report: Report | None = None


class Rebuilds:
    """The queue of one archive, in the index folder ``index``. Every method raises
    :class:`~indexer.errors.QueueUnusable` where the file cannot be read or written."""

    def __init__(self, index: Path) -> None:
        self.path = index / NAME

    def ask(self) -> Rebuild:
        """Join the build that waits, or queue one."""
        with self._opened() as file:
            waiting = file.execute(_WAITING).fetchone()
            if waiting:
                file.execute("UPDATE rebuilds SET requests = requests + 1 WHERE id = ?", waiting)
            else:
                # Who knows the id may ask how the build stands.
                waiting = (secrets.token_urlsafe(18),)
                file.execute(
                    "INSERT INTO rebuilds (id, state, requests, queued, started, ended, message) "
                    "VALUES (?, 'queued', 1, ?, '', '', '')",
                    (*waiting, _now()),
                )
                file.execute(_TRIM, {"kept": KEPT})
            return _rebuild(file.execute(f"{_ROW} WHERE id = ?", waiting).fetchone())

    def find(self, id_: str) -> Rebuild | None:
        """The build of an id; None where there is none, or none any more."""
        return self._one("WHERE id = ?", id_)

    def last(self) -> Rebuild | None:
        """The build that was asked for last."""
        return self._one("ORDER BY number DESC LIMIT 1")

    def counts(self) -> dict[State, int]:
        """How many builds are in each state, of those that are remembered."""
        counts = dict.fromkeys(get_args(State), 0)
        if self.path.exists():
            with self._opened() as file:
                counts.update(file.execute("SELECT state, count(*) FROM rebuilds GROUP BY state"))
        return counts

    def take(self) -> Rebuild | None:
        """Start the build that waits, if one does."""
        if not self.path.exists():
            return None
        with self._opened() as file:
            waiting = file.execute(_WAITING).fetchone()
            if not waiting:
                return None
            file.execute(
                "UPDATE rebuilds SET state = 'running', started = ? WHERE id = ?",
                (_now(), *waiting),
            )
            return _rebuild(file.execute(f"{_ROW} WHERE id = ?", waiting).fetchone())

    def done(self, id_: str, report: Report) -> None:
        """Note what a build did."""
        self._end(id_, "done", "", msgspec.json.encode(report))

    def failed(self, id_: str, message: str) -> None:
        """Note why a build failed."""
        self._end(id_, "failed", message, None)

    def resume(self) -> None:
        """Queue again what was running when the process that ran it ended."""
        if not self.path.exists():
            return
        with self._opened() as file:
            if file.execute(_WAITING).fetchone():
                file.execute(
                    "UPDATE rebuilds SET state = 'failed', ended = ?, message = ? "
                    "WHERE state = 'running'",
                    (_now(), "The build was interrupted; the next one replaces it."),
                )
            else:
                file.execute(
                    "UPDATE rebuilds SET state = 'queued', started = '' WHERE state = 'running'"
                )

    def _end(self, id_: str, state: State, message: str, report: bytes | None) -> None:
        with self._opened() as file:
            file.execute(
                "UPDATE rebuilds SET state = ?, ended = ?, message = ?, report = ? WHERE id = ?",
                (state, _now(), message, report, id_),
            )

    def _one(self, which: str, *values: str) -> Rebuild | None:
        if not self.path.exists():
            return None
        with self._opened() as file:
            row = file.execute(f"{_ROW} {which}", values).fetchone()
            return _rebuild(row) if row else None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file in one transaction, which is committed where the block ends well."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            with contextlib.closing(file):
                file.execute("BEGIN IMMEDIATE")
                file.execute(_TABLE)
                yield file
                file.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise QueueUnusable(
                f"The queue of builds {self.path} cannot be used: {error}.", "Delete the file."
            ) from error


def _rebuild(row: tuple[Any, ...]) -> Rebuild:
    names = Rebuild.__struct_fields__
    report = msgspec.json.decode(row[-1], type=Report) if row[-1] else None
    return Rebuild(**dict(zip(names, [*row[:-1], report], strict=True)))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
