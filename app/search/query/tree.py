"""What is a word of a query, in whichever field of text it stands, what are words in sequence, and
what stands for many words?

All are Whoosh's own ``Or`` to whoever does not know them: its searcher finds the same essays. Here
words are weighed as one word (:mod:`app.search.embedded.matching.bm25f`), not as one per field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from whoosh import query as wq

from indexer.schema import document
from indexer.storage.arrays import Array
from indexer.storage.postings import Field


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
        found = frozenset(term for name, term in self.terms if name in document.TEXT)
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
