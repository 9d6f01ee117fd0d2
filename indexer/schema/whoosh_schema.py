"""Whoosh's schema: the same fields, as its parser, writer and searcher know them.

Texts arrive analysed (:class:`Terms`), so that worker processes do that work and the writer only
writes.
"""

from __future__ import annotations

from collections.abc import Iterator

from whoosh import columns, fields, formats
from whoosh.analysis import Token
from whoosh.analysis.analyzers import Analyzer
from whoosh.fields import FieldType

from indexer.analysis.analyzer import Positions, spans
from indexer.analysis.stemming import stem
from indexer.essay import FACETS, RATINGS
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


class WhooshAnalyzer(Analyzer):  # type: ignore[misc]
    """This analysis in Whoosh's own form, for its highlighter and for the schema."""

    def __init__(self, stemmed: bool) -> None:
        self.stemmed = stemmed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WhooshAnalyzer) and other.stemmed == self.stemmed

    def __hash__(self) -> int:
        return hash(self.stemmed)

    def __call__(self, value: str, **options: object) -> Iterator[Token]:
        for place, (word, start, end) in enumerate(spans(value)):
            token = Token(text=stem(word) if self.stemmed else word, original=word)
            token.pos, token.startchar, token.endchar = place, start, end
            token.boost, token.stopped = 1.0, False
            yield token


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
