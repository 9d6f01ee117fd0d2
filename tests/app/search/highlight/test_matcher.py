"""Where the words and phrases of a query stand in a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.search.highlight.matcher import Finder, Match, Phrase, matches
from indexer.analysis.folding import fold
from indexer.analysis.stemming import stem

WORDS = ["map", "maps", "Map's", "maps'", "don't", "box", "BOXES", "boxed", "we've", "7", "ox"]
#: In French what stands before an apostrophe may be an article, so that every place is read on.
CAREFUL = ("en", "fr")


def phrase(*words: str) -> Phrase:
    forms = [frozenset({fold(word), stem(fold(word))}) for word in words]
    return Phrase(tuple(sorted({fold(words[0]), "map", "maps", "don't"})), tuple(forms))


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", ", ", "-", "_", "\n"]))),
)
def test_no_place_of_a_phrase_is_passed_over(
    wanted: list[str], written: list[tuple[str, str]]
) -> None:
    text = "".join(map("".join, written))
    phrases = (phrase(*wanted),)
    assert matches(text, Finder(phrases=phrases)) == matches(
        text, Finder(phrases=phrases, langs=CAREFUL)
    )


def test_a_phrase_is_found_in_other_forms_of_its_words() -> None:
    found = matches("Maps, boxed. Map 7; the map's BOX.", Finder(phrases=(phrase("map", "boxes"),)))
    whats = "don't map maps"
    assert found == [Match(0, 11, whats), Match(24, 33, whats)]
