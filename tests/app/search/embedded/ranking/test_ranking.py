"""What a question finds and in which order: each row of a table with its reason."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.ranking.shares import PREFERENCE_SHARE
from app.search.request import PREFERENCES, SORTS, Prefer, SearchRequest

if TYPE_CHECKING:
    from tests.conftest import Archive

FILLER = "Some words about nothing much, of the kind that is in every one of them."


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Essays about the sea among others that are not."""
    from tests.conftest import Archive

    archive = Archive(tmp_path_factory.mktemp("sea"))
    essays: dict[str, tuple[str, dict[str, Any]]] = {
        "kelp": ("Kelp forests shelter young fish from the current.", {"title": "Kelp"}),
        "eels": ("Eels swim to the Sargasso to spawn; how young eels return is not known.",
                 {"title": "Where eels go", "certainty": "50%"}),
        "spawning": ("Salmon spawn in rivers. Young salmon swim to the sea.",
                     {"title": "Spawning runs", "certainty": "90%", "tags": ["Fish"]}),
        "rivers": ("A river is water that has somewhere to be.",
                   {"title": "Rivers", "tags": ["Water"]}),
        "current": ("The current carries young things. The Gulf Stream is a current.",
                    {"title": "On currents", "date": "2020-01-01", "importance": 9}),
        "apart": ("Black paint. A box of nails, and many other things besides.",
                  {"title": "A workshop"}),
        "together": ("Many other things besides, and nails. A black box of paint.",
                     {"title": "A shed"}),
    }  # fmt: skip
    for slug, (body, meta) in essays.items():
        archive.write(f"{slug}.md", body, **meta)
    for number in range(30):
        archive.write(f"filler{number:02}.md", FILLER, title=f"Filler {number}")
    archive.build()
    return archive


#: Kind, query, what is listed in this order, what the note says ("" for none), the reason.
QUESTIONS = [
    ("no essay has both", "eels salmon", ["eels", "spawning"],
     "No essay has all these words; these have most of them.",
     "what has one of them is better than nothing"),
    ("one of two unknown", "eels xyzzy", ["eels"], "No essay has “xyzzy”.",
     "a word no essay has cannot narrow"),
    ("both unknown", "plugh xyzzy", [], "", "there is nothing to go by"),
    ("one extra word of three", "eels sargasso kelp", ["eels"],
     "No essay has all these words; these have most of them.",
     "two of three; kelp alone is not the half of it"),
    ("all words first", "young salmon swim", ["spawning", "eels"],
     "1 essay has all these words; those with most of them follow.",
     "eels have two of three"),
    ("a long question", "how do young eels find their way to the Sargasso sea",
     ["eels", "spawning"], "No essay has “do” or “find” or “their” or “way”",
     "most of what was asked"),
    ("AND means all", "young AND salmon AND swim", ["spawning"], "", "the reader said so"),
    ("AND where no essay has all", "eels AND sargasso AND kelp", ["eels"],
     "No essay has all of this; those with most of it are listed.", "better than nothing"),
    ("a phrase that no essay has beside the words", '"gulf stream" eels sargasso spawn', ["eels"],
     "No essay has this phrase; its words were searched.", "then its words count like others"),
    ("an exclusion holds", "young salmon swim -tag:fish", ["eels"],
     "No essay has all these words; these have most of them.", "nor is an exclusion"),
    ("a field holds", "young eels spawn title:spawning", ["spawning"],
     "No essay has all these words", "nor is a field"),
    ("a word twice is one", "eels eels eel", ["eels"], "", "one word, said three times"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("q", "slugs", "note"), [row[1:4] for row in QUESTIONS], ids=[row[0] for row in QUESTIONS]
)
def test_a_question(sea: Archive, q: str, slugs: list[str], note: str) -> None:
    found = sea.search(q)
    listed = [hit.essay.slug for hit in found.hits]
    assert listed[: len(slugs)] == slugs
    assert bool(listed) == bool(slugs)
    said = " ".join(each.message for each in found.notes)
    assert note in said
    assert bool(note) == bool(said)
    assert found.nearest == (not listed or said.startswith("No essay"))


@pytest.mark.parametrize("prefer", [None, *PREFERENCES])
@pytest.mark.parametrize("also", ["", ' "nothing much"', " -kelp"])
def test_all_words_come_first_whatever_else_counts(
    make: Callable[..., Archive], also: str, prefer: Prefer | None
) -> None:
    archive = make()
    # Of the one that has all, each word is lost in a long text; the others are about two of them.
    long = FILLER * 300
    archive.write("all.md", f"Moon, {long} tide, {long} clock.", title="One",
                  certainty=0, importance=0, date="1999-01-01")  # fmt: skip
    for number in range(4):
        archive.write(f"most{number}.md", f"Moon tide, moon tide. {FILLER}",
                      title="Moon tide, or nothing much", tags=["Moon", "Tide", "Nothing much"],
                      certainty=100, importance=10, date="2020-01-01")  # fmt: skip
        archive.write(f"clock{number}.md", FILLER, title="Clock")
    archive.build()
    found = archive.search(f"moon tide clock{also}", prefer=prefer)
    slugs = [hit.essay.slug for hit in found.hits]
    assert slugs[0] == "all"
    assert set(slugs) >= {f"most{number}" for number in range(4)}


def test_a_keyword_search_lists_nothing_else(sea: Archive) -> None:
    """Two words that essays have together are all that is listed."""
    found = sea.search("young current")
    assert {hit.essay.slug for hit in found.hits} == {"kelp", "current"}
    assert found.notes == ()


def test_a_full_page_with_all_words_is_enough(sea: Archive) -> None:
    assert sea.search("some words about nothing much").total == 30


def test_words_that_most_essays_have_make_none_follow(sea: Archive) -> None:
    found = sea.search("some words about nothing much eels")
    assert [hit.essay.slug for hit in found.hits] == sea.slugs("eels")


def test_what_is_listed_is_what_is_counted(sea: Archive) -> None:
    q = "how do young eels find their way to the Sargasso sea"
    found = sea.search(q)
    assert found.total == len(found.hits)
    for facet in ("tag", "status", "certainty", "year"):
        for value in found.counts.facets[facet]:
            chosen = sea.search(q, filters={facet: (value.value,)})
            assert chosen.total == value.count == len(chosen.hits)
            assert {h.essay.slug for h in chosen.hits} <= {h.essay.slug for h in found.hits}


def test_a_long_question_lists_what_weighs_a_part_of_the_best(
    make: Callable[..., Archive],
) -> None:
    archive = make()
    words = "river sea current tide moon clock harbour map".split()
    draw = random.Random(3)
    for number in range(600):
        body = " ".join(draw.sample(words, k=2) + draw.choices(["sand", "salt"], k=20))
        archive.write(f"{number:03}.md", body, title=f"Number {number}")
    for number in range(150):
        archive.write(f"clock{number}.md", "The clock stands. " + "Nothing is said here. " * 60)
    archive.build()
    found = archive.search("where did river and moon and clock and map meet harbour and tide")
    slugs = [
        hit.essay.slug
        for page in range(1, found.pages + 1)
        for hit in archive.search(found.request.q, page=page).hits
    ]
    assert len(slugs) == len(set(slugs)) == found.total
    assert 200 < found.total < 750
    assert not any(slug.startswith("clock") for slug in slugs), "one word of many, in long texts"


# -- order -----------------------------------------------------------------------------------------


def test_words_that_stand_together_weigh_more(sea: Archive) -> None:
    assert sea.slugs("black box") == ["together", "apart"]
    scores = {hit.essay.slug: hit.score for hit in sea.search("black box").hits}
    assert scores["together"] > scores["apart"]


def test_a_title_typed_whole_comes_first(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("long.md", "On time. " + "Nothing else is said. " * 80, title="On Time")
    for number in range(9):
        archive.write(f"{number}.md", "On time, on time, on time.", title=f"Time and time {number}",
                      tags=["On", "Time"])  # fmt: skip
    archive.build()
    for typed in ("on time", "On Time", "  ON   time "):
        assert archive.slugs(typed)[0] == "long"
    assert archive.slugs("on time again")[0] != "long"


def test_a_subject_comes_before_those_who_mention_it(make: Callable[..., Archive]) -> None:
    archive = make()
    body = "Many things are said here of many places. " * 20
    archive.write("filed.md", body, title="Stars", tags=["Deep Navigation", "Night"])
    archive.write("mentions.md", "Deep navigation. Navigation is deep.", title="Deep navigators")
    archive.build()
    assert archive.slugs("deep navigation")[0] == "filed"
    assert archive.slugs("navigation deep")[0] == "mentions"


@pytest.mark.parametrize(
    ("prefer", "first", "why"),
    [
        ("certainty", "spawning", "90 % against 50"),
        ("recent", "current", "no other has a date"),
        ("importance", "current", "9 of 10 against unrated, which is the middle"),
    ],
)
def test_preferences(sea: Archive, prefer: Prefer, first: str, why: str) -> None:
    q = "eels OR salmon OR current"
    plain = {hit.essay.slug: hit.score for hit in sea.search(q).hits}
    bent = {hit.essay.slug: hit.score for hit in sea.search(q, prefer=prefer).hits}
    assert set(bent) == set(plain)
    gain = {slug: bent[slug] / plain[slug] for slug in plain}
    assert max(gain, key=lambda slug: gain[slug]) == first, why
    assert all(1 <= g <= 1 + PREFERENCE_SHARE + 1e-6 for g in gain.values())


# -- explanations ----------------------------------------------------------------------------------

asked = st.builds(
    SearchRequest,
    q=st.sampled_from(
        ["eels", "young eels", "black box", "how do young eels find the sea again", "Rivers",
         '"black box" paint', "kelp OR eels", "sp*", "young -tag:fish", "water rivers xyzzy",
         "title:rivers water", "tag:water", "ells~"]
    ),
    sort=st.sampled_from([None, *SORTS]),
    prefer=st.sampled_from([None, *PREFERENCES]),
    per_page=st.sampled_from([3, 100]),
    page=st.integers(1, 2),
    explain=st.just(True),
)  # fmt: skip


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(request_=asked)
def test_the_parts_of_a_score_add_up(sea: Archive, request_: SearchRequest) -> None:
    found = sea.engine.search(request_)
    scores = [hit.score for hit in found.hits]
    if found.sort == "relevance":
        assert scores == sorted(scores, reverse=True)
    for hit in found.hits:
        assert hit.parts is not None
        assert sum(part.score for part in hit.parts) == pytest.approx(hit.score, abs=1e-4)
        for part in hit.parts:
            if part.kind == "word":
                assert sum(part.fields.values()) == pytest.approx(part.score, abs=1e-4)


def test_what_is_not_asked_is_not_explained(sea: Archive) -> None:
    assert [hit.parts for hit in sea.search("eels").hits] == [None]


def kinds(sea: Archive, q: str, slug: str, **more: Any) -> Iterator[str]:
    for hit in sea.search(q, explain=True, **more).hits:
        if hit.essay.slug == slug:
            yield from (part.kind for part in hit.parts or ())


@pytest.mark.parametrize(
    ("q", "slug", "expected"),
    [
        ("rivers", "rivers", {"word", "title"}),
        ("water", "rivers", {"word", "subject"}),
        ("black box", "together", {"word", "together"}),
        ('"black box"', "together", {"clause"}),
        ("young salmon swim", "spawning", {"word", "together", "all words"}),
        ("young salmon swim", "eels", {"word"}),
    ],
)
def test_the_kinds_of_parts(sea: Archive, q: str, slug: str, expected: set[str]) -> None:
    assert set(kinds(sea, q, slug)) == expected
