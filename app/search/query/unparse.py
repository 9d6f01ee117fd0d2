"""From a tree to a query that a person could type and that has the same tree."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from app.search.query.fields import days
from app.search.query.grammar import escaped, quote
from app.search.query.tree import (
    And,
    Every,
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
    all_of,
)


def unparse(tree: Tree) -> str:
    """The text of a tree in normal form; :meth:`QueryParser.parse
    <app.search.query.parser.QueryParser.parse>` makes the same tree of it, within its limits.

    Synonyms are what was typed: the author's table adds the others again.

    >>> unparse(And((Or((Word("owl"), Word("moth"))), Not(Value("tag", "deep sea")))))
    '(owl OR moth) -tag:"deep sea"'
    >>> unparse(Range("date", "2024-01-01", "2024-12-31")), unparse(Range("certainty", 70.0))
    ('date:2024', 'certainty:>=70')
    """
    match tree:
        case And(parts):
            return " ".join(_inner(part) for part in parts)
        case Or(parts):
            return " OR ".join(_inner(part) for part in parts)
        case Not(part):
            return f"-{_inner(part)}" if not isinstance(part, Not) else f"-({unparse(part)})"
        case Synonyms(typed):
            words = all_of(typed)
            assert words is not None
            return unparse(words)
        case Every():
            return ""
        case _:
            return _leaf(tree)


def _inner(tree: Tree) -> str:
    """The text of a part among others."""
    several = isinstance(tree, And | Or) or (isinstance(tree, Synonyms) and len(tree.typed) > 1)
    return f"({unparse(tree)})" if several else unparse(tree)


def _leaf(
    tree: Word | Run | Phrase | Prefix | Wildcard | Fuzzy | Value | Range,
) -> str:
    match tree:
        case Word(text) | Run(text):
            made = f'"{text}"' if text in ("AND", "OR", "NOT") else text
        case Phrase(text, slop):
            made = escaped(text) + (f"~{slop}" if slop != 1 else "")
        case Prefix(text):
            made = f"{text}*"
        case Wildcard(pattern):
            made = pattern
        case Fuzzy(text, distance):
            made = f"{text}~" + (str(distance) if distance != 1 else "")
        case Value(_, value):
            made = quote(value)
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
