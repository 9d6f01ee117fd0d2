"""Which essays does a query tree select, and how much does each weigh?

The answer is two arrays, document numbers (ascending) and scores, taken from Whoosh's matchers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import query as wq
from whoosh.matching import ReadTooFar
from whoosh.searching import SearchContext, Searcher


class Matches(NamedTuple):
    """Document numbers in ascending order, and the score of each."""

    docs: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]


def evaluate(tree: wq.Query, searcher: Searcher) -> Matches:
    """Every document that ``tree`` selects in ``searcher``'s generation, deleted ones excluded."""
    docs: list[int] = []
    scores: list[float] = []
    context = SearchContext(weighting=searcher.weighting)
    for leaf, offset in searcher.leaf_searchers():
        matcher = tree.matcher(leaf, context)
        try:
            while matcher.is_active():
                docs.append(matcher.id() + offset)
                scores.append(matcher.score())
                matcher.next()
        except ReadTooFar:
            continue
    return Matches(np.array(docs, dtype=np.int64), np.array(scores, dtype=np.float64))
