"""The clauses of a query tree, and the rules for joining them.

A word and words in sequence are Whoosh's own ``Or`` to whoever does not know them: its searcher
finds the same essays. Here they are weighed as one word, not as one per field. What selects does
not weigh, and what is excluded is excluded from something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from whoosh import query as wq

from indexer.schema import field_names
from indexer.storage.arrays import Array
from indexer.storage.postings import Field

#: The weight of a clause that selects and does not weigh. Whoosh takes 0.0 for "not given"; this
#: vanishes where scores are compared.
FILTER = 1e-12


def all_of(queries: list[wq.Query]) -> wq.Query | None:
    """All of these; nothing for none. What is only excluded is excluded from every essay."""
    # Whoosh's AndNot can let its first essay through, and a bare Not gives what it keeps a
    # score of 1; as filters they are exact and weigh nothing.
    clauses = [
        wq.ConstantScoreQuery(clause, FILTER) if isinstance(clause, wq.Not) else clause
        for query in queries
        for clause in (query.subqueries if type(query) is wq.And else [query])
    ]
    return wq.And(clauses) if len(clauses) > 1 else next(iter(clauses), None)


def any_of(queries: list[wq.Query]) -> wq.Query | None:
    """Any of these; nothing for none."""
    if not queries:
        return None
    return queries[0] if len(queries) == 1 else wq.Or([standing(q) for q in queries])


def standing(tree: wq.Query | None) -> wq.Query:
    """A tree that can stand alone: something to exclude from, and every essay for nothing."""
    if tree is None:
        return wq.Every()
    return wq.ConstantScoreQuery(tree, FILTER) if isinstance(tree, wq.Not) else tree


class _Settled(wq.Or):  # type: ignore[misc]
    """A clause of terms of the index: there is nothing in it to rewrite."""

    def apply(self, _: Callable[[wq.Query], wq.Query]) -> _Settled:
        return self

    def normalize(self) -> wq.Query:
        return wq.Or(self.subqueries, boost=self.boost).normalize()


class Word(_Settled):
    """One word: ``text`` as a reader knows it, and the terms that stand for it in the fields.

    A field can have several: the stems of several languages. ``anywhere`` where the reader did not
    say in which field it should stand.

    >>> Word("maps", [("title", "map"), ("words", "maps")])
    Word('maps', title:map, words:maps)
    """

    def __init__(
        self,
        text: str,
        terms: Iterable[tuple[str, str]],
        boost: float = 1.0,
        *,
        anywhere: bool = True,
    ) -> None:
        self.text = text
        self.anywhere = anywhere
        self.terms = tuple(terms)
        super().__init__([], boost=boost)
        del self.subqueries

    @cached_property
    def subqueries(self) -> list[wq.Query]:
        """The same for Whoosh, made where it is asked."""
        return [wq.Term(name, term) for name, term in self.terms]

    @property
    def stems(self) -> frozenset[str]:
        """What two forms of one word share; a name is its own."""
        found = frozenset(term for name, term in self.terms if name in field_names.TEXT)
        return found or frozenset(term for _, term in self.terms)

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}:{term}" for name, term in self.terms)
        return f"Word({self.text!r}, {listed})"


class Expanded(_Settled):
    """Any of some terms of one field: what a prefix, a pattern or a misspelt word stands for.

    ``numbers`` has for every segment the numbers of its terms in ``fields``, the commonest first;
    ``text`` and ``distance`` are what they were found by.
    """

    def __init__(
        self,
        fieldname: str,
        text: str,
        distance: int,
        fields: Iterable[Field | None],
        numbers: Iterable[Array],
    ) -> None:
        self.fieldname, self.text, self.distance = fieldname, text, distance
        self.fields, self.numbers = tuple(fields), tuple(numbers)
        super().__init__([])
        del self.subqueries

    @property
    def words(self) -> frozenset[str]:
        """The terms, read where they are asked for."""
        return frozenset(
            field.terms[number].decode()
            for field, numbers in zip(self.fields, self.numbers, strict=True)
            if field is not None
            for number in numbers.tolist()
        )

    @cached_property
    def subqueries(self) -> list[wq.Query]:
        """The same for Whoosh, made where it is asked."""
        return [wq.Term(self.fieldname, term) for term in sorted(self.words)]

    def __repr__(self) -> str:
        return f"Expanded({self.fieldname}:{self.text!r})"


class Sequence(_Settled):
    """Words one after another: a phrase in each of the fields that can have it.

    ``words`` are its words by themselves; an essay that has the sequence weighs what they do.
    ``run`` where the reader typed no phrase, but a run of letters written without spaces.
    """

    def __init__(
        self,
        text: str,
        phrases: Iterable[wq.Query],
        words: Iterable[Word],
        boost: float = 1.0,
        *,
        run: bool = False,
    ) -> None:
        self.text = text
        self.run = run
        self.words = tuple(words)
        super().__init__(list(phrases), boost=boost)

    def __repr__(self) -> str:
        return f"Sequence({self.text!r})"


class Synonyms(_Settled):
    """What was typed, and what else it stands for; an essay weighs by the best of them."""

    anywhere = True

    def __init__(
        self, text: str, typed: wq.Query, others: Iterable[wq.Query], boost: float = 1.0
    ) -> None:
        self.text = text
        super().__init__([typed, *others], boost=boost)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset([self.text])

    def __repr__(self) -> str:
        return f"Synonyms({self.text!r})"


#: A run of so many pairs of letters is more than a word, where no spaces are written.
RUN = 4


def loose(clause: wq.Query) -> bool:
    """Whether a clause is a word that an essay may lack, if it has most of the others."""
    return isinstance(clause, Word | Synonyms) and clause.anywhere


def run_of(clause: wq.Query) -> bool:
    """Whether a clause is a run of letters of a script that has no spaces."""
    return isinstance(clause, Sequence) and clause.run


def apart(clause: wq.Query) -> list[wq.Query]:
    """The pairs of letters of a run that is longer than a word."""
    return list(clause.words) if run_of(clause) and len(clause.words) >= RUN else [clause]
