"""A word of English that no essay has was meant, where essays are found by what it means."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.search.spelling.english import is_english
from indexer.analysis import embedding
from indexer.parsing.rules import Rules
from tests.conftest import Archive

TEXTS = {
    "law": "The law of a land, and those who live without it.",
    "garden": "Grass, seeds and soil, and a scythe that cuts the meadow.",
    "bread": "Flour, water and salt become a loaf in a hot oven.",
}


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Callable[[bool], Archive]:
    def built(meaning: bool) -> Archive:
        made = make("words" if meaning else "alone", Rules(meaning=meaning))
        for slug, text in TEXTS.items():
            made.write(f"{slug}.md", text)
        made.build()
        return made

    return built


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("slang", True), ("wildlife", True), ("dentist", True), ("the", True),
        ("slagn", False), ("wildlfie", False), ("", False), ('a"', False), ("eduction", False),
        ("law\nlawn", False), ("50", False), ("ausdrücke", False),
    ],
)  # fmt: skip
def test_which_words_are_english(word: str, known: bool) -> None:
    assert is_english(word) is known


@pytest.mark.skipif(embedding.folder() is None, reason="no word vectors installed")
def test_a_word_of_english_is_not_replaced_but_asked_about(
    archive: Callable[[bool], Archive],
) -> None:
    found = archive(True).search("lawn without weeds")
    assert found.hits[0].essay.slug == "garden"
    assert found.corrected is None or not found.corrected.applied


def test_without_meaning_it_is_replaced(archive: Callable[[bool], Archive]) -> None:
    corrected = archive(False).search("lawn without").corrected
    assert corrected is not None
    assert (corrected.query, corrected.applied) == ("law without", True)


def test_a_word_that_is_none_is_replaced(archive: Callable[[bool], Archive]) -> None:
    corrected = archive(True).search("scythhe cuts").corrected
    assert corrected is not None
    assert (corrected.query, corrected.applied) == ("scythe cuts", True)


@pytest.mark.skipif(embedding.folder() is None, reason="no word vectors installed")
def test_what_was_asked_is_asked_about_beside_what_is_near(
    archive: Callable[[bool], Archive],
) -> None:
    corrected = archive(True).search("lawn without").corrected
    assert corrected is not None
    assert (corrected.query, corrected.applied) == ("law without", False)
