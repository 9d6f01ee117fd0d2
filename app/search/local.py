"""The embedded engine: what does one generation of the Whoosh index answer?

A :class:`Snapshot` is everything held open for one generation. :class:`LocalEngine` looks at the
pointer before each question and answers it from one snapshot, so that no answer mixes two.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA
from whoosh import query as wq
from whoosh.reading import IndexReader
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from app.search import evaluate, snippets, suggest
from app.search.facets import Columns, FacetColumn
from app.search.language import Language, Limits, Wanted
from app.search.request import (
    FacetCounts,
    Hit,
    Note,
    SearchRequest,
    SearchResults,
    Sort,
    Suggestion,
)
from indexer import generation, schema
from indexer.errors import IndexDamaged, IndexUnavailable
from indexer.essay import FACETS, RATINGS, Essay, fold
from indexer.generation import Current
from indexer.markup import SUFFIXES
from indexer.vocabulary import Rules

#: Titles are short and say much by being short; names are not longer for being important.
WEIGHTING = BM25F(title_B=0.4, topics_B=0.3, author_B=0.2, cites_B=0.5)


class Snapshot:
    """One generation, held open: Whoosh's searcher, and the columns that facets and sorts use."""

    def __init__(self, index: Path, pointer: Current, rules: Rules) -> None:
        ix = generation.open_index(index / pointer.folder)
        self.number = pointer.number
        self.rules = rules
        self.reader: IndexReader = ix.reader()
        self.searcher = Searcher(self.reader, weighting=WEIGHTING)
        self.size = self.reader.doc_count_all()
        # Whoosh's readers keep a place in their files; one question at a time.
        self.lock = threading.Lock()
        live = np.ones(self.size, dtype=np.bool_)
        live[[doc for doc in range(self.size) if self.reader.is_deleted(doc)]] = False
        names = [f for f in (*FACETS, *rules.facets) if f in self.reader.schema]
        self.columns = Columns(
            live,
            {name: self._facet(name) for name in names},
            {name: self._percentages(name) for name in RATINGS},
            self._place,
        )
        self.published = self._column("published_at", -1)
        updated = self._column("updated_at", -1)
        self.updated = np.where(updated == -1, self.published, updated)
        self.slug_rank = _ranks(self._keys("slug_key"))
        self._terms: dict[str, list[str]] = {}
        self.title_rank = _ranks(self._keys("title_key"))

    def _lexicon(self, field: str) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        """Every term of a field with the documents that have it."""
        for term in self.reader.lexicon(field):
            docs = list(self.reader.postings(field, term).all_ids())
            if docs:
                yield term.decode(), np.array(docs, dtype=np.int64)

    def _facet(self, name: str) -> FacetColumn:
        spelled: dict[str, tuple[int, str]] = {}
        for text, docs in self._lexicon(schema.spelling(name)):
            key = fold(text)
            if (len(docs), text) > spelled.get(key, (0, "")):
                spelled[key] = (len(docs), text)
        return FacetColumn(
            dict(self._lexicon(name)), {key: text for key, (_, text) in spelled.items()}, self.size
        )

    def _column(self, name: str, default: float) -> npt.NDArray[Any]:
        if not self.size or not self.reader.has_column(name):
            return np.full(self.size, default)
        column = self.reader.column_reader(name)
        return np.array([column[doc] for doc in range(self.size)])

    def _percentages(self, name: str) -> npt.NDArray[np.float64]:
        numbers = self._column(f"{name}_column", -1.0).astype(np.float64)
        numbers[numbers < 0] = np.nan
        return numbers

    def _keys(self, name: str) -> list[bytes]:
        if not self.size or not self.reader.has_column(name):
            return [b""] * self.size
        column = self.reader.column_reader(name)
        return [column[doc] for doc in range(self.size)]

    def _place(self, facet: str, value: str) -> float | None:
        """Where a value stands in its facet's own order; None where only counts order it."""
        if facet in ("year", "importance"):
            try:
                return float(value)
            except ValueError:
                pass
        if facet not in RATINGS:
            return None
        known = self.rules.percentages(facet).get(fold(value))
        if known is None and value.endswith("%"):
            known = float(value[:-1])
        if known is None:
            column = self.columns.facets[facet]
            number = column.keys.get(fold(value))
            if number is not None:
                rated = self.columns.percentages[facet][column.docs[column.ids == number]]
                rated = rated[~np.isnan(rated)]
                known = float(rated.mean()) if len(rated) else None
        return known

    def terms(self, field: str) -> list[str]:
        """Every term of a field, in order."""
        if field not in self._terms:
            self._terms[field] = [term.decode() for term in self.reader.lexicon(field)]
        return self._terms[field]

    def stored(self, doc: int) -> dict[str, Any]:
        fields: dict[str, Any] = self.reader.stored_fields(doc)
        return fields

    def order(
        self, sort: Sort, docs: npt.NDArray[np.int64], scores: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int64]:
        """The documents in the order of ``sort``; what ties is in the order of slugs."""
        slugs = self.slug_rank[docs]
        if sort == "relevance":
            # Sums of floats differ in their last digits between equals.
            keys: tuple[npt.NDArray[Any], ...] = (slugs, -np.round(scores, 9))
        elif sort == "title":
            keys = (slugs, self.title_rank[docs])
        elif sort in ("newest", "updated"):
            keys = (slugs, -(self.published if sort == "newest" else self.updated)[docs])
        else:
            keys = (slugs, -np.nan_to_num(self.columns.percentages[sort][docs], nan=-1.0))
        return docs[np.lexsort(keys)]


def _ranks(keys: list[bytes]) -> npt.NDArray[np.int64]:
    """For each document, its place in the order of its key; equal keys have equal places."""
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return np.array([places[key] for key in keys], dtype=np.int64)


class LocalEngine:
    """Answers from the index folder ``index``, read under ``rules``; see
    :class:`app.search.engine.Engine`."""

    def __init__(self, index: Path, rules: Rules, limits: Limits | None = None) -> None:
        self.index = index
        self.rules = rules
        self.language = Language(rules, limits)
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int, int] | None = None
        self._opening = threading.Lock()

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        snapshot = self._current()
        with snapshot.lock:
            yield snapshot

    def _current(self) -> Snapshot:
        """The snapshot of the current generation; opened when the pointer has moved."""
        try:
            info = (self.index / "current").stat()
        except OSError:
            generation.current(self.index)  # says why
            raise
        seen = (info.st_ino, info.st_mtime_ns, info.st_size)
        if self._snapshot is not None and seen == self._seen:
            return self._snapshot
        with self._opening:
            if self._snapshot is None or seen != self._seen:
                self._snapshot = self._open()
                self._seen = seen
            return self._snapshot

    def _open(self) -> Snapshot:
        for attempt in range(5):
            pointer = generation.current(self.index)
            try:
                return Snapshot(self.index, pointer, self.rules)
            except (OSError, IndexUnavailable) as error:
                # A build may drop a folder between our two looks at it.
                if attempt == 4 or generation.current(self.index) == pointer and attempt:
                    raise IndexDamaged(
                        f"The index at {self.index} cannot be read.", "Run: essays index --full"
                    ) from error
                time.sleep(0.05)
        raise AssertionError  # the loop returns or raises

    def generation(self) -> int:
        return self._current().number

    def search(self, request: SearchRequest) -> SearchResults:
        started = time.perf_counter()
        with self._reading() as snapshot:
            parsed = self.language.parse(request.q)
            notes = list(parsed.notes)
            tree = _bounded(parsed.tree, snapshot, self.language.limits.expansions, notes)
            found, facets, ranges, scores = self._find(snapshot, request, tree)
            sort: Sort = request.sort or "relevance"
            if sort == "relevance" and not parsed.scoring:
                sort = "newest"
            docs = np.flatnonzero(found)
            ordered = snapshot.order(sort, docs, scores[docs])
            page = ordered[(request.page - 1) * request.per_page :][: request.per_page]
            wanted = _with_typos(parsed.wanted, snapshot)
            hits = tuple(_hit(snapshot, int(doc), float(scores[doc]), wanted) for doc in page)
            notes += _range_notes(request)
            return SearchResults(
                request=request,
                total=len(docs),
                pages=math.ceil(len(docs) / request.per_page),
                sort=sort,
                generation=snapshot.number,
                took_ms=round((time.perf_counter() - started) * 1000, 3),
                counts=FacetCounts(len(docs), snapshot.number, facets, ranges),
                hits=hits,
                notes=tuple(notes),
            )

    def counts(self, request: SearchRequest) -> FacetCounts:
        with self._reading() as snapshot:
            tree = self.language.parse(request.q).tree
            tree = _bounded(tree, snapshot, self.language.limits.expansions, [])
            found, facets, ranges, _ = self._find(snapshot, request, tree)
            return FacetCounts(int(found.sum()), snapshot.number, facets, ranges)

    def _find(self, snapshot: Snapshot, request: SearchRequest, tree: wq.Query) -> tuple[Any, ...]:
        scores = np.zeros(snapshot.size)
        if isinstance(tree, wq.Every):
            matched = snapshot.columns.live
        else:
            matched = np.zeros(snapshot.size, dtype=np.bool_)
            matches = evaluate.evaluate(tree, snapshot.searcher)
            matched[matches.docs] = True
            scores[matches.docs] = matches.scores
        masks = snapshot.columns.masks(request)
        return (*snapshot.columns.count(request, matched, masks), scores)

    def essay(self, slug: str) -> Essay | None:
        with self._reading() as snapshot:
            doc = _document(snapshot, "slug", slug)
            return None if doc is None else schema.whole(snapshot.stored(doc))

    def resolve(self, paths: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._reading() as snapshot:
            for path in paths:
                for ending in ("", *SUFFIXES):
                    doc = _document(snapshot, "path", path + ending)
                    if doc is not None:
                        found[path] = schema.card(snapshot.stored(doc)).slug
                        break
                else:
                    if _document(snapshot, "slug", path) is not None:
                        found[path] = path
        return found

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        with self._reading() as snapshot:
            return suggest.suggest(text, limit, snapshot)


def _document(snapshot: Snapshot, field: str, value: str) -> int | None:
    docs = evaluate.evaluate(wq.Term(field, value), snapshot.searcher).docs
    return int(docs[0]) if len(docs) else None


def _hit(snapshot: Snapshot, doc: int, score: float, wanted: Wanted) -> Hit:
    stored = snapshot.stored(doc)
    essay = schema.card(stored)
    shown = snippets.snippets(schema.sections(stored), wanted) if wanted else ()
    if not shown and not essay.excerpt and not essay.description:
        shown = snippets.opening(schema.sections(stored))
    return Hit(essay, round(score, 6), snippets.marked(essay.title, wanted), shown)


def _range_notes(request: SearchRequest) -> Iterable[Note]:
    for name, wanted in request.ranges.items():
        if wanted.min is not None and wanted.max is not None and wanted.min > wanted.max:
            yield Note(f"The range of {name} ends before it begins, so it holds nothing.", 0, 0)


def _with_typos(wanted: Wanted, snapshot: Snapshot) -> Wanted:
    """The wanted words with those that fuzzy words stand for in this generation."""
    if not wanted.fuzzy:
        return wanted
    near = {term for word, far in wanted.fuzzy for term in _near(snapshot, schema.WORDS, word, far)}
    return Wanted(wanted.stems, wanted.words | near, wanted.patterns, wanted.phrases)


def _near(snapshot: Snapshot, field: str, word: str, distance: int) -> list[str]:
    """The terms at most ``distance`` edits away: letters dropped, added, replaced or swapped.

    Whoosh's automaton counts a swap, the commonest typing error, as two edits.
    """
    found = process.extract(
        word, snapshot.terms(field), scorer=OSA.distance, score_cutoff=distance, limit=None
    )
    return [term for term, _, _ in found]


def _bounded(tree: wq.Query, snapshot: Snapshot, limit: int, notes: list[Note]) -> wq.Query:
    """The tree with its fuzzy words spelled out, and no pattern that stands for more than
    ``limit`` terms: its commonest do."""
    reader = snapshot.reader

    def bound(query: wq.Query) -> wq.Query:
        if isinstance(query, wq.FuzzyTerm):
            terms = _near(snapshot, query.fieldname, query.text, query.maxdist)
        elif isinstance(query, wq.Prefix | wq.Wildcard):
            terms = list(query._btexts(reader))
            if len(terms) <= limit:
                return query
        else:
            return query if query.is_leaf() else query.apply(bound)
        if len(terms) > limit:
            notes.append(
                Note(
                    f"“{query.text}” stands for {len(terms):,} words; "
                    f"the commonest {limit:,} were searched.",
                    0,
                    0,
                )  # fmt: skip
            )
            counts = Counter({t: reader.doc_frequency(query.fieldname, t) for t in terms})
            terms = [term for term, _ in counts.most_common(limit)]
        if not terms:
            return wq.NullQuery
        spelled = wq.Or([wq.Term(query.fieldname, term) for term in terms])
        return wq.ConstantScoreQuery(spelled, query.boost)

    return bound(tree)
