"""Documents in order, against Python's own sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.embedded import sorting
from app.search.request import SORTS, Sort

if TYPE_CHECKING:
    from tests.conftest import Archive


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), slugs_read=st.sampled_from([0, sorting.MAX_SLUGS_READ]))
def test_the_best_come_first_and_equals_by_slug(
    monkeypatch: pytest.MonkeyPatch, small: Archive, slugs_read: int, data: st.DataObject
) -> None:
    monkeypatch.setattr(sorting, "MAX_SLUGS_READ", slugs_read)
    snapshot = small.engine._current()
    every = np.flatnonzero(snapshot.columns.live)
    docs = np.array(data.draw(st.lists(st.sampled_from(every.tolist()), unique=True)), np.int64)
    scores = np.array([data.draw(st.sampled_from([0.5, 1.0, 1.0 + 1e-12, 2.0])) for _ in docs])
    limit = data.draw(st.integers(1, len(every)))
    found = snapshot.sorting.ordered("relevance", docs, scores, limit).tolist()
    weighed = dict(zip(docs.tolist(), scores.tolist(), strict=True))
    wanted = sorted(weighed, key=lambda doc: (-round(weighed[doc], 9), snapshot.slug(doc)))
    assert found == wanted[:limit]


@pytest.mark.parametrize("sort", SORTS)
def test_the_first_few_are_the_first_of_all(small: Archive, sort: Sort) -> None:
    snapshot = small.engine._current()
    docs = np.flatnonzero(snapshot.columns.live)
    order = snapshot.sorting.ordered(sort, docs, np.zeros(len(docs)), len(docs)).tolist()
    assert sorted(order) == docs.tolist()
    for limit in range(1, len(docs)):
        few = snapshot.sorting.ordered(sort, docs, np.zeros(len(docs)), limit)
        assert few.tolist() == order[:limit]
