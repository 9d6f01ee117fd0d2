"""The filters of a request, and the counts of every facet under all of them but its own.

All counts come with the search itself, as aggregations under filters; they are exact, for each
facet is asked for as many values as the archive has, on every shard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.search.binding.binding import Binding
from app.search.binding.clauses import Clause
from app.search.facets import FacetListing, commonest, listed, place
from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.snapshot import Snapshot
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.tree import Fuzzy, Prefix, Wildcard
from app.search.request import BARS, SCALES, Range, SearchRequest
from app.search.results import Bar, Note, RangeCount
from indexer.essay import RATINGS, UNRATED, value_key
from indexer.schema.field_names import spelling
from indexer.schema.opensearch_mapping import number_field

Own = tuple[str, str]

#: Values of one facet that are counted: what all facets together may ask for is bounded by the
#: cluster (`search.max_buckets`, 65,535).
MAX_VALUES = 20_000


def filters_of(request: SearchRequest, snapshot: Snapshot) -> dict[Own, Dsl]:
    """The query of every filter of a request, by ("value" or "range", facet), and of its
    condition."""
    found: dict[Own, Dsl] = {}
    for facet, chosen in request.filters.items():
        if chosen and facet in snapshot.facets:
            keys = list(dict.fromkeys(map(value_key, chosen)))
            found["value", facet] = dsl.having(facet, keys)
    for facet, wanted in request.ranges.items():
        if wanted and facet in SCALES:
            found["range", facet] = _between(facet, wanted)
    if request.where is not None:
        found["where", ""] = dsl.selecting(_BINDING.clause(request.where))
    return found


def _between(facet: str, wanted: Range) -> Dsl:
    # Bounds become percentages, not percentages bounds: 70 / 10 is exact, 70 * 0.1 is not.
    unit = 100 / SCALES[facet]
    bounds = {"gte": wanted.min, "lte": wanted.max}
    asked = {name: bound * unit for name, bound in bounds.items() if bound is not None}
    return {"range": {number_field(facet): asked}}


def _expand(node: Prefix | Wildcard | Fuzzy, field: str) -> Clause:
    raise ValueError(f"a condition has values and ranges, not {node} in {field}")


_BINDING = Binding(QueryAnalyzer(), _expand, 0)


@dataclass(frozen=True)
class Column:
    """The values of one facet in one generation: folded ``keys`` to numbers, ``values`` as they
    are shown."""

    keys: Mapping[str, int]
    values: tuple[str, ...]


def column(facet: str, snapshot: Snapshot) -> Column:
    """The values of a facet, in the order in which they are listed where counts do not decide."""
    key = ("column", facet)
    found: Column | None = snapshot.known.get(key)
    if found is None:
        found = snapshot.known[key] = _column(facet, snapshot)
    return found


def _column(facet: str, snapshot: Snapshot) -> Column:
    names = (name for each in snapshot.facets for name in (each, spelling(each)))
    snapshot.lexicon.know((name, "") for name in names)
    having = snapshot.lexicon.prefixed(facet, "")
    spelled: dict[str, dict[str, int]] = {}
    for text, count in snapshot.lexicon.prefixed(spelling(facet), "").items():
        spelled.setdefault(value_key(text), {})[text] = count
    rated = _means(facet, len(having), snapshot) if facet in RATINGS and having else {}
    keys = sorted(having, key=lambda key: place(facet, key, snapshot.rules, rated.get))
    values = tuple(commonest(spelled.get(key, {key: 1})) for key in keys)
    return Column({key: number for number, key in enumerate(keys)}, values)


def _means(facet: str, many: int, snapshot: Snapshot) -> dict[str, float | None]:
    """The mean percentage of the essays that have each value of a rating."""
    mean = {"m": {"avg": {"field": number_field(facet)}}}
    asked = {"terms": {"field": dsl.field_of(facet), "size": many}, "aggs": mean}
    body = {"size": 0, "track_total_hits": False, "aggs": {"v": asked}}
    buckets = snapshot.search(body)["aggregations"]["v"]["buckets"]
    return {bucket["key"]: bucket["m"]["value"] for bucket in buckets}


@dataclass(frozen=True)
class Counting:
    """The aggregations of one request, and what its answer says by them."""

    request: SearchRequest
    filters: Mapping[Own, Dsl]
    snapshot: Snapshot

    def but_for(self, own: Own | None) -> Dsl:
        """What every filter lets through, but for one's own."""
        return dsl.all_of(query for key, query in self.filters.items() if key != own)

    def _group(self, own: Own) -> Own | None:
        return own if own in self.filters else None

    def aggregations(self) -> dict[str, Any]:
        """What to ask for beside the essays."""
        groups: dict[Own | None, dict[str, Any]] = {}
        for facet in self.snapshot.facets:
            if many := len(column(facet, self.snapshot).keys):
                size = min(many, MAX_VALUES)
                made = {"terms": {"field": dsl.field_of(facet), "size": size}}
                groups.setdefault(self._group(("value", facet)), {})[f"value {facet}"] = made
        for name in SCALES:
            own = groups.setdefault(self._group(("range", name)), {})
            own[f"range {name}"] = {"range": {"field": number_field(name), "ranges": BARS_OF_SCALE}}
            own[f"bare {name}"] = {"filter": dsl.having(name, [UNRATED])}
        return {
            _name(own): {"filter": self.but_for(own), "aggs": made} for own, made in groups.items()
        }

    def facets(self, answer: Mapping[str, Any]) -> dict[str, FacetListing]:
        """The values of every facet, and how many essays choosing each would bring."""
        return {facet: self.values(facet, answer) for facet in self.snapshot.facets}

    def values(self, facet: str, answer: Mapping[str, Any]) -> FacetListing:
        """The same of one facet."""
        own = column(facet, self.snapshot)
        counts: dict[int, int] = {}
        if own.keys:
            found = answer["aggregations"][_name(self._group(("value", facet)))]
            for bucket in found[f"value {facet}"]["buckets"]:
                if bucket["doc_count"] and bucket["key"] in own.keys:
                    counts[own.keys[bucket["key"]]] = bucket["doc_count"]
        chosen, most = self.request.filters.get(facet, ()), self.request.max_values
        return listed(facet, own.keys, own.values, counts, chosen, most)

    def ranges(self, answer: Mapping[str, Any]) -> dict[str, RangeCount]:
        """The histogram of every rating that readers narrow by range."""
        return {name: self._range(name, answer) for name in SCALES}

    def _range(self, name: str, answer: Mapping[str, Any]) -> RangeCount:
        wanted = self.request.ranges.get(name, Range())
        found = answer["aggregations"][_name(self._group(("range", name)))]
        width = SCALES[name] / BARS
        counts = [bucket["doc_count"] for bucket in found[f"range {name}"]["buckets"]]
        bars = tuple(Bar(n * width, (n + 1) * width, count) for n, count in enumerate(counts))
        return RangeCount(wanted.min, wanted.max, found[f"bare {name}"]["doc_count"], bars)

    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know of facets that have more values than are counted."""
        short = [
            facet
            for facet in self.snapshot.facets
            if len(column(facet, self.snapshot).keys) > MAX_VALUES
        ]
        said = "Only the commonest {0:,} values of “{1}” were counted."
        return tuple(Note(said.format(MAX_VALUES, facet), 0, 0) for facet in short)


def _name(own: Own | None) -> str:
    return "all" if own is None else " ".join(own)


_STEP = 100 / BARS
BARS_OF_SCALE = [
    {"from": n * _STEP, **({"to": (n + 1) * _STEP} if n < BARS - 1 else {})} for n in range(BARS)
]
