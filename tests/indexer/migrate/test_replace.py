"""A file is replaced whole, with its mode, through no link, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import FileRefused
from indexer.migrate.replace import replace_file


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*")}


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "below/a.md"
    file.parent.mkdir()
    file.write_bytes(b"old")
    file.chmod(0o640)
    replace_file(tmp_path, "below/a.md", b"old", b"new")
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == {"below", "a.md"}


def test_a_file_that_changed_meanwhile_stays(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"mine")
    with pytest.raises(FileRefused, match="changed meanwhile"):
        replace_file(tmp_path, "a.md", b"old", b"new")
    assert (tmp_path / "a.md").read_bytes() == b"mine"
    assert names(tmp_path) == {"a.md"}


def test_links_are_followed_nowhere(tmp_path: Path) -> None:
    content, outside = tmp_path / "content", tmp_path / "outside"
    content.mkdir()
    outside.mkdir()
    (outside / "a.md").write_bytes(b"old")
    (content / "a.md").symlink_to(outside / "a.md")
    (content / "folder").symlink_to(outside)
    for path in ("a.md", "folder/a.md"):
        with pytest.raises((FileRefused, OSError)):
            replace_file(content, path, b"old", b"new")
    assert (outside / "a.md").read_bytes() == b"old"
    assert names(outside) == {"a.md"}
