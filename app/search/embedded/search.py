"""Which essays does a whole request select, and where does one stand among them?

What :class:`~app.search.embedded.engine.EmbeddedEngine` answers without counting facets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.search.budget import COUNTS, FREE, Budget
from app.search.embedded.matching.docset import DocSet
from app.search.embedded.ranking.ranking import PAGE, QUESTION, rank
from app.search.embedded.snapshot import Snapshot
from app.search.embedded.spelling import correction
from app.search.query.parser import QueryParser
from app.search.request import Narrowing, SearchRequest, Sort
from app.search.results import Neighbours

#: An essay further down than this among its results has no place there: ordering all of a large
#: archive is too much for a page.
FAR = 1_000
#: What is meant is looked for in the first half of the time for finding it.
HALF = 0.5


def select(
    request: SearchRequest,
    language: QueryParser,
    snapshot: Snapshot,
    *,
    weigh: bool = False,
    budget: Budget = FREE,
) -> DocSet:
    """Every essay that a request finds, as its reader meant it; with ``weigh`` each has its
    score."""
    asked = correction.correct(request, language, snapshot, budget.until(HALF)).request
    ranked = rank(asked.q, language, snapshot, request.prefer, weigh=weigh, budget=budget)
    return narrowed(ranked.found, request, snapshot)


def narrowed(found: DocSet, request: SearchRequest, snapshot: Snapshot) -> DocSet:
    """Those that the filters of a request let through."""
    for mask in snapshot.columns.masks(request).values():
        kept = mask[found.docs]
        found = DocSet(found.docs[kept], found.scores[kept])
    return found


def order(request: SearchRequest, language: QueryParser, snapshot: Snapshot) -> Sort:
    """How the results of a request are sorted: without words to weigh, the newest come first."""
    sort: Sort = request.sort or "relevance"
    if sort != "relevance":
        return sort
    return "newest" if not language.parse(request.q, snapshot.tongues).scoring else sort


def totals(
    request: SearchRequest,
    parts: Sequence[Narrowing],
    language: QueryParser,
    snapshot: Snapshot,
    budget: Budget = FREE,
) -> tuple[int, ...]:
    """How many essays the search for each part of a request finds.

    A part is as a rule what its own filters let through of the request, which is found once. Only
    a search for several words may list other essays where few have all of them; then the part is
    searched for itself.
    """
    asked = correction.correct(request, language, snapshot, budget.until(HALF)).request
    ranked = rank(asked.q, language, snapshot, request.prefer, weigh=False, budget=budget)
    found = narrowed(ranked.found, request, snapshot).docs
    plain = asked.q == request.q and not ranked.pinned and not ranked.more
    counts = []
    for part in parts:
        alone = select(part.alone, language, snapshot, budget=budget).docs
        count = len(np.intersect1d(found, alone, assume_unique=True))
        # With none, or too few for a question, the search would look for something near.
        enough = count >= PAGE or ranked.words < QUESTION or not part.alone.q
        sure = not request.q or (plain and count and enough)
        if not sure and not budget.over(COUNTS):
            count = len(select(part.inside, language, snapshot, budget=budget).docs)
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
    found = select(request, language, snapshot, weigh=True, budget=budget)
    ordered = snapshot.sorting.ordered(
        order(request, language, snapshot), found.docs, found.scores, FAR + 1
    )
    places = np.flatnonzero(ordered[:FAR] == doc)
    if not len(places):
        return None
    place = int(places[0])
    return Neighbours(
        position=place + 1,
        total=len(found.docs),
        before=snapshot.card(int(ordered[place - 1])) if place else None,
        after=snapshot.card(int(ordered[place + 1])) if place + 1 < len(ordered) else None,
    )
