"""The vectors of essays and their sections as arrays of a segment.

They lie in the ``.docs`` file, mapped and verified with it. A segment none of whose essays has a
vector has none of these arrays::

    vector.model      bytes   which word vectors they are made of
    vector.essays     int8    DIMENSIONS numbers of each document, zeros for one without a vector
    vector.scales     float32 of each document: numbers times this are a vector of unit length
    vector.signs      uint64  four of each document: a bit for each number above zero
    vector.sections   int8    DIMENSIONS numbers of each section, those of a document in order
    vector.section_scales  float32  of each section
    vector.starts     where the sections of each document begin, and the last ones end
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from indexer.analysis.embedding import DIMENSIONS, Quantised
from indexer.storage.arrays import Array, narrow
from indexer.storage.postings import stretches

_PREFIX = "vector."
#: Bits are compared 64 at a time.
_WORDS = DIMENSIONS // 64


class EssayVectors(NamedTuple):
    """Vectors of some documents, made of one ``model``: ``essays`` has a row for each document;
    rows ``starts[n]:starts[n + 1]`` of ``sections`` are those of document ``n``."""

    model: str
    essays: Quantised
    sections: Quantised
    starts: Array

    def chosen(self, docs: Array) -> EssayVectors:
        """The vectors of some documents (int64, shape (n,)), in that order."""
        first, last = self.starts[docs].astype(np.int64), self.starts[docs + 1].astype(np.int64)
        rows = stretches(first, last)
        return EssayVectors(
            self.model,
            Quantised(self.essays.numbers[docs], self.essays.scales[docs]),
            Quantised(self.sections.numbers[rows], self.sections.scales[rows]),
            np.append(0, np.cumsum(last - first)),
        )


def signs(numbers: Array) -> Array:
    """For each row of vectors a bit for each number above zero: uint64, shape (n, 4). Two vectors
    are the nearer the fewer bits differ.

    >>> rows = np.ones((2, DIMENSIONS), np.int8)
    >>> rows[1, :3] = -1
    >>> int(np.bitwise_count(np.bitwise_xor(*signs(rows))).sum())
    3
    """
    return np.packbits(numbers > 0, axis=1).view("<u8")


class VectorsBuilder:
    """The vectors of a segment in the making: they grow in one piece, which is not copied."""

    def __init__(self) -> None:
        self._model = ""
        self._size = 0
        self._essays = bytearray()
        self._scales = bytearray()
        self._sections = bytearray()
        self._section_scales = bytearray()
        self._counts: list[Array] = []

    def add(self, vectors: EssayVectors | None, size: int) -> None:
        """Put the vectors of ``size`` documents behind those before them; None where none of
        these has any. What another model made is left out: only a full build changes the model."""
        if vectors is not None:
            self._model = self._model or vectors.model
        if vectors is None or vectors.model != self._model:
            self._essays += bytes(size * DIMENSIONS)
            self._scales += bytes(size * 4)
            self._counts.append(np.zeros(size, np.int64))
        else:
            self._essays += vectors.essays.numbers.tobytes()
            self._scales += vectors.essays.scales.tobytes()
            self._sections += vectors.sections.numbers.tobytes()
            self._section_scales += vectors.sections.scales.tobytes()
            self._counts.append(np.diff(vectors.starts))
        self._size += size

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The arrays of all vectors so far; none where there are none."""
        if not self._model:
            return
        essays = np.frombuffer(self._essays, np.int8)
        yield _PREFIX + "model", np.frombuffer(self._model.encode(), np.uint8)
        yield _PREFIX + "essays", essays
        yield _PREFIX + "scales", np.frombuffer(self._scales, np.float32)
        yield _PREFIX + "signs", signs(essays.reshape(-1, DIMENSIONS)).ravel()
        yield _PREFIX + "sections", np.frombuffer(self._sections, np.int8)
        yield _PREFIX + "section_scales", np.frombuffer(self._section_scales, np.float32)
        yield _PREFIX + "starts", narrow(np.append(0, np.cumsum(np.concatenate(self._counts))))


class SegmentVectors(NamedTuple):
    """The vectors of a segment, mapped. ``signs``: uint64, shape (documents, 4)."""

    of_essays: EssayVectors
    signs: Array


def read_vectors(files: Mapping[str, Array]) -> SegmentVectors | None:
    """The vectors of a segment's ``.docs`` file; None where it has none."""
    if _PREFIX + "model" not in files:
        return None

    def rows(numbers: str, scales: str) -> Quantised:
        return Quantised(files[_PREFIX + numbers].reshape(-1, DIMENSIONS), files[_PREFIX + scales])

    vectors = EssayVectors(
        files[_PREFIX + "model"].tobytes().decode(),
        rows("essays", "scales"),
        rows("sections", "section_scales"),
        files[_PREFIX + "starts"],
    )
    return SegmentVectors(vectors, files[_PREFIX + "signs"].reshape(-1, _WORDS))
