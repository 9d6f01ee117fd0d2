"""The essays that each choice would bring: exact disjunctive counts, ranges and histograms.

A filter is a mask over the documents of a generation; each facet is counted
(:mod:`app.search.embedded.facets.counting`) under the conjunction of every mask but its own. A
histogram is counted as a facet whose values are its bars.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from app.search.discovery import LEAST
from app.search.embedded.facets.conditions import condition_mask
from app.search.embedded.facets.counting import Mask, Sheet, Subset, Tally
from app.search.embedded.reader.segments import IndexReader
from app.search.facets import FacetListing, commonest, listed, place
from app.search.query.tree import Tree
from app.search.request import BARS, SCALES, Range, SearchRequest
from app.search.results import Bar, NumberCount, RangeCount
from indexer.cache import BoundedCache
from indexer.essay import UNRATED, value_key
from indexer.parsing.rules import Rules
from indexer.schema.field_names import spelling
from indexer.storage.arrays import Array

#: Where the bars of each histogram begin, and where they end.
_BOUNDS = {
    name: (
        tuple(n * (most / BARS) for n in range(BARS)),
        tuple((n + 1) * (most / BARS) for n in range(BARS)),
    )
    for name, most in SCALES.items()
}

Percentages = Mapping[str, npt.NDArray[np.float64]]

_Chosen: TypeAlias = tuple[str, ...] | Range | Tree

#: Bytes of masks that are kept, one for each document of a mask: 200 masks of 100,000 essays.
MAX_MASKS = 20_000_000
#: Essays up to which facets are counted at once where few are found: of a million that would take
#: 28 MB.
MAX_SHEET_SIZE = 1 << 18


class FacetColumn:
    """One facet in one generation: folded ``keys`` to numbers, ``values`` as they are shown.

    Values are numbered in the order in which they are listed where their counts do not decide.
    """

    def __init__(
        self, name: str, leaves: IndexReader, percentages: Percentages, rules: Rules
    ) -> None:
        pieces: dict[str, list[Array]] = {}
        spelled: Counter[str] = Counter()
        for leaf in leaves.leaves:
            field = leaf.fields.get(name)
            if field is None:
                continue
            docs = field.docs.astype(np.int32) + np.int32(leaf.base)
            for number in range(len(field)):
                own = docs[field.span(number)]
                pieces.setdefault(field.terms[number].decode(), []).append(own)
            spellings = leaf.fields[spelling(name)]
            for number in range(len(spellings)):
                spelled[spellings.terms[number].decode()] += leaf.live_count(spellings, number)
        having = {key: np.concatenate(docs) for key, docs in pieces.items()}

        def rated(key: str) -> float | None:
            own = percentages[name][having[key]]
            own = own[~np.isnan(own)]
            return float(own.mean()) if len(own) else None

        keys = sorted(having, key=lambda key: place(name, key, rules, rated))
        self.keys = {key: number for number, key in enumerate(keys)}
        by_key: dict[str, dict[str, int]] = {}
        for text, count in spelled.items():
            by_key.setdefault(value_key(text), {})[text] = count
        self.values = [commonest(by_key.get(key, {key: 1})) for key in keys]
        self.tally = Tally([having[key] for key in keys], leaves.size)

    def mask(self, chosen: tuple[str, ...]) -> Mask:
        """The documents that have any of the chosen values, given as readers spell them."""
        wanted = {value_key(value) for value in chosen}
        return self.tally.mask(self.keys[key] for key in wanted if key in self.keys)


class Columns:
    """Everything that one generation is counted and narrowed by.

    ``percentages`` holds a number per document and rating, NaN where there is none; ``everything``
    is all live documents.
    """

    def __init__(self, leaves: IndexReader, names: tuple[str, ...], rules: Rules) -> None:
        self._leaves = leaves
        pieces = [leaf.live for leaf in leaves.leaves]
        self.live: Mask = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.bool_)
        self.everything = Subset(leaves.size, mask=self.live)
        self.percentages = {name: _percentages(leaves, name) for name in ("status", *SCALES)}
        self.facets = {name: FacetColumn(name, leaves, self.percentages, rules) for name in names}
        #: The number of each document's bar of the histograms; ``BARS`` where it has none.
        self.bars = {name: _bars(self.percentages[name]) for name in SCALES}
        self.bar_tallies = {
            name: Tally([np.flatnonzero(bars == n) for n in range(BARS)], leaves.size)
            for name, bars in self.bars.items()
        }
        tallies = [column.tally for column in self.facets.values()]
        tallies += self.bar_tallies.values()
        self.sheet = Sheet(tallies, leaves.size) if leaves.size <= MAX_SHEET_SIZE else None
        self._masks = BoundedCache[tuple[str, _Chosen], Mask](MAX_MASKS, cost=len)

    @cached_property
    def months(self) -> Array:
        """For each document, the months from year 0 to its author's day: int64, -1 without one."""
        numbers, days = _only_terms(self._leaves, "published")
        months = [_month(day) for day in days]
        return np.array([*months, -1], np.int64)[numbers]

    @cached_property
    def stages(self) -> Array:
        """For each document, the number of its stage in :data:`app.search.discovery.STAGES`."""
        progress = self.percentages["status"]
        conditions = [progress >= least for least in LEAST]
        return np.select(conditions, range(len(LEAST)), default=len(LEAST))

    def masks(self, request: SearchRequest) -> dict[tuple[str, str], Mask]:
        """The mask of every filter of a request, by ("value" or "range", facet), and of its
        condition."""
        found: dict[tuple[str, str], Mask] = {}
        for facet, chosen in request.filters.items():
            if chosen and facet in self.facets:
                found["value", facet] = self._narrow(facet, tuple(chosen))
        for facet, wanted in request.ranges.items():
            if wanted and facet in self.percentages:
                found["range", facet] = self._narrow(facet, wanted)
        if request.where is not None:
            found["where", ""] = self._narrow("", request.where)
        return found

    def _narrow(self, facet: str, chosen: _Chosen) -> Mask:
        """The mask of one filter, made once."""
        key = (facet, chosen)
        if key not in self._masks:
            self._masks[key] = self._mask(facet, chosen)
        return self._masks[key]

    def _mask(self, facet: str, chosen: _Chosen) -> Mask:
        if isinstance(chosen, tuple):
            return self.facets[facet].mask(chosen)
        if isinstance(chosen, Range):
            # Bounds become percentages, not percentages bounds: 70 / 10 is exact, 70 * 0.1 is not.
            unit = 100 / SCALES[facet]
            low = -np.inf if chosen.min is None else chosen.min * unit
            high = np.inf if chosen.max is None else chosen.max * unit
            return (self.percentages[facet] >= low) & (self.percentages[facet] <= high)
        return condition_mask(chosen, self._leaves)

    def filtered(self, request: SearchRequest, docs: Array | None) -> Filtered:
        """What the filters of a request let through of ``docs`` (ascending, shape (n,)), or of all
        live documents where that is None."""
        found = self.everything if docs is None else Subset(len(self.live), docs=docs)
        return Filtered(self, request, found)

    def totals(self, name: str) -> Array:
        """For each value of a facet, all live documents that have it."""
        return self.everything.counts(self.facets[name].tally)


class Filtered:
    """The documents that were found, under the filters of a request: as they are, and counted by
    the values of each facet under every filter but the facet's own."""

    def __init__(self, columns: Columns, request: SearchRequest, found: Subset) -> None:
        self._columns = columns
        self._request = request
        self._found = found
        self._masks = columns.masks(request)
        self._under: dict[tuple[str, str] | None, Subset] = {}

    @property
    def docs(self) -> Array:
        """What every filter lets through: document numbers, ascending, shape (n,)."""
        return self._but_for(None).docs

    def facets(self) -> dict[str, FacetListing]:
        """The values of every facet, and how many documents choosing each would bring."""
        if self._columns.sheet is not None:
            self._but_for(None).count_at_once(self._columns.sheet)
        return {name: self.values(name) for name in self._columns.facets}

    def values(self, facet: str) -> FacetListing:
        """The same of one facet."""
        column = self._columns.facets[facet]
        counts = self._but_for(("value", facet)).counts(column.tally)
        shown = counts.nonzero()[0]
        having = dict(zip(shown.tolist(), counts[shown].tolist(), strict=True))
        chosen, most = self._request.filters.get(facet, ()), self._request.max_values
        return listed(facet, column.keys, column.values, having, chosen, most)

    def ranges(self) -> dict[str, RangeCount]:
        """The histogram of every rating that readers narrow by range."""
        return {name: self._range(name, self._but_for(("range", name))) for name in SCALES}

    def percentages(self) -> dict[str, tuple[NumberCount, ...]]:
        """The percentages of every rating that what is let through has, ascending, counted."""
        return {
            name: _counted(column[self.docs]) for name, column in self._columns.percentages.items()
        }

    def _but_for(self, own: tuple[str, str] | None) -> Subset:
        """What every filter lets through, but for one's own."""
        own = own if own in self._masks else None
        if own not in self._under:
            others = (mask for key, mask in self._masks.items() if key != own)
            self._under[own] = self._found.under(others)
        return self._under[own]

    def _range(self, name: str, within: Subset) -> RangeCount:
        wanted = self._request.ranges.get(name, Range())
        counts = within.counts(self._columns.bar_tallies[name]).tolist()
        bars = tuple(map(Bar, *_BOUNDS[name], counts))
        column = self._columns.facets[name]
        unrated = column.keys.get(UNRATED)
        bare = 0 if unrated is None else int(within.counts(column.tally)[unrated])
        return RangeCount(wanted.min, wanted.max, bare, bars)


def _counted(numbers: npt.NDArray[np.float64]) -> tuple[NumberCount, ...]:
    """The numbers of some documents, NaN left out, to two decimals as the index has them."""
    found, counts = np.unique(np.round(numbers[~np.isnan(numbers)], 2), return_counts=True)
    pairs = zip(found.tolist(), counts.tolist(), strict=True)
    return tuple(NumberCount(number, count) for number, count in pairs)


def _percentages(leaves: IndexReader, name: str) -> npt.NDArray[np.float64]:
    pieces = [leaf.column(f"{name}_column", -1.0) for leaf in leaves.leaves]
    numbers = np.concatenate(pieces).astype(np.float64) if pieces else np.zeros(0)
    numbers[~((numbers >= 0) & (numbers <= 100))] = np.nan
    return numbers


def _bars(percentages: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The number of each document's bar; one past the last where it has no percentage."""
    step = 100 / BARS
    bars = np.minimum(np.nan_to_num(percentages, nan=0.0) // step, BARS - 1)
    bars[np.isnan(percentages)] = BARS
    return bars.astype(np.uint8)


def _only_terms(leaves: IndexReader, name: str) -> tuple[Array, list[str]]:
    """For each document the number of the term that it has in a field (int64, -1 where it has none,
    shape (size,)), and the terms; of a field in which no document has two."""
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
