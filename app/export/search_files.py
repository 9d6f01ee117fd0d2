"""What the browser searches: records and words as scripts of data, each loaded when it is needed.

* ``index.js``: of every essay the values, percentages, days and flags that filters and orders go
  by, and where each word begins in the files of words. The search page loads it.
* ``words-….js``: the terms of a stretch of the alphabet, each with its essays and what it weighs
  there, and the words whose terms are others. A word of a query loads one or two of these.
* ``hits-….js``: essays as results show them, ten a file, newest first.

They are scripts that call a function and not JSON, because browsers load no JSON from a disk.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from app.search.request import Sort
from app.search.results import FacetValue
from indexer.analysis import languages
from indexer.analysis.folding import RUN, fold
from indexer.analysis.stemming import term_of
from indexer.analysis.tokenizer import tokens
from indexer.essay import RATINGS, Essay, Moment, value_key
from indexer.schema.document import flags, texts
from indexer.schema.field_weights import K1, WEIGHTS

#: Essays in a file of hits, and characters of a file of words, about.
HITS, WORDS = 10, 60_000
#: The highest weight of a word in an essay: five bits.
STEPS = 31
_EPOCH = date(1970, 1, 1).toordinal()


class Words:
    """The terms of all essays, and the words that have them.

    A posting is one number: the essay, what the fields but the text add (in quarters), and how
    often the text has it. What it weighs is known when all lengths are.
    """

    def __init__(self) -> None:
        self._postings: dict[str, array[int]] = {}
        self._terms_of: dict[str, set[str]] = {}
        self._lengths: list[int] = []

    def add(self, essay: Essay) -> None:
        """The words of the next essay."""
        lang = languages.code(essay.lang) or languages.ENGLISH
        body: Counter[str] = Counter()
        beside: Counter[str] = Counter()
        length = 0
        for field, parts in texts(essay).items():
            for part in parts:
                found = tokens(part, lang)
                length += len(found) if field == "body" else 0
                for word, count in Counter(found).items():
                    term = term_of(word, lang)
                    self._terms_of.setdefault(fold(word), set()).add(term)
                    if field == "body":
                        body[term] += count
                    else:
                        beside[term] += round(4 * WEIGHTS[field].weight * count)
        number = len(self._lengths)
        self._lengths.append(length)
        for term in body.keys() | beside.keys():
            packed = number << 16 | min(beside[term], 255) << 8 | min(body[term], 255)
            self._postings.setdefault(term, array("Q")).append(packed)

    def files(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The files in the order of their first word, with that word: ``t`` has the terms, each
        with a number for every essay (the distance from the essay before, and the weight in the
        last five bits), ``f`` the terms of words that are not their own term alone."""
        mean = sum(self._lengths) / max(len(self._lengths), 1) or 1.0
        keys = sorted(self._postings.keys() | self._terms_of.keys(), key=_units)
        first, size, content = "", 0, _nothing()
        for key in keys:
            if size > WORDS:
                yield first, content
                first, size, content = key, 0, _nothing()
            if key in self._postings:
                content["t"][key] = self._weighed(self._postings[key], mean)
                size += 4 * len(content["t"][key]) + len(key)
            terms = self._terms_of.get(key)
            if terms and terms != {key}:
                content["f"][key] = sorted(terms)
                size += 2 * len(key)
        yield first, content

    def _weighed(self, postings: array[int], mean: float) -> list[int]:
        b = WEIGHTS["body"].b
        numbers, before = [], 0
        for packed in postings:
            number, beside, body = packed >> 16, packed >> 8 & 255, packed & 255
            norm = 1 - b + b * self._lengths[number] / mean
            frequency = beside / 4 + body / norm
            weight = frequency * (K1 + 1) / (frequency + K1)
            numbers.append(
                (number - before) << 5 | max(1, min(STEPS, round(weight * STEPS / (K1 + 1))))
            )
            before = number
        return numbers


class Columns:
    """What filters and orders go by, of every essay in turn."""

    def __init__(self, facets: Mapping[str, Iterable[FacetValue]]) -> None:
        self._values = {name: [each.value for each in values] for name, values in facets.items()}
        self._ids = {
            name: {value_key(value): n for n, value in enumerate(values)}
            for name, values in self._values.items()
        }
        self._of: dict[str, list[Any]] = {name: [] for name in self._values}
        self._percent: dict[str, list[Any]] = {name: [] for name in RATINGS}
        self._days: dict[str, list[int | None]] = {"published": [], "updated": []}
        self._flags: list[int] = []
        self._names: list[str] = []

    def add(self, essay: Essay) -> None:
        """The columns of the next essay."""
        for name, column in self._of.items():
            ids = [
                self._ids[name][key]
                for value in essay.facet(name)
                if (key := value_key(value)) in self._ids[name]
            ]
            column.append(ids[0] if len(ids) == 1 else ids)
        for name, column in self._percent.items():
            rating = getattr(essay, name)
            column.append(_short(rating.percentage) if rating else None)
        for name, days in self._days.items():
            days.append(_day(getattr(essay, name)))
        held = flags(essay)
        self._names += [name for name in held if name not in self._names]
        self._flags.append(sum(1 << self._names.index(name) for name in held))

    @property
    def count(self) -> int:
        """The number of essays."""
        return len(self._flags)

    def table(self) -> dict[str, Any]:
        """Everything by its name, as ``index.js`` has it."""
        return {
            "values": self._values,
            "of": self._of,
            "percent": self._percent,
            "days": self._days,
            "flags": self._flags,
            "names": self._names,
        }


def index_table(
    columns: Columns,
    orders: Mapping[Sort, list[int]],
    starts: list[str],
    percentages: Mapping[str, Any],
    page: int,
) -> dict[str, Any]:
    """The content of ``index.js``: ``orders`` are the essays in the orders that are kept,
    ``starts`` the first words of the files of words, ``percentages`` those of rating words, and
    ``page`` the hits on a page."""
    return {
        **columns.table(),
        "orders": orders,
        "starts": starts,
        "percentages": percentages,
        "perPage": page,
        "perFile": HITS,
        "runs": RUN.pattern,
        "count": columns.count,
    }


def script(name: str, *arguments: object) -> bytes:
    """A file of data that hands its content to the script of the search page."""
    told = ",".join(
        json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in arguments
    )
    return f"essays.{name}({told});\n".encode()


def _nothing() -> dict[str, Any]:
    return {"t": {}, "f": {}}


def _units(text: str) -> bytes:
    """The order of texts in scripts: by units of UTF-16."""
    return text.encode("utf-16-be", "surrogatepass")


def _short(number: float | None) -> float | int | None:
    return int(number) if number is not None and float(number).is_integer() else number


def _day(moment: Moment | None) -> int | None:
    """Days since 1970."""
    return date.fromisoformat(moment.day).toordinal() - _EPOCH if moment else None
