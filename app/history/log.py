"""The changes of ratings, in an SQLite file of the index folder that builds leave alone.

One transaction holds all that one build changed: whoever dies in the middle leaves what was there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from indexer.essay import RATINGS, Essay, Rating

NAME = "history.sqlite"

#: Seconds that one process waits for another to be done with the file.
PATIENCE = 5.0
#: From this status on, in per cent, an essay counts as finished.
FINISHED = 95
#: A change of certainty by so many per cent is told.
NOTABLE = 20

Kind = Literal["status", "certainty", "importance", "withdrawn"]

_TABLES = """
CREATE TABLE IF NOT EXISTS essay (slug TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL,
    since INTEGER NOT NULL, here INTEGER NOT NULL, status TEXT, status_percent REAL,
    certainty TEXT, certainty_percent REAL, importance TEXT, importance_percent REAL);
CREATE TABLE IF NOT EXISTS change (slug TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    old TEXT, old_percent REAL, new TEXT, new_percent REAL);
CREATE INDEX IF NOT EXISTS change_at ON change (at);
CREATE INDEX IF NOT EXISTS change_slug ON change (slug);
CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_NOTABLE = f"""FROM change JOIN essay USING (slug) WHERE kind = 'withdrawn'
    OR (kind = 'status' AND new_percent >= {FINISHED} AND coalesce(old_percent, 0) < {FINISHED})
    OR (kind = 'certainty' AND abs(new_percent - old_percent) >= {NOTABLE})"""


class Value(NamedTuple):
    """A rating as it is kept: what readers see of it, and its percentage."""

    label: str | None = None
    percent: float | None = None


class Version(NamedTuple):
    """The ratings of an essay at one time."""

    status: Value = Value()
    certainty: Value = Value()
    importance: Value = Value()


class State(NamedTuple):
    """What is known of an essay: where it lies, and its ratings; not ``here`` once withdrawn."""

    slug: str
    path: str
    title: str
    since: int
    here: bool
    version: Version


class Change(NamedTuple):
    """One change, at seconds since 1970."""

    slug: str
    at: int
    kind: Kind
    old: Value = Value()
    new: Value = Value()
    title: str = ""
    here: bool = True


class Point(NamedTuple):
    """The certainty of an essay, in per cent, from a time on (seconds since 1970)."""

    at: int
    percent: float


def version_of(essay: Essay) -> Version:
    """The ratings that an essay has."""
    return Version(*(_value(getattr(essay, name)) for name in RATINGS))


def _value(rating: Rating | None) -> Value:
    return Value() if rating is None else Value(rating.label, rating.percentage)


class HistoryLog:
    """The history of one archive, in the index folder ``index``. Everything raises
    ``sqlite3.Error`` for a file that cannot be read or written."""

    def __init__(self, index: Path) -> None:
        self.path = index / NAME

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The file, in one transaction that holds if the block ends well."""
        with closing(self._open("rwc")) as file:
            # What is forgotten is overwritten, too.
            file.execute("PRAGMA secure_delete = ON")
            file.executescript(_TABLES)
            file.execute("BEGIN IMMEDIATE")
            yield file
            file.execute("COMMIT")

    def _open(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.path.resolve().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE,
            isolation_level=None,
        )  # fmt: skip

    def _read(self, query: str, *values: object) -> list[tuple[object, ...]]:
        if not self.path.exists():
            return []
        with closing(self._open("ro")) as file:
            if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'known'").fetchone():
                return []
            return file.execute(query, values).fetchall()

    def known(self, name: str) -> str:
        """What was noted under a name, or nothing."""
        rows = self._read("SELECT value FROM known WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def count(self) -> int:
        """The number of changes that are told."""
        rows = self._read(f"SELECT count(*) {_NOTABLE}")
        return int(str(rows[0][0])) if rows else 0

    def told(self, first: int, limit: int) -> tuple[Change, ...]:
        """The changes that are told, the newest first, from number ``first`` on."""
        rows = self._read(
            "SELECT slug, at, kind, old, old_percent, new, new_percent, title, here "
            f"{_NOTABLE} ORDER BY at DESC, slug LIMIT ? OFFSET ?",
            limit, first,
        )  # fmt: skip
        return tuple(
            Change(slug, at, kind, Value(old, old_percent), Value(new, percent), title, bool(here))  # type: ignore[arg-type]
            for slug, at, kind, old, old_percent, new, percent, title, here in rows
        )

    def certainty(self, slug: str) -> tuple[Point, ...]:
        """The certainty of an essay over time, the earliest first; an essay whose certainty never
        changed has none."""
        rows = self._read(
            "SELECT since, at, old_percent, new_percent FROM change JOIN essay USING (slug) "
            "WHERE slug = ? AND kind = 'certainty' ORDER BY at, change.rowid",
            slug,
        )
        points = [(rows[0][0], rows[0][2])] if rows else []
        points += [(row[1], row[3]) for row in rows]
        return tuple(Point(at, percent) for at, percent in points if percent is not None)  # type: ignore[arg-type]


#: A state as the file has it; its first parts are those of :class:`State`.
Row = tuple[Any, ...]


def rows(file: sqlite3.Connection, slugs: Iterable[str] | None = None) -> dict[str, Row]:
    """What is known of every essay, or of those of some ``slugs``, by slug: of many essays few have
    changed, so few are made into a :class:`State`."""
    if slugs is not None:
        query = "SELECT * FROM essay WHERE slug = ?"
        return {row[0]: row for slug in slugs for row in file.execute(query, (slug,))}
    return {row[0]: row for row in file.execute("SELECT * FROM essay")}


def state_of(row: Row) -> State:
    """A row as a record."""
    return State(
        slug=row[0], path=row[1], title=row[2], since=row[3], here=bool(row[4]),
        version=Version(Value(*row[5:7]), Value(*row[7:9]), Value(*row[9:])),
    )  # fmt: skip


def row_of(essay: Essay, since: int) -> Row:
    """An essay that answers, as a row."""
    values = [part for value in version_of(essay) for part in value]
    return (essay.slug, essay.path, essay.title, since, 1, *values)


def keep(
    file: sqlite3.Connection, kept: Iterable[Row], changes: Iterable[Change],
    notes: Mapping[str, str],
) -> None:  # fmt: skip
    """Write rows of essays, changes and notes."""
    file.executemany(
        "INSERT OR REPLACE INTO essay VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        kept,
    )
    file.executemany(
        "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((each.slug, each.at, each.kind, *each.old, *each.new) for each in changes),
    )
    file.executemany("INSERT OR REPLACE INTO known VALUES (?, ?)", notes.items())


def forget(file: sqlite3.Connection, slug: str) -> None:
    """Remove an essay with all its changes."""
    file.execute("DELETE FROM essay WHERE slug = ?", (slug,))
    file.execute("DELETE FROM change WHERE slug = ?", (slug,))


def rename(file: sqlite3.Connection, old: str, new: str) -> None:
    """Carry the history of an essay on under another slug."""
    file.execute("UPDATE essay SET slug = ? WHERE slug = ?", (new, old))
    file.execute("UPDATE change SET slug = ? WHERE slug = ?", (new, old))


def restore(file: sqlite3.Connection, slug: str) -> None:
    """Take back that an essay was withdrawn."""
    file.execute("DELETE FROM change WHERE slug = ? AND kind = 'withdrawn'", (slug,))
