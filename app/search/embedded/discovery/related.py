"""The essays worth reading after one, each with the reasons.

By what two essays share: tags, the rarer the more; works in their bibliographies; a link either
way; the words typical of the one (:mod:`app.search.embedded.discovery.keywords`); and by how
similar they are in meaning (:mod:`app.search.embedded.semantic.similarity`), where they have
vectors. The work is that of a few short queries and one product of all vectors.
"""

from __future__ import annotations

from math import log

import numpy as np

from app.search.budget import BESIDE, FREE, Budget
from app.search.discovery import Reason, Related
from app.search.embedded.discovery import keywords, links
from app.search.embedded.snapshot import Snapshot
from indexer.analysis import citations
from indexer.essay import Essay, distinct, value_key
from indexer.schema import field_names
from indexer.storage.arrays import Array

#: A cited work says more of what an essay is about than a tag as rare.
WORK_WEIGHT = 2.0
#: Words are evidence, where a link or a tag is their author's statement. A third of the weight of
#: an essay's keywords is worth a link; the usual likeness, a tenth or two, decides between equals.
WORDS_WEIGHT = 3.0
#: Essays that share less than this of the weight of keywords, and nothing else, are not related:
#: any two texts share some words.
MIN_LIKENESS = 0.1
#: What a cosine of meaning weighs, where links weigh one. Twice as much finds in the first five
#: the most of the essays that authors linked or gave the same tags: of 28 links of one archive
#: 71 % (50 % by words alone), of 688 of another 56 % (50 %), of 50 like tags there 50 % (21 %).
MEANING_WEIGHT = 2.0
#: Essays whose words and meaning together weigh less of a link, and that share nothing else, are
#: not related: a cosine of 0.35, or 0.2 with the least likeness of words that relates without
#: meaning. Words alone bring twice as many such pairs, of which half the share are linked.
MIN_EVIDENCE = 0.7
#: However much their words weigh, nearer than this two essays must be, where links and tags do not
#: relate them: of a short one, a few weak words may be all that it says twice. In two archives that
#: left out 6 to 9 % of the pairs, and of the linked ones hardly any.
MIN_NEARNESS = 0.05
#: Essays at least as near as this are said to be similar in meaning: of pairs below it too many
#: have a tone in common more than a subject.
MIN_SIMILARITY = 0.3
#: Values and links of one essay that are looked at.
MAX_VALUES = 64
#: Shared words that are named as a reason.
MAX_NAMED_WORDS = 4


def related(doc: int, snapshot: Snapshot, limit: int, budget: Budget = FREE) -> tuple[Related, ...]:
    """The ``limit`` essays most related to one, the closest first; equals by slug. Past the budget
    there are none."""
    if budget.over(BESIDE):
        return ()
    essay = snapshot.card(doc)
    live = int(np.count_nonzero(snapshot.columns.live))
    linked = links.links(doc, snapshot, MAX_VALUES)
    linking = links.backlinks(doc, snapshot)
    tags = _rarity("tag", map(value_key, distinct(essay.tags)), live, snapshot)
    cited = _rarity(field_names.WORKS, map(citations.work_key, essay.bibliography), live, snapshot)
    weights = np.zeros(snapshot.size)
    for docs, weight in tags.values():
        weights[docs] += weight
    for docs, weight in cited.values():
        weights[docs] += WORK_WEIGHT * weight
    # A link is as telling as a tag that the two alone have.
    link = log((live + 1) / 2)
    for docs in (linked, linking):
        weights[docs] += link
    alike = keywords.likeness(doc, keywords.keywords(doc, snapshot), snapshot)
    similar = snapshot.similarity.to(doc)
    evidence = _evidence(alike.shares, similar, weights > 0)
    near = similar >= MIN_SIMILARITY
    # Words too few to relate two essays are not named where their meaning is.
    named = (evidence > 0) & (alike.shares > np.where(near, MIN_LIKENESS, 0.0))
    weights += link * evidence
    weights[doc] = 0.0
    found = np.flatnonzero(weights)
    first = snapshot.sorting.ordered("relevance", found, weights[found], limit)
    return tuple(
        _related(
            snapshot.card(each),
            {key: weight for key, (_, weight) in tags.items()},
            {key: weight for key, (_, weight) in cited.items()},
            each in linked,
            each in linking,
            bool(near[each]),
            alike.words(each)[:MAX_NAMED_WORDS] if named[each] else [],
        )
        for each in first.tolist()
    )


def _evidence(shares: Array, similar: Array, tied: Array) -> Array:
    """What words and meaning weigh, in links: float64, shape (size,), 0 where it is too little to
    relate essays that are not ``tied`` otherwise. ``similar`` is NaN where only words are known."""
    words = WORDS_WEIGHT * shares
    both = np.maximum(words + MEANING_WEIGHT * similar, 0.0)
    known = ~np.isnan(similar)
    enough = np.where(
        known, (both >= MIN_EVIDENCE) & (similar >= MIN_NEARNESS), shares >= MIN_LIKENESS
    )
    return np.where(enough | tied, np.where(known, both, words), 0.0)


def _rarity(
    field: str, terms: map[str], live: int, snapshot: Snapshot
) -> dict[str, tuple[Array, float]]:
    """The live documents of each term, and what sharing it weighs: what all have weighs least."""
    found: dict[str, tuple[Array, float]] = {}
    for term in list(dict.fromkeys(filter(None, terms)))[:MAX_VALUES]:
        docs = snapshot.leaves.live_docs(field, term)
        found[term] = docs, log((live + 1) / max(len(docs), 1))
    return found


def _related(
    other: Essay,
    tags: dict[str, float],
    cited: dict[str, float],
    linked: bool,
    linking: bool,
    similar: bool,
    words: list[str],
) -> Related:
    shared = sorted(
        (tag for tag in distinct(other.tags) if value_key(tag) in tags),
        key=lambda t: -tags[value_key(t)],
    )
    same = {
        citations.work_key(entry): entry
        for entry in other.bibliography
        if citations.work_key(entry) in cited
    }
    reasons = [
        Reason("links") if linked else None,
        Reason("linked") if linking else None,
        Reason("work", tuple(same.values())) if same else None,
        Reason("tag", tuple(shared)) if shared else None,
        Reason("meaning") if similar else None,
        Reason("word", tuple(words)) if words else None,
    ]
    return Related(other, tuple(reason for reason in reasons if reason is not None))
