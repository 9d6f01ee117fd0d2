"""The essays that the words and clauses of a query select, and those that follow them.

The rules are those of :mod:`app.search.ranking.questions`. What they need to know, how many essays
have each word and all of them, is counted in one request and remembered; the best score, from which
the share follows that is near enough, in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from app.search.binding.clauses import (
    BoundSynonyms,
    BoundWord,
    Clause,
    apart,
    conjuncts,
    loose,
    run_of,
)
from app.search.budget import SEARCH, Budget
from app.search.opensearch import dsl, scoring
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.scoring import Weighing
from app.search.opensearch.snapshot import MAX_WINDOW, Snapshot, found_in
from app.search.ranking.questions import (
    K3,
    K3_TEXT,
    MAX_WORDS,
    MOST_OF_WEIGHT,
    CountedWord,
    LooseWord,
    Reading,
    counted_words,
    near_best,
    note,
    says_little,
    too_few,
)
from app.search.ranking.weights import rarity
from indexer.schema import field_names
from indexer.schema.opensearch_mapping import SLUG

#: Scores of the cluster have seven figures; what is this near to a bound has reached it.
NEAR_ENOUGH = 1 - 1e-6
#: Fields that a word is looked up in.
FIELDS = len(field_names.TEXT) + len(field_names.NAMES)
#: Conditions of a query that scores, beyond which it is asked once and its essays are named: a
#: query may have 1,024 in all, and has scores besides.
MAX_CONDITIONS = 300


@dataclass(frozen=True)
class WordMatches:
    """A word that an essay may lack: the query that selects the essays with it, how many these
    are, and what it counts for being said more than once."""

    word: LooseWord
    query: Dsl
    having: int
    factor: float = 1.0


@dataclass(frozen=True)
class Selection:
    """What a query selects: ``found`` are all its essays, so many ``listed``; ``complete`` those
    that have all that was asked, so many ``whole``.

    ``words`` are those that an essay may lack, each once, ``typed`` the same as they were typed;
    ``firm`` is what is asked beside words, ``held`` the query that selects it or None.
    ``taken_apart`` says that runs of letters were.
    """

    snapshot: Snapshot
    words: tuple[WordMatches, ...]
    typed: tuple[LooseWord, ...]
    firm: tuple[Clause, ...]
    held: Dsl | None
    complete: Dsl
    whole: int
    found: Dsl
    listed: int
    taken_apart: bool
    text: str
    note: str | None = None

    @property
    def followed(self) -> bool:
        """Whether other essays come after those that have all that was asked."""
        return self.listed > self.whole

    @property
    def bare(self) -> bool:
        """Whether words are all that the query has."""
        return all(map(run_of, self.firm))

    @cached_property
    def weighing(self) -> Weighing:
        """What the words of the generation weigh."""
        return weighing(self.snapshot)

    def named_parts(self) -> list[tuple[str, str, Dsl]]:
        """The parts of the scores, each with its kind and its text."""
        parts = [
            ("word", each.word.text, self.weighing.scoring(each.word, each.factor))
            for each in self.words
        ]
        text = " ".join(getattr(each, "text", "") for each in self.firm).strip()
        return [*parts, *(("clause", text, self.weighing.scoring(each)) for each in self.firm)]


def weighing(snapshot: Snapshot) -> Weighing:
    """The words of a generation as queries that score."""

    def rare(word: BoundWord) -> float:
        return rarity(snapshot.count(dsl.selecting(word)), snapshot.size)

    def exists(term: str) -> bool:
        return snapshot.count(dsl.anywhere(term)) > 0

    return Weighing(snapshot.means, rare, exists)


def select(query: Clause, snapshot: Snapshot, reading: Reading, budget: Budget) -> Selection:
    """The essays that a query selects."""
    clauses, taken_apart = _clauses(query, snapshot, reading, budget)
    typed = [clause for clause in clauses if loose(clause)]
    firm = tuple(clause for clause in clauses if not loose(clause))
    counted = counted_words(typed)
    k3 = K3 if len(counted) <= MAX_WORDS else K3_TEXT
    if reading.prose and len(counted) > MAX_WORDS:
        counted = _most_telling(counted, k3, snapshot, budget)
    queries = [dsl.selecting(each.word) for each in counted]
    held = dsl.all_of(map(dsl.selecting, firm)) if firm else None
    complete = dsl.all_of([*queries, *([] if held is None else [held])])
    _know_words([each.word for each in counted], firm, snapshot, budget)
    *having, whole = snapshot.counts([*queries, complete], budget)
    words = tuple(
        WordMatches(each.word, found, count, each.factor(k3) if each.times > 1 else 1.0)
        for each, found, count in zip(counted, queries, having, strict=True)
    )
    looked_at = {each.word.stems for each in words}
    selection = Selection(
        snapshot=snapshot,
        words=words,
        typed=tuple(word for word in typed if word.stems in looked_at),
        firm=firm,
        held=held,
        complete=complete,
        whole=whole,
        found=complete,
        listed=whole,
        taken_apart=taken_apart,
        text=" ".join(word.text for word in typed),
    )
    if reading.strict or not (reading.prose or too_few(whole, having)):
        return selection
    return _with_note(_with_most(selection, budget), budget)


def _clauses(
    query: Clause, snapshot: Snapshot, reading: Reading, budget: Budget
) -> tuple[list[Clause], bool]:
    """The clauses that an essay is to have, and whether runs of letters were taken apart for
    them."""
    clauses = conjuncts(query)
    pieces = [piece for clause in clauses for piece in apart(clause)]
    if reading.strict or len(pieces) == len(clauses):
        return clauses, False
    if not reading.prose and snapshot.count(dsl.selecting(query), budget):
        return clauses, False
    return pieces, True


def _know_words(
    typed: Sequence[LooseWord], firm: Sequence[Clause], snapshot: Snapshot, budget: Budget
) -> None:
    """Count the essays of every word that weighs, in one request."""
    words = {word.terms: word for clause in (*typed, *firm) for word in _words_of(clause)}
    terms = {term for word in words.values() if len(word.stems) > 1 for term in word.stems}
    queries = [dsl.selecting(word) for word in words.values()]
    snapshot.counts([*queries, *map(dsl.anywhere, sorted(terms))], budget)


def _words_of(clause: Clause) -> list[BoundWord]:
    """The words that weigh in a clause."""
    if isinstance(clause, BoundWord):
        return [clause]
    if isinstance(clause, BoundSynonyms):
        return [word for part, _ in clause.others for word in _words_of(part)] + _words_of(
            clause.typed
        )
    parts = getattr(clause, "words", None) or getattr(clause, "parts", None) or ()
    return [word for part in parts if not isinstance(part, str) for word in _words_of(part)]


def _most_telling(
    counted: Sequence[CountedWord], k3: float, snapshot: Snapshot, budget: Budget
) -> list[CountedWord]:
    """The words that weigh most in what few essays have; those that no essay has tell nothing."""
    live = snapshot.size

    def weight(each: CountedWord, count: int) -> float:
        if isinstance(each.word, BoundSynonyms):
            return inf
        return each.factor(k3) * rarity(count, live) if count else 0.0

    words = list(enumerate(counted))
    everywhere = snapshot.counts([dsl.selecting(each.word) for each in counted], budget)
    # In the one field where most have a word, they are as many or a seventh of them.
    surely = sorted((weight(each, everywhere[n]) for n, each in words), reverse=True)[:MAX_WORDS]
    looked_at = [
        (n, each) for n, each in words if weight(each, -(-everywhere[n] // FIELDS)) >= surely[-1]
    ]
    having = _most_in_a_field([each.word for _, each in looked_at], snapshot, budget)
    weights = {n: weight(each, many) for (n, each), many in zip(looked_at, having, strict=True)}
    first = sorted(weights, key=lambda n: weights[n], reverse=True)[:MAX_WORDS]
    return [counted[n] for n in sorted(first)]


def _most_in_a_field(words: Sequence[LooseWord], snapshot: Snapshot, budget: Budget) -> list[int]:
    """How many essays have each word in the one field where most have it."""
    terms = [each.terms if isinstance(each, BoundWord) else () for each in words]
    queries = [dsl.having(name, [term]) for each in terms for name, term in each]
    counts = iter(snapshot.counts(queries, budget))
    return [max([next(counts) for _ in each], default=0) for each in terms]


def _with_most(selection: Selection, budget: Budget) -> Selection:
    """A selection with the essays that have most of the weight of its words, or a good part of the
    best score, and a word that says more than little."""
    snapshot, words = selection.snapshot, [each for each in selection.words if each.having]
    if not words:
        return selection
    rare = [rarity(each.having, snapshot.size) for each in words]
    allowed = [] if selection.held is None else [selection.held]
    scores: Dsl = {
        "bool": {
            "filter": allowed,
            "should": [selection.weighing.scoring(each.word, each.factor) for each in words],
            "minimum_should_match": 1,
        }
    }
    weights: Dsl = {
        "bool": {
            "filter": allowed,
            "should": [
                dsl.constant(each.query, weight) for each, weight in zip(words, rare, strict=True)
            ],
            "minimum_should_match": 1,
        }
    }
    near = near_best(len(selection.words)) * best_score(scores, snapshot, budget)
    enough = MOST_OF_WEIGHT * sum(rare)
    follow = dsl.any_of(
        [
            scoring.at_least(weights, enough * NEAR_ENOUGH),
            _near_the_best(scores, near * NEAR_ENOUGH, snapshot, budget),
        ]
    )
    telling = [each.query for each in words if not says_little(each.having, snapshot.size)]
    if telling and len(telling) < len(words):
        follow = dsl.all_of([follow, dsl.any_of(telling)])
    found = dsl.any_of([selection.complete, follow])
    listed = snapshot.count(found, budget)
    if listed == selection.whole:
        return selection
    return replace(selection, found=found, listed=listed)


def _near_the_best(scores: Dsl, least: float, snapshot: Snapshot, budget: Budget) -> Dsl:
    """What scores at least so much."""
    if dsl.conditions(scores) <= MAX_CONDITIONS:
        return scoring.at_least(scores, least)
    body = {
        "size": MAX_WINDOW, "query": scores, "min_score": least, "track_total_hits": False,
        "stored_fields": "_none_", "docvalue_fields": [SLUG],
    }  # fmt: skip
    slugs = [each.slug for each in found_in(snapshot.search(body, budget))]
    return dsl.having(SLUG, slugs) if slugs else dsl.NOTHING


def best_score(query: Dsl, snapshot: Snapshot, budget: Budget) -> float:
    """The best score of a query; 0 where it finds nothing."""
    (score,) = best_scores([query], snapshot, budget)
    return score


def best_scores(queries: Sequence[Dsl], snapshot: Snapshot, budget: Budget) -> list[float]:
    """The best score of each of some queries, asked in one request."""
    bodies = [
        {"size": 1, "track_total_hits": False, "stored_fields": "_none_", "query": query}
        for query in queries
    ]
    found = snapshot.search_all(bodies, budget)
    return [float(each["hits"]["max_score"] or 0.0) for each in found]


def _with_note(selection: Selection, budget: Budget) -> Selection:
    """A selection with what the reader has to know of it."""
    lacking = [each.word.text for each in selection.words if not each.having]
    told = note(
        len(selection.words),
        [] if selection.taken_apart else lacking,
        selection.whole,
        selection.listed,
        cut_short=SEARCH in budget.left_out,
    )
    return replace(selection, note=told)
