"""Which essays does a query tree select, and how much does each weigh?

Whoosh's query tree, answered segment by segment with whole arrays instead of one posting at a time.
A :class:`~app.search.query.tree.Word` weighs by :mod:`app.search.embedded.matching.bm25f`;
everything else has the score that Whoosh's own searcher gives it, and the tests compare the two. A
query class that is not known here falls back to Whoosh's matcher.

A budget is asked before each clause. Once it is over, the clauses that are left do not count: an
AND has those it had, an OR finds what it found.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
from whoosh import query as wq
from whoosh.matching import ReadTooFar
from whoosh.query.qcore import _NullQuery
from whoosh.searching import SearchContext

from app.search.budget import FREE, Budget
from app.search.embedded.matching.any_term import any_among, any_of, matching
from app.search.embedded.matching.bm25f import Weighing
from app.search.embedded.matching.docset import NONE, DocSet, Scores, best, both, union, without
from app.search.embedded.matching.phrase import in_sequence
from app.search.embedded.reader.segments import IndexReader, SegmentReader
from app.search.query.tree import Expanded, Sequence, Synonyms, Word
from indexer.storage.arrays import Array
from indexer.storage.postings import Field


def evaluate(tree: wq.Query, leaves: IndexReader, budget: Budget = FREE) -> DocSet:
    """Every live document that ``tree`` selects, and its score."""
    weighing = Weighing(leaves)
    if type(tree) is Word:
        return weighing.word(tree)
    found = []
    for number, leaf in enumerate(leaves.leaves):
        docs, scores = _Evaluation(leaves, number, leaf, weighing, budget).query(tree)
        if not leaf.whole and len(docs):
            kept = leaf.live[docs]
            docs, scores = docs[kept], scores[kept]
        found.append((docs.astype(np.int64) + leaf.base, scores))
    if not found:
        return NONE
    if len(found) == 1:
        return DocSet(*found[0])
    return DocSet(np.concatenate([d for d, _ in found]), np.concatenate([s for _, s in found]))


class _Evaluation:
    """One tree over one leaf. Documents are numbers of the leaf until the end."""

    def __init__(
        self,
        leaves: IndexReader,
        number: int,
        leaf: SegmentReader,
        weighing: Weighing,
        budget: Budget,
    ) -> None:
        self._leaves = leaves
        self._weighing = weighing
        self._budget = budget
        self._number = number
        self._leaf = leaf

    def query(self, query: wq.Query) -> DocSet:
        known = _KNOWN.get(type(query))
        return known(self, query) if known is not None else self._fallback(query)

    # -- leaves of the tree ---------------------------------------------------------------------

    def _word(self, query: Word) -> DocSet:
        return self._weighing.within(query, self._number)

    def _sequence(self, query: Sequence) -> DocSet:
        """The essays that have the words in sequence; they weigh what the words do."""
        size = self._leaf.size
        phrases: list[DocSet] = []
        for phrase in query.subqueries:
            if phrases and self._budget.over():
                break
            phrases.append(self._places(phrase))
        docs = union(phrases, size).docs
        if not len(docs):
            return NONE
        scores = np.zeros(len(docs))
        for word in query.words:
            if self._budget.over():
                break
            scores += self._weighing.among(word, docs, self._number)
        return DocSet(docs, scores * query.boost)

    def _synonyms(self, query: Synonyms) -> DocSet:
        found = best([self.query(sub) for sub in query.subqueries], self._leaf.size)
        return DocSet(found.docs, found.scores * query.boost)

    def _term(self, query: wq.Term) -> DocSet:
        field = self._leaf.fields.get(query.fieldname)
        if field is None:
            return NONE
        term = _bytes(query.text)
        number = field.find(term)
        if number < 0:
            return NONE
        where = field.span(number)
        return DocSet(
            field.docs[where],
            self._weigh(field, term, field.docs[where], field.weights(where), query.boost),
        )

    def _weigh(
        self, field: Field, term: bytes, docs: Array, freqs: Array | None, boost: float
    ) -> Scores:
        """BM25: idf · tf · (K1 + 1) / (tf + norm), with Whoosh's idf, ln(N / (df + 1)) + 1."""
        norm = self._leaves.norm(self._number, field.name)
        tf = np.ones(len(docs)) if freqs is None else freqs
        if norm is None or not self._leaves.schema[field.name].scorable:
            return tf * float(boost)
        df = self._leaves.frequency(field.name, term)
        idf = log(self._leaves.size / (df + 1)) + 1
        k1 = self._leaves.weighting.K1
        weighed: Scores = (boost * idf * (k1 + 1)) * tf / (tf + norm[docs])
        return weighed

    def _places(self, query: wq.Phrase) -> DocSet:
        """The documents that have a phrase, not weighed."""
        field = self._leaf.fields.get(query.fieldname)
        if field is None or field.positions is None or not query.words:
            return NONE
        numbers = [field.find(_bytes(word)) for word in query.words]
        if min(numbers) < 0:
            return NONE
        spans = [field.span(number) for number in numbers]
        docs = in_sequence(field, spans, query.slop, self._leaf.size, self._budget)
        return DocSet(docs, np.zeros(len(docs)))

    def _phrase(self, query: wq.Phrase) -> DocSet:
        found = self._places(query).docs
        if not len(found):
            return NONE
        field = self._leaf.fields[query.fieldname]
        terms = [_bytes(word) for word in query.words]
        spans = [field.span(field.find(term)) for term in terms]
        scores = np.zeros(len(found))
        for term, where in zip(terms, spans, strict=True):
            at = np.searchsorted(field.docs[where], found.astype(field.docs.dtype))
            freqs = field.weights(where)
            scores += self._weigh(
                field, term, found, None if freqs is None else freqs[at], query.boost
            )
        return DocSet(found, scores)

    def _expanded(self, query: Expanded) -> DocSet:
        field = query.fields[self._number]
        if field is None or not len(query.numbers[self._number]):
            return NONE
        key = (self._leaves, self._number, query.fieldname, query.text, query.distance)
        numbers = query.numbers[self._number]
        return self._budget.once(key, lambda: any_of(field, numbers, self._leaf.size, query.boost))

    def _prefix(self, query: wq.Prefix) -> DocSet:
        field = self._leaf.fields.get(query.fieldname)
        if field is None:
            return NONE
        among = field.prefixed(_bytes(query.text))
        return any_among(field, among, self._leaf.size, query.boost)

    def _wildcard(self, query: wq.Wildcard) -> DocSet:
        field = self._leaf.fields.get(query.fieldname)
        if field is None:
            return NONE
        numbers = np.array(matching(field, query.text), np.int64)
        return any_of(field, numbers, self._leaf.size, query.boost)

    def _fuzzy(self, query: wq.FuzzyTerm) -> DocSet:
        field = self._leaf.fields.get(query.fieldname)
        if field is None:
            return NONE
        terms = [
            field.terms[n].decode()
            for n in field.prefixed(query.text[: query.prefixlength].encode())
        ]
        near = process.extract(
            query.text, terms, scorer=Levenshtein.distance, score_cutoff=query.maxdist, limit=None
        )
        numbers = np.array([field.find(term.encode()) for term, _, _ in near], np.int64)
        return any_of(field, numbers, self._leaf.size, query.boost)

    def _range(self, query: wq.TermRange) -> DocSet:
        field = self._leaf.fields.get(query.fieldname)
        if field is None:
            return NONE
        low = 0
        if query.start is not None:
            start = _bytes(query.start)
            low = field.place(start + b"\x00" if query.startexcl else start)
        high = len(field)
        if query.end is not None:
            end = _bytes(query.end)
            high = field.place(end if query.endexcl else end + b"\x00")
        return any_among(field, range(low, max(low, high)), self._leaf.size, query.boost)

    def _every(self, query: wq.Every) -> DocSet:
        if query.fieldname is not None:
            if query.fieldname not in self._leaf.fields:
                return NONE
            field = self._leaf.fields[query.fieldname]
            return any_among(field, range(len(field)), self._leaf.size, query.boost)
        return DocSet(np.arange(self._leaf.size), np.full(self._leaf.size, float(query.boost)))

    def _null(self, query: wq.Query) -> DocSet:
        return NONE

    # -- branches -------------------------------------------------------------------------------

    def _constant(self, query: wq.ConstantScoreQuery) -> DocSet:
        child, score = query.child, float(query.score)
        # Whatever they weigh: a thousand terms of one field in one sweep.
        field = self._leaf.fields.get(_field_of(child))
        if field is not None:
            numbers = (field.find(_bytes(sub.text)) for sub in child.subqueries)
            known = np.array([n for n in numbers if n >= 0], np.int64)
            return any_of(field, known, self._leaf.size, score)
        docs, _ = self.query(child)
        return DocSet(docs, np.full(len(docs), score))

    def _or(self, query: wq.Or) -> DocSet:
        parts: list[DocSet] = []
        for sub in query.subqueries:
            if parts and self._budget.over():
                break
            parts.append(self.query(sub))
        return union(parts, self._leaf.size, query.boost)

    def _and(self, query: wq.And) -> DocSet:
        wanted = [sub for sub in query.subqueries if not isinstance(sub, wq.Not)]
        unwanted = [sub.query for sub in query.subqueries if isinstance(sub, wq.Not)]
        if not wanted:
            found = self._every(wq.Every())
        else:
            found = self.query(wanted[0])
            for sub in wanted[1:]:
                if not len(found.docs):
                    return NONE
                if self._budget.over():
                    break
                found = both(found, self.query(sub), self._leaf.size)
        for sub in unwanted:
            if self._budget.over():
                break
            found = without(found, self.query(sub), self._leaf.size)
        # An essay that does not have what is excluded has that clause, and Whoosh gives it 1.
        scores = found.scores + len(unwanted) if wanted else found.scores
        return DocSet(found.docs, scores * query.boost)

    def _not(self, query: wq.Not) -> DocSet:
        return without(self._every(wq.Every()), self.query(query.query), self._leaf.size)

    def _and_not(self, query: wq.AndNot) -> DocSet:
        return without(self.query(query.a), self.query(query.b), self._leaf.size)

    def _and_maybe(self, query: wq.AndMaybe) -> DocSet:
        must, may = self.query(query.a), self.query(query.b)
        total = np.zeros(self._leaf.size)
        total[may.docs] = may.scores
        return DocSet(must.docs, must.scores + total[must.docs])

    def _fallback(self, query: wq.Query) -> DocSet:
        """Whoosh's matcher, one step at a time."""
        searcher = self._leaves.searcher
        context = SearchContext(weighting=searcher.weighting)
        leaf_searcher = next(
            leaf for leaf, base in searcher.leaf_searchers() if base == self._leaf.base
        )
        docs: list[int] = []
        scores: list[float] = []
        matcher = query.matcher(leaf_searcher, context)
        try:
            while matcher.is_active():
                docs.append(matcher.id())
                scores.append(matcher.score())
                matcher.next()
        except ReadTooFar:
            pass
        return DocSet(np.array(docs, np.int64), np.array(scores))


_KNOWN: dict[type, Callable[[_Evaluation, wq.Query], DocSet]] = {
    Word: _Evaluation._word,
    Expanded: _Evaluation._expanded,
    Sequence: _Evaluation._sequence,
    Synonyms: _Evaluation._synonyms,
    wq.Term: _Evaluation._term,
    wq.Phrase: _Evaluation._phrase,
    wq.Prefix: _Evaluation._prefix,
    wq.Wildcard: _Evaluation._wildcard,
    wq.FuzzyTerm: _Evaluation._fuzzy,
    wq.TermRange: _Evaluation._range,
    wq.Every: _Evaluation._every,
    _NullQuery: _Evaluation._null,
    wq.ConstantScoreQuery: _Evaluation._constant,
    wq.Or: _Evaluation._or,
    wq.And: _Evaluation._and,
    wq.Not: _Evaluation._not,
    wq.AndNot: _Evaluation._and_not,
    wq.AndMaybe: _Evaluation._and_maybe,
}


def _field_of(query: wq.Query) -> str:
    """The field of a query that is any of its terms; of another query none."""
    if type(query) is not wq.Or:
        return ""
    names = {sub.fieldname if type(sub) is wq.Term else "" for sub in query.subqueries}
    return names.pop() if len(names) == 1 else ""


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
