"""When a build is due, and what is known then of what has changed."""

from __future__ import annotations

import queue
import threading
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


def test_what_changed_is_told(watched: tuple[Path, Path, queue.Queue[Due]]) -> None:
    content, index, due = watched
    (content / "a.md").write_text("A.")
    assert due.get(timeout=60) == Due(True, frozenset([str(content / "a.md")]))
    (content / "a.md").rename(content / "b.md")
    told: set[str] = set()
    while str(content / "b.md") not in told:
        found = due.get(timeout=60)
        assert found.paths is not None
        told |= found.paths
    (index / "current").write_text("An index that somebody touched.")
    assert due.get(timeout=60) == Due(True, None)
    (content / "new").mkdir()
    while due.get(timeout=60).paths is not None:  # watched anew, and so looked at whole
        pass
    (content / "new" / "c.md").write_text("C.")
    while (found := due.get(timeout=60)).paths != frozenset([str(content / "new" / "c.md")]):
        assert found.paths is None
