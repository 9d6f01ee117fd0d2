"""A power cut at any instant of a build leaves the last generation or the new one, whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

from indexer.build.build import build
from indexer.errors import IndexMissing
from indexer.parsing.rules import Rules
from indexer.schema import document
from indexer.storage import generation
from indexer.storage.documents import DOCUMENTS, DocumentsReader
from indexer.storage.segment import open_arrays

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")

Names = dict[str, int]
Ahead = Literal["nothing", "pointer", "all names"]


class Disk:
    """What a disk is sure to keep of the folder ``root``: the bytes of the files, and the names in
    the folders, that the system was told to flush. Of all else it may keep anything."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._contents: dict[int, bytes] = {}
        self._names: dict[Path, Names] = {}

    def flushed(self, descriptor: int) -> None:
        """Keep what an open file or folder has now."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self._names[path] = names(path)
        else:
            self._contents[os.fstat(descriptor).st_ino] = path.read_bytes()

    def after_a_cut(self, place: Path, ahead: Ahead) -> Path:
        """What is left, in a folder ``place``: what was flushed, and of the names that were given
        or taken since, those that the disk was ``ahead`` with; never bytes that were not."""
        place.mkdir()
        self._restore(self.root, place, ahead)
        return place

    def _restore(self, folder: Path, place: Path, ahead: Ahead) -> None:
        kept = dict(self._names.get(folder, {}))
        now = names(folder) if folder.is_dir() else {}
        if ahead == "all names":
            kept = now
        elif ahead == "pointer" and "current" in now:
            kept["current"] = now["current"]
        for name, number in kept.items():
            if name.startswith("g") and "." not in name:
                (place / name).mkdir()
                self._restore(folder / name, place / name, ahead)
            else:
                (place / name).write_bytes(self._contents.get(number, b""))


def names(folder: Path) -> Names:
    with os.scandir(folder) as entries:
        return {entry.name: entry.inode() for entry in entries}


def answers(index: Path) -> set[str] | None:
    """The titles that an index answers with, every file of it verified; None without one."""
    try:
        pointer = generation.current(index)
    except IndexMissing:
        return None
    folder = index / pointer.folder
    segments = generation.segments_of(index, pointer)
    known = generation.manifest(index, pointer)
    assert len([*known]) == known.counts.files
    readers = [
        DocumentsReader(open_arrays(segment.path(folder, DOCUMENTS)), segment)
        for segment in segments
    ]
    return {
        document.card(reader.stored_fields(doc)).title
        for reader in readers
        for doc in range(reader.doc_count_all())
        if not reader.is_deleted(doc)
    }


def test_a_power_cut_at_any_instant_of_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, index = tmp_path / "content", tmp_path / "index"
    content.mkdir()
    disk = Disk(index)
    cuts: list[set[str] | None] = []
    numbers = count()

    def look() -> None:
        for ahead in get_args(Ahead):
            place = disk.after_a_cut(tmp_path / f"cut-{next(numbers)}", ahead)
            cuts.append(answers(place))

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def watching(*args: Any, **options: Any) -> Any:
            result = call(*args, **options)
            if call is fsync:
                disk.flushed(args[0])
            look()
            return result

        return watching

    fsync = os.fsync
    for name in ("fsync", "replace", "rename", "unlink"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    before: set[str] | None = None
    for number, full in enumerate([False, False, True, False]):
        (content / f"{number}.md").write_text(f"---\ntitle: T{number}\n---\nText.")
        cuts.clear()
        build(content, index, Rules(), full=full, jobs=1)
        after = {*(before or ()), f"T{number}"}
        assert before in cuts
        assert all(cut in (before, after) for cut in cuts)
        assert cuts[-3:] == [after, after, after]
        before = after
