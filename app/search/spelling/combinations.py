"""What the doubtful stretches of a query may mean together, and how that is written.

A reading makes a choice for every stretch. It costs the slips that its choices take, less for words
that many essays have, and less where essays have them with the rest of the query, best in their
titles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.search.budget import SPELLINGS, Budget
from app.search.spelling.archive import Archive, Essays
from app.search.spelling.candidates import Candidate
from indexer.analysis import analyzer
from indexer.schema import field_names

#: Readings that are followed from one stretch to the next.
MAX_READINGS = 6

#: What it is worth, in slips, that essays have a word with the rest of the query; that all of them
#: do; that one has it in its title.
TOGETHER, THROUGHOUT, TITLED = 0.8, 0.3, 0.35

_POSSESSIVE = ("'s", "’s")


class Slot(NamedTuple):
    """A stretch of the query, and what may stand there."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]


class Reading(NamedTuple):
    """A choice for every slot so far, and the essays that have all of it."""

    cost: float
    choices: tuple[Candidate, ...]
    essays: Essays


def texts(
    q: str,
    ways: list[list[Slot]],
    having: Callable[[str], Essays],
    archive: Archive,
    most: int,
    budget: Budget,
) -> list[str]:
    """The ``most`` that a query may mean, the likeliest first.

    ``ways`` are alternatives: each has slots that do not overlap, in order. ``having`` gives the
    essays that have the rest of the query. Past the budget there are none.
    """
    found = [(slots, each) for slots in ways for each in _weighed(q, slots, having, budget)]
    found.sort(key=lambda each: (each[1].cost, [choice.words for choice in each[1].choices]))
    return [_written(q, slots, reading, archive) for slots, reading in found[:most]]


def _weighed(
    q: str, slots: list[Slot], having: Callable[[str], Essays], budget: Budget
) -> list[Reading]:
    rest = q
    for slot in slots:
        rest = rest[: slot.start] + " " * (slot.end - slot.start) + rest[slot.end :]
    found = [Reading(0.0, (), having(rest))]
    for slot in slots:
        found = [
            longer
            for reading in found
            if not budget.over(SPELLINGS)
            for longer in _longer(reading, slot)
        ]
        found.sort(key=lambda each: each.cost)
        del found[MAX_READINGS:]
    return found


def _longer(reading: Reading, slot: Slot) -> Iterator[Reading]:
    """A reading with each choice for its next slot."""
    for choice in slot.candidates:
        having = reading.essays.with_all(field_names.WORDS, choice.words)
        cost = reading.cost + choice.cost
        if many := len(having):
            cost -= TOGETHER + THROUGHOUT * many / len(reading.essays)
            if len(reading.essays.with_all(field_names.TITLE_WORDS, choice.words)):
                cost -= TITLED
        yield Reading(cost, (*reading.choices, choice), having)


def _written(q: str, slots: list[Slot], reading: Reading, archive: Archive) -> str:
    """The query with the choices in their places, a capital where there was one."""
    for slot, choice in reversed(list(zip(slots, reading.choices, strict=True))):
        words = " ".join(_spelled(word, reading.essays, archive) for word in choice.words)
        typed = q[slot.start : slot.end]
        if typed[:1].isupper() and not typed.isupper():
            words = words[:1].upper() + words[1:]
        q = q[: slot.start] + words + q[slot.end :]
    return q


def _spelled(word: str, essays: Essays, archive: Archive) -> str:
    """A folded word with the accents it has in an essay, one of ``essays`` if any has it."""
    parts = archive.texts_with(word, essays)
    if any(word in text.lower() for text in parts):
        return word
    for text in parts:
        for folded, start, end in analyzer.spans(text):
            spelled = text[start:end].lower()
            if folded == word and not spelled.endswith(_POSSESSIVE):
                return spelled
    return word
