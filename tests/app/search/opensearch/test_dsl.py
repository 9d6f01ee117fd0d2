"""Clauses as queries: what is asked of a cluster, without one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.binding.clauses import (
    BoundPhrase,
    BoundWord,
    Complement,
    Conjunction,
    Constant,
    Disjunction,
    EveryDocument,
    Term,
    TermPrefix,
    TermRange,
    TermSequence,
)
from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.expanding import _expression
from app.search.opensearch.lexicon import _before, beginnings
from app.search.opensearch.scoring import Weighing
from app.search.spelling.edit_cost import beginning
from indexer.schema.opensearch_mapping import SEPARATOR, bounded

WORD = BoundWord("owls", (("title", "owl"), ("body", "owl"), ("author", "owls")))
PHRASE = TermSequence("body", ("black", "box"))


@pytest.mark.parametrize(
    ("clause", "query"),
    [
        (Term("tag", "birds"), {"term": {"value.tag": "birds"}}),
        (Term("slug", "owls"), {"term": {"slug": "owls"}}),
        (Term("words", "owl"), {"term": {"text.words": "owl"}}),
        (TermPrefix("tag", "deep"), {"prefix": {"value.tag": "deep"}}),
        (TermPrefix("tag", ""), dsl.EVERY),
        (TermRange("published", "2024-01-01", None), {"range": {"value.published":
                                                                {"gte": "2024-01-01"}}}),
        (TermRange("certainty_percent", None, "070.00", exclusive=True),
         {"range": {"value.certainty_percent": {"lt": "070.00"}}}),
        (WORD, {"terms": {"text.anywhere": ["owl", "\x1eowls"]}}),
        (BoundWord("owls", (("title", "owl"),), anywhere=False), {"term": {"text.title": "owl"}}),
        (BoundPhrase("black box", (PHRASE,), ()),
         {"match_phrase": {"text.body": f"black{SEPARATOR}box"}}),
        (Disjunction(()), dsl.NOTHING),
        (EveryDocument(), dsl.EVERY),
        (Constant(Term("tag", "a"), 1e-12), {"term": {"value.tag": "a"}}),
        (Complement(Term("tag", "a")), {"bool": {"must_not": [{"term": {"value.tag": "a"}}]}}),
        (Conjunction((Term("tag", "a"), EveryDocument())), {"term": {"value.tag": "a"}}),
    ],
)  # fmt: skip
def test_what_a_clause_selects(clause: object, query: Dsl) -> None:
    assert dsl.selecting(clause) == query  # type: ignore[arg-type]


def test_terms_that_are_too_long_are_asked_for_as_they_lie_in_the_index() -> None:
    long = "a" * 10_000
    assert dsl.having("tag", [long]) == {"term": {"value.tag": bounded(long)}}


def test_a_loose_phrase_goes_on_from_each_of_its_words() -> None:
    query = dsl.selecting(BoundPhrase("", (TermSequence("body", ("a", "b", "c"), 3),), ()))
    a, b, c = ({"span_term": {"text.body": term}} for term in "abc")
    inner = {"span_near": {"clauses": [b, c], "slop": 2, "in_order": True}}
    assert query == {"span_near": {"clauses": [a, inner], "slop": 2, "in_order": True}}


def test_a_very_long_loose_phrase_is_one_condition() -> None:
    terms = tuple(f"w{n}" for n in range(100))
    query = dsl.selecting(BoundPhrase("", (TermSequence("body", terms, 5),), ()))
    assert dsl.conditions(query) == 1


def weighing(exists: bool = True) -> Weighing:
    return Weighing({"title": 4.0, "body": 100.0}, lambda _: 2.0, lambda _: exists)


def test_a_word_is_weighed_in_every_field_that_has_it() -> None:
    query = weighing().scoring(WORD)
    assert query["script_score"]["script"]["params"] == {"rarity": 2.0}
    fields = query["script_score"]["query"]["bool"]["should"]
    lengths = [each["script_score"]["script"]["params"]["length"] for each in fields]
    assert lengths == ["length.title", "length.body", "length.author"]


def test_forms_that_no_essay_has_are_not_asked_for() -> None:
    word = BoundWord("owls", (("body", "owl"), ("body", "owls\x1fde"), ("body", "owls\x1ffr")))
    assert dsl.conditions(weighing().scoring(word)) == 3
    assert dsl.conditions(weighing(exists=False).scoring(word)) == 1


def test_what_selects_adds_no_score() -> None:
    query = weighing().scoring(Conjunction((WORD, Constant(Term("tag", "a"), 1e-12))))
    word, tag = query["bool"]["must"]
    assert "script_score" in word
    assert tag == {"bool": {"filter": [{"term": {"value.tag": "a"}}]}}


@given(st.text("abc", min_size=1, max_size=6), st.text("abc", min_size=1, max_size=8))
def test_the_expression_of_beginnings_is_what_spelling_means(word: str, term: str) -> None:
    """Lucene's expressions of letters and these signs mean what Python's do."""
    expression = beginnings(word)
    meant = term[0] == word[0] and beginning(word, term) <= 1
    if len(word) > 1 and len(term) >= len(word):
        assert bool(re.fullmatch(expression, term)) == meant


@given(st.text(min_size=1), st.text())
def test_a_listing_begins_before_all_that_it_lists(prefix: str, rest: str) -> None:
    before = _before(prefix)
    assert before is not None
    assert before < prefix
    assert before < prefix + rest


@given(st.text('ab.+*?[](){}<>@#&~\\"|^$', max_size=12))
def test_no_sign_of_a_pattern_is_taken_for_another(pattern: str) -> None:
    expression = _expression(pattern)
    signs = re.sub(r"\\.", "", expression)
    assert not set(signs) & set('+[](){}<>@#&~"|\\')
