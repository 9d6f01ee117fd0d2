"""What having a word says of an essay.

What one occurrence of it counts in each field is told by :mod:`indexer.schema.field_weights`.
"""

from __future__ import annotations

from math import log


def rarity(having: int, live: int) -> float:
    """What having a word says, where ``having`` of ``live`` essays have it: its idf.

    >>> round(rarity(1, 100), 2), round(rarity(100, 100), 4)
    (4.21, 0.005)
    """
    return log(1 + (live - having + 0.5) / (having + 0.5))
