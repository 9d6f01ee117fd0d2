"""The one path from a request to the essays that it finds on a cluster.

:func:`answer` has its steps: correct, select, filter, order. What they have to know is counted once
in a generation; hits, total and every count then come from one search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.search.budget import COUNTS, FREE, Budget
from app.search.facets import facet_counts, range_notes
from app.search.opensearch import dsl
from app.search.opensearch.archive import SnapshotArchive
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.filters import Counting, filters_of
from app.search.opensearch.ranking import Ranked, rank
from app.search.opensearch.snapshot import MAX_WINDOW, Found, Snapshot, found_in, page
from app.search.opensearch.sorting import order_of
from app.search.query.loosening import Loosening
from app.search.query.parser import QueryParser
from app.search.query.tree import Value
from app.search.ranking.questions import ENOUGH_ESSAYS, QUESTION_WORDS, order
from app.search.request import Narrowing, SearchRequest, Sort
from app.search.results import Correction, FacetCounts, Neighbours, Note
from app.search.spelling import correction
from indexer.schema.opensearch_mapping import SLUG

#: An essay further down than this among its results has no place there.
MAX_PLACE = 1_000
#: What is meant is looked for in this share of the time for finding it.
CORRECTING_SHARE = 0.5


@dataclass(frozen=True)
class Answer:
    """What a ``request`` finds in one generation; ``asked`` is the request that was searched,
    another one where the query was corrected."""

    request: SearchRequest
    asked: SearchRequest
    correction: Correction | None
    ranked: Ranked
    counting: Counting
    sort: Sort
    snapshot: Snapshot
    language: QueryParser
    budget: Budget

    @cached_property
    def query(self) -> Dsl:
        """What selects all that is found."""
        return dsl.all_of([self.ranked.found, self.counting.but_for(None)])

    @cached_property
    def total(self) -> int:
        """How many essays are found."""
        return self.snapshot.count(self.query, self.budget)

    def body(self, *, counted: bool = True) -> dict[str, Any]:
        """The search: what the words find is counted under filters, what is listed has passed
        them."""
        body: dict[str, Any] = {"query": self.ranked.scored, "track_total_hits": True}
        if self.counting.filters:
            body["post_filter"] = self.counting.but_for(None)
        if counted:
            body["aggs"] = self.counting.aggregations()
        return body

    def page(self, *stored: str, explain: bool = False) -> tuple[dict[str, Any], list[Found]]:
        """The checked answer of the cluster, and the essays of the page that was asked for."""
        sort = order_of(self.sort)
        start = (self.request.page - 1) * self.request.per_page
        most = self.request.per_page
        near = start + most <= MAX_WINDOW
        body = {
            **self.body(),
            **page(start if near else 0, most if near else 0, stored),
            "sort": sort,
            "track_scores": True,
        }
        ask = self.snapshot.search_named if explain else self.snapshot.search
        answer = ask(body, self.budget)
        found = found_in(answer)
        if not near and start < answer["hits"]["total"]["value"]:
            listed = {**self.body(counted=False), "track_total_hits": False}
            found = self.snapshot.at(listed, sort, start, most, *stored, budget=self.budget)
        return answer, found

    def first(self, most: int, *stored: str) -> list[Found]:
        """The first essays that are found, in their order."""
        query = self.ranked.scored if self.sort == "relevance" else self.ranked.found
        both: Dsl = {"bool": {"must": [query], "filter": [self.counting.but_for(None)]}}
        sort = order_of(self.sort)
        return self.snapshot.first(both, most, *stored, sort=sort, budget=self.budget)

    def counts(self, answer: Mapping[str, Any]) -> FacetCounts:
        """The values of every facet and the ranges of ratings, counted."""
        return facet_counts(
            answer["hits"]["total"]["value"],
            self.snapshot.number,
            self.counting.facets(answer),
            self.counting.ranges(answer),
        )

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know; places in the query are those of what was typed."""
        parsed = self.ranked.parsed
        if self.asked.q != self.request.q:
            parsed = self.language.parse(self.request.q, self.snapshot.analyzer)
        return (
            *parsed.notes, *self.ranked.notes, *range_notes(self.request),
            *self.counting.notes(),
        )  # fmt: skip


def answer(
    request: SearchRequest,
    language: QueryParser,
    snapshot: Snapshot,
    *,
    weigh: bool = True,
    budget: Budget = FREE,
) -> Answer:
    """What a request finds in one generation; without ``weigh`` only the essays are sure, not their
    order."""
    archive = SnapshotArchive(snapshot, language)
    archive.know(request.q)
    meant = correction.correct(request, language, archive, budget.until(CORRECTING_SHARE))
    ranked = _ranked(meant.request, language, snapshot, weigh, budget)
    counting = Counting(request, filters_of(request, snapshot), snapshot)
    sort = order(request, ranked.parsed)
    return Answer(
        request, meant.request, meant.correction, ranked, counting, sort, snapshot, language, budget
    )


def _ranked(
    asked: SearchRequest, language: QueryParser, snapshot: Snapshot, weigh: bool, budget: Budget
) -> Ranked:
    """What a query finds; where nothing has all that it demands, what the first looser demand finds
    that finds anything."""
    prefer = asked.prefer
    explain = asked.explain and weigh
    first = rank(asked.q, language, snapshot, prefer, weigh=weigh, explain=explain, budget=budget)
    if first.listed:
        return first

    def unknown(value: Value) -> bool:
        known = value.field in snapshot.facets
        return known and not snapshot.lexicon.having(value.field, value.value)

    for looser in Loosening(snapshot.analyzer, unknown).steps(first.parsed):
        if budget.over():
            break
        found = rank(
            asked.q, language, snapshot, prefer,
            parsed=looser.query, weigh=weigh, explain=explain, budget=budget,
        )  # fmt: skip
        if found.listed:
            return found.loosened(looser.notes)
    return first


def totals(
    request: SearchRequest,
    parts: Sequence[Narrowing],
    language: QueryParser,
    snapshot: Snapshot,
    budget: Budget = FREE,
) -> tuple[int, ...]:
    """The number of essays that the search for each part of a request finds; see
    :func:`app.search.embedded.search.totals`."""
    whole = answer(request, language, snapshot, weigh=False, budget=budget)
    ranked = whole.ranked
    plain = whole.asked.q == request.q and not ranked.pinned and not ranked.followed
    alone = [
        answer(part.alone, language, snapshot, weigh=False, budget=budget).query for part in parts
    ]
    both = [dsl.all_of([whole.query, query]) for query in alone]
    counts = []
    for part, count in zip(parts, snapshot.counts(both, budget), strict=True):
        # With none, or too few for a question, the search would look for something near.
        few_words = ranked.word_count < QUESTION_WORDS
        enough = count >= ENOUGH_ESSAYS or few_words or not part.alone.q
        sure = not request.q or (plain and count and enough)
        if not sure and not budget.over(COUNTS):
            inside = answer(part.inside, language, snapshot, weigh=False, budget=budget)
            count = inside.total
        counts.append(count)
    return tuple(counts)


def neighbours(
    slug: str,
    request: SearchRequest,
    language: QueryParser,
    snapshot: Snapshot,
    budget: Budget = FREE,
) -> Neighbours | None:
    """The place of an essay among the results of a request; None where it has none."""
    found = answer(request, language, snapshot, budget=budget)
    slugs = [each.slug for each in found.first(MAX_PLACE + 1)]
    if slug not in slugs[:MAX_PLACE]:
        return None
    place = slugs.index(slug)
    beside = slugs[max(place - 1, 0) : place + 2]
    cards = {
        each.slug: each.card
        for each in snapshot.first(dsl.having(SLUG, beside), len(beside), "card", budget=budget)
    }
    return Neighbours(
        position=place + 1,
        total=found.total,
        before=cards.get(slugs[place - 1]) if place else None,
        after=cards.get(slugs[place + 1]) if place + 1 < len(slugs) else None,
    )
