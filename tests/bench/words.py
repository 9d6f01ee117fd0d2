"""What are essays made of? A vocabulary of words that look like words, names, tags, categories.

Words are made of syllables, with endings that stemmers know; the commonest are short.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SEED = 20240130
VOCABULARY, TAGS, CATEGORIES = 60_000, 400, 24
#: Words of English that stop lists and YAML know.
_REAL = {"have", "that", "with", "this", "from", "will", "your", "when", "than", "none", "null",
         "then", "they", "what", "more", "some", "such", "true", "false"}  # fmt: skip


class Language(NamedTuple):
    words: npt.NDArray[np.object_]  # by rank, the commonest first
    cumulative: npt.NDArray[np.float64]
    companion: npt.NDArray[np.int64]
    names: list[str]
    tags: list[str]
    categories: list[str]


def language(seed: int = SEED) -> Language:
    """The words, surnames, tags and categories that essays are made of."""
    rng = np.random.default_rng(seed)
    onsets = "b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl st t th tr v w".split()
    vowels = "a a e e i o u ai ea io".split()
    codas = ["", "", "", "l", "m", "n", "r", "s", "t", "nd", "rk", "st"]
    endings = ["", "", "", "s", "s", "ing", "ed", "er", "ation", "ity", "ness", "al", "ly", "ment"]

    def root() -> str:
        parts = []
        for _ in range(int(rng.choice([1, 2, 3], p=[0.1, 0.6, 0.3]))):
            parts += [rng.choice(onsets), rng.choice(vowels)]
        return "".join([*parts, str(rng.choice(codas))])

    roots = [root() for _ in range(VOCABULARY // 2)]
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        word = roots[int(rng.integers(len(roots)))] + endings[int(rng.integers(len(endings)))]
        if 4 <= len(word) <= 16 and word not in _REAL:
            made[word] = None
    # Common words are short, as in any language.
    length = np.array([len(word) for word in made]) + rng.normal(0, 1.5, VOCABULARY)
    words = np.array(list(made), dtype=object)[np.argsort(length, kind="stable")]
    weight = 1 / (np.arange(VOCABULARY) + 2.7) ** 1.05
    titled = [word.capitalize() for word in words]
    names = [titled[i] for i in rng.integers(0, VOCABULARY, 3000)]
    pairs = rng.integers(2000, 30_000, (TAGS, 2))
    return Language(
        words,
        np.cumsum(weight / weight.sum()),
        rng.integers(50, 5000, VOCABULARY),
        names,
        [f"{titled[a]} {titled[b]}" for a, b in pairs],
        [titled[i] for i in rng.choice(np.arange(1000, 9000), CATEGORIES, replace=False)],
    )
