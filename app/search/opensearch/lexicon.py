"""The words of a generation, as its index tells them.

Terms are listed by an aggregation under an expression; very many by a composite one, which goes
through the dictionary of a field in order. Those spelled nearly like a word come from the term
suggester, whose distance is that of
:class:`app.search.spelling.archive.Near` too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Protocol

from rapidfuzz.distance import OSA

from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.spelling.archive import Near
from indexer.cache import BoundedCache
from indexer.schema import field_names

#: Terms of one page of a listing, and those that are remembered.
PAGE_TERMS, MAX_TERMS = 5_000, 500_000
#: Terms of a field that are held whole.
MAX_HELD = 60_000
#: Words that are asked about in one request, and terms near one that are listed.
SUGGESTED_AT_ONCE, MAX_NEAR = 16, 1_000
#: Letters of an expression; OpenSearch allows no more (`index.max_regex_length`).
MAX_EXPRESSION = 1_000
#: Edits that the term suggester can think of.
MAX_DISTANCE = 2
#: Letters of a word that terms are spelled nearly like.
MAX_LETTERS = 127

_LAST = "\U0010ffff"


class Asked(Protocol):
    """One generation, asked by searches; ``known`` remembers what was worked out."""

    @property
    def known(self) -> MutableMapping[Hashable, Any]: ...

    def search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one search."""
        ...

    def search_all(self, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to some searches of one request."""
        ...

    def count(self, query: Dsl) -> int:
        """How many essays a query selects."""
        ...


class Lexicon:
    """The terms of the fields of one generation."""

    def __init__(self, snapshot: Asked) -> None:
        self._snapshot = snapshot
        self._listed = BoundedCache[tuple[str, str], dict[str, int]](
            MAX_TERMS, cost=lambda found: len(found) + 1
        )
        self._near = BoundedCache[tuple[str, str, int], list[Near]](
            MAX_TERMS, cost=lambda found: len(found) + 1
        )

    def prefixed(self, field: str, prefix: str) -> dict[str, int]:
        """The terms of a field that begin in a way, each with the number of its essays."""
        key = (field, prefix)
        found = self._listed.get(key)
        if found is None:
            whole = self._whole(field) if prefix else None
            if whole is None:
                found = self._list([(field, prefix)])[0]
            else:
                found = {term: whole[term] for term in _begun(self._sorted(field, whole), prefix)}
            self._listed[key] = found
        return found

    def know(self, beginnings: Iterable[tuple[str, str]]) -> None:
        """Ask at once for the terms of some fields that begin in some ways."""
        wanted = [each for each in dict.fromkeys(beginnings) if each not in self._listed]
        for key, found in zip(wanted, self._list(wanted), strict=True):
            self._listed[key] = found

    def _whole(self, field: str) -> dict[str, int] | None:
        """All terms of a field of which every query asks for some: every word would be asked about
        by itself. None for other fields, and where they are too many to hold."""
        if field != field_names.INFLECTED:
            return None
        key = ("whole", field)
        if key not in self._snapshot.known:
            body = _terms_of(field, "", MAX_HELD)
            buckets = self._snapshot.search(body)["aggregations"]["t"]["buckets"]
            held = len(buckets) < MAX_HELD
            self._snapshot.known[key] = _counted(buckets) if held else None
        found: dict[str, int] | None = self._snapshot.known[key]
        return found

    def _sorted(self, field: str, whole: dict[str, int]) -> list[str]:
        key = ("sorted", field)
        if key not in self._snapshot.known:
            self._snapshot.known[key] = sorted(whole)
        found: list[str] = self._snapshot.known[key]
        return found

    def _list(self, wanted: Sequence[tuple[str, str]]) -> list[dict[str, int]]:
        """The terms of fields that begin in some ways, asked for in one request; of very many more
        requests, in the order of the dictionary."""
        short = [each for each in wanted if 2 * len(each[1]) < MAX_EXPRESSION]
        bodies = [_terms_of(field, prefix, PAGE_TERMS) for field, prefix in short]
        answers = iter(self._snapshot.search_all(bodies) if bodies else [])
        found = []
        for field, prefix in wanted:
            if (field, prefix) in short:
                buckets = next(answers)["aggregations"]["t"]["buckets"]
                if len(buckets) < PAGE_TERMS:
                    found.append(_counted(buckets))
                    continue
            found.append(dict(self._paged(field, prefix)))
        return found

    def _paged(self, field: str, prefix: str) -> Iterator[tuple[str, int]]:
        source = {"t": {"terms": {"field": dsl.field_of(field)}}}
        after = _before(prefix)
        while True:
            composite: dict[str, Any] = {"size": PAGE_TERMS, "sources": [source]}
            if after is not None:
                composite["after"] = {"t": after}
            body = {"size": 0, "track_total_hits": False, "aggs": {"t": {"composite": composite}}}
            buckets = self._snapshot.search(body)["aggregations"]["t"]["buckets"]
            for bucket in buckets:
                term = bucket["key"]["t"]
                if term.startswith(prefix):
                    yield term, bucket["doc_count"]
                elif term > prefix:
                    return
            if len(buckets) < PAGE_TERMS:
                return
            after = buckets[-1]["key"]["t"]

    def near(self, field: str, word: str, distance: int, *, initial: bool = False) -> list[Near]:
        """The terms at most ``distance`` slips away, the nearest first."""
        distance = min(distance, MAX_DISTANCE)
        if not word or len(word) + distance >= MAX_LETTERS:
            return []
        key = (field, word, distance)
        found = self._near.get(key)
        if found is None:
            found = self._near[key] = self._nearly(field, word, distance)
        return [each for each in found if each.term[:1] == word[:1]] if initial else found

    def know_near(self, field: str, words: Iterable[str]) -> None:
        """Ask at once for the terms one slip from each of some words."""
        wanted = [w for w in dict.fromkeys(words) if w and (field, w, 1) not in self._near]
        for start in range(0, len(wanted), SUGGESTED_AT_ONCE):
            some = wanted[start : start + SUGGESTED_AT_ONCE]
            for word, options in zip(some, self._suggested(field, some, 1), strict=True):
                self._near[field, word, 1] = self._told(field, word, 1, options)

    def _nearly(self, field: str, word: str, distance: int) -> list[Near]:
        (options,) = self._suggested(field, [word], distance)
        return self._told(field, word, distance, options)

    def _told(
        self, field: str, word: str, distance: int, options: Sequence[Mapping[str, Any]]
    ) -> list[Near]:
        terms = {option["text"]: int(option["freq"]) for option in options}
        if having := self._snapshot.count(dsl.having(field, [word])):
            terms[word] = having
        made = [
            Near(term, away, count)
            for term, count in terms.items()
            if (away := OSA.distance(word, term, score_cutoff=distance)) <= distance
        ]
        return sorted(made, key=lambda near: (near.distance, -near.having, near.term))

    def _suggested(
        self, field: str, words: Sequence[str], distance: int
    ) -> list[list[dict[str, Any]]]:
        """The terms that the term suggester has for each of some words."""
        asked = {
            "field": dsl.field_of(field), "analyzer": "keyword", "suggest_mode": "always",
            "max_edits": distance, "prefix_length": 0, "min_word_length": 1, "accuracy": 0.0,
            "string_distance": "damerau_levenshtein", "size": MAX_NEAR, "shard_size": MAX_NEAR,
            "max_term_freq": 1.0e9, "min_doc_freq": 0, "max_inspections": 1_000,
        }  # fmt: skip
        named = {str(n): {"text": word, "term": asked} for n, word in enumerate(words)}
        told = self._snapshot.search({"size": 0, "suggest": named})["suggest"]
        return [
            [option for entry in told[str(n)] for option in entry["options"]]
            for n in range(len(words))
        ]

    def begun(self, field: str, word: str) -> list[Near]:
        """The terms that begin with a word, or one slip from it, the first letter right."""
        key = (field, word, -1)
        found = self._near.get(key)
        if found is None:
            expression = beginnings(word)
            terms = {} if len(expression) > MAX_EXPRESSION else self._matching(field, expression)
            made = [Near(t, int(not t.startswith(word)), count) for t, count in terms.items()]
            found = sorted(made, key=lambda near: (near.distance, -near.having, near.term))
            self._near[key] = found
        return found

    def _matching(self, field: str, expression: str) -> dict[str, int]:
        """The commonest terms that an expression of Lucene matches."""
        asked = {
            "field": dsl.field_of(field), "include": expression, "size": MAX_NEAR,
            "shard_size": 10 * MAX_NEAR,
        }  # fmt: skip
        body = listing(asked, {"regexp": {dsl.field_of(field): {"value": expression}}})
        return _counted(self._snapshot.search(body)["aggregations"]["t"]["buckets"])

    def having(self, field: str, term: str) -> int:
        """How many essays have a term."""
        return self._snapshot.count(dsl.having(field, [term]))


def _terms_of(field: str, prefix: str, most: int) -> dict[str, Any]:
    """What asks for the terms of a field that begin in a way: fewer than ``most`` are all."""
    asked: dict[str, Any] = {"field": dsl.field_of(field), "size": most}
    if not prefix:
        return listing(asked)
    asked["include"] = _escaped(prefix) + ".*"
    return listing(asked, {"prefix": {dsl.field_of(field): {"value": prefix}}})


def listing(terms: Mapping[str, Any], query: Dsl | None = None) -> dict[str, Any]:
    """A search that lists terms alone. ``query`` finds the essays that have any of them: the words
    of all others are not gone through then."""
    body = {"size": 0, "track_total_hits": False, "aggs": {"t": {"terms": terms}}}
    return body if query is None else {**body, "query": query}


def _counted(buckets: Sequence[dict[str, Any]]) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _begun(terms: Sequence[str], prefix: str) -> Iterator[str]:
    """Those of some sorted terms that begin in a way."""
    for place in range(bisect_left(terms, prefix), len(terms)):
        if not terms[place].startswith(prefix):
            return
        yield terms[place]


def _before(prefix: str) -> str | None:
    """A text that comes before all that begin with a prefix, and after what comes before those."""
    if not prefix:
        return None
    head, last = prefix[:-1], ord(prefix[-1])
    if not last:
        return head
    before = last - 1 if not 0xD800 <= last - 1 <= 0xDFFF else 0xD7FF
    return head + chr(before) + _LAST


def beginnings(word: str) -> str:
    """What a term may begin with that is meant by the beginning ``word``, as an expression of
    Lucene: one letter of it left out, added, replaced or swapped, but not the first.

    >>> beginnings("ab")
    'a(b|.b|()).*'
    """
    return f"{_escaped(word[:1])}{_slipped(word[1:])}.*" if word else ".*"


def _slipped(rest: str) -> str:
    if not rest:
        return ""
    here, behind = rest[0], rest[1:]
    ways = [_escaped(here) + _slipped(behind)]
    if behind:
        ways += [f".{_escaped(behind)}", _escaped(behind[0] + here + behind[1:])]
    ways += [f".{_escaped(rest)}", _escaped(behind) or "()"]
    return f"({'|'.join(dict.fromkeys(ways))})"


def _escaped(text: str) -> str:
    """A text as an expression of Lucene, where more signs have a meaning than elsewhere."""
    return re.sub(r'([.?+*|{}\[\]()"\\#@&<>~])', r"\\\1", text)
