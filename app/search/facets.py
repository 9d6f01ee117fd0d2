"""How many essays would each choice bring? Exact disjunctive counts, ranges and histograms.

Everything here works on whole columns: one entry for each (essay, value) pair of a facet, one
number per essay for a rating. A filter is a mask over the documents; each facet is counted under
the conjunction of every mask but its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.search.request import BARS, SCALES, Bar, FacetValue, Range, RangeCount, SearchRequest
from indexer.essay import UNRATED, fold

Mask = npt.NDArray[np.bool_]


class FacetColumn:
    """The values of one facet in one generation.

    ``docs[i]`` has the value ``values[ids[i]]``; a document with three tags has three entries.
    """

    def __init__(
        self, postings: Mapping[str, npt.NDArray[np.int64]], spelled: Mapping[str, str], size: int
    ) -> None:
        self.keys = {key: number for number, key in enumerate(postings)}
        self.values = [spelled.get(key, key) for key in postings]
        lengths = [len(docs) for docs in postings.values()]
        self.ids = np.repeat(np.arange(len(lengths)), lengths)
        self.docs = (
            np.concatenate(list(postings.values())) if lengths else np.empty(0, dtype=np.int64)
        )
        self.size = size

    def mask(self, chosen: tuple[str, ...]) -> Mask:
        """The documents that have any of the chosen values, given as readers spell them."""
        mask = np.zeros(self.size, dtype=np.bool_)
        for value in chosen:
            number = self.keys.get(fold(value))
            if number is not None:
                mask[self.docs[self.ids == number]] = True
        return mask

    def counts(self, within: Mask) -> npt.NDArray[np.int64]:
        """For each value, the documents in ``within`` that have it."""
        return np.bincount(self.ids[within[self.docs]], minlength=len(self.values))


class Columns:
    """Everything that one generation is counted and narrowed by.

    ``percentages`` holds a number per document and rating, NaN where there is none; ``places`` says
    where a value of an ordered facet stands (higher first), None for facets ordered by count.
    """

    def __init__(
        self,
        live: Mask,
        facets: Mapping[str, FacetColumn],
        percentages: Mapping[str, npt.NDArray[np.float64]],
        place: Callable[[str, str], float | None],
    ) -> None:
        self.live = live
        self.facets = facets
        self.percentages = percentages
        self._place = place
        self.narrow = lru_cache(maxsize=256)(self._narrow)

    def masks(self, request: SearchRequest) -> dict[tuple[str, str], Mask]:
        """The mask of every filter of a request, by ("value" or "range", facet)."""
        found: dict[tuple[str, str], Mask] = {}
        for facet, chosen in request.filters.items():
            if chosen and facet in self.facets:
                found["value", facet] = self.narrow("value", facet, tuple(chosen))
        for facet, wanted in request.ranges.items():
            if wanted and facet in self.percentages:
                found["range", facet] = self.narrow("range", facet, wanted)
        return found

    def _narrow(self, kind: str, facet: str, chosen: tuple[str, ...] | Range) -> Mask:
        if isinstance(chosen, Range):
            scale = self.percentages[facet] * (SCALES[facet] / 100)
            low = -np.inf if chosen.min is None else chosen.min
            high = np.inf if chosen.max is None else chosen.max
            return (scale >= low) & (scale <= high)
        return self.facets[facet].mask(chosen)

    def count(
        self, request: SearchRequest, matched: Mask, masks: Mapping[tuple[str, str], Mask]
    ) -> tuple[Mask, dict[str, tuple[FacetValue, ...]], dict[str, RangeCount]]:
        """The documents found, and the counts of every facet and range.

        ``matched`` is what the words select; ``masks`` comes from :meth:`masks`.
        """

        def under(own: tuple[str, str]) -> Mask:
            if own not in masks:
                return found
            mask = matched
            for key, each in masks.items():
                if key != own:
                    mask = mask & each
            return mask

        found = matched
        for each in masks.values():
            found = found & each
        facets = {
            name: self._values(name, column, request.filters.get(name, ()), under(("value", name)))
            for name, column in self.facets.items()
        }
        ranges = {
            name: self._range(name, request.ranges.get(name, Range()), under(("range", name)))
            for name in SCALES
        }
        return found, facets, ranges

    def _values(
        self, name: str, column: FacetColumn, chosen: tuple[str, ...], within: Mask
    ) -> tuple[FacetValue, ...]:
        counts = column.counts(within)
        selected = {fold(value): value for value in chosen}
        listed = [
            FacetValue(column.values[number], int(counts[number]), key in selected)
            for key, number in column.keys.items()
            if counts[number] or key in selected
        ]
        # A chosen value stays listed at zero, even one that no essay has.
        listed += [FacetValue(v, 0, True) for key, v in selected.items() if key not in column.keys]

        def order(value: FacetValue) -> tuple[bool, float, int, str]:
            place = self._place(name, value.value)
            return (
                fold(value.value) == UNRATED,
                -(place if place is not None else -1),
                -value.count,
                fold(value.value),
            )

        return tuple(sorted(listed, key=order))

    def _range(self, name: str, wanted: Range, within: Mask) -> RangeCount:
        top = SCALES[name]
        numbers = self.percentages[name][within]
        counts, edges = np.histogram(
            numbers[~np.isnan(numbers)] * (top / 100), bins=BARS, range=(0, top)
        )
        column = self.facets[name]
        unrated = column.keys.get(UNRATED)
        return RangeCount(
            wanted.min,
            wanted.max,
            int(column.counts(within)[unrated]) if unrated is not None else 0,
            tuple(
                Bar(float(low), float(high), int(count))
                for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
            ),
        )
