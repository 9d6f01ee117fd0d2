"""The subjects, titles and searches of a generation, as suggestions ask for them.

See :class:`app.search.suggest.completion.Shelf` and
:class:`app.search.suggest.alternatives.Searched`.
"""

from __future__ import annotations

import numpy as np

from app.search.binding.clauses import Clause, Conjunction, Disjunction, Term, TermPrefix
from app.search.budget import Budget
from app.search.embedded.matching import evaluate
from app.search.embedded.search import answer
from app.search.embedded.snapshot import Snapshot
from app.search.embedded.spelling.archive import SnapshotArchive
from app.search.query.parser import QueryParser
from app.search.request import SearchRequest
from app.search.suggest.completion import Subject, Subjects
from indexer.essay import Essay
from indexer.schema import field_names
from indexer.storage.arrays import Array


class SnapshotShelf(SnapshotArchive):
    """One generation, asked for what completes a text."""

    def subjects(self, facet: str) -> Subjects:
        known = self._snapshot.subjects
        if facet not in known:
            known[facet] = Subjects(self._listed(facet))
        return known[facet]

    def _listed(self, facet: str) -> list[Subject]:
        column = self._snapshot.columns.facets[facet]
        counts = self._snapshot.columns.totals(facet)
        # A value that only essays withdrawn since had is still in the segments.
        return [
            Subject(key, column.values[number], int(counts[number]))
            for key, number in column.keys.items()
            if counts[number]
        ]

    def titled(self, meant: list[list[str]], ended: bool, most: int) -> list[Essay]:
        clauses: list[Clause] = []
        for place, words in enumerate(meant):
            unfinished = not ended and place == len(meant) - 1
            kind = TermPrefix if unfinished else Term
            terms = tuple(kind(field_names.TITLE_WORDS, word) for word in words)
            clauses.append(Disjunction(terms))
        docs, scores = evaluate.evaluate(Conjunction(tuple(clauses)), self._snapshot.leaves)
        order = self._snapshot.sorting.ordered("newest", docs, scores, most)
        return [self._snapshot.card(doc) for doc in order.tolist()]


class SnapshotSearches:
    """The searches of one generation, within one budget."""

    def __init__(self, snapshot: Snapshot, language: QueryParser, budget: Budget) -> None:
        self._snapshot = snapshot
        self._language = language
        self._budget = budget

    def count(self, request: SearchRequest) -> int:
        return len(self._found(request))

    def first(self, request: SearchRequest, most: int) -> tuple[Essay, ...]:
        docs = self._found(request)
        sort = request.sort or "newest"
        order = self._snapshot.sorting.ordered(sort, docs, np.zeros(len(docs)), most)
        return tuple(self._snapshot.card(doc) for doc in order.tolist())

    def _found(self, request: SearchRequest) -> Array:
        return answer(
            request, self._language, self._snapshot, weigh=False, budget=self._budget
        ).docs
