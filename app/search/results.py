"""What a search is answered with, as records that no engine is named in.

Highlights are data: runs of text that match or do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from app.search.request import SearchRequest, Sort
from indexer.essay import Essay


class Place(NamedTuple):
    """Where in a text a word of a query stands."""

    start: int
    end: int


class Neighbours(msgspec.Struct, frozen=True):
    """Where an essay stands among the results of a search, counted from 1, and what stands
    before and after it."""

    position: int
    total: int
    before: Essay | None
    after: Essay | None


class Alternative(msgspec.Struct, frozen=True):
    """A search near one that found nothing, and exactly how many essays it finds.

    ``kind`` says what is different: ``filter`` (without the chosen values of ``facet``),
    ``range`` (without its range), ``filters`` (without any), ``words`` (the filters alone),
    ``phrase`` (no quotation marks), ``either`` (any of the words), ``spelling`` (other words,
    close by). ``shown`` is the value left out, or the new words.
    """

    kind: Literal["filter", "range", "filters", "words", "phrase", "either", "spelling"]
    request: SearchRequest
    count: int
    facet: str = ""
    shown: str = ""


class Alternatives(msgspec.Struct, frozen=True):
    """What a reader can do who found nothing; ``nearby`` is what ``near`` finds, the newest."""

    ways: tuple[Alternative, ...]
    near: SearchRequest
    nearby: tuple[Essay, ...]


class Note(msgspec.Struct, frozen=True):
    """What was not taken as it was typed: a sentence, and its place in the query (characters)."""

    message: str
    start: int
    end: int


class FacetValue(msgspec.Struct, frozen=True, gc=False):
    """A value as it is shown, the essays that choosing it would bring, whether it is chosen."""

    value: str
    count: int
    selected: bool


class NumberCount(msgspec.Struct, frozen=True, gc=False):
    """A number, and the essays that have it."""

    number: float
    count: int


class Bar(msgspec.Struct, frozen=True, gc=False, rename={"low": "from", "high": "to"}):
    """Essays from ``low`` up to ``high``; the last bar includes its upper end."""

    low: float
    high: float
    count: int


class RangeCount(msgspec.Struct, frozen=True):
    """The chosen range (an open end is null), and the histogram that it is chosen from: every
    filter but this range. ``unrated`` essays have neither word nor percentage."""

    min: float | None
    max: float | None
    unrated: int
    histogram: tuple[Bar, ...]


class Fragment(msgspec.Struct, frozen=True):
    """A run of text that matches or does not."""

    text: str
    match: bool


class SectionRef(msgspec.Struct, frozen=True):
    """The section that a snippet is in: its title, and its anchor on the page."""

    title: str
    anchor: str


class Snippet(msgspec.Struct, frozen=True):
    """A stretch of text around matches; ``section`` is null before the first heading."""

    section: SectionRef | None
    fragments: tuple[Fragment, ...]


class Part(msgspec.Struct, frozen=True):
    """What one part of the question added to a score: its kind, its text where it has one, and for
    a word how that is shared among the fields it stands in."""

    kind: str
    text: str
    score: float
    fields: Mapping[str, float] = {}


class Hit(msgspec.Struct, frozen=True):
    """One essay found. ``title`` is the title's fragments joined; ``essay`` has no text;
    the first of its ``snippets`` is from the section that matches best; the author may have
    ``pinned`` it to the query; ``parts`` add up to the score, where that was asked. It is found
    ``by`` its words, or by its meaning alone: then its first snippet is from the section that is
    nearest."""

    essay: Essay
    score: float
    title: tuple[Fragment, ...]
    snippets: tuple[Snippet, ...]
    pinned: bool = False
    parts: tuple[Part, ...] | None = None
    by: Literal["words", "meaning"] = "words"


class Correction(msgspec.Struct, frozen=True):
    """What the reader may have meant, and whether that was searched instead."""

    query: str
    applied: bool


class FacetCounts(msgspec.Struct, frozen=True):
    """The values of every facet and the ranges of those that have a scale; ``notes`` where the
    search behind them was cut short. ``more`` says of which facets essays have more values than are
    listed, and how many."""

    total: int
    generation: int
    facets: Mapping[str, tuple[FacetValue, ...]]
    ranges: Mapping[str, RangeCount]
    notes: tuple[Note, ...] = ()
    more: Mapping[str, int] = {}


class SearchResults(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, from exactly one generation of the index; ``nearest`` where no essay has all
    that was asked, whatever is listed."""

    request: SearchRequest
    total: int
    pages: int
    sort: Sort
    generation: int
    took_ms: float
    counts: FacetCounts
    hits: tuple[Hit, ...]
    notes: tuple[Note, ...] = ()
    corrected: Correction | None = None
    nearest: bool = False

    @property
    def first(self) -> int:
        """The number of the first hit on this page, counted from 1."""
        return (self.request.page - 1) * self.request.per_page + 1


class Suggestion(msgspec.Struct, frozen=True):
    """Something a reader may mean: an essay (``slug``), a facet value, or the next word.

    ``text`` is shown; ``query`` is what the search box would hold; ``count`` is essays.
    """

    kind: Literal["essay", "tag", "category", "word"]
    text: str
    query: str
    count: int
    slug: str = ""
