"""One generation, held open: segments, columns, orders, and the words of the archive.

A snapshot never changes. Whatever is asked of it twice is worked out once.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from pathlib import Path

from app.search.embedded.facets.columns import Columns
from app.search.embedded.matching.any_term import AnyTerm
from app.search.embedded.reader.fuzzy import FuzzyTerms
from app.search.embedded.reader.segments import IndexReader
from app.search.embedded.semantic.similarity import Similarity
from app.search.embedded.sorting import Sorting
from app.search.query.analyzer import QueryAnalyzer
from app.search.results import Correction
from app.search.suggest.completion import Subjects
from indexer.cache import BoundedCache
from indexer.essay import FACETS, Essay, Section
from indexer.parsing.rules import Rules
from indexer.schema import document, field_names
from indexer.storage import generation
from indexer.storage.generation import Current

#: Letters of an essay by which it is compared with others: more of a book says nothing else of it,
#: and takes seconds.
MAX_READ_LETTERS = 100_000

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
        segments = generation.segments_of(index, pointer)
        self.leaves = IndexReader(index / pointer.folder, segments)
        self.size = self.leaves.size
        self.columns = Columns(self.leaves, (*FACETS, *rules.facets), rules)
        self.sorting = Sorting(self.leaves, self.columns.percentages)
        #: What readers meant (:mod:`app.search.embedded.spelling.correction`), by what they asked.
        self.corrections = BoundedCache[Hashable, Correction | None](MAX_CORRECTIONS)
        #: What patterns and misspelt words stand for
        #: (:mod:`app.search.embedded.ranking.expansion`).
        self.expansions = BoundedCache[Hashable, tuple[AnyTerm, int]](MAX_EXPANSIONS)
        self._fuzzy_terms: dict[str, FuzzyTerms] = {}
        #: The words that have a stem (:mod:`app.search.embedded.ranking.expansion`).
        self.words_by_stem = BoundedCache[str, tuple[str, ...]](MAX_STEMS)
        #: The values of facets that complete a text (:mod:`app.search.embedded.suggest.shelf`).
        self.subjects: dict[str, Subjects] = {}

    def intact(self) -> bool:
        """Whether the files that it reads are as they were when they were verified."""
        return not any(files.changed() for leaf in self.leaves.leaves for files in leaf.files)

    @cached_property
    def analyzer(self) -> QueryAnalyzer:
        """The languages of the archive, those of essays that are gone too."""
        return QueryAnalyzer(sorted(self.leaves.prefixed(field_names.LANG, "")), self.leaves)

    @cached_property
    def similarity(self) -> Similarity:
        """How similar essays are in meaning."""
        return Similarity(self.leaves)

    def fuzzy_terms(self, field: str) -> FuzzyTerms:
        """The terms of a field, to be found by words nearly like them."""
        if field not in self._fuzzy_terms:
            self._fuzzy_terms[field] = FuzzyTerms(self.leaves, field)
        return self._fuzzy_terms[field]

    def card(self, doc: int) -> Essay:
        """The essay of a document without its text."""
        leaf, local = self.leaves.locate(doc)
        stored = leaf.documents.stored
        return document.card({"card": stored("card", local), "slug": stored("slug", local)})

    def sections(self, doc: int) -> tuple[Section, ...]:
        return document.sections({"sections": self.leaves.stored(doc, "sections")})

    def section_texts(self, doc: int) -> list[tuple[str, str]]:
        """The sections of an essay as heading and text, the first
        :data:`MAX_READ_LETTERS` letters of it."""
        found, left = [], MAX_READ_LETTERS
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

    def slug(self, doc: int) -> str:
        slug: str = self.leaves.stored(doc, "slug")
        return slug
