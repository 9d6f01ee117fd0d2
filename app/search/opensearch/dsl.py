"""Clauses as queries of OpenSearch: what selects, and what weighs as BM25F does.

The index has our own terms (:mod:`indexer.schema.opensearch_mapping`), so a query asks for terms,
and nothing is analysed again. A term scores its frequency; from there on the arithmetic is that of
:mod:`app.search.ranking.weights`, in scripts: each field's part is divided by the field's relative
length, the parts of a word are added up, and their sum saturates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.search.binding.clauses import (
    BoundPhrase,
    BoundSynonyms,
    BoundWord,
    Clause,
    Complement,
    Conjunction,
    Constant,
    Disjunction,
    EveryDocument,
    Expansion,
    Term,
    TermPrefix,
    TermRange,
    TermSequence,
)
from app.search.opensearch.cluster import Dsl
from app.search.ranking.shares import MAX_DISTANCE, TOGETHER_FIELDS, TOGETHER_SHARE
from indexer.schema import field_names
from indexer.schema.field_weights import K1, WEIGHTS
from indexer.schema.opensearch_mapping import (
    SLUG,
    bounded,
    joined,
    length_field,
    text_field,
    value_field,
)

EVERY: Dsl = {"match_all": {}}
NOTHING: Dsl = {"match_none": {}}
#: A score below this only selects (:data:`app.search.binding.clauses.FILTER`).
LEAST_SCORE = 1e-9

_TEXTS = frozenset(
    [
        *field_names.TEXT, *field_names.NAMES,
        field_names.WORDS, field_names.TITLE_WORDS, field_names.INFLECTED,
    ]
)  # fmt: skip

_LENGTH = (
    "_score * params.weight / (1 - params.b + params.b * doc[params.length].value / params.mean)"
)
_SATURATED = f"params.rarity * _score * {K1 + 1} / (_score + {K1})"


def field_of(name: str) -> str:
    """The field of the mapping that has the terms of a field of the index."""
    if name == SLUG:
        return SLUG
    return text_field(name) if name in _TEXTS else value_field(name)


def all_of(queries: Iterable[Dsl]) -> Dsl:
    """What all of some queries select; of none everything."""
    listed = [query for query in queries if query != EVERY]
    if len(listed) < 2:
        return listed[0] if listed else EVERY
    return {"bool": {"filter": listed}}


def any_of(queries: Iterable[Dsl]) -> Dsl:
    """What any of some queries selects; of none nothing."""
    listed = [query for query in queries if query != NOTHING]
    if len(listed) < 2:
        return listed[0] if listed else NOTHING
    return {"bool": {"should": listed, "minimum_should_match": 1}}


def none_of(query: Dsl) -> Dsl:
    """What a query does not select."""
    return {"bool": {"must_not": [query]}}


def having(field: str, terms: Sequence[str]) -> Dsl:
    """What has any of some terms in a field."""
    name, listed = field_of(field), list(dict.fromkeys(map(bounded, terms)))
    return {"term": {name: listed[0]}} if len(listed) == 1 else {"terms": {name: listed}}


def constant(query: Dsl, score: float) -> Dsl:
    """What a query selects, all with one score."""
    return {"constant_score": {"filter": query, "boost": score}}


@dataclass(frozen=True, slots=True, eq=False)
class AnyTerm(Expansion):
    """An expansion whose terms are told by a query; ``found`` are as many of them as are marked."""

    query: Dsl
    found: frozenset[str]

    @property
    def words(self) -> frozenset[str]:
        """The terms that were looked up."""
        return self.found


def _by_field(word: BoundWord) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, term in word.terms:
        found.setdefault(name, []).append(term)
    return found


def selecting(clause: Clause) -> Dsl:
    """The query that selects what a clause finds."""
    match clause:
        case BoundWord():
            return any_of(having(name, terms) for name, terms in _by_field(clause).items())
        case BoundPhrase(_, sequences):
            return any_of(map(_sequence, sequences))
        case BoundSynonyms(_, typed, others):
            return any_of([selecting(typed), *(selecting(other) for other, _ in others)])
        case Term(field, term):
            return having(field, [term])
        case TermPrefix(field, text):
            return {"prefix": {field_of(field): text}} if text else EVERY
        case TermRange():
            return _range(clause)
        case AnyTerm():
            return clause.query
        case Conjunction(parts):
            return all_of(map(selecting, parts))
        case Disjunction(parts):
            return any_of(map(selecting, parts))
        case Constant(part):
            return selecting(part)
        case Complement(part):
            return none_of(selecting(part))
        case EveryDocument():
            return EVERY
    raise TypeError(clause)


def _range(clause: TermRange) -> Dsl:
    low, high = ("gt", "lt") if clause.exclusive else ("gte", "lte")
    bounds = {low: clause.low, high: clause.high}
    return {
        "range": {
            field_of(clause.field): {name: at for name, at in bounds.items() if at is not None}
        }
    }


def _sequence(sequence: TermSequence) -> Dsl:
    """Terms one after another, each at most the slop behind the one before.

    The spans lie within one another from the end, so that each term is followed by the next one
    that itself goes on: of spans side by side Lucene looks at the nearest alone.
    """
    name = field_of(sequence.field)
    if not sequence.terms:
        return NOTHING
    if len(sequence.terms) == 1:
        return having(sequence.field, sequence.terms)
    if sequence.slop == 1:
        return {"match_phrase": {name: joined(sequence.terms)}}
    *before, last = ({"span_term": {name: bounded(term)}} for term in sequence.terms)
    query: Dsl = last
    for term in reversed(before):
        query = _near([term, query], sequence.slop - 1, ordered=True)
    return query


def _near(spans: list[Dsl], slop: int, *, ordered: bool) -> Dsl:
    return {"span_near": {"clauses": spans, "slop": slop, "in_order": ordered}}


@dataclass(frozen=True)
class Weighing:
    """Clauses as queries that score: ``means`` are the mean lengths of fields, ``rarity`` gives
    that of a word."""

    means: Mapping[str, float]
    rarity: Callable[[BoundWord], float]

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
            name: self._within(name, any_of({"term": {field_of(name): bounded(t)}} for t in terms))
            for name, terms in _by_field(word).items()
        }

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

    def together(self, one: BoundWord, other: BoundWord, weight: float) -> Dsl:
        """What it adds that two words stand near each other."""
        parts = []
        for name in TOGETHER_FIELDS:
            spans = [_span_of(word, name) for word in (one, other)]
            near = _near([span for span in spans if span], MAX_DISTANCE - 1, ordered=False)
            if all(spans):
                parts.append(self._within(name, near))
        return self._saturated(parts, TOGETHER_SHARE * weight) if parts else NOTHING


def _span_of(word: BoundWord, name: str) -> Dsl | None:
    """Where a word stands in a field; None where it has no terms there."""
    terms = [{"span_term": {field_of(name): bounded(term)}} for n, term in word.terms if n == name]
    return {"span_or": {"clauses": terms}} if len(terms) > 1 else next(iter(terms), None)


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
