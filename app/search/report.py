"""What needs the author's attention, as records."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from indexer.essay import format_number

#: Of every kind so many are listed; all are counted.
MAX_LISTED = 100
#: An essay that is not finished needs attention after so many days without a change.
STALE_DAYS = 365
#: Essays that are named for one broken link.
MAX_NAMED_ESSAYS = 5

SECONDS_A_DAY = 86_400


class Named(msgspec.Struct, frozen=True):
    """An essay by its name; ``note`` is what is said of it: the tag, the status and the day."""

    slug: str
    title: str
    note: str = ""


class Listing(msgspec.Struct, frozen=True):
    """Essays of which something is so: how many, and the first of them."""

    total: int
    essays: tuple[Named, ...]


class BrokenLink(msgspec.Struct, frozen=True):
    """A link that leads to no essay: its target as a path or a name, and who has it. A name may
    be that of an essay still to be written."""

    target: str
    is_name: bool
    count: int
    essays: tuple[Named, ...]


class UnknownWord(msgspec.Struct, frozen=True):
    """A rating word without a percentage, and how many essays use it so."""

    facet: str
    value: str
    count: int


class SameText(msgspec.Struct, frozen=True):
    """Essays that are nearly the same text, and how much of it the least alike have in common."""

    essays: tuple[Named, ...]
    share: float


class StrayPin(msgspec.Struct, frozen=True):
    """A pin that names no essay: the query, and the slug that should come first."""

    query: str
    slug: str


class AuthorReport(msgspec.Struct, frozen=True, kw_only=True):
    """What needs an author's attention. ``used_once`` are tags that one essay has, ``orphans``
    essays that none links to, ``without_links`` those that link to none, ``stale`` those that are
    neither finished nor abandoned and were not updated for a year. ``unrated`` counts by rating;
    ``stray_pins`` are pins that name no essay."""

    generation: int
    essays: int
    used_once: Listing
    spellings: tuple[Spellings, ...]
    drift: tuple[UnknownWord, ...]
    orphans: Listing
    without_links: Listing
    broken: tuple[BrokenLink, ...]
    copies: tuple[SameText, ...]
    unrated: Mapping[str, int]
    stale: Listing
    stray_pins: tuple[StrayPin, ...] = ()


def percent_shown(share: float) -> str:
    """How much two texts have in common, as a person reads it; never all of what is not the same.

    >>> percent_shown(1.0), percent_shown(0.999), percent_shown(0.5)
    ('100%', '99%', '50%')
    """
    return f"{format_number(int(share * 100))}%"


class Spelled(msgspec.Struct, frozen=True):
    """A value as it is spelled, and how many essays spell it so."""

    value: str
    count: int


class Spellings(msgspec.Struct, frozen=True):
    """Spellings of what is probably one value of a facet, the commonest first."""

    facet: str
    values: tuple[Spelled, ...]
