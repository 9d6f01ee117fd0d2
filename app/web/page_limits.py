"""Limits to the size of addresses and pages, whatever is asked and whatever is stored.

What many links would repeat is bounded where links are made (:class:`app.web.params.Links`); lists
of what the archive has are cut here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from urllib.parse import quote

from flask import Flask, abort, request

from app.search.discovery import Point
from app.search.request import DEFAULT_VALUES
from app.search.results import FacetValue, Fragment

#: Bytes of an address: a query of as many letters as are read (2,000), each of nine bytes as it is
#: written in an address, and filters beside it.
ADDRESS = 24_000
#: A value of more letters is no name, and is listed nowhere.
LETTERS = 200
#: Bytes of the values of a facet that the page of a search lists by itself; values, and bytes of
#: them, where a reader asks for more of them.
LISTED_BYTES, ASKED_VALUES, ASKED_BYTES = 10_000, 1_000, 40_000
#: Values, and bytes that stand for them in addresses, on one page of an index.
PAGE, PAGE_BYTES = 500, 200_000
#: Bytes of titles and addresses of all points of one map.
MAP_BYTES = 120_000


def init_app(app: Flask) -> None:
    app.before_request(_refuse)
    app.jinja_env.filters.update(named=named, listed=listed, shortened=shortened)
    app.jinja_env.globals.update(
        LISTED_VALUES=DEFAULT_VALUES, LISTED_BYTES=LISTED_BYTES, ASKED_VALUES=ASKED_VALUES,
        ASKED_BYTES=ASKED_BYTES,
    )  # fmt: skip


def _refuse() -> None:
    if len(request.query_string) + len(quote(request.path)) > ADDRESS:
        abort(
            414, f"An address can have at most {ADDRESS:,} characters. Use fewer words or filters."
        )
    try:
        # Some servers hand bytes on that browsers write as percent signs and figures.
        request.query_string.decode()
    except UnicodeDecodeError:
        request.query_string = b""
        abort(400, "This address is not written in UTF-8.")


def named(values: Iterable[FacetValue], size: int = PAGE_BYTES) -> list[FacetValue]:
    """The values that can be listed as names, the first of them that have ``size`` bytes together,
    and those that were chosen.

    >>> [each.value for each in named([FacetValue("Maps", 1, False), FacetValue("x" * 999, 1, False)])]
    ['Maps']
    """  # noqa: E501
    kept = []
    for each in values:
        if each.selected:
            kept.append(each)
        elif len(each.value) <= LETTERS and size > 0:
            size -= len(each.value.encode())
            kept.append(each)
    return kept


def listed(values: Iterable[str], most: int, size: int = 0) -> list[str]:
    """The first of some values that can be listed as names; with a ``size`` no more of them than
    have so many bytes together, but one.

    >>> listed(["Maps", "x" * 999, "Tides", "Kelp"], 2)
    ['Maps', 'Tides']
    >>> listed(["Maps", "Tides"], 2, 8)
    ['Maps']
    """
    kept = [value for value in values if len(value) <= LETTERS][:most]
    if size:
        sizes = accumulate(len(value.encode()) for value in kept)
        kept = [value for n, (value, end) in enumerate(zip(kept, sizes, strict=True))
                if not n or end <= size]  # fmt: skip
    return kept


def shortened(fragments: Iterable[Fragment], most: int) -> Iterator[Fragment]:
    """A title as fragments, of ``most`` letters at the most.

    >>> [each.text for each in shortened([Fragment("On ", False), Fragment("maps", True)], 5)]
    ['On ', 'ma', '…']
    """
    for each in fragments:
        if len(each.text) > most:
            yield Fragment(each.text[:most], each.match)
            yield Fragment("…", False)
            return
        yield each
        most -= len(each.text)


def paged(values: Iterable[FacetValue]) -> Iterator[list[FacetValue]]:
    """The values of an index, a page after the other.

    >>> [len(page) for page in paged([FacetValue(str(n), 1, False) for n in range(1200)])]
    [500, 500, 200]
    """
    page: list[FacetValue] = []
    size = 0
    for value in values:
        own = len(quote(value.value)) + len(value.value.encode())
        if len(page) == PAGE or (page and size + own > PAGE_BYTES):
            yield page
            page, size = [], 0
        page.append(value)
        size += own
    if page:
        yield page


def fitting(points: tuple[Point, ...]) -> int:
    """How many of some points fit a page.

    >>> fitting(())
    0
    """
    size = sum(len(quote(each.slug)) + len(each.title.encode()) for each in points)
    return len(points) if size <= MAP_BYTES else len(points) * MAP_BYTES // size
