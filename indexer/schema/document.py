"""How does an essay lie in the index: which fields, which terms, which columns?

Whoosh's schema is the contract between build and search. Texts arrive analysed
(:class:`Field`), so that worker processes do that work and the writer only writes.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import zstandard
from whoosh import columns, fields, formats
from whoosh.fields import FieldType

from indexer.analysis import analyzer, citations, languages
from indexer.analysis.analyzer import Positions, WhooshAnalyzer
from indexer.essay import FACETS, RATINGS, Essay, Section, fold
from indexer.parsing import wikilinks
from indexer.parsing.rules import on_scale

#: Changed whenever what lies in the index changes its meaning. Another number on disk means a
#: full build, never a migration.
FORMAT = 5

#: Text that a word of a query is looked up in, stemmed.
TEXT = ("title", "headings", "topics", "summary", "body")
#: The same, for names: folded, not stemmed.
NAMES = ("cites", "author")
#: Every folded word of an essay; prefixes, wildcards and typos are looked up here.
WORDS = "words"
TITLE_WORDS = "title_words"
#: What words of other languages than English are forms of: see
#: :func:`indexer.analysis.analyzer.inflections`.
INFLECTED = "inflected-words"
#: The language of an essay, as its words are analysed.
LANG = "in-language"
#: Who links to whom: the names an essay goes by, its folded title first; what it links to; the
#: works it cites. Names of links are folded, content paths are not. No facet of an archive's own
#: can have these names.
CALLED, FILED, LINKS, WORKS = "title-name", "file-name", "links-to", "cites-work"

#: The folded words of a title as one term, for a query that is the title and nothing else.
TITLE_EXACT = "title-exact"

#: What is stored of an essay beside its slug.
STORED = ("card", "sections", "html")

#: What ``is:`` and ``has:`` ask for. Terms of the field ``flag``.
IS_FLAGS = ("draft", "featured", "complete")
HAS_FLAGS = (
    "bibliography", "excerpt", "description", "tags", "categories", "date", "updated", "author",
    "links", "footnotes", "code", "tables",
)  # fmt: skip

#: A rating's percentage as a term that sorts like the number.
PERCENT = "{:06.2f}"


class Terms(FieldType):  # type: ignore[misc]
    """A field whose value is already analysed: :data:`~indexer.analysis.analyzer.Positions`."""

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

    def __init__(self, *, unique: bool = False, stored: bool = False) -> None:
        self.analyzer = None
        self.format = formats.Existence()
        self.unique = unique
        self.stored = stored

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
        "slug": Values(stored=True),
        "flag": Values(),
    } | {name: Values() for name in (CALLED, FILED, LINKS, WORKS, TITLE_EXACT, LANG)}
    for name in TEXT:
        all_fields[name] = Terms(stemmed=True, positions=True, scorable=True)
    for name in NAMES:
        all_fields[name] = Terms(positions=True, scorable=True)
    all_fields[WORDS] = Terms()
    all_fields[INFLECTED] = Terms()
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
    all_fields["title_key"] = fields.COLUMN(columns.VarBytesColumn())
    for name in STORED:
        all_fields[name] = fields.STORED()
    return fields.Schema(**all_fields)


def texts(essay: Essay) -> dict[str, list[str]]:
    """The parts of every field of words; no phrase reaches from one part into the next.

    >>> texts(Essay(path="a.md", slug="a", title="On Maps", tags=("Maps",)))["topics"]
    ['Maps']
    """
    return {
        "title": [essay.title],
        "headings": [s.title for s in essay.sections if s.title],
        "topics": [*essay.tags, *essay.categories],
        "summary": [essay.description, essay.excerpt],
        "body": [s.text for s in essay.sections],
        "cites": list(essay.bibliography),
        "author": list(essay.authors),
    }


def values(essay: Essay, facets: tuple[str, ...] = FACETS) -> dict[str, list[str]]:
    """The terms of every field of whole values, but the slug: that is given at the end.

    >>> found = values(Essay(path="a.md", slug="a", title="A", tags=("XAI",)))
    >>> found["tag"], found["tag_spelling"], found["certainty"]
    (['xai'], ['XAI'], ['unrated'])
    """
    found = {
        "path": [essay.path],
        "flag": flags(essay),
        CALLED: list(filter(None, [fold(essay.title)])),
        TITLE_EXACT: list(filter(None, [analyzer.key(essay.title)])),
        FILED: filed(essay.path, essay.slug),
        LANG: [languages.code(essay.lang) or languages.ENGLISH],
        LINKS: [linked(target) for target in essay.links],
        WORKS: [key for entry in essay.bibliography if (key := citations.key(entry))],
    }
    for facet in facets:
        spelled = essay.facet(facet)
        found[facet] = [fold(value) for value in spelled]
        found[spelling(facet)] = list(spelled)
    for facet in RATINGS:
        rating = getattr(essay, facet)
        if rating is not None and on_scale(rating.percentage):
            found[percent(facet)] = [PERCENT.format(rating.percentage)]
    for name in ("published", "updated"):
        moment = getattr(essay, name)
        if moment is not None:
            found[name] = [moment.day]
    return {name: listed for name, listed in found.items() if listed}


def filed(path: str, slug: str) -> list[str]:
    """The folded names of an essay's file, by which a link may mean it, and its slug.

    >>> filed("birds/Owls.md", "owls")
    ['owls', 'birds/owls.md', 'birds/owls', 'owls.md']
    """
    whole = path.rsplit(".", 1)[0]
    names = (slug, path, whole, path.rsplit("/", 1)[-1], whole.rsplit("/", 1)[-1])
    return list(dict.fromkeys(filter(None, map(fold, names))))


def linked(target: str) -> str:
    """The term of what an essay links to: a content path, or a name without its case.

    >>> linked("birds/Owls.md"), linked("wiki//Owls  at Night")
    ('birds/Owls.md', 'wiki//owls at night')
    """
    name = wikilinks.name_of(target)
    return target if name is None else wikilinks.MARK + name


_encoder = msgspec.msgpack.Encoder()
_card = msgspec.msgpack.Decoder(Essay)
_sections = msgspec.msgpack.Decoder(tuple[Section, ...])


class _Expander(threading.local):
    """A decompressor for each thread: making one takes as long as expanding a section."""

    def __init__(self) -> None:
        self.expand = zstandard.ZstdDecompressor().decompress


_expander = _Expander()


def stored(essay: Essay) -> dict[str, bytes]:
    """The stored values of an essay, but the slug: the card that a hit shows, the sections that
    snippets are cut from, the page. Each can be read without the others."""
    card = msgspec.structs.replace(essay, slug="", html="", sections=())
    sections = _encoder.encode(essay.sections)
    # The page is the sections again with markup between.
    squeezer = zlib.compressobj(zdict=sections) if essay.sections else zlib.compressobj()
    page = squeezer.compress(essay.html.encode()) + squeezer.flush()
    return {
        "card": _encoder.encode(_encoder.encode(card)),
        "sections": _encoder.encode(zstandard.ZstdCompressor(level=5).compress(sections)),
        "html": _encoder.encode(page),
    }


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


def card(fields: Mapping[str, Any]) -> Essay:
    """The essay of a stored document without its text: what a hit shows."""
    return msgspec.structs.replace(_card.decode(fields["card"]), slug=fields["slug"])


def sections(fields: Mapping[str, Any]) -> tuple[Section, ...]:
    """The sections of a stored document."""
    return _sections.decode(_expander.expand(fields["sections"]))


def whole(fields: Mapping[str, Any]) -> Essay:
    """The essay of a stored document, all of it."""
    raw = _expander.expand(fields["sections"])
    found = _sections.decode(raw)
    expander = zlib.decompressobj(zdict=raw) if found else zlib.decompressobj()
    html = (expander.decompress(fields["html"]) + expander.flush()).decode()
    return msgspec.structs.replace(card(fields), html=html, sections=found)
