"""In which documents do words stand one after another?"""

from __future__ import annotations

import numpy as np

from indexer.arrays import Array
from indexer.postings import Field, stretches


def in_sequence(field: Field, words: list[slice], slop: int) -> Array:
    """The documents (ascending) in which the words stand in order, each at most ``slop``
    positions behind the one before; 1 is side by side.

    ``words`` are the stretches of the words' postings in a field that has positions.
    """
    none = np.empty(0, np.int64)
    first, *others = sorted(words, key=lambda where: where.stop - where.start)
    common = field.docs[first]
    for where in others:
        docs = field.docs[where]
        common = common[docs[_at(docs, common)] == common]
        if not len(common):
            return none
    assert field.positions is not None
    reach: Array | None = None  # where a chain of the words so far can end
    for where in words:
        docs = field.docs[where]
        kept = _at(docs, common)
        starts, ends = field.places(where)
        starts, ends = starts[kept], ends[kept]
        # Document and position in one number; a step back of the slop never leaves the document.
        places = field.positions[stretches(starts, ends)].astype(np.int64) + slop
        keys = (np.repeat(docs[kept].astype(np.int64), ends - starts) << 32) + places
        if reach is not None:
            before = np.searchsorted(reach, keys, side="left") - 1
            keys = keys[(before >= 0) & (reach[before] >= keys - slop)]
        reach = keys
        if not len(reach):
            return none
    return np.unique(reach >> 32) if reach is not None else none


def _at(docs: Array, wanted: Array) -> Array:
    """The places of some documents among others, both ascending; of one that is not there, any."""
    at = np.searchsorted(docs, wanted)
    at[at == len(docs)] = 0
    return at
