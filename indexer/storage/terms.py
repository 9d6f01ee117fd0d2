"""The terms of a segment, and what Whoosh sees of their postings.

The ``.post`` file of a segment, written whole by a build or one posting at a time by Whoosh, and
Whoosh's own walk over it. Whole arrays are read through :class:`indexer.storage.postings.Field`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import formats
from whoosh.codec import base
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from indexer.storage import arrays
from indexer.storage.arrays import Arrays
from indexer.storage.postings import Field, Postings
from indexer.storage.postings import arrays as posting_arrays
from indexer.storage.segment import SegmentState

POSTINGS = ".post"


def write_postings(path: Path, fields: Iterable[tuple[str, Postings]]) -> None:
    """The ``.post`` file of a segment, field by field as they come."""
    arrays.write(
        path,
        chain.from_iterable(posting_arrays(name, postings).items() for name, postings in fields),
    )


class PostingsWriter(base.FieldWriter):  # type: ignore[misc]
    """Takes postings one by one in order, as Whoosh gives them in a merge."""

    def __init__(self, folder: Path, segment: SegmentState) -> None:
        self._folder = folder
        self._segment = segment
        self._fields: dict[str, Postings] = {}
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        self._name = fieldname
        self._format = fieldobj.format
        self._placed = self._format.supports("positions")
        self._terms: list[bytes] = []
        self._starts: list[int] = []
        self._docs: list[int] = []
        self._freqs: list[float] = []
        self._positions: list[int] = []

    def start_term(self, text: bytes) -> None:
        self._terms.append(text)
        self._starts.append(len(self._docs))

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        self._docs.append(docnum)
        self._freqs.append(weight)
        if self._placed:
            self._positions += self._format.decode_positions(vbytes)

    def finish_term(self) -> None:
        pass

    def finish_field(self) -> None:
        self._fields[self._name] = Postings(
            self._terms,
            np.array([*self._starts, len(self._docs)], dtype=np.int64),
            np.array(self._docs, dtype=np.int64),
            np.array(self._freqs),
            np.array(self._positions, dtype=np.int64) if self._placed else None,
        )

    def close(self) -> None:
        self.is_closed = True
        if self._segment.doc_count_all():
            write_postings(self._segment.path(self._folder, POSTINGS), self._fields.items())


class TermsReader(base.TermsReader):  # type: ignore[misc]
    """The terms and postings of a segment, for Whoosh."""

    def __init__(self, files: Arrays, documents: Arrays) -> None:
        self.files = files
        self._documents = documents
        names = (n.removesuffix(".terms.at") for n in files if n.endswith(".terms.at"))
        self.fields = {name: Field(files, name) for name in sorted(names)}

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        name, text = term
        return name in self.fields and self.fields[name].find(text) >= 0

    def indexed_field_names(self) -> Iterable[str]:
        return self.fields.keys()

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return (
            (name, field.terms[n]) for name, field in self.fields.items() for n in range(len(field))
        )

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        field = self.fields.get(fieldname)
        if field is not None:
            for number in range(field.place(prefix), len(field)):
                yield fieldname, field.terms[number]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def cursor(self, fieldname: str, fieldobj: Any) -> base.FieldCursor:
        field = self.fields.get(fieldname)
        return base.EmptyCursor() if field is None else _Cursor(field, fieldobj)

    def _locate(self, fieldname: str, text: bytes) -> tuple[Field, slice]:
        field = self.fields.get(fieldname)
        number = field.find(text) if field is not None else -1
        if field is None or number < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return field, field.span(number)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        field, where = self._locate(fieldname, text)
        docs, freqs = field.docs[where], field.weights(where)
        lengths = self._documents.get(f"length.{fieldname}")
        own = lengths[docs] if lengths is not None else np.zeros(1, dtype=np.int64)
        return TermInfo(
            float(len(docs) if freqs is None else freqs.sum(dtype=np.float64)),
            len(docs),
            int(own.min()),
            int(own.max()),
            1.0 if freqs is None else float(freqs.max()),
            int(docs[0]),
            int(docs[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        if (fieldname, text) not in self:
            return 0.0
        field, where = self._locate(fieldname, text)
        freqs = field.weights(where)
        return float(where.stop - where.start if freqs is None else freqs.sum(dtype=np.float64))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        field = self.fields.get(fieldname)
        number = field.find(text) if field is not None else -1
        return field.frequency(number) if field is not None and number >= 0 else 0

    def matcher(
        self, fieldname: str, text: bytes, format_: formats.Format, scorer: Any = None
    ) -> ArrayMatcher:
        field, where = self._locate(fieldname, text)
        return ArrayMatcher(field, where, (fieldname, text), format_, scorer)


class _Cursor(base.FieldCursor):  # type: ignore[misc]
    """A place among the terms of a field."""

    def __init__(self, field: Field, fieldobj: Any) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self._at = 0

    def first(self) -> str | None:
        self._at = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        self._at = self._field.place(
            term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        )
        return self.text()

    def next(self) -> str | None:
        self._at += 1
        return self.text()

    def text(self) -> str | None:
        if not self.is_valid():
            return None
        text: str = self._fieldobj.from_bytes(self._field.terms[self._at])
        return text

    def is_valid(self) -> bool:
        return self._at < len(self._field)


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Whoosh's walk over the postings of one term, one step at a time."""

    def __init__(
        self,
        field: Field,
        where: slice,
        term: tuple[str, bytes],
        format_: formats.Format,
        scorer: Any,
        at: int = 0,
    ) -> None:
        self._field = field
        self._where = where
        self._term = term
        self.format = format_
        self.scorer = scorer
        self._docs: list[int] = field.docs[where].tolist()
        freqs = field.weights(where)
        self._freqs = None if freqs is None else freqs.tolist()
        self._at = at
        self._ends: list[int] | None = None

    def copy(self) -> ArrayMatcher:
        return ArrayMatcher(
            self._field, self._where, self._term, self.format, self.scorer, self._at
        )

    def supports_block_quality(self) -> bool:
        return False

    def is_active(self) -> bool:
        return self._at < len(self._docs)

    def reset(self) -> None:
        self._at = 0

    def id(self) -> int:
        doc: int = self._docs[self._at]
        return doc

    def all_ids(self) -> Iterator[int]:
        return iter(self._docs)

    def next(self) -> bool:
        if self._at >= len(self._docs):
            raise ReadTooFar
        self._at += 1
        return True

    def skip_to(self, id: int) -> bool:  # noqa: A002 - Whoosh's name
        if self._at >= len(self._docs):
            raise ReadTooFar
        while self._at < len(self._docs) and self._docs[self._at] < id:
            self._at += 1
        return True

    def weight(self) -> float:
        return 1.0 if self._freqs is None else float(self._freqs[self._at])

    def score(self) -> float:
        return self.weight() if self.scorer is None else float(self.scorer.score(self))

    def value(self) -> bytes:
        encoded: bytes = self.format.encode(self._positions())
        return encoded

    def value_as(self, astype: str) -> Any:
        return self._positions() if astype == "positions" else super().value_as(astype)

    def all_items(self) -> Iterator[tuple[int, bytes]]:
        for at in range(len(self._docs)):
            self._at = at
            yield self.id(), self.value()

    def _positions(self) -> list[int]:
        if self._field.positions is None:
            return []
        if self._ends is None:
            starts, ends = self._field.places(self._where)
            self._ends = [int(starts[0]), *ends.tolist()]
        where = slice(self._ends[self._at], self._ends[self._at + 1])
        places: list[int] = self._field.positions[where].tolist()
        return places
