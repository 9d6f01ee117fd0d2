"""What is answered beside results: the neighbourhood of an essay, and the ways on from nothing?

Records that know of no engine, like those of :mod:`app.search.request`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from app.search.request import SearchRequest
from indexer.essay import Essay


class Place(NamedTuple):
    """Where in a text a word of a query stands."""

    start: int
    end: int


class Reason(msgspec.Struct, frozen=True):
    """Why two essays are related. ``values`` are the tags or works they share, as the related
    essay spells them, or the most telling words of both, as the other one does; links have none."""

    kind: Literal["tag", "work", "links", "linked", "word"]
    values: tuple[str, ...] = ()


class Related(msgspec.Struct, frozen=True):
    """An essay worth reading after another, and why: the strongest reason first."""

    essay: Essay
    reasons: tuple[Reason, ...]


class Copy(msgspec.Struct, frozen=True):
    """An essay whose text is nearly that of another one; ``share`` is the resemblance of the two,
    1 where they say the same (:mod:`indexer.analysis.shingles`)."""

    essay: Essay
    share: float


class Neighbours(msgspec.Struct, frozen=True):
    """Where an essay stands among the results of a search, counted from 1, and what stands
    before and after it."""

    position: int
    total: int
    before: Essay | None
    after: Essay | None


class Way(msgspec.Struct, frozen=True):
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


class WaysOn(msgspec.Struct, frozen=True):
    """What a reader can do who found nothing; ``nearby`` is what ``near`` finds, the newest."""

    ways: tuple[Way, ...]
    near: SearchRequest
    nearby: tuple[Essay, ...]
