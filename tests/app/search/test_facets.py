"""Which values of a facet are listed, in which order, and how many are left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.search.facets import facet_counts, listed
from app.search.results import FacetValue

#: Values numbered in the order of their facet, and the essays that each would bring.
NAMES = ("2024", "2023", "2022", "2021", "2020")
KEYS = {name: number for number, name in enumerate(NAMES)}
COUNTS = {0: 1, 1: 7, 2: 2, 3: 7, 4: 3}


def names(found: tuple[FacetValue, ...]) -> list[str]:
    return [each.value for each in found]


def test_all_are_listed_where_nothing_is_said() -> None:
    found = listed("year", KEYS, NAMES, COUNTS, ())
    assert (names(found.values), found.more) == (list(NAMES), 0)


def test_the_commonest_are_kept_in_the_order_of_the_facet() -> None:
    by_number = listed("year", KEYS, NAMES, COUNTS, (), 3)
    assert (names(by_number.values), by_number.more) == (["2023", "2021", "2020"], 2)
    by_count = listed("tag", KEYS, NAMES, COUNTS, (), 3)
    assert (names(by_count.values), by_count.more) == (["2023", "2021", "2020"], 2)
    assert names(listed("tag", KEYS, NAMES, COUNTS, (), 1).values) == ["2023"]


def test_what_is_chosen_is_listed_besides() -> None:
    """Among the commonest or not, with essays or without, known to the archive or not."""
    counts = {1: 7, 3: 6, 4: 3}
    found = listed("year", KEYS, NAMES, counts, ("2024", "2020", "1066"), 1)
    assert found.values == (
        FacetValue("2024", 0, True), FacetValue("2023", 7, False), FacetValue("2020", 3, True),
        FacetValue("1066", 0, True),
    )  # fmt: skip
    assert found.more == 1


@given(
    name=st.sampled_from(["tag", "year"]),
    counts=st.dictionaries(st.integers(0, 30), st.integers(1, 5)),
    chosen=st.sets(st.integers(0, 40), max_size=5),
    most=st.integers(1, 40),
)
def test_a_part_of_the_list_is_the_list_without_the_rarest(
    name: str, counts: dict[int, int], chosen: set[int], most: int
) -> None:
    keys = {f"v{number}": number for number in range(31)}
    picked = tuple(f"v{number}" for number in sorted(chosen))
    whole = listed(name, keys, tuple(keys), counts, picked)
    part = listed(name, keys, tuple(keys), counts, picked, most)
    assert whole.more == 0
    assert len(part.values) + part.more == len(whole.values)
    kept = set(part.values)
    assert [each for each in whole.values if each in kept] == list(part.values)
    out = [each for each in whole.values if each not in kept]
    assert not any(each.selected for each in out)
    assert len(part.values) >= min(most, len(whole.values))
    least = min((each.count for each in part.values if not each.selected), default=9)
    assert all(each.count <= least for each in out)


def test_only_facets_that_are_cut_say_so() -> None:
    listings = {
        "tag": listed("tag", KEYS, NAMES, COUNTS, (), 2),
        "year": listed("year", KEYS, NAMES, COUNTS, ()),
    }
    found = facet_counts(9, 4, listings, {})
    assert (found.total, found.generation, found.more) == (9, 4, {"tag": 3})
    assert {name: len(values) for name, values in found.facets.items()} == {"tag": 2, "year": 5}
