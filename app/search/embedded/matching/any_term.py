"""The documents that have any of many terms of a field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.search.binding.clauses import Expansion
from app.search.embedded.matching.docset import NONE, DocSet, marked
from indexer.storage.arrays import Array
from indexer.storage.postings import Field

#: Terms whose documents are marked before it is asked whether all are, and documents of
#: neighbouring terms that are marked at once.
SWEPT_TERMS, MAX_DOCS_AT_ONCE = 16, 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class AnyTerm(Expansion):
    """An expansion whose terms are numbers: ``numbers`` has for every segment the numbers of its
    terms in ``fields``, the commonest first (int64, shape (n,))."""

    fields: tuple[Field | None, ...]
    numbers: tuple[Array, ...]

    @property
    def words(self) -> frozenset[str]:
        """The terms, read where they are asked for."""
        return frozenset(
            field.terms[number].decode()
            for field, numbers in zip(self.fields, self.numbers, strict=True)
            if field is not None
            for number in numbers.tolist()
        )


def any_of(field: Field, numbers: Array, size: int, score: float) -> DocSet:
    """The documents, of ``size``, that have any of these terms, best the commonest first: a few
    common ones are in all essays already."""
    mask = np.zeros(size, dtype=np.bool_)
    lows, highs = field.starts[numbers].tolist(), field.starts[numbers + 1].tolist()
    for n, (low, high) in enumerate(zip(lows, highs, strict=True), 1):
        mask[field.docs[low:high]] = True
        if n % SWEPT_TERMS == 0 and mask.all():
            break
    docs = np.flatnonzero(mask)
    return DocSet(docs, np.full(len(docs), float(score)))


def any_among(field: Field, numbers: range, size: int, score: float) -> DocSet:
    """The same for neighbouring terms."""
    if not len(numbers):
        return NONE
    starts = field.starts[numbers.start : numbers.stop + 1].astype(np.int64)
    low, high = int(starts[0]), int(starts[-1])
    if high - low > MAX_DOCS_AT_ONCE:
        commonest = np.argsort(starts[:-1] - starts[1:], kind="stable")
        return any_of(field, commonest + numbers.start, size, score)
    docs = np.flatnonzero(marked([field.docs[low:high]], size))
    return DocSet(docs, np.full(len(docs), float(score)))
