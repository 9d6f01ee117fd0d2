"""What is offered while a reader types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.results import Suggestion

if TYPE_CHECKING:
    from tests.conftest import Archive


def offered(archive: Archive, typed: str, kind: str, limit: int = 20) -> list[str]:
    return [s.text for s in archive.engine.suggest(typed, limit) if s.kind == kind]


OFFERED = [
    ("a tag by its beginning", "stat", "tag", ["Statistics"]),
    ("a tag in any case", "STAT", "tag", ["Statistics"]),
    ("a tag by a later word", "learn", "tag", ["Deep Learning", "Machine Learning"]),
    ("a tag by two words", "deep l", "tag", ["Deep Learning"]),
    ("a tag with an ampersand", "r&", "tag", ["R&D"]),
    ("a tag that is a pictograph", "🦉", "tag", ["🦉"]),
    ("a tag with an accent", "stra", "tag", []),
    ("a category", "math", "category", ["Mathematics"]),
    ("a category, not a tag", "natu", "category", ["Nature"]),
    ("an essay by its title", "sparr", "essay", ["Counting sparrows"]),
    ("an essay by the middle of its title", "night", "essay", ["Owls at night"]),
    ("an essay by two words", "counting sp", "essay", ["Counting sparrows"]),
    ("an essay by words in any order", "sparrows count", "essay", ["Counting sparrows"]),
    ("an essay without its accents", "naive g", "essay", ["The naïve garden"]),
    ("an essay by a whole word", "owls ", "essay", ["Owls at night"]),
    ("an essay, not by half a word and a space", "owl ", "essay", []),
    ("an essay, not by its body", "census", "essay", []),
    ("a word", "cens", "word", ["census"]),
    ("a word after others", "sparrow cens", "word", ["sparrow census"]),
    ("no word after a space", "cens ", "word", []),
    ("no word that is whole", "census", "word", []),
    ("a misspelt tag", "statitsics", "tag", ["Statistics"]),
    ("half a misspelt tag", "statitsi", "tag", ["Statistics"]),
    ("a tag by two misspelt words", "machne lerning", "tag", ["Machine Learning"]),
    ("a tag by a misspelt word and half another", "machne lea", "tag", ["Machine Learning"]),
    ("a misspelt category", "mathemtics", "category", ["Mathematics"]),
    ("a misspelt title", "cuonting sp", "essay", ["Counting sparrows"]),
    ("a title by half a misspelt word", "sparows", "essay", ["Counting sparrows"]),
    ("a misspelt whole word", "countign ", "essay", ["Counting sparrows"]),
    ("the end of a misspelt word", "interpretabilty", "word", ["interpretability"]),
    ("the end of a word after a misspelt one", "sparow cens", "word", ["sparrow census"]),
    ("nothing one slip from half a short word", "sprr", "essay", []),
    ("nothing by a wrong first letter", "xounting", "essay", []),
    ("a field stays before the end of a word", "tag:sparow cens", "word", ["tag:sparow census"]),
    ("nothing", "", "tag", []),
    ("spaces", "   ", "essay", []),
    ("punctuation", "?!", "word", []),
]


@pytest.mark.parametrize(
    ("typed", "kind", "texts"), [row[1:] for row in OFFERED], ids=[row[0] for row in OFFERED]
)
def test_what_is_offered(small: Archive, typed: str, kind: str, texts: list[str]) -> None:
    assert offered(small, typed, kind) == texts


def test_counts_are_of_essays_and_the_commonest_come_first(make: Callable[..., Archive]) -> None:
    archive = make()
    for number, tags in enumerate((["Kelp", "Kelpie"], ["kelpie"], ["Kelpie", "Old kelp"])):
        archive.write(f"{number}.md", "Kelping.", title=f"Number {number}", tags=tags)
    archive.build()
    suggested = archive.engine.suggest("kel", 20)
    assert [(s.text, s.count) for s in suggested if s.kind == "tag"] == [
        ("Kelpie", 3),
        ("Kelp", 1),
        ("Old kelp", 1),
    ]
    words = [(s.text, s.count) for s in suggested if s.kind == "word"]
    assert sorted(words) == [("kelp", 2), ("kelpie", 3), ("kelping", 3)]
    assert words[-1] == ("kelp", 2)


def test_titles_that_begin_so_go_first_then_the_newest(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "x", title="Of kelp", date="2025-01-01")
    archive.write("b.md", "x", title="Kelp, old", date="2001-01-01")
    archive.write("c.md", "x", title="Kelp, new", date="2002-01-01")
    archive.build()
    assert offered(archive, "kelp", "essay") == ["Kelp, new", "Kelp, old", "Of kelp"]


@pytest.mark.parametrize("limit", [1, 2, 5, 20])
def test_limit(small: Archive, limit: int) -> None:
    assert len(small.engine.suggest("a", limit)) <= limit
    assert len(small.engine.suggest("the", limit)) >= 1


def test_no_kind_crowds_out_another(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(30):
        archive.write(
            f"{number}.md", f"kelpword{number}", title=f"Kelp number {number}",
            tags=[f"Kelp tag {number}"], categories=[f"Kelp category {number}"],
        )  # fmt: skip
    archive.build()
    kinds = {s.kind for s in archive.engine.suggest("kelp", 20)}
    assert {"essay", "word"} < kinds
    assert kinds & {"tag", "category"}


def test_what_has_the_words_as_typed_goes_before_what_is_one_slip_away(
    make: Callable[..., Archive],
) -> None:
    archive = make()
    archive.write("1.md", "x", title="Kelping at sea", tags=["Kelping"])
    archive.write("2.md", "x", title="Kelpang at home", tags=["Kelpang", "Kelpangs"], date="2025")
    archive.write("3.md", "x", title="Kelpang again", tags=["Kelpang"], date="2025")
    archive.build()
    assert offered(archive, "kelping", "tag") == ["Kelping", "Kelpang", "Kelpangs"]
    assert offered(archive, "kelping", "essay")[0] == "Kelping at sea"
    assert len(offered(archive, "kelping", "essay")) == 3
    for number in range(4, 7):
        archive.write(f"{number}.md", "x", title=f"Kelping {number}", tags=[f"Kelping {number}"])
    archive.build()
    assert not any("Kelpang" in s.text for s in archive.engine.suggest("kelping", 20))


def test_a_misspelt_value_that_only_went_essays_had_is_not_offered(
    make: Callable[..., Archive],
) -> None:
    archive = make()
    archive.write("1.md", "x", title="One", tags=["Kelping"])
    archive.write("2.md", "x", title="Two")
    archive.build()
    assert offered(archive, "kelpnig", "tag") == ["Kelping"]
    (archive.content / "1.md").unlink()
    archive.build()
    assert archive.engine.suggest("kelpnig", 20) == ()


def keeps_its_promise(archive: Archive, suggestion: Suggestion) -> None:
    """What a suggestion puts into the search box finds as many essays as it says."""
    if suggestion.kind in ("tag", "category"):
        found = archive.search(suggestion.query)
        assert (found.total, found.notes) == (suggestion.count, ())
    elif suggestion.kind == "word":
        assert suggestion.query == suggestion.text
        assert suggestion.count >= 1
    else:
        whole = archive.engine.essay(suggestion.slug)
        assert whole is not None
        assert whole.title == suggestion.text
        assert suggestion.slug in archive.slugs(suggestion.query)


@pytest.mark.parametrize(
    "typed",
    ["sparow", "machne lea", "interpretabilty mod",
     "r", "c+", "layers", "a", "say", "back", "(round", "wild", "-m", "🦉", "<b", "deep", "the",
     "script", "où", "Über", "zwei", "m", "o"],
)  # fmt: skip
def test_suggestions_keep_their_promise(small: Archive, typed: str) -> None:
    for suggestion in small.engine.suggest(typed, 20):
        keeps_its_promise(small, suggestion)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(typed=st.text(max_size=20) | st.text('aeiostrcl &+/-:"\\()*🦉', max_size=8))
def test_any_text_can_be_typed(small: Archive, typed: str) -> None:
    for suggestion in small.engine.suggest(typed, 20):
        keeps_its_promise(small, suggestion)


def test_words_of_essays_that_went_are_not_offered(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(3):
        archive.write(f"{number}.md", f"kelpone kelp{number}", title=f"T{number}", tags=["Kelpy"])
    archive.build()
    (archive.content / "0.md").unlink()
    archive.write("1.md", "other", title="Other")
    archive.build()
    assert offered(archive, "kelp", "word") == ["kelp2", "kelpone", "kelpy"]
    assert {s.count for s in archive.engine.suggest("kelp", 20)} == {1}
