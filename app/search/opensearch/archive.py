"""The words of a generation, its essays and its subjects, as spelling, suggestions and marks ask
for them.

See :class:`app.search.spelling.archive.Archive`, :class:`app.search.suggest.completion.Shelf` and
:class:`app.search.marking.Marked`.
"""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping, Sequence
from itertools import pairwise

from app.search.budget import MARKS, Budget
from app.search.opensearch import dsl, expanding
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.filters import column, filters_of
from app.search.opensearch.ranking import rank
from app.search.opensearch.snapshot import Snapshot
from app.search.opensearch.sorting import order_of
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.parser import QueryParser
from app.search.request import SearchRequest
from app.search.results import Correction
from app.search.spelling import candidates
from app.search.spelling.archive import Essays, Near
from app.search.suggest.completion import Subject, Subjects
from indexer.analysis import folding
from indexer.essay import Essay
from indexer.schema import field_names

#: Words of a query whose essays are counted before its spelling is judged.
MAX_WORDS = 64


class Selected:
    """The essays that a query selects; counted when somebody asks."""

    def __init__(self, query: Dsl, snapshot: Snapshot) -> None:
        self.query = query
        self._snapshot = snapshot

    def __len__(self) -> int:
        return self._snapshot.count(self.query)

    def with_all(self, field: str, words: Sequence[str]) -> Selected:
        having = (dsl.having(field, [word]) for word in words)
        return Selected(dsl.all_of([self.query, *having]), self._snapshot)


class SnapshotArchive:
    """One generation, asked by the language of its queries."""

    def __init__(self, snapshot: Snapshot, language: QueryParser) -> None:
        self._snapshot = snapshot
        self._language = language

    def know(self, q: str) -> None:
        """Count the essays of every word of a query in one request, that it is spelled by."""
        q = q[: self._language.limits.length]
        places = candidates.places(q, self._language, self)[:MAX_WORDS]
        words = [folding.fold(q[slice(*place)]) for place in places]
        joined = [one + other for one, other in pairwise(words)]
        asked = [dsl.having(field_names.WORDS, [word]) for word in dict.fromkeys([*words, *joined])]
        self._snapshot.counts(asked)
        judged = [word for word in words if candidates.correctable(word)]
        rare = [
            word
            for word in judged
            if len(word) >= candidates.TWO_SLIPS_LETTERS
            and self.having(field_names.WORDS, word) <= candidates.RARE_ESSAYS
        ]
        self._snapshot.lexicon.know_near(field_names.WORDS, rare)

    @property
    def analyzer(self) -> QueryAnalyzer:
        return self._snapshot.analyzer

    @property
    def size(self) -> int:
        return self._snapshot.size

    @property
    def corrections(self) -> MutableMapping[Hashable, Correction | None]:
        return self._snapshot.corrections

    @property
    def words_by_stem(self) -> MutableMapping[str, tuple[str, ...]]:
        return self._snapshot.words_by_stem

    def expect(self, field: str, terms: Sequence[str]) -> None:
        """Nothing is asked for beside what :meth:`know` counts."""

    def ready(self, field: str) -> None:
        """Nothing has to be made ready: the dictionary is the cluster's."""

    def prefixed(self, field: str, prefix: str) -> dict[str, int]:
        return self._snapshot.lexicon.prefixed(field, prefix)

    def near(self, field: str, word: str, distance: int) -> list[Near]:
        return self._snapshot.lexicon.near(field, word, distance)

    def commoner(self, field: str, word: str, least: int) -> list[Near]:
        near = self._snapshot.lexicon.near(field, word, 1, initial=True)
        return [each for each in near if each.having >= least]

    def begun(self, field: str, word: str) -> list[Near]:
        return self._snapshot.lexicon.begun(field, word)

    def having(self, field: str, term: str) -> int:
        return self._snapshot.lexicon.having(field, term)

    def standing_for(
        self, text: str, distance: int, limit: int, budget: Budget
    ) -> tuple[str, ...] | None:
        if budget.over(MARKS):
            return None
        field = field_names.WORDS
        return expanding.standing(self._snapshot, field, text, distance, limit).terms

    def all_of(self, request: SearchRequest, budget: Budget) -> Selected:
        filters = filters_of(request, self._snapshot).values()
        return Selected(dsl.all_of([self._query(request.q), *filters]), self._snapshot)

    def _query(self, text: str) -> Dsl:
        """What selects the essays that have all of a text."""
        tree = self._language.parse(text, self._snapshot.analyzer).tree
        limit = self._language.limits.expansions
        return dsl.selecting(expanding.bound(tree, self._snapshot, limit, []))

    def answered(self, request: SearchRequest, budget: Budget) -> int:
        ranked = rank(request.q, self._language, self._snapshot, weigh=False, budget=budget)
        filters = filters_of(request, self._snapshot).values()
        return self._snapshot.count(dsl.all_of([ranked.found, *filters]), budget)

    def means(self, request: SearchRequest, budget: Budget) -> bool:
        """Never: the cluster has no vectors."""
        return False

    def has(self, text: str, budget: Budget) -> bool:
        return self._snapshot.count(self._query(text), budget) > 0

    def texts_with(self, word: str, among: Essays) -> list[str]:
        assert isinstance(among, Selected)
        having = dsl.having(field_names.WORDS, [word])
        stored = ("card", "sections")
        found = self._snapshot.first(dsl.all_of([among.query, having]), 1, *stored)
        found = found or self._snapshot.first(having, 1, *stored)
        return [text for each in found for text in (each.card.title, *_texts(each.section_texts))]

    def subjects(self, facet: str) -> Subjects:
        known = self._snapshot.subjects
        if facet not in known:
            counts, own = self.prefixed(facet, ""), column(facet, self._snapshot)
            known[facet] = Subjects(
                [Subject(key, own.values[number], counts[key]) for key, number in own.keys.items()]
            )
        return known[facet]

    def titled(self, meant: list[list[str]], ended: bool, most: int) -> list[Essay]:
        queries = []
        for place, words in enumerate(meant):
            if ended or place < len(meant) - 1:
                queries.append(dsl.having(field_names.TITLE_WORDS, words))
            else:
                name = dsl.field_of(field_names.TITLE_WORDS)
                queries.append(dsl.any_of({"prefix": {name: word}} for word in words))
        found = self._snapshot.first(dsl.all_of(queries), most, "card", sort=order_of("newest"))
        return [each.card for each in found]


def _texts(sections: list[tuple[str, str]]) -> list[str]:
    return [text for _, text in sections]
