"""Whether a text is read as a query, as capitals or as prose."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.search.query.parser import QueryParser
from app.search.query.prose import LONG_QUERY, Kind, kind
from app.search.query.tree import And, Run, Synonyms, Tree, Word
from indexer.parsing.rules import Rules

QUERIES = [
    "hedge",
    "hedge OR bank -river",
    '"black box" tag:xai',
    "U.S. AND China trade",
    'tag:"What is truth? It is a long story of many words that goes on and on and on"',
    '"What is truth? said jesting Pilate, and would not stay for an answer to it"',
    '"the hedge was cut by somebody who was not one of us" OR "the bank was mended by all of us"',
    "See J. Smith, A. Jones et al. 2004",
    "Dr. Strangelove OR how I learned",
    "cf. Darwin 1859, ch. 4",
    'tag:no. "deep sea fish"~3',
    "node.js vs. deno",
    '"foo bar." AND baz qux OR quux',
    "why?",
    "what is a hedge?",
    "机器 OR 学习",
    "地図 -歴史",
    "خرائط -مدينة",
    "1984 -2001",
    "AND",
    "NOT",
    "a OR b OR c OR d OR e OR f OR g OR h",
    'tag:xai (explainable OR interpretable) AND NOT "black box" certainty:>70 importance:>5 one '
    "two three author:smith",
]
CAPITALS = [
    "XAI",
    "LAW AND ORDER IN THE NEW STATES, NOT IN THE OLD",
    "XAI OR ML",
    '"BLACK BOX" MODELS',
    "U.S. AND U.K. SIGN T/NROFF PACT",
    "ЧТО ТАКОЕ КАРТА И НЕ ГОРОД",
    "C++ OR RUST",
    "ÉTÉ NOT HIVER",
]
PROSE = [
    "The hedge was cut - not by us. Who asked for it?",
    "Hello world. This is prose with words.",
    "What is the matter? is it a bird of prey",
    'He said: "Cut it!" They did not.',
    "机器学习是什么？它怎么工作",
    "maps\ntides",
    "- bread\n- milk\n- hedge",
    "THE HEDGE WAS CUT. WHO ASKED FOR IT?",
    "the long-term effect of wind on hedges -- and of hedges on wind -- in old cities",
    "Что такое карта? Это не город.",
    " ".join(["word"] * (LONG_QUERY + 1)),
]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *((text, Kind.QUERY) for text in QUERIES),
        *((text, Kind.CAPITALS) for text in CAPITALS),
        *((text, Kind.PROSE) for text in PROSE),
    ],
)
def test_how_a_text_is_read(text: str, read: Kind) -> None:
    assert kind(text) is read
    assert kind(f"  {text} \n") is read


def words(tree: Tree) -> list[str]:
    """The words of a tree that is made of nothing else."""
    parts = tree.parts if isinstance(tree, And) else (tree,)
    assert all(isinstance(part, Word | Run | Synonyms) for part in parts), tree
    return [part.text for part in parts if isinstance(part, Word | Run)]


OPERATORS = st.sampled_from(
    ["AND", "OR", "NOT", "-hedge", '"a map"', "tag:map", "map*", "m?p", "mpa~", "(", ")", ":",
     "e.g.", "t/nroff", "'map'", "*", "?", "[1]", '"']
)  # fmt: skip


@given(st.lists(OPERATORS | st.sampled_from(["hedge", "maps", "of"]), max_size=12))
@example(["AND"] * 12)
@example([*["AND"] * 4, "tag:map"])
def test_a_paragraph_is_words_whatever_stands_in_it(middle: list[str]) -> None:
    text = f"A hedge is a fence that grows. {' '.join(middle)}. It was planted along the old road."
    parsed = QueryParser(Rules()).parse(text)
    assert parsed.kind is Kind.PROSE
    assert words(parsed.tree)[:7] == "A hedge is a fence that grows".split()
    assert not parsed.strict


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert kind(text) in Kind
