"""One analysis for both sides of the index: folding, stemming, positions."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import stemming, tokenizer
from indexer.analysis.analyzer import GAP, positions, spans, terms
from indexer.analysis.folding import RUN, fold
from indexer.analysis.stemming import stem
from indexer.analysis.tokenizer import words
from indexer.schema.whoosh_schema import WhooshAnalyzer

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
    "音楽": ["音楽", "楽"],
    "ΣΊΣΥΦΟΣ Σίσυφος": ["σισυφοσ", "σισυφοσ"],
    "İstanbul": ["istanbul"],
    "ﬁne": ["fine"],
    "cafe\u0301 café": ["cafe", "cafe"],
    "Ёлка йод їжак": ["елка", "йод", "їжак"],
    "كِتَابٌ كتاب كـتاب": ["كتاب"] * 3,
    "أحمد إحمد آحمد": ["احمد"] * 3,
    "مدرسة ۱۲٣": ["مدرسه", "123"],
    "ΆΝΘΡΩΠΟΣ": ["ανθρωποσ"],
    "क़लम": ["कलम"],
    "ｇｐｔ２": ["gpt2"],
    "東京都": ["東京", "京都", "都"],
    "が か ｶﾞ": ["が", "か", "ガ"],
    "한국": ["한국", "국"],
    "\u1112\u1161\u11ab국": ["한국", "국"],
    "GPT模型 3月": ["gpt", "模型", "型", "3", "月"],
    "ไทย": ["ไท", "ทย", "ย"],
    "東・京、都": ["東", "京", "都"],
}


@pytest.mark.parametrize(("text", "folded"), FOLDED.items(), ids=[t or "empty" for t in FOLDED])
def test_words(text: str, folded: list[str]) -> None:
    assert words(text) == folded


TERMS = [
    ("de", "Häuser Haus Häusern", {"haus\x1fde"}),
    ("de", "Straße Straßen STRASSE", {"strass\x1fde"}),
    ("fr", "étudié étudier", {"etudi\x1ffr"}),
    ("fr", "l'homme L’HOMME hommes", {"homm\x1ffr"}),
    ("it", "dell'arte l’arte un'arte", {"arte\x1fit"}),
    ("ru", "книга книги книгами", {"книг\x1fru"}),
    ("ru", "ёлка Елка", {"елк\x1fru"}),
    ("ar", "كتاب الكتاب الكِتَابُ", {"كتاب\x1far"}),
    ("tr", "KIRMIZI kırmızı", {"kirmiz\x1ftr"}),
    ("es", "nación naciones", {"nacion\x1fes"}),
    ("hr", "kuće", {"kuce\x1fhr"}),
    ("ja", "Transformers", {"transform"}),
    ("ru", "Books", {"book"}),
    ("de", "книги 2024 🦉", {"книги", "2024", "🦉"}),
    ("de", "東京", {"東京", "京"}),
]


@pytest.mark.parametrize(("lang", "text", "wanted"), TERMS, ids=[f"{t[0]} {t[1]}" for t in TERMS])
def test_terms_of_other_languages(lang: str, text: str, wanted: set[str]) -> None:
    assert set(terms(text, lang)) == wanted


def test_what_a_query_asks_for() -> None:
    assert stemming.forms("maps") == ("map",)
    assert stemming.forms("rates", ("en", "de")) == ("rate", "rat\x1fde")
    assert stemming.forms("книги", ("en", "de", "ru")) == ("книги", "книг\x1fru")
    # With its accents and for somebody who types none: Snowball tells aimée from aimee.
    assert stemming.forms("aimée", ("en", "fr")) == ("aime", "aim\x1ffr", "aime\x1ffr")


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
    st.sampled_from(
        [
            "maps",
            "Map's",
            "naïve",
            "don’t",
            "-",
            " ",
            "\u0301",
            "ß",
            "音",
            "🙂",
            "l'",
            "l’été",
            "東京都",
            "ｶﾞ",
            "한국",
            "ไทย",
            "книги",
            "كِتَاب",
            "\u3099",
        ]
    )
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


@given(texts, st.sampled_from(["en", "de", "fr", "ja", "ru", "ar", "hr"]))
def test_every_language_has_a_term_for_every_token(text: str, lang: str) -> None:
    tokens = tokenizer.tokens(text, lang)
    assert [fold(token) for token in tokens] == [word for word, _, _ in spans(text, (lang,))]
    for token in tokens:
        told = stemming.inflections(token, lang)
        term = stemming.term_of(token, lang)
        assert term
        assert [t for t in told if not t.startswith((term, fold(token)))] == []
        assert term in stemming.forms(token, ("en", lang))


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
    assert tokenizer.WORD.findall("a_b") == ["a", "b"]


#: What a word is, letter by letter.
SLOWLY = re.compile(
    rf"[^\W_](?:[^\W_]|[{tokenizer._MARKS}])*(?:['’](?:s|t|d|m|re|ve|ll)\b)?|"
    "[\u2600-\u27bf\U0001f000-\U0001faff]",
    re.IGNORECASE,
)
letters = st.sampled_from("aZé9_'’ ſsStTreREvVlL.\n\u0301\u0345ιКk☃🌊Œ़क")
ascii_letters = st.sampled_from("aZ9_' sStTreREvVlLkdDmM.\n-")


@given(st.text(letters, max_size=40) | st.text(ascii_letters, max_size=40) | st.text(max_size=20))
def test_words_are_found_as_by_looking_at_each_letter(text: str) -> None:
    slowly = [found[0] for found in SLOWLY.finditer(RUN.sub("\n", text))]
    assert tokenizer.WORD.findall(RUN.sub("\n", text)) == slowly
    if not RUN.search(text):
        assert tokenizer.tokens(text) == slowly
