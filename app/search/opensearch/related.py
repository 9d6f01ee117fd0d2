"""The essays worth reading after one, each with the reasons; and its copies.

Related essays are those of :mod:`app.search.embedded.discovery.related`, by the same weights, asked
for in one search: what is shared adds a constant, and the words of both a score. Essays have no
vectors here, so that none is related by its meaning. Copies are looked for by the rarest words of a
text, and compared as texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log

from app.search.budget import BESIDE, FREE, Budget
from app.search.discovery import Duplicate, Related
from app.search.opensearch import dsl, links, scoring
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.selection import best_score
from app.search.opensearch.snapshot import Found, Snapshot, found_in, page
from app.search.opensearch.sorting import order_of
from app.search.relating.keywords import FIELDS, Keyword, heaviest, typical, words_said
from app.search.relating.reasons import (
    MAX_NAMED_WORDS,
    MAX_VALUES,
    MIN_LIKENESS,
    WORDS_WEIGHT,
    WORK_WEIGHT,
    told,
)
from indexer.analysis import analyzer, citations, languages, shingles
from indexer.analysis.languages import ENGLISH
from indexer.essay import distinct, value_key
from indexer.schema import field_names
from indexer.schema.field_weights import K1
from indexer.schema.opensearch_mapping import SLUG, bounded, length_field

#: How far a text longer than others is held against it, for how alike two essays are.
B = 0.75
#: An essay's rarest words by which its copies are looked for, of so many of its longest; of these a
#: copy has at least so many. Texts that are compared.
RARE_WORDS, LONG_WORDS, MIN_SHARED_WORDS, MAX_COMPARED = 24, 120, 12, 8
#: Linking essays that are looked at.
MAX_LINKING = 5_000


def related(
    slug: str, snapshot: Snapshot, limit: int, budget: Budget = FREE
) -> tuple[Related, ...]:
    """The ``limit`` essays most related to one, the closest first; equals by slug. Past the budget
    there are none."""
    found = snapshot.find("slug", slug, "card", "sections")
    if found is None or budget.over(BESIDE):
        return ()
    essay, live = found.card, snapshot.size
    to = links.linked(essay, MAX_VALUES, snapshot)
    back = links.backlinks(essay, snapshot)
    linking = {each.slug for each in snapshot.first(back, MAX_LINKING)}
    tags = _rarity("tag", map(value_key, distinct(essay.tags)), live, snapshot)
    works = map(citations.work_key, essay.bibliography)
    cited = _rarity(field_names.WORKS, works, live, snapshot)
    link = log((live + 1) / 2)
    ties = [dsl.constant(dsl.having("tag", [key]), weight) for key, weight in tags.items()]
    ties += [
        dsl.constant(dsl.having(field_names.WORKS, [key]), WORK_WEIGHT * weight)
        for key, weight in cited.items()
    ]
    ties += [dsl.constant(dsl.having(SLUG, to), link)] if to else []
    ties += [dsl.constant(back, link)] if linking else []
    words = typical(words_said(essay, found.section_texts), _Counted(snapshot), live)
    alike = _Alike(slug, words, snapshot)
    query = alike.with_ties(ties, link)
    if query == dsl.NOTHING:
        return ()
    body = {
        **page(0, limit, ("card",)), "query": query, "sort": order_of("relevance"),
        "include_named_queries_score": True, "track_total_hits": False,
    }  # fmt: skip
    return tuple(
        told(
            each.card, tags, cited, each.slug in to, each.slug in linking, False,
            alike.named(each),
        )
        for each in found_in(snapshot.search_named(body, budget))
    )  # fmt: skip


class _Counted:
    """How many essays have each of some terms in their text, counted in one request."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __call__(self, terms: Sequence[str]) -> list[int]:
        return self._snapshot.counts([dsl.having("body", [term]) for term in terms])


def _rarity(field: str, terms: Iterable[str], live: int, snapshot: Snapshot) -> dict[str, float]:
    """What sharing each term weighs: what all have weighs least."""
    listed = list(dict.fromkeys(filter(None, terms)))[:MAX_VALUES]
    counts = snapshot.counts([dsl.having(field, [term]) for term in listed])
    return {
        term: log((live + 1) / max(count, 1)) for term, count in zip(listed, counts, strict=True)
    }


class _Alike:
    """How like an essay all others are, by its keywords."""

    def __init__(self, slug: str, words: Sequence[Keyword], snapshot: Snapshot) -> None:
        self._slug = slug
        self._words = words
        self._snapshot = snapshot
        self._parts = [self._part(each, number) for number, each in enumerate(words)]
        self.own = 0.0
        if words:
            itself = dsl.having(SLUG, [slug])
            query: Dsl = {"bool": {"filter": [itself], "should": self._parts}}
            self.own = best_score(query, snapshot, FREE)

    def _part(self, word: Keyword, number: int) -> Dsl:
        """The essays that have a word, with what it adds to their likeness."""
        terms = [
            {"term": {dsl.field_of(name): {"value": bounded(word.term), "boost": weight}}}
            for name, weight in FIELDS.items()
        ]
        source = (
            f"params.weight * _score * {K1 + 1} / (_score + {K1} * ({1 - B} + {B}"
            " * doc[params.length].value / params.mean))"
        )
        params = {
            "weight": word.weight * word.idf,
            "length": length_field("body"),
            "mean": self._snapshot.mean_of_all("body"),
        }
        made = scoring.scripted(dsl.any_of(terms), source, params)
        made["script_score"]["_name"] = f"word\x1f{number}\x1f"
        return made

    def with_ties(self, ties: Sequence[Dsl], link: float) -> Dsl:
        """What finds the essays that are tied, or like enough, and weighs both."""
        tied = dsl.any_of(ties)
        ways = [tied] if ties else []
        weighed = list(ties)
        if self.own:
            shared: Dsl = {
                "bool": {"should": self._parts, "minimum_should_match": min(2, len(self._parts))}
            }
            source = "Math.min(_score / params.own, 1) * params.weight"
            params = {"own": self.own, "weight": link * WORDS_WEIGHT}
            share = scoring.scripted(shared, source, params)
            enough = scoring.at_least(share, MIN_LIKENESS * link * WORDS_WEIGHT)
            if len(self._parts) > 1:
                ways.append(enough)
                # One word shared by chance is no likeness: it takes two.
                likeness = {"bool": {"filter": [dsl.any_of([tied, enough])], "must": [share]}}
                weighed.append(likeness)
        if not ways:
            return dsl.NOTHING
        itself = dsl.having(SLUG, [self._slug])
        return {
            "bool": {
                "filter": [dsl.any_of(ways)],
                "must_not": [itself],
                "should": weighed,
                "minimum_should_match": 0,
            }
        }

    def named(self, found: Found) -> list[str]:
        """The words that a related essay shares, the heaviest first; none where they count
        nothing."""
        added = []
        for name, score in found.parts.items():
            kind, number, _ = name.split("\x1f", 2)
            if kind == "word":
                added.append((float(score), self._words[int(number)].word))
        if len(added) < 2:
            return []
        return heaviest(added)[:MAX_NAMED_WORDS]


def duplicates(slug: str, snapshot: Snapshot, budget: Budget = FREE) -> tuple[Duplicate, ...]:
    """The essays whose text is nearly that of one, the likest first; equals by slug. Past the
    budget no more texts are compared."""
    found = snapshot.find("slug", slug, "card", "sections")
    if found is None or budget.over(BESIDE):
        return ()
    parts = [text for _, text in found.section_texts]
    own = shingles.shingles(parts)
    if len(own) < shingles.MIN_SHINGLES:
        return ()
    compared = [
        (shingles.resemblance(own, each.shingles), each.slug, each)
        for each in _like(found, parts, snapshot, budget)
        if not budget.over(BESIDE)
    ]
    return tuple(
        Duplicate(each.card, round(share, 4))
        for share, _, each in sorted(compared, key=lambda it: (-it[0], it[1]))
        if share >= shingles.ALIKE
    )


def _like(found: Found, parts: list[str], snapshot: Snapshot, budget: Budget) -> list[Found]:
    """The essays that have the rarest of a text's longer words; of those, first the ones that are
    as long."""
    lang = languages.code(found.card.lang) or ENGLISH
    words = {term for part in parts for term in analyzer.terms(part, lang)}
    long = sorted(words, key=lambda word: (-len(word), word))[:LONG_WORDS]
    having = dict(zip(long, _Counted(snapshot)(long), strict=True))
    rare = [
        term for term in sorted(long, key=lambda word: (having[word], word)) if having[term] > 1
    ][:RARE_WORDS]
    if not rare:
        return []
    length = sum(len(analyzer.terms(part, lang)) for part in parts)
    shared: Dsl = {
        "bool": {
            "should": [dsl.constant(dsl.having("body", [term]), 1.0) for term in rare],
            "minimum_should_match": max(1, len(rare) * MIN_SHARED_WORDS // RARE_WORDS),
            "must_not": [dsl.having(SLUG, [found.slug])],
        }
    }
    # Scores may not be negative; no two lengths are so far apart.
    source = (
        "100 + _score / params.looked"
        " - Math.abs(Math.log(Math.max(doc[params.length].value, 1) / params.own))"
    )
    params = {"looked": len(rare), "length": length_field("body"), "own": max(float(length), 1.0)}
    query = scoring.scripted(shared, source, params)
    stored = ("card", "sections")
    sort = order_of("relevance")
    return snapshot.first(query, MAX_COMPARED, *stored, sort=sort, budget=budget)
