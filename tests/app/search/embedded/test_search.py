"""Every question about a request is answered by one path: what they say of it agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.search.request import Narrowing, Range, SearchRequest

if TYPE_CHECKING:
    from tests.conftest import Archive

REQUESTS = [
    SearchRequest(),
    SearchRequest(q="model owl"),
    SearchRequest(q="shaply value"),
    SearchRequest(q="shaply value", sort="title"),
    SearchRequest(q="certainty:>=50"),
    SearchRequest(q="the owl and the network", prefer="importance"),
    SearchRequest(q="model", filters={"category": ("Nature", "Fiction")}),
    SearchRequest(q="modle", ranges={"importance": Range(3, 7)}),
    SearchRequest(filters={"tag": ("birds",)}, sort="updated"),
    SearchRequest(q="zanzibar xyzzy"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_all_that_is_asked_of_a_request_is_asked_of_the_same_essays(
    small: Archive, request_: SearchRequest
) -> None:
    engine = small.engine
    found = engine.search(request_)
    counts = engine.facet_counts(request_)
    assert counts.total == found.total
    assert counts.facets == found.counts.facets
    assert counts.ranges == found.counts.ranges
    timeline = engine.timeline(request_)
    assert sum(span.total for span in timeline.spans) + timeline.undated == found.total
    assert engine.map_points(request_, 0).total == found.total
    tags = {value.value: value.count for value in found.counts.facets["tag"]}
    if not request_.filters.get("tag"):
        together = engine.co_occurring(request_, "tag")
        assert {value.value: value.count for value in together} == tags
    assert engine.totals(request_, [Narrowing(SearchRequest(), request_)]) == (found.total,)


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_a_place_is_counted_in_the_order_of_the_results(
    small: Archive, request_: SearchRequest
) -> None:
    """Also where the query was corrected: the order is that of what was searched."""
    hits = small.engine.search(request_).hits
    for number, hit in enumerate(hits, 1):
        found = small.engine.neighbours(request_, hit.essay.slug)
        assert found is not None
        assert found.position == number
