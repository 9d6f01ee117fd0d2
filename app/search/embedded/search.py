"""The one path from a request to the essays that it finds.

:func:`answer` has its steps: correct, select and rank, filter, order. Pages, counts, the map, the
timeline, neighbours and alternatives all go by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from app.search.budget import COUNTS, FREE, Budget
from app.search.embedded.facets.columns import Filtered
from app.search.embedded.matching.docset import SPARSE, DocSet, marked
from app.search.embedded.ranking.ranking import Ranked, rank
from app.search.embedded.snapshot import Snapshot
from app.search.embedded.spelling.archive import SnapshotArchive
from app.search.facets import facet_counts, range_notes
from app.search.query.loosening import Loosening
from app.search.query.parser import QueryParser
from app.search.query.tree import Value
from app.search.ranking.questions import ENOUGH_ESSAYS, QUESTION_WORDS, order
from app.search.request import Narrowing, SearchRequest, Sort
from app.search.results import Correction, FacetCounts, Neighbours, Note
from app.search.spelling import correction
from indexer.storage.arrays import Array

#: An essay further down than this among its results has no place there: ordering all of a large
#: archive is too much for a page.
MAX_PLACE = 1_000
#: What is meant is looked for in this share of the time for finding it.
CORRECTING_SHARE = 0.5


@dataclass(frozen=True)
class Answer:
    """What a ``request`` finds in one generation.

    ``asked`` is the request that was searched, another one where the query was corrected;
    ``ranked`` what its query finds, ``filtered`` what its filters let through of that, ``sort`` the
    order. Scores, orders and counts are worked out when they are asked for.
    """

    request: SearchRequest
    asked: SearchRequest
    correction: Correction | None
    ranked: Ranked
    filtered: Filtered
    sort: Sort
    snapshot: Snapshot
    language: QueryParser

    @cached_property
    def docs(self) -> Array:
        """The documents that are found: ascending, shape (n,)."""
        return self.filtered.docs

    @cached_property
    def scores(self) -> Array:
        """The score of each of ``docs``: float64, shape (n,)."""
        if self.ranked.every:
            return np.zeros(len(self.docs))
        return _scores_of(self.ranked.found, self.docs, self.snapshot.size)

    def ordered(self, limit: int) -> Array:
        """The first ``limit`` of the documents in the order of ``sort``."""
        return self.snapshot.sorting.ordered(self.sort, self.docs, self.scores, limit)

    def counts(self) -> FacetCounts:
        """The values of every facet and the ranges of ratings, counted."""
        facets, ranges = self.filtered.facets(), self.filtered.ranges()
        return facet_counts(len(self.docs), self.snapshot.number, facets, ranges)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know; places in the query are those of what was typed."""
        parsed = self.ranked.parsed
        if self.asked.q != self.request.q:
            parsed = self.language.parse(self.request.q, self.snapshot.analyzer)
        return (*parsed.notes, *self.ranked.notes, *range_notes(self.request))


def answer(
    request: SearchRequest,
    language: QueryParser,
    snapshot: Snapshot,
    *,
    weigh: bool = True,
    budget: Budget = FREE,
) -> Answer:
    """What a request finds in one generation; without ``weigh`` only the documents are sure, not
    their scores.

    Whatever else a search may do is one more step here; fusing with what is found by meaning stands
    behind the ranking.
    """
    meant = correction.correct(
        request, language, SnapshotArchive(snapshot, language), budget.until(CORRECTING_SHARE)
    )
    ranked = _ranked(meant.request, language, snapshot, weigh, budget)
    filtered = snapshot.columns.filtered(request, None if ranked.every else ranked.found.docs)
    sort = order(request, ranked.parsed)
    return Answer(
        request, meant.request, meant.correction, ranked, filtered, sort, snapshot, language
    )


def _ranked(
    asked: SearchRequest, language: QueryParser, snapshot: Snapshot, weigh: bool, budget: Budget
) -> Ranked:
    """What a query finds; where nothing has all that it demands, what the first looser demand finds
    that finds anything."""
    ranked = partial(
        rank, asked.q, language, snapshot, asked.prefer,
        weigh=weigh, explain=asked.explain, budget=budget,
    )  # fmt: skip
    first = ranked()
    if len(first.found.docs):
        return first
    facets = snapshot.columns.facets

    def unknown(value: Value) -> bool:
        return value.field in facets and value.value not in facets[value.field].keys

    for looser in Loosening(snapshot.analyzer, unknown).steps(first.parsed):
        if budget.over():
            break
        found = ranked(parsed=looser.query)
        if len(found.found.docs):
            return found._replace(notes=(*looser.notes, *found.notes), nearest=True)
    return first


def _scores_of(matches: DocSet, docs: Array, size: int) -> Array:
    """The scores of those matches that the filters let through; ``docs`` are some of them."""
    if len(docs) == len(matches.docs):
        return matches.scores
    if len(docs) * SPARSE < len(matches.docs):
        return matches.scores[np.searchsorted(matches.docs, docs)]
    return matches.scores[marked([docs], size)[matches.docs]]


def totals(
    request: SearchRequest,
    parts: Sequence[Narrowing],
    language: QueryParser,
    snapshot: Snapshot,
    budget: Budget = FREE,
) -> tuple[int, ...]:
    """The number of essays that the search for each part of a request finds.

    A part is as a rule what its own filters let through of the request, which is found once. Only
    a search for several words may list other essays where few have all of them; then the part is
    searched for itself.
    """
    whole = answer(request, language, snapshot, weigh=False, budget=budget)
    ranked, found = whole.ranked, whole.docs
    plain = whole.asked.q == request.q and not ranked.pinned and not ranked.followed
    counts = []
    for part in parts:
        alone = answer(part.alone, language, snapshot, weigh=False, budget=budget).docs
        count = len(np.intersect1d(found, alone, assume_unique=True))
        # With none, or too few for a question, the search would look for something near.
        few_words = ranked.word_count < QUESTION_WORDS
        enough = count >= ENOUGH_ESSAYS or few_words or not part.alone.q
        sure = not request.q or (plain and count and enough)
        if not sure and not budget.over(COUNTS):
            count = len(answer(part.inside, language, snapshot, weigh=False, budget=budget).docs)
        counts.append(count)
    return tuple(counts)


def neighbours(
    doc: int,
    request: SearchRequest,
    language: QueryParser,
    snapshot: Snapshot,
    budget: Budget = FREE,
) -> Neighbours | None:
    """The place of an essay among the results of a request; None where it has none."""
    found = answer(request, language, snapshot, budget=budget)
    ordered = found.ordered(MAX_PLACE + 1)
    places = np.flatnonzero(ordered[:MAX_PLACE] == doc)
    if not len(places):
        return None
    place = int(places[0])
    return Neighbours(
        position=place + 1,
        total=len(found.docs),
        before=snapshot.card(int(ordered[place - 1])) if place else None,
        after=snapshot.card(int(ordered[place + 1])) if place + 1 < len(ordered) else None,
    )
