"""Every other question of the port, whichever engine is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from app.search.engine import Engine
from app.search.opensearch import overview as cluster_overview
from app.search.opensearch import snapshot as cluster_snapshot
from app.search.query.curation import Curation
from app.search.query.tree import And, Not, Or, Value
from app.search.query.tree import Range as Between
from app.search.request import Narrowing, Range, SearchRequest
from tests.conftest import Archive

TODAY = date(2026, 11, 22)

REQUESTS = [
    SearchRequest(), SearchRequest(q="owl OR model"), SearchRequest(q="serial", sort="importance"),
    SearchRequest(filters={"category": ("Nature",)}), SearchRequest(q="zzqqxx"),
    SearchRequest(ranges={"importance": Range(3, 8)}, sort="title"),
    SearchRequest(where=And((Not(Value("tag", "serial")), Between("certainty", 50.0)))),
    SearchRequest(q="model", where=Or((Value("tag", "xai"), Between("date", "2025-01-01")))),
]  # fmt: skip


@pytest.mark.parametrize("asked", REQUESTS, ids=str)
@pytest.mark.parametrize("question", ["map_points", "timeline", "percentages", "alternatives"])
def test_what_is_said_of_a_search(
    engine: Engine, shelf: Archive, question: str, asked: SearchRequest
) -> None:
    assert getattr(engine, question)(asked) == getattr(shelf.engine, question)(asked)


@pytest.mark.parametrize("asked", REQUESTS, ids=str)
@pytest.mark.parametrize("facet", ["tag", "category", "status", "year", "mood"])
def test_values_that_occur_together(
    engine: Engine, shelf: Archive, facet: str, asked: SearchRequest
) -> None:
    assert engine.co_occurring(asked, facet) == shelf.engine.co_occurring(asked, facet)


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_the_commonest_values_of_each_facet(engine: Engine, shelf: Archive, most: int) -> None:
    asked = SearchRequest(q="owl OR model OR serial", filters={"tag": ("gardens", "nobody")})
    whole = engine.search(asked).counts
    found = engine.search(replace(asked, max_values=most)).counts
    assert found.facets == shelf.engine.facet_counts(replace(asked, max_values=most)).facets
    assert found.ranges == whole.ranges
    for facet, values in whole.facets.items():
        listed = found.facets[facet]
        assert len(listed) + found.more.get(facet, 0) == len(values)
        assert [each for each in values if each in listed] == list(listed)
    assert [each for each in whole.facets["tag"] if each.selected] == [
        each for each in found.facets["tag"] if each.selected
    ]
    assert bool(found.more) == (most < 1000)


def test_a_condition_narrows_every_count(engine: Engine) -> None:
    found = engine.search(SearchRequest(where=Value("tag", "birds")))
    assert found.total == 2
    assert {v.value for v in found.counts.facets["category"]} == {"Nature"}


def test_essays_come_back_whole(engine: Engine, shelf: Archive) -> None:
    for hit in shelf.search().hits:
        essay = engine.essay(hit.essay.slug)
        assert essay == shelf.engine.essay(hit.essay.slug)
        assert essay is not None
        assert essay.html
    assert engine.essay("nowhere") is None


def test_all_essays_are_listed_once(engine: Engine, shelf: Archive) -> None:
    listed = [each for start in range(0, 40, 7) for each in engine.listed(start, 7)]
    assert sorted(listed, key=lambda it: it.slug) == sorted(
        shelf.engine.listed(0, 100), key=lambda it: it.slug
    )
    assert engine.listed(100, 7) == ()
    assert engine.listed(0, 50_000) == engine.listed(0, 100)


def test_a_long_list_is_read_page_by_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a cluster listed no more than four essays at a time."""
    whole = engine.listed(0, 100)
    for module in (cluster_overview, cluster_snapshot):
        monkeypatch.setattr(module, "MAX_WINDOW", 4)
    for start in (0, 3, 8, 30):
        assert engine.listed(start, 10) == whole[start : start + 10]


def test_neighbours(engine: Engine, shelf: Archive) -> None:
    for asked in REQUESTS:
        for slug in ("birds/owls", "series/part-3", "shap", "nowhere"):
            expected = shelf.engine.neighbours(asked, slug)
            assert engine.neighbours(asked, slug) == expected


def test_links_lead_to_the_same_essays(engine: Engine, shelf: Archive) -> None:
    targets = (
        "birds/owls.md", "birds/owls", "shap.md", "missing.md", "wiki//A long walk",
        "wiki//owls AT night", "wiki//nobody", "copies/first",
    )  # fmt: skip
    assert engine.resolve_links(targets) == shelf.engine.resolve_links(targets)
    assert engine.resolve_links(()) == {}
    for hit in shelf.search().hits:
        slug = hit.essay.slug
        assert engine.backlinks(slug, 5) == shelf.engine.backlinks(slug, 5)
    assert [each.slug for each in engine.backlinks("copies/first", 5)] == ["copies/second"]
    assert engine.backlinks("nowhere", 5) == ()


def test_related_essays_have_the_same_reasons(engine: Engine, shelf: Archive) -> None:
    for hit in shelf.search().hits:
        slug = hit.essay.slug
        assert engine.related(slug, 6) == shelf.engine.related(slug, 6)
    assert engine.related("nowhere", 6) == ()


def test_copies_are_found(engine: Engine, shelf: Archive) -> None:
    for hit in shelf.search().hits:
        slug = hit.essay.slug
        assert engine.duplicates(slug) == shelf.engine.duplicates(slug)
    (copy,) = engine.duplicates("copies/first")
    assert copy.essay.slug == "copies/second"
    assert engine.duplicates("nowhere") == ()


def test_the_author_is_told_the_same(engine: Engine, shelf: Archive) -> None:
    assert engine.author_report(TODAY) == shelf.engine.author_report(TODAY)


@pytest.mark.parametrize(
    "text",
    ["ow", "mach", "machine lea", "interpret", "blakc bo", "the ", "東", "learnng", "natu", "h",
     "modl", "sparow ce", "haus", "", " ", "x" * 200, "owl (", "Counting sp"],
)  # fmt: skip
def test_suggestions(engine: Engine, shelf: Archive, text: str) -> None:
    assert engine.suggest(text, 8) == shelf.engine.suggest(text, 8)


@pytest.mark.parametrize(
    "q",
    ["model", "modle", "interpretab*", '"black box"', "owl~", "東京", "Häuser", "", "a b c d e f"],
)
def test_words_are_marked_in_texts(engine: Engine, shelf: Archive, q: str) -> None:
    texts = ["The black box model of owls", "interpretable, 東京都 Haus", "", "A model. A model!"]
    assert engine.highlights(q, texts) == shelf.engine.highlights(q, texts)


def test_totals_of_parts(engine: Engine, shelf: Archive) -> None:
    def parts(q: str) -> list[Narrowing]:
        return [
            Narrowing(SearchRequest(filters={"tag": (tag,)}),
                      SearchRequest(q=q, filters={"tag": (tag,)}))
            for tag in ("Birds", "xai", "Serial", "nowhere")
        ] + [
            Narrowing(SearchRequest(q="model"), SearchRequest(q=f"{q} model".strip())),
        ]  # fmt: skip

    for q in ("", "owl", "serial", "how does a model explain what nobody can read", "start here"):
        asked = SearchRequest(q=q)
        assert engine.totals(asked, parts(q)) == shelf.engine.totals(asked, parts(q))


def test_other_synonyms_and_pins_answer_at_once(engine: Engine, shelf: Archive) -> None:
    other = Curation(synonyms=(("owl", "serial"),), pins={"night": ("shap",)})
    try:
        engine.curate(other)
        found = engine.search(SearchRequest(q="owl"))
        assert {hit.essay.slug for hit in found.hits} > {"birds/owls", "series/part-1"}
        assert engine.search(SearchRequest(q="night")).hits[0].pinned
    finally:
        engine.curate(shelf.curation)
    assert engine.search(SearchRequest(q="owl")).total == 2


def test_the_generation_is_a_number(engine: Engine) -> None:
    assert engine.generation() == engine.search(SearchRequest()).generation >= 1


QUESTIONS: list[tuple[str, tuple[Any, ...]]] = [
    ("search", (SearchRequest(),)), ("facet_counts", (SearchRequest(q="a"),)), ("generation", ()),
    ("essay", ("a",)), ("suggest", ("a", 5)), ("related", ("a", 5)), ("author_report", (TODAY,)),
]  # fmt: skip
