"""Which essays does a whole request select, and where does one stand among them?

What :class:`~app.search.local.LocalEngine` answers without counting facets.
"""

from __future__ import annotations

import numpy as np

from app.search import spelling
from app.search.beyond import Neighbours
from app.search.language import Language
from app.search.matches import Matches
from app.search.ranking import rank
from app.search.request import SearchRequest, Sort
from app.search.snapshot import Snapshot

#: An essay further down than this among its results has no place there: ordering all of a large
#: archive is too much for a page.
FAR = 1_000


def select(
    request: SearchRequest, language: Language, snapshot: Snapshot, *, weigh: bool = False
) -> Matches:
    """Every essay that a request finds, as its reader meant it; with ``weigh`` each has its
    score."""
    asked = spelling.meant(request, language, snapshot).request
    found = rank(asked.q, language, snapshot, request.prefer, weigh=weigh).found
    for mask in snapshot.columns.masks(request).values():
        kept = mask[found.docs]
        found = Matches(found.docs[kept], found.scores[kept])
    return found


def order(request: SearchRequest, language: Language) -> Sort:
    """How the results of a request are sorted: without words to weigh, the newest come first."""
    sort: Sort = request.sort or "relevance"
    return "newest" if sort == "relevance" and not language.parse(request.q).scoring else sort


def neighbours(
    doc: int, request: SearchRequest, language: Language, snapshot: Snapshot
) -> Neighbours | None:
    """The place of an essay among the results of a request; None where it has none."""
    found = select(request, language, snapshot, weigh=True)
    ordered = snapshot.ordered(order(request, language), found.docs, found.scores, FAR + 1)
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
