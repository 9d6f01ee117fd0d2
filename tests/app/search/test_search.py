"""What do whole answers look like: order, pages, snippets, generations, drafts, damage?"""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.embedded.engine import EmbeddedEngine
from app.search.request import SORTS, SearchRequest, Sort
from app.search.results import Fragment, Hit, Snippet
from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable
from indexer.essay import Essay
from indexer.parsing.rules import Rules
from indexer.schema.document import FORMAT

if TYPE_CHECKING:
    from tests.conftest import Archive

ML = "machine-learning-interpretability"
SERIAL = [f"series/part-{number}" for number in range(1, 7)]


# -- the product's own example ----------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "interpretability", '"black box"', "tag:XAI", "category:anime", "certainty:>=70",
        "importance:7", "status:notes", "cites:ribeiro", "date:2024-01",
        'interpretability "black box" tag:XAI category:anime certainty:>=70 importance:7 '
        "status:notes cites:ribeiro cites:chen date:2024-01",
    ],
)  # fmt: skip
def test_the_reference_essay_is_found(small: Archive, query: str) -> None:
    assert ML in small.slugs(query)


def test_the_reference_essay_is_the_first_answer_to_its_subject(small: Archive) -> None:
    assert small.slugs("interpretability")[0] == ML
    assert small.slugs("machine learning")[0] == ML


# -- order ------------------------------------------------------------------------------------

#: Sort, the slugs that come first, those that come last.
ORDERS: list[tuple[Sort, list[str], list[str]]] = [
    ("newest", ["hello", "quotes", "caches", "shap", ML, "anime/akira", "anime/ghost"],
     [*SERIAL, "links", "boredom"]),
    ("updated", ["hello", ML, "quotes", "shap", "caches", "log", "anime/akira"],
     [*SERIAL, "links", "boredom"]),
    ("importance", ["caches", "shap", ML, "newton", "impossible", "garden", "series/part-6"],
     ["anime/akira", "boredom", "links", "log", "markup", "quotes", "traduire"]),
    ("certainty", ["caches", "hello", "shap", ML, "traduire", "newton", "garden"],
     ["boredom", "box", "links", "log", "markup", "quotes"]),
    ("title", ["log", "anime/akira", "caches", "birds/sparrows", "anime/ghost", "hello", ML],
     [*SERIAL, "traduire", "strasse", "links"]),
]  # fmt: skip


@pytest.mark.parametrize(("sort", "first", "last"), ORDERS, ids=[row[0] for row in ORDERS])
def test_sorts(small: Archive, sort: Sort, first: list[str], last: list[str]) -> None:
    """Ties, and essays without the thing that is sorted by, are in the order of slugs."""
    slugs = small.slugs(sort=sort)
    assert slugs[: len(first)] == first
    assert slugs[-len(last) :] == last


def test_every_sort_has_a_row_or_a_test_of_its_own() -> None:
    assert {row[0] for row in ORDERS} | {"relevance"} == set(SORTS)


def test_equal_scores_are_in_the_order_of_slugs(make: Callable[..., Archive]) -> None:
    archive = make()
    for slug in "hbgafdce":
        archive.write(f"{slug}.md", "Some equal text.", title="Equal")
    archive.build()
    assert archive.slugs("equal") == list("abcdefgh")
    for sort in SORTS:
        assert archive.slugs("equal", sort=sort) == list("abcdefgh"), sort


@pytest.mark.parametrize(
    ("q", "filters", "sort"),
    [
        ("", {}, "newest"),
        ("tag:birds", {}, "newest"),
        ("certainty:>=70 -category:anime", {}, "newest"),
        ("-motorcycle", {}, "newest"),
        ("", {"tag": ("Birds",)}, "newest"),
        ("owl", {}, "relevance"),
        ("tag:birds owl", {}, "relevance"),
        ("int*", {}, "relevance"),
        ('"black box"', {}, "relevance"),
    ],
)
def test_what_has_no_words_to_weigh_comes_newest_first(
    small: Archive, q: str, filters: dict[str, tuple[str, ...]], sort: Sort
) -> None:
    found = small.search(q, filters=filters)
    assert found.sort == sort
    assert small.search(q, filters=filters, sort="relevance").sort == sort
    assert small.search(q, filters=filters, sort="title").sort == "title"


def test_the_instant_orders_not_the_day(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "x", title="A", date="2024-01-01T01:00:00+14:00")
    archive.write("b.md", "x", title="B", date="2023-12-31T23:00:00-10:00")
    archive.write("c.md", "x", title="C", date="2023-12-31T12:00:00Z")
    archive.build()
    assert archive.slugs(sort="newest") == ["b", "c", "a"]


#: What ranks above what, and why. Each row is one archive.
RANKED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("a title says more than a body", "kelp",
     {"title": "Kelp", "body": "Text about forests."},
     {"title": "Forests", "body": "Text about kelp."}),
    ("a heading says more than a body", "kelp",
     {"title": "One", "body": "## Kelp\n\nForests under water."},
     {"title": "Two", "body": "## Forests\n\nThere is kelp in water."}),
    ("a tag says more than a body", "kelp",
     {"title": "One", "tags": ["Kelp"], "body": "Forests under water."},
     {"title": "Two", "tags": ["Water"], "body": "Forests of kelp here."}),
    ("a description says more than a body", "kelp",
     {"title": "One", "description": "On kelp", "body": "Forests under water."},
     {"title": "Two", "description": "On water", "body": "Forests of kelp here."}),
    ("a body says more than a source", "kelp",
     {"title": "One", "bibliography": ["Forests"], "body": "On kelp."},
     {"title": "Two", "bibliography": ["Kelp"], "body": "On forests."}),
    ("often says more than once", "kelp",
     {"title": "One", "body": "Kelp, kelp and kelp in the sea, kelp again and again."},
     {"title": "Two", "body": "Once there was kelp in the sea, and again and again."}),
    ("a short text says more by a word than a long one", "kelp",
     {"title": "One", "body": "Kelp forests."},
     {"title": "Two", "body": "Kelp forests. " + "Many other things were said too. " * 60}),
    ("a rare word says more than a common one", "kelp OR common",
     {"title": "One", "body": "kelp here"},
     {"title": "Two", "body": "common here"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("q", "above", "below"), [r[1:] for r in RANKED], ids=[r[0] for r in RANKED]
)
def test_ranking(
    make: Callable[..., Archive], q: str, above: dict[str, Any], below: dict[str, Any]
) -> None:
    archive = make()
    # The one that should come second has the slug that wins ties.
    archive.write("z.md", above.pop("body"), **above)
    archive.write("a.md", below.pop("body"), **below)
    for number in range(8):
        archive.write(
            f"other{number}.md", "## A heading\n\nCommon filler of common words.", title="Filler",
            tags=["Filler"], description="On filling", bibliography=["Filler (1999)"],
        )  # fmt: skip
    archive.build()
    slugs = archive.slugs(q)
    assert slugs.index("z") < slugs.index("a")


def test_filters_do_not_change_scores(small: Archive) -> None:
    plain = {hit.essay.slug: hit.score for hit in small.search("birds OR gardener").hits}
    narrowed = small.search("(birds OR gardener) category:nature date:2000..")
    assert {hit.essay.slug: hit.score for hit in narrowed.hits} == pytest.approx(
        {s: plain[s] for s in ("birds/owls", "birds/sparrows", "garden")}
    )


# -- pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("q", ["", "model OR serial OR nature"])
@pytest.mark.parametrize("per_page", [1, 4, 25])
def test_pages_part_the_results(small: Archive, sort: Sort, q: str, per_page: int) -> None:
    whole = small.slugs(q, sort=sort)
    first = small.search(q, sort=sort, per_page=per_page)
    assert first.total == len(whole)
    assert first.pages == -(-len(whole) // per_page)
    pages = [small.slugs(q, sort=sort, per_page=per_page, page=n + 1) for n in range(first.pages)]
    assert [slug for page in pages for slug in page] == whole
    assert all(len(page) == per_page for page in pages[:-1])


def test_a_page_past_the_last_is_empty_and_knows_it(small: Archive) -> None:
    found = small.search("serial", page=9, per_page=5)
    assert (found.hits, found.total, found.pages, found.first) == ((), 6, 2, 41)
    assert small.search("serial", page=999_999_999).hits == ()


# -- snippets ---------------------------------------------------------------------------------


def hit(archive: Archive, q: str, slug: str) -> Hit:
    return next(hit for hit in archive.search(q).hits if hit.essay.slug == slug)


def marks(fragments: Iterable[Fragment]) -> list[str]:
    return [fragment.text for fragment in fragments if fragment.match]


def marked(found: Hit) -> list[str]:
    return [text for snippet in found.snippets for text in marks(snippet.fragments)]


def text(snippet: Snippet) -> str:
    return "".join(fragment.text for fragment in snippet.fragments)


MARKED = [
    ("accents", "naive", "garden", ["naïve"]),
    ("accents, several", "creme brulee", "garden", ["crème", "brûlée"]),
    ("typed with accents", "naïve", "garden", ["naïve"]),
    ("French apostrophe", "homme", "traduire", ["homme"]),
    ("French apostrophe, whole", "l’homme", "traduire", ["homme"]),
    ("sharp s", "strasse", "strasse", ["Straße"]),
    ("umlaut at the start", "apfel", "strasse", ["Äpfel"]),
    ("possessive", "newton", "newton", ["Newton’s"]),
    ("stem", "interpret", "newton", ["interpreter", "interpretation"]),
    ("phrase", '"black box"', ML, ["black box", "black box", "black boxes"]),
    ("phrase of other forms", '"black boxes"', ML, ["black box", "black box", "black boxes"]),
    ("prefix", "interpretat*", "newton", ["interpretation"]),
    ("pattern", "s?arrow", "birds/sparrows", ["sparrow"]),
    ("fuzzy", "sparow~", "birds/sparrows", ["sparrow"]),
    ("fuzzy, swapped", "modle~", "hello", ["model", "model"]),
    ("field", "body:census", "birds/sparrows", ["census"]),
    ("excluded words are not marked", "motorcycle -anime -regrets", "log", ["motorcycle"]),
    ("excluded group", "motorcycle -(anime OR daily)", "log", None),
    ("filters are not words", "owl tag:birds", "birds/owls", ["owl"]),
]


@pytest.mark.parametrize(
    ("q", "slug", "expected"), [row[1:] for row in MARKED], ids=[row[0] for row in MARKED]
)
def test_marks(small: Archive, q: str, slug: str, expected: list[str] | None) -> None:
    if expected is None:
        assert slug not in small.slugs(q)
        return
    found = hit(small, q, slug)
    if slug == ML:
        # Two sections are shown, each with all it has.
        assert set(marked(found)) <= set(expected)
        assert len(found.snippets) == 2
        assert all(marks(snippet.fragments) for snippet in found.snippets)
    else:
        assert marked(found) == expected


def test_titles_are_marked(small: Archive) -> None:
    title = hit(small, "naive", "garden").title
    assert title == (Fragment("The ", False), Fragment("naïve", True), Fragment(" garden", False))
    assert marks(hit(small, '"ghost and shell"', "anime/ghost").title) == ["Ghost and shell"]
    assert marks(hit(small, "tag:xai", "shap").title) == []


def test_a_phrase_is_not_marked_word_by_word(small: Archive) -> None:
    found = hit(small, '"box of wood"', "box")
    assert marked(found) == ["Box of wood"]


def test_the_section_of_a_snippet(small: Archive) -> None:
    (snippet,) = hit(small, "lime", ML).snippets
    assert snippet.section is not None
    assert (snippet.section.title, snippet.section.anchor) == ("Methods", "methods")
    essay = small.engine.essay(ML)
    assert essay is not None
    assert 'id="methods"' in essay.html
    (before,) = hit(small, "decides", ML).snippets
    assert before.section is None


def test_the_anchor_of_odd_headings(small: Archive) -> None:
    (snippet,) = hit(small, "bracketeer", "markup").snippets
    essay = small.engine.essay("markup")
    assert snippet.section is not None
    assert essay is not None
    assert f'id="{snippet.section.anchor}"' in essay.html


def test_without_words_the_excerpt_speaks_or_else_the_beginning(small: Archive) -> None:
    """What an author wrote about an essay goes before what a machine cuts from it."""
    assert hit(small, "tag:xai", ML).snippets == ()  # has an excerpt
    assert hit(small, "", "shap").snippets == ()  # has a description
    (opening,) = hit(small, "tag:robots", "anime/ghost").snippets
    assert text(opening) == "A shell without a ghost dreams of robots."
    assert marks(opening.fragments) == []


def check_bounded(found: Hit, sections: tuple[str, ...]) -> None:
    assert len(found.snippets) <= 2
    assert "".join(f.text for f in found.title) == found.essay.title
    for snippet in found.snippets:
        shown = text(snippet)
        assert len(shown) <= 260
        assert "\n" not in shown
        bare = shown.removeprefix("… ").removesuffix(" …")
        assert any(bare in section for section in sections)
        assert all(fragment.text for fragment in snippet.fragments)


LONG = {
    "many matches": "kelp " * 5000,
    "one long word": "kelp" + "x" * 30_000,
    "a match at the end": "forest " * 3000 + "kelp",
    "a match between long words": "y" * 3000 + " kelp " + "z" * 3000,
    "many sections": "\n\n".join(f"## Kelp {n}\n\nkelp and kelp" for n in range(200)),
    "many lines": "\n\n".join("kelp" for _ in range(500)),
}


@pytest.mark.parametrize("q", ["kelp*", "kelp OR forest", '"kelp and kelp" OR kel?*', ""])
@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_snippets_are_bounded_whatever_the_essay(
    make: Callable[..., Archive], body: str, q: str
) -> None:
    archive = make()
    archive.write("a.md", body, title="Kelp")
    archive.build()
    essay = archive.engine.essay("a")
    assert essay is not None
    check_bounded(hit(archive, q, "a"), tuple(s.text.replace("\n", " ") for s in essay.sections))


@pytest.fixture(scope="module")
def prose(tmp_path_factory: pytest.TempPathFactory, small: Archive) -> tuple[Archive, Essay]:
    archive = type(small)(tmp_path_factory.mktemp("prose"))
    lines = [
        "L’été, naïf, s'achève — déjà vu.", "Die Straße größer, ÄPFEL.", "The maps' map’s mapping.",
        "İstanbul ﬁne ligature.", "日本語 text 🦉 owl.", "don't can’t; R&D <b> 3<4.", "e\u0301tude",
    ]  # fmt: skip
    archive.write("a.md", "\n\n".join(lines * 6), title="Été — maps, 🦉 & İstanbul")
    archive.build()
    essay = archive.engine.essay("a")
    assert essay is not None
    return archive, essay


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    words=st.lists(
        st.sampled_from(
            ["ete", "été", "strasse", "map", "maps", "istanbul", "fine", "日本語", "owl", "🦉",
             "don't", "dont", "can't", '"deja vu"', '"maps map"', "ma*", "?pfel", "etude", "naif~",
             "strase~2", "grösser", "3", "-zzz"]
        ),
        min_size=1,
        max_size=4,
    )
)  # fmt: skip
def test_marks_stand_on_the_right_characters(
    prose: tuple[Archive, Essay], words: list[str]
) -> None:
    """Joined fragments are the text itself, and every mark would be found by itself."""
    archive, essay = prose
    found = archive.search(" OR ".join(words)).hits
    for each in found:
        check_bounded(each, tuple(s.text.replace("\n", " ") for s in essay.sections))
        for mark in [*marks(each.title), *marked(each)]:
            assert mark == mark.strip(" .,;—")
            itself = archive.search(f'"{mark}"')
            assert [hit.essay.slug for hit in itself.hits] == ["a"]
            assert itself.corrected is None


# -- generations ------------------------------------------------------------------------------


def everything(archive: Archive) -> dict[str, list[str]]:
    """What every question of the engine says there is."""
    engine = archive.engine
    found = archive.search()
    slugs = [hit.essay.slug for hit in found.hits]
    assert found.total == engine.facet_counts(SearchRequest()).total == len(slugs)
    for each in found.hits:
        whole = engine.essay(each.essay.slug)
        assert whole is not None
        assert whole.title == each.essay.title
        assert engine.resolve_links((whole.path,)) == {whole.path: whole.slug}
        said = {s.text for s in engine.suggest(whole.title, 20) if s.kind == "essay"}
        assert whole.title in said
    tags = {value.value: value.count for value in found.counts.facets["tag"]}
    for tag, count in tags.items():
        assert len(archive.slugs(filters={"tag": (tag,)})) == count
        assert tag in {s.text for s in engine.suggest(tag, 20) if s.kind == "tag"}
    return {"slugs": sorted(slugs), "tags": sorted(tags)}


def test_every_change_shows_in_every_answer(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "First kelp.", title="Uno", tags=["Alpha"])
    archive.write("two.md", "Second kelp.", title="Due", tags=["Alpha", "Beta"])
    archive.build()
    assert everything(archive) == {"slugs": ["one", "two"], "tags": ["Alpha", "Beta"]}
    first = archive.search().generation

    archive.write("one.md", "First moss.", title="Uno changed", tags=["Gamma"])
    archive.build()
    assert everything(archive) == {"slugs": ["one", "two"], "tags": ["Alpha", "Beta", "Gamma"]}
    assert archive.slugs("kelp") == ["two"]
    assert archive.slugs("moss") == ["one"]
    assert archive.search().generation > first

    archive.write("sub/three.md", "Third kelp.", title="Tre", tags=["Beta"])
    archive.build()
    assert everything(archive)["slugs"] == ["one", "sub/three", "two"]

    (archive.content / "two.md").unlink()
    archive.build()
    assert everything(archive) == {"slugs": ["one", "sub/three"], "tags": ["Beta", "Gamma"]}
    assert archive.engine.essay("two") is None
    assert archive.engine.resolve_links(("two.md", "two")) == {}
    assert archive.engine.suggest("due", 20) == ()
    assert archive.slugs("second") == []

    (archive.content / "one.md").rename(archive.content / "uno.md")
    archive.build()
    assert everything(archive)["slugs"] == ["sub/three", "uno"]
    assert archive.engine.essay("one") is None

    archive.write("uno.md", "Now a draft.", title="Uno", draft=True, tags=["Gamma"])
    archive.build()
    assert everything(archive) == {"slugs": ["sub/three"], "tags": ["Beta"]}

    archive.build(full=True)
    assert everything(archive) == {"slugs": ["sub/three"], "tags": ["Beta"]}

    (archive.content / "sub/three.md").unlink()
    archive.build()
    assert everything(archive) == {"slugs": [], "tags": []}


def test_an_unchanged_folder_keeps_its_generation(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "Text.", title="Uno")
    archive.build()
    before = archive.search().generation
    archive.build()
    assert archive.search().generation == archive.engine.generation() == before


@pytest.mark.parametrize(
    "q", ["kelp", '"kelp forest"', "kelp OR tides", "kelp forest of tides", "klep", "kel*", "-kelp"]
)
def test_nothing_holds_a_generation_that_is_past(make: Callable[..., Archive], q: str) -> None:
    archive = make()
    archive.write("one.md", "Kelp forest.", title="Uno")
    archive.build()
    asked = SearchRequest(q=q)
    engine = archive.engine
    engine.search(asked)
    engine.facet_counts(asked)
    engine.map_points(asked)
    engine.suggest(q, 5)
    engine.related("one", 5)
    engine.highlights(q, ["Kelp."])
    engine.author_report(date(2026, 1, 1))
    past = weakref.ref(engine._current().leaves)
    archive.write("two.md", "Tides.", title="Due")
    archive.build()
    assert engine.search(SearchRequest()).total == 2
    gc.collect()
    assert past() is None


def test_an_engine_made_before_the_first_build_answers_after_it(
    make: Callable[..., Archive],
) -> None:
    archive = make()
    with pytest.raises(IndexMissing):
        archive.search()
    archive.write("one.md", "Text.", title="Uno")
    archive.build()
    assert archive.slugs() == ["one"]


def test_searches_while_builds_run_see_one_generation_each(make: Callable[..., Archive]) -> None:
    """Every build gives all essays the same new mark: an answer with two marks mixes two."""
    archive = make()
    essays = 12

    def publish(mark: int, *, full: bool) -> None:
        for number in range(essays):
            archive.write(
                f"{number}.md", f"Text number {mark}.", title=f"Mark {mark}", tags=[f"mark{mark}"],
                importance=mark % 11,
            )  # fmt: skip
        archive.build(full=full)

    publish(0, full=False)
    done = threading.Event()
    failures: list[BaseException] = []
    answers = [0]

    def read() -> None:
        last = 0
        try:
            while not done.is_set():
                found = archive.search("text")
                assert found.generation >= last
                last = found.generation
                (mark,) = [v for v in found.counts.facets["tag"] if v.count]
                assert mark.count == found.total == len(found.hits) == essays
                assert {hit.essay.tags for hit in found.hits} == {(mark.value,)}
                number = mark.value.removeprefix("mark")
                assert {hit.essay.title for hit in found.hits} == {f"Mark {number}"}
                assert all(number in text(hit.snippets[0]) for hit in found.hits)
                (bar,) = [v for v in found.counts.facets["importance"] if v.count]
                assert bar.value == str(int(number) % 11)
                assert archive.engine.essay("3") is not None
                assert archive.engine.suggest("mark", 5)
                assert archive.engine.facet_counts(SearchRequest()).total == essays
                answers[0] += 1
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for mark in range(1, 15):
            publish(mark, full=mark % 3 == 0)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert answers[0] >= 4
    assert archive.search().counts.facets["tag"][0].value == "mark14"


# -- indexes that cannot answer ---------------------------------------------------------------

QUESTIONS: dict[str, Callable[[EmbeddedEngine], object]] = {
    "search": lambda e: e.search(SearchRequest(q="kelp")),
    "search all": lambda e: e.search(SearchRequest()),
    "facet_counts": lambda e: e.facet_counts(SearchRequest()),
    "essay": lambda e: e.essay("one"),
    "resolve_links": lambda e: e.resolve_links(("one.md",)),
    "backlinks": lambda e: e.backlinks("one", 5),
    "related": lambda e: e.related("one", 5),
    "neighbours": lambda e: e.neighbours(SearchRequest(q="kelp"), "one"),
    "highlights": lambda e: e.highlights("x", ["x"]),
    "alternatives": lambda e: e.alternatives(SearchRequest(q="x")),
    "suggest": lambda e: e.suggest("k", 5),
    "generation": lambda e: e.generation(),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_missing_index(tmp_path: Path, question: Callable[[EmbeddedEngine], object]) -> None:
    with pytest.raises(IndexMissing) as caught:
        question(EmbeddedEngine(tmp_path / "nowhere", Rules()))
    assert "essays index" in caught.value.hint


POINTERS = {
    "garbage": b"\xff\x00 what", "empty": b"", "no JSON object": b"[]",
    "another format": b'{"format": 9999, "folder": "g1", "number": 1}',
    "no such folder": b'{"format": %d, "folder": "g77", "number": 77}' % FORMAT,
}  # fmt: skip


@pytest.mark.parametrize("pointer", POINTERS.values(), ids=POINTERS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_damaged_pointer(
    make: Callable[..., Archive], question: Callable[[EmbeddedEngine], object], pointer: bytes
) -> None:
    archive = make()
    archive.write("one.md", "Kelp.", title="Uno")
    archive.build()
    (archive.index / "current").write_bytes(pointer)
    with pytest.raises(IndexDamaged):
        question(archive.engine)
    archive.build()  # mends it
    assert question(archive.engine) is not None


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda _: None,
    "emptied": lambda _: b"",
    "halved": lambda data: data[: len(data) // 2],
    "shortened": lambda data: data[:-1],
    "a bit turned": lambda data: bytes([*data[:-9], data[-9] ^ 1, *data[-8:]]) if data else None,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_unavailable_or_was_not_needed(
    make: Callable[..., Archive], damage: Callable[[bytes], bytes | None]
) -> None:
    """Every file of the index in turn: no other error, and no wrong answer."""
    archive = make()
    for number in range(5):
        archive.write(
            f"{number}.md", f"Kelp {number} kelp.", title="Uno", tags=["Alpha", f"t{number}"],
            certainty=number, date="2024-01-01",
        )  # fmt: skip
    archive.build()
    (folder,) = archive.index.glob("g*")
    files = sorted(file for file in folder.iterdir() if file.is_file())
    asked = SearchRequest(q="kelp", per_page=100)
    good = EmbeddedEngine(archive.index, archive.rules, archive.limits).search(asked)
    gc.collect()  # nobody holds a file open
    wrong: list[str] = []
    unavailable = 0
    for file in files:
        kept = file.read_bytes()
        file.unlink()
        data = damage(kept)
        if data is not None:
            file.write_bytes(data)
        try:
            found = EmbeddedEngine(archive.index, archive.rules, archive.limits).search(asked)
            if (found.hits, found.counts) != (good.hits, good.counts):
                wrong.append(f"{file.name}: another answer")
        except IndexUnavailable:
            unavailable += 1
        except Exception as error:  # noqa: BLE001 - which ones is the question
            wrong.append(f"{file.name}: {error!r}")
        file.unlink(missing_ok=True)
        file.write_bytes(kept)
    assert wrong == []
    assert unavailable


# -- drafts -----------------------------------------------------------------------------------


def test_drafts_are_in_no_answer(small: Archive) -> None:
    engine = small.engine
    assert small.slugs("zanzibar") == small.slugs("zanz*") == small.slugs("zanzibra~") == []
    assert small.slugs("is:draft") == small.slugs("tag:secret") == small.slugs("slug:secret") == []
    assert "secret" not in small.slugs()
    assert small.slugs(filters={"tag": ("Secret",)}) == []
    facets = small.search().counts.facets
    assert "Secret" not in {value.value for value in facets["tag"]}
    assert "Hidden" not in {value.value for value in facets["category"]}
    assert {v.value: v.count for v in facets["tag"]}["Birds"] == 2
    assert "2026" not in {value.value for value in facets["year"]}
    assert engine.essay("secret") is None
    assert engine.resolve_links(("secret.md", "secret")) == {}
    for typed in ("zan", "zanzibar", "sec", "hid", "zanzibar plans"):
        said = " ".join(s.text + s.query + s.slug for s in engine.suggest(typed, 20)).lower()
        assert not {w for w in ("zanz", "secret", "hidden") if w in said}, typed


def test_drafts_answer_where_the_settings_say_so(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules(drafts=True))
    archive.write("secret.md", "Of zanzibar.", title="Plans", draft=True)
    archive.write("open.md", "Of kelp.", title="Open")
    archive.build()
    assert archive.slugs("zanzibar") == archive.slugs("is:draft") == ["secret"]
    assert archive.engine.essay("secret") is not None


def test_what_was_withdrawn_from_a_large_archive_is_in_no_answer(
    make: Callable[..., Archive],
) -> None:
    """Whoosh rewrites a small segment when essays go, and leaves them lying in a large one."""
    archive = make()
    for number in range(300):
        archive.write(f"{number}.md", f"Of kelp {number}.", title=f"Number {number}")
    archive.write("plans.md", "Of zanzibar.", title="Zanzibar", tags=["Zanzi"])
    archive.build()
    assert archive.engine.suggest("zanz", 5)
    archive.write("plans.md", "Of zanzibar.", title="Zanzibar", tags=["Zanzi"], draft=True)
    archive.build()
    assert archive.slugs("zanz*") == archive.slugs("zanzibra~") == []
    assert archive.engine.suggest("zanz", 5) == ()
    assert archive.search().total == 300
    kelp = [s for s in archive.engine.suggest("kel", 5) if s.kind == "word"]
    assert [(s.text, s.count) for s in kelp] == [("kelp", 300)]
    assert "Zanzi" not in {v.value for v in archive.search().counts.facets["tag"]}


def test_a_draft_that_is_published_and_withdrawn(make: Callable[..., Archive]) -> None:
    archive = make()
    for draft in (True, False, True):
        archive.write("one.md", "Of zanzibar.", title="Plans", draft=draft, tags=["T"])
        archive.build()
        assert archive.slugs("zanzibar") == ([] if draft else ["one"])
        assert bool(archive.engine.suggest("zanz", 5)) is not draft
