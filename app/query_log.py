"""The log of searches that found nothing, kept on this machine alone for the author.

A small SQLite file in the index folder, which builds leave alone: for each query its text, on how
many days it was asked and the last of these days. Nothing else is known: no address, no program,
no time of day. It is written by a thread of its own, so that no answer waits for a disk; where it
cannot be written, nothing is remembered and nothing fails.
"""

from __future__ import annotations

import atexit
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from app.search.request import SearchRequest
from indexer.errors import SearchesUnreadable
from indexer.essay import valid_text, value_key

NAME = "searches.sqlite"

#: Queries that are kept. Beyond them the rarest go, of these the oldest, the newcomer last.
MAX_QUERIES = 1_000
#: Longer texts were pasted, not asked, and may hold what is nobody's business.
LONGEST = 120
#: Queries that wait to be written; where more come at once, they are not remembered.
WAITING = 256
#: Seconds that one process waits for another to be done with the file.
PATIENCE = 2.0

_TABLE = """CREATE TABLE IF NOT EXISTS searches
    (query TEXT PRIMARY KEY, days INTEGER NOT NULL, last TEXT NOT NULL) WITHOUT ROWID"""
_MADE = "SELECT 1 FROM sqlite_master WHERE name = 'searches'"
_ADD = """INSERT INTO searches VALUES (:query, 1, :day) ON CONFLICT (query) DO UPDATE
    SET days = days + 1, last = :day WHERE last < :day"""
_TRIM = """DELETE FROM searches WHERE query IN (SELECT query FROM searches WHERE query <> :query
    ORDER BY days, last, query LIMIT max(0, (SELECT count(*) FROM searches) - :kept))"""


class LoggedQuery(msgspec.Struct, frozen=True):
    """A query that found nothing: on how many ``days`` it was asked, and the last of them."""

    query: str
    days: int
    last: str


class QueryLog:
    """The searches of one archive that found nothing, in the index folder ``index``.

    One object serves all threads of a process; many processes share the file.
    """

    def __init__(self, index: Path, today: Callable[[], date] = date.today) -> None:
        self.path = index / NAME
        self._today = today
        self._waiting: queue.Queue[tuple[str, str]] = queue.Queue(WAITING)
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def add(self, asked: SearchRequest) -> None:
        """Remember a search that found nothing, soon. A search within filters says nothing of the
        archive, a further page nothing new."""
        query = value_key(valid_text(asked.q))
        if not query or len(query) > LONGEST or asked.narrowed or asked.page > 1:
            return
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((query, self._today().isoformat()))
        if self._writer is None:
            with self._starting:
                if self._writer is None:
                    self._writer = threading.Thread(target=self._write, daemon=True)
                    self._writer.start()
                    atexit.register(self.settle, PATIENCE)

    def settle(self, seconds: float) -> None:
        """Wait until everything is written that waits now, but no longer than ``seconds``."""
        with self._waiting.all_tasks_done:
            self._waiting.all_tasks_done.wait_for(
                lambda: not self._waiting.unfinished_tasks, seconds
            )

    def _write(self) -> None:
        while True:
            rows = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    rows.append(self._waiting.get_nowait())
            try:
                with _opened(self.path) as file:
                    file.execute("BEGIN IMMEDIATE")
                    file.execute(_TABLE)
                    for query, day in rows:
                        file.execute(_ADD, {"query": query, "day": day})
                        file.execute(_TRIM, {"query": query, "kept": MAX_QUERIES})
                    file.execute("COMMIT")
            except (sqlite3.Error, OSError):
                # A disk that is full or read-only, an index folder that is not there yet.
                pass
            finally:
                for _ in rows:
                    self._waiting.task_done()

    def all(self) -> tuple[LoggedQuery, ...]:
        """Every remembered search, the most often asked first. Raises
        :class:`~indexer.errors.SearchesUnreadable`."""
        if not self.path.exists():
            return ()
        try:
            with _opened(self.path, "?mode=ro") as file:
                # The file is there a moment before its first search is.
                if not file.execute(_MADE).fetchone():
                    return ()
                rows = file.execute(
                    "SELECT query, days, last FROM searches ORDER BY days DESC, last DESC, query"
                ).fetchall()
        except sqlite3.Error as error:
            raise SearchesUnreadable(
                f"The search log {self.path} cannot be read: {error}.",
                "Run: essays stats --forget",
            ) from error
        return tuple(LoggedQuery(*row) for row in rows)

    def forget(self) -> bool:
        """Remove what is remembered; whether there was anything."""
        there = self.path.exists()
        for ending in ("", "-journal"):
            self.path.with_name(NAME + ending).unlink(missing_ok=True)
        return there


@contextlib.contextmanager
def _opened(path: Path, mode: str = "?mode=rwc") -> Iterator[sqlite3.Connection]:
    """The file, with transactions left to the statements."""
    file = sqlite3.connect(
        path.resolve().as_uri() + mode, uri=True, timeout=PATIENCE, isolation_level=None
    )
    try:
        yield file
    finally:
        file.close()
