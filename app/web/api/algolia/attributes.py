"""The attributes of a record, and what a comparison with each means.

A record is flat: an object with a ``value`` in it would look like a text with marks. So a rating is
its words (``certainty``) and its percentage (``certainty_pct``). Days are numbers as well, the
seconds from 1970 to the author's day at midnight in UTC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.search.query.tree import Every, Not, Range, Tree, Value
from app.web.api.algolia.refusal import Refused
from indexer.essay import FACETS, RATINGS, value_key

Comparison = Literal["<", "<=", "=", "!=", ">=", ">"]

#: A condition that no essay fulfils: what no record has cannot be compared with.
NOTHING = Not(Every())

#: The facets whose records have them under another name; both names are understood.
LISTS = {"tags": "tag", "categories": "category"}
#: Attributes of days, and the dates of essays that they are of.
DAYS = {"published_timestamp": "date", "updated_timestamp": "updated"}
#: Attributes of ratings as percentages.
PERCENTAGES = {f"{rating}_pct": rating for rating in RATINGS}
FLAGS = ("featured", "complete")

SECONDS_A_DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Attributes:
    """The attributes of one archive, which may have ``facets`` of its own."""

    facets: tuple[str, ...] = ()

    def facet(self, name: str) -> str | None:
        """The facet that an attribute is.

        >>> Attributes().facet("tags"), Attributes().facet("title")
        ('tag', None)
        """
        facet = "tag" if name == "_tags" else LISTS.get(name, name)
        return facet if facet in FACETS or facet in self.facets else None

    def counted(self) -> tuple[str, ...]:
        """Every attribute whose values are counted where a client asks for all."""
        renamed = {facet: name for name, facet in LISTS.items()}
        names = [renamed.get(facet, facet) for facet in (*FACETS, *self.facets)]
        return (*names, *PERCENTAGES)

    def equal(self, name: str, value: str) -> Tree:
        """The essays that have a value.

        >>> Attributes().equal("tags", "Deep Learning")
        Value(field='tag', value='deep learning', percent=None)
        """
        if facet := self.facet(name):
            return Value(facet, value_key(value))
        if name in ("objectID", "slug", "path"):
            return Value("path" if name == "path" else "slug", value)
        if name in FLAGS and value in ("true", "false"):
            flag = Value("is", name)
            return flag if value == "true" else Not(flag)
        number = finite(value)
        return NOTHING if number is None else self.compared(name, "=", number)

    def compared(self, name: str, sign: Comparison, number: float) -> Tree:
        """The essays whose number compares so; those without one do not, but for ``!=``.

        >>> Attributes().compared("certainty_pct", ">=", 75), Attributes().compared("year", "<", 2020)
        (Range(field='certainty', low=75.0, high=None, exclusive=False), Range(field='date', low=None, high='2019-12-31', exclusive=False))
        """  # noqa: E501
        if sign == "!=":
            return Not(self.compared(name, "=", number))
        if name in RATINGS or name in PERCENTAGES:
            return _rating(name, sign, number)
        if name == "year":
            return _span("date", _wholes(sign, number), _first_of_year, _last_of_year)
        if name in DAYS:
            return _span(DAYS[name], _wholes(sign, number / SECONDS_A_DAY), _day, _day)
        return NOTHING

    def between(self, name: str, low: float, high: float) -> tuple[Tree, Tree]:
        """Two conditions that both hold from ``low`` to ``high``."""
        return self.compared(name, ">=", low), self.compared(name, "<=", high)


def finite(text: str) -> float | None:
    """The number that a text is.

    >>> finite(" -7.50 "), finite("nan")
    (-7.5, None)
    """
    if not re.fullmatch(r"\s*[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*", text, re.ASCII):
        return None
    return float(text)


def _rating(name: str, sign: Comparison, number: float) -> Tree:
    """A comparison of percentages; of importance by its own name, from 0 to 10."""
    field = PERCENTAGES.get(name, name)
    # Past the end of the scale is past every essay; below 0 there is none.
    bound = min(number * 10 if name == "importance" else number, 999.0)
    if bound < 0:
        return Range(field, 0.0) if sign[0] == ">" else NOTHING
    if sign == "=":
        return Range(field, float(bound), float(bound))
    exclusive = len(sign) == 1
    if sign[0] == ">":
        return Range(field, float(bound), None, exclusive)
    return Range(field, None, float(bound), exclusive)


def _wholes(sign: Comparison, number: float) -> tuple[int | None, int | None]:
    """The whole numbers from the first to the second that compare so; None is open.

    >>> _wholes(">", 3.0), _wholes("<=", 3.5), _wholes("=", 3.5)
    ((4, None), (None, 3), (4, 3))
    """
    low = math.floor(number) + 1 if sign == ">" else math.ceil(number)
    high = math.ceil(number) - 1 if sign == "<" else math.floor(number)
    return (None if sign[0] == "<" else low), (None if sign[0] == ">" else high)


def _span(
    field: str,
    wholes: tuple[int | None, int | None],
    first: Callable[[int], str | None],
    last: Callable[[int], str | None],
) -> Tree:
    low, high = wholes
    if low is not None and high is not None and low > high:
        return NOTHING
    start = None if low is None else first(low)
    end = None if high is None else last(high)
    if (low is not None and start is None) or (high is not None and end is None):
        return NOTHING
    return Range(field, start, end)


def _first_of_year(year: int) -> str | None:
    return f"{max(year, 1):04}-01-01" if year <= date.max.year else None


def _last_of_year(year: int) -> str | None:
    return f"{min(year, date.max.year):04}-12-31" if year >= 1 else None


def _day(number: int) -> str | None:
    """The day so many days after the first of 1970; the first or last there is for one beyond."""
    ordinal = EPOCH + number
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()


def timestamp(day: str) -> int:
    """The seconds from 1970 to a day at midnight in UTC.

    >>> timestamp("1970-01-02")
    86400
    """
    return (date.fromisoformat(day).toordinal() - EPOCH) * SECONDS_A_DAY


def comparison(sign: str) -> Comparison:
    """A sign as it is typed. Raises :class:`~app.web.api.algolia.refusal.Refused`."""
    signs: dict[str, Comparison] = {
        "<": "<", "<=": "<=", "=": "=", "==": "=", "!=": "!=", ">=": ">=", ">": ">",
    }  # fmt: skip
    if sign not in signs:
        raise Refused(f"Unknown comparison {sign[:10]}")
    return signs[sign]
