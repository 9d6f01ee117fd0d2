"""Counting from either side, against counting that anyone can check by reading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.embedded.facets import counting
from app.search.embedded.facets.counting import Mask, Sheet, Subset, Tally
from indexer.storage.arrays import Array

#: Some documents, the values of each, those that are selected, and filters.
Made = tuple[list[set[int]], set[int], list[set[int]]]

#: More values than a byte can number.
MANY = 300


@st.composite
def made(draw: st.DrawFn) -> Made:
    """Up to 200 documents; in one archive each has one value or none, in another several."""
    size = draw(st.sampled_from([200, 65, 64, 7, 1, 0]))
    known = draw(st.sampled_from([5, 40, MANY, 1, 0]))
    most = draw(st.sampled_from([1, 2, 6])) if known else 0
    usual = draw(st.integers(0, most))
    dice = draw(st.randoms(use_true_random=False))
    values = []
    for _ in range(size):
        # A few have more than the others.
        many = dice.randint(0, most) if dice.random() < 0.1 else usual
        # The first values are the commonest.
        values.append({int(known * dice.random() ** 3) for _ in range(many)})
    shares = [draw(st.sampled_from([0.02, 0.3, 1.0]))]
    shares += draw(st.sampled_from([[], [0.9], [0.9, 0.5], [0.5, 0.9], [0.5, 0.0]]))
    selected, *filters = [{d for d in range(size) if dice.random() < share} for share in shares]
    return values, selected, filters


def array(docs: set[int]) -> Array:
    return np.array(sorted(docs), np.int64)


def mask(docs: set[int], size: int) -> Mask:
    return np.isin(np.arange(size), array(docs))


@pytest.mark.parametrize(
    "swift", [0, counting.STEPS_A_PLACE, 10**9], ids=["rows", "either", "sweep"]
)
@pytest.mark.parametrize("often", [2, 10**9], ids=["lists and bits", "bits"])
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(made=made(), numbers=st.booleans(), sparse=st.sampled_from([1, counting.SPARSE_SHARE]))
def test_every_value_is_counted_in_every_selection(
    monkeypatch: pytest.MonkeyPatch, swift: int, often: int, sparse: int, numbers: bool, made: Made
) -> None:
    monkeypatch.setattr(counting, "STEPS_A_PLACE", swift)
    monkeypatch.setattr(counting, "BITS_SHARE", often)
    monkeypatch.setattr(counting, "SPARSE_SHARE", sparse)
    values, selected, filters = made
    size, known_values = len(values), max((max(own, default=-1) for own in values), default=-1) + 2
    documents = [
        np.array([doc for doc, own in enumerate(values) if value in own], np.int32)
        for value in range(known_values)
    ]
    tally = Tally(documents, size)
    found = (
        Subset(size, docs=array(selected)) if numbers else Subset(size, mask=mask(selected, size))
    )
    through = selected.intersection(*filters)
    narrowed = found.under(mask(each, size) for each in filters)
    for selection, expected in ((found, selected), (narrowed, through)):
        counts = [sum(value in values[doc] for doc in expected) for value in range(known_values)]
        for _ in range(2):
            assert selection.counts(tally).tolist() == counts
        assert len(selection) == len(expected)
        assert selection.docs.tolist() == sorted(expected)
        assert selection.mask.tolist() == mask(expected, size).tolist()


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(made=made(), other=made(), at_once=st.booleans())
def test_several_facets_are_counted_at_once_as_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, at_once: bool, made: Made, other: Made
) -> None:
    monkeypatch.setattr(counting, "MAX_SHEET_PLACES", 10**9 if at_once else 0)
    values, selected, _ = made
    size = len(values)
    facets = [values, [*other[0], *[set[int]()] * size][:size], [set[int]() for _ in values]]
    tallies = [
        Tally(
            [
                np.array([doc for doc, own in enumerate(facet) if value in own], np.int32)
                for value in range(max((max(own, default=-1) for own in facet), default=-1) + 1)
            ],
            size,
        )
        for facet in facets
    ]
    selection = Subset(size, docs=array(selected))
    selection.count_at_once(Sheet(tallies, size))
    for tally, facet in zip(tallies, facets, strict=True):
        counts = [sum(value in facet[doc] for doc in selected) for value in range(len(tally))]
        assert selection.counts(tally).tolist() == counts


@pytest.mark.parametrize("often", [2, 64, 10**9])
@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
@given(made=made(), chosen=st.sets(st.integers(0, 5), max_size=3))
def test_a_choice_has_the_documents_of_its_values(
    monkeypatch: pytest.MonkeyPatch, often: int, made: Made, chosen: set[int]
) -> None:
    monkeypatch.setattr(counting, "BITS_SHARE", often)
    values, _, _ = made
    documents = [
        np.array([doc for doc, own in enumerate(values) if value in own], np.int32)
        for value in range(MANY)
    ]
    expected = [bool(own & chosen) for own in values]
    assert Tally(documents, len(values)).mask(chosen).tolist() == expected


def test_values_without_documents_and_no_values_at_all() -> None:
    none = np.empty(0, np.int32)
    for size in (0, 3):
        for docs in (none, np.arange(size)):
            selection = Subset(size, docs=docs)
            assert selection.counts(Tally([], size)).tolist() == []
            assert selection.counts(Tally([none, none], size)).tolist() == [0, 0]


def test_a_row_is_as_long_as_many_need() -> None:
    """One essay with a hundred tags must not make room for a hundred in every other."""
    one, all_ = np.array([5], np.int32), np.arange(1000, dtype=np.int32)
    tally = Tally([all_, *[one] * 100], 1000)
    assert tally.rows.shape == (1000, 1)
    assert Subset(1000, docs=np.array([4, 5])).counts(tally).tolist() == [2] + [1] * 100
