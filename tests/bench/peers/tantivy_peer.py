"""How does tantivy answer? One segment, ``en_stem`` texts, fast fields, aggregations.

One ``aggregate`` counts what is under all filters, and one more each facet that is counted without
its own. Filters are unions of terms: that took a fifth of the time of filter aggregations or of
``term_set_query``. Prefixes are looked up in a field of whole words, as ours are.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import tantivy

from tests.bench.shape import (
    BOOSTS,
    FACETS,
    HITS,
    NAMES,
    Answer,
    Hit,
    Query,
    Record,
    histogram,
    records,
)

NAME = "tantivy-py"
#: Enough for one segment at 100,000 essays; more is not allowed.
HEAP = 4_000_000_000
#: More than any facet has values.
MANY = 1000
#: Terms that a prefix's snippets are marked by.
EXPANDED = 100
_RATINGS = ("status", "certainty", "importance")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in BOOSTS:
        stem = "default" if name in NAMES else "en_stem"
        builder.add_text_field(name, stored=name in ("title", "body"), tokenizer_name=stem)
    builder.add_text_field("words", index_option="basic")
    for name in ("slug", "excerpt"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for facet in FACETS:
        builder.add_text_field(
            facet, fast=True, stored=facet in _RATINGS, tokenizer_name="raw", index_option="basic"
        )
    for name in ("certainty_percent", "importance_percent"):
        builder.add_integer_field(name, fast=True)
    for name in ("published", "updated"):
        builder.add_integer_field(name, fast=True, stored=True)
    return builder.build()


def _document(record: Record) -> tantivy.Document:
    fields: dict[str, Any] = record.texts()
    words = "\n".join(fields.values())
    fields |= {facet: record.values(facet) for facet in FACETS}
    for name in ("certainty", "importance"):
        if rating := getattr(record, name):
            fields[f"{name}_percent"] = rating[1]
    for name in ("slug", "excerpt", "published", "updated"):
        fields[name] = getattr(record, name)
    return tantivy.Document(words=words, **fields)


def build(content: Path, index: Path) -> None:
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    made = tantivy.Index(_schema(), str(index))
    writer = made.writer(HEAP, 1)
    for record in records(content):
        writer.add_document(_document(record))
    writer.commit()
    writer.wait_merging_threads()


_TERMS = {
    facet: {"terms": {"field": facet, "size": MANY, "segment_size": MANY}} for facet in FACETS
}
_BARS = {
    name: {"histogram": {"field": name, "interval": 10}}
    for name in ("certainty_percent", "importance_percent")
}


def _all(*queries: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _any(queries: list[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


class Engine:
    def __init__(self, index: Path) -> None:
        self.index = tantivy.Index.open(str(index))
        self.searcher = self.index.searcher()
        self.schema = self.index.schema

    def search(self, query: Query) -> Answer:
        words = self._words(query)
        only = {facet: self._only(facet, values) for facet, values in query.filters.items()}
        found: Any = self.searcher.search(
            _all(words, *only.values()),
            HITS,
            offset=(query.page - 1) * HITS,
            order_by_field=None if query.words else "published",
        )
        counts, histograms = self._count(words, only)
        return Answer(found.count, counts, histograms, self._hits(query, words, found.hits))

    def _words(self, query: Query) -> tantivy.Query:
        if not query.words:
            return tantivy.Query.all_query()
        if query.kind == "prefix":
            return tantivy.Query.fuzzy_term_query(
                self.schema, "words", query.words[0], distance=0, prefix=True
            )
        return self.index.parse_query(
            query.strict_text, list(BOOSTS), BOOSTS, conjunction_by_default=True
        )

    def _only(self, facet: str, values: tuple[str, ...]) -> tantivy.Query:
        terms = [
            tantivy.Query.term_query(self.schema, facet, value, index_option="basic")
            for value in values
        ]
        return tantivy.Query.const_score_query(_any(terms), 0.0)

    def _count(
        self, words: tantivy.Query, only: dict[str, tantivy.Query]
    ) -> tuple[dict[str, dict[str, int]], dict[str, list[int]]]:
        together = {facet: _TERMS[facet] for facet in FACETS if facet not in only}
        got = self.searcher.aggregate(_all(words, *only.values()), together | _BARS)
        for facet in only:
            others = [query for other, query in only.items() if other != facet]
            got |= self.searcher.aggregate(_all(words, *others), {facet: _TERMS[facet]})
        found = {name: {b["key"]: b["doc_count"] for b in got[name]["buckets"]} for name in got}
        return (
            {facet: found[facet] for facet in FACETS},
            {
                name: histogram(found[f"{name}_percent"], 100)
                for name in ("certainty", "importance")
            },
        )

    def _hits(
        self, query: Query, words: tantivy.Query, hits: list[tuple[Any, tantivy.DocAddress]]
    ) -> list[Hit]:
        if not hits:
            return []
        shown = None
        if query.words:
            if query.kind == "prefix":  # a snippet is marked by terms of the field itself
                near = self.searcher.terms_with_prefix("body", query.words[0], limit=EXPANDED)
                words = _any(
                    [tantivy.Query.term_query(self.schema, "body", term) for term, _ in near]
                )
            shown = tantivy.SnippetGenerator.create(self.searcher, words, self.schema, "body")
            shown.set_max_num_chars(240)
        made = []
        for _, address in hits:
            document = self.searcher.doc(address)
            first = document.get_first
            snippet = shown.snippet_from_doc(document).to_html() if shown else ""
            made.append(
                Hit(
                    first("slug") or "",
                    first("title") or "",
                    first("published") or 0,
                    first("updated") or 0,
                    (first("status") or "", first("certainty") or "", first("importance") or ""),
                    snippet or first("excerpt") or "",
                )
            )
        return made


def open(index: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(index)
