"""The engine that answers in this process, from one generation of the index.

:class:`EmbeddedEngine` looks at the pointer before each question and answers it from one snapshot
(:mod:`app.search.embedded.latest`), so that no answer mixes two generations or reads a damaged
file.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from app.search.budget import Budget, Slots
from app.search.discovery import MAX_POINTS, Duplicate, Listed, Points, Related, Timeline
from app.search.embedded import search as search_
from app.search.embedded.discovery import duplicates, links, overview
from app.search.embedded.discovery import related as related_
from app.search.embedded.hits import highlights, hits_of
from app.search.embedded.latest import Latest
from app.search.embedded.report import report
from app.search.embedded.search import Answer
from app.search.embedded.semantic import vectors
from app.search.embedded.snapshot import Snapshot
from app.search.embedded.spelling.archive import SnapshotArchive
from app.search.embedded.suggest.shelf import SnapshotSearches, SnapshotShelf
from app.search.query.curation import Curation
from app.search.query.limits import Limits
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
from indexer.analysis import embedding, glosses
from indexer.essay import Essay
from indexer.parsing.rules import Rules
from indexer.storage.generation import Current

#: Requests that take long, answered at a time in one process. They share one processor, as threads
#: of Python do; others need a part of it.
LONG_AT_A_TIME = 2
#: What may be done until which share of a budget: finding, showing what was found, and looking for
#: ways on. What is left of it is for making a page.
FINDING_SHARE, SHOWING_SHARE, ALTERNATIVES_SHARE = 0.55, 0.7, 0.8


class EmbeddedEngine:
    """Answers from the index folder ``index``, read under ``rules``; see
    :class:`app.search.engine.Engine`."""

    def __init__(
        self,
        index: Path,
        rules: Rules,
        limits: Limits | None = None,
        curation: Curation | None = None,
    ) -> None:
        self.index = index
        self.rules = rules
        self.language = QueryParser(rules, limits, curation)
        self._latest = Latest(index, self._open)
        self._slots = Slots(LONG_AT_A_TIME)

    def _open(self, pointer: Current) -> Snapshot:
        """A generation, ready to be asked: no reader waits for what has to be loaded once."""
        snapshot = Snapshot(self.index, pointer, self.rules)
        if vectors.has_vectors(snapshot.leaves):
            embedding.model()
            glosses.load()
        # NumPy loads this part of itself at its first use, which would be amid a question.
        np.ma.isMaskedArray(None)
        return snapshot

    def curate(self, curation: Curation) -> None:
        """Answer by other synonyms and pins from the next question on."""
        self.language = QueryParser(self.rules, self.language.limits, curation)

    @contextmanager
    def _asked(self, budget: Budget | None) -> Iterator[tuple[Snapshot, Budget]]:
        """The current snapshot, and what one question may cost; opening a generation is on
        nobody's account."""
        budget = Budget(self.language.limits.milliseconds) if budget is None else budget
        with budget.apart():
            got = self._current()
        with budget.among(self._slots), self._latest.reading(got) as snapshot:
            yield snapshot, budget

    def _current(self) -> Snapshot:
        return self._latest.get()

    def generation(self) -> int:
        return self._current().number

    def search(self, request: SearchRequest, budget: Budget | None = None) -> SearchResults:
        started = time.perf_counter()
        with self._asked(budget) as (snapshot, given):
            answer = self._answer(request, snapshot, given)
            found_at = time.perf_counter()
            until = request.page * request.per_page
            shown = answer.ordered(until)[until - request.per_page :].tolist()
            results = SearchResults(
                request=request,
                total=len(answer.docs),
                pages=math.ceil(len(answer.docs) / request.per_page),
                sort=answer.sort,
                generation=snapshot.number,
                counts=answer.counts(),
                hits=hits_of(shown, answer, given.until(SHOWING_SHARE)),
                took_ms=round((time.perf_counter() - started) * 1000, 3),
                notes=(*answer.notes, *given.notes()),
                corrected=answer.correction,
                nearest=answer.ranked.nearest,
            )
            given.took("show", time.perf_counter() - found_at)
            return results

    def _answer(
        self, request: SearchRequest, snapshot: Snapshot, budget: Budget, *, weigh: bool = True
    ) -> Answer:
        """What a request finds, in the share of a budget that is for finding."""
        began = time.perf_counter()
        until = budget.until(FINDING_SHARE)
        answer = search_.answer(request, self.language, snapshot, weigh=weigh, budget=until)
        budget.took("find", time.perf_counter() - began)
        return answer

    def facet_counts(self, request: SearchRequest, budget: Budget | None = None) -> FacetCounts:
        with self._asked(budget) as (snapshot, given):
            counts = self._answer(request, snapshot, given, weigh=False).counts()
            return msgspec.structs.replace(counts, notes=given.notes())

    def percentages(
        self, request: SearchRequest, budget: Budget | None = None
    ) -> Mapping[str, tuple[NumberCount, ...]]:
        with self._asked(budget) as (snapshot, given):
            return self._answer(request, snapshot, given, weigh=False).filtered.percentages()

    def totals(
        self,
        request: SearchRequest,
        parts: Sequence[Narrowing],
        budget: Budget | None = None,
    ) -> tuple[int, ...]:
        with self._asked(budget) as (snapshot, given):
            # Drawing the map takes longer than a page of hits.
            until = given.until(FINDING_SHARE)
            return search_.totals(request, parts, self.language, snapshot, until)

    def map_points(
        self, request: SearchRequest, limit: int = MAX_POINTS, budget: Budget | None = None
    ) -> Points:
        with self._asked(budget) as (snapshot, given):
            docs = self._answer(request, snapshot, given, weigh=False).docs
            return overview.points(docs, request.sort, limit, snapshot)

    def timeline(self, request: SearchRequest, budget: Budget | None = None) -> Timeline:
        with self._asked(budget) as (snapshot, given):
            return overview.timeline(
                self._answer(request, snapshot, given, weigh=False).docs, snapshot
            )

    def co_occurring(
        self, request: SearchRequest, facet: str, budget: Budget | None = None
    ) -> tuple[FacetValue, ...]:
        with self._asked(budget) as (snapshot, given):
            docs = self._answer(request, snapshot, given, weigh=False).docs
            return overview.co_occurring(docs, facet, request.filters.get(facet, ()), snapshot)

    def essay(self, slug: str) -> Essay | None:
        with self._latest.reading() as snapshot:
            doc = snapshot.find("slug", slug)
            return None if doc is None else snapshot.whole(doc)

    def listed(self, first: int, limit: int) -> tuple[Listed, ...]:
        with self._latest.reading() as snapshot:
            return overview.listed(first, limit, snapshot)

    def resolve_links(self, paths: tuple[str, ...]) -> dict[str, str]:
        with self._latest.reading() as snapshot:
            found = {path: links.resolve(path, snapshot) for path in paths}
            return {path: snapshot.slug(doc) for path, doc in found.items() if doc is not None}

    def backlinks(self, slug: str, limit: int) -> tuple[Essay, ...]:
        with self._latest.reading() as snapshot:
            if (doc := snapshot.find("slug", slug)) is None:
                return ()
            docs = links.backlinks(doc, snapshot)
            ordered = snapshot.sorting.ordered("newest", docs, np.zeros(len(docs)), limit)
            return tuple(snapshot.card(each) for each in ordered.tolist())

    def related(self, slug: str, limit: int, budget: Budget | None = None) -> tuple[Related, ...]:
        with self._asked(budget) as (snapshot, given):
            doc = snapshot.find("slug", slug)
            return () if doc is None else related_.related(doc, snapshot, limit, given)

    def duplicates(self, slug: str, budget: Budget | None = None) -> tuple[Duplicate, ...]:
        with self._asked(budget) as (snapshot, given):
            doc = snapshot.find("slug", slug)
            return () if doc is None else duplicates.duplicates(doc, snapshot, given)

    def author_report(self, today: date) -> AuthorReport:
        with self._latest.reading() as snapshot:
            return report.report(snapshot, today, self.language.curation.pins)

    def neighbours(
        self, request: SearchRequest, slug: str, budget: Budget | None = None
    ) -> Neighbours | None:
        with self._asked(budget) as (snapshot, given):
            if (doc := snapshot.find("slug", slug)) is None:
                return None
            until = given.until(FINDING_SHARE)
            return search_.neighbours(doc, request, self.language, snapshot, until)

    def highlights(
        self, q: str, texts: Sequence[str], budget: Budget | None = None
    ) -> list[list[Place]]:
        with self._asked(budget) as (snapshot, given):
            finding, showing = (
                given.until(search_.CORRECTING_SHARE * FINDING_SHARE),
                given.until(SHOWING_SHARE),
            )
            archive, request = SnapshotArchive(snapshot, self.language), SearchRequest(q=q)
            asked = correction.correct(request, self.language, archive, finding).request.q
            marks = self.language.parse(asked, snapshot.analyzer).marks
            limit = self.language.limits.expansions
            return highlights(marks, texts, snapshot, limit, showing)

    def alternatives(self, request: SearchRequest, budget: Budget | None = None) -> Alternatives:
        with self._asked(budget) as (snapshot, given):
            until = given.until(ALTERNATIVES_SHARE)
            return alternatives(
                request,
                self.language,
                SnapshotArchive(snapshot, self.language),
                SnapshotSearches(snapshot, self.language, until),
                until,
            )

    def suggest(
        self, text: str, limit: int, budget: Budget | None = None
    ) -> tuple[Suggestion, ...]:
        with self._asked(budget) as (snapshot, given):
            until = given.until(ALTERNATIVES_SHARE)
            shelf = SnapshotShelf(snapshot, self.language)
            return completion.suggest(text, limit, self.language, shelf, until)
