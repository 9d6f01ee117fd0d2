"""Sets of documents with scores against dictionaries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.embedded.matching.docset import DocSet, best, both, union

SIZE = 400


@st.composite
def found(draw: st.DrawFn) -> DocSet:
    """Some documents of a few hundred: none, few or many, as a segment or a generation numbers
    them."""
    most = draw(st.sampled_from([0, 3, 40, SIZE]))
    docs = sorted(draw(st.sets(st.integers(0, SIZE - 1), max_size=most)))
    if draw(st.booleans()):  # many neighbours, which hypothesis seldom draws
        docs = sorted({*docs, *range(draw(st.integers(0, SIZE // 2)), SIZE, 2)})
    kind = draw(st.sampled_from([np.uint16, np.int64]))
    return DocSet(np.array(docs, kind), np.array([1.0 + doc % 7 for doc in docs]))


def told(matches: DocSet) -> dict[int, float]:
    docs: list[int] = matches.docs.tolist()
    assert docs == sorted(set(docs))
    return dict(zip(docs, matches.scores.tolist(), strict=True))


@given(st.lists(found(), max_size=5))
def test_what_is_in_any(parts: list[DocSet]) -> None:
    expected: dict[int, float] = {}
    for part in parts:
        for doc, score in told(part).items():
            expected[doc] = expected.get(doc, 0.0) + score
    assert told(union(parts, SIZE)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "others",
    [[[5], [700, 901]], [[4, 6]], [[3], [3], [0, 3, 999]]],
    ids=["some are new", "all are known", "one is new three times"],
)
def test_many_and_a_few(others: list[list[int]]) -> None:
    """What is found by many is not counted anew for the few."""
    many = DocSet(np.arange(4, 404, 2, dtype=np.uint16), np.ones(200))
    few = [DocSet(np.array(docs, np.uint16), np.full(len(docs), 0.5)) for docs in others]
    expected = dict.fromkeys(range(4, 404, 2), 1.0)
    for doc in (doc for docs in others for doc in docs):
        expected[doc] = expected.get(doc, 0.0) + 0.5
    assert told(union([few[0], many, *few[1:]], 1_000)) == expected
    assert told(many) == dict.fromkeys(range(4, 404, 2), 1.0)


@pytest.mark.parametrize(
    ("together", "expected"),
    [
        (both, lambda a, b: {d: a[d] + b[d] for d in a.keys() & b.keys()}),
        (
            lambda a, b, size: best([a, b], size),
            lambda a, b: {d: max(a.get(d, 0), b.get(d, 0)) for d in a.keys() | b.keys()},
        ),
    ],
    ids=["both", "best"],
)
@given(one=found(), other=found())
def test_two_together(
    together: Callable[[DocSet, DocSet, int], DocSet],
    expected: Callable[[dict[int, float], dict[int, float]], dict[int, float]],
    one: DocSet,
    other: DocSet,
) -> None:
    assert told(together(one, other, SIZE)) == expected(told(one), told(other))
