"""Essays that are nearly the same text, found by one essay and in the whole archive."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.search.embedded.discovery import duplicates
from indexer.analysis import shingles

if TYPE_CHECKING:
    from tests.conftest import Archive

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in ("rt", "st", "lk", "np")]


def written(chance: random.Random, length: int) -> list[str]:
    return [chance.choice(VOCABULARY) for _ in range(length)]


def body(words: list[str]) -> str:
    """Words as paragraphs under a heading or two."""
    third = len(words) // 3
    parts = words[:third], words[third : 2 * third], words[2 * third :]
    return "\n\n## A part\n\n".join(" ".join(part) + "." for part in parts)


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    """Essays of one vocabulary; some are copies, and each says by its name of what."""
    archive = make()
    chance = random.Random(7)
    for n in range(40):
        archive.write(f"other-{n}.md", body(written(chance, chance.randrange(20, 500))))
    hedge = written(chance, 300)
    archive.write("hedge.md", body(hedge), title="Hedges", tags=["Trees"])
    archive.write("hedge-copy.md", body(hedge), title="Another name", tags=["Other"])
    edited = [chance.choice(VOCABULARY) if chance.random() < 0.04 else word for word in hedge]
    archive.write("hedge-old.md", body(edited), title="Hedges (old)")
    archive.write("hedge-quoted.md", body(hedge[:90] + written(chance, 400)))
    archive.write("hedge-secret.md", body(hedge), draft=True)
    short = written(chance, 24)
    archive.write("short.md", " ".join(short))
    archive.write("short-copy.md", " ".join(short))
    archive.write("stub.md", "To be written.")
    archive.write("stub-copy.md", "To be written.")
    archive.write("empty.md", "", title="Empty")
    archive.write("empty-copy.md", "", title="Empty")
    archive.build()
    return archive


#: Each essay -> the essays that are nearly its text, the likest first.
COPIES = {
    "hedge": ["hedge-copy", "hedge-old"],
    "hedge-copy": ["hedge", "hedge-old"],
    "hedge-old": ["hedge", "hedge-copy"],
    "short": ["short-copy"],
    "hedge-quoted": [],
    "stub": [],
    "empty": [],
    "other-3": [],
    "hedge-secret": [],
    "nobody": [],
}


def test_copies_of_one_essay(archive: Archive) -> None:
    for slug, wanted in COPIES.items():
        found = archive.engine.duplicates(slug)
        assert [each.essay.slug for each in found] == wanted, slug
    by_slug = {each.essay.slug: each.share for each in archive.engine.duplicates("hedge")}
    assert by_slug["hedge-copy"] == 1.0
    assert 0.6 < by_slug["hedge-old"] < 0.9


def named(archive: Archive) -> list[tuple[set[str], float]]:
    snapshot = archive.engine._current()
    return [
        ({snapshot.slug(doc) for doc in family.members}, round(family.share, 2))
        for family in duplicates.families(snapshot)
    ]


def test_families_of_an_archive(archive: Archive) -> None:
    found = named(archive)
    assert found[0] == ({"short", "short-copy"}, 1.0)
    assert found[1][0] == {"hedge", "hedge-copy", "hedge-old"}
    assert 0.6 < found[1][1] < 0.9
    assert len(found) == 2


def test_families_follow_edits_over_segments(archive: Archive) -> None:
    """Texts in several segments, and a copy that is gone."""
    archive.write("hedge-copy.md", "Something else altogether, at last.")
    archive.write("late.md", (archive.content / "short.md").read_text())
    archive.build()
    assert [sorted(members) for members, _ in named(archive)] == [
        ["late", "short", "short-copy"],
        ["hedge", "hedge-old"],
    ]


def test_two_copies_alone(make: Callable[..., Archive]) -> None:
    """Where every word is in every essay."""
    archive = make()
    for name in ("one", "two"):
        archive.write(f"{name}.md", body(written(random.Random(2), 90)))
    archive.build()
    assert [each.essay.slug for each in archive.engine.duplicates("one")] == ["two"]
    assert named(archive) == [({"one", "two"}, 1.0)]


@pytest.mark.parametrize("seed", range(2))
def test_sketches_from_positions_are_those_of_the_texts(
    archive: Archive, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Laid out a few documents at a time, or all at once."""
    before = named(archive)
    monkeypatch.setattr(duplicates, "DOCS_AT_ONCE", 3 + seed)
    assert named(archive) == before
    snapshot = archive.engine._current()
    (leaf,) = snapshot.leaves.leaves
    sizes: dict[int, int] = {}
    for owners, _ in duplicates._sketches(leaf):
        for doc in owners.tolist():
            sizes[doc] = sizes.get(doc, 0) + 1
    for doc in range(snapshot.size):
        text = shingles.shingles(section.text for section in snapshot.sections(doc))
        # Words of one stem are one word here, so that a text may have fewer.
        assert sizes.get(doc, 0) <= len(shingles.sketch(text)) or len(text) < shingles.MIN_SHINGLES
        assert (sizes.get(doc, 0) > 0) == (len(text) >= shingles.MIN_SHINGLES)
