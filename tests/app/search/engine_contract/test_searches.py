"""What searches find, whichever engine is asked: essays in their order, totals, notes, corrections.

The rows say what the archive of :mod:`tests.app.search.engine_contract.archives` has to answer; an
engine in this process and one that asks a cluster answer the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from app.search.embedded.engine import EmbeddedEngine
from app.search.engine import Engine
from app.search.facets import ORDERED
from app.search.opensearch import search as cluster_search
from app.search.opensearch import snapshot as cluster_snapshot
from app.search.opensearch.engine import OpenSearchEngine
from app.search.query.limits import Limits
from app.search.ranking import questions
from app.search.request import SCALES, Range, SearchRequest
from app.search.results import SearchResults
from indexer.essay import UNRATED, Essay, value_key
from tests.conftest import Archive


class Row(NamedTuple):
    """A request, and what is found: how many essays, the first of them, the notes, and the
    correction with whether it was applied."""

    request: SearchRequest
    total: int
    slugs: list[str]
    notes: list[str]
    corrected: tuple[str, bool] | None


def asked(**request: Any) -> SearchRequest:
    return SearchRequest(**{"per_page": 5, **request})


ROWS = [
    Row(
        asked(),
        31,
        ["hello", "quotes", "caches", "shap", "machine-learning-interpretability"],
        [],
        None,
    ),
    Row(asked(q="owl"), 2, ["garden", "birds/owls"], [], None),
    Row(asked(q="sparrows"), 2, ["birds/sparrows", "birds/owls"], [], None),
    Row(asked(q='"Sparrow"'), 1, ["birds/sparrows"], [], None),
    Row(asked(q='"owl" "sparrows"'), 1, ["birds/owls"], [], None),
    Row(
        asked(q='owl "sparrow"'),
        1,
        ["birds/owls"],
        ["Nothing has exactly this word; it was searched in any form."],
        None,
    ),
    Row(
        asked(q='model "sparow"'),
        2,
        ["hello", "machine-learning-interpretability"],
        [
            "Nothing has exactly this word; it was searched in any form.",
            "No essay has “sparow”.",
        ],
        None,
    ),
    Row(asked(q="black box"), 2, ["box", "machine-learning-interpretability"], [], None),
    Row(asked(q='"black box"'), 1, ["machine-learning-interpretability"], [], None),
    Row(
        asked(q='"box black"'),
        1,
        ["machine-learning-interpretability"],
        ["No essay has this phrase; its words were searched near one another."],
        None,
    ),
    Row(asked(q='"sparrow census"'), 1, ["birds/sparrows"], [], None),
    Row(asked(q='"sparrow patience"~4'), 1, ["birds/sparrows"], [], None),
    Row(asked(q="interpret*"), 2, ["machine-learning-interpretability", "newton"], [], None),
    Row(asked(q="*pretation"), 1, ["newton"], [], None),
    Row(asked(q="m?del"), 2, ["hello", "machine-learning-interpretability"], [], None),
    Row(asked(q="interpretabilty~2"), 1, ["machine-learning-interpretability"], [], None),
    Row(asked(q="shaply~"), 1, ["shap"], [], None),
    Row(asked(q="title:owls"), 1, ["birds/owls"], [], None),
    Row(
        asked(q="heading:method"),
        2,
        ["birds/sparrows", "machine-learning-interpretability"],
        [],
        None,
    ),
    Row(asked(q="author:chen"), 1, ["shap"], [], None),
    Row(asked(q="cites:ribeiro"), 1, ["machine-learning-interpretability"], [], None),
    Row(
        asked(q="body:serial"),
        6,
        ["series/part-1", "series/part-2", "series/part-3", "series/part-4", "series/part-5"],
        [],
        None,
    ),
    Row(
        asked(q="description:prediction*"),
        1,
        ["shap"],
        ["No word matches; what was typed was searched as words."],
        None,
    ),
    Row(asked(q="tag:birds"), 2, ["birds/sparrows", "birds/owls"], [], None),
    Row(asked(q="tag:deep*"), 2, ["shap", "machine-learning-interpretability"], [], None),
    Row(asked(q='tag:"machine learning"'), 1, ["machine-learning-interpretability"], [], None),
    Row(
        asked(q="-tag:serial -category:nature"),
        22,
        ["hello", "quotes", "caches", "shap", "machine-learning-interpretability"],
        [],
        None,
    ),
    Row(asked(q="birds -owl"), 1, ["birds/sparrows"], [], None),
    Row(asked(q="owl OR sparrow"), 2, ["birds/owls", "birds/sparrows"], [], None),
    Row(asked(q="(owl OR garden) night"), 1, ["birds/owls"], [], None),
    Row(
        asked(q="certainty:>=70"),
        7,
        ["hello", "caches", "shap", "machine-learning-interpretability", "traduire"],
        [],
        None,
    ),
    Row(
        asked(q="certainty:likely"),
        3,
        ["machine-learning-interpretability", "traduire", "newton"],
        [],
        None,
    ),
    Row(asked(q="importance:7"), 2, ["machine-learning-interpretability", "newton"], [], None),
    Row(
        asked(q="importance:2..4"),
        8,
        ["birds/sparrows", "birds/owls", "strasse", "fr/maison", "box"],
        [],
        None,
    ),
    Row(asked(q="importance:>7"), 2, ["caches", "shap"], [], None),
    Row(asked(q="status:notes"), 2, ["machine-learning-interpretability", "anime/ghost"], [], None),
    Row(
        asked(q="unrated:importance"),
        11,
        ["quotes", "traduire", "de/haus", "log", "ja/tokyo"],
        [],
        None,
    ),
    Row(
        asked(q="date:2024"),
        5,
        ["quotes", "caches", "shap", "machine-learning-interpretability", "anime/akira"],
        [],
        None,
    ),
    Row(
        asked(q="date:2020..2022"),
        5,
        ["birds/owls", "garden", "strasse", "traduire", "de/haus"],
        [],
        None,
    ),
    Row(
        asked(q="date:<2015"),
        7,
        ["series/part-1", "series/part-2", "series/part-3", "series/part-4", "series/part-5"],
        [],
        None,
    ),
    Row(
        asked(q="updated:>=2024-03"),
        3,
        ["hello", "shap", "machine-learning-interpretability"],
        [],
        None,
    ),
    Row(
        asked(q="year:2014"),
        6,
        ["series/part-1", "series/part-2", "series/part-3", "series/part-4", "series/part-5"],
        [],
        None,
    ),
    Row(asked(q="is:featured"), 1, ["hello"], [], None),
    Row(asked(q="has:bibliography"), 2, ["machine-learning-interpretability", "newton"], [], None),
    Row(asked(q="has:code"), 1, ["caches"], [], None),
    Row(asked(q="mood:calm"), 2, ["shap", "birds/sparrows"], [], None),
    Row(asked(q="slug:birds*"), 2, ["birds/sparrows", "birds/owls"], [], None),
    Row(asked(q="path:shap.md"), 1, ["shap"], [], None),
    Row(asked(q="Haus"), 1, ["de/haus"], [], None),
    Row(asked(q="Tür"), 0, [], [], None),
    Row(asked(q="maison été"), 1, ["fr/maison"], [], None),
    Row(asked(q="aimée"), 1, ["fr/maison"], [], None),
    Row(asked(q="東京"), 1, ["ja/tokyo"], [], None),
    Row(asked(q="数学"), 1, ["ja/tokyo"], [], None),
    Row(asked(q="музеи"), 1, ["ru/muzej"], [], None),
    Row(asked(q="naive cafe"), 1, ["garden"], [], None),
    Row(asked(q="naïve"), 1, ["garden"], [], None),
    Row(asked(q="ML"), 1, ["machine-learning-interpretability"], [], None),
    Row(asked(q="bird table"), 1, ["birds/sparrows"], [], None),
    Row(asked(q="start here"), 3, ["links", "birds/owls", "hello"], [], None),
    Row(asked(q="sparow cencus"), 1, ["birds/sparrows"], [], ("sparrow census", True)),
    Row(asked(q="zzqqxx"), 0, [], [], None),
    Row(
        asked(q="zzqqxx model"),
        2,
        ["hello", "machine-learning-interpretability"],
        ["No essay has “zzqqxx”."],
        None,
    ),
    Row(
        asked(q='"model sparrow"'),
        4,
        ["birds/sparrows", "hello", "machine-learning-interpretability", "birds/owls"],
        [
            "No essay has this phrase; its words were searched.",
            "No essay has all these words; these have most of them.",
        ],
        None,
    ),
    Row(
        asked(q="title:sparrow* body:owl"),
        1,
        ["birds/owls"],
        [
            "No word matches; what was typed was searched as words.",
            "No essay has this in that field; the words were searched everywhere.",
        ],
        None,
    ),
    Row(
        asked(q="how does a model explain what nobody can read"),
        5,
        ["machine-learning-interpretability", "hello", "shap", "copies/first", "copies/second"],
        ["No essay has “how” or “does”; these have most of the rest."],
        ("how des a model explain what nobody can read", False),
    ),
    Row(
        asked(q="colour:red owl"),
        1,
        ["birds/owls"],
        ["There is no field “colour”; searched as words.", "No essay has “colour” or “red”."],
        ("colour:read owl", False),
    ),
    Row(
        asked(q='owl "'),
        2,
        ["garden", "birds/owls"],
        ["A quotation mark is not closed; searched as words."],
        None,
    ),
    Row(
        asked(q="certainty:maybe-not owl"),
        1,
        ["birds/owls"],
        [
            "No essay has this in that field; the words were searched everywhere.",
            "No essay has “maybe” or “not”.",
        ],
        None,
    ),
    Row(
        asked(q="is:nothing owl"),
        3,
        ["birds/owls", "boredom", "caches"],
        [
            "“is:” knows draft, featured, complete. Searched as words.",
            "No essay has all these words; these have most of them.",
        ],
        None,
    ),
    Row(
        asked(q="AND"),
        7,
        ["anime/ghost", "birds/owls", "anime/akira", "markup", "copies/first"],
        [],
        None,
    ),
    Row(
        asked(q="((((((((((((((owl))))))))))))))"),
        2,
        ["garden", "birds/owls"],
        ["Too many brackets; they were left out."],
        None,
    ),
    Row(
        asked(q="the serial instalment", sort="importance"),
        6,
        ["series/part-6", "series/part-5", "series/part-4", "series/part-3", "series/part-2"],
        [],
        None,
    ),
    Row(asked(filters={"tag": ("Birds",)}), 2, ["birds/sparrows", "birds/owls"], [], None),
    Row(
        asked(filters={"tag": ("Birds", "Physics")}),
        4,
        ["birds/sparrows", "birds/owls", "impossible", "newton"],
        [],
        None,
    ),
    Row(
        asked(filters={"tag": ("Birds",), "category": ("Nature",)}),
        2,
        ["birds/sparrows", "birds/owls"],
        [],
        None,
    ),
    Row(asked(filters={"tag": ("nowhere",)}), 0, [], [], None),
    Row(asked(filters={"mood": ("merry",)}), 1, ["birds/sparrows"], [], None),
    Row(
        asked(filters={"certainty": ("unrated",)}),
        9,
        ["quotes", "fr/maison", "ja/tokyo", "ru/muzej", "copies/second"],
        [],
        None,
    ),
    Row(
        asked(ranges={"certainty": Range(70, None)}),
        7,
        ["hello", "caches", "shap", "machine-learning-interpretability", "traduire"],
        [],
        None,
    ),
    Row(
        asked(ranges={"importance": Range(2, 4)}),
        8,
        ["birds/sparrows", "birds/owls", "strasse", "fr/maison", "box"],
        [],
        None,
    ),
    Row(
        asked(ranges={"certainty": Range(80, 20)}),
        0,
        [],
        ["The minimum of certainty is greater than its maximum."],
        None,
    ),
    Row(
        asked(q="model", filters={"year": ("2024",)}, ranges={"importance": Range(5, None)}),
        1,
        ["machine-learning-interpretability"],
        [],
        None,
    ),
    Row(
        asked(sort="newest", per_page=5, page=2),
        31,
        ["anime/akira", "anime/ghost", "birds/sparrows", "birds/owls", "garden"],
        [],
        None,
    ),
    Row(
        asked(sort="updated", per_page=4),
        31,
        ["hello", "machine-learning-interpretability", "quotes", "shap"],
        [],
        None,
    ),
    Row(
        asked(sort="importance", per_page=4),
        31,
        ["caches", "shap", "machine-learning-interpretability", "newton"],
        [],
        None,
    ),
    Row(asked(sort="certainty", per_page=4), 31, ["caches", "hello", "shap", "de/haus"], [], None),
    Row(
        asked(sort="title", per_page=6),
        31,
        ["log", "copies/first", "copies/second", "anime/akira", "caches", "birds/sparrows"],
        [],
        None,
    ),
    Row(asked(sort="title", per_page=6, page=99), 31, [], [], None),
    Row(
        asked(q="model", prefer="certainty"),
        2,
        ["hello", "machine-learning-interpretability"],
        [],
        None,
    ),
    Row(
        asked(q="model", prefer="recent"),
        2,
        ["hello", "machine-learning-interpretability"],
        [],
        None,
    ),
    Row(
        asked(q="serial", prefer="importance"),
        6,
        ["series/part-6", "series/part-5", "series/part-4", "series/part-3", "series/part-2"],
        [],
        None,
    ),
]


def named(row: Row) -> str:
    said = [row.request.q, *map(str, row.request.filters.items()), str(row.request.sort or "")]
    return " ".join(filter(None, said)) or "everything"


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_search_finds_the_same_essays(engine: Engine, row: Row) -> None:
    found = engine.search(row.request)
    corrected = found.corrected and (found.corrected.query, found.corrected.applied)
    told = (found.total, [hit.essay.slug for hit in found.hits], [n.message for n in found.notes])
    assert (*told, corrected) == (row.total, row.slugs, row.notes, row.corrected)
    assert found.pages == -(-row.total // row.request.per_page)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_it_says_the_same_in_every_part(engine: Engine, shelf: Archive, row: Row) -> None:
    """Facets, ranges, snippets, cards and all notes, to the letter."""
    one, other = shelf.engine.search(row.request), engine.search(row.request)
    assert comparable(other) == comparable(one)
    assert engine.facet_counts(row.request) == shelf.engine.facet_counts(row.request)


def comparable(found: SearchResults) -> SearchResults:
    """An answer without its scores and how long it took."""
    hits = tuple(replace(hit, score=0.0) for hit in found.hits)
    return replace(found, took_ms=0.0, hits=hits)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_scores_are_nearly_the_same(engine: Engine, shelf: Archive, row: Row) -> None:
    """But for what standing together adds, and for pins, which only have to come first: of words
    that stand together more than once the cluster counts places that overlap otherwise."""
    one, other = shelf.engine.search(row.request), engine.search(row.request)
    for hit, same in zip(one.hits, other.hits, strict=True):
        if not hit.pinned:
            assert same.score == pytest.approx(hit.score, abs=0.3)


#: Filters by which the counts of facets are checked against the essays themselves.
CHOICES: list[dict[str, Any]] = [
    {}, {"filters": {"tag": ("Birds",)}}, {"filters": {"tag": ("Birds", "Gardens")}},
    {"filters": {"category": ("Nature",), "certainty": ("unrated", "possible")}},
    {"ranges": {"importance": Range(3, 8)}},
    {"filters": {"year": ("2014", "2024")}, "ranges": {"certainty": Range(None, 75)}},
    {"filters": {"mood": ("calm",), "tag": ("nobody has this",)}},
]  # fmt: skip


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_counts_are_those_of_the_essays(
    engine: Engine, shelf: Archive, choice: dict[str, Any]
) -> None:
    """Every facet under all filters but its own, counted one essay after another."""
    request = SearchRequest(**choice)
    essays = [hit.essay for hit in shelf.search().hits]
    counts = engine.facet_counts(request)
    assert counts.total == sum(passes(each, request) for each in essays)
    for facet, values in counts.facets.items():
        others = {name: chosen for name, chosen in request.filters.items() if name != facet}
        within = [each for each in essays if passes(each, replace(request, filters=others))]
        having: dict[str, int] = {}
        for essay in within:
            for key in {value_key(value) for value in essay.facet(facet)}:
                having[key] = having.get(key, 0) + 1
        chosen = {value_key(value) for value in request.filters.get(facet, ())}
        assert {value_key(v.value): v.count for v in values} == {
            **dict.fromkeys(chosen, 0),
            **having,
        }
        assert {value_key(v.value) for v in values if v.selected} == chosen
        if facet not in ORDERED:
            shown = [value.count for value in values]
            assert shown == sorted(shown, reverse=True)
    for name, counted in counts.ranges.items():
        ranges = {key: wanted for key, wanted in request.ranges.items() if key != name}
        within = [each for each in essays if passes(each, replace(request, ranges=ranges))]
        rated = [r.percentage for each in within if (r := getattr(each, name)) and r.percentage]
        bars = [sum(min(p // 10, 9) == n for p in rated) for n in range(10)]
        nothing = sum(getattr(each, name) is None for each in within)
        zeros = sum((r := getattr(each, name)) is not None and r.percentage == 0 for each in within)
        bars[0] += zeros
        assert ([bar.count for bar in counted.histogram], counted.unrated) == (bars, nothing)


def passes(essay: Essay, request: SearchRequest) -> bool:
    """Whether the filters of a request let an essay through."""
    for facet, chosen in request.filters.items():
        wanted = {value_key(value) for value in chosen}
        if chosen and not wanted & {value_key(value) for value in essay.facet(facet)}:
            return False
    for name, wanted_range in request.ranges.items():
        rating = getattr(essay, name)
        if rating is None or rating.percentage is None:
            return False
        place, (low, high) = rating.percentage * SCALES[name] / 100, bounds(wanted_range)
        if not low <= place <= high:
            return False
    return True


def bounds(wanted: Range) -> tuple[float, float]:
    return (
        0 if wanted.min is None else wanted.min,
        float("inf") if wanted.max is None else wanted.max,
    )


def test_a_word_that_most_essays_have_answers_no_question_by_itself(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 31 essays 16 have "the" and "of", two have "with"."""
    asked = SearchRequest(q="the of with zzqqxx yyqqxx wwqqxx")
    with_it = engine.search(SearchRequest(q='"with"'))
    everything = engine.search(asked)
    assert (with_it.total, everything.total) == (2, 21)
    monkeypatch.setattr(questions, "ENOUGH_ESSAYS", 10)
    found = engine.search(replace(asked, q=asked.q + " vvqqxx"))
    assert {hit.essay.slug for hit in found.hits} == {hit.essay.slug for hit in with_it.hits}
    assert found.counts.total == 2
    # Where no essay has another word, they are all there is.
    alone = engine.search(SearchRequest(q="the of zzqqxx yyqqxx wwqqxx"))
    assert alone.total == 20


def test_unrated_is_a_value_like_others(engine: Engine) -> None:
    found = engine.search(SearchRequest(filters={"certainty": (UNRATED,)}))
    (value,) = [v for v in found.counts.facets["certainty"] if v.value == UNRATED]
    assert (value.count, value.selected) == (found.total, True)
    assert found.counts.facets["certainty"][-1] == value


def test_a_pinned_essay_comes_first_and_passes_filters(engine: Engine) -> None:
    found = engine.search(SearchRequest(q="start here"))
    assert [hit.pinned for hit in found.hits] == [True, True, False]
    narrowed = engine.search(SearchRequest(q="start here", filters={"tag": ("Birds",)}))
    assert [hit.essay.slug for hit in narrowed.hits] == ["birds/owls"]


def test_scores_are_told_part_by_part(engine: Engine) -> None:
    hit = engine.search(SearchRequest(q="black box", explain=True)).hits[0]
    assert hit.parts is not None
    assert sum(part.score for part in hit.parts) == pytest.approx(hit.score, abs=1e-4)
    words = [part for part in hit.parts if part.kind == "word"]
    assert [part.text for part in words] == ["black", "box"]
    for part in words:
        assert sum(part.fields.values()) == pytest.approx(part.score, abs=1e-4)
    assert engine.search(SearchRequest(q="black box")).hits[0].parts is None


def test_every_page_has_its_own_essays(engine: Engine) -> None:
    whole = [hit.essay.slug for hit in engine.search(SearchRequest(per_page=100)).hits]
    pages = [engine.search(SearchRequest(per_page=4, page=n)) for n in range(1, 10)]
    assert [hit.essay.slug for page in pages for hit in page.hits] == whole


@pytest.mark.parametrize(
    "request_", [{}, {"q": "owl OR serial OR model"}, {"sort": "title"}], ids=str
)
def test_a_page_far_down_is_reached_by_going_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, request_: dict[str, Any]
) -> None:
    """As if a cluster listed no more than three essays at a time: beyond, a page is reached from
    the last essay before it, at one point in time."""
    whole = [hit.essay.slug for hit in engine.search(SearchRequest(per_page=100, **request_)).hits]
    for module in (cluster_search, cluster_snapshot):
        monkeypatch.setattr(module, "MAX_WINDOW", 3)
    for page in range(1, len(whole) // 2 + 3):
        found = engine.search(SearchRequest(per_page=2, page=page, **request_))
        assert [hit.essay.slug for hit in found.hits] == whole[2 * page - 2 : 2 * page]
        assert found.total == len(whole)


#: What no reader types, and programs do.
HOSTILE = [
    "a" * 2000, "*" * 50, "?" * 9, "*a*", "*", "a*", "\\", "\\*", '"', "[x]*", "(a|b)*", "#x*",
    "@*", "<1-5>*", "a.c*", ".*", "\x00", "\x1f", "\x1d", "haus\x1fde", "tag:*", "tag:*a*",
    "slug:*", "date:*", "body:*a*", "cites:*", "is:*", "-*", "NOT a", "a OR -b", "x" * 300 + "*",
    "東*", '"a b c d e f g h i j k l m n o p"', '"' + "a box of black words " * 20 + '"~50',
    " ".join(f"word{n}" for n in range(64)), " OR ".join(f"part{n} serial" for n in range(40)),
    " ".join(f"{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"),
    "The owl hunts by ear. Nobody counts the sparrows twice! " * 30,
]  # fmt: skip


@pytest.mark.parametrize("q", HOSTILE, ids=lambda q: repr(q[:20]))
def test_whatever_is_typed_is_answered(engine: Engine, shelf: Archive, q: str) -> None:
    found, expected = engine.search(asked(q=q)), shelf.engine.search(asked(q=q))
    assert (found.total, found.counts) == (expected.total, expected.counts)


@pytest.mark.parametrize("q", ["s*", "*e", "title:t*", "tag:*a*", "o?l~", "s* owl"])
def test_a_pattern_stands_for_so_many_words(engine: Engine, shelf: Archive, q: str) -> None:
    """The commonest, and a note says how many there are."""
    few = Limits(expansions=2, milliseconds=60_000)
    local = EmbeddedEngine(shelf.index, shelf.rules, few, shelf.curation)
    narrow: Engine = local
    if isinstance(engine, OpenSearchEngine):
        connection = engine._cluster.connection
        narrow = OpenSearchEngine(connection, shelf.rules, few, shelf.curation)
    found, expected = narrow.search(asked(q=q)), local.search(asked(q=q))
    assert comparable(found) == comparable(expected)
    if isinstance(narrow, OpenSearchEngine):
        narrow.close()


def test_a_sample_of_the_map_has_the_shape_of_all(engine: Engine) -> None:
    whole, some = engine.map_points(SearchRequest()), engine.map_points(SearchRequest(), limit=5)
    assert (some.total, some.placed, some.squares) == (whole.total, whole.placed, whole.squares)
    assert len(some.points) == 5
    assert set(some.points) <= set(whole.points)
    assert engine.map_points(SearchRequest(), limit=5) == some
    assert engine.map_points(SearchRequest(), limit=0).points == ()
