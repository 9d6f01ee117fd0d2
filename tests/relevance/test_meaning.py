"""Golden questions by meaning say what an essay is about in words that it does not have."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from app.settings import load
from indexer.analysis import analyzer, folding, languages, stemming, tokenizer
from indexer.essay import Essay, Section
from indexer.parsing import corpus
from indexer.schema.document import texts
from tests.relevance import golden
from tests.relevance.golden import Query

QUERIES = [each for each in golden.queries() if each.kind == "meaning"]
#: Words that say nothing of what a question is about, so that an essay may have them as well.
STOP_WORDS = frozenset(
    "a am an and are as at before between by can could did do does for from has have how i in is "
    "it many me my no not of on or should so than that the their them themselves they this to was "
    "we what when where which who why will with without you your comment sans".split()
)


def shared(question: str, essay: Essay) -> list[str]:
    """The content words of a question that an essay has in any form, wherever a search looks:
    title, headings, tags, categories, summary, body, bibliography, authors.

    A word is compared as it is folded and by its stems, in English and in the essay's language.
    """
    lang = languages.code(essay.lang) or languages.ENGLISH
    parts = [part for listed in texts(essay).values() for part in listed]
    there = {term for part in parts for term in analyzer.terms(part, lang)}
    there |= {word for part in parts for word in tokenizer.words(part)}
    found = []
    for word in tokenizer.tokens(question, lang):
        folded = folding.fold(word)
        forms = {folded, *stemming.forms(word, (languages.ENGLISH, lang))}
        if folded not in STOP_WORDS and forms & there:
            found.append(folded)
    return found


@cache
def essay(slug: str) -> Essay:
    """An essay of the sample archive."""
    rules = load(environ={"ESSAYS_CONTENT": str(golden.CONTENT)}, cwd=golden.CONTENT).rules
    read = corpus.read_file(golden.CONTENT, f"{slug}.md", rules).essay
    assert read is not None
    return read


@pytest.mark.parametrize("query", QUERIES, ids=[each.q for each in QUERIES])
def test_a_question_by_meaning_shares_no_content_word_with_what_it_expects(query: Query) -> None:
    for slug in query.expect:
        assert not shared(query.q, essay(slug)), slug


@pytest.mark.parametrize("query", QUERIES, ids=[each.q for each in QUERIES])
def test_a_question_by_meaning_has_content_words(query: Query) -> None:
    assert {folding.fold(word) for word in tokenizer.tokens(query.q)} - STOP_WORDS


def test_questions_by_meaning_are_spread_over_the_archive() -> None:
    expected = Counter(slug for each in QUERIES for slug in each.expect)
    assert len(QUERIES) >= 40
    assert max(expected.values()) <= 2
    assert {slug.split("/")[0] for slug in expected} == {
        folder.name for folder in golden.CONTENT.iterdir() if folder.is_dir()
    }


HOUSES = Essay(
    path="a.md", slug="a", title="The House of Cards", tags=("Rivers",), categories=("Nature",),
    description="Of mice.", excerpt="Singing well.", bibliography=("Dupont, Études",),
    authors=("Anna Müller",), sections=(Section(1, "Sailing", "sailing", "Counted a thousand."),),
)  # fmt: skip
GERMAN = Essay(
    path="b.md", slug="b", title="Die Häuser", lang="de",
    sections=(Section(0, "", "", "Gewohnte Wege und das Café."),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "essay", "words"),
    [
        ("where are the dwellings", HOUSES, []),
        ("housing", HOUSES, ["housing"]),
        ("a river", HOUSES, ["river"]),
        ("NATURE", HOUSES, ["nature"]),
        ("mice or cats", HOUSES, ["mice"]),
        ("sings", HOUSES, ["sings"]),
        ("etudes", HOUSES, ["etudes"]),
        ("who is muller", HOUSES, ["muller"]),
        ("sails", HOUSES, ["sails"]),
        ("counting thousands", HOUSES, ["counting", "thousands"]),
        ("we the of a", HOUSES, []),
        ("ein Haus am Weg", GERMAN, ["haus", "weg"]),
        ("cafe", GERMAN, ["cafe"]),
        ("Gebäude", GERMAN, []),
    ],
)
def test_which_words_are_shared(question: str, essay: Essay, words: list[str]) -> None:
    assert shared(question, essay) == words
