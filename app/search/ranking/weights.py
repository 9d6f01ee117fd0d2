"""What having a word says of an essay.

What one occurrence of it counts in each field is told by :mod:`indexer.schema.field_weights`.
"""

from __future__ import annotations

from math import log

#: Essays that an archive must have to know as much of what words say as is known in general.
GENERAL_ESSAYS = 500


def rarity(having: int, live: int) -> float:
    """What having a word says, where ``having`` of ``live`` essays have it: its idf.

    >>> round(rarity(1, 100), 2), round(rarity(100, 100), 4)
    (4.21, 0.005)
    """
    return log(1 + (live - having + 0.5) / (having + 0.5))


def in_general(weight: float, live: int) -> float:
    """What a word counts in an archive of ``live`` essays that in general has a ``weight`` from 0
    to 1: in fifty essays "should" may be as rare as "dentist", in many thousands it is not.

    >>> round(in_general(0.35, 50), 2), round(in_general(0.35, 100_000), 2)
    (0.41, 1.0)
    """
    return (GENERAL_ESSAYS * weight + live) / (GENERAL_ESSAYS + live)
