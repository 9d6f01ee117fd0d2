"""What can be asked of an archive, and what is the answer made of?

A :class:`SearchRequest` comes from a URL, a command line or a test; :class:`SearchResults` becomes
a page or JSON. Neither knows of an engine. Highlights are data: runs of text that match or do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from indexer.essay import Essay

Sort = Literal["relevance", "newest", "updated", "importance", "certainty", "title"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "updated", "importance", "certainty", "title")

#: What a reader may want to count in the order of relevance, beside words.
Prefer = Literal["certainty", "importance", "recent"]
PREFERENCES: tuple[Prefer, ...] = ("certainty", "importance", "recent")

#: The ratings that readers also narrow by range, with the upper end of the scale they do it on.
SCALES = {"certainty": 100, "importance": 10}
BARS = 10

DEFAULT_PER_PAGE = 20
MAX_PER_PAGE = 100


class Range(msgspec.Struct, frozen=True):
    """Both ends included, in the units of the facet's own scale; an open end is ``None``."""

    min: float | None = None
    max: float | None = None

    def __bool__(self) -> bool:
        return self.min is not None or self.max is not None


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question. Within a facet the chosen values are OR, between facets AND.

    ``sort=None`` leaves it to the question: relevance where it has words to weigh, else newest.
    ``prefer`` bends relevance; ``explain`` asks what each part of a score added.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = {}
    ranges: Mapping[str, Range] = {}
    sort: Sort | None = None
    prefer: Prefer | None = None
    page: int = 1
    per_page: int = DEFAULT_PER_PAGE
    explain: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether any facet or range is chosen."""
        return any(self.filters.values()) or any(map(bool, self.ranges.values()))


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
    ``pinned`` it to the query; ``parts`` add up to the score, where that was asked."""

    essay: Essay
    score: float
    title: tuple[Fragment, ...]
    snippets: tuple[Snippet, ...]
    pinned: bool = False
    parts: tuple[Part, ...] | None = None


class Correction(msgspec.Struct, frozen=True):
    """What the reader may have meant, and whether that was searched instead."""

    query: str
    applied: bool


class FacetCounts(msgspec.Struct, frozen=True):
    """The values of every facet and the ranges of those that have a scale; ``notes`` where the
    search behind them was cut short."""

    total: int
    generation: int
    facets: Mapping[str, tuple[FacetValue, ...]]
    ranges: Mapping[str, RangeCount]
    notes: tuple[Note, ...] = ()


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
