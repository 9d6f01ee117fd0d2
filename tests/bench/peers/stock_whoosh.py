"""How does stock Whoosh answer? Its own codec, fields, facets, filters and highlighter.

``groupedby`` with ``Count`` maps counts the facets of one search; each facet that is counted
without its own filter needs one more search, unscored. Prefixes are looked up in a field of whole
words, as ours are.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whoosh import fields, index, query, sorting
from whoosh.analysis import StandardAnalyzer, StemmingAnalyzer
from whoosh.qparser import MultifieldParser, OperatorsPlugin, PhrasePlugin
from whoosh.scoring import BM25F

from tests.bench.shape import (
    BOOSTS,
    FACETS,
    FILTERED,
    HITS,
    NAMES,
    Answer,
    Hit,
    Query,
    Record,
    histogram,
    records,
)

NAME = "stock Whoosh"
_MANY = ("tag", "category")
_PERCENT = ("certainty_percent", "importance_percent")


def schema(*, words: bool = True) -> fields.Schema:
    """The fields as Whoosh's documentation would have them; ``words`` are for prefixes."""
    whole = StandardAnalyzer(stoplist=None)
    stem = StemmingAnalyzer()
    made: dict[str, Any] = {
        name: fields.TEXT(whole if name in NAMES else stem, stored=name in ("title", "body"))
        for name in BOOSTS
    }
    if words:
        made["words"] = fields.TEXT(whole, phrase=False)
    for facet in FACETS:
        if facet in _MANY:
            made[facet] = fields.KEYWORD(commas=True)
        else:
            made[facet] = fields.ID(sortable=True, stored=True)
    for name in _PERCENT:
        made[name] = fields.NUMERIC(sortable=True, default=-1)
    for name in ("published", "updated"):
        made[name] = fields.DATETIME(sortable=name == "published", stored=True)
    return fields.Schema(slug=fields.ID(unique=True, stored=True), excerpt=fields.STORED(), **made)


def document(record: Record) -> dict[str, Any]:
    """A record as the keyword arguments of ``add_document``."""
    made: dict[str, Any] = record.texts()
    made |= {facet: ",".join(record.values(facet)) for facet in FACETS}
    for name in ("certainty", "importance"):
        if rating := getattr(record, name):
            made[f"{name}_percent"] = rating[1]
    for name in ("published", "updated"):
        made[name] = datetime.fromtimestamp(getattr(record, name), UTC).replace(tzinfo=None)
    return made | {"slug": record.slug, "excerpt": record.excerpt}


def build(content: Path, index_folder: Path) -> None:
    shutil.rmtree(index_folder, ignore_errors=True)
    index_folder.mkdir(parents=True)
    writer = index.create_in(index_folder, schema()).writer(procs=1, limitmb=256)
    for record in records(content):
        made = document(record)
        writer.add_document(words="\n".join(made[name] for name in BOOSTS), **made)
    writer.commit(optimize=True)


class Engine:
    def __init__(self, folder: Path) -> None:
        self.index = index.open_dir(folder)
        self.searcher = self.index.searcher(weighting=BM25F())
        self.parser = MultifieldParser(list(BOOSTS), self.index.schema, fieldboosts=BOOSTS)
        self.parser.remove_plugin_class(PhrasePlugin)
        self.parser.add_plugin(PhrasePlugin())
        self.parser.replace_plugin(OperatorsPlugin())

    def search(self, asked: Query) -> Answer:
        if asked.kind == "prefix":
            words: query.Query = query.Prefix("words", asked.words[0])
        else:
            words = self.parser.parse(asked.strict_text) if asked.words else query.Every()
        chosen = {
            facet: query.Or([query.Term(facet, value) for value in values])
            for facet, values in asked.filters.items()
        }
        alone = [facet for facet in FILTERED if facet in chosen]
        found = self.searcher.search(
            words,
            limit=HITS * asked.page,
            filter=query.And(list(chosen.values())) if chosen else None,
            sortedby=None if asked.words else sorting.FieldFacet("published", reverse=True),
            groupedby=_facets([*(f for f in FACETS if f not in alone), *_PERCENT]),
            maptype=sorting.Count,
            terms=False,
        )
        groups = {name: found.groups(name) for name in found.facet_names()}
        for facet in alone:
            others = [each for name, each in chosen.items() if name != facet]
            groups |= {
                facet: self.searcher.search(
                    words, limit=1, scored=False, filter=query.And(others),
                    groupedby=_facets([facet]), maptype=sorting.Count,
                ).groups(facet)
            }  # fmt: skip
        return Answer(
            len(found),
            {f: {_text(value): n for value, n in groups[f].items()} for f in FACETS},
            {
                name.removesuffix("_percent"): histogram(
                    {p: n for p, n in groups[name].items() if p is not None and p >= 0}, 100
                )
                for name in _PERCENT
            },
            [_hit(hit, asked) for hit in found[HITS * (asked.page - 1) :]],
        )


def _facets(names: list[str]) -> sorting.Facets:
    made = sorting.Facets()
    for name in names:
        made.add_field(name, allow_overlap=name in _MANY)
    return made


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _hit(hit: Any, asked: Query) -> Hit:
    stored = hit.fields()
    return Hit(
        stored["slug"],
        stored["title"],
        int(stored["published"].replace(tzinfo=UTC).timestamp()),
        int(stored["updated"].replace(tzinfo=UTC).timestamp()),
        (stored["status"], stored["certainty"], stored["importance"]),
        (asked.words and hit.highlights("body", top=2)) or stored["excerpt"],
    )


def open(folder: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(folder)
