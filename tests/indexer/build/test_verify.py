"""An index that is whole and holds what its folder says, and every way in which it may not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.build.verify import verify
from indexer.errors import ContentMissing
from indexer.parsing.rules import Rules
from indexer.storage import generation
from indexer.storage.manifest import Listed

if TYPE_CHECKING:
    from tests.conftest import Archive

BROKEN = "---\ntitle: [unclosed\n---\n"


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    """Essays, a draft left out, a broken file, and one whose last good version answers."""
    made = make()
    for name in ("one", "two", "deep/three"):
        made.write(f"{name}.md", f"Of {name}.", title=name)
    made.write("plan.md", "Not yet.", title="Plan", draft=True)
    made.write("kept.md", "A good version.", title="Kept")
    (made.content / "broken.md").write_text(BROKEN)
    made.build()
    (made.content / "kept.md").write_text(BROKEN)
    made.build()
    return made


def differences(archive: Archive, rules: Rules | None = None) -> list[tuple[str, str, str]]:
    found = verify(archive.content, archive.index, rules or archive.rules)
    assert found.agrees == (not found.differences)
    return [(each.where, each.path, each.kind) for each in found.differences]


def test_an_index_that_agrees(archive: Archive) -> None:
    found = verify(archive.content, archive.index, archive.rules)
    assert found.agrees
    assert (found.generation, found.files, found.essays) == (1, 6, 4)
    folder = archive.index / generation.current(archive.index).folder
    files = [archive.index / "current", *folder.iterdir()]
    assert (found.index_files, found.bytes) == (5, sum(file.stat().st_size for file in files))


CHANGES: dict[str, tuple[Callable[[Archive], object], list[tuple[str, str, str]]]] = {
    "a new file": (
        lambda archive: archive.write("new.md", "New."),
        [("content", "new.md", "new")],
    ),
    "a file of the same size and time": (
        lambda archive: same_size_and_time(archive.content / "one.md"),
        [("content", "one.md", "changed")],
    ),
    "a file that is gone": (
        lambda archive: (archive.content / "two.md").unlink(),
        [("content", "two.md", "gone")],
    ),
    "a file that is gone and was broken": (
        lambda archive: (archive.content / "broken.md").unlink(),
        [("content", "broken.md", "gone")],
    ),
    "a file that was moved": (
        lambda archive: (archive.content / "one.md").rename(archive.content / "uno.md"),
        [("content", "uno.md", "new"), ("content", "one.md", "gone")],
    ),
    "a draft that was finished": (
        lambda archive: archive.write("plan.md", "Now.", title="Plan"),
        [("content", "plan.md", "changed")],
    ),
    "a broken file, broken in another way": (
        lambda archive: (archive.content / "kept.md").write_text(BROKEN + "more"),
        [("content", "kept.md", "changed")],
    ),
    "a file that is no file": (
        lambda archive: swapped_for_a_link(archive.content / "one.md"),
        [("content", "one.md", "gone")],
    ),
}  # fmt: skip


def same_size_and_time(file: Path) -> None:
    info = file.stat()
    file.write_text(file.read_text().replace("Of one", "Of two"))
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert file.stat().st_size == info.st_size


def swapped_for_a_link(file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/passwd")


@pytest.mark.parametrize("name", CHANGES)
def test_a_folder_that_differs(archive: Archive, name: str) -> None:
    change, expected = CHANGES[name]
    change(archive)
    assert differences(archive) == expected
    archive.build()
    # What cannot be indexed is a problem of the build, and then no difference.
    assert differences(archive) == []


def test_other_settings(archive: Archive) -> None:
    rules = Rules(meaning=False, drafts=True)
    assert differences(archive, rules) == [("index", "", "settings")]


def damages() -> list[tuple[str, Callable[[Path], object]]]:
    """Every kind of file of an index, in every way in which it may be damaged."""
    patterns = ("current", "g*/_essays_*.toc", "g*/manifest-*", "g*/*.post", "g*/*.docs")
    ways: dict[str, Callable[[Path], object]] = {
        "cut": lambda file: file.write_bytes(file.read_bytes()[:-1]),
        "emptied": lambda file: file.write_bytes(b""),
        "deleted": lambda file: file.unlink(),
        "of one bit": lambda file: file.write_bytes(turned(file.read_bytes())),
    }
    return [(pattern, way) for pattern in patterns for way in ways.values()]


def turned(data: bytes) -> bytes:
    half = len(data) // 2
    return data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :]


@pytest.mark.parametrize(("pattern", "damage"), damages())
def test_a_damaged_file_is_named(
    archive: Archive, pattern: str, damage: Callable[[Path], object]
) -> None:
    archive.engine.generation()  # what is open in this process hides nothing
    (file,) = archive.index.glob(pattern)
    damage(file)
    ((where, path, kind),) = differences(archive)
    assert (where, path) == ("index", file.relative_to(archive.index).as_posix())
    assert kind == ("missing" if pattern == "current" and not file.exists() else "damaged")


def test_several_damaged_files_are_all_named(archive: Archive) -> None:
    files = [*archive.index.glob("g*/*.post"), *archive.index.glob("g*/*.docs")]
    for file in files:
        file.unlink()
    assert [path for _, path, _ in differences(archive)] == [
        file.relative_to(archive.index).as_posix() for file in files
    ]


def test_documents_that_are_not_those_of_the_list(archive: Archive) -> None:
    """What no checksum tells: a list of other essays than the segments have."""
    pointer = generation.current(archive.index)
    state = generation.manifest(archive.index, pointer)
    kept = tuple(each for each in state if each.path != "two.md")
    with generation.lock(archive.index):
        generation.note(archive.index, pointer, Listed(state.rules, changed=kept))
    assert differences(archive) == [("content", "two.md", "new"), ("index", "two.md", "extra")]


def test_no_index_and_no_folder(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "A.")
    assert differences(archive) == [("index", "current", "missing")]
    shutil.rmtree(archive.content)
    with pytest.raises(ContentMissing):
        differences(archive)


def test_a_build_meanwhile_is_no_difference(archive: Archive) -> None:
    """The first look is at a generation that a build replaces before the files are compared."""
    archive.write("new.md", "New.")
    rules = archive.rules
    looks: list[bool] = []

    class Building(Rules, frozen=True):
        def fingerprint(self) -> str:
            looks.append(True)
            if len(looks) == 1:
                archive.build()
            return rules.fingerprint()

    assert verify(archive.content, archive.index, Building(meaning=False)).agrees
    assert len(looks) == 2
