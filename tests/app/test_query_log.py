"""Searches that found nothing: what is kept of them, how little, and by how many at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from app import query_log
from app.query_log import LONGEST, MAX_QUERIES, NAME, PATIENCE, LoggedQuery, QueryLog
from app.search.request import Range, SearchRequest
from indexer.errors import SearchesUnreadable

DAY = date(2026, 11, 20)


class Days:
    """A calendar that tests turn."""

    def __init__(self) -> None:
        self.day = DAY

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def memory(tmp_path: Path, days: Days) -> QueryLog:
    return QueryLog(tmp_path, days)


def asked(memory: QueryLog, *queries: str) -> tuple[LoggedQuery, ...]:
    for query in queries:
        memory.add(SearchRequest(q=query))
        memory.settle(10)
    return memory.all()


def test_a_query_counts_once_a_day(memory: QueryLog, days: Days) -> None:
    assert asked(memory) == ()
    assert asked(memory, *["zanzibar"] * 5) == (LoggedQuery("zanzibar", 1, "2026-11-20"),)
    days.day += timedelta(1)
    found = asked(memory, "zanzibar", "zanzibar", "owls")
    assert found == (LoggedQuery("zanzibar", 2, "2026-11-21"), LoggedQuery("owls", 1, "2026-11-21"))
    days.day -= timedelta(1)  # a clock that was put back
    assert asked(memory, "zanzibar")[0] == LoggedQuery("zanzibar", 2, "2026-11-21")


def test_case_and_white_space_make_no_other_query(memory: QueryLog) -> None:
    assert [each.query for each in asked(memory, "Zanzibar  plans", " zanzibar plans ")] == [
        "zanzibar plans"
    ]


#: Searches that are nothing to remember.
NOT_KEPT = [
    SearchRequest(),
    SearchRequest(q=" "),
    SearchRequest(q="x" * (LONGEST + 1)),
    SearchRequest(q="owls", page=2),
    SearchRequest(q="owls", filters={"tag": ("Maps",)}),
    SearchRequest(q="owls", ranges={"certainty": Range(50, None)}),
]


@pytest.mark.parametrize("request_", NOT_KEPT)
def test_what_is_not_kept(memory: QueryLog, request_: SearchRequest) -> None:
    memory.add(request_)
    memory.settle(10)
    assert memory.all() == ()
    assert not memory.path.exists()


@pytest.mark.parametrize("query", ["'; DROP TABLE searches; --", "🦉", "a\x00b\ud800", "%", "ﬁ"])
def test_any_text_is_kept_as_text(memory: QueryLog, query: str) -> None:
    (found,) = asked(memory, query)
    assert found.query
    assert found.query.encode()


def test_the_rarest_and_oldest_go_first(
    memory: QueryLog, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "MAX_QUERIES", 4)
    asked(memory, "often", "twice")
    days.day += timedelta(1)
    asked(memory, "often", "twice", "old", "new")
    days.day += timedelta(1)
    found = asked(memory, "often", "newest")
    assert [each.query for each in found] == ["often", "twice", "newest", "old"]
    found = asked(memory, "one more")
    assert [each.query for each in found] == ["often", "twice", "newest", "one more"]


def test_the_file_stays_small(memory: QueryLog) -> None:
    with sqlite3.connect(memory.path) as file:
        file.execute(query_log._TABLE)
        file.executemany(
            "INSERT INTO searches VALUES (?, 1, '2026-01-01')",
            [(f"{n:05}" + "x" * (LONGEST - 5),) for n in range(MAX_QUERIES + 50)],
        )
    file.close()
    found = asked(memory, "newcomer")
    assert len(found) == MAX_QUERIES
    assert found[0] == LoggedQuery("newcomer", 1, DAY.isoformat())
    assert memory.path.stat().st_size < 500_000


def test_nothing_else_is_in_the_file(memory: QueryLog) -> None:
    asked(memory, "zanzibar")
    with sqlite3.connect(memory.path) as file:
        columns = [row[1] for row in file.execute("PRAGMA table_info(searches)")]
    file.close()
    assert columns == ["query", "days", "last"]


WRITER = """
import sys
from pathlib import Path
from app.query_log import QueryLog
from app.search.request import SearchRequest
memory = QueryLog(Path(sys.argv[1]))
for n in range(30):
    memory.add(SearchRequest(q=f"{sys.argv[2]} {n}"))
    memory.add(SearchRequest(q="all of us"))
memory.settle(60)
"""


def test_many_processes_write_at_once(tmp_path: Path, root: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, str(n)], env=environment)
        for n in range(4)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    found = QueryLog(tmp_path).all()
    assert {each.query for each in found} == {
        "all of us", *(f"{w} {n}" for w in range(4) for n in range(30)),
    }  # fmt: skip
    assert max(each.days for each in found) <= 2  # over midnight


def test_what_waits_is_written_when_a_process_ends(tmp_path: Path, root: Path) -> None:
    code = WRITER.replace("memory.settle(60)", "")
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, tmp_path, "last"], check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True,
    )  # fmt: skip
    assert len(QueryLog(tmp_path).all()) == 31


def test_a_place_that_cannot_be_written_fails_nothing(tmp_path: Path, days: Days) -> None:
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "nowhere", tmp_path / "file"):
        assert asked(QueryLog(place, days), "owls") == ()
    # Somebody holds the file for longer than a writer waits.
    memory = QueryLog(tmp_path, days)
    holder = sqlite3.connect(memory.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    started = time.perf_counter()
    memory.add(SearchRequest(q="owls"))
    assert time.perf_counter() - started < PATIENCE / 2, "it waited for the file"
    memory.settle(10)
    holder.close()
    assert [each.query for each in asked(memory, "moss")] == ["moss"]


def test_a_flood_is_let_go(memory: QueryLog) -> None:
    started = time.perf_counter()
    for n in range(5_000):
        memory.add(SearchRequest(q=f"flood {n}"))
    assert time.perf_counter() - started < 2
    memory.settle(60)
    assert 0 < len(memory.all()) <= MAX_QUERIES


def test_a_damaged_file_is_said_and_can_be_removed(memory: QueryLog) -> None:
    memory.path.write_bytes(b"no database at all, for sure " * 100)
    with pytest.raises(SearchesUnreadable) as caught:
        asked(memory, "owls")
    assert str(memory.path) in str(caught.value)
    assert "--forget" in caught.value.hint
    assert memory.forget()
    assert [each.query for each in asked(memory, "owls")] == ["owls"]


def test_forgetting(memory: QueryLog) -> None:
    asked(memory, "owls")
    assert memory.forget()
    assert memory.all() == ()
    assert not memory.forget()
    assert not list(memory.path.parent.glob(NAME + "*"))


def test_a_file_without_a_search_yet_has_none(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    assert QueryLog(tmp_path).all() == ()
