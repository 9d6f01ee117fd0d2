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
from indexer.storage.manifest import Manifest
from indexer.storage.verified import Verified


class LastGeneration(NamedTuple):
    """What a build goes on from.

    ``number`` is that of the last generation, 0 where none is known. ``pointer`` is None where
    everything is to be built anew; then there are no ``segments``, and no file is ``known``.
    ``opened`` are the files of the segments and of what is known, held so that they are opened
    once; ``verified`` says which of them were read whole, by this build or not long before it.
    """

    verified: Verified
    number: int = 0
    pointer: Current | None = None
    segments: tuple[ArraySegment, ...] = ()
    opened: Mapping[Path, Arrays] = MappingProxyType({})
    known: Manifest = Manifest()


def open_last(index: Path, rules: Rules, *, full: bool) -> LastGeneration:
    """Open the last generation and verify what has to be, if a build under ``rules`` that is not to
    be ``full`` can go on from it. What a build before left behind is removed. Holds the lock."""
    number, verified = 0, Verified(index)
    try:
        pointer = generation_.current(index)
        generation_.sweep(index)
        number = pointer.number
        if full:
            return LastGeneration(verified, number)
        segments = tuple(generation_.segments_of(index, pointer))
        state = generation_.manifest(index, pointer, verified)
        folder = index / pointer.folder
        opened = generation_.open_files(folder, segments, state.listed, verified)
    except (IndexMissing, IndexDamaged):
        return LastGeneration(verified, number)
    if state.rules != rules.fingerprint():
        return LastGeneration(verified, number)
    return LastGeneration(verified, number, pointer, segments, opened, state)
