"""What is held open of one generation: segments, columns, orders, and the words of the archive?

A snapshot never changes. Whatever is asked of it twice is worked out once.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.search.embedded.discovery.overview import Overview
from app.search.embedded.facets.columns import Columns
from app.search.embedded.matching.clauses import Expansion
from app.search.embedded.reader.fuzzy import FuzzyTerms
from app.search.embedded.reader.segments import IndexReader
from app.search.query.analyzer import QueryAnalyzer
from app.search.request import Prefer, Sort
from app.search.results import Correction
from indexer.analysis import stemming, tokenizer
from indexer.cache import BoundedCache
from indexer.essay import FACETS, Essay, Section
from indexer.parsing.rules import Rules
from indexer.schema import document, field_names
from indexer.storage import generation
from indexer.storage.generation import Current

#: Ties up to this many are put in order by looking at their slugs; more, by all slugs at once.
FEW = 400

#: Letters of an essay by which it is compared with others: more of a book says nothing else of it,
#: and takes seconds.
READ = 100_000

#: Letters that English stemming writes at the end of a stem in the place of others.
WRITTEN = frozenset("eiyl")
#: Stems whose words are remembered.
MAX_STEMS = 20_000
#: Patterns and misspelt words that are remembered, each with a thousand numbers of terms or so.
MAX_EXPANSIONS = 256
#: Corrections that are remembered: pages, facets and neighbours of one search ask again.
MAX_CORRECTIONS = 1_000


class Snapshot:
    """One generation, held open: its segments, and the columns that facets and sorts use."""

    def __init__(self, index: Path, pointer: Current, rules: Rules) -> None:
        self.number = pointer.number
        self.pointer = pointer
        self._words = BoundedCache[str, tuple[str, ...]](MAX_STEMS)
        segments = generation.toc(index, pointer).segments
        self.leaves = IndexReader(index / pointer.folder, segments)
        self.size = self.leaves.size
        self.columns = Columns(self.leaves, (*FACETS, *rules.facets), rules)
        self._favours: dict[Prefer, npt.NDArray[np.float64]] = {}
        #: What readers meant (:mod:`app.search.embedded.spelling.correction`), by what they asked.
        self.corrections = BoundedCache[Hashable, Correction | None](MAX_CORRECTIONS)
        #: What patterns and misspelt words stand for
        #: (:mod:`app.search.embedded.ranking.expansion`).
        self.expansions = BoundedCache[Hashable, tuple[Expansion, int]](MAX_EXPANSIONS)
        self._lexicons: dict[str, FuzzyTerms] = {}
        self._spoken: dict[str, dict[str, list[int]]] = {}

    def intact(self) -> bool:
        """Whether the files that it reads are as they were when they were verified."""
        return not any(files.changed() for leaf in self.leaves.leaves for files in leaf.files)

    @cached_property
    def tongues(self) -> QueryAnalyzer:
        """The languages of the archive, those of essays that are gone too."""
        return QueryAnalyzer(sorted(self.leaves.prefixed(field_names.LANG, "")), self.leaves)

    @cached_property
    def survey(self) -> Overview:
        """The same generation, seen from above."""
        return Overview(self)

    def lexicon(self, field: str) -> FuzzyTerms:
        """The terms of a field, to be found by words nearly like them."""
        if field not in self._lexicons:
            self._lexicons[field] = FuzzyTerms(self.leaves, field)
        return self._lexicons[field]

    def words_of_values(self, facet: str) -> dict[str, list[int]]:
        """The words of a facet's values, each with the numbers of the values that have it."""
        if facet not in self._spoken:
            spoken: dict[str, list[int]] = {}
            for key, number in self.columns.facets[facet].keys.items():
                for word in dict.fromkeys(tokenizer.words(key)):
                    spoken.setdefault(word, []).append(number)
            self._spoken[facet] = spoken
        return self._spoken[facet]

    def words_of(self, stem: str) -> tuple[str, ...]:
        """The words of the archive that have a stem.

        An English stem begins its words, but for its last letter where that is one that stemming
        writes ("happy" has "happi", "hoping" "hope"); of other languages the index has them.
        """
        if stem not in self._words:
            if stemming.OF in stem:
                told = self.leaves.prefixed(field_names.INFLECTED, stem + stemming.OF)
                found = tuple(each.rsplit(stemming.OF, 1)[1] for each in told)
            else:
                written = stem[-1:] in WRITTEN
                shared = stem[: max(len(stem) - written, min(2, len(stem)))]
                shared = shared[:1] if stem in ("die", "lie", "tie") else shared  # "dying"
                words = self.leaves.prefixed(field_names.WORDS, shared)
                found = tuple(word for word in words if stemming.stem(word) == stem)
                found = found or (stem,)
            self._words[stem] = found
        return self._words[stem]

    def card(self, doc: int) -> Essay:
        """The essay of a document without its text."""
        stored = self.leaves.stored
        return document.card({name: stored(doc, name) for name in ("card", "slug")})

    def sections(self, doc: int) -> tuple[Section, ...]:
        return document.sections({"sections": self.leaves.stored(doc, "sections")})

    def parts(self, doc: int) -> list[tuple[str, str]]:
        """The sections of an essay as heading and text, the first :data:`READ` letters of it."""
        found, left = [], READ
        for section in self.sections(doc):
            if left <= 0:
                break
            found.append((section.title[:left], section.text[:left]))
            left -= len(section.title) + len(section.text)
        return found

    def whole(self, doc: int) -> Essay:
        stored = self.leaves.stored
        return document.whole({name: stored(doc, name) for name in (*field_names.STORED, "slug")})

    def find(self, field: str, value: str) -> int | None:
        """The live document that has a value in a field of which each has its own."""
        docs = self.leaves.live_docs(field, value)
        return int(docs[0]) if len(docs) else None

    def _column(self, name: str) -> npt.NDArray[np.int64]:
        pieces = [leaf.column(name, -1) for leaf in self.leaves.leaves]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)

    @cached_property
    def _published(self) -> npt.NDArray[np.int64]:
        return self._column("published_at")

    @cached_property
    def updated(self) -> npt.NDArray[np.int64]:
        """When each document was last changed, else published, in seconds as of
        :attr:`~indexer.essay.Moment.instant`; -1 unknown."""
        updated = self._column("updated_at")
        return np.where(updated == -1, self._published, updated)

    @cached_property
    def _titles(self) -> npt.NDArray[np.int64]:
        """For each document, its title's place in the order of titles."""
        keys = [
            key
            for leaf in self.leaves.leaves
            for key in leaf.documents.column_reader("title_key", None)
        ]
        places = {key: place for place, key in enumerate(sorted(set(keys)))}
        return np.array([places[key] for key in keys], np.int64)

    def favour(self, prefer: Prefer) -> npt.NDArray[np.float64]:
        """For each document how much it is of what a reader prefers, from 0 to 1: its rating, the
        unrated as the middle of the scale; or its place among the dates of the archive, so that
        "recent" means something in an old archive too. What has no date is not recent."""
        if prefer not in self._favours:
            if prefer == "recent":
                days, places = np.unique(self.updated, return_inverse=True)
                dated = len(days) - int(days[0] == -1) if len(days) else 0
                rank = places - (len(days) - dated)
                self._favours[prefer] = np.maximum(rank + 1, 0) / max(dated, 1)
            else:
                rated = self.columns.percentages[prefer] / 100
                self._favours[prefer] = np.nan_to_num(rated, nan=0.5)
        return self._favours[prefer]

    def slug(self, doc: int) -> str:
        slug: str = self.leaves.stored(doc, "slug")
        return slug

    def ordered(
        self, sort: Sort, docs: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], upto: int
    ) -> npt.NDArray[np.int64]:
        """The first ``upto`` of ``docs`` in the order of ``sort``; ties in the order of slugs."""
        if sort == "relevance":
            # Sums of floats differ in their last digits between equals.
            keys: npt.NDArray[Any] = -np.round(scores, 9)
        elif sort == "title":
            keys = self._titles[docs]
        elif sort in ("newest", "updated"):
            keys = -(self._published if sort == "newest" else self.updated)[docs]
        else:
            keys = -np.nan_to_num(self.columns.percentages[sort][docs], nan=-1.0)
        if upto < len(docs):
            # Only those that can be among the first, with all that tie with the last of them.
            last = np.partition(keys, upto - 1)[upto - 1]
            first = keys <= last
            docs, keys = docs[first], keys[first]
        order = np.argsort(keys, kind="stable")
        docs, keys = docs[order], keys[order]
        bounds = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        if len(bounds) + 1 < len(docs):
            runs = np.split(docs, bounds)
            docs = np.concatenate([self._by_slug(run) for run in runs])
        return docs[:upto]

    def first_by_slug(self, docs: npt.NDArray[np.int64]) -> int:
        """Of some documents, the one whose slug comes first."""
        return int(self._by_slug(docs)[0])

    def _by_slug(self, docs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if len(docs) < 2:
            return docs
        if len(docs) > FEW:
            return docs[np.argsort(self._slugs[docs], kind="stable")]
        return np.array(sorted(docs.tolist(), key=self.slug), np.int64)

    @cached_property
    def _slugs(self) -> npt.NDArray[np.int64]:
        """For each document, its slug's place in the order of slugs."""
        order = sorted(range(self.size), key=self.slug)
        places = np.empty(self.size, np.int64)
        places[order] = np.arange(self.size)
        return places
