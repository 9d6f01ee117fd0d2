"""When two bibliographies mean the same work."""

from __future__ import annotations

import pytest

from indexer.analysis.citations import work_key

SAME = [
    (
        'Shannon, C. E. (1948). "A Mathematical Theory of Communication". BSTJ, 27, 379-423.',
        "Shannon, Claude. 1948. A mathematical theory of communication.",
        "SHANNON, C.E. (1948) “A Mathematical Theory of Communication,” Bell System",
    ),
    ("Gödel, K. (1931). Über formal unentscheidbare Sätze",
     "Godel 1931: Uber formal unentscheidbare Satze I"),
    ("The Book of Kells", "the book of  KELLS."),
    ("Euclid (1908). Elements.", "Euclid, 1908a, Elements"),
]  # fmt: skip

DIFFERENT = [
    ("Knuth, D. (1973). Sorting and Searching.", "Knuth, D. (1973). Fundamental Algorithms."),
    ("Knuth, D. (1973). Sorting and Searching.", "Knuth, D. (1998). Sorting and Searching."),
    ("Chen, J. (2024). Deep Networks.", "Chan, J. (2024). Deep Networks."),
    ("Chen, J. (2024).", "Chen, K. (2024)."),
]


@pytest.mark.parametrize("entries", SAME)
def test_same(entries: tuple[str, ...]) -> None:
    assert len(set(map(work_key, entries))) == 1
    assert work_key(entries[0])


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    assert work_key(one) != work_key(other)


def test_an_entry_without_words_is_no_work() -> None:
    assert work_key("—") == work_key("") == ""
