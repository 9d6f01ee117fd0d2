"""What models may be shown of the small archive, compared with what its files say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from app.mcp.archive import Archive as Shown
from app.mcp.archive import Refused
from app.mcp.text import facets_text, read_text, search_text
from app.search.request import SearchRequest
from indexer.essay import Essay, value_key
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

ML = "machine-learning-interpretability"


def shown(archive: Archive, least: float | None = None, **changes: Any) -> Shown:
    return Shown(archive.settings(**changes), archive.engine, least)


def essays(archive: Archive) -> list[Essay]:
    found = archive.engine.search(SearchRequest(per_page=100)).hits
    return [hit.essay for hit in found]


def test_a_search_says_what_an_essay_is_weighed_by(small: Archive) -> None:
    found = shown(small, site_url="https://essays.example.org").search({"q": "black box"})
    (essay,) = [each for each in found.essays if each.slug == ML]
    assert essay.certainty is not None
    assert essay.certainty.model_dump() == {"value": "Likely", "percentage": 75}
    assert essay.status is not None
    assert essay.status.model_dump() == {"value": "Notes", "percentage": 35}
    assert essay.importance is not None
    assert essay.importance.percentage == 70
    assert (essay.published, essay.updated) == ("2024-01-30T05:00:00Z", "2024-03-23T05:00:00Z")
    assert essay.url == f"https://essays.example.org/essay/{ML}"
    closed = next(each for each in essay.snippets if each.anchor)
    assert closed.url == f"{essay.url}#{closed.anchor}"
    text = search_text(found)
    assert "status Notes (35%) · certainty Likely (75%) · importance 7 of 10" in text
    assert f"{essay.url}" in text
    assert f"#{closed.anchor}]" in text


FILTERS: list[tuple[dict[str, object], str, dict[str, Any]]] = [
    ({"tag": ["xai", "birds"]}, "", {"filters": {"tag": ("xai", "birds")}}),
    ({"category": ["Nature"], "status": ["Draft"]}, "",
     {"filters": {"category": ("Nature",), "status": ("Draft",)}}),
    ({"certainty": ["Likely"], "sort": "title"}, "",
     {"filters": {"certainty": ("Likely",)}, "sort": "title"}),
    ({"importance": ["8", "2"]}, "", {"filters": {"importance": ("8", "2")}}),
    ({"year": [2024]}, "", {"filters": {"year": ("2024",)}}),
    ({"mood": ["calm"]}, "", {"filters": {"mood": ("calm",)}}),
    ({"q": "certainty:<50"}, "certainty:<50", {}),
    ({"q": "model", "prefer": "recent"}, "model", {"prefer": "recent"}),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "q", "request_"), FILTERS)
def test_every_filter_is_that_of_the_site(
    small: Archive, asked: dict[str, object], q: str, request_: dict[str, Any]
) -> None:
    archive = shown(small, rules=small.rules)
    found = [each.slug for each in archive.search(asked | {"per_page": 50}).essays]
    assert found == small.slugs(q, **request_)
    assert found


def test_ranges_and_pages(small: Archive) -> None:
    archive = shown(small)
    found = archive.search({"importance_min": 5, "certainty_max": 80, "sort": "title"})
    kept = [
        each
        for each in essays(small)
        if (each.facet("importance")[0] in ("5", "6", "7", "8", "9", "10", "6.5", "6/10"))
        and each.certainty is not None
        and each.certainty.percentage is not None
        and each.certainty.percentage <= 80
    ]
    assert found.total == len(kept) > 3
    first = archive.search({"per_page": 2, "sort": "title"})
    assert (len(first.essays), first.pages) == (2, (first.total + 1) // 2)
    assert "More: page 2 of" in search_text(first)
    past = archive.search({"page": 999})
    assert past.essays == []
    assert "the last page is" in search_text(past)


@pytest.mark.parametrize("least", [0.0, 40.0, 62.5, 75.0, 100.0])
def test_the_minimum_certainty_holds_for_every_answer(small: Archive, least: float) -> None:
    """Searches, facets, histograms, related essays and reading, each against the files."""
    archive = shown(small, least)
    every = essays(small)
    allowed = {
        each.slug: each
        for each in every
        if each.certainty
        and each.certainty.percentage is not None
        and each.certainty.percentage >= least
    }
    assert {each.slug for each in archive.search({"per_page": 50}).essays} == set(allowed)
    # Nobody gets below it by asking.
    assert archive.search({"certainty_min": 0, "per_page": 50}).total == len(allowed)
    assert archive.search({"q": f"certainty:<{least}"}).total == 0
    for each in every:
        if each.slug in allowed:
            assert archive.read(each.slug, "", 0, 50_000).slug == each.slug
        else:
            with pytest.raises(Refused, match=rf"at least {least:g}%"):
                archive.read(each.slug, "", 0, 50_000)
    facets = archive.facets({}, "", 200)
    assert facets.total == len(allowed)
    for facet in ("certainty", "status", "year"):
        (listed,) = [each for each in facets.facets if each.facet == facet]
        counted = Counter(
            value_key(value) for each in allowed.values() for value in each.facet(facet)
        )
        assert {value_key(each.value): each.essays for each in listed.values} == counted
    bars = facets.histograms["certainty"]
    assert sum(each.essays for each in bars) == len(allowed)
    for slug in allowed:
        assert {each.slug for each in archive.related(slug, 20).essays} <= set(allowed)
    with pytest.raises(Refused) as refused:
        archive.read("black box ghost paint", "", 0, 1000)
    assert not any(f"{each.slug} (" in str(refused.value)
                   for each in every if each.slug not in allowed)  # fmt: skip


def test_without_a_minimum_unrated_essays_are_there(small: Archive) -> None:
    found = shown(small).search({"q": "unrated:certainty", "per_page": 50})
    assert {"boredom", "quotes"} <= {each.slug for each in found.essays}
    assert found.min_certainty is None
    assert "certainty not given" in search_text(found)


def test_a_text_is_read_in_parts(small: Archive) -> None:
    archive = shown(small)
    whole = archive.read(ML, "", 0, 50_000)
    assert whole.next_offset is None
    assert whole.text.startswith("A model that nobody can read")
    assert "## Why it matters\n\nA doctor may" in whole.text
    assert whole.bibliography[0].startswith("Ribeiro")
    assert "Bibliography:\n- Ribeiro" in read_text(whole)
    parts = []
    at: int | None = 0
    while at is not None:
        part = archive.read(ML, "", at, 97)
        assert len(part.text) <= 97
        parts.append(part.text)
        at = part.next_offset
    assert "".join(parts) == whole.text
    assert f"read on with offset {97}" in read_text(archive.read(ML, "", 0, 97))
    for section in whole.sections:
        assert whole.text[section.offset :].startswith(f"{'#' * section.level} {section.title}")
    with pytest.raises(Refused, match="past the end"):
        archive.read(ML, "", 999_999, 100)


def test_a_section_is_read_with_those_below_it(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "Before.\n\n## One\n\n1.\n\n### Below\n\n1.1.\n\n## Two\n\n2.", title="A")
    archive.build()
    asked = shown(archive)
    one = asked.read("a", "one", 0, 1000)
    assert one.text.strip() == "## One\n\n1.\n\n### Below\n\n1.1."
    assert one.url == "/essay/a#one"
    assert asked.read("a", "Below", 0, 1000).section == "below"
    assert asked.read("https://essays.example.org/essay/a#two", "", 0, 1000).text == "## Two\n\n2."
    with pytest.raises(Refused, match="Its sections are one, below, two"):
        asked.read("a", "three", 0, 1000)


def test_an_essay_is_found_by_other_names(small: Archive) -> None:
    archive = shown(small)
    for name in ("birds/owls", "birds/owls.md", "/essay/birds/owls", "wiki//Owls at night"):
        assert archive.read(name, "", 0, 1000).slug == "birds/owls"
    with pytest.raises(Refused, match=r"There is no essay “birds/owl-facts”.*birds/owls \(Owls"):
        archive.read("birds/owl-facts", "", 0, 1000)


def test_drafts_are_never_shown(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules(meaning=False, drafts=True))
    archive.write("open.md", "Of kelp.", title="Open", tags=["Sea"])
    archive.write("closed.md", "Of kelp too.", title="Closed", draft=True, tags=["Secret"])
    archive.build()
    assert archive.engine.essay("closed") is not None
    asked = shown(archive, rules=Rules(meaning=False))
    for ask in (
        lambda: asked.search({"q": "kelp"}),
        lambda: asked.facets({}, "", 10),
        lambda: asked.read("closed", "", 0, 1000),
        lambda: asked.related("open", 10),
    ):
        with pytest.raises(Refused, match="The index has drafts"):
            ask()
    archive.rules = Rules(meaning=False)
    archive.build(full=True)
    archive.engine.rules = archive.rules
    assert [each.slug for each in asked.search({"q": "kelp"}).essays] == ["open"]
    with pytest.raises(Refused, match="There is no essay “closed”"):
        asked.read("closed", "", 0, 1000)
    assert "Secret" not in facets_text(asked.facets({}, "", 10))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"sort": "best"}, "sort must be one of"),
        ({"colour": ["red"]}, "There is no filter colour"),
        ({"certainty_min": "high"}, "certainty_min must be a number"),
        ({"tag": [str(n) for n in range(60)]}, "at most 50 filter values"),
    ],
)
def test_what_cannot_be_asked_is_said(small: Archive, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        shown(small).search(asked)


def test_values_of_one_facet(small: Archive) -> None:
    archive = shown(small, rules=small.rules)
    found = archive.facets({"category": ["Nature"]}, "mood", 1)
    assert [(each.facet, each.total) for each in found.facets] == [("mood", 2)]
    assert found.facets[0].values[0].model_dump() == {"value": "calm", "essays": 1}
    assert "and 1 more" in facets_text(found)
    with pytest.raises(Refused, match="Choose from tag, category"):
        archive.facets({}, "colour", 10)


def test_a_misspelt_query_is_corrected_and_said(small: Archive) -> None:
    found = shown(small).search({"q": "motorcycel"})
    assert found.searched_instead == "motorcycle"
    assert found.total == 2
    assert "searched for: motorcycle" in search_text(found)
