"""How good is a ranking, in numbers that others publish too?

The definitions are those of trec_eval, as BEIR reports them. A ranking is a list of document ids,
the best first, in the order in which the engine gave it (trec_eval breaks ties by id; a reader
sees what the engine shows). A document is relevant when its grade is above 0; what was not judged
is not relevant. Every number is between 0 and 1; a mean counts a question without results as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import NamedTuple

#: How far each measure looks.
NDCG_AT, MRR_AT, DEEP = 10, 10, 100


class Quality(NamedTuple):
    """One ranking, or the mean of many: nDCG@10, MAP@100, recall@100, MRR@10."""

    ndcg: float
    map: float
    recall: float
    mrr: float


def quality(ranking: Sequence[str], grades: Mapping[str, int]) -> Quality:
    """All four measures of one ranking under one question's judgements."""
    return Quality(
        ndcg(ranking, grades), average_precision(ranking, grades),
        recall(ranking, grades), reciprocal_rank(ranking, grades),
    )  # fmt: skip


def mean(each: Sequence[Quality]) -> Quality:
    """The mean over questions.

    >>> mean([Quality(1, 1, 1, 1), Quality(0, 0.5, 1, 0)])
    Quality(ndcg=0.5, map=0.75, recall=1.0, mrr=0.5)
    """
    return Quality(*(sum(values) / len(each) for values in zip(*each, strict=True)))


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int = NDCG_AT) -> float:
    """Discounted gain of the first ``depth``, as a part of what the best order would gain.

    The gain is the grade itself, divided by log2(rank + 1) (Järvelin and Kekäläinen 2002, in the
    form that trec_eval's ``ndcg_cut`` has).

    >>> ndcg(["b", "x", "a"], {"a": 1}), ndcg(["a"], {"a": 1})
    (0.5, 1.0)
    """
    best = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(each, 0) for each in ranking[:depth]]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def average_precision(
    ranking: Sequence[str], grades: Mapping[str, int], depth: int = DEEP
) -> float:
    """The mean, over all relevant documents, of the precision at the rank of each; 0 for one that
    is not among the first ``depth``.

    >>> average_precision(["a", "x", "b"], {"a": 1, "b": 1, "c": 1, "d": 1})
    0.41666666666666663
    """
    relevant = _relevant(grades)
    found, total = 0, 0.0
    for rank, each in enumerate(ranking[:depth], 1):
        if each in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], depth: int = DEEP) -> float:
    """Which part of the relevant documents is among the first ``depth``?

    >>> recall(["a", "x"], {"a": 2, "b": 1})
    0.5
    """
    relevant = _relevant(grades)
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(
    ranking: Sequence[str], grades: Mapping[str, int], depth: int = MRR_AT
) -> float:
    """One divided by the rank of the first relevant document; 0 past ``depth``.

    >>> reciprocal_rank(["x", "a"], {"a": 1})
    0.5
    """
    relevant = _relevant(grades)
    return next((1 / rank for rank, each in enumerate(ranking[:depth], 1) if each in relevant), 0.0)


def success(ranking: Sequence[str], grades: Mapping[str, int], depth: int = MRR_AT) -> float:
    """1 where any relevant document is among the first ``depth``, otherwise 0.

    >>> success(["x", "a"], {"a": 1}), success(["x", "a"], {"a": 1}, depth=1)
    (1.0, 0.0)
    """
    return float(not _relevant(grades).isdisjoint(ranking[:depth]))


def _relevant(grades: Mapping[str, int]) -> set[str]:
    return {document for document, grade in grades.items() if grade > 0}
