"""``facets``, ``facets_stats``, and the search among the values of one facet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.search.budget import Budget
from app.search.highlight.folded_text import folded
from app.search.results import FacetCounts, NumberCount, Place
from app.web.api.algolia.attributes import FLAGS, PERCENTAGES, Attributes
from app.web.api.algolia.marking import Tags, tagged
from app.web.api.algolia.parameters import Parameters
from app.web.api.algolia.records import whole
from indexer.essay import format_number

#: Values of one facet: as many as Algolia gives where nothing else is said, and at the most.
VALUES, MAX_VALUES = 100, 1_000
#: Values that a search among them finds, likewise.
FACET_HITS, MAX_FACET_HITS = 10, 100
#: Facets of one query.
MAX_FACETS = 100

#: The percentages of each rating among what was found.
Percentages = Mapping[str, Sequence[NumberCount]]
Pair = tuple[str, int]


def asked(parameters: Parameters, attributes: Attributes) -> list[str]:
    """The attributes whose values a client wants counted, those that there are."""
    names: list[str] = []
    for name in parameters.names("facets"):
        names += attributes.counted() if name == "*" else [name]
    known = {*PERCENTAGES, *FLAGS}
    there = (name for name in names if attributes.facet(name) or name in known)
    return list(dict.fromkeys(there))[:MAX_FACETS]


def counted(
    names: Sequence[str],
    counts: FacetCounts,
    percentages: Callable[[], Percentages],
    flagged: Callable[[str], int],
    parameters: Parameters,
    attributes: Attributes,
) -> dict[str, Any]:
    """The parts of an answer that count: every attribute asked for is in ``facets``, and if it has
    numbers in ``facets_stats``. ``flagged`` says how many of the essays have a flag."""
    known = percentages() if {*names} & {*PERCENTAGES, "importance"} else {}
    most = parameters.whole("maxValuesPerFacet", VALUES, MAX_VALUES)
    facets: dict[str, dict[str, int]] = {}
    stats: dict[str, dict[str, float]] = {}
    for name in names:
        if name in FLAGS:
            having = flagged(name)
            pairs = [("true", having), ("false", counts.total - having)]
            pairs = [pair for pair in pairs if pair[1] > 0]
        else:
            pairs = values(name, counts, known, attributes)
        facets[name] = dict(ordered(pairs, parameters)[:most])
        numbers = _numbers(name, pairs, known)
        if numbers is not None:
            stats[name] = _stats(numbers)
    return {"facets": facets, "facets_stats": stats}


def values(
    name: str, counts: FacetCounts, known: Percentages, attributes: Attributes
) -> list[Pair]:
    """The values of an attribute and how many essays have each."""
    if rating := PERCENTAGES.get(name):
        return [(format_number(each.number), each.count) for each in known.get(rating, ())]
    facet = attributes.facet(name) or ""
    return [(each.value, each.count) for each in counts.facets.get(facet, ())]


def ordered(pairs: Sequence[Pair], parameters: Parameters) -> list[Pair]:
    """The commonest first, or by name where a client wants that."""
    if parameters.text("sortFacetValuesBy", "count") == "alpha":
        return sorted(pairs, key=lambda pair: folded(pair[0]).text)
    return sorted(pairs, key=lambda pair: -pair[1])


def _numbers(name: str, pairs: Sequence[Pair], known: Percentages) -> list[NumberCount] | None:
    """The numbers of an attribute; None where it has words."""
    if rating := PERCENTAGES.get(name):
        return [*known.get(rating, ())]
    if name == "importance":
        return [NumberCount(each.number / 10, each.count) for each in known.get(name, ())]
    if name == "year":
        return [NumberCount(float(year), count) for year, count in pairs]
    return None


def _stats(numbers: Sequence[NumberCount]) -> dict[str, float]:
    """What a slider goes by; of nothing all are 0."""
    total = round(sum(each.number * each.count for each in numbers), 6)
    count = sum(each.count for each in numbers)
    every = [each.number for each in numbers] or [0.0]
    return {
        "min": whole(min(every)),
        "max": whole(max(every)),
        "avg": whole(round(total / count, 6)) if count else 0,
        "sum": whole(total),
    }


def facet_hits(
    pairs: Sequence[Pair], text: str, parameters: Parameters, budget: Budget
) -> list[dict[str, Any]]:
    """The values with words that begin as those of a text do, marked. With no text all are found;
    past the budget those that were found until then."""
    begins = [
        re.compile(rf"(?<!\w){re.escape(word)}" if word[0].isalnum() else re.escape(word))
        for word in folded(text).text.split()
    ]
    tags = Tags(
        parameters.text("highlightPreTag", Tags().before),
        parameters.text("highlightPostTag", Tags().after),
    )
    most = parameters.whole("maxFacetHits", FACET_HITS, MAX_FACET_HITS)
    found: list[dict[str, Any]] = []
    for value, count in ordered(pairs, parameters):
        if len(found) >= most or budget.over():
            break
        places = _places(value, begins)
        if places is not None:
            marked = tagged(value, places, tags)
            found.append({"value": value, "highlighted": marked, "count": count})
    return found


def _places(value: str, begins: Sequence[re.Pattern[str]]) -> list[Place] | None:
    """Where each of some beginnings stands first in a value, without overlaps; None where one of
    them does not."""
    plain = folded(value)
    places: list[Place] = []
    for begin in begins:
        match = begin.search(plain.text)
        if match is None:
            return None
        places.append(Place(*plain.place(*match.span())))
    apart: list[Place] = []
    for place in sorted(places):
        if not apart or place.start >= apart[-1].end:
            apart.append(place)
    return apart
