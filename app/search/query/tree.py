"""The tree of a query: what a reader asked for, and nothing of how an engine finds it.

Each node is a frozen value. ``field`` is a name that a reader may type before a colon
(:mod:`app.search.query.fields`), the same for all its aliases; an empty one stands for every field
of text. Words are as they were typed; an engine looks up the terms that stand for them.

A tree in normal form has no ``And`` directly within an ``And`` and no ``Or`` within an ``Or``, each
of them has two parts or more, and ``Every`` stands alone. :func:`all_of` and :func:`any_of` keep to
it, and so does the parser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """One word, in any of its forms."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Exact:
    """One word as it is written, without case and accents; ``field`` is one of :data:`EXACT` in
    :mod:`app.search.query.fields`."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of a script that puts no spaces between words; they stand in a row."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in their order, each at most ``slop`` places behind the one before; 1 is side by
    side."""

    text: str
    slop: int = 1
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words or values that begin with a text; it is folded as they are."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words or values of a folded pattern: ``*`` any letters, ``?`` one."""

    pattern: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words at most ``distance`` edits from a folded one."""

    text: str
    distance: int = 1
    field: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A whole value of a field that selects, folded as its field folds them.

    ``percent`` where the value is also a number on the scale of a rating: then an essay of exactly
    that percentage has it too.
    """

    field: str
    value: str
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Values from ``low`` to ``high``: days as ``2024-03-09``, ratings in per cent; None is open.

    ``exclusive`` leaves out the one bound that is given; a range has two only with both in it.
    """

    field: str
    low: str | float | None = None
    high: str | float | None = None
    exclusive: bool = False

    def __post_init__(self) -> None:
        if self.exclusive and self.low is not None and self.high is not None:
            raise ValueError("a range with two bounds has both in it")


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Every essay but those of a part."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Words that were typed in a row, and what else the author says that they stand for; the best
    of them counts."""

    typed: tuple[Word, ...]
    others: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """Every essay."""


Tree: TypeAlias = (
    Word
    | Exact
    | Run
    | Phrase
    | Prefix
    | Wildcard
    | Fuzzy
    | Value
    | Range
    | And
    | Or
    | Not
    | Synonyms
    | Every
)


def all_of(trees: Iterable[Tree]) -> Tree | None:
    """All of some trees in normal form; None for none.

    >>> all_of([Word("a"), And((Word("b"), Word("c")))])
    And(parts=(Word(text='a', field=''), Word(text='b', field=''), Word(text='c', field='')))
    """
    parts = [part for tree in trees for part in (tree.parts if type(tree) is And else (tree,))]
    return And(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def any_of(trees: Iterable[Tree]) -> Tree | None:
    """Any of some trees in normal form; None for none."""
    parts = [part for tree in trees for part in (tree.parts if type(tree) is Or else (tree,))]
    return Or(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def wanted(tree: Tree) -> Iterator[Tree]:
    """The nodes of a tree without parts that an essay is to have, in the order of the text: those
    that are excluded, at any depth, are left out."""
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from wanted(part)
        case Synonyms(typed, others):
            for part in (*typed, *others):
                yield from wanted(part)
        case Not():
            return
        case _:
            yield tree
