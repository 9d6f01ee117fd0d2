"""Measures against values worked out by hand; logarithms are of base two."""

from __future__ import annotations

from math import log2

import pytest

from tests.relevance import measures
from tests.relevance.asking import judge, percentile
from tests.relevance.collection import Collection, Question
from tests.relevance.peers import Found

ONE = {"a": 1}
TWO = {"a": 1, "b": 1}
GRADED = {"a": 2, "b": 1, "x": 0, "y": -1}


@pytest.mark.parametrize(
    ("ranking", "grades", "value"),
    [
        ("a", ONE, 1.0),
        ("xa", ONE, 1 / log2(3)),
        ("xya", ONE, 0.5),  # log2(4)
        ("", ONE, 0.0),
        ("xyz", ONE, 0.0),
        ("ab", TWO, 1.0),
        ("ba", TWO, 1.0),
        ("axb", TWO, 1.5 / (1 + 1 / log2(3))),
        ("a", TWO, 1 / (1 + 1 / log2(3))),
        ("ab", GRADED, 1.0),
        ("ba", GRADED, (1 + 2 / log2(3)) / (2 + 1 / log2(3))),  # the gain is the grade itself
        ("xab", GRADED, (2 / log2(3) + 0.5) / (2 + 1 / log2(3))),
        ("yab", GRADED, (2 / log2(3) + 0.5) / (2 + 1 / log2(3))),  # a grade below 0 costs nothing
        ("123456789a", ONE, 1 / log2(11)),
        ("1234567890a", ONE, 0.0),  # the eleventh
        ("abcdefghij", dict.fromkeys("abcdefghijk", 1), 1.0),  # no more than ten fit
        ("a", {"a": 0}, 0.0),
    ],
)
def test_ndcg(ranking: str, grades: dict[str, int], value: float) -> None:
    assert measures.ndcg(list(ranking), grades) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("ranking", "grades", "value"),
    [
        ("a", ONE, 1.0),
        ("xb", TWO, 1.0),
        ("xxb", TWO, 0.0),  # past the depth
        ("xy", GRADED, 0.0),  # what has a grade of nought or less is not relevant
        ("", ONE, 0.0),
    ],
)
def test_success(ranking: str, grades: dict[str, int], value: float) -> None:
    assert measures.success(list(ranking), grades, 2) == value


@pytest.mark.parametrize(
    ("ranking", "grades", "value"),
    [
        ("a", ONE, 1.0),
        ("xa", ONE, 1 / 2),
        ("ab", TWO, 1.0),
        ("axb", TWO, (1 + 2 / 3) / 2),
        ("xaxb", TWO, (1 / 2 + 2 / 4) / 2),
        ("a", TWO, 1 / 2),  # one that was not found is a nought
        ("xb", GRADED, (1 / 2) / 2),  # a grade is no weight here
        ("", ONE, 0.0),
        ("a", {"a": 0}, 0.0),
    ],
)
def test_average_precision(ranking: str, grades: dict[str, int], value: float) -> None:
    assert measures.average_precision(list(ranking), grades) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("ranking", "grades", "recall", "rank"),
    [
        ("a", ONE, 1.0, 1.0),
        ("xxa", ONE, 1.0, 1 / 3),
        ("xb", TWO, 0.5, 1 / 2),
        ("xy", GRADED, 0.0, 0.0),
        ("", ONE, 0.0, 0.0),
        ("123456789a", ONE, 1.0, 1 / 10),
        ("1234567890a", ONE, 1.0, 0.0),  # MRR looks at ten, recall at a hundred
        ("a", {"a": 0}, 0.0, 0.0),
    ],
)
def test_recall_and_reciprocal_rank(
    ranking: str, grades: dict[str, int], recall: float, rank: float
) -> None:
    assert measures.recall(list(ranking), grades) == recall
    assert measures.reciprocal_rank(list(ranking), grades) == pytest.approx(rank)


@pytest.mark.parametrize(("before", "found"), [(99, 1.0), (100, 0.0)])
def test_recall_and_precision_end_at_a_hundred(before: int, found: float) -> None:
    ranking = [*map(str, range(before)), "a"]
    assert measures.recall(ranking, ONE) == found
    assert measures.average_precision(ranking, ONE) == pytest.approx(found / 100)


def test_a_question_without_results_counts() -> None:
    found = {"1": [Found("a", 1.0)]}
    judged = judge(_asked({"1": ONE, "2": ONE}), found)
    assert measures.mean(list(judged.values())) == (0.5, 0.5, 0.5, 0.5)


def test_a_question_is_no_answer_to_itself_unless_it_was_judged_to_be() -> None:
    found = {each: [Found(each, 2.0), Found("a", 1.0)] for each in ("1", "2")}
    judged = judge(_asked({"1": {"a": 1}, "2": {"2": 0, "a": 1}}), found)
    assert (judged["1"].mrr, judged["2"].mrr) == (1.0, 0.5)


def _asked(judgements: dict[str, dict[str, int]]) -> Collection:
    return Collection("", [], [Question(each, "") for each in judgements], judgements)


@pytest.mark.parametrize(
    ("values", "percent", "value"),
    [([1.0], 95, 1.0), ([*map(float, range(1, 101))], 95, 95.0), ([2.0, 1.0], 50, 1.0)],
)
def test_percentile(values: list[float], percent: int, value: float) -> None:
    assert percentile(values, percent) == value
