"""When a build is due, and what is known then of what has changed."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.build import watch
from indexer.build.watch import Due


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Path, Path, queue.Queue[Due]]]:
    """A content folder, its index, and each time that a build is due."""
    content, index = tmp_path / "content", tmp_path / "index"
    content.mkdir()
    index.mkdir()
    stop, due = threading.Event(), queue.Queue[Due]()

    def folders() -> list[str]:
        return [str(content), *(str(each) for each in content.iterdir() if each.is_dir())]

    def run() -> None:
        for each in watch.changes(content, index, folders, stop):
            due.put(each)

    thread = threading.Thread(target=run)
    thread.start()
    # At once, and again when the folder is watched: what changed before is told by nobody.
    assert due.get(timeout=60) == Due(True)
    assert due.get(timeout=60).paths is None
    yield content, index, due
    stop.set()
    thread.join()


def next_change(due: queue.Queue[Due]) -> Due:
    """The next that has changed; between changes the whole folder is looked at now and then."""
    for _ in range(12):
        if (found := due.get(timeout=60)).changed:
            return found
        assert found.paths is None
    raise AssertionError("What changed was not told.")


def test_what_changed_is_told(watched: tuple[Path, Path, queue.Queue[Due]]) -> None:
    content, _, due = watched
    (content / "a.md").write_text("A.")
    assert next_change(due) == Due(True, frozenset([str(content / "a.md")]))
    (content / "a.md").rename(content / "b.md")
    told: set[str] = set()
    while str(content / "b.md") not in told:
        found = next_change(due)
        assert found.paths is not None
        told |= found.paths
    (content / "new").mkdir()
    while due.get(timeout=60).paths is not None:  # watched anew, and so looked at whole
        pass
    (content / "new" / "c.md").write_text("C.")
    while (paths := next_change(due).paths) is not None:  # at a look at the whole folder, None
        if str(content / "new" / "c.md") in paths:
            break


def test_a_changed_index_has_the_whole_folder_looked_at(
    watched: tuple[Path, Path, queue.Queue[Due]],
) -> None:
    _, index, due = watched
    for number in range(10):
        time.sleep(0.5)  # what a build changes while it is due is its own
        (index / "current").write_text(f"An index that somebody touched {number} times.")
        if (found := due.get(timeout=60)).changed:
            assert found.paths is None
            return
    raise AssertionError("The change was not told.")
