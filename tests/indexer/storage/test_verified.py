"""What a build trusts without reading it whole, and what makes it read."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.search.embedded.engine import EmbeddedEngine
from indexer.build.verify import verify
from indexer.errors import IndexDamaged
from indexer.storage import generation, segment, verified
from indexer.storage.arrays import Stamp
from indexer.storage.verified import Verified

if TYPE_CHECKING:
    from tests.conftest import Archive


@pytest.fixture
def archive(make: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Essays in an index whose files were read whole."""
    monkeypatch.setattr(verified, "GRAIN_NS", 0)
    made = make()
    for name in ("one", "two", "three"):
        made.write(f"{name}.md", f"Of {name}.", title=name)
    made.build()
    return made


def files(archive: Archive) -> list[Path]:
    folder = archive.index / generation.current(archive.index).folder
    return sorted(folder.glob("*.post")) + sorted(folder.glob("*.docs"))


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    with file.open("r+b") as written:
        written.write(data)


def rot(archive: Archive, file: Path) -> None:
    """A bit that is lost and leaves no trace in the file's size and times."""
    flip(file)
    place = archive.index / verified.NAME
    noted = json.loads(place.read_bytes())
    noted[file.name][0] = list(Stamp.of(file.stat()).__reduce__()[1])
    place.write_text(json.dumps(noted))


def test_files_are_vouched_for_as_they_lay_when_they_were_read(archive: Archive) -> None:
    for file in files(archive):
        assert Verified(archive.index).vouches(file)
        os.utime(file, (1, 1))
        assert not Verified(archive.index).vouches(file)
        file.rename(file.with_suffix(".was"))
        assert not Verified(archive.index).vouches(file)


def test_a_file_is_read_whole_again_after_a_day(archive: Archive) -> None:
    rot(archive, files(archive)[0])
    assert not archive.build().full
    place = archive.index / verified.NAME
    noted = json.loads(place.read_bytes())
    day_ago = {name: [stamp, at - verified.TRUSTED_SECONDS] for name, (stamp, at) in noted.items()}
    place.write_text(json.dumps(day_ago))
    assert archive.build().full


def test_a_change_that_keeps_size_and_time_is_found(archive: Archive) -> None:
    place = files(archive)[0]
    info = place.stat()
    flip(place)
    os.utime(place, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert place.stat().st_mtime_ns == info.st_mtime_ns
    assert archive.build().full


@pytest.mark.parametrize("number", [0, 1])
def test_who_finds_damage_has_the_next_build_read_everything(archive: Archive, number: int) -> None:
    rot(archive, files(archive)[number])
    assert not archive.build().full
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(archive.index, archive.rules).generation()
    assert archive.build().full
    assert EmbeddedEngine(archive.index, archive.rules).generation()
    rot(archive, files(archive)[number])
    assert not verify(archive.content, archive.index, archive.rules).agrees
    assert archive.build().full


def test_readers_trust_large_files_alone(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    place = files(archive)[0]
    rot(archive, place)
    monkeypatch.setattr(segment, "ALWAYS_READ", place.stat().st_size - 1)
    assert EmbeddedEngine(archive.index, archive.rules).generation()
    gc.collect()  # what is open is read once
    flip(place)
    flip(place)
    os.utime(place, (1, 1))
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(archive.index, archive.rules).generation()


def test_damage_is_not_copied_into_another_segment(archive: Archive) -> None:
    rot(archive, files(archive)[0])
    (archive.content / "one.md").unlink()
    (archive.content / "two.md").unlink()  # enough to write the segment anew
    assert archive.build().full
    assert archive.slugs() == ["three"]


def test_what_was_written_a_moment_ago_is_not_trusted(make: Callable[..., Archive]) -> None:
    made = make()
    made.write("one.md", "Of one.")
    made.build()
    assert json.loads((made.index / verified.NAME).read_bytes()) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}'])
def test_a_note_that_says_nothing_costs_time_alone(archive: Archive, text: str) -> None:
    (archive.index / verified.NAME).write_text(text)
    assert not any(Verified(archive.index).vouches(file) for file in files(archive))
    assert not archive.build().full
    assert all(Verified(archive.index).vouches(file) for file in files(archive))
