"""What the doubtful stretches of a query may mean together, and how that is written.

A reading makes a choice for every stretch. It costs the slips that its choices take, less for words
that many essays have, and less where essays have them with the rest of the query, best in their
titles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from app.search.budget import SPELLINGS, Budget
from app.search.embedded.snapshot import Snapshot
from app.search.embedded.spelling.candidates import Candidate
from indexer.analysis import analyzer
from indexer.schema import field_names
from indexer.storage.arrays import Array

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
    """A choice for every slot so far, and the documents that have all of it."""

    cost: float
    choices: tuple[Candidate, ...]
    docs: Array


def texts(
    q: str,
    ways: list[list[Slot]],
    having: Callable[[str], Array],
    snapshot: Snapshot,
    most: int,
    budget: Budget,
) -> list[str]:
    """The ``most`` that a query may mean, the likeliest first.

    ``ways`` are alternatives: each has slots that do not overlap, in order. ``having`` gives the
    documents that have the rest of the query. Past the budget there are none.
    """
    found = [
        (slots, each) for slots in ways for each in _weighed(q, slots, having, snapshot, budget)
    ]
    found.sort(key=lambda each: (each[1].cost, [choice.words for choice in each[1].choices]))
    return [_written(q, slots, reading, snapshot) for slots, reading in found[:most]]


def _weighed(
    q: str, slots: list[Slot], having: Callable[[str], Array], snapshot: Snapshot, budget: Budget
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
            for longer in _longer(reading, slot, snapshot)
        ]
        found.sort(key=lambda each: each.cost)
        del found[MAX_READINGS:]
    return found


def _longer(reading: Reading, slot: Slot, snapshot: Snapshot) -> Iterator[Reading]:
    """A reading with each choice for its next slot."""
    among = np.zeros(snapshot.size, dtype=np.bool_)
    among[reading.docs] = True
    for choice in slot.candidates:
        docs = _having(field_names.WORDS, choice, among, snapshot)
        cost = reading.cost + choice.cost
        if len(docs):
            cost -= TOGETHER + THROUGHOUT * len(docs) / len(reading.docs)
            if len(_having(field_names.TITLE_WORDS, choice, among, snapshot)):
                cost -= TITLED
        yield Reading(cost, (*reading.choices, choice), docs)


def _having(field: str, choice: Candidate, among: Array, snapshot: Snapshot) -> Array:
    """Those documents of a mask that have every word of a choice."""
    docs, *others = (snapshot.leaves.live_docs(field, word) for word in choice.words)
    for other in others:
        docs = np.intersect1d(docs, other, assume_unique=True)
    return docs[among[docs]]


def _written(q: str, slots: list[Slot], reading: Reading, snapshot: Snapshot) -> str:
    """The query with the choices in their places, a capital where there was one."""
    for slot, choice in reversed(list(zip(slots, reading.choices, strict=True))):
        words = " ".join(_spelled(word, reading.docs, snapshot) for word in choice.words)
        typed = q[slot.start : slot.end]
        if typed[:1].isupper() and not typed.isupper():
            words = words[:1].upper() + words[1:]
        q = q[: slot.start] + words + q[slot.end :]
    return q


def _spelled(word: str, docs: Array, snapshot: Snapshot) -> str:
    """A folded word with the accents it has in an essay, one of ``docs`` if any has it."""
    everywhere = snapshot.leaves.live_docs(field_names.WORDS, word)
    having = np.intersect1d(docs, everywhere)
    if not len(everywhere):
        return word
    doc = int(having[0] if len(having) else everywhere[0])
    parts = [snapshot.card(doc).title, *(text for _, text in snapshot.section_texts(doc))]
    if any(word in text.lower() for text in parts):
        return word
    for text in parts:
        for folded, start, end in analyzer.spans(text):
            spelled = text[start:end].lower()
            if folded == word and not spelled.endswith(_POSSESSIVE):
                return spelled
    return word
