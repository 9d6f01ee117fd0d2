"""A URL's parameters as a request, and the reverse; the only place that knows their names.

:func:`parse` and :func:`pairs` are inverse: what one writes, the other reads. A blank parameter
(an untouched field of a form) is an absent one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from app.search.query.visible_text import visible
from app.search.request import (
    DEFAULT_PER_PAGE,
    MAX_PER_PAGE,
    MAX_VALUES,
    PREFERENCES,
    SCALES,
    SORTS,
    Prefer,
    Range,
    SearchRequest,
    Sort,
)
from indexer.essay import FACETS, distinct, format_number, value_key

_T = TypeVar("_T", bound=str)

#: Values that a search can be narrowed by, those of all facets together.
MAX_FILTERS = 50
#: Of a longer query string (bytes) few links have copies, and none that a page has many of; those
#: of hits have none once they would all together be longer than the second number.
LONG, TRAILS = 1_000, 60_000
#: Letters of a text that is remembered as it stands in an address, and how many are: some 3 MB.
NAME, NAMES = 100, 10_000


class BadParameter(ValueError):
    """A malformed parameter: its name, and a sentence that says what it may be."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def parse(
    args: MultiDict[str, str], facets: tuple[str, ...] = (), per_page: int = DEFAULT_PER_PAGE
) -> SearchRequest:
    """The request that a URL's parameters say. Raises :class:`BadParameter`.

    >>> parse(MultiDict([("q", "maps"), ("tag", "Maps"), ("certainty_min", "50")])).ranges
    {'certainty': Range(min=50.0, max=None)}
    """
    filters = {
        facet: chosen
        for facet in (*FACETS, *facets)
        if facet in args
        and (chosen := distinct(tuple([v for v in args.getlist(facet) if v.strip()])))
    }
    if sum(map(len, filters.values())) > MAX_FILTERS:
        most = max(filters, key=lambda facet: len(filters[facet]))
        raise BadParameter(most, f"A search can have at most {MAX_FILTERS} filter values.")
    ranges = {
        facet: wanted
        for facet in SCALES
        if (wanted := Range(_number(args, f"{facet}_min"), _number(args, f"{facet}_max")))
    }
    return SearchRequest(
        q=visible(args.get("q", "")).strip(),
        filters=filters,
        ranges=ranges,
        sort=_one_of(args, "sort", SORTS),
        prefer=_one_of(args, "prefer", PREFERENCES),
        page=whole(args, "page", 1, None),
        per_page=whole(args, "per_page", per_page, MAX_PER_PAGE),
        explain=_one_of(args, "explain", ("0", "1")) == "1",
        max_values=whole(args, "max_values", 0, MAX_VALUES) or None,
    )


def _given(args: MultiDict[str, str], name: str) -> str:
    """What a parameter says, without blanks around it; empty where it is absent."""
    # Most are: looking one up that is not there makes an exception of a web page.
    return args.get(name, "").strip() if name in args else ""


def _one_of(args: MultiDict[str, str], name: str, known: tuple[_T, ...]) -> _T | None:
    given = _given(args, name)
    if not given:
        return None
    for value in known:
        if value == given:
            return value
    raise BadParameter(name, f"{name} must be one of {', '.join(known)}, not “{given[:40]}”.")


def whole(args: MultiDict[str, str], name: str, default: int, most: int | None) -> int:
    """A whole number from 1 to ``most``. Raises :class:`BadParameter`."""
    given = _given(args, name)
    if not given:
        return default
    upper = f" to {most}" if most else ""
    if (
        not (len(given) <= 9 and given.isascii() and given.isdigit())
        or int(given) < 1
        or (most and int(given) > most)
    ):
        raise BadParameter(
            name, f"{name} must be a whole number from 1{upper}, not “{given[:40]}”."
        )
    return int(given)


def _number(args: MultiDict[str, str], name: str) -> float | None:
    given = _given(args, name)
    if not given:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadParameter(name, f"{name} must be a number, not “{given[:40]}”.")
    return value


def pairs(request: SearchRequest, per_page: int = DEFAULT_PER_PAGE) -> list[tuple[str, str]]:
    """The parameters that say a request, in a stable order, without those that say nothing;
    ``per_page`` is the archive's own default, as for :func:`parse`.

    >>> pairs(SearchRequest(q="maps", ranges={"importance": Range(7, None)}, page=2))
    [('q', 'maps'), ('importance_min', '7'), ('page', '2')]
    """
    found: list[tuple[str, str]] = [("q", request.q)] if request.q else []
    for facet, chosen in request.filters.items():
        found += [(facet, value) for value in chosen]
    for facet, wanted in request.ranges.items():
        for end, value in (("min", wanted.min), ("max", wanted.max)):
            if value is not None:
                found.append((f"{facet}_{end}", format_number(value)))
    if request.sort:
        found.append(("sort", request.sort))
    if request.prefer:
        found.append(("prefer", request.prefer))
    if request.page != 1:
        found.append(("page", str(request.page)))
    if request.per_page != per_page:
        found.append(("per_page", str(request.per_page)))
    if request.explain:
        found.append(("explain", "1"))
    if request.max_values is not None:
        found.append(("max_values", str(request.max_values)))
    return found


def encode(request: SearchRequest, per_page: int = DEFAULT_PER_PAGE) -> str:
    """The query string of a request, with its ``?``."""
    return "?" + "&".join(
        [f"{_quoted(name)}={_quoted(value)}" for name, value in pairs(request, per_page)]
    )


def _quoted(text: str) -> str:
    """A part of a query string. A page has a hundred of them that say nearly the same; what is too
    long to be a name is not remembered."""
    return _quoted_name(text) if len(text) <= NAME else quote(text, safe="")


@lru_cache(NAMES)
def _quoted_name(text: str) -> str:
    return quote(text, safe="")


class Links:
    """Addresses of searches near one request: each method is a query string with its ``?``.

    Every change goes back to page 1; a page of the old question says nothing about the new one.
    """

    def __init__(self, request: SearchRequest, per_page: int = DEFAULT_PER_PAGE) -> None:
        self.request = request
        self._per_page = per_page
        #: Whether the request is too long for every link to repeat it.
        self.long = len(encode(request, per_page)) > LONG

    def _with(
        self,
        filters: Mapping[str, Iterable[str]] | None = None,
        ranges: Mapping[str, Range] | None = None,
        **changes: object,
    ) -> str:
        request = replace(
            self.request,
            filters={
                facet: kept
                for facet, values in (self.request.filters if filters is None else filters).items()
                if (kept := tuple(values))
            },
            ranges={
                f: r for f, r in (self.request.ranges if ranges is None else ranges).items() if r
            },
            **{"page": 1, **changes},
        )
        return encode(request, self._per_page)

    def toggle(self, facet: str, value: str) -> str:
        """With a facet's value chosen, or without it where it is."""
        chosen = self.request.filters.get(facet, ())
        kept = tuple(v for v in chosen if value_key(v) != value_key(value))
        return self._with(
            {**self.request.filters, facet: kept if len(kept) < len(chosen) else (*chosen, value)}
        )

    def without(self, facet: str) -> str:
        """Without any choice of a facet, neither values nor a range."""
        return self._with(
            {f: v for f, v in self.request.filters.items() if f != facet},
            {f: r for f, r in self.request.ranges.items() if f != facet},
        )

    def between(self, facet: str, low: float | None = None, high: float | None = None) -> str:
        """With a range of a facet; without arguments, without one."""
        return self._with(ranges={**self.request.ranges, facet: Range(low, high)})

    def sort(self, sort: Sort) -> str:
        return self._with(sort=sort)

    def prefer(self, prefer: Prefer) -> str:
        """With a preference, or without it where it is the one asked for."""
        return self._with(prefer=None if prefer == self.request.prefer else prefer)

    def page(self, page: int) -> str:
        return self._with(page=page)

    def clear(self) -> str:
        """The words alone."""
        return self._with({}, {})

    def words(self, q: str) -> str:
        """Other words under the same filters."""
        return self._with(q=q)

    def values(self, most: int) -> str:
        """With so many values of each facet listed."""
        return self._with(max_values=most)

    def trail(self) -> str:
        """For the address of a hit: the search that found it; nothing where none was asked, or
        where it is too long to be repeated for each."""
        asked = self._with(max_values=None) if self.request.q or self.request.narrowed else ""
        return asked if len(asked) * self.request.per_page <= TRAILS else ""

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """The parameters that a form has to carry along, but those that it asks for itself."""
        return [
            (name, value)
            for name, value in pairs(replace(self.request, page=1), self._per_page)
            if name not in without
        ]


class IndexPages:
    """Addresses of the pages of one index."""

    long = False

    def page(self, number: int) -> str:
        return f"?page={number}" if number > 1 else "?"


def near(at: int, last: int) -> list[int | None]:
    """The numbers of pages to offer beside page ``at``; None is a gap.

    >>> near(6, 12)
    [1, 2, None, 5, 6, 7, None, 12]
    """
    listed = sorted({n for n in (1, 2, at - 1, at, at + 1, last) if 1 <= n <= last})
    shown: list[int | None] = []
    for n in listed:
        if shown and shown[-1] is not None and n - shown[-1] > 1:
            shown.append(shown[-1] + 1 if n - shown[-1] == 2 else None)
        shown.append(n)
    return shown
