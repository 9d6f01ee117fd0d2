"""The words of a generation, and the essays that have them, as spelling asks for them.

See :class:`app.search.spelling.archive.Archive`.
"""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping, Sequence

import numpy as np

from app.search.budget import Budget
from app.search.embedded.matching import evaluate
from app.search.embedded.ranking import expansion
from app.search.embedded.ranking.ranking import rank
from app.search.embedded.snapshot import Snapshot
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.parser import QueryParser
from app.search.request import SearchRequest
from app.search.results import Correction
from app.search.spelling.archive import Essays, Near
from indexer.schema import field_names
from indexer.storage.arrays import Array


class Documents:
    """Some documents of a generation: ``docs`` are ascending numbers, int64, shape (n,)."""

    def __init__(self, docs: Array, snapshot: Snapshot) -> None:
        self.docs = docs
        self._snapshot = snapshot

    def __len__(self) -> int:
        return len(self.docs)

    def with_all(self, field: str, words: Sequence[str]) -> Documents:
        docs, *others = (self._snapshot.leaves.live_docs(field, word) for word in words)
        for other in others:
            docs = np.intersect1d(docs, other, assume_unique=True)
        among = np.zeros(self._snapshot.size, dtype=np.bool_)
        among[self.docs] = True
        return Documents(docs[among[docs]], self._snapshot)


class SnapshotArchive:
    """One generation, asked by the language of its queries."""

    def __init__(self, snapshot: Snapshot, language: QueryParser) -> None:
        self._snapshot = snapshot
        self._language = language

    @property
    def analyzer(self) -> QueryAnalyzer:
        return self._snapshot.analyzer

    @property
    def corrections(self) -> MutableMapping[Hashable, Correction | None]:
        return self._snapshot.corrections

    def expect(self, field: str, terms: Sequence[str]) -> None:
        self._snapshot.leaves.count(field, terms)

    def ready(self, field: str) -> None:
        self._snapshot.fuzzy_terms(field)

    def prefixed(self, field: str, prefix: str) -> dict[str, int]:
        return self._snapshot.leaves.prefixed(field, prefix)

    def near(self, field: str, word: str, distance: int) -> list[Near]:
        return self._snapshot.fuzzy_terms(field).near(word, distance)

    def commoner(self, field: str, word: str, least: int) -> list[Near]:
        return self._snapshot.fuzzy_terms(field).commoner(word, least)

    def begun(self, field: str, word: str) -> list[Near]:
        return self._snapshot.fuzzy_terms(field).begun(word)

    def having(self, field: str, term: str) -> int:
        return self._snapshot.leaves.live_frequency(field, term)

    def all_of(self, request: SearchRequest, budget: Budget) -> Documents:
        key = ("all of", self._snapshot, self._language.edition, request.q)
        docs = budget.once(key, lambda: self._docs(request.q, budget))
        return Documents(self._narrowed(docs, request), self._snapshot)

    def answered(self, request: SearchRequest, budget: Budget) -> int:
        found = rank(request.q, self._language, self._snapshot, weigh=False, budget=budget)
        docs = found.found.docs
        if found.near is not None:  # near in meaning is no answer to words that were misspelt
            docs = np.setdiff1d(docs, found.near.added)
        return len(self._narrowed(docs, request))

    def means(self, request: SearchRequest, budget: Budget) -> bool:
        found = rank(request.q, self._language, self._snapshot, weigh=False, budget=budget)
        return found.near is not None and len(self._narrowed(found.found.docs, request)) > 0

    def has(self, text: str, budget: Budget) -> bool:
        return len(self._docs(text, budget)) > 0

    def _docs(self, text: str, budget: Budget) -> Array:
        """The documents that have all of a text."""
        limit = self._language.limits.expansions
        tree = self._language.parse(text, self._snapshot.analyzer).tree
        clause = expansion.bound(tree, self._snapshot, limit, [], budget)
        return evaluate.evaluate(clause, self._snapshot.leaves, budget).docs

    def _narrowed(self, docs: Array, request: SearchRequest) -> Array:
        return self._snapshot.columns.filtered(request, docs).docs

    def texts_with(self, word: str, among: Essays) -> list[str]:
        assert isinstance(among, Documents)
        everywhere = self._snapshot.leaves.live_docs(field_names.WORDS, word)
        if not len(everywhere):
            return []
        having = np.intersect1d(among.docs, everywhere)
        doc = int(having[0] if len(having) else everywhere[0])
        texts = (text for _, text in self._snapshot.section_texts(doc))
        return [self._snapshot.card(doc).title, *texts]
