"""A query as one generation of the index answers it: terms of fields in the place of words.

What a :mod:`tree <app.search.query.tree>` asks for is bound to these clauses once
(:mod:`app.search.binding.binding`); each engine finds their essays in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from indexer.schema import field_names

#: The score of a clause that selects and does not weigh. It vanishes where scores are compared.
FILTER = 1e-12


@dataclass(frozen=True, slots=True)
class BoundWord:
    """One word: ``text`` as a reader knows it, and the terms that stand for it, each with its
    field.

    A field can have several: the stems of several languages. ``anywhere`` where the reader did not
    say in which field it should stand. ``stems`` are what two forms of one word share; a name is
    its own.
    """

    text: str
    terms: tuple[tuple[str, str], ...]
    anywhere: bool = True
    stems: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = frozenset([term for name, term in self.terms if name in field_names.TEXT])
        stems = found or frozenset([term for _, term in self.terms])
        object.__setattr__(self, "stems", stems)


@dataclass(frozen=True, slots=True)
class TermSequence:
    """Terms of one field in their order, each at most ``slop`` places behind the one before."""

    field: str
    terms: tuple[str, ...]
    slop: int = 1


@dataclass(frozen=True, slots=True)
class BoundPhrase:
    """Words one after another, in any of some sequences of terms.

    ``words`` are its words by themselves; an essay that has the phrase weighs what they do.
    ``run`` where the reader typed no phrase, but a run of letters written without spaces.
    """

    text: str
    sequences: tuple[TermSequence, ...]
    words: tuple[BoundWord, ...]
    run: bool = False


@dataclass(frozen=True, slots=True)
class BoundSynonyms:
    """What was typed, and others with what each counts against it; an essay weighs by the best of
    them."""

    text: str
    typed: Clause
    others: tuple[tuple[Clause, float], ...]

    @property
    def anywhere(self) -> bool:
        return True

    @property
    def stems(self) -> frozenset[str]:
        return frozenset([self.text])


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a field."""

    field: str
    term: str


@dataclass(frozen=True, slots=True)
class TermPrefix:
    """The terms of a field that begin with a text."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class TermRange:
    """The terms of a field from ``low`` to ``high``; None is open. ``exclusive`` leaves the bounds
    out."""

    field: str
    low: str | None
    high: str | None
    exclusive: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """Any of some terms of one field: what a prefix, a pattern (``distance`` 0) or a misspelt word
    stands for. Each engine has the terms in a form of its own, a class below this one."""

    field: str
    text: str
    distance: int

    @property
    def words(self) -> frozenset[str]:
        """The terms, read where they are asked for."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of some clauses; scores add up."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Any of some clauses; scores add up. Of none it is nothing."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A clause in which every document has one score."""

    part: Clause
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Complement:
    """Every document but those of a clause, all with one score."""

    part: Clause
    score: float = FILTER


@dataclass(frozen=True, slots=True)
class EveryDocument:
    """Every document, with a score of 1."""


Clause: TypeAlias = (
    BoundWord
    | BoundPhrase
    | BoundSynonyms
    | Term
    | TermPrefix
    | TermRange
    | Expansion
    | Conjunction
    | Disjunction
    | Constant
    | Complement
    | EveryDocument
)

NOTHING = Disjunction(())

#: A run of so many pairs of letters is more than a word, where no spaces are written.
MIN_PAIRS = 4


def all_clauses(clauses: list[Clause]) -> Clause:
    """All of some clauses, of which there is one at least."""
    return Conjunction(tuple(clauses)) if len(clauses) > 1 else clauses[0]


def conjuncts(clause: Clause) -> list[Clause]:
    """The clauses that a document has to have all of."""
    return list(clause.parts) if isinstance(clause, Conjunction) else [clause]


def loose(clause: Clause) -> TypeGuard[BoundWord | BoundSynonyms]:
    """Whether a clause is a word that an essay may lack, if it has most of the others."""
    return isinstance(clause, BoundWord | BoundSynonyms) and clause.anywhere


def run_of(clause: Clause) -> bool:
    """Whether a clause is a run of letters of a script that has no spaces."""
    return isinstance(clause, BoundPhrase) and clause.run


def apart(clause: Clause) -> list[Clause]:
    """The pairs of letters of a run that is longer than a word."""
    if isinstance(clause, BoundPhrase) and clause.run and len(clause.words) >= MIN_PAIRS:
        return list(clause.words)
    return [clause]
