"""What is added to the scores of documents for more than their words.

A boost looks at the scores so far and returns parts to add; :data:`BOOSTS` has them in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from app.search.budget import FREE, Budget
from app.search.embedded.matching import proximity
from app.search.embedded.matching.docset import DocSet, union
from app.search.embedded.ranking import meaning
from app.search.embedded.ranking.meaning import Meaning
from app.search.embedded.ranking.parts import ScorePart, plus
from app.search.embedded.ranking.selection import Selection
from app.search.embedded.snapshot import Snapshot
from app.search.ranking.shares import PREFERENCE_SHARE, SUBJECT_SHARE, TITLE_SHARE, names
from app.search.ranking.weights import rarity
from app.search.request import Prefer
from indexer.schema import field_names
from indexer.storage.postings import located

#: So many of the best are looked at more closely.
MAX_CLOSE = 200


class Question(NamedTuple):
    """What a boost may look at: the query as it was ``asked``, what it selects, what its reader
    prefers, and how ``near`` essays are in meaning."""

    asked: str
    selection: Selection
    snapshot: Snapshot
    prefer: Prefer | None = None
    budget: Budget = FREE
    near: Meaning | None = None


Boost: TypeAlias = Callable[[DocSet, Question], list[ScorePart]]


def boosted(question: Question) -> tuple[DocSet, tuple[ScorePart, ...]]:
    """The documents that a question selects, with every boost added to their scores, and the parts
    that were added."""
    found, parts = question.selection.found, list[ScorePart]()
    if not len(found.docs):
        return found, ()
    for boost in BOOSTS:
        more = boost(found, question)
        for part in more:
            found = plus(found, part)
        parts += more
    return found, tuple(parts)


def preferred(found: DocSet, question: Question) -> list[ScorePart]:
    """A share of its score for each essay, by how much it is of what the reader prefers."""
    if question.prefer is None:
        return []
    preference = question.snapshot.sorting.preference(question.prefer)[found.docs]
    added = DocSet(found.docs, PREFERENCE_SHARE * found.scores * preference)
    return [ScorePart("prefer", question.prefer, added)]


def together(found: DocSet, question: Question) -> list[ScorePart]:
    """What standing together adds, to the best essays alone, who stay the best by it."""
    words, snapshot = question.selection.words, question.snapshot
    if len(words) < 2:
        return []
    best = found.docs
    if len(best) > MAX_CLOSE:
        best = best[found.scores >= np.partition(found.scores, -MAX_CLOSE)[-MAX_CLOSE]]
    if len(best) > 2 * MAX_CLOSE:  # many equals
        best = np.sort(snapshot.sorting.ordered("relevance", *found, MAX_CLOSE))
    live = snapshot.leaves.live
    rare = {word.stems: rarity(len(matches.docs), live) for word, matches in words}
    typed = [(word, rare[word.stems]) for word in question.selection.typed]
    near = proximity.closeness(typed, best, snapshot.leaves, question.budget)
    having = near > 0
    return [ScorePart("together", "", DocSet(best[having], near[having]))]


def near_in_meaning(found: DocSet, question: Question) -> list[ScorePart]:
    """What the meaning of the query adds, where it takes part."""
    return (
        []
        if question.near is None
        else [meaning.part(found, question.near, question.selection, question.snapshot)]
    )


def complete_first(found: DocSet, question: Question) -> list[ScorePart]:
    """What lifts essays that have all words before those that have most of them."""
    complete = question.selection.complete
    if not question.selection.followed or not len(complete):
        return []
    having = located(complete, found.docs)[1]
    lift = float(found.scores[~having].max(initial=0))
    return [ScorePart("all words", "", DocSet(complete, np.full(len(complete), lift)))]


def named(found: DocSet, question: Question) -> list[ScorePart]:
    """What lifts an essay whose whole title was typed, which is what was looked for; then those
    filed under a subject that was."""
    if not question.selection.bare:
        return []
    typed = " ".join(word.text for word in question.selection.typed)
    folded, keys = names(question.asked, typed)
    facets, leaves = question.snapshot.columns.facets, question.snapshot.leaves
    subjects = [
        (facet, key) for facet in ("tag", "category") for key in folded & facets[facet].keys.keys()
    ]
    titles = [(field_names.TITLE_EXACT, key) for key in keys]
    highest = float(found.scores.max())
    parts = []
    for kind, share, terms in (
        ("subject", SUBJECT_SHARE, subjects),
        ("title", TITLE_SHARE, titles),
    ):
        docs = [doc for term in terms for doc in leaves.live_docs(*term).tolist()]
        if docs:
            those = np.unique(docs)
            added = DocSet(those, np.full(len(those), share * highest))
            parts.append(ScorePart(kind, "", added))
    return parts


#: Boosts in their order: each looks at the scores that those before it made.
BOOSTS: tuple[Boost, ...] = (preferred, together, near_in_meaning, complete_first, named)


def pinned_first(
    found: DocSet, pinned: tuple[int, ...], snapshot: Snapshot
) -> tuple[DocSet, ScorePart]:
    """The same documents and those that the author ``pinned``, which come first, in the author's
    order; and the part that makes them first."""
    docs = np.unique(np.array(pinned, np.int64))
    found = union([found, DocSet(docs, np.zeros(len(docs)))], snapshot.size)
    highest = max(float(found.scores.max()), 1.0)
    own = found.scores[np.searchsorted(found.docs, docs)]
    places = np.array([pinned.index(doc) for doc in docs.tolist()])
    wanted = highest * (2 - places / len(pinned))
    part = ScorePart("pin", "", DocSet(docs, wanted - own))
    return plus(found, part), part
