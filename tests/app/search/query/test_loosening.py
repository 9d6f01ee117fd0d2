"""What a query that finds nothing asks for instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.query.analyzer import QueryAnalyzer
from app.search.query.loosening import NEAR, Loosening
from app.search.query.parser import QueryParser
from app.search.query.tree import (
    And,
    Exact,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Tree,
    Value,
    Wildcard,
    Word,
)
from indexer.parsing.rules import Rules

LANGUAGE = QueryParser(Rules())


def steps(query: str, *unknown: str) -> list[Tree]:
    """The trees of each step; ``unknown`` are values that no essay has."""
    loosening = Loosening(QueryAnalyzer(), lambda value: value.value in unknown)
    return [step.query.tree for step in loosening.steps(LANGUAGE.parse(query))]


A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("query", "trees"),
    [
        ("a b", []),
        ("a OR b", []),
        ("a -b", []),
        ("a AND b", [And((A, B))]),
        ('"a b"', [Or((Phrase("a b", NEAR), Phrase("b a", NEAR))), And((A, B))]),
        ('"a b c"', [Phrase("a b c", NEAR), And((A, B, C))]),
        ('"a b c"~20', [And((A, B, C))]),
        ("title:a", [A]),
        ('"a" b', [And((A, B))]),
        ('title:"a" b* -"c"', [
            And((Word("a", "title"), Prefix("b"), Not(Exact("c")))),
            And((Word("a", "title"), B, Not(Exact("c")))),
            And((A, B, Not(Exact("c")))),
        ]),
        ('title:"a b c" -"b c"', [
            And((Phrase("a b c", NEAR, "title"), Not(Phrase("b c")))),
            And((Word("a", "title"), Word("b", "title"), Word("c", "title"), Not(Phrase("b c")))),
            And((A, B, C, Not(Phrase("b c")))),
        ]),
        ("ab*", [Word("ab")]),
        ("a*b", [And((A, B))]),
        ("tag:ab*", []),
        ("tag:a b", []),
        ("importance:>5 is:draft", []),
    ],
)  # fmt: skip
def test_the_steps(query: str, trees: list[Tree]) -> None:
    assert steps(query) == trees


def test_a_value_that_no_essay_has_is_words_beside_others() -> None:
    assert steps("tag:nothing a", "nothing") == [And((Word("nothing"), A))]
    assert steps("tag:nothing", "nothing") == [], "a value alone was chosen"
    assert steps("-tag:nothing a", "nothing") == []


def test_notes_say_what_was_done_and_the_first_are_kept() -> None:
    parsed = LANGUAGE.parse('colour:red title:"a b" AND c')
    *_, last = Loosening(QueryAnalyzer()).steps(parsed)
    assert [note.message for note in last.notes] == [
        "No essay has this phrase; its words were searched.",
        "No essay has this in that field; the words were searched everywhere.",
        "No essay has all of this; those with most of it are listed.",
    ]
    assert last.query.notes == parsed.notes
    assert not last.query.strict


NODES = st.sampled_from(
    [A, Word("b", "title"), Exact("c"), Phrase("a b"), Phrase("a b c", 1, "body"), Wildcard("a*b"),
     Fuzzy("c"), Value("tag", "x"), Range("importance", 10.0, 20.0)]
)  # fmt: skip
TREES = st.recursive(
    NODES,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts)))
        | inner.map(Not)
    ),
    max_leaves=12,
)


def kept(tree: Tree) -> list[Tree]:
    """What is excluded and what is filtered, in order."""
    match tree:
        case And(parts) | Or(parts):
            return [each for part in parts for each in kept(part)]
        case Not() | Value() | Range():
            return [tree]
    return []


@given(TREES)
def test_exclusions_and_filters_are_never_loosened(tree: Tree) -> None:
    parsed = LANGUAGE.parse("a AND b").with_tree(tree, QueryAnalyzer())
    for step in Loosening(QueryAnalyzer()).steps(parsed):
        assert kept(step.query.tree) == kept(tree)
