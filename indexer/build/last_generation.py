"""The last generation as a build finds it: what answers, and what is known of every file.

Other rules, another format or a damaged index leave nothing to go on from: the content is the
truth, so whatever is wrong with the index, it is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from indexer.errors import IndexDamaged, IndexMissing
from indexer.parsing.rules import Rules
from indexer.storage import generation as generation_
from indexer.storage.arrays import Arrays
from indexer.storage.codec import ArraySegment
from indexer.storage.generation import Current
from indexer.storage.manifest import Known


class LastGeneration(NamedTuple):
    """What a build goes on from.

    ``number`` is that of the last generation, 0 where none is known. ``pointer`` is None where
    everything is to be built anew; then there are no ``segments``, and no file is ``known``.
    ``opened`` are the files of the segments, verified, and held so that they are verified once.
    """

    number: int = 0
    pointer: Current | None = None
    segments: tuple[ArraySegment, ...] = ()
    opened: tuple[Arrays, ...] = ()
    known: Mapping[str, Known] = MappingProxyType({})


def open_last(index: Path, rules: Rules, *, full: bool) -> LastGeneration:
    """Open and verify the last generation, if a build under ``rules`` that is not to be ``full``
    can go on from it. What a build before this one left behind is removed. Holds the lock."""
    number = 0
    try:
        pointer = generation_.current(index)
        generation_.sweep(index)
        number = pointer.number
        if full:
            return LastGeneration(number)
        segments = tuple(generation_.segments_of(index, pointer))
        opened = tuple(generation_.open_segments(index / pointer.folder, segments))
        state = generation_.manifest(index, pointer)
    except (IndexMissing, IndexDamaged):
        return LastGeneration(number)
    if state.rules != rules.fingerprint():
        return LastGeneration(number)
    known = {each.path: each for each in state.files}
    return LastGeneration(number, pointer, segments, opened, known)
