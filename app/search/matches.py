"""How are documents that were found, each with its score, put together?

Documents are ascending numbers, scores stand beside them. Where few are found, sorting them is
cheaper than sweeping all; where many are, the other way round.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.arrays import Array

Scores = npt.NDArray[np.float64]


class Matches(NamedTuple):
    """Document numbers in ascending order, and the score of each."""

    docs: Array
    scores: Scores


NONE = Matches(np.empty(0, np.int64), np.empty(0))

#: Below this share of all documents, sorting those found is cheaper than sweeping all.
SPARSE = 16


def union(parts: list[Matches], size: int, boost: float = 1.0) -> Matches:
    """What is in any part, of ``size`` documents; scores add up.

    >>> one, other = (Matches(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> [a.tolist() for a in union([one, other], 6)]
    [[1, 4, 5], [1.0, 2.0, 1.0]]
    """
    parts = [part for part in parts if len(part.docs)]
    if not parts:
        return NONE
    if len(parts) == 1:
        return Matches(parts[0].docs, parts[0].scores * boost)
    if sum(len(part.docs) for part in parts) * SPARSE < size:
        docs, places = np.unique(np.concatenate([part.docs for part in parts]), return_inverse=True)
        weights = np.concatenate([part.scores for part in parts])
        total = np.bincount(places, weights=weights).astype(np.float64, copy=False)
        return Matches(docs, total * boost)
    total = np.zeros(size)
    mask = np.zeros(size, dtype=np.bool_)
    for docs, scores in parts:
        total[docs] += scores
        mask[docs] = True
    docs = np.flatnonzero(mask)
    return Matches(docs, total[docs] * boost)


def best(parts: list[Matches], size: int) -> Matches:
    """What is in any part, of ``size`` documents; each has its best score.

    >>> one, other = (Matches(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> best([one, other], 6).scores.tolist()
    [1.0, 1.0, 1.0]
    """
    total = np.full(size, -np.inf)
    for docs, scores in parts:
        total[docs] = np.maximum(total[docs], scores)
    docs = np.flatnonzero(total > -np.inf)
    return Matches(docs, total[docs])


def both(one: Matches, other: Matches, size: int) -> Matches:
    """What is in both; scores add up.

    >>> one, other = (Matches(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> [a.tolist() for a in both(one, other, 6)]
    [[4], [2.0]]
    """
    if len(one.docs) > len(other.docs):
        one, other = other, one
    if not len(one.docs):
        return NONE
    if len(one.docs) * SPARSE < len(other.docs):
        at = np.searchsorted(other.docs, one.docs.astype(other.docs.dtype))
        at[at == len(other.docs)] = 0
        kept = other.docs[at] == one.docs
        return Matches(one.docs[kept], one.scores[kept] + other.scores[at[kept]])
    mask = np.zeros(size, dtype=np.bool_)
    total = np.zeros(size)
    mask[one.docs] = True
    total[one.docs] = one.scores
    kept = mask[other.docs]
    docs = other.docs[kept]
    return Matches(docs, other.scores[kept] + total[docs])


def without(found: Matches, unwanted: Matches, size: int) -> Matches:
    """What is in the first and not in the second.

    >>> one, other = (Matches(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> without(one, other, 6).docs.tolist()
    [1]
    """
    if not len(unwanted.docs):
        return found
    mask = np.ones(size, dtype=np.bool_)
    mask[unwanted.docs] = False
    kept = mask[found.docs]
    return Matches(found.docs[kept], found.scores[kept])
