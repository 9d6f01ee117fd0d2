"""Which essays does the text of a query find, and in which order do they answer it?

What is found is what the query's words and clauses select
(:mod:`app.search.embedded.matching.evaluate`). Where a long question would find less than a page,
those essays follow that have most of what was asked. Scores are sums of parts, each of which can be
told (:mod:`app.search.embedded.ranking.explain`): the words, words that stand together, a title
that is the query, and what the reader prefers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from app.search.budget import FREE, SEARCH, Budget
from app.search.embedded.matching import evaluate, proximity
from app.search.embedded.matching.bm25f import rarity
from app.search.embedded.matching.clauses import (
    BoundSynonyms,
    BoundWord,
    Clause,
    EveryDocument,
    all_clauses,
    apart,
    conjuncts,
    loose,
    run_of,
)
from app.search.embedded.matching.docset import NONE, DocSet, both, union
from app.search.embedded.ranking import expansion
from app.search.embedded.snapshot import Snapshot
from app.search.query.parser import ParsedQuery, QueryParser
from app.search.request import DEFAULT_PER_PAGE, Prefer
from app.search.results import Note
from indexer.analysis import analyzer
from indexer.essay import value_key
from indexer.schema import field_names
from indexer.storage.arrays import Array

#: Essays that have all words of a question are enough, if they fill a page.
PAGE = DEFAULT_PER_PAGE
#: A query of so many words is a question, and to have all of its words is much to ask; one of twice
#: as many is a long one.
QUESTION = 3
#: Essays follow that have at least half of the weight of a question; and of those that have some of
#: it the best, until a page is full, or ten for a long question: who writes whole sentences looks
#: for what is nearest.
HALF, LEAST, FULL = 0.5, 0.1, 10 * PAGE
#: Words that are named which no essay has.
NAMED = 5
#: So many of the best are looked at more closely.
CLOSELY = 200
#: What it counts to be filed under what was typed, as a share of the highest score.
SUBJECT = 0.5
#: How much a preference can add to a score, as a share of it.
PREFERENCE = 0.5


class Part(NamedTuple):
    """One part of the scores: its kind ("word", "clause", "all words", "prefer", "together",
    "subject", "title"), the text it is of, what it added to which documents; and the word it is."""

    kind: str
    text: str
    matches: DocSet
    word: BoundWord | None = None


class Ranked(NamedTuple):
    """What a query found: all live documents it selects with their scores, what it was taken to
    mean, what the reader has to be told; ``every`` where it asks for every essay; the documents
    that the author ``pinned`` to it; ``nearest`` where none has all that was asked; ``words`` that
    an essay may lack, and whether there are ``more`` essays than those that lack none."""

    found: DocSet
    parsed: ParsedQuery
    notes: tuple[Note, ...]
    parts: tuple[Part, ...] = ()
    every: bool = False
    pinned: tuple[int, ...] = ()
    nearest: bool = False
    words: int = 0
    more: bool = False


def rank(
    q: str,
    language: QueryParser,
    snapshot: Snapshot,
    prefer: Prefer | None = None,
    *,
    weigh: bool = True,
    budget: Budget = FREE,
) -> Ranked:
    """What the text of a query finds in one generation. Never fails; without ``weigh`` only the
    documents are sure, not their scores. Asked twice within one budget it is found once."""
    key = ("rank", snapshot, language.edition, q, prefer)
    if not weigh and budget.knows((*key, True)):
        weigh = True
    return budget.once((*key, weigh), lambda: _rank(q, language, snapshot, prefer, weigh, budget))


def _rank(
    q: str,
    language: QueryParser,
    snapshot: Snapshot,
    prefer: Prefer | None,
    weigh: bool,
    budget: Budget,
) -> Ranked:
    parsed = language.parse(q, snapshot.tongues)
    notes = list(parsed.notes)
    clause = expansion.bound(parsed.tree, snapshot, language.limits.expansions, notes, budget)
    if isinstance(clause, EveryDocument):
        docs = snapshot.columns.everything.docs
        return Ranked(DocSet(docs, np.zeros(len(docs))), parsed, tuple(notes), every=True)
    ranking = _Ranking(q, snapshot, notes, budget)
    found = ranking.select(clause, strict=parsed.strict)
    if ranking.apart:
        pairs = frozenset(word.text for word, _ in ranking.words)
        parsed = replace(parsed, marks=replace(parsed.marks, runs=pairs))
    if weigh and parsed.scoring:
        found = ranking.weigh(found, prefer)
    pinned = [snapshot.find("slug", slug) for slug in language.curation.pinned(q)]
    first = tuple(doc for doc in pinned if doc is not None)
    if first:
        found = ranking.pin(found, first)
    nearest = ranking.whole == 0 and not first
    return Ranked(
        found, parsed, tuple(notes), tuple(ranking.parts), pinned=first, nearest=nearest,
        words=len(ranking.words), more=ranking.apart or ranking.first is not None,
    )  # fmt: skip


@dataclass
class _Ranking:
    """One tree over one generation."""

    asked: str
    snapshot: Snapshot
    notes: list[Note]
    budget: Budget
    parts: list[Part] = field(default_factory=list)
    words: list[tuple[BoundWord | BoundSynonyms, DocSet]] = field(default_factory=list)
    #: The same words as they were typed, one after another.
    typed: list[BoundWord | BoundSynonyms] = field(default_factory=list)
    #: Whether words are all that the query has.
    bare: bool = False
    #: Whether runs of letters were taken apart.
    apart: bool = False
    #: How many essays have all that was asked; and which, where others follow them.
    whole: int = 0
    first: Array | None = None

    def select(self, query: Clause, *, strict: bool) -> DocSet:
        """The documents that are found, and what their clauses weigh together."""
        size, leaves = self.snapshot.size, self.snapshot.leaves
        clauses = conjuncts(query)
        parts = [part for clause in clauses for part in apart(clause)]
        if len(parts) > len(clauses) and not strict:
            # Where no spaces are written a question is one run; its pairs of letters are its words.
            self.apart = not len(evaluate.evaluate(query, leaves, self.budget).docs)
            clauses = parts if self.apart else clauses
        words = [clause for clause in clauses if loose(clause)]
        firm = [clause for clause in clauses if not loose(clause)]
        self.bare = all(map(run_of, firm))
        # A word said twice, in whichever form, is one word to look for.
        once = {word.stems: word for word in reversed(words)}
        for word in reversed(once.values()):
            if self.words and self.budget.over():
                break
            self.words.append((word, evaluate.evaluate(word, leaves, self.budget)))
        looked_at = {word.stems for word, _ in self.words}
        self.typed = [word for word in words if word.stems in looked_at]
        for word, matches in self.words:
            part = Part("word", word.text, matches, word if isinstance(word, BoundWord) else None)
            self.parts.append(part)
        held = None
        if firm:
            held = evaluate.evaluate(all_clauses(firm), leaves, self.budget)
            self._told("clause", held, " ".join(getattr(each, "text", "") for each in firm).strip())
        whole = held
        for _, matches in self.words:
            whole = matches if whole is None else both(whole, matches, size)
        whole = NONE if whole is None else whole
        self.whole = 0 if self.apart else len(whole.docs)
        if strict or not self._too_few(len(whole.docs)):
            return whole
        return self._most(whole, held)

    def _too_few(self, found: int) -> bool:
        many = len(self.words)
        if found:
            return found < PAGE and many >= QUESTION
        lacking = sum(not len(matches.docs) for _, matches in self.words)
        return many > 1 and lacking < many

    def _most(self, whole: DocSet, held: DocSet | None) -> DocSet:
        """Those that have all words, and those after them that have most of their weight."""
        size, live = self.snapshot.size, self.snapshot.leaves.live
        scores, weight, total = np.zeros(size), np.zeros(size), 0.0
        for _, matches in self.words:
            if len(matches.docs):
                rare = rarity(len(matches.docs), live)
                scores[matches.docs] += matches.scores
                weight[matches.docs] += rare
                total += rare
        allowed = np.ones(size, dtype=np.bool_)
        if held is not None:
            allowed[:] = False
            allowed[held.docs] = True
        first = np.zeros(size, dtype=np.bool_)
        first[whole.docs] = True
        kept = first | (allowed & (weight >= HALF * total))
        fill = FULL if len(self.words) >= 2 * QUESTION else PAGE
        others = np.flatnonzero(allowed & (weight >= LEAST * total) & (weight > 0))
        if len(others) > fill:
            # Equals of the last one come too: which of them would be chance.
            last = np.partition(scores[others], -fill)[-fill]
            others = others[scores[others] >= last]
        kept[others] = True
        docs = np.flatnonzero(kept)
        self._tell(len(whole.docs), len(docs))
        if len(docs) == len(whole.docs):
            return whole
        found = DocSet(docs, scores[docs])
        self.first = whole.docs
        return found if held is None else both(found, held, size)

    def _tell(self, whole: int, listed: int) -> None:
        """What the reader has to know of a list that has more than what was asked."""
        lacking = [f"“{word.text}”" for word, matches in self.words if not len(matches.docs)]
        named = " or ".join(lacking[:NAMED]) + (" and others" if len(lacking) > NAMED else "")
        if lacking and not self.apart:
            rest = len(lacking) < len(self.words) - 1 and listed
            more = "; these have most of the rest" if rest else ""
            said = f"No essay has {named}{more}."
        elif listed == whole or (whole and SEARCH in self.budget.left_out):
            return
        elif whole:
            have = "1 essay has" if whole == 1 else f"{whole:,} essays have"
            said = f"{have} all these words; those with most of them follow."
        else:
            said = "No essay has all these words; these have most of them."
        self.notes.append(Note(said, 0, 0))

    # -- what is more than words ------------------------------------------------------------------

    def weigh(self, found: DocSet, prefer: Prefer | None) -> DocSet:
        """The same documents, with what standing together, a title and a preference add."""
        if prefer is not None and len(found.docs):
            favour = self.snapshot.sorting.preference(prefer)[found.docs]
            liked = DocSet(found.docs, PREFERENCE * found.scores * favour)
            found = self._add("prefer", found, liked, prefer)
        return self._named(self._lifted(self._together(found)))

    def _together(self, found: DocSet) -> DocSet:
        if len(self.words) < 2 or not len(found.docs):
            return found
        # What is added here is added to the best alone, who stay the best by it.
        best = found.docs
        if len(best) > CLOSELY:
            best = best[found.scores >= np.partition(found.scores, -CLOSELY)[-CLOSELY]]
        if len(best) > 2 * CLOSELY:  # many equals
            best = np.sort(self.snapshot.sorting.ordered("relevance", *found, CLOSELY))
        live = self.snapshot.leaves.live
        rare = {word.stems: rarity(len(matches.docs), live) for word, matches in self.words}
        typed = [(word, rare[word.stems]) for word in self.typed]
        near = proximity.closeness(typed, best, self.snapshot.leaves, self.budget)
        having = near > 0
        return self._add("together", found, DocSet(best[having], near[having]))

    def _lifted(self, found: DocSet) -> DocSet:
        """Essays that have all words come before those that have most of them."""
        if self.first is None or not len(self.first):
            return found
        having = np.isin(found.docs, self.first, assume_unique=True)
        lift = float(found.scores[~having].max())
        return self._add("all words", found, DocSet(self.first, np.full(len(self.first), lift)))

    def _named(self, found: DocSet) -> DocSet:
        """An essay whose whole title was typed is what was looked for; then come those filed
        under a subject that was."""
        if not self.bare or not len(found.docs):
            return found
        # The words alone are without what only joins them, and without elided articles.
        texts = (" ".join(word.text for word in self.typed), self.asked)
        facets, leaves = self.snapshot.columns.facets, self.snapshot.leaves
        folded = set(filter(None, map(value_key, texts)))
        subjects = [
            (facet, key)
            for facet in ("tag", "category")
            for key in folded & facets[facet].keys.keys()
        ]
        titles = [(field_names.TITLE_EXACT, key) for key in {*map(analyzer.key, texts)} if key]
        most = float(found.scores.max())
        for kind, share, terms in (("subject", SUBJECT, subjects), ("title", 1.0, titles)):
            named = [d for term in terms for d in leaves.live_docs(*term).tolist()]
            if named:
                those = np.unique(named)
                found = self._add(kind, found, DocSet(those, np.full(len(those), share * most)))
        return found

    def pin(self, found: DocSet, docs: tuple[int, ...]) -> DocSet:
        """The same documents and those that the author gave as the answer, which come first, in
        the author's order."""
        size = self.snapshot.size
        pinned = DocSet(np.unique(np.array(docs, np.int64)), np.zeros(len(set(docs))))
        found = union([found, pinned], size)
        most = max(float(found.scores.max()), 1.0)
        own = found.scores[np.searchsorted(found.docs, pinned.docs)]
        places = np.array([docs.index(doc) for doc in pinned.docs.tolist()])
        wanted = most * (2 - places / len(docs))
        return self._add("pin", found, DocSet(pinned.docs, wanted - own))

    def _add(self, kind: str, found: DocSet, more: DocSet, text: str = "") -> DocSet:
        """The same documents; those that ``more`` has too weigh more."""
        at = np.searchsorted(found.docs, more.docs)
        at[at == len(found.docs)] = 0
        kept = found.docs[at] == more.docs
        scores = found.scores.copy()
        scores[at[kept]] += more.scores[kept]
        self._told(kind, more, text)
        return DocSet(found.docs, scores)

    def _told(self, kind: str, matches: DocSet, text: str = "") -> None:
        self.parts.append(Part(kind, text, matches))
