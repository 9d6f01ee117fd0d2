"""The port: the questions that every engine answers.

:class:`~app.search.embedded.engine.EmbeddedEngine` answers from the index in this process and is
the default. Another engine has these methods and inherits pages, API, command and tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from app.search.budget import Budget
from app.search.discovery import MAX_POINTS, Duplicate, Listed, Points, Related, Timeline
from app.search.query.curation import Curation
from app.search.report import AuthorReport
from app.search.request import Narrowing, SearchRequest
from app.search.results import (
    Alternatives,
    FacetCounts,
    FacetValue,
    Neighbours,
    NumberCount,
    Place,
    SearchResults,
    Suggestion,
)
from indexer.essay import Essay


class Engine(Protocol):
    """Answers from one generation per question. Every method but ``curate`` raises
    :class:`~indexer.errors.IndexUnavailable` while nothing can answer.

    A ``budget`` bounds what several questions of one request cost together; without one each has
    its own. Past it an answer is cut short, and its notes, or those of the budget, say so.
    """

    def curate(self, curation: Curation) -> None:
        """Use other synonyms and pins from the next question on: the only settings that change
        while an engine answers."""
        ...

    def generation(self) -> int:
        """The number of the generation that answers now."""
        ...

    def search(self, request: SearchRequest, budget: Budget | None = None) -> SearchResults:
        """One page of hits with facet counts, ranges, notes and a correction."""
        ...

    def facet_counts(self, request: SearchRequest, budget: Budget | None = None) -> FacetCounts:
        """Facet values and ranges alone, without hits."""
        ...

    def percentages(
        self, request: SearchRequest, budget: Budget | None = None
    ) -> Mapping[str, tuple[NumberCount, ...]]:
        """The percentages that the matching essays have, ascending, for each rating; to two
        decimals. An essay without one is not counted."""
        ...

    def totals(
        self, request: SearchRequest, parts: Sequence[Narrowing], budget: Budget | None = None
    ) -> tuple[int, ...]:
        """The number of essays that the search for each part of a request finds."""
        ...

    def map_points(
        self, request: SearchRequest, limit: int = MAX_POINTS, budget: Budget | None = None
    ) -> Points:
        """The matching essays by certainty and importance; with a limit of 0 only counted."""
        ...

    def timeline(self, request: SearchRequest, budget: Budget | None = None) -> Timeline:
        """The matching essays counted by date of publication."""
        ...

    def co_occurring(
        self, request: SearchRequest, facet: str, budget: Budget | None = None
    ) -> tuple[FacetValue, ...]:
        """The values of a facet that the matching essays have, without those of the request."""
        ...

    def essay(self, slug: str) -> Essay | None:
        """The whole essay at a slug."""
        ...

    def listed(self, first: int, limit: int) -> tuple[Listed, ...]:
        """Essays without regard to any search, from number ``first`` on, counted from 0, in an
        order that stays as long as the generation does."""
        ...

    def resolve_links(self, paths: tuple[str, ...]) -> dict[str, str]:
        """The slugs of those targets of links that are essays: content paths, of which an ending
        may be left out, slugs, and names (:mod:`indexer.parsing.wikilinks`)."""
        ...

    def backlinks(self, slug: str, limit: int) -> tuple[Essay, ...]:
        """The essays that link to the one at a slug, however the link is written, newest first."""
        ...

    def related(self, slug: str, limit: int, budget: Budget | None = None) -> tuple[Related, ...]:
        """The essays most related to the one at a slug, each with the reasons."""
        ...

    def duplicates(self, slug: str, budget: Budget | None = None) -> tuple[Duplicate, ...]:
        """The essays with nearly the same text as the one at a slug, the most similar first."""
        ...

    def author_report(self, today: date) -> AuthorReport:
        """What needs the author's attention."""
        ...

    def neighbours(
        self, request: SearchRequest, slug: str, budget: Budget | None = None
    ) -> Neighbours | None:
        """The position of the essay at a slug among the results of a search, and the results
        before and after it; None where the search does not find it."""
        ...

    def highlights(
        self, q: str, texts: Sequence[str], budget: Budget | None = None
    ) -> list[list[Place]]:
        """The places of a query's words in each of some texts, in order, without overlaps."""
        ...

    def alternatives(self, request: SearchRequest, budget: Budget | None = None) -> Alternatives:
        """Searches to try after one that found nothing, with exact counts."""
        ...

    def suggest(
        self, text: str, limit: int, budget: Budget | None = None
    ) -> tuple[Suggestion, ...]:
        """Essays, facet values and words that complete a half-typed query."""
        ...
