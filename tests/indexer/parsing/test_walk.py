"""Which files a walk finds; the files that are plainly essays are found the short way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.parsing.rules import Rules
from indexer.parsing.walk import Walk

#: Rules that leave nothing out and yet ask of each file whether they do.
LONG_WAY = Rules(exclude=("nothing/like/this",))


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder of everything that a name may stand for."""
    folder = tmp_path / "content"
    for path in (
        "a.md", "b.markdown", "c.mdx", "D.MD", "README.md", "ReadMe.MD", "deep/README.md", ".h.md",
        ".hidden/x.md", "deep/.y.md", "deep/z.md", "größe.md", "deep/日本.md", "notes.txt", "md",
        "a-b/c.md", "a/b.md", "a.md.bak", "pictures/p.png",
    ):  # fmt: skip
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# Text")
    (folder / "folder.md").mkdir()
    (folder / "folder.md" / "inner.md").write_text("# Inner")
    (folder / "link.md").symlink_to("a.md")
    (folder / "lost.md").symlink_to("nowhere.md")
    (folder / "out.md").symlink_to(tmp_path)
    (folder / "again").symlink_to("deep")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.md")
    return folder


def test_the_short_way_finds_what_the_long_way_finds(content: Path) -> None:
    short, long = Walk(content, Rules()), Walk(content, LONG_WAY)
    assert sorted(short.files) == sorted(long.files)
    assert short.problems == long.problems
    assert short.folders == long.folders
    assert {"a.md", "b.markdown", "c.mdx", "D.MD", "deep/README.md", "link.md"} <= {
        file.path for file in short.files
    }


def test_sizes_and_times_are_those_of_the_files(content: Path) -> None:
    found = {file.path: file for file in Walk(content, Rules()).files}
    for path, file in found.items():
        info = (content / path).stat()
        assert (file.size, file.mtime_ns) == (info.st_size, info.st_mtime_ns)
