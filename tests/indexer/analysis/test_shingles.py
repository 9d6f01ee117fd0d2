"""Sketches find the pairs that comparing all with all finds, and what a text is a copy of."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from indexer.analysis import shingles

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "rstlnp"]


def written(chance: random.Random, length: int) -> list[str]:
    return [chance.choice(VOCABULARY) for _ in range(length)]


def changed(words: list[str], share: float, chance: random.Random) -> list[str]:
    return [chance.choice(VOCABULARY) if chance.random() < share else word for word in words]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("the same", "the same", True),
        ("the same", "THE  SAME, twice punctuated!", True),  # but for two words
        ("the same", "the same" * 2, False),  # as much again of something else
    ],
)
def test_what_is_nearly_the_same(one: str, other: str, alike: bool) -> None:
    chance = random.Random(3)
    text = " ".join(written(chance, 120))
    more = " ".join(written(chance, 200)) if other == "the same" * 2 else ""
    a = shingles.shingles([f"{one} {text}"])
    b = shingles.shingles([f"{other} {text.upper()} {more}"])
    assert (shingles.resemblance(a, b) >= shingles.ALIKE) == alike


@pytest.mark.parametrize(("share", "alike"), [(0.0, True), (0.06, True), (0.15, False), (1, False)])
def test_how_many_words_may_be_changed(share: float, alike: bool) -> None:
    chance = random.Random(5)
    text = written(chance, 3000)
    other = changed(text, share, chance)
    found = shingles.resemblance(
        shingles.shingles([" ".join(text)]), shingles.shingles([" ".join(other)])
    )
    assert (found >= shingles.ALIKE) == alike
    # Scattered changes leave (1 − share)⁴ of each text's shingles.
    left = (1 - share) ** shingles.WIDTH
    assert found == pytest.approx(left / (2 - left), abs=0.05)


def test_a_text_that_says_little_is_no_copy() -> None:
    stub = shingles.shingles(["To be written, one day, by somebody who knows."])
    assert 0 < len(stub) < shingles.MIN_SHINGLES
    assert shingles.resemblance(stub, stub) == 0.0
    assert not len(shingles.sketch(stub))


def test_no_shingle_reaches_over_two_parts() -> None:
    assert len(shingles.shingles(["one two three", "four five six"])) == 0


@pytest.mark.parametrize("seed", range(3))
def test_sketches_find_what_comparing_all_finds(seed: int) -> None:
    chance = random.Random(seed)
    texts: list[list[str]] = []
    for _ in range(60):
        texts.append(written(chance, chance.randrange(30, 900)))
        for _ in range(chance.choice([0, 0, 1, 3])):
            texts.append(changed(texts[-1], chance.choice([0.0, 0.02, 0.05, 0.3]), chance))
    sets = [shingles.shingles([" ".join(text)]) for text in texts]
    sketches = [shingles.sketch(each) for each in sets]
    owners = np.repeat(np.arange(len(texts)), [len(sketch) for sketch in sketches])
    near = list(shingles.candidates(owners, np.concatenate(sketches)))
    found = shingles.families({(a, b): shingles.resemblance(sets[a], sets[b]) for a, b in near})
    every = {
        (a, b): shingles.resemblance(sets[a], sets[b])
        for a, b in combinations(range(len(texts)), 2)
    }
    assert {each.members for each in found} == {each.members for each in shingles.families(every)}
    assert found
    assert len(near) < 3 * len(texts)


def test_a_thousand_copies_are_a_thousand_pairs() -> None:
    text = shingles.sketch(shingles.shingles([" ".join(written(random.Random(1), 400))]))
    owners = np.repeat(np.arange(1000), len(text))
    pairs = list(shingles.candidates(owners, np.tile(text, 1000)))
    assert len(pairs) == 999
    (family,) = shingles.families(dict.fromkeys(pairs, 1.0))
    assert family.members == tuple(range(1000))


def test_nothing_at_all() -> None:
    assert list(shingles.candidates(np.empty(0, np.int64), np.empty(0, np.uint64))) == []
    assert shingles.families({}) == []
