"""A tree as a query that a person could type: what is parsed is what was meant, and stays so."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.search.query.analyzer import QueryAnalyzer
from app.search.query.curation import Curation
from app.search.query.fields import TextField
from app.search.query.limits import Limits
from app.search.query.parser import QueryParser
from app.search.query.prose import Kind, kind
from app.search.query.tree import (
    And,
    Every,
    Exact,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Run,
    Tree,
    Value,
    Wildcard,
    Word,
    all_of,
    any_of,
)
from app.search.query.unparse import in_lower_case, is_words, unparse
from indexer.analysis import folding, tokenizer
from indexer.essay import value_key
from indexer.parsing.rules import Rules

RULES = Rules(facets=("mood",))
#: No tree of these tests is cut.
UNLIMITED = Limits(length=1_000_000, clauses=10_000, nesting=1_000)
PARSER = QueryParser(RULES, UNLIMITED)
SYNONYMS = QueryParser(
    RULES, UNLIMITED, Curation(synonyms=(("ml", "machine learning"), ("owl", "strix", "東京都")))
)

#: Kind, the text of a tree, and the tree.
TEXTS: list[tuple[str, str, Tree]] = [
    ("a word", "owl", Word("owl")),
    ("an operator as a word", "AND", Word("AND")),
    ("an operator as a word beside others", 'owl "AND"~2', And((Word("owl"), Word("AND")))),
    ("a word as it is written", '"owl"', Exact("owl")),
    ("a word of a title as it is written", 'title:"Owl"', Exact("Owl", "title")),
    ("an operator as it is written", '"AND"', Exact("AND")),
    ("a word of a field", "title:owl", Word("owl", "title")),
    ("a run", "東京都", Run("東京都")),
    ("a phrase", '"black box"', Phrase("black box")),
    ("a phrase with slop", '"black box"~4', Phrase("black box", 4)),
    ("a phrase with quotes", r'"say \"hi\""', Phrase('say "hi"')),
    ("a phrase of a field", 'cites:"Ribeiro, M."', Phrase("Ribeiro, M.", 1, "cites")),
    ("a prefix", "interp*", Prefix("interp")),
    ("a prefix of a value", "path:birds/*", Prefix("birds/", "path")),
    ("a pattern", "s?arrow", Wildcard("s?arrow")),
    ("a pattern of a value", "tag:*learn*", Wildcard("*learn*", "tag")),
    ("fuzzy", "modle~", Fuzzy("modle")),
    ("fuzzy, two edits", "title:modle~2", Fuzzy("modle", 2, "title")),
    ("a value", "tag:xai", Value("tag", "xai")),
    ("a value of two words", 'tag:"deep learning"', Value("tag", "deep learning")),
    ("a value with a star", 'tag:"wild*card"', Value("tag", "wild*card")),
    ("a flag", "has:tables", Value("has", "tables")),
    ("a rating in words", "certainty:likely", Value("certainty", "likely")),
    ("a rating in numbers", "certainty:75", Value("certainty", "75", 75.0)),
    ("a rating of ten", "importance:7", Value("importance", "7", 70.0)),
    ("no rating", "status:unrated", Value("status", "unrated")),
    ("from a rating on", "certainty:>=70", Range("certainty", 70.0)),
    ("above a rating", "certainty:>70.5", Range("certainty", 70.5, exclusive=True)),
    ("below a rating", "importance:<6", Range("importance", None, 60.0, exclusive=True)),
    ("between ratings", "importance:6..7.5", Range("importance", 60.0, 75.0)),
    ("a year", "date:2024", Range("date", "2024-01-01", "2024-12-31")),
    ("a month", "updated:2024-02", Range("updated", "2024-02-01", "2024-02-29")),
    ("a day", "date:2024-02-29", Range("date", "2024-02-29", "2024-02-29")),
    ("days", "date:2024-02-29..2024-03-01", Range("date", "2024-02-29", "2024-03-01")),
    ("from a day on", "date:>=2024-02-29", Range("date", "2024-02-29")),
    ("before a day", "date:<2024-02-29", Range("date", None, "2024-02-29", exclusive=True)),
    ("all", "owl moth", And((Word("owl"), Word("moth")))),
    ("any", "owl OR moth", Or((Word("owl"), Word("moth")))),
    ("any of all", "(owl ear) OR moth", Or((And((Word("owl"), Word("ear"))), Word("moth")))),
    ("all of any", "(owl OR moth) ear", And((Or((Word("owl"), Word("moth"))), Word("ear")))),
    ("without", "owl -moth", And((Word("owl"), Not(Word("moth"))))),
    ("without any", "-(owl OR moth)", Not(Or((Word("owl"), Word("moth"))))),
    ("not without", "-(-moth)", Not(Not(Word("moth")))),
    ("without a phrase", '-"black box"', Not(Phrase("black box"))),
    ("without a value", "-tag:xai", Not(Value("tag", "xai"))),
    ("every essay", "", Every()),
    ("without a word in capitals", "-xai", Not(Word("xai"))),
    ("without, of many words",
     " ".join(['"owl"~2'] * 13) + ' -"moth"~2', And((*[Word("owl")] * 13, Not(Word("moth"))))),
    ("without, of many words as they are written",
     " ".join(['"owl"'] * 13) + ' -"moth"', And((*[Exact("owl")] * 13, Not(Exact("moth"))))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), [row[1:] for row in TEXTS], ids=[r[0] for r in TEXTS])
def test_a_tree_has_one_text(text: str, tree: Tree) -> None:
    assert unparse(tree) == text
    parsed = PARSER.parse(text)
    assert (parsed.tree, parsed.notes) == (tree, ())


#: What is typed, and how it is said shortest.
SHORTER = [
    ("owl AND ear", "owl ear"),
    ("NOT (owl)", "-owl"),
    ("((owl OR (moth)) ear)", "(owl OR moth) ear"),
    ("title:(owl night)", "title:owl title:night"),
    ("“black box”", '"black box"'),
    ("“denning”", '"denning"'),
    ('author:"denning"', "author:denning"),
    ("far-fall, people!", "far fall people"),
    ("owl?🀄", "owl 🀄"),
    ("colour:red", "colour red"),
    ("keyword:XAI", "tag:xai"),
    ("belief:>=likely", "certainty:>=75"),
    ("unrated:belief", "certainty:unrated"),
    ("year:2020", "date:2020"),
    ("date:>2024-02", "date:>2024-02-29"),
    ("has:table", "has:tables"),
    ("a**b", "a*b"),
    ("XAI -ML", "XAI ML"),
]


@pytest.mark.parametrize(("typed", "text"), SHORTER)
def test_what_was_typed_in_fewer_words(typed: str, text: str) -> None:
    assert unparse(PARSER.parse(typed).tree) == text


# -- any tree at all ------------------------------------------------------------------------------

TEXT_FIELDS = st.sampled_from(["", "", "", "title", "heading", "body", "description", "author"])
letters = st.text(max_size=8) | st.text("abcXYZéß東京都ก'’-_ 1٣", max_size=10)


def one_piece(text: str) -> bool:
    """Whether a text is a single word or run, all of it."""
    return [piece.text for piece in QueryAnalyzer().pieces(text)] == [text]


def is_folded(text: str) -> bool:
    return "".join(tokenizer.words(text)) == text and not folding.RUN.search(text)


pieces = letters.filter(one_piece) | st.sampled_from(["owl", "AND", "or", "NOT", "don't", "京都"])
words = pieces.filter(lambda text: not folding.RUN.search(text))
beginnings = st.text("aé/:.-<=", min_size=1).map(value_key)
folded = letters.map(folding.fold).filter(lambda text: bool(text) and is_folded(text)) | (
    st.sampled_from(["owl", "ete", "2024"])
)
#: A question mark is a pattern between letters and figures alone: "what?🀄" is a question.
around = folded.filter(lambda text: bool(re.fullmatch(r"\w.*\w|\w", text, re.DOTALL)))
awkward = st.text('ab" ()*?~:.<>=-“\\', max_size=8)
values = (st.text(max_size=8) | awkward).map(value_key)
percents = st.floats(0, 100) | st.integers(0, 100).map(float)
days = st.dates().map(lambda day: day.isoformat())


def rating(field: str, value: str) -> Tree:
    meant = PARSER.fields[field]
    assert not isinstance(meant, TextField)
    return meant.tree("", value_key(value), quoted=True)


leaves: st.SearchStrategy[Tree] = st.one_of(
    st.builds(
        lambda text, field: (Run if folding.RUN.fullmatch(text) else Word)(text, field),
        pieces, TEXT_FIELDS,
    ),
    st.builds(Exact, words, st.sampled_from(["", "title"])),
    st.builds(
        Phrase, st.lists(words, min_size=2).map(" ".join), st.integers(0, 999), TEXT_FIELDS
    ),
    st.builds(Prefix, folded, TEXT_FIELDS),
    st.builds(Prefix, beginnings, st.sampled_from(["tag", "path", "mood"])),
    st.builds(Wildcard, st.tuples(folded, folded).map("*".join), TEXT_FIELDS),
    st.builds(Wildcard, st.tuples(around, around).map("?".join), TEXT_FIELDS),
    st.builds(Fuzzy, folded, st.sampled_from([1, 2]), TEXT_FIELDS),
    st.builds(Value, st.sampled_from(["tag", "category", "mood", "slug"]), values),
    st.builds(
        rating, st.sampled_from(["certainty", "importance", "status"]),
        values | st.sampled_from(["likely", "75", "7.5", "70%", "3/4", "unrated", "1000"]),
    ),
    st.builds(Range, st.sampled_from(["certainty", "importance"]), percents, percents),
    st.builds(
        Range, st.sampled_from(["certainty", "importance"]), percents, exclusive=st.booleans()
    ),
    st.builds(
        lambda field, high, exclusive: Range(field, None, high, exclusive=exclusive),
        st.sampled_from(["date", "updated"]), days, st.booleans(),
    ),
    st.builds(Range, st.sampled_from(["date", "updated"]), days, days),
)  # fmt: skip


def present(tree: Tree | None) -> Tree:
    assert tree is not None
    return tree


def branches(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    some = st.lists(trees, min_size=2, max_size=4)
    return st.one_of(
        some.map(all_of).map(present), some.map(any_of).map(present), st.builds(Not, trees)
    )


@settings(max_examples=300)
@given(tree=st.recursive(leaves, branches, max_leaves=12))
@example(And((Word("0"), Value("tag", "0."), Or((Word("0"), Fuzzy("owl", 1), Value("tag", ":*"))))))
def test_parse_and_unparse_are_inverse(tree: Tree) -> None:
    text = unparse(tree)
    # There are capitals without a lower case; of them nothing can be demanded.
    assume(kind(text) is not Kind.CAPITALS or is_words(tree, phrases=True))
    parsed = PARSER.parse(text)
    assert parsed.notes == (), text
    assert parsed.tree in (tree, in_lower_case(tree)), text


PIECES = st.sampled_from(
    ["tag", "certainty", "date", "is", "colour", ":", ":", ">=", "<", "..", "(", ")", '"', "“", "-",
     "NOT", "AND", "OR", "*", "?", "~", "~2", " ", " ", " ", "model", "xai", "75", "2024-02", "'",
     "\\", "title:", "unrated:", "\n", "é", "🦉", "/", "//", "%", "&&", "||", "+", "^2", "[", "TO",
     "東京都", "京", "owl", "ml", "machine", "learning", "don’t", "l'homme", "importance:"]
)  # fmt: skip
HEAPS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40)


@settings(max_examples=300)
@given(typed=HEAPS, parser=st.sampled_from([PARSER, SYNONYMS]))
@example(typed="(a) ~2 NOT", parser=PARSER)
@example(typed="machine-learning OR -(owl ml)", parser=SYNONYMS)
def test_what_was_typed_means_the_same_said_again(typed: str, parser: QueryParser) -> None:
    tree = parser.parse(typed).tree
    text = unparse(tree)
    # "¼" folds to two numbers and a sign that is no letter, so a pattern of it cannot be said.
    assume("⁄" not in text)
    again = parser.parse(text)
    assert again.tree in (tree, in_lower_case(tree)), text
    assert unparse(again.tree) == text
