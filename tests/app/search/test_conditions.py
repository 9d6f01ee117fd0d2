"""Conditions of a request: they select, weigh nothing and narrow every count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.query.tree import And, Every, Not, Or, Prefix, Range, Tree, Value
from app.search.request import Range as Between
from indexer.essay import Essay, Rating, value_key

if TYPE_CHECKING:
    from tests.conftest import Archive

OWL = Value("tag", "birds")


def has(essay: Essay, tree: Tree) -> bool:
    """Whether an essay fulfils a condition, read off its record."""
    match tree:
        case And(parts):
            return all(has(essay, part) for part in parts)
        case Or(parts):
            return any(has(essay, part) for part in parts)
        case Not(part):
            return not has(essay, part)
        case Every():
            return True
        case Value("slug", value):
            return essay.slug == value
        case Value("is", value):
            return bool(getattr(essay, value))
        case Value(field, value):
            return value in map(value_key, essay.facet(field))
        case Range("date", low, high):
            day = essay.published.day if essay.published else None
            first, last = low or "0001-01-01", high or "9999-12-31"
            return day is not None and str(first) <= day <= str(last)
        case Range(field, low, high, exclusive):
            rating: Rating | None = getattr(essay, field)
            number = None if rating is None else rating.percentage
            least, most = float(low or 0), 999.0 if high is None else float(high)
            if number is None or (exclusive and number in (low, high)):
                return False
            return least <= number <= most
    raise AssertionError(tree)


numbers = st.sampled_from([0.0, 5.0, 30.0, 50.0, 62.5, 70.0, 75.0, 100.0, 150.0])
days = st.sampled_from(["2014-01-01", "2020-12-31", "2023-05-17", "2024-02-29"])
leaves = st.one_of(
    st.builds(Value, st.just("tag"), st.sampled_from(["birds", "xai", "-minus", "no such", "🦉"])),
    st.builds(
        Value, st.just("certainty"), st.sampled_from(["likely", "unrated", "possible", "62.5%"])
    ),
    st.builds(Value, st.just("mood"), st.sampled_from(["calm", "merry"])),
    st.builds(Value, st.just("slug"), st.sampled_from(["shap", "birds/owls", "nowhere"])),
    st.builds(Value, st.just("is"), st.sampled_from(["featured", "complete"])),
    st.builds(Range, st.sampled_from(["certainty", "importance", "status"]), numbers, numbers),
    st.builds(
        Range, st.sampled_from(["certainty", "importance"]), numbers, st.none(), st.booleans()
    ),
    st.builds(
        Range, st.sampled_from(["certainty", "importance"]), st.none(), numbers, st.booleans()
    ),
    st.builds(Range, st.just("date"), days, st.none() | days),
    st.just(Every()),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(tree=trees)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_condition_selects_what_it_says(small: Archive, tree: Tree) -> None:
    everything = [hit.essay for hit in small.search().hits]
    found = small.search(where=tree)
    assert {hit.essay.slug for hit in found.hits} == {e.slug for e in everything if has(e, tree)}


def test_a_condition_narrows_the_counts_of_its_own_facet_and_filters_do_not(small: Archive) -> None:
    filtered = small.search(filters={"tag": ("Birds",)}).counts.facets["tag"]
    where = small.search(where=OWL).counts.facets["tag"]
    assert {v.value: v.count for v in where} == {"Birds": 2, "Statistics": 1, "🦉": 1}
    assert len(filtered) > len(where)


def test_a_condition_weighs_nothing(small: Archive) -> None:
    plain = {hit.essay.slug: hit.score for hit in small.search("owl").hits}
    under = {hit.essay.slug: hit.score for hit in small.search("owl", where=OWL).hits}
    assert under
    assert under.items() <= plain.items()


def test_a_condition_and_filters_both_hold(small: Archive) -> None:
    found = small.slugs(where=Not(OWL), filters={"category": ("Nature",)})
    assert found == ["garden"]
    assert small.slugs(where=OWL, ranges={"certainty": Between(40)}) == ["birds/sparrows"]


def test_a_misspelt_word_is_corrected_under_a_condition_as_without(small: Archive) -> None:
    found = small.search("sparow", where=OWL)
    assert found.corrected is not None
    assert found.corrected.query == "sparrow"
    assert [hit.essay.slug for hit in found.hits] == ["birds/sparrows", "birds/owls"]
    assert small.search("sparow", where=Value("tag", "physics")).total == 0


def test_a_condition_has_no_words(small: Archive) -> None:
    with pytest.raises(ValueError, match="values and ranges"):
        small.search(where=Prefix("ow"))


def test_percentages_are_counted_under_every_filter(small: Archive) -> None:
    everything = [hit.essay for hit in small.search().hits]
    for asked in ({}, {"where": OWL}, {"filters": {"category": ("Nature",)}}):
        found = small.engine.percentages(small.search(**asked).request)
        slugs = {hit.essay.slug for hit in small.search(**asked).hits}
        for rating in ("status", "certainty", "importance"):
            ratings = [getattr(e, rating) for e in everything if e.slug in slugs]
            percentages = [r.percentage for r in ratings if r and r.percentage is not None]
            assert [(each.number, each.count) for each in found[rating]] == [
                (number, percentages.count(number)) for number in sorted(set(percentages))
            ]
