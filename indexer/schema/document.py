"""An essay as it lies in the index: its fields, terms, columns and stored values.

Whoosh's schema is the contract between build and search. Texts arrive analysed
(:class:`Field`), so that worker processes do that work and the writer only writes.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import zstandard

from indexer.analysis import analyzer, citations, languages
from indexer.essay import (
    FACETS,
    RATINGS,
    WIKI_PREFIX,
    Essay,
    Section,
    linked_name,
    on_scale,
    value_key,
)
from indexer.schema.field_names import (
    CALLED,
    FILED,
    LANG,
    LINKS,
    PERCENT,
    TITLE_EXACT,
    WORKS,
    percent,
    spelling,
)

#: Changed whenever what lies in the index changes its meaning. Another number on disk means a
#: full build, never a migration.
FORMAT = 7


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
        CALLED: list(filter(None, [value_key(essay.title)])),
        TITLE_EXACT: list(filter(None, [analyzer.title_key(essay.title)])),
        FILED: filed(essay.path, essay.slug),
        LANG: [languages.code(essay.lang) or languages.ENGLISH],
        LINKS: [linked(target) for target in essay.links],
        WORKS: [key for entry in essay.bibliography if (key := citations.work_key(entry))],
    }
    for facet in facets:
        spelled = essay.facet(facet)
        found[facet] = [value_key(value) for value in spelled]
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
    return list(dict.fromkeys(filter(None, map(value_key, names))))


def linked(target: str) -> str:
    """The term of what an essay links to: a content path, or a name without its case.

    >>> linked("birds/Owls.md"), linked("wiki//Owls  at Night")
    ('birds/Owls.md', 'wiki//owls at night')
    """
    name = linked_name(target)
    return target if name is None else WIKI_PREFIX + name


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
