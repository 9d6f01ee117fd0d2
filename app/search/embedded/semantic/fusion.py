"""Scores of words and of meaning as one.

Each is divided by its best, so that neither's scale decides, and the meaning counts by a weight. On
a public collection 0.35 was a little better than 0.3 and 0.4.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

#: What the nearest in meaning adds, where 1 is what the best by words has.
WEIGHT = 0.35


class Scored(NamedTuple):
    """Documents (int64, ascending, each once) and a score of each (floats, the greater the better):
    both of shape (n,)."""

    docs: npt.NDArray[np.int64]
    scores: npt.NDArray[Any]


def fuse(words: Scored, meaning: Scored, weight: float = WEIGHT) -> Scored:
    """The documents of either, each with its share of the best score by words and ``weight`` times
    its share of the best by meaning. What one of them does not have counts nothing there, and so
    does a negative score: to be unlike a query is no worse than to be unknown.

    >>> docs, scores = fuse(
    ...     Scored(np.array([1, 4]), np.array([8.0, 2.0])),
    ...     Scored(np.array([4, 7]), np.array([0.4, 0.2])),
    ... )
    >>> docs.tolist(), scores.round(2).tolist()
    ([1, 4, 7], [1.0, 0.6, 0.18])
    """
    docs = np.union1d(words.docs, meaning.docs)
    scores = np.zeros(len(docs))
    for found, most in ((words, 1.0), (meaning, weight)):
        scores[np.searchsorted(docs, found.docs)] += most * shares(found.scores)
    return Scored(docs, scores)


def shares(scores: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Scores as shares of the best of them; a negative one is none.

    >>> shares(np.array([0.5, 1.0, -0.2])).tolist(), shares(np.array([-1.0])).tolist()
    ([0.5, 1.0, 0.0], [0.0])
    """
    best = scores.max(initial=0)
    return np.maximum(scores, 0) / best if best > 0 else np.zeros(len(scores))
