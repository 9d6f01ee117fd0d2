"""What is offered where nothing was found, and where a hit stands among its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.search.request import Range, SearchRequest

if TYPE_CHECKING:
    from tests.conftest import Archive

NOTHING: list[dict[str, Any]] = [
    {"q": "xyzzy"},
    {"q": "sparow", "filters": {"category": ("Film",)}},
    {"q": "sparow cencus", "ranges": {"importance": Range(9, None)}},
    {"q": '"closed lid"', "filters": {"category": ("Film",)}},
    {"q": "“closed lid”", "filters": {"category": ("Film",)}},
    {"q": "sparrow AND motorcycle", "filters": {"category": ("Computing",)}},
    {"q": '"black box" motorcycle', "filters": {"category": ("Nature",)}},
    {"q": "sparrow AND motorcycle -sparrow -motorcycle"},
    {"q": "owl", "filters": {"category": ("Computing",)}},
    {"q": "owl", "filters": {"category": ("Computing", "Film"), "tag": ("Birds",)}},
    {"q": "", "filters": {"tag": ("Birds",), "category": ("Computing",)}},
    {"q": "", "filters": {"tag": ("Nobody",)}},
    {"q": "owl", "ranges": {"certainty": Range(90, None)}},
    {"q": "owl", "ranges": {"certainty": Range(90, None), "importance": Range(None, 1)}},
    {"q": "owel", "filters": {"category": ("Nature",)}, "ranges": {"importance": Range(9, None)}},
    {"q": "zanzibar"},
    {"q": "tag:Secret"},
    {"q": "colour:red ( ) AND"},
    {"q": "x " * 3000},
]


@pytest.mark.parametrize("asked", NOTHING, ids=lambda asked: str(asked)[:60])
def test_every_count_is_what_its_search_finds(small: Archive, asked: dict[str, Any]) -> None:
    request = SearchRequest(**asked)
    assert small.engine.search(request).total == 0
    on = small.engine.alternatives(request)
    for way in on.ways:
        assert small.engine.search(way.request).total == way.count, way
        assert way.request != request
    near = small.engine.search(on.near)
    assert [hit.essay.slug for hit in near.hits[:5]] == [essay.slug for essay in on.nearby]
    assert "secret" not in [essay.slug for essay in on.nearby]
    assert len(on.ways) < 20


def ways(archive: Archive, kind: str, **asked: Any) -> list[tuple[str, int]]:
    on = archive.engine.alternatives(SearchRequest(**asked))
    return [(way.shown, way.count) for way in on.ways if way.kind == kind]


@pytest.mark.parametrize(
    ("q", "meant"),
    [
        ("sparow", "sparrow"),
        ("Sparow cencus", "Sparrow census"),
        ("motorcyle anime", "motorcycle anime"),
        ('"blakc box"', '"black box"'),
        ("gardner naive", "gardener naive"),
    ],
)
def test_a_misspelt_word_is_spelled(small: Archive, q: str, meant: str) -> None:
    assert meant in [shown for shown, count in ways(small, "spelling", q=q) if count]


@pytest.mark.parametrize(
    "q", ["tag:sparow", "-sparow", "NOT sparow", "sparow~ xyzzyq", "zanzibr", "xq", ""]
)
def test_what_is_not_spelled(small: Archive, q: str) -> None:  # fmt: skip
    assert ways(small, "spelling", q=q) == []


def test_a_draft_spells_nothing(small: Archive) -> None:
    assert ways(small, "spelling", q="zanzibax") == []


def test_either_keeps_the_fields(small: Archive) -> None:
    asked = "sparrow AND motorcycle tag:Birds -owl"
    assert ways(small, "either", q=asked) == [("(sparrow OR motorcycle) tag:Birds -owl", 1)]
    assert ways(small, "either", q='"black box" motorcycle')[0][0] == '"black box" OR motorcycle'
    for q in ("owl", "a OR b", "(a b)", "tag:x owl"):
        assert ways(small, "either", q=q) == []


def test_quotation_marks_of_a_field_stay(small: Archive) -> None:
    asked = 'tag:"deep learning" "shapley prize"'
    assert ways(small, "phrase", q=asked) == [('tag:"deep learning" shapley prize', 1)]


@pytest.mark.parametrize(
    "asked",
    [{"q": "model"}, {"q": "serial"}, {"sort": "title", "filters": {"tag": ("Birds",)}},
     {"q": "model OR owl OR sparrow", "sort": "importance"}, {"filters": {"year": ("2024",)}},
     {"q": "is:featured OR birds", "ranges": {"certainty": Range(10, 90)}}],
    ids=str,
)  # fmt: skip
def test_neighbours_are_those_of_the_results(small: Archive, asked: dict[str, Any]) -> None:
    slugs = small.slugs(**asked)
    assert len(slugs) > 1
    for place, slug in enumerate(slugs):
        found = small.engine.neighbours(SearchRequest(**asked), slug)
        assert found is not None
        assert (found.position, found.total) == (place + 1, len(slugs))
        assert (found.before.slug if found.before else None) == (
            slugs[place - 1] if place else None
        )
        after = slugs[place + 1] if place + 1 < len(slugs) else None
        assert (found.after.slug if found.after else None) == after


def test_what_is_not_among_the_results_has_no_neighbours(small: Archive) -> None:
    assert small.engine.neighbours(SearchRequest(q="owl"), "caches") is None
    assert small.engine.neighbours(SearchRequest(q="owl"), "nobody") is None
    assert small.engine.neighbours(SearchRequest(), "secret") is None
