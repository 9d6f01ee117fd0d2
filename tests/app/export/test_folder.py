"""What an export may touch in its folder: its own files, and none of anybody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.export.folder import LIST, ExportFolder
from indexer.errors import UsageError


def files(root: Path) -> dict[str, str]:
    return {
        file.relative_to(root).as_posix(): file.read_text()
        for file in sorted(root.rglob("*"))
        if file.is_file() and file.name != LIST
    }


def write(root: Path, beside: bool = False, **content: str) -> ExportFolder:
    out = ExportFolder(root, beside=beside)
    for name, text in content.items():
        out.write(name.replace("__", "/"), text.encode())
    out.finish()
    return out


def test_files_come_change_and_go(tmp_path: Path) -> None:
    out = write(tmp_path / "out", a="1", sub__b="2", sub__deep__c="3")
    assert (out.written, out.removed) == (3, 0)
    time = (tmp_path / "out/a").stat().st_mtime_ns
    out = write(tmp_path / "out", a="1", sub__b="changed")
    assert (out.written, out.removed) == (1, 1)
    assert files(tmp_path / "out") == {"a": "1", "sub/b": "changed"}
    assert (tmp_path / "out/a").stat().st_mtime_ns == time
    assert not (tmp_path / "out/sub/deep").exists()


def test_what_is_not_of_an_export_stays(tmp_path: Path) -> None:
    write(tmp_path, a="1", sub__b="2")
    (tmp_path / "CNAME").write_text("essays.example.org")
    (tmp_path / "sub/own").write_text("mine")
    (tmp_path / "a").write_text("written over by somebody")
    write(tmp_path, c="3")
    assert files(tmp_path) == {
        "CNAME": "essays.example.org", "sub/own": "mine", "a": "written over by somebody",
        "c": "3",
    }  # fmt: skip


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not of an export"):
        ExportFolder(tmp_path)
    write(tmp_path, beside=True, a="1")
    write(tmp_path, a="2")
    assert files(tmp_path) == {"notes.txt": "mine", "a": "2"}


def test_nothing_foreign_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="is in the way"):
        write(tmp_path, beside=True, **{"index.html": "ours"})
    assert files(tmp_path) == {"index.html": "mine"}


def test_an_export_that_was_killed_knows_its_files(tmp_path: Path) -> None:
    out = ExportFolder(tmp_path)
    out.write("a", b"1")
    out.write("b", b"2")
    del out  # nothing was finished
    write(tmp_path, a="changed")
    assert files(tmp_path) == {"a": "changed"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path / "out"
    write(root, a="1")
    (root / "sub").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="is a link"):
        write(root, sub__b="2")
    assert list(elsewhere.iterdir()) == []


def test_a_list_that_names_files_elsewhere_removes_none(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("1")
    root = tmp_path / "out"
    write(root, a="1")
    digest = (root / LIST).read_text().splitlines()[1].split()[0]
    with (root / LIST).open("a") as listing:
        listing.write(f"{digest}  ../victim\n{digest}  {victim}\n")
    write(root, b="2")
    assert victim.exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is not a folder"):
        ExportFolder(tmp_path / "file")
