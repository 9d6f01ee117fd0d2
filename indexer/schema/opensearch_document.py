"""An essay as a document of OpenSearch, and the essay read back from one.

A document is made without its slug, in a worker process: slugs are given where all files are known.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from indexer.analysis import analyzer, folding, languages, stemming
from indexer.analysis.languages import ENGLISH
from indexer.analysis.tokenizer import tokens
from indexer.essay import FACETS, RATINGS, Essay, on_scale
from indexer.schema import document
from indexer.schema.field_names import INFLECTED, NAMES, STORED, TEXT, TITLE_WORDS, WORDS
from indexer.schema.opensearch_mapping import (
    ANYWHERE,
    CHANGED,
    MONTH,
    NAME_MARK,
    PUBLISHED,
    SLUG,
    TITLE_KEY,
    bounded,
    joined,
)

_encode = msgspec.json.Encoder().encode


def document_id(path: str) -> str:
    """The id of the document of a content path: ids may have 512 bytes, paths more.

    >>> document_id("birds/owls.md")
    'd34397caed9f6bd469dc08b8fec68a81'
    """
    return hashlib.blake2b(path.encode(), digest_size=16).hexdigest()


def fields(essay: Essay, facets: tuple[str, ...] = ()) -> dict[str, Any]:
    """The document of an essay but its slug; ``facets`` are the archive's own.

    >>> essay = Essay(path="a.md", slug="a", title="Häuser und Maps", lang="de")
    >>> fields(essay)["text"]["title"], fields(essay)["text"]["words"]
    (['haus\\x1fde\\x1dund\\x1fde\\x1dmaps\\x1fde'], ['hauser', 'und', 'maps'])
    """
    lang = languages.code(essay.lang) or ENGLISH
    text: dict[str, list[str]] = {}
    lengths = dict.fromkeys((*TEXT, *NAMES), 0)
    every: dict[str, None] = {}
    inflected: dict[str, None] = {}
    anywhere: dict[str, None] = {}
    for name, parts in document.texts(essay).items():
        spoken = ENGLISH if name in NAMES else lang  # a name is the same in every language
        raw = [listed for part in parts if (listed := tokens(part, spoken))]
        if not raw:
            continue
        lengths[name] = sum(map(len, raw))
        if name in NAMES:
            terms = [[folding.fold(word) for word in part] for part in raw]
            anywhere |= dict.fromkeys(NAME_MARK + term for part in terms for term in part)
        else:
            terms = [[stemming.term_of(word, lang) for word in part] for part in raw]
            anywhere |= dict.fromkeys(term for part in terms for term in part)
        text[name] = [joined(part) for part in terms]
        folded = dict.fromkeys(folding.fold(word) for part in raw for word in part)
        if name == "title":
            text[TITLE_WORDS] = _listed(folded)
        every |= folded
        if spoken != ENGLISH:
            for word in dict.fromkeys(word for part in raw for word in part):
                inflected |= dict.fromkeys(stemming.inflections(word, lang))
    text[WORDS] = _listed(every)
    text[ANYWHERE] = _listed(anywhere)
    text[INFLECTED] = _listed(inflected)
    values = document.values(essay, (*FACETS, *facets))
    return {
        "text": {name: listed for name, listed in text.items() if listed},
        "length": lengths,
        "value": {name: _listed(dict.fromkeys(listed)) for name, listed in values.items()},
        "number": _numbers(essay),
        TITLE_KEY: bounded(analyzer.title_key(essay.title)),
        **{
            name: b64encode(msgspec.msgpack.decode(packed)).decode()
            for name, packed in document.stored(essay).items()
        },
    }


def _listed(terms: Iterable[str]) -> list[str]:
    return [bounded(term) for term in terms]


def _numbers(essay: Essay) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in RATINGS:
        rating = getattr(essay, name)
        if rating is not None and on_scale(rating.percentage):
            found[name] = rating.percentage
    if essay.published is not None:
        found[PUBLISHED] = essay.published.instant
        found[MONTH] = essay.published.year * 12 + int(essay.published.day[5:7]) - 1
    changed = essay.updated or essay.published
    if changed is not None:
        found[CHANGED] = changed.instant
    return found


def encoded(essay: Essay, facets: tuple[str, ...] = ()) -> bytes:
    """:func:`fields` as JSON in one line."""
    return _encode(fields(essay, facets))


def with_slug(body: bytes, slug: str) -> bytes:
    """An encoded document, with its slug.

    >>> with_slug(b'{"title_key":"a"}', "a")
    b'{"slug":"a","title_key":"a"}'
    """
    return b'{"%s":%s,%s' % (SLUG.encode(), _encode(slug), body[1:])


def stored_fields(found: Mapping[str, list[Any]], slug: str) -> dict[str, Any]:
    """The stored values of a hit, from its ``fields``, as :mod:`indexer.schema.document` takes
    them: those of ``STORED`` that were asked for.

    >>> stored_fields({"card": ["AAE="]}, "a")
    {'card': b'\\x00\\x01', 'slug': 'a'}
    """
    return {name: b64decode(found[name][0]) for name in STORED if name in found} | {"slug": slug}


def essay(found: Mapping[str, list[Any]], slug: str) -> Essay:
    """The essay of a hit that was asked for all of its stored values, all of it."""
    return document.whole(stored_fields(found, slug))
