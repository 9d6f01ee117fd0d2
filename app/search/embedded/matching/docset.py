"""Documents that were found, each with its score, put together.

Documents are ascending numbers, scores stand beside them. Where few are found, sorting them is
cheaper than sweeping all; where many are, the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.storage.arrays import Array
from indexer.storage.postings import located

Scores = npt.NDArray[np.float64]


class DocSet(NamedTuple):
    """Document numbers in ascending order, and the score of each."""

    docs: Array
    scores: Scores

    def score(self, doc: int) -> float:
        """The score of one document; 0 where it is not in the set."""
        return self.scores_of([doc])[0]

    def scores_of(self, docs: Sequence[int]) -> list[float]:
        """The score of each of some documents; 0 of one that is not in the set.

        >>> found = DocSet(np.array([1, 4]), np.array([0.5, 2.0]))
        >>> found.scores_of([4, 2])
        [2.0, 0.0]
        """
        at, having = located(self.docs, np.array(docs, np.int64))
        scores = np.zeros(len(docs))
        scores[having] = self.scores[at[having]]
        listed: list[float] = scores.tolist()
        return listed


NONE = DocSet(np.empty(0, np.int64), np.empty(0))

#: Below this share of all documents, sorting those found is cheaper than sweeping all.
SPARSE = 16
#: So few documents are looked up whatever share they are.
MAX_LOCATED = 64
#: And where scores are added up: below this share, if to sort took no longer for being few.
FEW, MIN_SORTED = 40, 100


def marked(lists: Iterable[Array], size: int) -> npt.NDArray[np.bool_]:
    """A mask of the documents that are in any list.

    >>> marked([np.array([1], np.uint8), np.array([3])], 4).tolist()
    [False, True, False, True]
    """
    mask = np.zeros(size, dtype=np.bool_)
    for docs in lists:
        mask[docs.astype(np.intp)] = True  # of another type NumPy does the same, piece by piece
    return mask


def added_up(docs: Array, scores: Scores, size: int) -> DocSet:
    """The sums of positive scores of documents in any order, of ``size``, of which some may be the
    same.

    >>> [a.tolist() for a in added_up(np.array([4, 1, 4]), np.ones(3), 6)]
    [[1, 4], [1.0, 2.0]]
    """
    if _few(docs, size):
        return _sorted(docs, scores)
    sums: Array = np.bincount(docs, scores, size)
    found = (sums > 0).nonzero()[0]  # of floats it takes six times as long
    return DocSet(found, sums[found])


def union(parts: list[DocSet], size: int) -> DocSet:
    """What is in any part, of ``size`` documents; scores add up.

    >>> one, other = (DocSet(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> [a.tolist() for a in union([one, other], 6)]
    [[1, 4, 5], [1.0, 2.0, 1.0]]
    """
    parts = [part for part in parts if len(part.docs)]
    if not parts:
        return NONE
    if len(parts) == 1:
        return parts[0]
    docs = np.concatenate([part.docs for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    if _few(docs, size):
        return _sorted(docs, scores)
    docs = docs.astype(np.intp, copy=False)
    sums: Array = np.bincount(docs, scores, size)
    found = marked([docs], size).nonzero()[0]
    return DocSet(found, sums[found])


def firsts(numbers: Array) -> npt.NDArray[np.bool_]:
    """Which of some numbers in order are not equal to the one before.

    >>> firsts(np.array([1, 1, 4])).tolist()
    [True, False, True]
    """
    first = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], first[1:])
    return first


def _few(docs: Array, size: int) -> bool:
    return (len(docs) + MIN_SORTED) * FEW < size


def _sorted(docs: Array, scores: Scores) -> DocSet:
    """The sums of the scores of documents in any order, of which some may be the same."""
    if not len(docs):
        return NONE
    order = docs.argsort(kind="stable")
    docs = docs[order]
    first = firsts(docs).nonzero()[0]
    return DocSet(docs[first], np.add.reduceat(scores[order], first, dtype=np.float64))


def best(parts: list[DocSet], size: int) -> DocSet:
    """What is in any part, of ``size`` documents; each has its best score.

    >>> one, other = (DocSet(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> best([one, other], 6).scores.tolist()
    [1.0, 1.0, 1.0]
    """
    total = np.full(size, -np.inf)
    for docs, scores in parts:
        total[docs] = np.maximum(total[docs], scores)
    docs = np.flatnonzero(total > -np.inf)
    return DocSet(docs, total[docs])


def both(one: DocSet, other: DocSet, size: int) -> DocSet:
    """What is in both; scores add up.

    >>> one, other = (DocSet(np.array(d), np.ones(len(d))) for d in ([1, 4], [4, 5]))
    >>> [a.tolist() for a in both(one, other, 6)]
    [[4], [2.0]]
    """
    if len(one.docs) > len(other.docs):
        one, other = other, one
    if not len(one.docs):
        return NONE
    if len(one.docs) <= MAX_LOCATED or len(one.docs) * SPARSE < len(other.docs):
        at, kept = located(other.docs, one.docs)
        return DocSet(one.docs[kept], one.scores[kept] + other.scores[at[kept]])
    shared = np.zeros((2, size), dtype=np.bool_)
    shared[0, one.docs] = True
    kept = shared[0, other.docs]
    docs = other.docs[kept]
    shared[1, docs] = True
    return DocSet(docs, other.scores[kept] + one.scores[shared[1, one.docs]])
