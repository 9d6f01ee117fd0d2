"""Which files a walk finds; the files that are plainly essays are found the short way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.rules import Rules
from indexer.parsing.walk import File, Files, Folder, Walk

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


names = st.lists(st.sampled_from(["a", "a-b", "b", "ab", "é", "日本", "a b"]), unique=True)


@given(
    folders=st.dictionaries(st.sampled_from(["", "a", "a-b", "a/b", "日本"]), names), data=st.data()
)
def test_files_of_folders_are_in_the_order_of_their_paths(
    folders: dict[str, list[str]], data: st.DataObject
) -> None:
    chosen, wanted = [], []
    for path, own in folders.items():
        listed = sorted(f"{name}.md" for name in own)
        rows = [(name, size, size + 5) for size, name in enumerate(listed)]
        folder = Folder.of(path, rows)
        places = data.draw(st.lists(st.sampled_from(range(len(rows))), unique=True)) if rows else []
        chosen.append((folder, places))
        wanted += [File(folder.join(rows[place][0]), *rows[place][1:]) for place in places]
        assert [folder.find(folder.join(name)) for name, *_ in rows] == list(range(len(rows)))
        assert folder.find(folder.join("c.md")) == -1
    files = Files(chosen)
    assert list(files) == sorted(wanted)
    assert files[1:3] == sorted(wanted)[1:3]
    assert len(files) == len(wanted)
