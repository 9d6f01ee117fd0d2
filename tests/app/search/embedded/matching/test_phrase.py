"""Words in sequence and words near each other, against a look at every position."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.binding.clauses import BoundWord
from app.search.embedded.matching import evaluate, phrase, proximity
from app.search.ranking import shares
from indexer.parsing.rules import Rules
from indexer.schema.field_weights import K1, WEIGHTS
from indexer.storage.postings import Field, Postings, arrays

if TYPE_CHECKING:
    from tests.conftest import Archive

#: Ways to look for the places of a word: as lists ask for, all of them, in chosen documents alone.
BOUNDS: list[dict[str, float]] = [
    {},
    {"FEW_DOCS": 0, "FAR_COMMONER": 1_000_000, "FAR_LONGER": 1_000_000},
    {"FEW_DOCS": 0, "FAR_COMMONER": 0, "FAR_LONGER": 0},
]
WORDS = ["owl", "moon", "tide", "clock"]


@pytest.fixture(scope="module", params=range(2))
def texts(request: pytest.FixtureRequest) -> dict[str, list[list[str]]]:
    """Essays of few words said very often, in two parts with a heading between: a thousand places
    of the commonest. Some essays are too short to have any two words together."""
    draw = Random(request.param)

    def part(most: int) -> list[str]:
        return draw.choices(WORDS, weights=[9, 6, 3, 1], k=draw.randint(0, most))

    return {
        f"{number:03}": [part(most), part(most)]
        for number in range(90)
        for most in [90 if number % 5 else 2]
    }


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, small: Archive, texts: dict[str, list[list[str]]]
) -> Archive:
    archive = type(small)(tmp_path_factory.mktemp("words"), Rules())
    for number, (slug, (first, second)) in enumerate(texts.items()):
        if number == len(texts) - 2:  # the last two get a segment of their own
            archive.build()
        body = f"{' '.join(first)}\n\n## Interlude\n\n{' '.join(second)}"
        archive.write(f"{slug}.md", body, title=f"Essay {slug}")
    archive.build()
    assert len(archive.engine._current().leaves.leaves) == 2
    return archive


def chained(parts: list[list[str]], words: list[str], slop: int) -> bool:
    """Whether the words follow each other in one part, each at most ``slop`` places on."""
    for part in parts:
        ends = {n for n, word in enumerate(part) if word == words[0]}
        for wanted in words[1:]:
            ends = {
                n for n, word in enumerate(part)
                if word == wanted and any(0 < n - end <= slop for end in ends)
            }  # fmt: skip
        if ends:
            return True
    return False


@pytest.mark.parametrize("slop", [1, 2, 5])
@pytest.mark.parametrize(
    "words",
    [["owl", "moon"], ["owl", "owl"], ["clock", "owl"], ["tide", "clock", "tide"],
     ["moon", "moon", "moon", "clock"]],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("bounds", BOUNDS, ids=["as they are", "all read", "all looked up"])
def test_words_in_sequence(
    archive: Archive,
    texts: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    slop: int,
    bounds: dict[str, float],
) -> None:
    for name, bound in bounds.items():
        monkeypatch.setattr(phrase, name, bound)
    expected = [slug for slug, parts in texts.items() if chained(parts, words, slop)]
    assert 0 < len(expected) < len(texts)
    asked = f'"{" ".join(words)}"~{slop}'
    assert sorted(archive.slugs(asked)) == expected


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9), min_size=1, max_size=5),
    st.lists(st.integers(0, 2), min_size=2, max_size=4),
    st.sampled_from(BOUNDS),
    st.sampled_from([(65_535, 65_535), (70_000, 65_535), (65_535, 70_000), (9, 9)]),
)
def test_words_side_by_side_at_the_ends_of_numbers(
    docs: list[list[int]], words: list[int], bounds: dict[str, float], ends: tuple[int, int]
) -> None:
    """Documents up to the greatest number, each with words up to the greatest position."""
    last_doc, last_position = ends
    numbers = range(last_doc - len(docs) + 1, last_doc + 1)
    terms: list[list[tuple[int, list[int]]]] = [[], [], []]
    for number, text in zip(numbers, docs, strict=True):
        for term in range(3):
            where = [last_position - len(text) + 1 + n for n, w in enumerate(text) if w == term]
            if where:
                terms[term].append((number, where))
    starts = np.cumsum([0, *map(len, terms)])
    listed = [each for term in terms for each in term]
    postings = Postings(
        [b"a", b"b", b"c"],
        starts,
        np.array([doc for doc, _ in listed], np.int64),
        np.array([len(where) for _, where in listed], np.int64),
        np.array([place for _, where in listed for place in where], np.int64),
    )
    field = Field(arrays("body", postings), "body")
    expected = [
        number
        for number, text in zip(numbers, docs, strict=True)
        if any(text[at : at + len(words)] == words for at in range(len(text)))
    ]
    with pytest.MonkeyPatch.context() as patched:
        for name, bound in bounds.items():
            patched.setattr(phrase, name, bound)
        found = phrase.in_sequence(field, [field.span(word) for word in words], 1)
    assert found.tolist() == expected


def near(parts: list[list[str]], one: str, other: str) -> float:
    """One over the distance of each place of the second word to the nearest of the first."""
    found = 0.0
    for part in parts:
        firsts = [n for n, word in enumerate(part) if word == one]
        for n, word in enumerate(part):
            distance = min((abs(n - first) for first in firsts), default=99)
            if word == other and distance <= shares.MAX_DISTANCE:
                found += 1 / distance
    return found


@pytest.mark.parametrize(
    "words",
    [["tide", "clock"], ["owl", "moon", "tide", "clock", "owl"],
     ["owl", "owl", "moon", "none", "tide"], ["clock", "tide", "clock", "tide", "clock"]],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("bounds", [{}, {"FAR_MORE": 0, "MAX_PAIRS": 1}], ids=["read", "searched"])
def test_words_near_each_other(
    archive: Archive,
    texts: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    bounds: dict[str, float],
) -> None:
    for name, bound in bounds.items():
        monkeypatch.setattr(proximity, name, bound)
    snapshot = archive.engine._current()
    bound_words = [BoundWord(text, (("title", text), ("body", text))) for text in words]
    docs = evaluate.evaluate(bound_words[-1], snapshot.leaves).docs[::2]
    weights = [2.0 + n for n in range(len(words))]
    asked = list(zip(bound_words, weights, strict=True))
    found = proximity.closeness(asked, docs, snapshot.leaves)
    lengths = {slug: sum(map(len, parts)) for slug, parts in texts.items()}
    having = [length for length in lengths.values() if length]
    mean = sum(having) / len(having)
    expected = []
    for doc in docs.tolist():
        slug = snapshot.slug(doc)
        added = 0.0
        for (one, weight), other in pairwise(zip(words, weights, strict=True)):
            if one != other[0]:
                counts = WEIGHTS["body"]
                tf = counts.weight * near(texts[slug], one, other[0])
                tf /= 1 - counts.b + counts.b * lengths[slug] / mean
                added += shares.TOGETHER_SHARE * weight * tf * (K1 + 1) / (tf + K1)
        expected.append(added)
    assert any(expected)
    assert not all(expected)
    assert found.tolist() == pytest.approx(expected, rel=1e-5)
