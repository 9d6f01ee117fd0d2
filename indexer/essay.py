"""The records that every package speaks of: essay, section, rating, moment, problem.

All records are frozen and travel between processes and into the index as MessagePack
(``msgspec``), so a field added here needs a new :data:`indexer.schema.document.FORMAT`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeGuard

import msgspec

#: The facet value of a rating of which neither half is given.
UNRATED = "unrated"

#: The three facets whose values are ratings, in the order in which pages show them.
RATINGS = ("status", "certainty", "importance")

#: The facets every archive has; settings may add front-matter keys of their own.
FACETS = ("tag", "category", *RATINGS, "year")

#: What a link's target begins with that is a name and no content path: no path has two slashes in
#: a row (:mod:`indexer.parsing.wikilinks`).
WIKI_PREFIX = "wiki//"


class Rating(msgspec.Struct, frozen=True, array_like=True):
    """A word or number and its place on 0–100; either half may be missing, never both.

    An unrated essay has ``None`` in place of a :class:`Rating`.

    >>> Rating("Likely", 75.0).label
    'Likely'
    >>> Rating(None, 62.5).label
    '62.5%'
    """

    value: str | float | None = None
    percentage: float | None = None

    @property
    def label(self) -> str:
        """What a reader sees, and the facet value: the word, the number, or the percentage."""
        if self.value is None:
            return f"{format_number(self.percentage or 0.0)}%"
        return self.value if isinstance(self.value, str) else format_number(self.value)


def on_scale(percentage: float | None) -> TypeGuard[float]:
    """Whether a number is a percentage: no infinity, no NaN, nothing outside 0–100."""
    return percentage is not None and 0 <= percentage <= 100


def format_number(value: float) -> str:
    """A number as a person writes it.

    >>> format_number(7.0), format_number(62.5)
    ('7', '62.5')
    """
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else f"{value:g}"


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """A date, or a date and time, as its author wrote it.

    ``iso`` is ISO 8601: ``2024-01-30``, or ``2024-01-30T05:00:00Z`` with its own offset. The
    calendar day is the author's (an essay written on New Year's Eve in Boston belongs to the old
    year); the order in time is the world's.

    >>> m = Moment.of(datetime.fromisoformat("2020-12-31T23:30:00-04:00"))
    >>> m.iso, m.day, m.year
    ('2020-12-31T23:30:00-04:00', '2020-12-31', 2020)
    >>> m.instant - Moment("2021-01-01").instant
    12600
    """

    iso: str

    @classmethod
    def of(cls, value: date | datetime) -> Moment:
        if not isinstance(value, datetime):
            return cls(value.isoformat())
        text = value.replace(microsecond=0).isoformat()
        return cls(text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text)

    @property
    def day(self) -> str:
        """The author's calendar day, ``YYYY-MM-DD``: sorts as text, year 0001 included."""
        return self.iso[:10]

    @property
    def year(self) -> int:
        return int(self.iso[:4])

    @property
    def instant(self) -> int:
        """Seconds since the first day of year 1, in UTC; a time without a zone counts as UTC."""
        if len(self.iso) == 10:
            return date.fromisoformat(self.iso).toordinal() * 86_400
        value = datetime.fromisoformat(self.iso)
        offset = value.utcoffset()
        # Not datetime arithmetic: shifting 0001-01-01T00:00+05:00 to UTC leaves the calendar.
        return (
            value.toordinal() * 86_400
            + value.hour * 3600
            + value.minute * 60
            + value.second
            - (int(offset.total_seconds()) if offset else 0)
        )


class Section(msgspec.Struct, frozen=True, array_like=True):
    """A heading with its anchor and the text up to the next heading.

    The text before the first heading is a section of level 0 without title and anchor. ``asides``
    are the stretches of ``text`` that are code, lists or tables, as (start, end) in characters,
    ascending and apart: what stands there is listed, not told.
    """

    level: int
    title: str
    anchor: str
    text: str
    asides: tuple[tuple[int, int], ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """What was wrong with a file. A problem never stops a build.

    ``path`` is relative to the content folder, ``line`` counts from 1 and is 0 where the whole
    file is meant, ``what`` is one sentence, ``hint`` the way out.

    >>> str(Problem("a.md", 4, "This is not a date: 2024-13-01.", "Write it as 2024-01-31."))
    'a.md:4: This is not a date: 2024-13-01. Write it as 2024-01-31.'
    """

    path: str
    line: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what} {self.hint}".rstrip()


class Essay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One content file that was read.

    ``path`` is relative to the content folder with ``/`` between its parts. ``extra`` holds the
    front-matter keys that have no field here, as they were written. ``links`` are the targets of
    links to other essays: content paths, resolved against this essay's own, and names
    (``wiki//Owls at night``, see :data:`WIKI_PREFIX`).
    """

    path: str
    slug: str
    title: str
    description: str = ""
    excerpt: str = ""
    published: Moment | None = None
    updated: Moment | None = None
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: Rating | None = None
    certainty: Rating | None = None
    importance: Rating | None = None
    bibliography: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    lang: str = ""
    draft: bool = False
    complete: bool = False
    featured: bool = False
    extra: Mapping[str, Any] = {}
    html: str = ""
    sections: tuple[Section, ...] = ()
    links: tuple[str, ...] = ()
    words: int = 0

    def facet(self, name: str) -> tuple[str, ...]:
        """The values of one facet, as the author spelled them, each once.

        >>> e = Essay(path="a.md", slug="a", title="A", tags=("XAI", "xai", "Birds"))
        >>> e.facet("tag"), e.facet("certainty"), e.facet("year")
        (('XAI', 'Birds'), ('unrated',), ())
        """
        if name == "tag":
            return distinct(self.tags)
        if name == "category":
            return distinct(self.categories)
        if name in RATINGS:
            rating: Rating | None = getattr(self, name)
            return (rating.label if rating else UNRATED,)
        if name == "year":
            return (str(self.published.year),) if self.published else ()
        if name == "lang":
            return distinct((self.lang,)) if self.lang else ()
        return distinct(plain(self.extra.get(name)))


_UNSOUND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def valid_text(text: str) -> str:
    """A text with U+FFFD for what UTF-8 or XML (the feeds) cannot carry; a file's escapes may
    name any character.

    >>> valid_text("a\\x00b\\ud800")
    'a\ufffdb\ufffd'
    """
    return _UNSOUND.sub("\ufffd", text)


def written(value: object) -> str:
    """A value of a front matter as text; an integer of more digits than Python writes, in
    hexadecimal.

    >>> written(7), written(16**4_000)[:6]
    ('7', '0x1000')
    """
    try:
        return str(value)
    except ValueError:
        return f"{value:#x}" if isinstance(value, int) else ""


def value_key(value: str) -> str:
    """The identity of a facet value: case, white space and composition do not tell.

    >>> value_key("Machine   Learning") == value_key("machine learning")
    True
    """
    return unicodedata.normalize("NFC", " ".join(value.split()).casefold())


def linked_name(target: str) -> str | None:
    """The folded name that a link's target means; None for a content path.

    >>> linked_name("wiki//Owls  at night"), linked_name("birds/owls.md")
    ('owls at night', None)
    """
    return value_key(target.removeprefix(WIKI_PREFIX)) if target.startswith(WIKI_PREFIX) else None


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """Values without those that differ from an earlier one only in case."""
    seen: dict[str, str] = {}
    for value in values:
        seen.setdefault(value_key(value), value)
    return tuple(seen.values())


def plain(value: object) -> tuple[str, ...]:
    """A front-matter value of any shape as a list of words; mappings have none.

    >>> plain(["a", 7, None]), plain("b"), plain({"c": 1})
    (('a', '7'), ('b',), ())
    """
    if value is None or isinstance(value, Mapping):
        return ()
    if isinstance(value, list | tuple):
        return tuple(word for item in value for word in plain(item))
    if isinstance(value, bool):
        return (str(value).lower(),)
    text = " ".join(written(value).split())
    return (text,) if text else ()
