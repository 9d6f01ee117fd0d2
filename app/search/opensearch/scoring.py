"""Clauses as queries of OpenSearch: what they weigh, as BM25F does.

A term scores its frequency; from there on the arithmetic is that of a word in all fields together,
in scripts: each field's part is divided by the field's relative length, the parts of a word are
added up, and their sum saturates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.search.binding.clauses import (
    BoundPhrase,
    BoundSynonyms,
    BoundWord,
    Clause,
    Conjunction,
    Constant,
    Disjunction,
    EveryDocument,
    Expansion,
    Term,
    TermPrefix,
    TermRange,
)
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.dsl import NOTHING, any_of, by_field, constant, field_of, near, selecting
from app.search.ranking.shares import MAX_DISTANCE, TOGETHER_FIELDS, TOGETHER_SHARE
from indexer.schema import field_names
from indexer.schema.field_weights import K1, WEIGHTS
from indexer.schema.opensearch_mapping import bounded, length_field

#: A score below this only selects (:data:`app.search.binding.clauses.FILTER`).
LEAST_SCORE = 1e-9

_LENGTH = (
    "_score * params.weight / (1 - params.b + params.b * doc[params.length].value / params.mean)"
)
_SATURATED = f"params.rarity * _score * {K1 + 1} / (_score + {K1})"


@dataclass(frozen=True)
class Weighing:
    """Clauses as queries that score: ``means`` are the mean lengths of fields, ``rarity`` gives
    that of a word, ``exists`` tells whether any essay has a term of running text."""

    means: Mapping[str, float]
    rarity: Callable[[BoundWord], float]
    exists: Callable[[str], bool] = lambda _: True

    def scoring(self, clause: Clause, factor: float = 1.0) -> Dsl:
        """The query that finds what a clause finds, each with its weight times a factor."""
        match clause:
            case BoundWord():
                return self._word(clause, factor)
            case BoundPhrase(_, _, words):
                weighed = [self._word(word, factor) for word in words]
                return {"bool": {"filter": [selecting(clause)], "should": weighed}}
            case BoundSynonyms(_, typed, others):
                each = [(typed, 1.0), *others]
                return {
                    "dis_max": {
                        "queries": [self.scoring(part, weight * factor) for part, weight in each]
                    }
                }
            case Conjunction(parts):
                return {"bool": {"must": [self.scoring(part, factor) for part in parts]}}
            case Disjunction(parts) if parts:
                weighed = [self.scoring(part, factor) for part in parts]
                return {"bool": {"should": weighed, "minimum_should_match": 1}}
            case Constant(part, score) if score >= LEAST_SCORE:
                return constant(selecting(part), score * factor)
            case EveryDocument() | Term() | TermPrefix() | TermRange() | Expansion():
                return constant(selecting(clause), factor)
            case _:
                return {"bool": {"filter": [selecting(clause)]}}

    def _word(self, word: BoundWord, factor: float) -> Dsl:
        return self._saturated(list(self.by_field(word).values()), self.rarity(word) * factor)

    def by_field(self, word: BoundWord) -> dict[str, Dsl]:
        """The parts of a word's frequency, by the fields that have it."""
        return {
            name: self._within(name, any_of(made))
            for name, terms in by_field(word).items()
            if (made := [{"term": {field_of(name): bounded(t)}} for t in self._real(name, terms)])
        }

    def _real(self, name: str, terms: Sequence[str]) -> list[str]:
        """Those of a word's terms that an essay has: in an archive of several languages most of its
        forms are no words, and OpenSearch takes 1,024 conditions of a query."""
        if len(terms) == 1 or name in field_names.NAMES:
            return list(terms)
        return [term for term in terms if self.exists(term)]

    def _within(self, name: str, query: Dsl) -> Dsl:
        """What a query finds in one field: its frequency, by the field's weight and length."""
        weight, b = WEIGHTS[name]
        made = {
            "weight": weight, "b": b, "length": length_field(name),
            "mean": self.means.get(name) or 1.0,
        }  # fmt: skip
        return scripted(query, _LENGTH, made)

    def _saturated(self, parts: list[Dsl], rarity: float) -> Dsl:
        return scripted(any_of(parts), _SATURATED, {"rarity": rarity})

    def _span_of(self, word: BoundWord, name: str) -> Dsl | None:
        """Where a word stands in a field; None where it has no terms there."""
        terms = self._real(name, [term for field, term in word.terms if field == name])
        spans: list[Dsl] = [{"span_term": {field_of(name): bounded(term)}} for term in terms]
        return {"span_or": {"clauses": spans}} if len(spans) > 1 else next(iter(spans), None)

    def together(self, one: BoundWord, other: BoundWord, weight: float) -> Dsl:
        """What it adds that two words stand near each other."""
        parts = []
        for name in TOGETHER_FIELDS:
            spans = [self._span_of(word, name) for word in (one, other)]
            close = near([span for span in spans if span], MAX_DISTANCE - 1, ordered=False)
            if all(spans):
                parts.append(self._within(name, close))
        return self._saturated(parts, TOGETHER_SHARE * weight) if parts else NOTHING


def scripted(query: Dsl, source: str, params: Mapping[str, Any]) -> Dsl:
    """What a query finds, scored by a script."""
    return {"script_score": {"query": query, "script": {"source": source, "params": dict(params)}}}


def at_least(query: Dsl, score: float) -> Dsl:
    """What scores at least so much in a query, all without a score."""
    return {
        "bool": {
            "filter": [
                {
                    "script_score": {
                        "query": query,
                        "script": {"source": "_score"},
                        "min_score": score,
                    }
                }
            ]
        }
    }


def raised(query: Dsl, field: str, share: float) -> Dsl:
    """The same query, whose scores grow by up to a share of themselves with a rating from 0 to 100;
    the unrated are in the middle."""
    source = (
        "double rated = doc[params.field].size() == 0 ? 0.5 : doc[params.field].value / 100;"
        " return _score * (1 + params.share * rated)"
    )
    return scripted(query, source, {"field": field, "share": share})


def raised_by_place(query: Dsl, field: str, places: Sequence[int], share: float) -> Dsl:
    """The same query, whose scores grow by up to a share of themselves with the place of a number
    among others (ascending); what has none stays."""
    source = (
        "if (doc[params.field].size() == 0 || params.places.length == 0) { return _score; }"
        " long own = doc[params.field].value; int low = 0; int high = params.places.length;"
        " while (low < high) { int middle = (low + high) / 2;"
        " if (((Number) params.places[middle]).longValue() <= own) { low = middle + 1 }"
        " else { high = middle } }"
        " return _score * (1 + params.share * low / params.places.length)"
    )
    return scripted(query, source, {"field": field, "places": list(places), "share": share})
