"""How many essays would each choice bring? Exact disjunctive counts, ranges and histograms.

A filter is a mask over the documents of a generation; each facet is counted under the conjunction
of every mask but its own. Facets are counted from whichever side is shorter: from the values'
postings where many documents are found, from the documents' values where few are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from app.search.request import BARS, SCALES, Bar, FacetValue, Range, RangeCount, SearchRequest
from app.search.segment import Leaf, Leaves
from indexer.arrays import Array, narrow
from indexer.essay import RATINGS, UNRATED, fold
from indexer.postings import Field, stretches
from indexer.schema import spelling
from indexer.vocabulary import Rules

Mask = npt.NDArray[np.bool_]

#: Where fewer than one document in so many is found, counting goes by document.
SPARSE = 8

#: Masks that are kept: of 100,000 essays each takes 100 kB.
MOST_MASKS = 256

#: Facets in the order of their values, the highest first; the others in the order of counts.
ORDERED = (*RATINGS, "year")


class FacetColumn:
    """One facet in one generation: folded ``keys`` to numbers, ``values`` as they are shown."""

    def __init__(self, name: str, leaves: Leaves) -> None:
        self.keys: dict[str, int] = {}
        self._size = leaves.size
        self._fields: list[tuple[Leaf, Field]] = []
        #: Every (number of value, document) pair, values and documents of all segments together.
        self.pairs: list[tuple[Array, Array]] = []
        spelled: dict[str, dict[str, int]] = {}
        for leaf in leaves.leaves:
            field = leaf.fields.get(name)
            if field is None:
                continue
            numbers = [
                self.keys.setdefault(field.terms[n].decode(), len(self.keys))
                for n in range(len(field))
            ]
            self._fields.append((leaf, field))
            starts = field.starts.astype(np.int64)
            docs = field.docs.astype(np.int32) + np.int32(leaf.base)
            self.pairs.append(
                (np.repeat(np.array(numbers, np.int64), starts[1:] - starts[:-1]), docs)
            )
            _count_spellings(leaf, leaf.fields[spelling(name)], spelled)
        self.values = [_commonest(spelled.get(key, {key: 1})) for key in self.keys]

    def mask(self, chosen: tuple[str, ...]) -> Mask:
        """The documents that have any of the chosen values, given as readers spell them."""
        mask = np.zeros(self._size, dtype=np.bool_)
        wanted = [fold(value).encode() for value in chosen]
        for leaf, field in self._fields:
            for key in wanted:
                if (number := field.find(key)) >= 0:
                    mask[field.docs[field.span(number)].astype(np.int64) + leaf.base] = True
        return mask


class _Pairs:
    """The (value, document) pairs of all facets together, in both orders, so that one pass counts
    every facet. The values of facet ``name`` have the numbers ``slices[name]``."""

    def __init__(self, facets: Mapping[str, FacetColumn], size: int) -> None:
        self.slices: dict[str, slice] = {}
        values: list[Array] = []
        docs: list[Array] = []
        self._count = 0
        for name, column in facets.items():
            self.slices[name] = slice(self._count, self._count + len(column.keys))
            for numbers, own in column.pairs:
                values.append(numbers + self._count)
                docs.append(own)
            column.pairs = []
            self._count += len(column.keys)
        empty = np.empty(0, np.int32)
        value = narrow(np.concatenate(values) if values else empty)
        doc = np.concatenate(docs) if docs else empty
        by_value = np.argsort(value, kind="stable")
        self._docs = doc[by_value]
        self._starts = np.searchsorted(value[by_value], np.arange(self._count + 1))
        by_document = np.argsort(doc, kind="stable")
        self._values = value[by_document]
        self._at = np.searchsorted(doc[by_document], np.arange(size + 1))

    def in_documents(self, docs: Array) -> Array:
        """The counts of all values in a few documents."""
        found = self._values[stretches(self._at[docs], self._at[docs + 1])]
        return np.bincount(found, minlength=self._count)

    def in_mask(self, within: Mask, values: slice) -> Array:
        """The counts of a range of values in any documents."""
        starts = self._starts[values]
        if not len(starts):
            return np.empty(0, np.int64)
        first = starts[0]
        taken = within.take(self._docs[first : self._starts[values.stop]])
        counts: Array = np.add.reduceat(taken, starts - first, dtype=np.int64)
        return counts


class _Selection:
    """Some documents, counted once for all facets where that is cheaper."""

    def __init__(self, mask: Mask, pairs: _Pairs) -> None:
        self.mask = mask
        few = int(np.count_nonzero(mask)) * SPARSE < len(mask)
        self.docs = np.flatnonzero(mask) if few else None
        self._pairs = pairs
        self._all: Array | None = None

    def counts(self, name: str) -> Array:
        """For each value of a facet, the documents that have it."""
        values = self._pairs.slices[name]
        if self.docs is None:
            return self._pairs.in_mask(self.mask, values)
        if self._all is None:
            self._all = self._pairs.in_documents(self.docs)
        return self._all[values]


def _count_spellings(leaf: Leaf, field: Field, spelled: dict[str, dict[str, int]]) -> None:
    for number in range(len(field)):
        text = field.terms[number].decode()
        where = field.span(number)
        count = where.stop - where.start
        if not leaf.whole:
            count = int(leaf.live[field.docs[where]].sum())
        counts = spelled.setdefault(fold(text), {})
        counts[text] = counts.get(text, 0) + count


def _commonest(counts: Mapping[str, int]) -> str:
    return max(counts, key=lambda text: (counts[text], text))


class Columns:
    """Everything that one generation is counted and narrowed by.

    ``percentages`` holds a number per document and rating, NaN where there is none.
    """

    def __init__(self, leaves: Leaves, names: tuple[str, ...], rules: Rules) -> None:
        pieces = [leaf.live for leaf in leaves.leaves]
        self.live: Mask = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.bool_)
        self.facets = {name: FacetColumn(name, leaves) for name in names}
        self.percentages = {name: _percentages(leaves, name) for name in ("status", *SCALES)}
        #: The number of each document's bar of the histograms; ``BARS`` where it has none.
        self.bars = {name: _bars(self.percentages[name]) for name in SCALES}
        self._rules = rules
        self._ranks = {name: self._rank(name) for name in names}
        self._pairs = _Pairs(self.facets, leaves.size)
        self._unrated = {
            name: np.flatnonzero(self.facets[name].mask((UNRATED,))) for name in SCALES
        }
        self._masks: dict[tuple[str, tuple[str, ...] | Range], Mask] = {}

    def masks(self, request: SearchRequest) -> dict[tuple[str, str], Mask]:
        """The mask of every filter of a request, by ("value" or "range", facet)."""
        found: dict[tuple[str, str], Mask] = {}
        for facet, chosen in request.filters.items():
            if chosen and facet in self.facets:
                found["value", facet] = self._narrow(facet, tuple(chosen))
        for facet, wanted in request.ranges.items():
            if wanted and facet in self.percentages:
                found["range", facet] = self._narrow(facet, wanted)
        return found

    def _narrow(self, facet: str, chosen: tuple[str, ...] | Range) -> Mask:
        """The mask of one filter, made once."""
        key = (facet, chosen)
        if key not in self._masks:
            if len(self._masks) >= MOST_MASKS:
                self._masks.clear()
            self._masks[key] = self._mask(facet, chosen)
        return self._masks[key]

    def _mask(self, facet: str, chosen: tuple[str, ...] | Range) -> Mask:
        if isinstance(chosen, Range):
            # Bounds become percentages, not percentages bounds: 70 / 10 is exact, 70 * 0.1 is not.
            unit = 100 / SCALES[facet]
            low = -np.inf if chosen.min is None else chosen.min * unit
            high = np.inf if chosen.max is None else chosen.max * unit
            return (self.percentages[facet] >= low) & (self.percentages[facet] <= high)
        return self.facets[facet].mask(chosen)

    def count(
        self, request: SearchRequest, matched: Mask, masks: Mapping[tuple[str, str], Mask]
    ) -> tuple[Array, dict[str, tuple[FacetValue, ...]], dict[str, RangeCount]]:
        """The documents found, and the counts of every facet and range.

        ``matched`` is what the words select; ``masks`` comes from :meth:`masks`.
        """
        selections: dict[tuple[str, str], _Selection] = {}

        def under(own: tuple[str, str]) -> _Selection:
            key = own if own in masks else ("", "")
            if key not in selections:
                mask = matched
                for other, each in masks.items():
                    if other != key:
                        mask = mask & each
                selections[key] = _Selection(mask, self._pairs)
            return selections[key]

        facets = {
            name: self._values(
                name, under(("value", name)).counts(name), request.filters.get(name, ())
            )
            for name in self.facets
        }
        ranges = {
            name: self._range(name, request.ranges.get(name, Range()), under(("range", name)))
            for name in SCALES
        }
        found = under(("", ""))
        docs = np.flatnonzero(found.mask) if found.docs is None else found.docs
        return docs, facets, ranges

    def totals(self, name: str) -> Array:
        """For each value of a facet, all live documents that have it."""
        return self._pairs.in_mask(self.live, self._pairs.slices[name])

    def _values(
        self, name: str, counts: npt.NDArray[np.int64], chosen: tuple[str, ...]
    ) -> tuple[FacetValue, ...]:
        column = self.facets[name]
        selected = {fold(value): value for value in chosen}
        numbers = {column.keys[key] for key in selected if key in column.keys}
        rank = self._ranks[name]
        shown = np.array(sorted({*np.flatnonzero(counts).tolist(), *numbers}), np.int64)
        keys = (rank[shown],) if name in ORDERED else (rank[shown], -counts[shown])
        order = shown[np.lexsort(keys)] if len(shown) else shown
        listed = [
            FacetValue(column.values[n], count, n in numbers)
            for n, count in zip(order.tolist(), counts[order].tolist(), strict=True)
        ]
        # A chosen value stays listed at zero, even one that no essay has.
        listed += [FacetValue(v, 0, True) for key, v in selected.items() if key not in column.keys]
        return tuple(listed)

    def _rank(self, name: str) -> npt.NDArray[np.int64]:
        """Where each value of a facet stands: by its place where it has one, unrated last."""

        def order(key: str) -> tuple[bool, float, str]:
            place = self._place(name, key) if name in ORDERED else None
            return (key == UNRATED, 1.0 if place is None else -place, key)

        keys = self.facets[name].keys
        rank = np.empty(len(keys), np.int64)
        rank[[keys[key] for key in sorted(keys, key=order)]] = np.arange(len(keys))
        return rank

    def _place(self, name: str, key: str) -> float | None:
        if name in ("year", "importance"):
            try:
                return float(key)
            except ValueError:
                return None
        known = self._rules.percentages(name).get(key)
        if known is not None:
            return known
        if key.endswith("%"):
            return float(key[:-1])
        rated = self.percentages[name][self.facets[name].mask((key,))]
        rated = rated[~np.isnan(rated)]
        return float(rated.mean()) if len(rated) else None

    def _range(self, name: str, wanted: Range, within: _Selection) -> RangeCount:
        bars = self.bars[name][within.mask if within.docs is None else within.docs]
        counts = np.bincount(bars, minlength=BARS + 1).tolist()
        width = SCALES[name] / BARS
        return RangeCount(
            wanted.min,
            wanted.max,
            int(np.count_nonzero(within.mask[self._unrated[name]])),
            tuple(Bar(n * width, (n + 1) * width, counts[n]) for n in range(BARS)),
        )


def _percentages(leaves: Leaves, name: str) -> npt.NDArray[np.float64]:
    pieces = [leaf.column(f"{name}_column", -1.0) for leaf in leaves.leaves]
    numbers = np.concatenate(pieces).astype(np.float64) if pieces else np.zeros(0)
    numbers[numbers < 0] = np.nan
    return numbers


def _bars(percentages: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The number of each document's bar; one past the last where it has no percentage."""
    step = 100 / BARS
    bars = np.minimum(np.nan_to_num(percentages, nan=0.0) // step, BARS - 1)
    bars[np.isnan(percentages)] = BARS
    return bars.astype(np.uint8)
