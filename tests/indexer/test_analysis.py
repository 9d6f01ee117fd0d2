"""One analysis for both sides of the index: folding, stemming, positions."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import analysis
from indexer.analysis import GAP, WhooshAnalyzer, fold, positions, spans, stem, terms, words

FOLDED = {
    "": [],
    "The black box": ["the", "black", "box"],
    "Naïveté": ["naivete"],
    "Straße": ["strasse"],
    "Newton's": ["newton"],
    "NEWTON’S": ["newton"],
    "don't don’t": ["dont", "dont"],
    "they'll we've I'm you'd they're": ["theyll", "weve", "im", "youd", "theyre"],
    "l'homme": ["l", "homme"],
    "interpreters'": ["interpreters"],
    "black-box": ["black", "box"],
    "snake_case": ["snake", "case"],
    "x86 3.14": ["x86", "3", "14"],
    "音楽": ["音楽"],
    "ΣΊΣΥΦΟΣ Σίσυφος": ["σισυφοσ", "σισυφοσ"],
    "İstanbul": ["istanbul"],
    "ﬁne": ["fine"],
    "cafe\u0301 café": ["cafe", "cafe"],
}


@pytest.mark.parametrize(("text", "folded"), FOLDED.items(), ids=[t or "empty" for t in FOLDED])
def test_words(text: str, folded: list[str]) -> None:
    assert words(text) == folded


@pytest.mark.parametrize(
    "family",
    [
        ["interpretability", "interpreting", "interprets", "interpreted"],
        ["maps", "map", "Map's", "mapping"],
        ["naïve", "naive", "NAÏVE"],
    ],
    ids=lambda family: family[0],
)
def test_one_term_for_a_family_of_words(family: list[str]) -> None:
    assert len({terms(word)[0] for word in family}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("map", "mat"), ("universal", "unrest"), ("not", "to"), ("c", "d")]
)
def test_two_terms_for_two_words(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_no_word_is_left_out() -> None:
    assert terms("to be or not to be") == ["to", "be", "or", "not", "to", "be"]


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ([], {}),
        ([""], {}),
        (["a b a"], {"a": [0, 2], "b": [1]}),
        (["a b", "c"], {"a": [0], "b": [1], "c": [1 + GAP]}),
        (["a", "", "b"], {"a": [0], "b": [GAP]}),
    ],
)
def test_positions(parts: list[str], wanted: dict[str, list[int]]) -> None:
    assert positions(parts) == wanted


texts = st.text(max_size=60) | st.lists(
    st.sampled_from(["maps", "Map's", "naïve", "don’t", "-", " ", "\u0301", "ß", "音", "🙂", "l'"])
).map(" ".join)


@given(st.lists(texts, max_size=4), st.booleans())
def test_positions_are_the_terms_in_their_order(parts: list[str], stemmed: bool) -> None:
    listed = terms if stemmed else words
    found = positions(parts, stemmed=stemmed)
    order = sorted((place, term) for term, places in found.items() for place in places)
    assert [term for _, term in order] == [term for part in parts for term in listed(part)]
    assert all(places == sorted(set(places)) for places in found.values())
    said = [listed(part) for part in parts if listed(part)]
    starts = [place for place, _ in order][:1]
    for part in said[:-1]:
        starts.append(starts[-1] + len(part) - 1 + GAP)
    expected = [s + n for s, part in zip(starts, said, strict=True) for n in range(len(part))]
    assert [place for place, _ in order] == expected


@given(texts)
def test_every_form_of_the_analysis_agrees(text: str) -> None:
    assert [word for word, _, _ in spans(text)] == words(text)
    assert [stem(word) for word in words(text)] == terms(text)
    assert all(fold(text[start:end]) == word for word, start, end in spans(text))
    for stemmed in (True, False):
        tokens = [
            (token.text, token.pos, token.startchar, token.endchar)
            for token in WhooshAnalyzer(stemmed)(text)
        ]
        assert tokens == [
            (stem(word) if stemmed else word, place, start, end)
            for place, (word, start, end) in enumerate(spans(text))
        ]


@given(texts)
def test_case_and_composition_do_not_tell(text: str) -> None:
    assert all(words(text))
    composed = unicodedata.normalize("NFC", text)
    assert words(composed) == words(unicodedata.normalize("NFD", composed))


@given(st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ſ]{1,12}", fullmatch=True))
def test_folding_twice_is_folding_once(word: str) -> None:
    assert fold(fold(word)) == fold(word)


def test_analyzers_are_equal_by_what_they_do() -> None:
    assert WhooshAnalyzer(True) == WhooshAnalyzer(True) != WhooshAnalyzer(False)
    assert len({WhooshAnalyzer(True), WhooshAnalyzer(True), WhooshAnalyzer(False)}) == 2
    assert analysis.WORD.findall("a_b") == ["a", "b"]
