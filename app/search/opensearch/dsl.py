"""Clauses as queries of OpenSearch: what they select.

The index has our own terms (:mod:`indexer.schema.opensearch_mapping`), so a query asks for terms,
and nothing is analysed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from indexer.schema import field_names
from indexer.schema.opensearch_mapping import (
    ANYWHERE,
    NAME_MARK,
    SLUG,
    bounded,
    joined,
    text_field,
    value_field,
)

EVERY: Dsl = {"match_all": {}}
NOTHING: Dsl = {"match_none": {}}

#: Words of a phrase that are looked for each within some places of the one before.
MAX_SPANS = 16

_TEXTS = frozenset(
    [
        *field_names.TEXT, *field_names.NAMES,
        field_names.WORDS, field_names.TITLE_WORDS, field_names.INFLECTED,
    ]
)  # fmt: skip


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


def by_field(word: BoundWord) -> dict[str, list[str]]:
    """The terms of a word in each field."""
    found: dict[str, list[str]] = {}
    for name, term in word.terms:
        found.setdefault(name, []).append(term)
    return found


def selecting(clause: Clause) -> Dsl:
    """The query that selects what a clause finds."""
    match clause:
        case BoundWord(anywhere=True):
            return _anywhere(clause)
        case BoundWord():
            return any_of(having(name, terms) for name, terms in by_field(clause).items())
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


def _anywhere(word: BoundWord) -> Dsl:
    """What has a word in any field: one condition on the field that has the terms of all."""
    terms = [NAME_MARK * (name in field_names.NAMES) + term for name, term in word.terms]
    listed = list(dict.fromkeys(map(bounded, terms)))
    return {"terms": {text_field(ANYWHERE): listed}}


def anywhere(term: str) -> Dsl:
    """What has a term of running text in any field."""
    return {"term": {text_field(ANYWHERE): bounded(term)}}


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
    if sequence.slop > 1 and len(sequence.terms) > MAX_SPANS:
        # As far apart in all; so many words in another order are no chance.
        slop = (sequence.slop - 1) * (len(sequence.terms) - 1)
        return {"match_phrase": {name: {"query": joined(sequence.terms), "slop": slop}}}
    if sequence.slop == 1:
        return {"match_phrase": {name: joined(sequence.terms)}}
    *before, last = ({"span_term": {name: bounded(term)}} for term in sequence.terms)
    query: Dsl = last
    for term in reversed(before):
        query = near([term, query], sequence.slop - 1, ordered=True)
    return query


def near(spans: list[Dsl], slop: int, *, ordered: bool) -> Dsl:
    """Spans with so many places between them at the most."""
    return {"span_near": {"clauses": spans, "slop": slop, "in_order": ordered}}


_LEAVES = frozenset(
    [
        "term", "terms", "prefix", "wildcard", "fuzzy", "range", "exists", "span_term",
        "match_phrase", "match_all", "match_none",
    ]
)  # fmt: skip


def conditions(query: Any) -> int:
    """How many conditions a query has: OpenSearch takes 1,024 of them.

    >>> conditions(all_of([{"term": {"a": "b"}}, {"exists": {"field": "a"}}]))
    2
    """
    if isinstance(query, list):
        return sum(map(conditions, query))
    if not isinstance(query, dict):
        return 0
    return sum(1 if name in _LEAVES else conditions(made) for name, made in query.items())
