"""Terms near a word: exactly those that aligning every term letter by letter finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from app.search.embedded.reader.fuzzy import MAX_LETTERS, FuzzyTerms
from app.search.embedded.snapshot import Snapshot
from app.search.spelling.edit_cost import beginning
from indexer.schema import field_names

if TYPE_CHECKING:
    from tests.conftest import Archive


def snapshot_of(archive: Archive) -> Snapshot:
    return archive.engine._current()


@pytest.fixture(scope="module")
def terms(small: Archive) -> dict[str, int]:
    return snapshot_of(small).leaves.prefixed(field_names.WORDS, "")


typed = st.text("aeiorstlnmcpжß9", min_size=1, max_size=10) | st.text(min_size=1, max_size=6)


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(data=st.data(), distance=st.sampled_from([1, 2]), invented=typed)
def test_near_is_what_aligning_every_term_finds(
    small: Archive, terms: dict[str, int], data: st.DataObject, distance: int, invented: str
) -> None:
    word = data.draw(st.sampled_from(sorted(terms)) | st.just(invented))
    at = data.draw(st.integers(0, len(word)))
    word = word[:at] + data.draw(st.sampled_from(["", "e", "zz"])) + word[at + 1 :] or "e"
    lexicon = FuzzyTerms(snapshot_of(small).leaves, field_names.WORDS)
    expected = {t: d for t in terms if (d := OSA.distance(word, t)) <= distance}
    found = lexicon.near(word, distance)
    assert {near.term: near.distance for near in found} == expected
    assert [near.distance for near in found] == sorted(near.distance for near in found)
    assert all(near.having == terms[near.term] for near in found)
    for least in (1, 2, 5):
        commoner = [n for n in lexicon.near(word, 1) if n.term[0] == word[0] and n.having >= least]
        assert lexicon.commoner(word, least) == commoner


def starts(word: str, term: str) -> int:
    """The slow way: the nearest of all beginnings."""
    return min(2, *(OSA.distance(word, term[:end]) for end in range(len(term) + 1)))


@settings(deadline=None, max_examples=300)
@given(word=st.text("abc", min_size=1, max_size=6), term=st.text("abc", min_size=1, max_size=8))
def test_a_beginning_is_the_nearest_of_all(word: str, term: str) -> None:
    assert beginning(word, term) == starts(word, term)


@pytest.mark.parametrize("word", ["spar", "spr", "interpretb", "motrocy", "naiv", "q", "дом"])
def test_begun_is_what_trying_every_term_finds(
    small: Archive, terms: dict[str, int], word: str
) -> None:
    found = FuzzyTerms(snapshot_of(small).leaves, field_names.WORDS).begun(word)
    expected = {t: d for t in terms if t[0] == word[0] and (d := starts(word, t)) <= 1}
    assert {near.term: near.distance for near in found} == expected


def test_segments_are_one_lexicon(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(3):
        archive.write(f"{number}.md", f"kelp moss{number} водоросль", title=f"T{number}")
        archive.build_apart()
    leaves = snapshot_of(archive).leaves
    assert len(leaves.leaves) == 3
    lexicon = FuzzyTerms(leaves, field_names.WORDS)
    assert [(n.term, n.distance, n.having) for n in lexicon.near("kepl", 2)] == [("kelp", 1, 3)]
    assert [(n.term, n.having) for n in lexicon.commoner("kelq", 3)] == [("kelp", 3)]
    assert lexicon.commoner("kelq", 4) == []
    assert {n.term for n in lexicon.near("mos", 2)} >= {"moss0", "moss1", "moss2"}
    assert [n.term for n in lexicon.near("вдооросль", 1)] == ["водоросль"]


@pytest.mark.parametrize("word", ["x" * MAX_LETTERS, "x" * 10_000, "\U0010ffff" * 20, "\x00" * 4])
def test_any_word_can_be_asked_for(small: Archive, word: str) -> None:
    lexicon = FuzzyTerms(snapshot_of(small).leaves, field_names.WORDS)
    assert lexicon.near(word, 2) == []
    assert lexicon.begun(word) == []


def test_an_empty_archive_has_no_terms(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    assert FuzzyTerms(snapshot_of(archive).leaves, field_names.WORDS).near("kelp", 2) == []


def test_nine_bytes_a_term(small: Archive, terms: dict[str, int]) -> None:
    assert FuzzyTerms(snapshot_of(small).leaves, field_names.WORDS).nbytes == 9 * len(terms)
