"""The documents that the words and clauses of a query select, and those that follow them.

A query finds what has all of it. Where a long question would find less than a page, those essays
follow that have most of its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, pairwise
from math import inf
from operator import not_
from typing import NamedTuple

import numpy as np

from app.search.binding.clauses import (
    BoundSynonyms,
    BoundWord,
    Clause,
    Complement,
    Constant,
    all_clauses,
    apart,
    conjuncts,
    loose,
    run_of,
)
from app.search.budget import FREE, SEARCH, Budget
from app.search.embedded.matching import evaluate
from app.search.embedded.matching.bm25f import Weighing
from app.search.embedded.matching.docset import NONE, DocSet, both, marked
from app.search.embedded.ranking.parts import ScorePart
from app.search.embedded.semantic import vectors
from app.search.embedded.snapshot import Snapshot
from app.search.ranking.questions import (
    K3,
    K3_TEXT,
    MAX_WORDS,
    MOST_OF_WEIGHT,
    QUESTION_WORDS,
    CountedWord,
    LooseWord,
    Reading,
    counted_words,
    near_best,
    note,
    says_little,
    too_few,
)
from app.search.ranking.weights import in_general, rarity
from app.search.results import Note
from indexer.storage.arrays import Array
from indexer.storage.postings import MIN_LOOKED_UP

#: Documents whose sums stay near the processor: of a million they take 0.4 to 0.75 of the time.
SUMMED_AT_ONCE = 1 << 17


class WordMatches(NamedTuple):
    """A word that an essay may lack, and the documents that have it with its weight."""

    word: LooseWord
    matches: DocSet


class Selection(NamedTuple):
    """What a query selects: ``found`` are all its documents, with the sum of ``parts`` as scores;
    ``weights`` the weight of the words that each of them has, None where each has all.

    ``only_common`` says that those that follow have only words that say little, while others of the
    question are in no essay.

    ``words`` are those that an essay may lack, each once, ``typed`` the same as they were typed,
    one after another. ``complete`` are the documents that have all that was asked (int64,
    ascending), ``followed`` says whether ``found`` has others after them. ``bare`` says that words
    are all that the query has, ``apart`` that runs of letters were taken apart. ``text`` has all
    words that were typed, also those that were not looked for; ``held`` are the documents that have
    what is asked beside words, None where that is nothing, and ``selects`` says that it only
    selects. ``notes`` tell the reader of a list that has more than what was asked.
    """

    found: DocSet
    weights: DocSet | None
    parts: tuple[ScorePart, ...]
    words: tuple[WordMatches, ...]
    typed: tuple[LooseWord, ...]
    complete: Array
    followed: bool
    bare: bool
    apart: bool
    text: str
    held: DocSet | None
    selects: bool
    only_common: bool = False
    notes: tuple[Note, ...] = ()


def select(
    query: Clause, snapshot: Snapshot, reading: Reading | None = None, budget: Budget = FREE
) -> Selection:
    """The documents that a query selects."""
    reading = Reading() if reading is None else reading
    clauses, taken_apart = _clauses(query, snapshot, reading, budget)
    typed = [clause for clause in clauses if loose(clause)]
    firm = [clause for clause in clauses if not loose(clause)]
    counted = counted_words(typed)
    if len(counted) >= MIN_LOOKED_UP:
        snapshot.leaves.look_up(
            each.word.terms for each in counted if isinstance(each.word, BoundWord)
        )
    k3 = K3 if len(counted) <= MAX_WORDS else K3_TEXT
    if reading.prose and len(counted) > MAX_WORDS:
        counted = _most_telling(counted, k3, snapshot)
    words = _matches(counted, k3, snapshot, budget)
    held = evaluate.evaluate(all_clauses(firm), snapshot.leaves, budget) if firm else None
    complete = _all_of(words, held, snapshot.size)
    looked_at = {word.stems for word, _ in words}
    selection = Selection(
        found=complete,
        weights=None,
        parts=_parts(words, firm, held),
        words=tuple(words),
        typed=tuple(word for word in typed if word.stems in looked_at),
        complete=complete.docs,
        followed=False,
        bare=all(map(run_of, firm)),
        apart=taken_apart,
        text=" ".join(word.text for word in typed),
        held=held,
        selects=all(isinstance(clause, Constant | Complement) for clause in firm),
    )
    having = [len(matches.docs) for _, matches in words]
    if reading.strict or not (reading.prose or too_few(len(complete.docs), having)):
        return selection
    found, weights = _with_most(complete, words, held, snapshot)
    note = _note(selection, len(found.docs), budget)
    followed = len(found.docs) > len(complete.docs)
    live = snapshot.leaves.live
    return selection._replace(
        found=found,
        weights=weights,
        followed=followed,
        only_common=followed and all(not n or says_little(n, live) for n in having),
        notes=() if note is None else (Note(note, 0, 0),),
    )


def without_common(selection: Selection, budget: Budget = FREE) -> Selection:
    """The same selection without the documents that have only words that say little."""
    note = _note(selection, 0, budget)
    notes = () if note is None else (Note(note, 0, 0),)
    return selection._replace(found=NONE, weights=None, followed=False, notes=notes)


def _clauses(
    query: Clause, snapshot: Snapshot, reading: Reading, budget: Budget
) -> tuple[list[Clause], bool]:
    """The clauses that an essay is to have, and whether runs of letters were taken apart for them.

    Where no spaces are written a question is one run; its pairs of letters are its words.
    """
    clauses = conjuncts(query)
    pieces = [piece for clause in clauses for piece in apart(clause)]
    if reading.strict or len(pieces) == len(clauses):
        return clauses, False
    if not reading.prose and len(evaluate.evaluate(query, snapshot.leaves, budget).docs):
        return clauses, False
    return pieces, True


def _most_telling(
    counted: Sequence[CountedWord], k3: float, snapshot: Snapshot
) -> list[CountedWord]:
    """The words that weigh most in what few essays have; those that no essay has tell nothing."""
    leaves = snapshot.leaves

    def weight(each: CountedWord) -> float:
        if isinstance(each.word, BoundSynonyms):
            return inf
        # As many as have it in any one field: to tell words apart that is near enough.
        having = 0
        for spans in leaves.spans(each.word.terms):
            if spans:
                having += max([where.stop - where.start for _, _, where in spans])
        return each.factor(k3) * rarity(having, leaves.live) if having else 0.0

    telling = sorted(counted, key=weight, reverse=True)[:MAX_WORDS]
    kept = {each.word.stems for each in telling}
    return [each for each in counted if each.word.stems in kept]


def _matches(
    counted: Sequence[CountedWord], k3: float, snapshot: Snapshot, budget: Budget
) -> list[WordMatches]:
    """The documents of each word; past the budget the words that are left are not looked for.

    In a question each weighs by what it says in the archive and in general.
    """
    leaves = snapshot.leaves
    plain = [each.word for each in counted if isinstance(each.word, BoundWord)]
    weighed = dict(zip(plain, Weighing(leaves).words(plain, budget), strict=True))
    general = {}
    if len(counted) >= QUESTION_WORDS and vectors.has_vectors(leaves):
        general = vectors.general_weights([word.text for word in plain])
    found: list[WordMatches] = []
    for each in counted:
        factor = each.factor(k3)
        if isinstance(each.word, BoundWord):
            matches = weighed[each.word]
            if general:
                factor *= in_general(general[each.word.text], leaves.live)
        elif found and budget.over():
            break
        else:
            matches = evaluate.evaluate(each.word, leaves, budget)
        if matches is not None:
            scores = matches.scores if factor == 1 else matches.scores * factor
            found.append(WordMatches(each.word, DocSet(matches.docs, scores)))
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
    every = [matches for _, matches in words]
    if held is not None:
        every.append(held)
    if not every:
        return NONE
    found, *others = sorted(every, key=lambda each: len(each.docs))
    for other in others:
        if not len(found.docs):
            return NONE
        found = both(found, other, size)
    return found


def _with_most(
    complete: DocSet, words: Sequence[WordMatches], held: DocSet | None, snapshot: Snapshot
) -> tuple[DocSet, DocSet | None]:
    """The documents that have all words, and those that have most of their weight, one of them more
    than what says little; and the weight that each has, None where each has all."""
    size, live = snapshot.size, snapshot.leaves.live
    having = [len(matches.docs) for _, matches in words]
    rare = np.array([rarity(each, live) if each else 0.0 for each in having])
    scores, weight = _summed([matches for _, matches in words], rare, size)
    kept = weight > 0
    if held is not None:
        kept &= marked([held.docs], size)
    near = near_best(len(words)) * float(scores[kept].max(initial=0.0))
    kept &= (weight >= MOST_OF_WEIGHT * rare.sum()) | (scores >= near)
    common = [says_little(each, live) for each in having]
    if any(common):
        by_itself = sum(matches.scores.max() for _, matches in compress(words, common))
        telling = [matches.docs for _, matches in compress(words, map(not_, common))]
        # In a large archive what says little never comes near.
        reached = by_itself >= near or rare[common].sum() >= MOST_OF_WEIGHT * rare.sum()
        if reached and any(map(len, telling)):
            kept &= marked(telling, size)
    kept[complete.docs] = True
    docs = np.flatnonzero(kept)
    if len(docs) == len(complete.docs):
        return complete, None
    found = DocSet(docs, scores[docs])
    return found if held is None else both(found, held, size), DocSet(docs, weight[docs])


def _summed(words: Sequence[DocSet], rare: Array, size: int) -> tuple[Array, Array]:
    """For each of ``size`` documents the sum of the scores of its words, and that of their
    ``rare``; each word's are added in the order of the words, wherever its documents lie."""
    scores, weight = np.empty(size), np.empty(size)
    edges = [*range(0, size, SUMMED_AT_ONCE), size]
    places = [docs.searchsorted(edges).tolist() for docs, _ in words]
    for number, (low, high) in enumerate(pairwise(edges)):
        wheres = [slice(at[number], at[number + 1]) for at in places]
        docs = np.concatenate([docs[where] for (docs, _), where in zip(words, wheres, strict=True)])
        docs -= low
        own = np.concatenate([own[where] for (_, own), where in zip(words, wheres, strict=True)])
        scores[low:high] = np.bincount(docs, own, high - low)
        lengths = [where.stop - where.start for where in wheres]
        weight[low:high] = np.bincount(docs, rare.repeat(lengths), high - low)
    return scores, weight


def _note(selection: Selection, listed: int, budget: Budget) -> str | None:
    """What the reader has to know of a list of so many that has more than what was asked."""
    lacking = [word.text for word, matches in selection.words if not len(matches.docs)]
    return note(
        len(selection.words),
        [] if selection.apart else lacking,
        len(selection.complete),
        listed,
        cut_short=SEARCH in budget.left_out,
    )
