"""From a tree to a query that a person could type and that has the same tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, assert_never

from app.search.query.fields import days
from app.search.query.grammar import escaped, quote
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
    Synonyms,
    Tree,
    Value,
    Wildcard,
    Word,
)

_OPERATORS = ("AND", "OR", "NOT")


def unparse(tree: Tree) -> str:
    """The text of a tree in normal form; :meth:`QueryParser.parse
    <app.search.query.parser.QueryParser.parse>` makes the same tree of it, within its limits.

    Synonyms are what was typed: the author's table adds the others again. Where a text would be
    read as capitals or as prose (:mod:`app.search.query.prose`), and so without its operators,
    words are in lower case, or phrases of one word that need not be side by side, and values are
    between quotes, which means the same. Only a phrase of two sentences beside other things cannot
    be said.

    >>> unparse(And((Or((Word("owl"), Word("moth"))), Not(Value("tag", "deep sea")))))
    '(owl OR moth) -tag:"deep sea"'
    >>> unparse(Range("date", "2024-01-01", "2024-12-31")), unparse(Range("certainty", 70.0))
    ('date:2024', 'certainty:>=70')
    """
    plain = _text(tree, _PLAIN)
    form = kind(plain)
    if plain in _OPERATORS or (
        form is not Kind.QUERY and is_words(tree, phrases=form is Kind.CAPITALS)
    ):
        return plain
    text = _text(tree, _GUARDED)
    form = kind(text)
    if form is Kind.QUERY:
        return text
    return _text(in_lower_case(tree), _PLAIN) if form is Kind.CAPITALS else _text(tree, _QUOTED)


def in_lower_case(tree: Tree) -> Tree:
    """The same tree, whose words and phrases are in lower case; no engine tells case."""
    match tree:
        case And(parts):
            return And(tuple(map(in_lower_case, parts)))
        case Or(parts):
            return Or(tuple(map(in_lower_case, parts)))
        case Not(part):
            return Not(in_lower_case(part))
        case Word(text) | Exact(text) | Run(text) | Phrase(text):
            return replace(tree, text=text.lower())
        case _:
            return tree


def is_words(tree: Tree, *, phrases: bool = False) -> bool:
    """Whether a tree is no more than words of any field; and, if they count, plain ``phrases``."""
    match tree:
        case And(parts):
            return all(is_words(part, phrases=phrases) for part in parts)
        case Word(_, field) | Run(_, field):
            return not field
        case Exact(text, "") | Phrase(text, 1, ""):
            return phrases and escaped(text) == f'"{text}"'
        case _:
            return isinstance(tree, Synonyms | Every)


def _as_phrase(word: str) -> str:
    """A word in any form as a phrase, which is no operator."""
    return f'"{word}"~2'


class _Style(NamedTuple):
    """How words are written, and values of fields."""

    word: Callable[[str], str]
    value: Callable[[str], str]


_PLAIN = _Style(str, quote)
#: No word is taken for an operator.
_GUARDED = _Style(lambda word: _as_phrase(word) if word in _OPERATORS else word, quote)
#: No word is an operator, and no value the end of a sentence.
_QUOTED = _Style(_as_phrase, escaped)


def _text(tree: Tree, style: _Style) -> str:
    """The text of a tree."""

    def inner(part: Tree) -> str:
        several = isinstance(part, And | Or) or (isinstance(part, Synonyms) and len(part.typed) > 1)
        return f"({_text(part, style)})" if several else _text(part, style)

    match tree:
        case And(parts):
            return " ".join(map(inner, parts))
        case Or(parts):
            return " OR ".join(map(inner, parts))
        case Not(part):
            return f"-({inner(part)})" if isinstance(part, Not) else f"-{inner(part)}"
        case Synonyms(typed):
            return " ".join(map(inner, typed))
        case Every():
            return ""
        case _:
            return _leaf(tree, style)


def _leaf(
    tree: Word | Exact | Run | Phrase | Prefix | Wildcard | Fuzzy | Value | Range,
    style: _Style,
) -> str:
    match tree:
        case Word(text) | Run(text):
            made = style.word(text)
        case Exact(text):
            made = f'"{text}"'
        case Phrase(text, slop):
            made = escaped(text) + (f"~{slop}" if slop != 1 else "")
        case Prefix(text):
            made = f"{text}*"
        case Wildcard(pattern):
            made = pattern
        case Fuzzy(text, distance):
            made = f"{text}~" + (str(distance) if distance != 1 else "")
        case Value(_, value):
            made = style.value(value)
        case Range():
            made = _range(tree)
        case _:
            assert_never(tree)
    return f"{tree.field}:{made}" if tree.field else made


def _range(tree: Range) -> str:
    low, high = (_typed_bound(bound, tree.field) for bound in (tree.low, tree.high))
    if low and high:
        return _whole(low, high) if isinstance(tree.low, str) else f"{low}..{high}"
    sign = ("<" if high else ">") + "=" * (not tree.exclusive)
    return sign + (low or high)


def _typed_bound(bound: str | float | None, field: str) -> str:
    """A day as it is; a percentage as it is typed, of importance on its scale from 0 to 10."""
    if bound is None or isinstance(bound, str):
        return bound or ""
    if field == "importance":
        tenth = _number(bound / 10)
        return tenth if float(tenth) * 10 == bound else f"{_number(bound)}%"
    return _number(bound)


def _number(value: float) -> str:
    """A number with all its figures and no exponent."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _whole(low: str, high: str) -> str:
    """Two days as the year, the month or the day that they are the ends of, else as a range."""
    for shorter in (low[:4], low[:7], low):
        if days(shorter) == (low, high):
            return shorter
    return f"{low}..{high}"
