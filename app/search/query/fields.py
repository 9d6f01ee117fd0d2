"""What may stand before a colon, and what do the values behind it mean?

Text fields hold words; the others select: facet values, ratings with comparisons and ranges,
dates of any precision, flags. A value that cannot be meant raises :class:`Unmeant`, whose message
becomes a note.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from whoosh import query as wq

from indexer.essay import FACETS, RATINGS, UNRATED, value_key
from indexer.parsing.rules import Rules
from indexer.schema import field_names


class Unmeant(ValueError):
    """A value that its field cannot mean; the message is a sentence for the reader."""


class Text(NamedTuple):
    """A field of words: where they are looked up, and where their unstemmed forms are."""

    names: tuple[str, ...]
    unstemmed: str


class Selector(Protocol):
    """A field that selects: it makes a query of what stands behind its colon."""

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        """The essays that ``field:<op><value>`` selects. Raises :class:`Unmeant`."""
        ...


def table(rules: Rules) -> Mapping[str, Text | Selector]:
    """Every name that may stand before a colon in this archive's queries."""
    found: dict[str, Text | Selector] = {
        "title": Text(("title",), field_names.TITLE_WORDS),
        "heading": Text(("headings",), "headings"),
        "body": Text(("body",), "body"),
        "description": Text(("summary",), "summary"),
        "author": Text(("author",), "author"),
        "cites": Text(("cites",), "cites"),
        "date": Dates("published"),
        "updated": Dates("updated"),
        "is": Flag("is", field_names.IS_FLAGS),
        "has": Flag("has", field_names.HAS_FLAGS),
        "unrated": Unrated(),
        "slug": Value("slug"),
        "path": Value("path"),
    }
    for facet in (*FACETS, *rules.facets):
        if facet in RATINGS:
            found[facet] = Scale(facet, rules)
        elif facet == "year":
            found[facet] = Years()
        else:
            found.setdefault(facet, Facet(facet))
    aliases = {
        "tags": "tag", "keyword": "tag", "categories": "category", "confidence": "certainty",
        "belief": "certainty", "authors": "author", "cite": "cites", "bibliography": "cites",
        "references": "cites", "published": "date", "publishdate": "date", "lastmod": "updated",
        "modified": "updated", "headings": "heading", "section": "heading", "text": "body",
        "excerpt": "description", "summary": "description",
    }  # fmt: skip
    return found | {alias: found[name] for alias, name in aliases.items() if alias not in found}


@dataclass(frozen=True)
class Value:
    """A field of whole values, as they are."""

    name: str

    def identity(self, value: str) -> str:
        return value

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        text = self.identity(value if quoted else op + value)
        if not quoted and text.endswith("*") and text.strip("*") and not set("*?") & set(text[:-1]):
            return wq.Prefix(self.name, text[:-1])
        if not quoted and "*" in text and text.strip("*"):
            return wq.Wildcard(self.name, text)
        return wq.Term(self.name, text)


@dataclass(frozen=True)
class Facet(Value):
    """A facet: values that differ only in case are one."""

    def identity(self, value: str) -> str:
        return value_key(value)


@dataclass(frozen=True)
class Flag:
    """``is:`` and ``has:``."""

    name: str
    known: tuple[str, ...]

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        word = value_key(value)
        for flag in (word, word + "s"):
            if flag in self.known and not op:
                return wq.Term("flag", flag)
        raise Unmeant(f"“{self.name}:” knows {', '.join(self.known)}.")


class Unrated:
    """``unrated:certainty``."""

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        facet = {"confidence": "certainty", "belief": "certainty"}.get(
            value_key(value), value_key(value)
        )
        if facet not in RATINGS or op:
            raise Unmeant(f"“unrated:” knows {', '.join(RATINGS)}.")
        return wq.Term(facet, UNRATED)


_BETWEEN = re.compile(r"(.*?)\.\.(.*)", re.DOTALL)
_OPS = {"=>": ">=", "=<": "<=", "=": ""}


@dataclass(frozen=True)
class Scale:
    """A rating: one of its words, a number on its scale, a comparison, or a range."""

    facet: str
    rules: Rules

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        op = _OPS.get(op, op)
        between = None if quoted or op else _BETWEEN.fullmatch(value)
        if between and (between[1] or between[2]):
            low = self._place(between[1]) if between[1] else None
            high = self._place(between[2]) if between[2] else None
            return self._range(low, high)
        if op:
            place = self._place(value)
            low, high = (place, None) if op[0] == ">" else (None, place)
            return self._range(low, high, exclusive=len(op) == 1)
        number = self._number(value)
        if number is None:
            return wq.Term(self.facet, value_key(value))
        if self.facet != "importance" and value_key(value) in self.rules.percentages(self.facet):
            return wq.Term(self.facet, value_key(value))
        return wq.Or([wq.Term(field_names.percent(self.facet), field_names.PERCENT.format(number)),
                      wq.Term(self.facet, value_key(value))])  # fmt: skip

    def _range(self, low: float | None, high: float | None, exclusive: bool = False) -> wq.Query:
        start = field_names.PERCENT.format(low if low is not None else 0)
        end = field_names.PERCENT.format(high if high is not None else 100)
        return wq.TermRange(
            field_names.percent(self.facet), start, end,
            startexcl=exclusive and low is not None, endexcl=exclusive and high is not None,
        )  # fmt: skip

    def _place(self, text: str) -> float:
        number = self._number(text)
        if number is None:
            number = self.rules.percentages(self.facet).get(value_key(text))
        if number is None:
            raise Unmeant(f"“{text}” is not a known {self.facet}.")
        return number

    def _number(self, text: str) -> float | None:
        """A number as a percentage: certainty and status in per cent, importance from 0 to 10."""
        if part := re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*([1-9]\d*)", text.strip()):
            return min(round(100 * float(part[1]) / int(part[2]), 2), 999.0)
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
        if not match:
            return None
        number = float(match[1])
        if self.facet == "importance" and not match[2]:
            number *= 10
        # Past the end of the scale is past every essay; the term still sorts where it should.
        return min(number, 999.0)


class _Days(NamedTuple):
    first: str
    last: str


@dataclass(frozen=True)
class Dates:
    """A date of any precision: a year, a month, a day; compared, or from one to another."""

    name: str

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        op = _OPS.get(op, op)
        between = None if op else _BETWEEN.fullmatch(value)
        if between and (between[1] or between[2]):
            first = days(between[1]).first if between[1] else "0000"
            last = days(between[2]).last if between[2] else "9999-99"
            return wq.TermRange(self.name, first, last)
        given = days(value)
        if not op:
            return wq.TermRange(self.name, given.first, given.last)
        return {
            ">": lambda: wq.TermRange(self.name, given.last, "9999-99", startexcl=True),
            ">=": lambda: wq.TermRange(self.name, given.first, "9999-99"),
            "<": lambda: wq.TermRange(self.name, "0000", given.first, endexcl=True),
            "<=": lambda: wq.TermRange(self.name, "0000", given.last),
        }[op]()


class Years:
    """``year:`` is the year of publication."""

    def query(self, op: str, value: str, quoted: bool) -> wq.Query:
        return Dates("published").query(op, value, quoted)


def days(text: str) -> _Days:
    """The first and last day of a year, a month or a day. Raises :class:`Unmeant`.

    >>> days("2024-02")
    _Days(first='2024-02-01', last='2024-02-29')
    """
    match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text.strip())
    if match:
        year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        if 1 <= year <= 9999 and (match[2] is None or 1 <= month <= 12):
            if match[2] is None:
                return _Days(f"{year:04}-01-01", f"{year:04}-12-31")
            length = calendar.monthrange(year, month)[1]
            if match[3] is None:
                return _Days(f"{year:04}-{month:02}-01", f"{year:04}-{month:02}-{length:02}")
            if 1 <= day <= length:
                exact = f"{year:04}-{month:02}-{day:02}"
                return _Days(exact, exact)
    raise Unmeant(f"“{text}” is not a date; use 2024, 2024-03 or 2024-03-09.")
