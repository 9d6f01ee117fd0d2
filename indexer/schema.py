"""How does an essay lie in the index: which fields, which terms, which columns?

Whoosh's schema is the contract between build and search. Texts arrive analysed
(:class:`Field`), so that worker processes do that work and the writer only writes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from whoosh import columns, fields, formats
from whoosh.fields import FieldType

from indexer import analysis
from indexer.analysis import Positions, WhooshAnalyzer
from indexer.essay import FACETS, RATINGS, Essay, Section, fold

#: Changed whenever what lies in the index changes its meaning. Another number on disk means a
#: full build, never a migration.
FORMAT = 1

#: Text that a word of a query is looked up in, stemmed; with the weight of a hit there.
TEXT = {"title": 6.0, "headings": 2.5, "topics": 3.0, "summary": 2.0, "body": 1.0}
#: The same, for names: folded, not stemmed.
NAMES = {"cites": 0.8, "author": 1.5}
#: Every folded word of an essay; prefixes, wildcards and typos are looked up here.
WORDS = "words"
TITLE_WORDS = "title_words"

#: What ``is:`` and ``has:`` ask for. Terms of the field ``flag``.
IS_FLAGS = ("draft", "featured", "complete")
HAS_FLAGS = (
    "bibliography", "excerpt", "description", "tags", "categories", "date", "updated", "author",
    "links", "footnotes", "code", "tables",
)  # fmt: skip

#: A rating's percentage as a term that sorts like the number.
PERCENT = "{:06.2f}"


class Terms(FieldType):  # type: ignore[misc]
    """A field whose value is already analysed: :data:`~indexer.analysis.Positions`."""

    multitoken_query = "and"

    def __init__(
        self, *, stemmed: bool = False, positions: bool = False, scorable: bool = False
    ) -> None:
        self.analyzer = WhooshAnalyzer(stemmed)
        self.format = formats.Positions() if positions else formats.Existence()
        self.scorable = scorable
        self.positions = positions

    def index(self, value: Positions, **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        encode = self.format.encode
        for term, places in value.items():
            if self.positions:
                yield term.encode(), len(places), float(len(places)), encode(places)
            else:
                yield term.encode(), 1, 1.0, b""


class Values(FieldType):  # type: ignore[misc]
    """A field of whole values: facets, dates, flags. Its value is a list of terms."""

    def __init__(self, *, unique: bool = False) -> None:
        self.analyzer = None
        self.format = formats.Existence()
        self.unique = unique

    def index(self, value: list[str], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        for term in value:
            yield term.encode(), 1, 1.0, b""

    def process_text(self, qstring: str, mode: str = "", **_: object) -> Iterator[str]:
        yield qstring


def spelling(facet: str) -> str:
    """The field of one facet's values as they are spelled, beside their folded identity."""
    return f"{facet}_spelling"


def percent(facet: str) -> str:
    """The field of one rating's percentages."""
    return f"{facet}_percent"


def schema(facets: tuple[str, ...] = ()) -> fields.Schema:
    """Whoosh's schema; ``facets`` are the archive's own, beside those that all have."""
    all_fields: dict[str, FieldType] = {
        "path": Values(unique=True),
        "slug": Values(),
        "flag": Values(),
    }
    for name in TEXT:
        all_fields[name] = Terms(stemmed=True, positions=True, scorable=True)
    for name in NAMES:
        all_fields[name] = Terms(positions=True, scorable=True)
    all_fields[WORDS] = Terms()
    all_fields[TITLE_WORDS] = Terms()
    for facet in (*FACETS, *facets):
        all_fields[facet] = Values()
        all_fields[spelling(facet)] = Values()
    for facet in RATINGS:
        all_fields[percent(facet)] = Values()
        all_fields[f"{facet}_column"] = fields.COLUMN(columns.NumericColumn("d", default=-1.0))
    for name in ("published", "updated"):
        all_fields[name] = Values()
        all_fields[f"{name}_at"] = fields.COLUMN(columns.NumericColumn("q", default=-1))
    for name in ("slug_key", "title_key"):
        all_fields[name] = fields.COLUMN(columns.VarBytesColumn())
    for name in ("card", "sections", "html"):
        all_fields[name] = fields.STORED()
    return fields.Schema(**all_fields)


_encoder = msgspec.msgpack.Encoder()
_card = msgspec.msgpack.Decoder(Essay)
_sections = msgspec.msgpack.Decoder(tuple[Section, ...])


def document(essay: Essay, facets: tuple[str, ...] = ()) -> dict[str, Any]:
    """An essay as the keyword arguments of ``IndexWriter.add_document``.

    >>> doc = document(Essay(path="a.md", slug="a", title="On Maps", tags=("Maps",)))
    >>> doc["title"], doc["tag"], doc["certainty"]
    ({'on': [0], 'map': [1]}, ['maps'], ['unrated'])
    """
    texts = {
        "title": [essay.title],
        "headings": [s.title for s in essay.sections if s.title],
        "topics": [*essay.tags, *essay.categories],
        "summary": [essay.description, essay.excerpt],
        "body": [s.text for s in essay.sections],
    }
    names = {"cites": list(essay.bibliography), "author": list(essay.authors)}
    doc: dict[str, Any] = {"path": [essay.path], "slug": [essay.slug], "flag": flags(essay)}
    every: Positions = {}
    for name, parts in texts.items():
        doc[name] = analysis.positions(parts)
        every |= analysis.positions(parts, stemmed=False)
    for name, parts in names.items():
        doc[name] = analysis.positions(parts, stemmed=False)
        every |= doc[name]
    doc[WORDS] = every
    doc[TITLE_WORDS] = analysis.positions([essay.title], stemmed=False)
    for facet in (*FACETS, *facets):
        values = essay.facet(facet)
        doc[facet] = [fold(value) for value in values]
        doc[spelling(facet)] = list(values)
    for facet in RATINGS:
        rating = getattr(essay, facet)
        if rating is not None and rating.percentage is not None:
            doc[percent(facet)] = [PERCENT.format(rating.percentage)]
            doc[f"{facet}_column"] = rating.percentage
    for name in ("published", "updated"):
        moment = getattr(essay, name)
        if moment is not None:
            doc[name] = [moment.day]
            doc[f"{name}_at"] = moment.instant
    doc["slug_key"] = essay.slug.encode()
    doc["title_key"] = " ".join(analysis.words(essay.title)).encode()
    doc["card"] = _encoder.encode(msgspec.structs.replace(essay, html="", sections=()))
    doc["sections"] = zlib.compress(_encoder.encode(essay.sections))
    doc["html"] = zlib.compress(essay.html.encode())
    return doc


def with_slug(doc: dict[str, Any], slug: str) -> dict[str, Any]:
    """The same document under another slug, for the second file that asks for one."""
    essay = msgspec.structs.replace(_card.decode(doc["card"]), slug=slug)
    return doc | {"slug": [slug], "slug_key": slug.encode(), "card": _encoder.encode(essay)}


def flags(essay: Essay) -> list[str]:
    """The terms of ``is:`` and ``has:`` that hold for an essay."""
    holds = {
        "draft": essay.draft,
        "featured": essay.featured,
        "complete": essay.complete,
        "bibliography": bool(essay.bibliography),
        "excerpt": bool(essay.excerpt),
        "description": bool(essay.description),
        "tags": bool(essay.tags),
        "categories": bool(essay.categories),
        "date": essay.published is not None,
        "updated": essay.updated is not None,
        "author": bool(essay.authors),
        "links": bool(essay.links),
        "footnotes": '<div class="footnote">' in essay.html,
        "code": "<pre" in essay.html,
        "tables": "<table" in essay.html,
    }
    return [name for name, held in holds.items() if held]


def card(stored: Mapping[str, Any]) -> Essay:
    """The essay of a stored document without its text: what a hit shows."""
    return _card.decode(stored["card"])


def sections(stored: Mapping[str, Any]) -> tuple[Section, ...]:
    """The sections of a stored document."""
    return _sections.decode(zlib.decompress(stored["sections"]))


def whole(stored: Mapping[str, Any]) -> Essay:
    """The essay of a stored document, all of it."""
    html = zlib.decompress(stored["html"]).decode()
    return msgspec.structs.replace(card(stored), html=html, sections=sections(stored))
