"""What does an archive look like from above: where do essays stand, when did they come, what goes
together?

A :class:`Overview` belongs to one snapshot. It counts on whole columns; cards are read only of
essays that are shown by name.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from app.search.discovery import LEAST, MAX_UNPLACED, STAGES, Point, Points, Span, Timeline, Unit
from app.search.embedded.reader.segments import IndexReader
from app.search.request import BARS, SCALES, SearchRequest, Sort
from app.search.results import FacetValue
from indexer.essay import Rating, value_key
from indexer.storage.arrays import Array

if TYPE_CHECKING:
    from app.search.embedded.snapshot import Snapshot

#: The longest time, in months, that is drawn month by month; then year by year.
BY_MONTH = 36
BY_YEAR = 60 * 12
_MONTHS: dict[Unit, int] = {"month": 1, "year": 12, "decade": 120}


class Overview:
    """One generation, seen from above. ``docs`` are document numbers, ascending."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._columns = snapshot.columns

    def points(self, docs: Array, sort: Sort | None, limit: int) -> Points:
        """The essays as points, in the order of ``sort``; the most important first where the
        order would need words."""
        certainty, importance = (self._columns.percentages[name][docs] for name in SCALES)
        has_place = ~(np.isnan(certainty) | np.isnan(importance))
        placed = docs[has_place]
        order: Sort = sort if sort and sort != "relevance" else "importance"
        drawn = self._sample(placed, limit)
        loose = docs[~has_place] if limit else docs[:0]
        return Points(
            total=len(docs),
            placed=len(placed),
            points=self._named(drawn, order, limit),
            squares=self._squares(placed),
            unplaced=self._named(loose, order, MAX_UNPLACED),
        )

    def _sample(self, docs: Array, limit: int) -> Array:
        """Every so-manieth document by place, so that the picture keeps its shape."""
        if len(docs) <= limit or not limit:
            return docs[:limit]
        columns = self._columns.percentages
        by_place = docs[np.lexsort((columns["certainty"][docs], columns["importance"][docs]))]
        taken = np.linspace(0, len(docs) - 1, limit).astype(np.int64)
        return np.sort(by_place[taken])

    def _named(self, docs: Array, sort: Sort, limit: int) -> tuple[Point, ...]:
        if not limit:
            return ()
        ordered = self._snapshot.ordered(sort, docs, np.zeros(len(docs)), limit)
        return tuple(self._point(doc) for doc in ordered.tolist())

    def _point(self, doc: int) -> Point:
        essay = self._snapshot.card(doc)
        importance = _percentage(essay.importance)
        return Point(
            slug=essay.slug,
            title=essay.title,
            certainty=_percentage(essay.certainty),
            importance=None if importance is None else round(importance / 10, 4),
            status=essay.status.label if essay.status else "",
            progress=_percentage(essay.status),
            published=essay.published.day if essay.published else "",
            updated=essay.updated.day if essay.updated else "",
        )

    def _squares(self, placed: Array) -> tuple[tuple[int, ...], ...]:
        bars = [self._columns.bars[name][placed].astype(np.int64) for name in SCALES]
        counts = np.bincount(bars[1] * BARS + bars[0], minlength=BARS * BARS)
        return tuple(map(tuple, counts.reshape(BARS, BARS).tolist()))

    def timeline(self, docs: Array) -> Timeline:
        """Publications by month, year or decade, as the time from first to last asks for."""
        months = self._months[docs]
        dated = months >= 0
        months, stages = months[dated], self._stages[docs][dated]
        undated = len(docs) - len(months)
        if not len(months):
            return Timeline("year", (), undated)
        length = int(months.max() - months.min()) + 1
        unit: Unit = "month" if length <= BY_MONTH else "year" if length <= BY_YEAR else "decade"
        slots = months // _MONTHS[unit]
        first, many = int(slots.min()), int(slots.max() - slots.min()) + 1
        counts = np.bincount((slots - first) * len(STAGES) + stages, minlength=many * len(STAGES))
        return Timeline(
            unit,
            tuple(
                Span(_start(unit, first + n), tuple(each))
                for n, each in enumerate(counts.reshape(many, len(STAGES)).tolist())
            ),
            undated,
        )

    def together(self, docs: Array, facet: str, leaving: tuple[str, ...]) -> tuple[FacetValue, ...]:
        """The values of a facet that these documents have, the commonest first, but some."""
        _, counted, _ = self._columns.count(SearchRequest(), docs, {})
        left = {value_key(value) for value in leaving}
        return tuple(value for value in counted[facet] if value_key(value.value) not in left)

    @cached_property
    def _months(self) -> Array:
        """For each document, the months from year 0 to its author's day; -1 without one."""
        numbers, days = _only_terms(self._snapshot.leaves, "published")
        months = [_month(day) for day in days]
        return np.array([*months, -1], np.int64)[numbers]

    @cached_property
    def _stages(self) -> Array:
        """For each document, the number of its stage."""
        progress = self._columns.percentages["status"]
        conditions = [progress >= least for least in LEAST]
        return np.select(conditions, range(len(LEAST)), default=len(LEAST))


def _only_terms(leaves: IndexReader, name: str) -> tuple[Array, list[str]]:
    """For each document the number of the term that it has in a field, -1 where it has none, and
    the terms; of a field in which no document has two."""
    numbers = np.full(leaves.size, -1, np.int64)
    terms: dict[str, int] = {}
    for leaf in leaves.leaves:
        field = leaf.fields.get(name)
        if field is not None:
            listed = (field.terms[n].decode() for n in range(len(field)))
            own = np.array([terms.setdefault(term, len(terms)) for term in listed], np.int64)
            docs = field.docs.astype(np.int64) + leaf.base
            starts = field.starts.astype(np.int64)
            numbers[docs] = np.repeat(own, starts[1:] - starts[:-1])
    return numbers, list(terms)


def _month(day: str) -> int:
    """The months from year 0 to a day; -1 for a term that is none."""
    try:
        return int(day[:4]) * 12 + int(day[5:7]) - 1
    except ValueError:
        return -1


def _percentage(rating: Rating | None) -> float | None:
    return rating.percentage if rating else None


def _start(unit: Unit, slot: int) -> str:
    """How a span is named: its month, its year, the first year of its decade."""
    if unit == "month":
        return f"{slot // 12:04}-{slot % 12 + 1:02}"
    return f"{slot * (10 if unit == 'decade' else 1):04}"
