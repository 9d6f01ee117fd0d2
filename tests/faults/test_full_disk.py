"""A build that cannot write leaves nothing behind, says why, and the last generation answers."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.search.embedded.engine import EmbeddedEngine
from indexer.errors import IndexUnwritable
from indexer.storage import generation
from indexer.storage.writing import writing
from tests.conftest import Archive, Server
from tests.faults.running import command, end, eventually, fill, names, run, size, start

MB = 1_000_000


class Disk:
    """A place for an index with little room: a file system of its own, or, where none can be
    mounted, a limit on how large a file may become."""

    def __init__(self, place: Path) -> None:
        place.mkdir()
        self.place = place
        self.mounted = not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={2 * MB}", "tmpfs", str(place)],
            capture_output=True, check=False,
        ).returncode  # fmt: skip
        self.limit_blocks = 0 if self.mounted else MB // 512

    def end(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "disk")
    yield disk
    disk.end()


@pytest.fixture
def archive(make: Callable[..., Archive], disk: Disk) -> Archive:
    """An archive whose index has no room for many more essays, built once."""
    archive = make()
    archive.index = disk.place / "index"
    archive.engine = EmbeddedEngine(archive.index, archive.rules)
    fill(archive, 60)
    assert archive.build().essays == 60
    return archive


def complaint(stderr: str) -> list[str]:
    """What a command complains of; a slow one also says how far it is."""
    return [line for line in stderr.splitlines() if not re.search(r": \d+ of \d+ files$", line)]


def grow(archive: Archive) -> None:
    fill(archive, 150, words=3000, seed=2, prefix="more")


def shrink(archive: Archive) -> None:
    for file in archive.content.glob("more*.md"):
        file.unlink()


@pytest.mark.parametrize(
    "options",
    [("--jobs", "1"), ("--jobs", "1", "--full"),
     pytest.param(("--jobs", "2"), marks=pytest.mark.slow)],
    ids=" ".join,
)  # fmt: skip
def test_a_full_disk(archive: Archive, disk: Disk, options: tuple[str, ...]) -> None:
    before, number = names(archive.index), archive.engine.generation()
    grow(archive)
    for _ in range(2):
        failed = run(command(archive, "index", *options), limit_blocks=disk.limit_blocks)
        assert failed.returncode == 1, failed.stderr
        assert "Traceback" not in failed.stderr
        what, hint = complaint(failed.stderr)
        assert str(archive.index) in what
        if disk.mounted:
            assert re.search(r"disk that holds \S+ is full: \S+\.(post|docs) could not", what)
            assert re.fullmatch(r"Free about \d+ MB there, or choose another place .*", hint)
        else:
            assert "larger than a file may be" in what
        assert names(archive.index) == before
        assert archive.slugs("e7x") == ["e0007"]
        assert archive.engine.generation() == number
    shrink(archive)
    archive.write("new.md", "Of kelp.")
    done = run(command(archive, "index", *options), limit_blocks=disk.limit_blocks)
    assert done.returncode == 0, done.stderr
    assert archive.slugs("kelp") == ["new"]


def test_a_first_build_on_a_full_disk_leaves_no_generation(
    make: Callable[..., Archive], disk: Disk
) -> None:
    archive = make()
    archive.index = disk.place / "index"
    archive.engine = EmbeddedEngine(archive.index, archive.rules)
    grow(archive)
    for _ in range(2):
        failed = run(command(archive, "index", "--jobs", "1"), limit_blocks=disk.limit_blocks)
        assert failed.returncode == 1
        assert names(archive.index) == ["build.lock"]
    shrink(archive)
    archive.write("new.md", "Of kelp.")
    assert not run(
        command(archive, "index", "--jobs", "1"), limit_blocks=disk.limit_blocks
    ).returncode
    assert archive.slugs("kelp") == ["new"]


def names_without_digests(index: Path) -> list[str]:
    """The files of an index; the manifest is another as soon as the times of files vouch for
    them, two seconds after they were written."""
    return sorted(re.sub(r"(manifest-\d+)-\w+$", r"\1", name) for name in names(index))


def test_what_a_killed_build_left_makes_room_for_the_next(archive: Archive, disk: Disk) -> None:
    """Whatever lies about of builds is removed before anything is written."""
    kept = names_without_digests(archive.index)
    folder = archive.index / generation.current(archive.index).folder
    room = MB if disk.mounted else MB // 2
    (folder / "essays_abcdef.post").write_bytes(bytes(room))
    (folder / "_essays_9.toc").write_bytes(b"x")
    (folder / "manifest-9-abc.new").write_bytes(b"x")
    (archive.index / "current.new").write_bytes(b"x")
    (archive.index / "g77").mkdir()
    (archive.index / "g77/essays_xyz.docs").write_bytes(bytes(room // 2))
    (archive.index / "searches.sqlite").write_bytes(b"not ours to remove")
    archive.build()
    assert names_without_digests(archive.index) == sorted([*kept, "searches.sqlite"])


def test_a_folder_of_somebody_else_stays(archive: Archive) -> None:
    (archive.index / "g5").mkdir()
    (archive.index / "g5/letters.txt").write_text("mine")
    archive.build(full=True)
    assert (archive.index / "g5/letters.txt").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["watch", "serve"])
def test_watching_goes_on_and_succeeds_when_there_is_room(
    archive: Archive, disk: Disk, tmp_path: Path, serve: Callable[..., Server], name: str
) -> None:
    if not disk.mounted:
        pytest.skip("a limit on files cannot be lifted from outside")
    if name == "serve":
        said = serve(archive, "--watch").said
        process = None
    else:
        said = tmp_path / "said"
        process = start(command(archive, "watch"), said)
    try:
        grow(archive)
        eventually(lambda: "is full" in said.read_text(), said=said)
        assert "Free about" in said.read_text()
        assert archive.slugs("e7x") == ["e0007"]
        shrink(archive)
        archive.write("new.md", "Of kelp.")
        eventually(lambda: archive.slugs("kelp") == ["new"], said=said)
        assert "Traceback" not in said.read_text()
        assert size(archive.index) < MB
    finally:
        if process is not None:
            end(process.pid)
            process.wait(10)


#: Root writes everywhere, unless it gives that up.
AS_OTHERS = ["setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override"]

REFUSED = {
    "read-only": "is read-only",
    "no-permission": "no permission to write",
    "nowhere": "no permission to write",
    "a-file": "exists and is not a folder",
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_cannot_be_written_is_said_in_words(archive: Archive, disk: Disk, how: str) -> None:
    before = names(archive.index)
    archive.write("new.md", "Of kelp.")
    prefix: list[str] = []
    kept = archive.index
    if how == "a-file":
        archive.index = disk.place / "file"
        archive.index.write_text("")
    elif how == "read-only":
        if not disk.mounted:
            pytest.skip("nothing can be mounted here")
        subprocess.run(["mount", "-o", "remount,ro", str(disk.place)], check=True)
    else:
        if os.getuid() == 0:
            if not shutil.which("setpriv"):
                pytest.skip("root may write everywhere")
            prefix = AS_OTHERS
        for folder in (disk.place, archive.index, *archive.index.glob("g*")):
            folder.chmod(0o555)
        if how == "nowhere":
            archive.index = disk.place / "nowhere/index"
        else:
            (archive.index / "build.lock").unlink()
            before.remove("build.lock")
    failed = run([*prefix, *command(archive, "index")])
    assert failed.returncode == 1, failed.stderr
    assert REFUSED[how] in failed.stderr
    _, hint = complaint(failed.stderr)
    assert "--index" in hint
    assert names(kept) == before
    assert archive.slugs("e7x") == ["e0007"]


def test_every_failure_of_the_system_has_words(tmp_path: Path) -> None:
    for number in errno.errorcode:
        with pytest.raises(IndexUnwritable) as caught, writing(tmp_path / "x.post"):
            raise OSError(number, os.strerror(number))
        assert "x.post" in str(caught.value)
        assert caught.value.hint
