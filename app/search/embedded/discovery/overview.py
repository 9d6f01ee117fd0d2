"""The map, the timeline, and the values that occur together, of the essays that a search finds.

``docs`` are document numbers: int64, ascending, shape (n,). Counts are made on whole columns; cards
are read only of essays that are shown by name.
"""

from __future__ import annotations

import numpy as np

from app.search.discovery import (
    MAX_UNPLACED,
    STAGES,
    Listed,
    Point,
    Points,
    Timeline,
    point_of,
    timeline_of,
)
from app.search.embedded.snapshot import Snapshot
from app.search.request import BARS, SCALES, SearchRequest, Sort
from app.search.results import FacetValue
from indexer.essay import value_key
from indexer.storage.arrays import Array


def points(docs: Array, sort: Sort | None, limit: int, snapshot: Snapshot) -> Points:
    """The essays as points, in the order of ``sort``; the most important first where the
    order would need words."""
    certainty, importance = (snapshot.columns.percentages[name][docs] for name in SCALES)
    has_place = ~(np.isnan(certainty) | np.isnan(importance))
    placed = docs[has_place]
    order: Sort = sort if sort and sort != "relevance" else "importance"
    drawn = _sample(placed, limit, snapshot)
    loose = docs[~has_place] if limit else docs[:0]
    return Points(
        total=len(docs),
        placed=len(placed),
        points=_points(drawn, order, limit, snapshot),
        squares=_squares(placed, snapshot),
        unplaced=_points(loose, order, MAX_UNPLACED, snapshot),
    )


def listed(first: int, limit: int, snapshot: Snapshot) -> tuple[Listed, ...]:
    """All live essays from number ``first`` on, in the order of their documents."""
    live = [np.flatnonzero(leaf.live) + leaf.base for leaf in snapshot.leaves.leaves]
    docs = np.concatenate(live)[first : first + limit] if live else np.zeros(0, np.int64)
    changed = snapshot.sorting.updated[docs].tolist()
    return tuple(
        Listed(snapshot.slug(doc), None if instant == -1 else instant)
        for doc, instant in zip(docs.tolist(), changed, strict=True)
    )


def _sample(docs: Array, limit: int, snapshot: Snapshot) -> Array:
    """Every so-manieth document by place, so that the picture keeps its shape."""
    if len(docs) <= limit or not limit:
        return docs[:limit]
    columns = snapshot.columns.percentages
    by_place = docs[np.lexsort((columns["certainty"][docs], columns["importance"][docs]))]
    taken = np.linspace(0, len(docs) - 1, limit).astype(np.int64)
    return np.sort(by_place[taken])


def _points(docs: Array, sort: Sort, limit: int, snapshot: Snapshot) -> tuple[Point, ...]:
    if not limit:
        return ()
    ordered = snapshot.sorting.ordered(sort, docs, np.zeros(len(docs)), limit)
    return tuple(point_of(snapshot.card(doc)) for doc in ordered.tolist())


def _squares(placed: Array, snapshot: Snapshot) -> tuple[tuple[int, ...], ...]:
    bars = [snapshot.columns.bars[name][placed].astype(np.int64) for name in SCALES]
    counts = np.bincount(bars[1] * BARS + bars[0], minlength=BARS * BARS)
    return tuple(map(tuple, counts.reshape(BARS, BARS).tolist()))


def timeline(docs: Array, snapshot: Snapshot) -> Timeline:
    """Publications by month, year or decade, as the time from first to last asks for."""
    months = snapshot.columns.months[docs]
    dated = months >= 0
    months, stages = months[dated], snapshot.columns.stages[docs][dated]
    undated = len(docs) - len(months)
    counts: dict[int, list[int]] = {}
    pairs, many = np.unique(months * len(STAGES) + stages, return_counts=True)
    for pair, count in zip(pairs.tolist(), many.tolist(), strict=True):
        month, stage = divmod(pair, len(STAGES))
        counts.setdefault(month, [0] * len(STAGES))[stage] = count
    return timeline_of(counts, undated)


def co_occurring(
    docs: Array, facet: str, leaving: tuple[str, ...], snapshot: Snapshot
) -> tuple[FacetValue, ...]:
    """The values of a facet that these documents have, the commonest first, but some."""
    counted = snapshot.columns.filtered(SearchRequest(), docs).values(facet).values
    left = {value_key(value) for value in leaving}
    return tuple(value for value in counted if value_key(value.value) not in left)
