"""The engine that asks a cluster of OpenSearch.

:class:`OpenSearchEngine` looks up before each question which generation answers, and answers it
from that one.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import msgspec

from app.search.budget import Budget
from app.search.discovery import MAX_POINTS, Duplicate, Listed, Points, Related, Timeline
from app.search.opensearch import links, overview, report
from app.search.opensearch import related as related_
from app.search.opensearch import search as search_
from app.search.opensearch.archive import SnapshotArchive
from app.search.opensearch.cluster import Cluster
from app.search.opensearch.hits import highlights, hits_of
from app.search.opensearch.search import Answer
from app.search.opensearch.snapshot import Snapshot
from app.search.opensearch.sorting import order_of
from app.search.query.curation import Curation
from app.search.query.limits import Limits
from app.search.query.marks import Marks
from app.search.query.parser import QueryParser
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
from app.search.spelling import correction
from app.search.suggest import completion
from app.search.suggest.alternatives import alternatives
from indexer.essay import Essay
from indexer.parsing.rules import Rules
from indexer.schema import document
from indexer.schema.field_names import STORED
from indexer.storage.opensearch.connection import Connection

#: What every question may take on the wall, however short its budget: what a generation has to be
#: asked once takes as many requests as the question has words.
OWN_MILLISECONDS = 1_000
#: What may be done until which share of a budget: finding, showing what was found, and looking for
#: ways on. What is left of it is for making a page.
FINDING_SHARE, SHOWING_SHARE, ALTERNATIVES_SHARE = 0.55, 0.7, 0.8


class OpenSearchEngine:
    """Answers from the index that a cluster has, read under ``rules``; see
    :class:`app.search.engine.Engine`."""

    def __init__(
        self,
        connection: Connection,
        rules: Rules,
        limits: Limits | None = None,
        curation: Curation | None = None,
    ) -> None:
        self.rules = rules
        self.language = QueryParser(rules, limits, curation)
        self._cluster = Cluster(connection, rules.facets)
        self._snapshot: Snapshot | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        """Let go of the connections to the cluster."""
        self._cluster.client.close()

    def curate(self, curation: Curation) -> None:
        """Answer by other synonyms and pins from the next question on."""
        self.language = QueryParser(self.rules, self.language.limits, curation)

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        """The snapshot of what answers now. While a build changes the index in place, each question
        is answered at a point in time of its own."""
        pointed = self._cluster.pointed()
        if pointed.changing:
            with self._cluster.point(pointed.name) as pit:
                yield Snapshot(self._cluster, pointed, self.rules, pit)
            return
        with self._opening:
            known = self._snapshot
            if known is None or (known.index, known.number) != pointed[:2]:
                known = self._snapshot = Snapshot(self._cluster, pointed, self.rules)
        yield known

    @contextmanager
    def _asked(self, budget: Budget | None) -> Iterator[tuple[Snapshot, Budget]]:
        """The current snapshot, and what one question may cost."""
        budget = Budget(self.language.limits.milliseconds) if budget is None else budget
        budget.wait_for_others(OWN_MILLISECONDS)
        with self._reading() as snapshot:
            yield snapshot, budget

    def generation(self) -> int:
        return self._cluster.pointed().generation

    def _answer(
        self, request: SearchRequest, snapshot: Snapshot, budget: Budget, *, weigh: bool = True
    ) -> Answer:
        return search_.answer(request, self.language, snapshot, weigh=weigh, budget=budget)

    def search(self, request: SearchRequest, budget: Budget | None = None) -> SearchResults:
        started = time.perf_counter()
        with self._asked(budget) as (snapshot, given):
            answer = self._answer(request, snapshot, given)
            marked = answer.ranked.parsed.marks != Marks()
            stored = ("card", "sections") if marked else ("card",)
            found, page = answer.page(*stored, explain=request.explain)
            counts = answer.counts(found)
            return SearchResults(
                request=request,
                total=counts.total,
                pages=math.ceil(counts.total / request.per_page),
                sort=answer.sort,
                generation=snapshot.number,
                counts=counts,
                hits=hits_of(page, answer, given.until(SHOWING_SHARE)),
                took_ms=round((time.perf_counter() - started) * 1000, 3),
                notes=(*answer.notes, *given.notes()),
                corrected=answer.correction,
                nearest=answer.ranked.nearest,
            )

    def facet_counts(self, request: SearchRequest, budget: Budget | None = None) -> FacetCounts:
        with self._asked(budget) as (snapshot, given):
            answer = self._answer(request, snapshot, given, weigh=False)
            counts = answer.counts(snapshot.search({**answer.body(), "size": 0}, given))
            return msgspec.structs.replace(counts, notes=given.notes())

    def totals(
        self,
        request: SearchRequest,
        parts: Sequence[Narrowing],
        budget: Budget | None = None,
    ) -> tuple[int, ...]:
        with self._asked(budget) as (snapshot, given):
            return search_.totals(request, parts, self.language, snapshot, given)

    def percentages(
        self, request: SearchRequest, budget: Budget | None = None
    ) -> Mapping[str, tuple[NumberCount, ...]]:
        with self._asked(budget) as (snapshot, given):
            query = self._answer(request, snapshot, given, weigh=False).query
            return overview.percentages(query, snapshot)

    def map_points(
        self, request: SearchRequest, limit: int = MAX_POINTS, budget: Budget | None = None
    ) -> Points:
        with self._asked(budget) as (snapshot, given):
            query = self._answer(request, snapshot, given, weigh=False).query
            return overview.points(query, request.sort, limit, snapshot)

    def timeline(self, request: SearchRequest, budget: Budget | None = None) -> Timeline:
        with self._asked(budget) as (snapshot, given):
            query = self._answer(request, snapshot, given, weigh=False).query
            return overview.timeline(query, snapshot)

    def co_occurring(
        self, request: SearchRequest, facet: str, budget: Budget | None = None
    ) -> tuple[FacetValue, ...]:
        with self._asked(budget) as (snapshot, given):
            query = self._answer(request, snapshot, given, weigh=False).query
            chosen = request.filters.get(facet, ())
            return overview.co_occurring(query, facet, chosen, snapshot)

    def listed(self, first: int, limit: int) -> tuple[Listed, ...]:
        with self._reading() as snapshot:
            return overview.listed(first, limit, snapshot)

    def resolve_links(self, paths: tuple[str, ...]) -> dict[str, str]:
        with self._reading() as snapshot:
            return links.resolved(paths, snapshot)

    def backlinks(self, slug: str, limit: int) -> tuple[Essay, ...]:
        with self._reading() as snapshot:
            found = snapshot.find("slug", slug, "card")
            if found is None:
                return ()
            query, sort = links.backlinks(found.card, snapshot), order_of("newest")
            return tuple(each.card for each in snapshot.first(query, limit, "card", sort=sort))

    def related(self, slug: str, limit: int, budget: Budget | None = None) -> tuple[Related, ...]:
        with self._asked(budget) as (snapshot, given):
            return related_.related(slug, snapshot, limit, given)

    def duplicates(self, slug: str, budget: Budget | None = None) -> tuple[Duplicate, ...]:
        with self._asked(budget) as (snapshot, given):
            return related_.duplicates(slug, snapshot, given)

    def author_report(self, today: date) -> AuthorReport:
        with self._reading() as snapshot:
            return report.report(snapshot, today, self.language.curation.pins)

    def essay(self, slug: str) -> Essay | None:
        with self._reading() as snapshot:
            found = snapshot.find("slug", slug, *STORED)
            return None if found is None else document.whole(found.stored)

    def neighbours(
        self, request: SearchRequest, slug: str, budget: Budget | None = None
    ) -> Neighbours | None:
        with self._asked(budget) as (snapshot, given):
            return search_.neighbours(slug, request, self.language, snapshot, given)

    def highlights(
        self, q: str, texts: Sequence[str], budget: Budget | None = None
    ) -> list[list[Place]]:
        with self._asked(budget) as (snapshot, given):
            archive, request = SnapshotArchive(snapshot, self.language), SearchRequest(q=q)
            archive.know(q)
            asked = correction.correct(request, self.language, archive, given).request.q
            marks = self.language.parse(asked, snapshot.analyzer).marks
            return highlights(marks, texts, snapshot, self.language, given.until(SHOWING_SHARE))

    def alternatives(self, request: SearchRequest, budget: Budget | None = None) -> Alternatives:
        with self._asked(budget) as (snapshot, given):
            until = given.until(ALTERNATIVES_SHARE)
            archive = SnapshotArchive(snapshot, self.language)
            searches = _Searches(self, snapshot, until)
            return alternatives(request, self.language, archive, searches, until)

    def suggest(
        self, text: str, limit: int, budget: Budget | None = None
    ) -> tuple[Suggestion, ...]:
        with self._asked(budget) as (snapshot, given):
            shelf = SnapshotArchive(snapshot, self.language)
            until = given.until(ALTERNATIVES_SHARE)
            return completion.suggest(text, limit, self.language, shelf, until)


class _Searches:
    """The searches of one generation, within one budget."""

    def __init__(self, engine: OpenSearchEngine, snapshot: Snapshot, budget: Budget) -> None:
        self._engine = engine
        self._snapshot = snapshot
        self._budget = budget

    def _answer(self, request: SearchRequest) -> Answer:
        return self._engine._answer(request, self._snapshot, self._budget, weigh=False)

    def count(self, request: SearchRequest) -> int:
        return self._answer(request).total

    def first(self, request: SearchRequest, most: int) -> tuple[Essay, ...]:
        return tuple(each.card for each in self._answer(request).first(most, "card"))
