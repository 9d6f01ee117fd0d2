"""The weight of a word against its formula, worked out document by document from the texts."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import log
from typing import TYPE_CHECKING, Any

import pytest

from indexer.analysis import folding, stemming, tokenizer
from indexer.essay import Essay
from indexer.schema import field_names
from indexer.schema.document import texts
from indexer.schema.field_weights import K1, WEIGHTS

if TYPE_CHECKING:
    from tests.conftest import Archive

WORDS = ["tide", "tides", "tidal", "ocean", "clock", "moon", "été", "harbour", "map"]


def write(archive: Archive, number: int, draw: random.Random) -> None:
    def some(low: int, high: int) -> str:
        return " ".join(draw.choices(WORDS, weights=range(9, 0, -1), k=draw.randint(low, high)))

    meta: dict[str, Any] = {"title": some(1, 4)}
    if draw.random() < 0.7:
        meta["tags"] = [some(1, 1), some(1, 2)]
    if draw.random() < 0.5:
        meta["description"] = some(1, 9)
    if draw.random() < 0.3:
        meta["author"] = some(1, 2)
    if draw.random() < 0.3:
        meta["bibliography"] = [some(2, 5)]
    parts = [f"## {some(1, 3)}\n\n{some(0, 60)}" for _ in range(draw.randint(0, 3))]
    archive.write(f"{number}.md", "\n\n".join([some(0, 30), *parts]), **meta)


def expected(essays: list[Essay], word: str) -> dict[str, float]:
    """The formula, from the texts alone."""
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    for essay in essays:
        of = counts[essay.slug] = {}
        for name, parts in texts(essay).items():
            listed = [w for p in parts for w in tokenizer.words(p)]
            wanted = folding.fold(word)
            if name in field_names.TEXT:
                listed, wanted = [stemming.stem(w) for w in listed], stemming.stem(wanted)
            of[name] = listed.count(wanted), len(listed)
    means = {}
    for name in WEIGHTS:
        lengths = [of[name][1] for of in counts.values() if of[name][1]]
        means[name] = sum(lengths) / len(lengths) if lengths else 1.0
    frequency = {
        slug: sum(
            WEIGHTS[name].weight * n
            / (1 - WEIGHTS[name].b + WEIGHTS[name].b * length / means[name])
            for name, (n, length) in of.items()
        )
        for slug, of in counts.items()
    }  # fmt: skip
    having = {slug: tf for slug, tf in frequency.items() if tf}
    idf = log(1 + (len(essays) - len(having) + 0.5) / (len(having) + 0.5))
    return {slug: idf * tf * (K1 + 1) / (tf + K1) for slug, tf in having.items()}


@pytest.mark.parametrize("seed", range(4))
def test_a_word_weighs_what_the_formula_says(make: Callable[..., Archive], seed: int) -> None:
    draw = random.Random(seed)
    archive = make()
    for number in range(60):
        write(archive, number, draw)
    archive.build()
    # Edits leave withdrawn documents in the segments; they must count nowhere.
    for number in draw.sample(range(60), k=15):
        write(archive, number, draw)
    (archive.content / f"{draw.randrange(60)}.md").unlink()
    archive.build()
    essays = [whole for slug in archive.slugs() if (whole := archive.engine.essay(slug))]
    assert len(essays) == 59
    for word in ("tide", "ete", "map", "harbours"):
        found = archive.search(f"{word} OR nowhere").hits
        scores = {hit.essay.slug: hit.score for hit in found}
        assert scores == pytest.approx(expected(essays, word), abs=1e-5)
