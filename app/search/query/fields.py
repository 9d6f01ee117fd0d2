"""What may stand before a colon, and what the values behind it mean.

Text fields hold words; the others select: facet values, ratings with comparisons and ranges,
dates of any precision, flags. A value that cannot be meant raises :class:`Unmeant`, whose message
becomes a note.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias, TypeGuard

from app.search.query.tree import (
    Exact,
    Fuzzy,
    Phrase,
    Prefix,
    Range,
    Run,
    Tree,
    Value,
    Wildcard,
    Word,
)
from indexer.essay import FACETS, RATINGS, UNRATED, value_key
from indexer.parsing.rules import Rules
from indexer.schema import field_names


class Unmeant(ValueError):
    """A value that its field cannot mean; the message is a sentence for the reader."""


class TextField(NamedTuple):
    """A field of words: its name in a query, the fields of the index where its words are looked up,
    and the one where their unstemmed forms are."""

    field: str
    names: tuple[str, ...]
    unstemmed: str


class Selector(Protocol):
    """A field that selects."""

    def tree(self, op: str, value: str, quoted: bool) -> Tree:
        """The essays that ``field:<op><value>`` selects. Raises :class:`Unmeant`."""
        ...


#: The fields of words, by their names in a query tree.
TEXT_FIELDS = {
    text.field: text
    for text in (
        TextField("title", ("title",), field_names.TITLE_WORDS),
        TextField("heading", ("headings",), "headings"),
        TextField("body", ("body",), "body"),
        TextField("description", ("summary",), "summary"),
        TextField("author", ("author",), "author"),
        TextField("cites", ("cites",), "cites"),
    )
}

#: Where a word may be asked for as it is written, by the field of a query tree: the field of the
#: index that has the words of it unstemmed. Those of names are so anyway.
EXACT = {"": field_names.WORDS, "title": field_names.TITLE_WORDS}

_INDEX_NAMES = {"date": "published", "is": "flag", "has": "flag"}


def index_name(field: str) -> str:
    """The field of the index that has the values of a selecting field of a query tree.

    >>> index_name("date"), index_name("tag")
    ('published', 'tag')
    """
    return _INDEX_NAMES.get(field, field)


#: What looks for words or values by how these are written.
WordNode: TypeAlias = Word | Exact | Run | Phrase | Prefix | Wildcard | Fuzzy
_WORD_NODES = (Word, Exact, Run, Phrase, Prefix, Wildcard, Fuzzy)


def weighs(node: Tree) -> TypeGuard[WordNode]:
    """Whether a node looks for words, which weigh; the others select, all that they let through
    alike.

    >>> weighs(Prefix("map", "title")), weighs(Prefix("map", "tag"))
    (True, False)
    """
    return isinstance(node, _WORD_NODES) and (not node.field or node.field in TEXT_FIELDS)


def table(rules: Rules) -> Mapping[str, TextField | Selector]:
    """Every name that may stand before a colon in this archive's queries."""
    found: dict[str, TextField | Selector] = {
        **TEXT_FIELDS,
        "date": DateField("date"),
        "updated": DateField("updated"),
        "is": FlagField("is", field_names.IS_FLAGS),
        "has": FlagField("has", field_names.HAS_FLAGS),
        "unrated": UnratedField(),
        "slug": ValueField("slug"),
        "path": ValueField("path"),
    }
    for facet in (*FACETS, *rules.facets):
        if facet in RATINGS:
            found[facet] = RatingField(facet, rules)
        elif facet == "year":
            # The year of publication.
            found[facet] = DateField("date")
        else:
            found.setdefault(facet, FacetField(facet))
    aliases = {
        "tags": "tag", "keyword": "tag", "categories": "category", "confidence": "certainty",
        "belief": "certainty", "authors": "author", "cite": "cites", "bibliography": "cites",
        "references": "cites", "published": "date", "publishdate": "date", "lastmod": "updated",
        "modified": "updated", "headings": "heading", "section": "heading", "text": "body",
        "excerpt": "description", "summary": "description",
    }  # fmt: skip
    return found | {alias: found[name] for alias, name in aliases.items() if alias not in found}


@dataclass(frozen=True)
class ValueField:
    """A field of whole values, as they are."""

    field: str

    def identity(self, value: str) -> str:
        return value

    def tree(self, op: str, value: str, quoted: bool) -> Tree:
        text = self.identity(value if quoted else op + value)
        if not quoted and "*" in text and text.strip("*"):
            if text.endswith("*") and not set("*?") & set(text[:-1]):
                return Prefix(text[:-1], self.field)
            return Wildcard(text, self.field)
        return Value(self.field, text)


@dataclass(frozen=True)
class FacetField(ValueField):
    """A facet: values that differ only in case are one."""

    def identity(self, value: str) -> str:
        return value_key(value)


@dataclass(frozen=True)
class FlagField:
    """``is:`` and ``has:``."""

    field: str
    known: tuple[str, ...]

    def tree(self, op: str, value: str, quoted: bool) -> Tree:
        word = value_key(value)
        for flag in (word, word + "s"):
            if flag in self.known and not op:
                return Value(self.field, flag)
        raise Unmeant(f"“{self.field}:” knows {', '.join(self.known)}.")


class UnratedField:
    """``unrated:certainty``."""

    def tree(self, op: str, value: str, quoted: bool) -> Tree:
        facet = {"confidence": "certainty", "belief": "certainty"}.get(
            value_key(value), value_key(value)
        )
        if facet not in RATINGS or op:
            raise Unmeant(f"“unrated:” knows {', '.join(RATINGS)}.")
        return Value(facet, UNRATED)


_BETWEEN = re.compile(r"(.*?)\.\.(.*)", re.DOTALL)
_OPS = {"=>": ">=", "=<": "<=", "=": ""}


@dataclass(frozen=True)
class RatingField:
    """A rating: one of its words, a number on its scale, a comparison, or a range."""

    field: str
    rules: Rules

    def tree(self, op: str, value: str, quoted: bool) -> Tree:
        op = _OPS.get(op, op)
        between = None if quoted or op else _BETWEEN.fullmatch(value)
        if between and (between[1] or between[2]):
            low = self._place(between[1]) if between[1] else None
            high = self._place(between[2]) if between[2] else None
            return Range(self.field, low, high)
        if op:
            place = self._place(value)
            low, high = (place, None) if op[0] == ">" else (None, place)
            return Range(self.field, low, high, exclusive=len(op) == 1)
        key = value_key(value)
        number = self._number(value)
        if self.field != "importance" and key in self.rules.percentages(self.field):
            number = None
        return Value(self.field, key, number)

    def _place(self, text: str) -> float:
        number = self._number(text)
        if number is None:
            number = self.rules.percentages(self.field).get(value_key(text))
        if number is None:
            raise Unmeant(f"“{text}” is not a known {self.field}.")
        return number

    def _number(self, text: str) -> float | None:
        """A number as a percentage: certainty and status in per cent, importance from 0 to 10."""
        if part := re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*([1-9]\d*)", text.strip()):
            return min(round(100 * float(part[1]) / int(part[2]), 2), 999.0)
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
        if not match:
            return None
        number = float(match[1])
        if self.field == "importance" and not match[2]:
            number *= 10
        # Past the end of the scale is past every essay; the term still sorts where it should.
        return min(number, 999.0)


class _Days(NamedTuple):
    first: str
    last: str


@dataclass(frozen=True)
class DateField:
    """A date of any precision: a year, a month, a day; compared, or from one to another."""

    field: str

    def tree(self, op: str, value: str, quoted: bool) -> Tree:
        op = _OPS.get(op, op)
        between = None if op else _BETWEEN.fullmatch(value)
        if between and (between[1] or between[2]):
            first = days(between[1]).first if between[1] else None
            last = days(between[2]).last if between[2] else None
            return Range(self.field, first, last)
        first, last = days(value)
        low, high = {
            "": (first, last),
            ">": (last, None),
            ">=": (first, None),
            "<": (None, first),
            "<=": (None, last),
        }[op]
        return Range(self.field, low, high, exclusive=len(op) == 1)


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
