"""The queue of builds: whatever order requests and builders come in, one runs and one waits."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rebuilds import KEPT, NAME, Rebuild, Rebuilds
from indexer.build.report import Report
from indexer.errors import QueueUnusable
from indexer.essay import Problem


def test_a_build_from_asking_to_its_report(tmp_path: Path) -> None:
    queue = Rebuilds(tmp_path / "index")
    assert queue.take() is None
    assert queue.last() is None
    asked = queue.ask()
    assert (asked.state, asked.requests) == ("queued", 1)
    assert queue.ask() == Rebuild(asked.id, "queued", 2, asked.queued)
    taken = queue.take()
    assert taken is not None
    assert (taken.id, taken.state, taken.requests) == (asked.id, "running", 2)
    assert taken.started
    assert queue.take() is None
    report = Report(added=1, problems=(Problem("a.md", 4, "What.", "Hint."),))
    queue.done(asked.id, report)
    found = queue.find(asked.id)
    assert found is not None
    assert (found.state, found.report) == ("done", report)
    assert queue.last() == found
    assert queue.find("unknown") is None


def test_what_comes_while_a_build_runs_waits_for_the_next(tmp_path: Path) -> None:
    queue = Rebuilds(tmp_path)
    first = queue.ask()
    queue.take()
    second = queue.ask()
    assert second.id != first.id
    assert queue.ask().id == second.id
    queue.failed(first.id, "No.")
    failed = queue.find(first.id)
    assert failed is not None
    assert (failed.state, failed.message) == ("failed", "No.")
    taken = queue.take()
    assert taken is not None
    assert taken.id == second.id


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["ask", "take", "done", "fail", "die"]), max_size=30))
def test_never_more_than_one_runs_and_one_waits(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """And every request is answered by a build that started after it."""
    queue = Rebuilds(tmp_path_factory.mktemp("queue"))
    running: str | None = None
    waiting: list[str] = []
    for step in steps:
        if step == "ask":
            waiting.append(queue.ask().id)
            assert len(set(waiting)) == 1
        elif step == "take" and running is None:
            taken = queue.take()
            assert (taken.id if taken else None) == (waiting[0] if waiting else None)
            assert taken is None or taken.requests == len(waiting)
            if taken:
                running, waiting = taken.id, []
        elif running is not None and step in ("done", "fail"):
            queue.done(running, Report()) if step == "done" else queue.failed(running, "No.")
            running = None
        elif running is not None and step == "die":
            queue.resume()
            stands = queue.find(running)
            assert stands is not None
            if waiting:
                assert (stands.state, stands.message[:3]) == ("failed", "The")
            else:
                assert stands.state == "queued"
                waiting = [running] * stands.requests
            running = None


def test_many_ask_at_once(tmp_path: Path) -> None:
    queue = Rebuilds(tmp_path)
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(queue.ask().id)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1
    taken = queue.take()
    assert taken is not None
    assert taken.requests == 16


def test_old_builds_are_forgotten(tmp_path: Path) -> None:
    queue = Rebuilds(tmp_path)
    ids = []
    for _ in range(KEPT + 3):
        ids.append(queue.ask().id)
        queue.take()
        queue.done(ids[-1], Report())
    assert queue.find(ids[0]) is None
    assert queue.find(ids[-KEPT]) is not None


def test_a_file_that_is_no_queue_is_said(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("not a database, in more letters than its header has")
    with pytest.raises(QueueUnusable, match=r"rebuilds\.sqlite cannot be used"):
        Rebuilds(tmp_path).ask()
