"""Which slips are likelier than which?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.spelling import edit_cost

LIKELIER = [
    ("a swap before a replaced letter", ("modle", "model"), ("modpl", "model")),
    ("a letter not doubled before one left out", ("leter", "letter"), ("leter", "lexter")),
    ("a letter doubled before one added", ("modell", "model"), ("modelk", "model")),
    ("a key beside before one far off", ("modek", "model"), ("modeq", "model")),
    ("another vowel before another consonant", ("seperate", "separate"), ("sebarate", "separate")),
    ("one slip before two", ("lerning", "learning"), ("lerning", "burning")),
    ("a slip inside before one at the beginning", ("mdoel", "model"), ("omdel", "model")),
    ("nothing before anything", ("model", "model"), ("modell", "model")),
]


@pytest.mark.parametrize(
    ("one", "other"), [row[1:] for row in LIKELIER], ids=[row[0] for row in LIKELIER]
)
def test_what_is_likelier(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert edit_cost.cost(*one) < edit_cost.cost(*other)


words = st.text("abcdeля", max_size=8)


@given(typed=words, meant=words)
def test_a_cost_is_nothing_for_the_same_word_alone(typed: str, meant: str) -> None:
    assert (edit_cost.cost(typed, meant) == 0) == (typed == meant)


@given(typed=words, meant=words, around=st.sampled_from(["xy", "яд"]))
def test_what_words_share_costs_nothing(typed: str, meant: str, around: str) -> None:
    """Shared letters before both leave the price of what follows, but not of a first letter."""
    shared = edit_cost.cost(around + typed, around + meant)
    assert shared <= edit_cost.cost("q" + typed, "q" + meant) + 1e-9
