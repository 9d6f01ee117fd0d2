"""One generation of the index on a cluster, and what was learned of it.

Whatever is asked of a generation twice is asked of the cluster once: counts of conditions, the
lengths of fields, the values of facets, the words of patterns.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any

import msgspec

from app.search.budget import FREE, Budget
from app.search.opensearch import dsl
from app.search.opensearch.cluster import Cluster, Dsl, Pointed
from app.search.opensearch.lexicon import Lexicon
from app.search.query.analyzer import QueryAnalyzer
from app.search.results import Correction
from app.search.suggest.completion import Subjects
from indexer.analysis import shingles
from indexer.cache import BoundedCache
from indexer.essay import FACETS, Essay, Section
from indexer.parsing.rules import Rules
from indexer.schema import document, field_names
from indexer.schema.opensearch_document import stored_fields
from indexer.schema.opensearch_mapping import CHANGED, SLUG, length_field, number_field

#: Conditions whose counts are remembered, each as long as its own text; and other small answers.
MAX_COUNTS, MAX_ANSWERS = 20_000, 2_000
#: Conditions that are counted in one request.
MAX_COUNTED_AT_ONCE = 500
#: Essays that one request lists at the most; OpenSearch allows no more without going on from the
#: last (`index.max_result_window`).
MAX_WINDOW = 10_000
#: Letters of an essay by which it is compared with others.
MAX_READ_LETTERS = 100_000

_key = msgspec.json.Encoder(order="deterministic").encode


class Found(msgspec.Struct, frozen=True):
    """An essay of an answer: its slug, its score, and its stored values; where that was asked for,
    when it was last ``changed``, in seconds."""

    slug: str
    score: float
    stored: Mapping[str, Any]
    parts: Mapping[str, float] = {}
    changed: int | None = None

    @property
    def card(self) -> Essay:
        """The essay without its text."""
        return document.card(self.stored)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections."""
        return document.sections(self.stored)

    @property
    def section_texts(self) -> list[tuple[str, str]]:
        """Its sections as heading and text, the first :data:`MAX_READ_LETTERS` letters."""
        found, left = [], MAX_READ_LETTERS
        for section in self.sections:
            if left <= 0:
                break
            found.append((section.title[:left], section.text[:left]))
            left -= len(section.title) + len(section.text)
        return found

    @property
    def shingles(self) -> shingles.Array:
        """The hashes of its text (:mod:`indexer.analysis.shingles`)."""
        return shingles.shingles(text for _, text in self.section_texts)


class Snapshot:
    """One generation: the index that has it, and its number."""

    def __init__(
        self, cluster: Cluster, pointed: Pointed, rules: Rules, pit: str | None = None
    ) -> None:
        """``pit`` is the point in time that all of it is asked at, where the index is about to
        change."""
        self.cluster = cluster
        self._pit = pit
        self.index = pointed.name
        self.number = pointed.generation
        self.rules = rules
        self.facets = (*FACETS, *rules.facets)
        self.lexicon = Lexicon(self)
        #: What readers meant, by what they asked.
        self.corrections = BoundedCache[Hashable, Correction | None](MAX_ANSWERS)
        #: What was worked out once, by what it is.
        self.known = BoundedCache[Hashable, Any](MAX_ANSWERS)
        #: The words that have a stem (:mod:`app.search.marking`).
        self.words_by_stem = BoundedCache[str, tuple[str, ...]](MAX_COUNTS)
        #: The values of facets that complete a text.
        self.subjects: dict[str, Subjects] = {}
        self._counts = BoundedCache[bytes, int](MAX_COUNTS)

    def search(self, body: Mapping[str, Any], budget: Budget = FREE) -> dict[str, Any]:
        """The answer to one search."""
        (found,) = self.search_all([body], budget)
        return found

    def search_named(self, body: Mapping[str, Any], budget: Budget = FREE) -> dict[str, Any]:
        """The answer to one search, with the score of every part that has a name."""
        if self._pit is None:
            return self.cluster.search_named(self.index, body, budget)
        return self.cluster.search_named(None, _at(body, self._pit), budget)

    def search_all(
        self, bodies: Sequence[Mapping[str, Any]], budget: Budget = FREE
    ) -> list[dict[str, Any]]:
        """The answers to some searches of one request."""
        pit = self._pit
        if pit is None:
            return self.cluster.search_all(self.index, bodies, budget)
        return self.cluster.search_all(None, [_at(body, pit) for body in bodies], budget)

    # -- counts ---------------------------------------------------------------------------------

    def counts(self, queries: Sequence[Dsl], budget: Budget = FREE) -> list[int]:
        """How many essays each of some queries selects; what is not known yet is counted in one
        request."""
        keys = [_key(query) for query in queries]
        unknown = {
            key: query for key, query in zip(keys, queries, strict=True) if key not in self._counts
        }
        made: dict[bytes, int] = {}
        ahead = list(unknown.items())
        while ahead:
            some, ahead = ahead[:MAX_COUNTED_AT_ONCE], ahead[MAX_COUNTED_AT_ONCE:]
            found = self._counted([query for _, query in some], budget)
            made |= {key: count for (key, _), count in zip(some, found, strict=True)}
        return [made[key] if key in made else self._counts[key] for key in keys]

    def _counted(self, queries: Sequence[Dsl], budget: Budget) -> list[int]:
        before = budget.left_out
        filters = {str(number): query for number, query in enumerate(queries)}
        body = {
            "size": 0,
            "track_total_hits": False,
            "aggs": {"n": {"filters": {"filters": filters}}},
        }
        buckets = self.search(body, budget)["aggregations"]["n"]["buckets"]
        counts = [int(buckets[str(number)]["doc_count"]) for number in range(len(queries))]
        if budget.left_out == before:  # what was cut short is not the truth
            for query, count in zip(queries, counts, strict=True):
                self._counts[_key(query)] = count
        return counts

    def count(self, query: Dsl, budget: Budget = FREE) -> int:
        """How many essays a query selects."""
        return self.counts([query], budget)[0]

    # -- what holds for all essays ----------------------------------------------------------------

    @cached_property
    def _statistics(self) -> dict[str, Any]:
        names = (*field_names.TEXT, *field_names.NAMES)
        lengths = {
            name: {
                "filter": {"script": {"script": {
                    "source": "doc[params.f].size() != 0 && doc[params.f].value > 0",
                    "params": {"f": length_field(name)},
                }}},
                "aggs": {"mean": {"avg": {"field": length_field(name)}}},
            }
            for name in names
        } | {f"sum {name}": {"sum": {"field": length_field(name)}} for name in names}  # fmt: skip
        return self.search({"size": 0, "track_total_hits": True, "aggs": lengths})

    @property
    def size(self) -> int:
        """How many essays there are."""
        return int(self._statistics["hits"]["total"]["value"])

    @cached_property
    def means(self) -> dict[str, float]:
        """The mean length of each field of words, over the essays that have it."""
        found = self._statistics["aggregations"]
        names = (*field_names.TEXT, *field_names.NAMES)
        return {name: found[name]["mean"]["value"] or 1.0 for name in names}

    def mean_of_all(self, name: str) -> float:
        """The mean length of a field over all essays, those without it included."""
        total: float = self._statistics["aggregations"][f"sum {name}"]["value"]
        return total / (self.size or 1) or 1.0

    @cached_property
    def analyzer(self) -> QueryAnalyzer:
        """The languages of the archive."""
        return QueryAnalyzer(sorted(self.lexicon.prefixed(field_names.LANG, "")), self.lexicon)

    # -- essays -----------------------------------------------------------------------------------

    def find(self, field: str, value: str, *stored: str) -> Found | None:
        """The first essay by slug that has a value in a field, with some stored values."""
        found = self.first(dsl.having(field, [value]), 1, *stored)
        return found[0] if found else None

    def first(
        self,
        query: Dsl,
        most: int,
        *stored: str,
        sort: Sequence[Any] = (SLUG,),
        budget: Budget = FREE,
    ) -> list[Found]:
        """The first essays of a query in some order, each with some of its stored values."""
        body = {**page(0, most, stored), "query": query, "sort": list(sort)}
        return found_in(self.search(body, budget))

    def each(self, query: Dsl, fields: Sequence[str], *stored: str) -> Iterator[dict[str, Any]]:
        """Every essay of a query with the values of some fields, read at one point in time."""
        with self.point() as pit:
            after: list[Any] | None = None
            while True:
                body: dict[str, Any] = {
                    **page(0, MAX_WINDOW if not stored else 500, stored),
                    "query": query,
                    "sort": [SLUG],
                    "docvalue_fields": [SLUG, *fields],
                    "pit": {"id": pit, "keep_alive": "2m"},
                }
                if after is not None:
                    body["search_after"] = after
                hits = self._at_point(body)["hits"]["hits"]
                yield from hits
                if not hits:
                    return
                after = hits[-1]["sort"]

    def point(self) -> AbstractContextManager[str]:
        """A point in time of the index."""
        return self.cluster.point(self.index) if self._pit is None else nullcontext(self._pit)

    def _at_point(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.cluster.search_point(body, FREE)

    def at(
        self, query: Mapping[str, Any], sort: Sequence[Any], start: int, most: int, *stored: str,
        fields: Sequence[str] = (), budget: Budget = FREE,
    ) -> list[Found]:  # fmt: skip
        """The essays of a query from a place on that lies beyond what one request may list: the
        places before are passed by at one point in time."""
        with self.point() as pit:
            base = {**query, "sort": list(sort), "pit": {"id": pit, "keep_alive": "1m"}}
            after: list[Any] | None = None
            while start > 0:
                step = min(start, MAX_WINDOW)
                body = {**base, **page(0, step, ()), "track_scores": False}
                hits = self.cluster.search_point(_after(body, after), budget)["hits"]["hits"]
                if len(hits) < step:
                    return []
                after, start = hits[-1]["sort"], start - step
            found: list[Found] = []
            while len(found) < most:
                step = min(most - len(found), MAX_WINDOW)
                body = _after({**base, **page(0, step, stored, fields)}, after)
                answer = self.cluster.search_point(body, budget)
                found += found_in(answer)
                hits = answer["hits"]["hits"]
                if len(hits) < step:
                    break
                after = hits[-1]["sort"]
            return found


def _at(body: Mapping[str, Any], pit: str) -> dict[str, Any]:
    return {**body, "pit": {"id": pit, "keep_alive": "1m"}}


def _after(body: dict[str, Any], after: list[Any] | None) -> dict[str, Any]:
    return body if after is None else {**body, "search_after": after}


def page(
    start: int, most: int, stored: Sequence[str], fields: Sequence[str] = ()
) -> dict[str, Any]:
    """The part of a body that asks for some essays with their stored values and other fields."""
    return {
        "from": start,
        "size": most,
        "stored_fields": list(stored) or "_none_",
        "docvalue_fields": [SLUG, *fields],
    }


def found_in(answer: Mapping[str, Any]) -> list[Found]:
    """The essays of an answer."""
    return [found_of(hit) for hit in answer["hits"]["hits"]]


def found_of(hit: Mapping[str, Any]) -> Found:
    """One essay of an answer."""
    fields = hit["fields"]
    slug = fields[SLUG][0]
    parts = hit.get("matched_queries")
    named = parts if isinstance(parts, dict) else {}
    changed = next(iter(fields.get(number_field(CHANGED), ())), None)
    return Found(slug, hit.get("_score") or 0.0, stored_fields(fields, slug), named, changed)
