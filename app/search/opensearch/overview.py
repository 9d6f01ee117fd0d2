"""The map, the timeline, and the values that occur together, of the essays that a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.search.discovery import (
    LEAST,
    MAX_UNPLACED,
    Listed,
    Point,
    Points,
    Timeline,
    point_of,
    timeline_of,
)
from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.filters import BARS_OF_SCALE, Counting, column
from app.search.opensearch.snapshot import MAX_WINDOW, Found, Snapshot, found_in, page
from app.search.opensearch.sorting import order_of
from app.search.request import SCALES, SearchRequest, Sort
from app.search.results import FacetValue, NumberCount
from indexer.essay import value_key
from indexer.schema.opensearch_mapping import CHANGED, MONTH, SLUG, number_field

#: Different percentages of a rating that are counted; they have two decimals.
MAX_NUMBERS = 10_001
#: The seed by which a sample is drawn: the same essays each time.
SEED = 1


def points(query: Dsl, sort: Sort | None, limit: int, snapshot: Snapshot) -> Points:
    """The essays of a query as points, in the order of ``sort``; the most important first where
    the order would need words. Of more than are asked for a sample is drawn by lot, the same each
    time."""
    rated = [{"exists": {"field": number_field(name)}} for name in SCALES]
    placed, loose = dsl.all_of([query, *rated]), dsl.all_of([query, dsl.none_of(dsl.all_of(rated))])
    order: Sort = sort if sort and sort != "relevance" else "importance"
    squares = {
        "i": {
            "range": {"field": number_field("importance"), "ranges": BARS_OF_SCALE},
            "aggs": {"c": {"range": {"field": number_field("certainty"), "ranges": BARS_OF_SCALE}}},
        }
    }
    body = {"size": 0, "track_total_hits": True, "query": placed, "aggs": squares}
    counted = snapshot.search(body)
    total, on_map = snapshot.count(query), counted["hits"]["total"]["value"]
    return Points(
        total=total,
        placed=on_map,
        points=_points(placed, on_map, order, limit, snapshot),
        squares=tuple(
            tuple(cell["doc_count"] for cell in row["c"]["buckets"])
            for row in counted["aggregations"]["i"]["buckets"]
        ),
        unplaced=_shown(snapshot.first(loose, MAX_UNPLACED, "card", sort=order_of(order)))
        if limit
        else (),
    )


def listed(first: int, limit: int, snapshot: Snapshot) -> tuple[Listed, ...]:
    """All essays from number ``first`` on, in the order of their slugs."""
    fields, every = (number_field(CHANGED),), {"query": dsl.EVERY, "track_total_hits": False}
    if first + limit <= MAX_WINDOW:
        body = {**every, **page(first, limit, (), fields), "sort": [SLUG]}
        found = found_in(snapshot.search(body))
    else:
        found = snapshot.at(every, [SLUG], first, limit, fields=fields)
    return tuple(Listed(each.slug, each.changed) for each in found)


def _points(
    placed: Dsl, many: int, order: Sort, limit: int, snapshot: Snapshot
) -> tuple[Point, ...]:
    if not limit:
        return ()
    if many <= limit:
        return _shown(snapshot.first(placed, limit, "card", sort=order_of(order)))
    drawn: Dsl = {
        "function_score": {
            "query": placed,
            "random_score": {"seed": SEED, "field": SLUG},
            "boost_mode": "replace",
        }
    }
    slugs = [each.slug for each in snapshot.first(drawn, limit, sort=order_of("relevance"))]
    return _shown(snapshot.first(dsl.having(SLUG, slugs), len(slugs), "card", sort=order_of(order)))


def _shown(found: list[Found]) -> tuple[Point, ...]:
    return tuple(point_of(each.card) for each in found)


def timeline(query: Dsl, snapshot: Snapshot) -> Timeline:
    """Publications by month, year or decade, as the time from first to last asks for."""
    highest = None
    ranges: list[dict[str, Any]] = []
    for least in LEAST:
        ranges.append({"from": least, **({} if highest is None else {"to": highest})})
        highest = least
    stages = {"s": {"range": {"field": number_field("status"), "ranges": ranges, "keyed": False}}}
    months = {"field": number_field(MONTH), "interval": 1, "min_doc_count": 1}
    aggs = {"m": {"histogram": months, "aggs": stages}}
    body = {"size": 0, "track_total_hits": True, "query": query, "aggs": aggs}
    answer = snapshot.search(body)
    counts: dict[int, list[int]] = {}
    for bucket in answer["aggregations"]["m"]["buckets"]:
        rated = {each["from"]: each["doc_count"] for each in bucket["s"]["buckets"]}
        own = [rated.get(least, 0) for least in LEAST]
        counts[round(bucket["key"])] = [*own, bucket["doc_count"] - sum(own)]
    undated = answer["hits"]["total"]["value"] - sum(map(sum, counts.values()))
    return timeline_of(counts, undated)


def co_occurring(
    query: Dsl, facet: str, leaving: tuple[str, ...], snapshot: Snapshot
) -> tuple[FacetValue, ...]:
    """The values of a facet that the essays of a query have, the commonest first, but some."""
    if not column(facet, snapshot).keys:
        return ()
    counting = Counting(SearchRequest(), {}, snapshot)
    body = {"size": 0, "track_total_hits": False, "query": query, "aggs": counting.aggregations()}
    counted = counting.values(facet, snapshot.search(body)).values
    left = {value_key(value) for value in leaving}
    return tuple(value for value in counted if value_key(value.value) not in left)


def percentages(query: Dsl, snapshot: Snapshot) -> Mapping[str, tuple[NumberCount, ...]]:
    """The percentages of every rating that the essays of a query have, ascending, counted."""
    names = ("status", *SCALES)
    aggs = {
        name: {
            "terms": {
                "field": number_field(name), "size": MAX_NUMBERS, "order": {"_key": "asc"},
            }
        }
        for name in names
    }  # fmt: skip
    body = {"size": 0, "track_total_hits": False, "query": query, "aggs": aggs}
    answer = snapshot.search(body)["aggregations"]
    found: dict[str, tuple[NumberCount, ...]] = {}
    for name in names:
        counts: dict[float, int] = {}
        for bucket in answer[name]["buckets"]:
            number = round(float(bucket["key"]), 2)
            counts[number] = counts.get(number, 0) + bucket["doc_count"]
        found[name] = tuple(NumberCount(number, counts[number]) for number in sorted(counts))
    return found
