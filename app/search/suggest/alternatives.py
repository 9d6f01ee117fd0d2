"""Searches that find something, where one found nothing.

Each way on is a search that differs in one thing, counted exactly before it is offered. The work is
bounded: some filters, some words, a handful of spellings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

from msgspec.structs import replace

from app.search.budget import FREE, WAYS, Budget
from app.search.query import grammar
from app.search.query.parser import QueryParser
from app.search.request import SCALES, SearchRequest
from app.search.results import Alternative, Alternatives
from app.search.spelling import correction
from app.search.spelling.archive import Archive
from indexer.essay import Essay, format_number

_T = TypeVar("_T")

#: Spellings offered, essays shown near by.
MAX_SPELLINGS = 3
MAX_NEARBY = 5

#: A phrase, or a field's value in quotation marks, which keeps them.
_QUOTED = re.compile(r'([:<>=]"(?:\\.|[^"\\])*")|"((?:\\.|[^"\\])*)"(?:~\d{1,3})?')
_TOKEN = re.compile(r'[^\s"]*"(?:\\.|[^"\\])*"(?:~\d+)?|\S+')


class Searched(Protocol):
    """The searches of one generation."""

    def count(self, request: SearchRequest) -> int:
        """How many essays a request finds."""
        ...

    def first(self, request: SearchRequest, most: int) -> tuple[Essay, ...]:
        """The first essays that a request finds, without their texts."""
        ...


def alternatives(
    request: SearchRequest,
    language: QueryParser,
    archive: Archive,
    searched: Searched,
    budget: Budget = FREE,
) -> Alternatives:
    """The ways on from a request that finds nothing, those that find most first of their kind."""
    request = replace(request, page=1)

    found: list[Alternative] = []
    if not budget.over(WAYS):
        found += _spellings(request, language, archive, budget)
    for way in _changes(request):
        if budget.over(WAYS):
            break
        counted = searched.count(way.request)
        if budget.over(WAYS):  # then it is not the whole number
            break
        found.append(replace(way, count=counted))
    near = _near(request, searched.count)
    return Alternatives(ways=tuple(found), near=near, nearby=searched.first(near, MAX_NEARBY))


def _changes(request: SearchRequest) -> Iterator[Alternative]:
    """The same search with one thing less, not yet counted."""
    asked = grammar.straight(request.q)
    loose = " ".join(_QUOTED.sub(lambda m: m[1] or f" {m[2]} ", asked).split())
    if loose and loose != " ".join(asked.split()):
        yield Alternative("phrase", replace(request, q=loose), 0, shown=loose)
    if any_of := _either(asked):
        yield Alternative("either", replace(request, q=any_of), 0, shown=any_of)
    filters = {facet: values for facet, values in request.filters.items() if values}
    ranges = {facet: wanted for facet, wanted in request.ranges.items() if wanted}
    for facet, values in filters.items():
        yield Alternative(
            "filter", replace(request, filters=_less(request.filters, facet)), 0, facet,
            " or ".join(values),
        )  # fmt: skip
    for facet, wanted in ranges.items():
        low = format_number(wanted.min) if wanted.min is not None else "0"
        high = format_number(wanted.max if wanted.max is not None else SCALES[facet])
        yield Alternative(
            "range", replace(request, ranges=_less(request.ranges, facet)), 0, facet,
            f"{low}–{high}",
        )  # fmt: skip
    if request.q and (filters or ranges):
        yield Alternative("filters", request.widened(), 0)
        yield Alternative("words", replace(request, q=""), 0)


def _less(chosen: Mapping[str, _T], facet: str) -> dict[str, _T]:
    return {name: value for name, value in chosen.items() if name != facet}


def _either(q: str) -> str:
    """Any of the words and phrases of a query, under the same fields; nothing where that is no
    change, or where the reader has already said how the words belong together otherwise."""
    tokens = [part for part in _TOKEN.findall(q) if part != "AND"]
    if re.search(r"[()]|(?<!\S)(?:OR|NOT)(?!\S)", q):
        return ""
    kept = [t for t in tokens if re.match(r"-\S|[A-Za-z_]+:\S", t)]
    words = [t for t in tokens if t not in kept and re.search(r"\w", t)]
    if len(words) < 2:
        return ""
    joined = " OR ".join(words)
    return f"({joined}) {' '.join(kept)}" if kept else joined


def _spellings(
    request: SearchRequest, language: QueryParser, archive: Archive, budget: Budget
) -> Iterator[Alternative]:
    """The query as the archive spells its words; without filters that let none through."""
    for found in correction.corrections(request, language, archive, MAX_SPELLINGS, budget):
        asked = replace(request if found.narrowed else request.widened(), q=found.query)
        yield Alternative("spelling", asked, found.essays, shown=found.query)


def _near(request: SearchRequest, count: Callable[[SearchRequest], int]) -> SearchRequest:
    """The first of the reader's subjects that has essays; else the whole archive."""
    for facet in ("category", "tag"):
        if values := request.filters.get(facet):
            near = SearchRequest(filters={facet: values}, sort="newest", per_page=request.per_page)
            if count(near):
                return near
    return SearchRequest(sort="newest", per_page=request.per_page)
