"""The port: what can every engine be asked?

``local`` answers from the embedded index and is the default. Another engine implements these
questions and inherits pages, API, command and tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from app.search.budget import Budget
from app.search.discovery import MAX_POINTS, Duplicate, Points, Related, Timeline
from app.search.report import AuthorReport
from app.search.request import Narrowing, SearchRequest
from app.search.results import (
    Alternatives,
    FacetCounts,
    FacetValue,
    Neighbours,
    Place,
    SearchResults,
    Suggestion,
)
from indexer.essay import Essay


class Engine(Protocol):
    """Answers from one generation per question. Every method raises
    :class:`~indexer.errors.IndexUnavailable` while nothing can answer.

    A ``budget`` bounds what several questions of one request cost together; without one each has
    its own. Past it an answer is cut short, and its notes, or those of the budget, say so.
    """

    def search(self, request: SearchRequest, budget: Budget | None = None) -> SearchResults: ...

    def counts(self, request: SearchRequest, budget: Budget | None = None) -> FacetCounts:
        """Facet values and ranges alone, without hits."""
        ...

    def totals(
        self, request: SearchRequest, parts: Sequence[Narrowing], budget: Budget | None = None
    ) -> tuple[int, ...]:
        """How many essays the search for each part of a request finds."""
        ...

    def points(
        self, request: SearchRequest, limit: int = MAX_POINTS, budget: Budget | None = None
    ) -> Points:
        """The matching essays by certainty and importance; with a limit of 0 only counted."""
        ...

    def timeline(self, request: SearchRequest, budget: Budget | None = None) -> Timeline:
        """When the matching essays were published."""
        ...

    def together(
        self, request: SearchRequest, facet: str, budget: Budget | None = None
    ) -> tuple[FacetValue, ...]:
        """The values of a facet that the matching essays have, but those that were asked for."""
        ...

    def essay(self, slug: str) -> Essay | None:
        """The whole essay at a slug."""
        ...

    def resolve(self, paths: tuple[str, ...]) -> dict[str, str]:
        """The slugs of those targets of links that are essays: content paths, of which an ending
        may be left out, slugs, and names (:mod:`indexer.parsing.wikilinks`)."""
        ...

    def backlinks(self, slug: str, limit: int) -> tuple[Essay, ...]:
        """The essays that link to the one at a slug, whichever way they write it, newest first."""
        ...

    def related(self, slug: str, limit: int, budget: Budget | None = None) -> tuple[Related, ...]:
        """The essays most related to the one at a slug, each with the reason."""
        ...

    def copies(self, slug: str, budget: Budget | None = None) -> tuple[Duplicate, ...]:
        """The essays whose text is nearly that of the one at a slug, the likest first."""
        ...

    def upkeep(self, today: date) -> AuthorReport:
        """What the author may want to see to."""
        ...

    def neighbours(
        self, request: SearchRequest, slug: str, budget: Budget | None = None
    ) -> Neighbours | None:
        """Where the essay at a slug stands among the results of a search, if it is among them."""
        ...

    def places(
        self, q: str, texts: Sequence[str], budget: Budget | None = None
    ) -> list[list[Place]]:
        """Where in each of some texts the words of a query stand, in order and apart."""
        ...

    def ways_on(self, request: SearchRequest, budget: Budget | None = None) -> Alternatives:
        """What a reader can ask whose search found nothing, with exact counts."""
        ...

    def suggest(
        self, text: str, limit: int, budget: Budget | None = None
    ) -> tuple[Suggestion, ...]: ...

    def generation(self) -> int: ...
