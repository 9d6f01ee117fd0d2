"""Weighted edit distance between a typed and an intended word.

A slip is a letter dropped, added, replaced, or two swapped, as in the optimal string alignment
distance; each costs about one, less where hands and ears slip easily.
"""

from __future__ import annotations

from itertools import pairwise

ADDED = DROPPED = 1.0
REPLACED = 1.15
SWAPPED = 0.85
#: A letter typed twice that stands once, or once that stands twice.
DOUBLED = 0.75
#: A key beside the one that was meant, or one vowel for another.
BESIDE = 0.95
#: Readers seldom miss the first letter.
FIRST = 0.4

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = frozenset(
    frozenset(pair)
    for pair in (
        *(pair for row in _ROWS for pair in pairwise(row)),
        *(pair for upper, lower in pairwise(_ROWS) for pair in zip(upper, lower, strict=False)),
        *(pair for upper, lower in pairwise(_ROWS) for pair in zip(upper[1:], lower, strict=False)),
        *(pair for pair in zip("aeiou", "eioua", strict=True)),
        *(pair for pair in zip("aeiou", "iouae", strict=True)),
    )
)


def cost(typed: str, meant: str) -> float:
    """What it takes to type ``typed`` for ``meant``, in slips.

    >>> cost("modle", "model"), cost("acomodate", "accommodate"), cost("owl", "owl")
    (0.85, 1.5, 0.0)
    >>> cost("nodel", "model") > cost("modek", "model") > cost("model", "modell")
    True
    """
    first = FIRST if typed[:1] != meant[:1] else 0.0
    # What both begin and end with is right; one letter of it says what was doubled.
    start = 0
    most = min(len(typed), len(meant))
    while start < most and typed[start] == meant[start]:
        start += 1
    end = 0
    while end < most - start and typed[-1 - end] == meant[-1 - end]:
        end += 1
    start, end = max(0, start - 1), max(0, end - 1)
    return round(first + _aligned(typed[start : len(typed) - end], meant[start:][: _cut(end)]), 6)


def _cut(end: int) -> int | None:
    return -end or None


def _aligned(typed: str, meant: str) -> float:
    before: list[float] = []
    above = [0.0]
    for at, letter in enumerate(meant):
        above.append(above[-1] + _single(meant, at, DROPPED, letter))
    for row, given in enumerate(typed):
        extra = _single(typed, row, ADDED, given)
        line = [above[0] + extra]
        for at, letter in enumerate(meant):
            best = above[at] if given == letter else above[at] + _replaced(given, letter)
            best = min(best, above[at + 1] + extra, line[at] + _single(meant, at, DROPPED, letter))
            if row and at and given == meant[at - 1] != letter == typed[row - 1]:
                best = min(best, before[at - 1] + SWAPPED)
            line.append(best)
        before, above = above, line
    return above[-1]


def _single(word: str, at: int, price: float, letter: str) -> float:
    """The price of a letter that only one of the words has."""
    return DOUBLED if letter in (word[at - 1 : at], word[at + 1 : at + 2]) else price


def _replaced(given: str, letter: str) -> float:
    return BESIDE if frozenset((given, letter)) in _NEAR else REPLACED


def beginning(word: str, term: str) -> int:
    """How many slips a beginning of ``term`` is from ``word``: 0, 1, or 2 for more.

    >>> beginning("lea", "learning"), beginning("lerni", "learning"), beginning("laern", "learn")
    (0, 1, 1)
    >>> beginning("learxn", "learn"), beginning("lexrni", "learning"), beginning("x", "learning")
    (1, 1, 1)
    >>> beginning("norning", "learning")
    2
    """
    if term.startswith(word):
        return 0
    at = next((n for n, (a, b) in enumerate(zip(word, term, strict=False)) if a != b), len(term))
    one = (
        term.startswith(word[at + 1 :], at + 1)  # another letter
        or term.startswith(word[at:], at + 1)  # one that is missing
        or term.startswith(word[at + 1 :], at)  # one too many
        or term.startswith(word[at + 1 : at + 2] + word[at] + word[at + 2 :], at)  # two swapped
    )
    return 1 if one else 2
