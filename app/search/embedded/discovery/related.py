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
from app.search.discovery import Related
from app.search.embedded.discovery import keywords, links
from app.search.embedded.snapshot import Snapshot
from app.search.relating.reasons import (
    MAX_NAMED_WORDS,
    MAX_VALUES,
    MEANING_WEIGHT,
    MIN_EVIDENCE,
    MIN_LIKENESS,
    MIN_NEARNESS,
    MIN_SIMILARITY,
    WORDS_WEIGHT,
    WORK_WEIGHT,
    told,
)
from indexer.analysis import citations
from indexer.essay import distinct, value_key
from indexer.schema import field_names
from indexer.storage.arrays import Array


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
        told(
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
