"""The documents that the words and clauses of a query select, and those that follow them.

A query finds what has all of it. Where a long question would find less than a page, those essays
follow that have most of its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from app.search.budget import FREE, SEARCH, Budget
from app.search.embedded.matching import evaluate
from app.search.embedded.matching.bm25f import rarity
from app.search.embedded.matching.clauses import (
    BoundSynonyms,
    BoundWord,
    Clause,
    all_clauses,
    apart,
    conjuncts,
    loose,
    run_of,
)
from app.search.embedded.matching.docset import NONE, DocSet, both
from app.search.embedded.ranking.parts import ScorePart
from app.search.embedded.snapshot import Snapshot
from app.search.request import DEFAULT_PER_PAGE
from app.search.results import Note
from indexer.storage.arrays import Array

#: Essays that have all words of a question are enough, if they fill a page.
ENOUGH_ESSAYS = DEFAULT_PER_PAGE
#: A query of so many words is a question, and to have all of its words is much to ask; one of twice
#: as many is a long one.
QUESTION_WORDS = 3
#: All essays follow that have at least this share of the weight of a question.
MOST_OF_WEIGHT = 0.5
#: And of those that have this share of it the best, until so many follow: a page, or ten for a long
#: question. Who writes whole sentences looks for what is nearest.
SOME_OF_WEIGHT, MAX_FOLLOWING, MAX_FOLLOWING_LONG = 0.1, ENOUGH_ESSAYS, 10 * ENOUGH_ESSAYS
#: Words that are named which no essay has.
MAX_NAMED_WORDS = 5

LooseWord: TypeAlias = BoundWord | BoundSynonyms


class WordMatches(NamedTuple):
    """A word that an essay may lack, and the documents that have it with its weight."""

    word: LooseWord
    matches: DocSet


class Selection(NamedTuple):
    """What a query selects: ``found`` are all its documents, with the sum of ``parts`` as scores.

    ``words`` are those that an essay may lack, each once, ``typed`` the same as they were typed,
    one after another. ``complete`` are the documents that have all that was asked (int64,
    ascending), ``followed`` says whether ``found`` has others after them. ``bare`` says that words
    are all that the query has, ``apart`` that runs of letters were taken apart; ``notes`` tell the
    reader of a list that has more than what was asked.
    """

    found: DocSet
    parts: tuple[ScorePart, ...]
    words: tuple[WordMatches, ...]
    typed: tuple[LooseWord, ...]
    complete: Array
    followed: bool
    bare: bool
    apart: bool
    notes: tuple[Note, ...] = ()


def select(
    query: Clause, snapshot: Snapshot, *, strict: bool = False, budget: Budget = FREE
) -> Selection:
    """The documents that a query selects; with ``strict`` those alone that have all of it."""
    clauses, taken_apart = _clauses(query, snapshot, strict, budget)
    typed = [clause for clause in clauses if loose(clause)]
    firm = [clause for clause in clauses if not loose(clause)]
    words = _matches(typed, snapshot, budget)
    held = evaluate.evaluate(all_clauses(firm), snapshot.leaves, budget) if firm else None
    complete = _all_of(words, held, snapshot.size)
    looked_at = {word.stems for word, _ in words}
    selection = Selection(
        found=complete,
        parts=_parts(words, firm, held),
        words=tuple(words),
        typed=tuple(word for word in typed if word.stems in looked_at),
        complete=complete.docs,
        followed=False,
        bare=all(map(run_of, firm)),
        apart=taken_apart,
    )
    if strict or not _too_few(len(complete.docs), words):
        return selection
    found = _with_most(complete, words, held, snapshot)
    note = _note(selection, len(found.docs), budget)
    followed = len(found.docs) > len(complete.docs)
    return selection._replace(
        found=found, followed=followed, notes=() if note is None else (Note(note, 0, 0),)
    )


def _clauses(
    query: Clause, snapshot: Snapshot, strict: bool, budget: Budget
) -> tuple[list[Clause], bool]:
    """The clauses that an essay is to have, and whether runs of letters were taken apart for them.

    Where no spaces are written a question is one run; its pairs of letters are its words.
    """
    clauses = conjuncts(query)
    pieces = [piece for clause in clauses for piece in apart(clause)]
    if strict or len(pieces) == len(clauses):
        return clauses, False
    if len(evaluate.evaluate(query, snapshot.leaves, budget).docs):
        return clauses, False
    return pieces, True


def _matches(typed: Sequence[LooseWord], snapshot: Snapshot, budget: Budget) -> list[WordMatches]:
    """The documents of each word. A word twice, in whichever form, is one word to look for; past
    the budget the words that are left are not looked for."""
    once = {word.stems: word for word in reversed(typed)}
    found: list[WordMatches] = []
    for word in reversed(once.values()):
        if found and budget.over():
            break
        found.append(WordMatches(word, evaluate.evaluate(word, snapshot.leaves, budget)))
    return found


def _parts(
    words: Sequence[WordMatches], firm: Sequence[Clause], held: DocSet | None
) -> tuple[ScorePart, ...]:
    parts = [
        ScorePart("word", word.text, matches, word if isinstance(word, BoundWord) else None)
        for word, matches in words
    ]
    if held is not None:
        text = " ".join(getattr(each, "text", "") for each in firm).strip()
        parts.append(ScorePart("clause", text, held))
    return tuple(parts)


def _all_of(words: Sequence[WordMatches], held: DocSet | None, size: int) -> DocSet:
    """The documents that have every word and every other clause."""
    found = held
    for _, matches in words:
        found = matches if found is None else both(found, matches, size)
    return NONE if found is None else found


def _too_few(complete: int, words: Sequence[WordMatches]) -> bool:
    if complete:
        return complete < ENOUGH_ESSAYS and len(words) >= QUESTION_WORDS
    lacking = sum(not len(matches.docs) for _, matches in words)
    return len(words) > 1 and lacking < len(words)


def _with_most(
    complete: DocSet, words: Sequence[WordMatches], held: DocSet | None, snapshot: Snapshot
) -> DocSet:
    """The documents that have all words, and those that have most of their weight."""
    size, live = snapshot.size, snapshot.leaves.live
    scores, weight, total = np.zeros(size), np.zeros(size), 0.0
    for _, matches in words:
        if len(matches.docs):
            rare = rarity(len(matches.docs), live)
            scores[matches.docs] += matches.scores
            weight[matches.docs] += rare
            total += rare
    allowed = np.ones(size, dtype=np.bool_)
    if held is not None:
        allowed[:] = False
        allowed[held.docs] = True
    kept = allowed & (weight >= MOST_OF_WEIGHT * total)
    kept[complete.docs] = True
    others = np.flatnonzero(allowed & (weight >= SOME_OF_WEIGHT * total) & (weight > 0))
    kept[_best(others, scores, len(words))] = True
    docs = np.flatnonzero(kept)
    if len(docs) == len(complete.docs):
        return complete
    found = DocSet(docs, scores[docs])
    return found if held is None else both(found, held, size)


def _best(docs: Array, scores: Array, words: int) -> Array:
    """As many of some documents as may follow a question of so many words, by the scores of all."""
    limit = MAX_FOLLOWING_LONG if words >= 2 * QUESTION_WORDS else MAX_FOLLOWING
    if len(docs) <= limit:
        return docs
    # Equals of the last one come too: which of them would be chance.
    last = np.partition(scores[docs], -limit)[-limit]
    best: Array = docs[scores[docs] >= last]
    return best


def _note(selection: Selection, listed: int, budget: Budget) -> str | None:
    """What the reader has to know of a list of so many that has more than what was asked."""
    words, complete = selection.words, len(selection.complete)
    lacking = [f"“{word.text}”" for word, matches in words if not len(matches.docs)]
    if lacking and not selection.apart:
        others = " and others" if len(lacking) > MAX_NAMED_WORDS else ""
        named = " or ".join(lacking[:MAX_NAMED_WORDS]) + others
        rest = len(lacking) < len(words) - 1 and listed
        return f"No essay has {named}{'; these have most of the rest' if rest else ''}."
    if listed == complete or (complete and SEARCH in budget.left_out):
        return None
    if complete:
        have = "1 essay has" if complete == 1 else f"{complete:,} essays have"
        return f"{have} all these words; those with most of them follow."
    return "No essay has all these words; these have most of them."
