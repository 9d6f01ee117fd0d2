"""The documents that a query finds, and how much each weighs.

Clauses (:mod:`app.search.binding.clauses`) are answered segment by segment with whole
arrays instead of one posting at a time. Words weigh by :mod:`app.search.embedded.matching.bm25f`,
the scores of a conjunction and of a disjunction add up. The tests compare what is found with
Whoosh's own searcher.

A budget is asked before each clause. Once it is over, the clauses that are left do not count: a
conjunction has those it had, a disjunction finds what it found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from app.search.binding.clauses import (
    BoundPhrase,
    BoundSynonyms,
    BoundWord,
    Clause,
    Complement,
    Conjunction,
    Constant,
    Disjunction,
    EveryDocument,
    Term,
    TermPrefix,
    TermRange,
    TermSequence,
)
from app.search.budget import FREE, Budget
from app.search.embedded.matching.any_term import AnyTerm, any_among, any_of
from app.search.embedded.matching.bm25f import Weighing
from app.search.embedded.matching.docset import NONE, DocSet, best, both, union
from app.search.embedded.matching.phrase import in_sequence
from app.search.embedded.reader.segments import IndexReader, SegmentReader
from indexer.storage.arrays import Array
from indexer.storage.postings import Field


def evaluate(clause: Clause, leaves: IndexReader, budget: Budget = FREE) -> DocSet:
    """Every live document that a clause finds, and its score."""
    weighing = Weighing(leaves)
    if type(clause) is BoundWord:
        return weighing.word(clause)
    found = []
    for number, leaf in enumerate(leaves.leaves):
        docs, scores = _Evaluation(leaf, number, weighing, budget).clause(clause)
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
    """One query over one leaf. Documents are numbers of the leaf until the end."""

    def __init__(
        self, leaf: SegmentReader, number: int, weighing: Weighing, budget: Budget
    ) -> None:
        self._leaf = leaf
        self._number = number
        self._weighing = weighing
        self._budget = budget

    def clause(self, clause: Clause) -> DocSet:
        """The documents that a clause finds, deleted ones included."""
        return _BY_KIND[type(clause)](self, clause)

    # -- terms ----------------------------------------------------------------------------------

    def word(self, clause: BoundWord) -> DocSet:
        return self._weighing.within(clause, self._number)

    def phrase(self, clause: BoundPhrase) -> DocSet:
        """The documents that have the words in sequence; they weigh what the words do."""
        found: list[DocSet] = []
        for number, sequence in enumerate(clause.sequences):
            if number and self._budget.over():
                break
            docs = self._having(sequence)
            if len(docs):  # of most fields there are none
                found.append(DocSet(docs, np.zeros(len(docs))))
        docs = union(found, self._leaf.size).docs
        if not len(docs):
            return NONE
        scores = np.zeros(len(docs))
        for word in clause.words:
            if self._budget.over():
                break
            scores += self._weighing.among(word, docs, self._number)
        return DocSet(docs, scores)

    def _having(self, sequence: TermSequence) -> Array:
        """The documents in which terms follow each other; ascending, shape (n,)."""
        if len(sequence.terms) == 1:
            return self.term(Term(sequence.field, sequence.terms[0])).docs
        field = self._leaf.fields.get(sequence.field)
        if field is None or field.positions is None or not sequence.terms:
            return NONE.docs
        spans = []
        for term in sequence.terms:
            number = field.find(term.encode())
            if number < 0:
                return NONE.docs
            spans.append(field.span(number))
        return in_sequence(field, spans, sequence.slop, self._budget)

    def synonyms(self, clause: BoundSynonyms) -> DocSet:
        found = [self.clause(clause.typed)]
        for other, weight in clause.others:
            docs, scores = self.clause(other)
            found.append(DocSet(docs, scores * weight))
        return best(found, self._leaf.size)

    def term(self, clause: Term) -> DocSet:
        field = self._leaf.fields.get(clause.field)
        number = -1 if field is None else field.find(clause.term.encode())
        if field is None or number < 0:
            return NONE
        docs = field.docs[field.span(number)]
        return DocSet(docs, np.ones(len(docs)))

    def prefix(self, clause: TermPrefix) -> DocSet:
        return self._among(clause.field, lambda field: field.prefixed(clause.text.encode()))

    def between(self, clause: TermRange) -> DocSet:
        def numbers(field: Field) -> range:
            low, high = 0, len(field)
            if clause.low is not None:
                low = field.place(clause.low.encode() + b"\x00" * clause.exclusive)
            if clause.high is not None:
                high = field.place(clause.high.encode() + b"\x00" * (not clause.exclusive))
            return range(low, max(low, high))

        return self._among(clause.field, numbers)

    def _among(self, name: str, numbers: Callable[[Field], range]) -> DocSet:
        field = self._leaf.fields.get(name)
        return NONE if field is None else any_among(field, numbers(field), self._leaf.size, 1.0)

    def expansion(self, clause: AnyTerm) -> DocSet:
        field, numbers = clause.fields[self._number], clause.numbers[self._number]
        if field is None or not len(numbers):
            return NONE
        key = (self._leaf, clause.field, clause.text, clause.distance)
        return self._budget.once(key, lambda: any_of(field, numbers, self._leaf.size, 1.0))

    # -- of several -----------------------------------------------------------------------------

    def every(self, _: EveryDocument) -> DocSet:
        return DocSet(np.arange(self._leaf.size), np.ones(self._leaf.size))

    def constant(self, clause: Constant) -> DocSet:
        docs, _ = self.clause(clause.part)
        return DocSet(docs, np.full(len(docs), clause.score))

    def complement(self, clause: Complement) -> DocSet:
        kept = np.ones(self._leaf.size, dtype=np.bool_)
        kept[self.clause(clause.part).docs] = False
        docs = np.flatnonzero(kept)
        return DocSet(docs, np.full(len(docs), clause.score))

    def disjunction(self, clause: Disjunction) -> DocSet:
        parts: list[DocSet] = []
        for part in clause.parts:
            if parts and self._budget.over():
                break
            parts.append(self.clause(part))
        return union(parts, self._leaf.size)

    def conjunction(self, clause: Conjunction) -> DocSet:
        first, *others = clause.parts
        found = self.clause(first)
        for part in others:
            if not len(found.docs):
                return NONE
            if self._budget.over():
                break
            found = both(found, self.clause(part), self._leaf.size)
        return found


_BY_KIND: dict[type, Callable[[_Evaluation, Any], DocSet]] = {
    BoundWord: _Evaluation.word,
    BoundPhrase: _Evaluation.phrase,
    BoundSynonyms: _Evaluation.synonyms,
    Term: _Evaluation.term,
    TermPrefix: _Evaluation.prefix,
    TermRange: _Evaluation.between,
    AnyTerm: _Evaluation.expansion,
    Conjunction: _Evaluation.conjunction,
    Disjunction: _Evaluation.disjunction,
    Constant: _Evaluation.constant,
    Complement: _Evaluation.complement,
    EveryDocument: _Evaluation.every,
}
