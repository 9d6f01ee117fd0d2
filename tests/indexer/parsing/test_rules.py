"""The words of ratings, every way to write one, and the rules of an archive of its own."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.essay import RATINGS, Rating
from indexer.parsing.ratings import BadRating, rating
from indexer.parsing.rules import ALIASES, Rules

TABLE = {
    "certainty": {
        "certain": 100, "highly likely": 90, "likely": 75, "possible": 50, "unlikely": 30,
        "highly unlikely": 15, "remote": 5, "impossible": 0,
    },
    "status": {
        "finished": 100, "published": 100, "in progress": 75, "draft": 50, "notes": 25,
        "abandoned": 0,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("facet", "word", "percentage"),
    [(facet, word, p) for facet, words in TABLE.items() for word, p in words.items()],
)
def test_the_words_of_the_archive(facet: str, word: str, percentage: float) -> None:
    for spelled in (word, word.upper(), word.title(), f"  {word.replace(' ', '   ')} "):
        given_word = " ".join(spelled.split())
        assert rating(facet, spelled, Rules()) == Rating(given_word, percentage)
        assert rating(facet, {"value": spelled}, Rules()) == Rating(given_word, percentage)


@pytest.mark.parametrize("step", range(11))
def test_importance_is_ten_a_step(step: int) -> None:
    for written in (step, str(step), float(step), f"{step}/10", {"value": step}):
        assert rating("importance", written, Rules()) == Rating(float(step), step * 10.0)


RATED: dict[str, tuple[str, Any, Rating | None]] = {
    "mapping": ("status", {"value": "Notes", "percentage": 35}, Rating("Notes", 35)),
    "mapping-text": ("status", {"value": "Notes", "percentage": "35"}, Rating("Notes", 35)),
    "mapping-percent-sign": (
        "status",
        {"value": "Notes", "percentage": "35 %"},
        Rating("Notes", 35),
    ),
    "mapping-zero": ("certainty", {"value": "Likely", "percentage": 0}, Rating("Likely", 0)),
    "mapping-no-percentage": ("certainty", {"value": "likely"}, Rating("likely", 75)),
    "mapping-empty-percentage": (
        "certainty",
        {"value": "likely", "percentage": ""},
        Rating("likely", 75),
    ),
    "mapping-null-percentage": (
        "certainty",
        {"value": "likely", "percentage": None},
        Rating("likely", 75),
    ),
    "mapping-only-percentage": ("certainty", {"percentage": 62.5}, Rating(None, 62.5)),
    "mapping-null-value": ("certainty", {"value": None, "percentage": 5}, Rating(None, 5)),
    "mapping-empty": ("certainty", {}, None),
    "mapping-of-nothing": ("certainty", {"value": "", "percentage": ""}, None),
    "mapping-drift": ("status", {"value": "Log", "percentage": 40}, Rating("Log", 40)),
    "number-as-certainty": ("certainty", 80, Rating(None, 80)),
    "number-as-text": ("certainty", "80", Rating(None, 80)),
    "probability": ("certainty", "0.8", Rating(None, 80)),
    "one-is-a-percent": ("certainty", 1, Rating(None, 1)),
    "fraction": ("certainty", "3/4", Rating(None, 75)),
    "fraction-spaced": ("importance", "7 / 10", Rating(7, 70)),
    "fraction-of-five": ("importance", "4/5", Rating(8, 80)),
    "fraction-of-three": ("certainty", "1/3", Rating(None, 33.33)),
    "percent": ("certainty", "75%", Rating(None, 75)),
    "percent-spaced": ("certainty", "75 %", Rating(None, 75)),
    "percent-importance": ("importance", "70%", Rating(7, 70)),
    "decimal-importance": ("importance", "7.5", Rating(7.5, 75)),
    "plus": ("importance", "+7", Rating(7, 70)),
    "list-of-one": ("certainty", ["Likely"], Rating("Likely", 75)),
    "drift-log": ("status", "log", Rating("log")),
    "drift-emotional": ("certainty", "Emotional", Rating("Emotional")),
    "drift-fiction": ("certainty", "fiction", Rating("fiction")),
    "word-of-another-facet": ("status", "likely", Rating("likely")),
    "word-importance": ("importance", "high", Rating("high")),
    "null": ("status", None, None),
    "blank": ("status", "  ", None),
    "false": ("status", False, None),
    "unrated": ("certainty", "Unrated", None),
}


@pytest.mark.parametrize(("facet", "written", "meant"), RATED.values(), ids=RATED.keys())
def test_every_way_to_write_a_rating(facet: str, written: object, meant: Rating | None) -> None:
    assert rating(facet, written, Rules()) == meant


BAD: dict[str, tuple[str, Any, str, Rating | None, str]] = {
    "percentage-140": (
        "status", {"value": "Notes", "percentage": 140}, "outside 0–100: 140",
        Rating("Notes", 25), "percentage",
    ),
    "percentage-negative": (
        "status", {"value": "Log", "percentage": -1}, "outside 0–100: -1",
        Rating("Log"), "percentage",
    ),
    "percentage-word": (
        "certainty", {"value": "Likely", "percentage": "much"}, "no number: much",
        Rating("Likely", 75), "percentage",
    ),
    "percentage-alone": ("certainty", {"percentage": 999}, "outside", None, "percentage"),
    "importance-11": ("importance", 11, "outside 0–10: 11", Rating(11), "value"),
    "importance-negative": ("importance", "-1", "outside 0–10: -1", Rating(-1), "value"),
    "importance-in-mapping": ("importance", {"value": 12}, "outside 0–10", Rating(12), "value"),
    "certainty-101": ("certainty", 101, "outside 0–100: 101", None, "value"),
    "percent-140": ("certainty", "140%", "outside 0–100: 140%", None, "value"),
    "fraction-over": ("importance", "11/10", "outside its own scale", Rating("11/10"), "value"),
    "fraction-of-zero": ("importance", "0/0", "outside its own scale", Rating("0/0"), "value"),
    "fraction-below": ("importance", "-1/10", "outside its own scale", Rating("-1/10"), "value"),
    "list": ("certainty", ["Likely", "Certain"], "is a list where one word", None, "value"),
    "list-empty": ("certainty", [], "is a list where one word", None, "value"),
    "list-in-mapping": ("status", {"value": ["a", "b"]}, "is a list", None, "value"),
}  # fmt: skip


@pytest.mark.parametrize(("facet", "written", "what", "kept", "key"), BAD.values(), ids=BAD.keys())
def test_a_rating_that_cannot_be_meant(
    facet: str, written: object, what: str, kept: Rating | None, key: str
) -> None:
    with pytest.raises(BadRating, match=what) as caught:
        rating(facet, written, Rules())
    assert caught.value.kept == kept
    assert caught.value.key == key
    assert caught.value.hint


def test_an_infinite_scale_gives_no_percentage() -> None:
    with pytest.raises(BadRating):
        rating("certainty", f"{'9' * 400}/{'9' * 400}", Rules())


def test_an_archive_replaces_a_whole_table() -> None:
    rules = Rules(
        vocabulary={"status": {"Seedling": 10, "5": 50}, "importance": {"3": 99, "low": 5}}
    )
    assert rating("status", "SEEDLING", rules) == Rating("SEEDLING", 10)
    assert rating("status", "finished", rules) == Rating("finished")
    assert rating("status", 5, rules) == Rating(5, 50)
    assert rating("importance", 3, rules) == Rating(3, 99)
    assert rating("importance", 4, rules) == Rating(4, 40)
    assert rating("importance", "low", rules) == Rating("low", 5)
    assert rating("certainty", "likely", rules) == Rating("likely", 75)


@pytest.mark.parametrize("facet", RATINGS)
@given(
    written=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
        | st.from_regex(r"\A[+-]?\d{1,4}(\.\d{1,3})?( ?/ ?\d{1,3}| ?%)?\Z"),
        lambda inner: st.lists(inner, max_size=2)
        | st.fixed_dictionaries({}, optional={"value": inner, "percentage": inner}),
        max_leaves=4,
    )
)  # fmt: skip
def test_a_rating_has_a_half_and_its_percentage_lies_on_the_scale(
    facet: str, written: object
) -> None:
    try:
        found = rating(facet, written, Rules())
    except BadRating as error:
        found = error.kept
    if found is None:
        return
    assert found.value is not None or found.percentage is not None
    assert found.percentage is None or 0 <= found.percentage <= 100
    assert found.label


def test_an_archive_adds_keys_behind_those_that_all_have() -> None:
    rules = Rules(aliases={"published": ("written", "day")})
    assert rules.keys("published") == (*ALIASES["published"], "written", "day")
    assert rules.keys("title") == ("title",)


OWN: dict[str, Any] = {
    "aliases": {"published": ("written",)},
    "vocabulary": {"status": {"seedling": 10.0}},
    "facets": ("mood",),
    "exclude": ("drafts/*",),
    "follow_links": True,
    "drafts": True,
    "lang": "de",
    "meaning": False,
    "max_bytes": 10,
    "deadline": 1.0,
}


def test_the_fingerprint_tells_every_rule() -> None:
    prints = {Rules(**{name: value}).fingerprint() for name, value in OWN.items()}
    assert set(OWN) == {field.name for field in msgspec.structs.fields(Rules)}
    assert len(prints | {Rules().fingerprint()}) == len(OWN) + 1


def test_the_fingerprint_does_not_tell_the_order_of_a_table() -> None:
    words = {"a": 1.0, "b": 2.0, "c": 3.0}
    orders = [dict(order) for order in permutations(words.items())]
    assert len({Rules(vocabulary={"status": order}).fingerprint() for order in orders}) == 1
