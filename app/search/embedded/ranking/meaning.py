"""The essays that a query means, though they may not have its words.

Meaning takes part where a reader asks a question, and where words leave room on a page. It adds
essays to those that words find, and adds to the scores of both. What an operator demands is
demanded of words alone: a query with phrases, patterns or AND has no meaning beside them.
"""

from __future__ import annotations

from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from app.search.budget import FREE, ORDER, Budget
from app.search.embedded.matching.docset import DocSet, union
from app.search.embedded.ranking.parts import ScorePart
from app.search.embedded.ranking.selection import Selection
from app.search.embedded.semantic import fusion, vectors
from app.search.embedded.snapshot import Snapshot
from app.search.ranking.questions import ENOUGH_ESSAYS, QUESTION_WORDS, Reading
from app.search.ranking.weights import rarity
from indexer.analysis import stemming
from indexer.analysis.embedding import Vectors, unit
from indexer.storage.arrays import Array
from indexer.storage.postings import located

#: Essays that are looked at: the nearest of all, and the best by words.
MAX_NEAREST, MAX_BEST = 100, 200
#: An essay is added that is at least this near to the query, and has this share of what the nearest
#: has; where no essay has all words, the nearest alone has to be so near. Two texts that have
#: nothing in common are seldom nearer than the first (tried on the sample archive with subjects
#: that it does not have); a single word says little, and has to be nearer.
MIN_COSINE, MIN_COSINE_OF_WORD, MIN_SHARE = 0.12, 0.2, 0.4
#: The best answers by words, as long as they have this share of a question's weight, tell what else
#: it is about: half of their mean vector is added to its own; of a question a fifth less for each
#: that is missing, so that one essay with one rare word does not say what is meant.
MAX_FEEDBACK, MIN_WEIGHT, FEEDBACK_SHARE = 5, 0.4, 0.5
#: So much of a word's vector is what a dictionary says of it, where the word vectors have pieces
#: of it: less for one that some essays have, which are near to it by the same pieces.
GLOSS_SHARE, GLOSS_SHARE_OF_UNKNOWN = 0.2, 0.5
#: What an essay with each word of a question once counts, where the best by words has less.
ALL_WORDS = 1.25
#: Words answer a question where the best essay by words has this share of what one has with each of
#: them once. The less it has, the more meaning counts, by the square of what is lacking: up to
#: WEIGHT_ALONE where no essay has any.
ANSWERED, WEIGHT_ALONE = 0.8, 3.0


class Meaning(NamedTuple):
    """How near some essays are to a query.

    ``cosines`` has those that were looked at, ``added`` those of them that words do not find
    (int64, ascending), ``sections`` the number of the nearest section of each of these. ``prose``
    says that the query is a text rather than a question.
    """

    cosines: DocSet
    added: Array
    sections: dict[int, int]
    prose: bool


def meaning(
    selection: Selection, reading: Reading, snapshot: Snapshot, budget: Budget = FREE
) -> Meaning | None:
    """What the words of a query mean in one generation; None where meaning takes no part.

    Which essays it adds depends on the words of the query alone, never on filters chosen beside it.
    """
    words = len(selection.words)
    question = reading.prose or words >= QUESTION_WORDS
    found = selection.found
    room = len(found.docs) < ENOUGH_ESSAYS if words > 1 else not len(found.docs)
    if not reading.meant or not selection.selects or not words or not (question or room):
        return None
    leaves = snapshot.leaves
    if budget.over(ORDER) or not vectors.has_vectors(leaves):
        return None

    def weigh(word: str) -> vectors.WordWeight:
        having = leaves.live_frequency("body", stemming.stem(word))
        share = 0.0 if reading.prose else GLOSS_SHARE if having else GLOSS_SHARE_OF_UNKNOWN
        return vectors.WordWeight(sqrt(rarity(having, leaves.live)), share)

    vector = vectors.query_vector(selection.text, weigh)
    if vector is None:
        return None
    best = _best(found) if question else found.docs[:0]
    if question:
        vector = _with_feedback(vector, best, selection, snapshot, reading.prose)
    near = vectors.nearest(leaves, vector, MAX_NEAREST)
    highest = float(near.cosines.max(initial=0))
    kept = near.cosines >= _least(highest, words, len(selection.complete) > 0)
    if selection.held is not None:
        kept &= located(selection.held.docs, near.docs)[1]
    known = located(found.docs, near.docs)[1]
    kept &= ~known
    added = np.sort(near.docs[kept])
    sections = dict(zip(near.docs[kept].tolist(), near.sections[kept].tolist(), strict=True))
    # What has all words of a short query stays in its order.
    looked_at = near.only(kept | known if question else kept)
    others = best[~located(np.sort(looked_at.docs), best)[1]]
    looked_at = looked_at.and_also(vectors.cosines(leaves, vector, others))
    order = np.argsort(looked_at.docs)
    cosines = DocSet(looked_at.docs[order], looked_at.cosines[order].astype(float))
    return Meaning(cosines, added, sections, reading.prose)


def _least(highest: float, words: int, answered: bool) -> float:
    """The cosine from which on essays are added to those that a query of so many words finds,
    where the nearest has the ``highest``; ``answered`` says that an essay has all the words.

    >>> [_least(0.25, 2, answered) for answered in (True, False)], _least(0.11, 2, False)
    ([0.12, 0.1], inf)
    """
    least = MIN_COSINE if words > 1 else MIN_COSINE_OF_WORD
    if highest < least:
        return inf
    share = MIN_SHARE * highest
    return max(least, share) if answered or words == 1 else share


def _with_feedback(
    vector: Vectors, best: Array, selection: Selection, snapshot: Snapshot, prose: bool
) -> Vectors:
    """The vector of a question and of the essays that answer it ``best`` by words, which say what
    else belongs to its subject (Rocchio 1971). An essay that has little of the question is no
    answer. Of a question one word may be so much, and a single essay may have it by chance; not so
    of ``prose``."""
    found, live = selection.found, snapshot.leaves.live
    scores = found.scores[found.docs.searchsorted(best)]
    answers = snapshot.sorting.ordered("relevance", best, scores, MAX_FEEDBACK)
    if selection.weights is not None:
        total = sum(rarity(len(matches.docs), live) for _, matches in selection.words)
        docs, weights = selection.weights
        answers = answers[weights[docs.searchsorted(answers)] >= MIN_WEIGHT * total]
    sure = 1.0 if prose else len(answers) / MAX_FEEDBACK
    feedback = vectors.mean(snapshot.leaves, answers)
    expanded: Vectors = unit((vector + FEEDBACK_SHARE * sure * feedback)[None])[0]
    return expanded


def _best(found: DocSet) -> Array:
    """The best documents by words, some more where many are equals."""
    if len(found.docs) <= MAX_BEST:
        return found.docs
    last = np.partition(found.scores, -MAX_BEST)[-MAX_BEST]
    best: Array = found.docs[found.scores >= last][: 2 * MAX_BEST]
    return best


def with_added(selection: Selection, near: Meaning, snapshot: Snapshot) -> Selection:
    """A selection with the essays that meaning adds, which so far have no score."""
    if not len(near.added):
        return selection
    added = DocSet(near.added, np.zeros(len(near.added)))
    found = union([selection.found, added], snapshot.size)
    return selection._replace(found=found, followed=True)


def part(found: DocSet, near: Meaning, selection: Selection, snapshot: Snapshot) -> ScorePart:
    """What meaning adds to the scores: its share of the best score by words
    (:mod:`app.search.embedded.semantic.fusion`).

    Where the best essay has few of the words, and those that say little, meaning counts against
    what an essay would have that has each word once, and for more than its usual weight: else "why
    does my" would order the answers, or the one essay that has a rare word by chance.
    """
    live = snapshot.leaves.live
    each_once = sum(rarity(len(matches.docs), live) for _, matches in selection.words)
    best = float(found.scores.max(initial=0))
    # Of prose no essay has most of the words, and lacking them says little.
    weight = fusion.WEIGHT if near.prose else _weight(best / each_once)
    scale = max(best, ALL_WORDS * each_once)
    docs, cosines = near.cosines
    return ScorePart("meaning", "", DocSet(docs, weight * scale * fusion.shares(cosines)))


def _weight(share: float) -> float:
    """What meaning counts, where the best essay by words has this share of what one has with each
    word of the question once.

    >>> [round(_weight(share), 2) for share in (0, 0.2, 0.4, 0.8, 2)]
    [3.0, 1.84, 1.01, 0.35, 0.35]
    """
    lacking = max(0.0, 1 - share / ANSWERED)
    return fusion.WEIGHT + (WEIGHT_ALONE - fusion.WEIGHT) * lacking**2
