"""The embedded engine: what does one generation of the index answer?

:class:`LocalEngine` looks at the pointer before each question and answers it from one snapshot
(:mod:`app.search.latest`), so that no answer mixes two generations or reads a damaged file.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

import msgspec
import numpy as np

from app.search import (
    copies,
    expansion,
    names,
    selection,
    snippets,
    spelling,
    suggest,
    upkeep,
)
from app.search import related as relations
from app.search.beyond import Copy, Neighbours, Place, Related, WaysOn
from app.search.curation import Curation
from app.search.explain import explain
from app.search.language import Language, Limits
from app.search.latest import Latest
from app.search.matches import SPARSE, Matches, marked
from app.search.pictures import MOST_POINTS, Points, Timeline
from app.search.ranking import Ranked, rank
from app.search.request import (
    FacetCounts,
    FacetValue,
    Hit,
    Note,
    RangeCount,
    SearchRequest,
    SearchResults,
    Sort,
    Suggestion,
)
from app.search.snapshot import Snapshot
from app.search.snippets import Finder
from app.search.ways import ways_on
from indexer.arrays import Array
from indexer.essay import Essay
from indexer.vocabulary import Rules


class _Found(NamedTuple):
    """The documents that words and filters select, their scores, and what was counted."""

    docs: Array
    scores: Array
    facets: dict[str, tuple[FacetValue, ...]]
    ranges: dict[str, RangeCount]

    def score(self, doc: int) -> float:
        return float(self.scores[np.searchsorted(self.docs, doc)])


P = ParamSpec("P")
T = TypeVar("T")


def _question(
    method: Callable[Concatenate[LocalEngine, Snapshot, P], T],
) -> Callable[Concatenate[LocalEngine, P], T]:
    """A method that answers from one snapshot, which it is given."""

    @wraps(method)
    def asked(engine: LocalEngine, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return engine._latest.ask(lambda snapshot: method(engine, snapshot, *args, **kwargs))

    return asked


class LocalEngine:
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
        self.language = Language(rules, limits, curation)
        self._latest = Latest(index, lambda pointer: Snapshot(self.index, pointer, self.rules))

    def curate(self, curation: Curation) -> None:
        """Answer by other synonyms and pins from the next question on."""
        self.language = Language(self.rules, self.language.limits, curation)

    def _current(self) -> Snapshot:
        return self._latest.get()

    def generation(self) -> int:
        return self._current().number

    @_question
    def search(self, snapshot: Snapshot, request: SearchRequest) -> SearchResults:
        started = time.perf_counter()
        meant = spelling.meant(request, self.language, snapshot)
        ranked = rank(meant.request.q, self.language, snapshot, request.prefer)
        found = self._find(snapshot, request, ranked)
        sort: Sort = request.sort or "relevance"
        if sort == "relevance" and not ranked.parsed.scoring:
            sort = "newest"
        until = request.page * request.per_page
        ordered = snapshot.ordered(sort, found.docs, found.scores, until)
        finder = expansion.finder(ranked.parsed.wanted, snapshot)
        shown = ordered[until - request.per_page :].tolist()
        hits = tuple(
            _hit(snapshot, doc, found.score(doc), finder, pinned=doc in ranked.pinned)
            for doc in shown
        )
        if request.explain:
            parts = explain(shown, ranked, snapshot)
            hits = tuple(
                msgspec.structs.replace(hit, parts=each)
                for hit, each in zip(hits, parts, strict=True)
            )
        return SearchResults(
            request=request,
            total=len(found.docs),
            pages=math.ceil(len(found.docs) / request.per_page),
            sort=sort,
            generation=snapshot.number,
            took_ms=round((time.perf_counter() - started) * 1000, 3),
            counts=FacetCounts(len(found.docs), snapshot.number, found.facets, found.ranges),
            hits=hits,
            notes=(*self._notes(request, meant.request, ranked), *_range_notes(request)),
            corrected=meant.correction,
            nearest=ranked.nearest,
        )

    @_question
    def counts(self, snapshot: Snapshot, request: SearchRequest) -> FacetCounts:
        asked = spelling.meant(request, self.language, snapshot).request
        found = self._find(snapshot, request, rank(asked.q, self.language, snapshot, weigh=False))
        return FacetCounts(len(found.docs), snapshot.number, found.facets, found.ranges)

    def _notes(
        self, typed: SearchRequest, asked: SearchRequest, ranked: Ranked
    ) -> tuple[Note, ...]:
        """What the reader is told of a query: the places of notes are those of what was typed."""
        if typed.q == asked.q:
            return ranked.notes
        return (*self.language.parse(typed.q).notes, *ranked.notes[len(ranked.parsed.notes) :])

    def _find(self, snapshot: Snapshot, request: SearchRequest, ranked: Ranked) -> _Found:
        masks = snapshot.columns.masks(request)
        words = None if ranked.every else ranked.found.docs
        docs, facets, ranges = snapshot.columns.count(request, words, masks)
        if words is None:
            return _Found(docs, np.zeros(len(docs)), facets, ranges)
        return _Found(docs, _scores_of(ranked.found, docs, snapshot.size), facets, ranges)

    @_question
    def points(
        self, snapshot: Snapshot, request: SearchRequest, limit: int = MOST_POINTS
    ) -> Points:
        docs = self._matching(snapshot, request)
        return snapshot.survey.points(docs, request.sort, limit)

    @_question
    def timeline(self, snapshot: Snapshot, request: SearchRequest) -> Timeline:
        docs = self._matching(snapshot, request)
        return snapshot.survey.timeline(docs)

    @_question
    def together(
        self, snapshot: Snapshot, request: SearchRequest, facet: str
    ) -> tuple[FacetValue, ...]:
        docs = self._matching(snapshot, request)
        return snapshot.survey.together(docs, facet, request.filters.get(facet, ()))

    def _matching(self, snapshot: Snapshot, request: SearchRequest) -> Array:
        """The documents that are found, where no facet has to be counted."""
        return selection.select(request, self.language, snapshot).docs

    @_question
    def essay(self, snapshot: Snapshot, slug: str) -> Essay | None:
        doc = snapshot.find("slug", slug)
        return None if doc is None else snapshot.whole(doc)

    @_question
    def resolve(self, snapshot: Snapshot, paths: tuple[str, ...]) -> dict[str, str]:
        found = {path: names.resolve(path, snapshot) for path in paths}
        return {path: snapshot.slug(doc) for path, doc in found.items() if doc is not None}

    @_question
    def backlinks(self, snapshot: Snapshot, slug: str, limit: int) -> tuple[Essay, ...]:
        if (doc := snapshot.find("slug", slug)) is None:
            return ()
        docs = names.backlinks(doc, snapshot)
        ordered = snapshot.ordered("newest", docs, np.zeros(len(docs)), limit)
        return tuple(snapshot.card(each) for each in ordered.tolist())

    @_question
    def related(self, snapshot: Snapshot, slug: str, limit: int) -> tuple[Related, ...]:
        doc = snapshot.find("slug", slug)
        return () if doc is None else relations.related(doc, snapshot, limit)

    @_question
    def copies(self, snapshot: Snapshot, slug: str) -> tuple[Copy, ...]:
        doc = snapshot.find("slug", slug)
        return () if doc is None else copies.copies(doc, snapshot)

    @_question
    def upkeep(self, snapshot: Snapshot, today: date) -> upkeep.Upkeep:
        return upkeep.upkeep(snapshot, today, self.language.curation.pins)

    @_question
    def neighbours(
        self, snapshot: Snapshot, request: SearchRequest, slug: str
    ) -> Neighbours | None:
        if (doc := snapshot.find("slug", slug)) is None:
            return None
        return selection.neighbours(doc, request, self.language, snapshot)

    @_question
    def places(self, snapshot: Snapshot, q: str, texts: Sequence[str]) -> list[list[Place]]:
        asked = spelling.meant(SearchRequest(q=q), self.language, snapshot).request.q
        finder = expansion.finder(self.language.parse(asked, snapshot.tongues).wanted, snapshot)
        if not finder:
            return [[] for _ in texts]
        return [[Place(m.start, m.end) for m in snippets.matches(t, finder)] for t in texts]

    @_question
    def ways_on(self, snapshot: Snapshot, request: SearchRequest) -> WaysOn:
        return ways_on(request, self.language, snapshot)

    @_question
    def suggest(self, snapshot: Snapshot, text: str, limit: int) -> tuple[Suggestion, ...]:
        return suggest.suggest(text, limit, self.language, snapshot)


def _scores_of(matches: Matches, docs: Array, size: int) -> Array:
    """The scores of those matches that the filters let through; ``docs`` are some of them."""
    if len(docs) == len(matches.docs):
        return matches.scores
    if len(docs) * SPARSE < len(matches.docs):
        return matches.scores[np.searchsorted(matches.docs, docs)]
    return matches.scores[marked([docs], size)[matches.docs]]


def _hit(snapshot: Snapshot, doc: int, score: float, finder: Finder, *, pinned: bool) -> Hit:
    essay = snapshot.card(doc)
    shown = snippets.snippets(snapshot.sections(doc), finder) if finder else ()
    if not shown and not essay.excerpt and not essay.description:
        shown = snippets.opening(snapshot.sections(doc))
    return Hit(essay, round(score, 6), snippets.marked(essay.title, finder), shown, pinned)


def _range_notes(request: SearchRequest) -> Iterable[Note]:
    for name, wanted in request.ranges.items():
        if wanted.min is not None and wanted.max is not None and wanted.min > wanted.max:
            yield Note(f"The range of {name} ends before it begins, so it holds nothing.", 0, 0)
