"""The values of facets as they are listed: their order, their spelling, how many, what stays at
zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from app.search.request import SearchRequest
from app.search.results import FacetCounts, FacetValue, Note, RangeCount
from indexer.essay import RATINGS, UNRATED, value_key
from indexer.parsing.ratings import shown_number, shown_percentage
from indexer.parsing.rules import Rules

#: Facets in the order of their values, the highest first; the others in the order of counts.
ORDERED = (*RATINGS, "year")


def place(
    name: str, key: str, rules: Rules, rated: Callable[[str], float | None]
) -> tuple[bool, bool, float, str]:
    """What the values of a facet are sorted by where counts do not decide: by the place on its
    scale where a value has one, unrated last.

    ``rated`` gives the mean percentage of the essays that have a value, None where none has one.
    """
    where = _on_scale(name, key, rules, rated) if name in ORDERED else None
    return (key == UNRATED, where is None, -(where or 0.0), key)


def _on_scale(
    name: str, key: str, rules: Rules, rated: Callable[[str], float | None]
) -> float | None:
    if name in ("year", "importance"):
        return shown_number(key)
    known = rules.percentages(name).get(key)
    if known is None:
        known = shown_percentage(key)
    return rated(key) if known is None else known


def commonest(counts: Mapping[str, int]) -> str:
    """The spelling of a value that most essays have.

    >>> commonest({"XAI": 2, "xai": 1})
    'XAI'
    """
    return max(counts, key=lambda text: (counts[text], text))


class FacetListing(NamedTuple):
    """The values of one facet that are listed, and how many more the essays found have."""

    values: tuple[FacetValue, ...]
    more: int


def listed(
    name: str,
    keys: Mapping[str, int],
    values: Sequence[str],
    counts: Mapping[int, int],
    chosen: Sequence[str],
    most: int | None = None,
) -> FacetListing:
    """The values of a facet with the essays that choosing each would bring.

    ``keys`` are the folded values with their numbers, ``values`` how each is shown by its number;
    ``counts`` has those that essays have. A chosen value stays listed at zero, even one that no
    essay of the archive has. Of the others the ``most`` commonest are listed, in the order of the
    facet; of those that as many essays have, the first in that order.
    """
    if not chosen and (most is None or len(counts) <= most):
        every = sorted(counts.items())
        if name not in ORDERED:
            every.sort(key=itemgetter(1), reverse=True)  # equals stay in their order
        return FacetListing(tuple([FacetValue(values[n], having, False) for n, having in every]), 0)
    selected = {value_key(value): value for value in chosen}
    numbers = {keys[key] for key in selected if key in keys}
    having = {**dict.fromkeys(numbers, 0), **counts}
    by_count = sorted(sorted(having), key=having.__getitem__, reverse=True)
    shown = by_count[:most]
    if len(shown) < len(by_count):
        shown += [number for number in by_count[most:] if number in numbers]
    if name in ORDERED:
        shown.sort()
    found = [FacetValue(values[n], having[n], n in numbers) for n in shown]
    found += [FacetValue(value, 0, True) for key, value in selected.items() if key not in keys]
    return FacetListing(tuple(found), len(by_count) - len(shown))


def facet_counts(
    total: int,
    generation: int,
    listings: Mapping[str, FacetListing],
    ranges: Mapping[str, RangeCount],
) -> FacetCounts:
    """What an engine counted, as it is answered."""
    return FacetCounts(
        total,
        generation,
        {name: each.values for name, each in listings.items()},
        ranges,
        more={name: each.more for name, each in listings.items() if each.more},
    )


def range_notes(request: SearchRequest) -> Iterator[Note]:
    """What the reader has to know of ranges that nothing can be in."""
    for name, wanted in request.ranges.items():
        if wanted.min is not None and wanted.max is not None and wanted.min > wanted.max:
            yield Note(f"The minimum of {name} is greater than its maximum.", 0, 0)
