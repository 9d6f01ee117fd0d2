"""Names of subjects that are probably one, spelled in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from rapidfuzz.distance import OSA

from app.search.report import Spelled
from indexer.essay import value_key

#: Names shorter than this are a letter apart by chance (*cat*, *car*), longer than that not looked
#: at letter by letter.
MIN_LETTERS, MAX_LETTERS = 5, 60
#: Names without one letter alike that are compared with each other.
MAX_COMPARED = 32


def near(counts: Mapping[str, int]) -> list[tuple[Spelled, ...]]:
    """Groups of values that differ in case, by one edit, or as one and many.

    >>> [[each.value for each in group] for group in
    ...  near({"Birds": 3, "birds": 1, "bird": 1, "Theory": 2, "Theories": 1, "Maps": 1})]
    [['Birds', 'bird', 'birds'], ['Theory', 'Theories']]
    """
    spelled: dict[str, list[Spelled]] = {}
    for value, count in counts.items():
        spelled.setdefault(value_key(value), []).append(Spelled(value, count))
    alike: dict[str, list[str]] = {}
    for key in sorted(spelled):
        for trace in {singular(key), *_without_a_letter(key)}:
            alike.setdefault(trace, []).append(key)
    group = {key: [key] for key in spelled}
    for keys in alike.values():
        for one, other in combinations(keys[:MAX_COMPARED], 2):
            if group[one] is not group[other] and _close(one, other):
                group[one] += group[other]
                for each in group[other]:
                    group[each] = group[one]
    distinct = {id(keys): keys for keys in group.values()}
    found = [
        tuple(sorted((s for key in keys for s in spelled[key]), key=lambda s: (-s.count, s.value)))
        for keys in distinct.values()
    ]
    several = [each for each in found if len(each) > 1]
    return sorted(several, key=lambda each: (value_key(each[0].value), each[0].value))


def singular(key: str) -> str:
    """A folded name without the ending that makes an English word many.

    >>> [singular(each) for each in ("theories", "boxes", "maps", "glass", "gas")]
    ['theory', 'box', 'map', 'glass', 'gas']
    """
    if len(key) < 4 or not key.endswith("s") or key.endswith(("ss", "us", "is")):
        return key
    if key.endswith("ies") and len(key) > 4:
        return key[:-3] + "y"
    if key.endswith(("xes", "ches", "shes", "sses", "zes")):
        return key[:-2]
    return key[:-1]


def _without_a_letter(key: str) -> set[str]:
    """A name without each of its letters: names one edit apart share one of these, or are one
    (the symmetric deletes of SymSpell). Digits stay: two numbers are two numbers."""
    if not MIN_LETTERS <= len(key) <= MAX_LETTERS:
        return set()
    places = [n for n, letter in enumerate(key) if not letter.isdigit()]
    return {key, *(key[:n] + key[n + 1 :] for n in places)}


def _close(one: str, other: str) -> bool:
    if singular(one) == singular(other):
        return True
    if min(len(one), len(other)) < MIN_LETTERS:
        return False
    digits = [[c for c in key if c.isdigit()] for key in (one, other)]
    return digits[0] == digits[1] and OSA.distance(one, other, score_cutoff=1) <= 1
