"""Two scores made one, against a dictionary of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.embedded.semantic.fusion import Scored, fuse

scores = st.dictionaries(st.integers(0, 20), st.floats(-1, 100, allow_subnormal=False), max_size=8)


def scored(given: dict[int, float]) -> Scored:
    docs = sorted(given)
    return Scored(np.array(docs, np.int64), np.array([given[doc] for doc in docs]))


@given(scores, scores, st.floats(0, 2))
def test_each_adds_its_share_of_its_best(
    words: dict[int, float], meaning: dict[int, float], weight: float
) -> None:
    found = fuse(scored(words), scored(meaning), weight)
    expected: dict[int, float] = dict.fromkeys(sorted({*words, *meaning}), 0.0)
    for side, share in ((words, 1.0), (meaning, weight)):
        best = max([0.0, *side.values()])
        for doc, score in side.items():
            expected[doc] += share * max(score, 0) / best if best else 0
    assert found.docs.tolist() == list(expected)
    assert found.scores.tolist() == pytest.approx(list(expected.values()))
