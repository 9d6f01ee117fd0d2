"""What an author is told to see to: all of it against the essays themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.search.embedded.discovery import links as links_
from app.search.embedded.report.report import lookup_in_memory
from app.search.query.curation import Curation
from app.search.report import AuthorReport, Listing
from app.search.spelling import similar_names
from indexer.schema import document
from tests.app.search.embedded.discovery.test_related import linking, read, woven

if TYPE_CHECKING:
    from tests.conftest import Archive

TODAY = date(2026, 11, 22)


def slugs(listing: Listing) -> set[str]:
    assert listing.total == len(listing.essays)
    return {each.slug for each in listing.essays}


@pytest.fixture(scope="module")
def found(small: Archive) -> AuthorReport:
    return small.engine.author_report(TODAY)


@pytest.mark.parametrize("seed", range(3))
def test_who_is_linked_and_links(make: Callable[..., Archive], seed: int) -> None:
    archive = make()
    woven(archive, seed)
    essays = read(archive)
    links = linking(archive, essays)
    found = archive.engine.author_report(TODAY)
    assert found.essays == len(essays)
    assert slugs(found.orphans) == set(essays) - {to for _, to in links}
    assert slugs(found.without_links) == set(essays) - {one for one, _ in links}
    targets = {document.linked(target) for essay in essays.values() for target in essay.links}
    dead = {target for target in targets if not archive.engine.resolve_links((target,))}
    assert {("wiki//" if b.is_name else "") + b.target for b in found.broken} == dead
    for broken in found.broken:
        term = ("wiki//" if broken.is_name else "") + broken.target
        having = [s for s, e in essays.items() if term in map(document.linked, e.links)]
        assert broken.count == len(having)
        assert {each.slug for each in broken.essays} <= set(having)
    snapshot = archive.engine._current()
    lookup = lookup_in_memory(snapshot)
    for target in targets:
        found_fast = links_.resolve(target, snapshot, lookup)
        assert found_fast == links_.resolve(target, snapshot), target


def test_links_that_lead_to_no_essay(found: AuthorReport) -> None:
    """A draft is none that is served."""
    broken = {each.target: {essay.slug for essay in each.essays} for each in found.broken}
    assert broken["missing.md"] == {"links"}
    assert broken["secret.md"] == {"links"}


def test_tags_used_once(small: Archive, found: AuthorReport) -> None:
    tags = small.search("").counts.facets["tag"]
    assert {each.note for each in found.used_once.essays} == {v.value for v in tags if v.count == 1}
    assert all(each.slug in small.slugs(f'tag:"{each.note}"') for each in found.used_once.essays
               if each.note.isalpha())  # fmt: skip


def test_rating_words_outside_the_table(found: AuthorReport) -> None:
    assert [(word.facet, word.value, word.count) for word in found.drift] == [
        ("status", "Log", 1), ("certainty", "Emotional", 1), ("certainty", "Speculative", 1),
    ]  # fmt: skip


def test_a_word_with_a_percentage_of_its_own_is_no_drift(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "x", certainty={"value": "Hunch", "percentage": 40})
    archive.write("two.md", "x", certainty="hunch")
    archive.build()
    assert [(w.value, w.count) for w in archive.engine.author_report(TODAY).drift] == [("hunch", 1)]


def test_unrated(small: Archive, found: AuthorReport) -> None:
    for facet, count in found.unrated.items():
        assert count == len(small.slugs(f"unrated:{facet}")) > 0


#: File, front matter, whether it was stale on the day before and on the day itself.
LYING = [
    ("draft", {"status": "Draft", "date": "2020-01-01", "lastmod": "2025-11-22"}, False, True),
    ("old", {"status": "Notes", "date": "2020-01-01"}, True, True),
    (
        "busy",
        {"status": "In progress", "date": "2020-01-01", "lastmod": "2026-01-01"},
        False,
        False,
    ),
    ("done", {"status": "Finished", "date": "2020-01-01"}, False, False),
    ("given-up", {"status": "Abandoned", "date": "2020-01-01"}, False, False),
    ("undated", {"status": "Notes"}, False, False),
    ("unrated", {"date": "2020-01-01"}, False, False),
]


def test_what_was_left_lying(make: Callable[..., Archive]) -> None:
    archive = make()
    for name, meta, _, _ in LYING:
        archive.write(f"{name}.md", "x", **meta)
    archive.build()
    before = archive.engine.author_report(date(2026, 11, 22)).stale
    after = archive.engine.author_report(date(2026, 11, 23)).stale
    assert slugs(before) == {name for name, _, was, _ in LYING if was}
    assert slugs(after) == {name for name, _, _, is_ in LYING if is_}
    assert [each.note for each in after.essays] == ["Notes · 2020-01-01", "Draft · 2025-11-22"]


#: Values -> those that are probably one.
NEAR = [
    (["Birds", "birds"], [{"Birds", "birds"}]),
    (["Bird", "Birds", "Words"], [{"Bird", "Birds"}]),
    (["Library", "Libary", "Libraries"], [{"Library", "Libary", "Libraries"}]),
    (["deep learning", "deep-learning"], [{"deep learning", "deep-learning"}]),
    (["Statsitics", "Statistics"], [{"Statsitics", "Statistics"}]),
    (["cat", "car", "Art", "Arts"], [{"Art", "Arts"}]),
    (["year 1984", "year 1985"], []),
    (["Physics", "Ethics", "glass", "glas"], []),
    (["Maps", "Graphs"], []),
]


@pytest.mark.parametrize(("values", "groups"), NEAR)
def test_spellings_of_one_value(values: list[str], groups: list[set[str]]) -> None:
    found = similar_names.near(dict.fromkeys(values, 1))
    assert [{each.value for each in group} for group in found] == groups


def test_spellings_are_counted_as_they_are_spelled(make: Callable[..., Archive]) -> None:
    archive = make()
    for n, tag in enumerate(["Birds", "Birds", "birds", "Bird", "Time"]):
        archive.write(f"{n}.md", "x", tags=[tag], categories=["Nature" if n else "nature"])
    archive.build()
    found = archive.engine.author_report(TODAY).spellings
    assert [(each.facet, [(v.value, v.count) for v in each.values]) for each in found] == [
        ("tag", [("Birds", 2), ("Bird", 1), ("birds", 1)]),
        ("category", [("Nature", 4), ("nature", 1)]),
    ]


def test_nothing_of_a_draft_or_of_what_is_gone(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "[[Gone]] and [[Nobody]]", title="One", tags=["Alpha"])
    archive.write("gone.md", "[[One]] [x](nowhere.md)", title="Gone", tags=["Only here"])
    archive.write("draft.md", "[[One]]", title="Draft", tags=["Alphas"], draft=True)
    archive.build()
    assert slugs(archive.engine.author_report(TODAY).orphans) == set()
    (archive.content / "gone.md").unlink()
    archive.build()
    found = archive.engine.author_report(TODAY)
    assert slugs(found.orphans) == slugs(found.without_links) == {"one"}
    assert [each.target for each in found.broken] == ["gone", "nobody"]
    assert [each.note for each in found.used_once.essays] == ["Alpha"]
    assert found.spellings == ()


def test_pins_that_name_no_essay(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "Owls.", title="One")
    archive.write("draft.md", "Owls.", title="Draft", draft=True)
    archive.build()
    engine = archive.engine
    assert engine.author_report(TODAY).stray_pins == ()
    engine.curate(Curation(pins={"owls": ("one", "two"), "start here": ("draft",)}))
    stray_pins = engine.author_report(TODAY).stray_pins
    assert [(each.query, each.slug) for each in stray_pins] == [
        ("owls", "two"),
        ("start here", "draft"),
    ]
    archive.write("two.md", "Owls.", title="Two")
    archive.build()
    assert [each.slug for each in engine.author_report(TODAY).stray_pins] == ["draft"]


def test_an_empty_archive(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    found = archive.engine.author_report(TODAY)
    assert found.essays == found.orphans.total == found.used_once.total == 0
    assert [len(each) for each in (found.copies, found.broken, found.drift)] == [0, 0, 0]
