"""Documents in order, against Python's own sort."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.embedded import term_order
from app.search.request import SORTS, Sort
from indexer.analysis.analyzer import title_key

if TYPE_CHECKING:
    from tests.conftest import Archive

#: Slugs of several lengths, of which one begins another.
NAMES = [*"abcdefgh", *(f"a-{n}" for n in range(10)), "z", "日本"]


@pytest.fixture(scope="module")
def archives(shared: Callable[..., Archive]) -> list[Archive]:
    """One segment, and several with essays that were replaced or removed; titles that are nothing
    but marks, and titles of several essays."""
    made = []
    for builds in (1, 4):
        archive, draw = shared(f"{builds}-builds"), random.Random(builds)
        for build in range(builds):
            for name in draw.sample(NAMES, k=4 if build else 18):
                meta = {"title": draw.choice(["Maps", "maps!", "Été", "Zoo", "…", f"On {name}"])}
                archive.write(f"{name}.md", f"Text {build}.", **meta, importance=draw.randint(1, 3))
            if build:
                gone = draw.choice(sorted(archive.content.glob("*.md")))
                gone.unlink()
            archive.build_apart()
        made.append(archive)
    return made


def test_the_archives_have_one_segment_and_several(archives: list[Archive]) -> None:
    snapshots = [archive.engine._current() for archive in archives]
    assert [len(each.leaves.leaves) > 1 for each in snapshots] == [False, True]
    assert not all(leaf.whole for leaf in snapshots[1].leaves.leaves)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), merged=st.sampled_from([0, 3, term_order.MAX_MERGED]))
def test_the_best_come_first_and_equals_by_slug(
    monkeypatch: pytest.MonkeyPatch, archives: list[Archive], merged: int, data: st.DataObject
) -> None:
    monkeypatch.setattr(term_order, "MAX_MERGED", merged)
    snapshot = data.draw(st.sampled_from(archives)).engine._current()
    every = np.flatnonzero(snapshot.columns.live)
    docs = np.array(data.draw(st.lists(st.sampled_from(every.tolist()), unique=True)), np.int64)
    scores = np.array([data.draw(st.sampled_from([0.5, 1.0, 1.0 + 1e-12, 2.0])) for _ in docs])
    limit = data.draw(st.integers(1, len(every)))
    found = snapshot.sorting.ordered("relevance", docs, scores, limit).tolist()
    weighed = dict(zip(docs.tolist(), scores.tolist(), strict=True))
    wanted = sorted(weighed, key=lambda doc: (-round(weighed[doc], 9), snapshot.slug(doc)))
    assert found == wanted[:limit]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), merged=st.sampled_from([0, 3, term_order.MAX_MERGED]))
def test_titles_go_by_what_they_say_and_then_by_slug(
    monkeypatch: pytest.MonkeyPatch, archives: list[Archive], merged: int, data: st.DataObject
) -> None:
    monkeypatch.setattr(term_order, "MAX_MERGED", merged)
    snapshot = data.draw(st.sampled_from(archives)).engine._current()
    every = np.flatnonzero(snapshot.columns.live).tolist()
    docs = data.draw(st.lists(st.sampled_from(every), unique=True))
    limit = data.draw(st.integers(1, len(every)))
    given_docs = np.array(docs, np.int64)
    found = snapshot.sorting.ordered("title", given_docs, np.zeros(len(docs)), limit).tolist()
    wanted = sorted(docs, key=lambda doc: (title_key(snapshot.card(doc).title), snapshot.slug(doc)))
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
