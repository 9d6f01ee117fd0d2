"""What can be asked of an archive.

A :class:`SearchRequest` comes from a URL, a command line or a test, and knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from app.search.query.tree import Tree


class Narrowing(NamedTuple):
    """A part of a request: what it asks for ``alone``, and the search for both, ``inside``."""

    alone: SearchRequest
    inside: SearchRequest


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
#: Values of each facet that an answer lists where nothing else is asked for, and that can be asked
#: for.
DEFAULT_VALUES, MAX_VALUES = 100, 10_000


class Range(msgspec.Struct, frozen=True):
    """Both ends included, in the units of the facet's own scale; an open end is ``None``."""

    min: float | None = None
    max: float | None = None

    def __bool__(self) -> bool:
        return self.min is not None or self.max is not None


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question. Within a facet the chosen values are OR, between facets AND.

    ``sort=None`` leaves it to the question: relevance where it has words to weigh, else newest.
    ``prefer`` bends relevance; ``explain`` asks what each part of a score added. Of each facet the
    ``max_values`` commonest values are listed, and those that are chosen; without it, all.

    ``where`` is a condition besides, as a tree of values and ranges under And, Or and Not: it
    selects and weighs nothing, and unlike ``filters`` it narrows the counts of every facet. No URL
    of a page says it.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = {}
    ranges: Mapping[str, Range] = {}
    where: Tree | None = None
    sort: Sort | None = None
    prefer: Prefer | None = None
    page: int = 1
    per_page: int = DEFAULT_PER_PAGE
    explain: bool = False
    max_values: int | None = None

    @property
    def narrowed(self) -> bool:
        """Whether any facet or range is chosen, or another condition set."""
        chosen = any(self.filters.values()) or any(map(bool, self.ranges.values()))
        return chosen or self.where is not None

    def widened(self) -> SearchRequest:
        """The same request without filters, ranges and condition."""
        return replace(self, filters={}, ranges={}, where=None)
