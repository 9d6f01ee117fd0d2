"""The fields of the index as OpenSearch knows them: its mapping, and the settings of an index.

The analysis is ours, in every language: a field of words is sent as the terms that
:mod:`indexer.analysis` makes of it, and OpenSearch only takes them apart again. Both engines thus
find the same essays, by construction, and a query asks for terms that were analysed by the same
code.

===================  ====================================================  =======================
``text.NAME``        the terms of a field of text or names, in order       ``text``, with positions
``text.words`` etc.  every folded word, of the title alone, and what is    ``keyword``
                     told of inflection, each once
``length.NAME``      how many words a field has                            ``integer``
``text.anywhere``    all of these terms, each once, those of names marked    ``keyword``
``value.NAME``       the terms of a field of whole values: facets and      ``keyword``
                     their spellings, flags, dates, links, the path
``number.NAME``      the percentages of ratings                            ``double``
``number.published`` when it was published, and when it was last changed   ``long``
``number.changed``   (updated, else published), in seconds of
                     :attr:`indexer.essay.Moment.instant`
``number.month``     the month of publication: year · 12 + month − 1       ``integer``
``slug``             where the essay is                                    ``keyword``
``title_key``        the folded title, for sorting                         ``keyword``
``card`` etc.        the values of :data:`~indexer.schema.field_names.     ``binary``, stored
                     STORED`, in Base64
===================  ====================================================  =======================

What has no value is not there: an unrated essay has no ``number.certainty``. Nothing but the slug
and the path is in ``_source``; the stored values are asked for as ``stored_fields``.

A term scores its frequency times its boost (``frequency``), so that a query can add up what a word
counts in all fields before it saturates: BM25F, which no similarity of a single field is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
import xxhash

from indexer.analysis.analyzer import GAP
from indexer.essay import FACETS, RATINGS
from indexer.schema.document import FORMAT
from indexer.schema.field_names import (
    CALLED,
    FILED,
    INFLECTED,
    LANG,
    LINKS,
    NAMES,
    STORED,
    TEXT,
    TITLE_EXACT,
    TITLE_WORDS,
    WORDS,
    WORKS,
    percent,
    spelling,
)

SLUG, TITLE_KEY = "slug", "title_key"
#: The field that has the terms of all fields of words, so that a word that may stand in any of them
#: is one condition; and the mark of those that are of names, which are not stemmed.
ANYWHERE, NAME_MARK = "anywhere", "\x1e"
#: Numbers beside the percentages of ratings.
PUBLISHED, CHANGED, MONTH = "published", "changed", "month"

#: Stands between two terms of a field of text. A space would not do: folding makes one of some
#: letters, and the separators of :mod:`indexer.analysis.stemming` are white space to Java.
SEPARATOR = "\x1d"
#: The name of the analyzer that takes such a text apart, and nothing else.
ANALYZER = "terms"
#: Bytes of a term as it is indexed. Lucene takes 32,766; a term as long as this is no word.
MAX_TERM_BYTES = 4_096
#: Stands where a term was cut, before its checksum.
CUT = "\x1c"


def text_field(name: str) -> str:
    """The field of a name of :data:`~indexer.schema.field_names.TEXT` or ``NAMES``, or ``WORDS``,
    ``TITLE_WORDS``, ``INFLECTED``. The archive's own facets have a place of their own, so that one
    may be called *body*.

    >>> text_field("title"), length_field("title"), value_field("tag"), number_field("certainty")
    ('text.title', 'length.title', 'value.tag', 'number.certainty')
    """
    return f"text.{name}"


def length_field(name: str) -> str:
    """The field that has the number of words of a field of text."""
    return f"length.{name}"


def value_field(name: str) -> str:
    """The field of a name of :func:`indexer.schema.document.values`."""
    return f"value.{name}"


def number_field(name: str) -> str:
    """The field of a rating's percentage, or of ``PUBLISHED``, ``CHANGED`` or ``MONTH``."""
    return f"number.{name}"


def bounded(term: str) -> str:
    """A term as it is indexed and asked for: one that is too long for OpenSearch keeps its
    beginning, and a checksum of all of it.

    >>> bounded("map"), len(bounded("a" * 100_000))
    ('map', 4096)
    """
    if len(term) * 4 <= MAX_TERM_BYTES:
        return term
    encoded = term.encode()
    if len(encoded) <= MAX_TERM_BYTES:
        return term
    check = f"{CUT}{xxhash.xxh3_128_hexdigest(encoded)}"
    return encoded[: MAX_TERM_BYTES - len(check)].decode(errors="ignore") + check


def joined(terms: Iterable[str]) -> str:
    """Terms side by side as one text, which :data:`ANALYZER` takes apart into these terms.

    >>> joined(["la\\x1fit", "mappa\\x1fit"])
    'la\\x1fit\\x1dmappa\\x1fit'
    """
    return SEPARATOR.join(map(bounded, terms))


def values_listed(facets: Iterable[str]) -> list[str]:
    """The names of all fields of whole values, where an archive has these ``facets`` of its own."""
    every = [*FACETS, *facets]
    return [
        "path", "flag", CALLED, TITLE_EXACT, FILED, LANG, LINKS, WORKS, "published", "updated",
        *every, *map(spelling, every), *map(percent, RATINGS),
    ]  # fmt: skip


def mapping(facets: tuple[str, ...] = ()) -> dict[str, Any]:
    """The mapping of an index of essays; ``facets`` are the archive's own.

    >>> mapping(("mood",))["properties"]["value"]["properties"]["mood"]
    {'type': 'keyword'}
    """
    words = (*TEXT, *NAMES)
    text: dict[str, Any] = {
        name: {
            "type": "text",
            "analyzer": ANALYZER,
            "similarity": "frequency",
            "norms": False,
            # What lies between the last position of a part and the first of the next.
            "position_increment_gap": GAP - 1,
        }
        for name in words
    } | {name: {"type": "keyword"} for name in (WORDS, TITLE_WORDS, INFLECTED)}
    text[ANYWHERE] = {"type": "keyword", "doc_values": False}
    numbers: dict[str, Any] = {name: {"type": "double"} for name in RATINGS} | {
        PUBLISHED: {"type": "long"},
        CHANGED: {"type": "long"},
        MONTH: {"type": "integer"},
    }
    properties: dict[str, Any] = {
        "text": {"properties": text},
        "length": {"properties": {name: {"type": "integer", "index": False} for name in words}},
        "value": {"properties": {name: {"type": "keyword"} for name in values_listed(facets)}},
        "number": {"properties": numbers},
        SLUG: {"type": "keyword"},
        TITLE_KEY: {"type": "keyword", "index": False},
    } | {name: {"type": "binary", "store": True} for name in STORED}
    return {
        "dynamic": "strict",
        "_source": {"includes": [SLUG, value_field("path")]},
        "properties": properties,
    }


def settings(facets: tuple[str, ...] = ()) -> dict[str, Any]:
    """The settings of an index of essays that are not the operator's to choose.

    It is refreshed by the build alone, at its end, so that readers see nothing of a build before.
    """
    fields = len(values_listed(facets)) + 100
    return {
        "refresh_interval": "-1",
        "mapping": {"total_fields": {"limit": max(1_000, fields)}},
        "similarity": {
            "frequency": {
                "type": "scripted",
                "script": {"source": "return query.boost * doc.freq;"},
            }
        },
        "analysis": {
            "tokenizer": {
                "separated": {
                    "type": "char_group",
                    "tokenize_on_chars": [SEPARATOR],
                    "max_token_length": MAX_TERM_BYTES,
                }
            },
            "analyzer": {ANALYZER: {"type": "custom", "tokenizer": "separated"}},
        },
    }


def layout(facets: tuple[str, ...] = ()) -> str:
    """What an index must have been made by for a build to go on from it, and for a reader to ask
    it: the format of what lies in it, its mapping and its settings, as a short text."""
    made = msgspec.json.encode([FORMAT, mapping(facets), settings(facets)], order="deterministic")
    return hashlib.blake2b(made, digest_size=16).hexdigest()
