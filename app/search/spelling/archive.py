"""What spelling has to know of one generation of an archive: its words, and the essays that have
them. Every engine tells it in its own way."""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping, Sequence
from typing import NamedTuple, Protocol

from app.search.budget import Budget
from app.search.query.analyzer import QueryAnalyzer
from app.search.request import SearchRequest
from app.search.results import Correction


class Near(NamedTuple):
    """A term that is ``distance`` slips from a word; ``having`` essays have it, those included
    that an engine has deleted and not yet forgotten."""

    term: str
    distance: int
    having: int


class Words(Protocol):
    """The words of one generation; ``analyzer`` knows its languages."""

    @property
    def analyzer(self) -> QueryAnalyzer: ...

    def prefixed(self, field: str, prefix: str) -> dict[str, int]:
        """The terms of a field that begin in a way, each with the number of its essays."""
        ...

    def near(self, field: str, word: str, distance: int) -> list[Near]:
        """The terms at most ``distance`` slips away, the nearest first."""
        ...

    def commoner(self, field: str, word: str, least: int) -> list[Near]:
        """The terms at most one slip away that begin with the same letter and that at least so many
        essays have, the nearest first."""
        ...

    def begun(self, field: str, word: str) -> list[Near]:
        """The terms that begin with a word, or one slip from it, the first letter right."""
        ...

    def having(self, field: str, term: str) -> int:
        """How many essays have a term."""
        ...

    def expect(self, field: str, terms: Sequence[str]) -> None:
        """Be ready to be asked how many essays have each of some terms, if that saves time."""
        ...

    def ready(self, field: str) -> None:
        """Make ready what is asked of a field, which may take long once in a generation."""
        ...


class Essays(Protocol):
    """Some essays of a generation."""

    def __len__(self) -> int: ...

    def with_all(self, field: str, words: Sequence[str]) -> Essays:
        """Those of them that have every word in a field."""
        ...


class Archive(Words, Protocol):
    """One generation, asked for essays. ``corrections`` remembers what readers meant."""

    @property
    def corrections(self) -> MutableMapping[Hashable, Correction | None]: ...

    def all_of(self, request: SearchRequest, budget: Budget) -> Essays:
        """The essays that have everything that a request asks for."""
        ...

    def answered(self, request: SearchRequest, budget: Budget) -> int:
        """How many essays answer a request by words, those counted that have most of it."""
        ...

    def means(self, request: SearchRequest, budget: Budget) -> bool:
        """Whether essays answer a request, by words or by what these mean, and meaning takes
        part."""
        ...

    def has(self, text: str, budget: Budget) -> bool:
        """Whether any essay has what a text asks for."""
        ...

    def texts_with(self, word: str, among: Essays) -> list[str]:
        """The title and the texts of an essay that has a folded word, one of some essays if any of
        those has it; nothing where none has."""
        ...
