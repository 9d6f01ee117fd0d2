"""What is found, counted and shown: documents under filters, their facets, and some as hits?"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from app.search.budget import MARKS, Budget
from app.search.embedded.matching.docset import SPARSE, DocSet, marked
from app.search.embedded.ranking import expansion
from app.search.embedded.ranking.explain import explain
from app.search.embedded.ranking.ranking import Ranked
from app.search.embedded.snapshot import Snapshot
from app.search.highlight import snippets
from app.search.highlight.matcher import Finder
from app.search.query.limits import Limits
from app.search.request import SearchRequest
from app.search.results import FacetCounts, FacetValue, Hit, RangeCount, Snippet
from indexer.storage.arrays import Array


class Found(NamedTuple):
    """The documents that words and filters select, their scores, and what was counted."""

    docs: Array
    scores: Array
    facets: dict[str, tuple[FacetValue, ...]]
    ranges: dict[str, RangeCount]

    def counts(self, snapshot: Snapshot) -> FacetCounts:
        return FacetCounts(len(self.docs), snapshot.number, self.facets, self.ranges)

    def score(self, doc: int) -> float:
        return DocSet(self.docs, self.scores).score(doc)


def find(snapshot: Snapshot, request: SearchRequest, ranked: Ranked) -> Found:
    """What the filters of a request let through of what its words found."""
    masks = snapshot.columns.masks(request)
    words = None if ranked.every else ranked.found.docs
    docs, facets, ranges = snapshot.columns.count(request, words, masks)
    if words is None:
        return Found(docs, np.zeros(len(docs)), facets, ranges)
    return Found(docs, _scores_of(ranked.found, docs, snapshot.size), facets, ranges)


def _scores_of(matches: DocSet, docs: Array, size: int) -> Array:
    """The scores of those matches that the filters let through; ``docs`` are some of them."""
    if len(docs) == len(matches.docs):
        return matches.scores
    if len(docs) * SPARSE < len(matches.docs):
        return matches.scores[np.searchsorted(matches.docs, docs)]
    return matches.scores[marked([docs], size)[matches.docs]]


def hits_of(
    docs: list[int],
    request: SearchRequest,
    ranked: Ranked,
    found: Found,
    snapshot: Snapshot,
    limits: Limits,
    budget: Budget,
) -> tuple[Hit, ...]:
    """Some of the documents found, as they are shown."""
    finder = expansion.finder(ranked.parsed.marks, snapshot, limits.expansions, budget)
    hits = tuple(
        _hit(snapshot, doc, found.score(doc), finder, budget, pinned=doc in ranked.pinned)
        for doc in docs
    )
    if not request.explain:
        return hits
    return tuple(
        msgspec.structs.replace(hit, parts=parts)
        for hit, parts in zip(hits, explain(docs, ranked, snapshot, budget), strict=True)
    )


def _hit(
    snapshot: Snapshot, doc: int, score: float, finder: Finder, budget: Budget, *, pinned: bool
) -> Hit:
    essay = snapshot.card(doc)
    shown: tuple[Snippet, ...] = ()
    if finder and not budget.over(MARKS):
        shown = snippets.snippets(snapshot.sections(doc), finder, budget)
    if not shown and not essay.excerpt and not essay.description:
        shown = snippets.opening(snapshot.sections(doc))
    return Hit(essay, round(score, 6), snippets.marked(essay.title, finder, budget), shown, pinned)
