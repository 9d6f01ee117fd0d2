"""How does Whoosh write and read segments that lie in arrays?

A codec on Whoosh's own extension points, so that its writer, merges, deletions, searcher and term
expansion work on segments that NumPy answers from (:mod:`app.search.evaluate`). A segment is two
files, mapped and verified when opened: ``.post`` with the postings of every field
(:mod:`indexer.postings`), ``.docs`` with what belongs to each document: stored values, field
lengths, columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import msgspec
import numpy as np
from whoosh import formats
from whoosh.codec import base
from whoosh.columns import ColumnReader, NumericColumn
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from indexer import arrays
from indexer.arrays import Array, Arrays, Blobs
from indexer.postings import Field, Postings
from indexer.postings import arrays as posting_arrays

POSTINGS = ".post"
DOCUMENTS = ".docs"

_open: WeakValueDictionary[tuple[Path, int, int, int], Arrays] = WeakValueDictionary()


def open_arrays(path: Path) -> Arrays:
    """A segment's file, mapped and verified once however many readers share it."""
    try:
        info = path.stat()
    except OSError:
        return Arrays(path)  # says what is wrong
    key = (path, info.st_ino, info.st_size, info.st_mtime_ns)
    files = _open.get(key)
    if files is None:
        files = _open[key] = Arrays(path)
    return files


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Whoosh's way in."""

    length_stats = False  # lengths are columns; a term's shortest and longest are read from them

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(indexname)

    def per_document_writer(self, storage: Any, segment: ArraySegment) -> DocumentsWriter:
        return DocumentsWriter(Path(storage.folder), segment)

    def field_writer(self, storage: Any, segment: ArraySegment) -> PostingsWriter:
        return PostingsWriter(Path(storage.folder), segment)

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> DocumentsReader:
        return DocumentsReader(open_arrays(segment.path(Path(storage.folder), DOCUMENTS)), segment)

    def terms_reader(self, storage: Any, segment: ArraySegment) -> TermsReader:
        folder = Path(storage.folder)
        return TermsReader(
            open_arrays(segment.path(folder, POSTINGS)),
            open_arrays(segment.path(folder, DOCUMENTS)),
        )


class ArraySegment(base.Segment):  # type: ignore[misc]
    """A segment's name, size and deletions: what Whoosh's table of contents keeps of it."""

    def __init__(self, indexname: str, size: int = 0) -> None:
        super().__init__(indexname)
        self.size = size
        self.deleted: set[int] = set()

    def codec(self) -> ArrayCodec:
        return ArrayCodec()

    def path(self, folder: Path, ending: str) -> Path:
        name: str = self.make_filename(ending)
        return folder / name

    def should_assemble(self) -> bool:
        return False

    def set_doc_count(self, doccount: int) -> None:
        self.size = doccount

    def doc_count_all(self) -> int:
        return self.size

    def deleted_count(self) -> int:
        return len(self.deleted)

    def deleted_docs(self) -> Iterable[int]:
        return sorted(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self.deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        if delete:
            self.deleted.add(docnum)
        else:
            self.deleted.discard(docnum)


# -- what belongs to each document ----------------------------------------------------------------


def write_documents(
    path: Path,
    size: int,
    lengths: dict[str, Array],
    stored: dict[str, list[bytes]],
    columns: dict[str, Array | list[bytes]],
) -> None:
    """The ``.docs`` file of a segment. Stored values are MessagePack, or empty for none."""
    made: dict[str, Array] = {"size": np.array([size])}
    for name, each in lengths.items():
        made[f"length.{name}"] = arrays.narrow(each)
    for name, values in stored.items():
        made |= Blobs.arrays(f"stored.{name}", values)
    for name, column in columns.items():
        if isinstance(column, list):
            made |= Blobs.arrays(f"column.{name}", column)
        else:
            made[f"column.{name}"] = column
    arrays.write(path, made)


class DocumentsWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Takes documents one by one, as Whoosh gives them in a merge."""

    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._folder = folder
        self._segment = segment
        self._size = 0
        self._lengths: dict[str, dict[int, int]] = {}
        self._stored: dict[str, dict[int, bytes]] = {}
        self._columns: dict[str, tuple[Any, dict[int, Any]]] = {}
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        self._size = docnum + 1

    def add_field(self, fieldname: str, fieldobj: Any, value: object, length: int | None) -> None:
        if value is not None:
            values = self._stored.setdefault(fieldname, {})
            values[self._size - 1] = msgspec.msgpack.encode(value)
        if length:
            self._lengths.setdefault(fieldname, {})[self._size - 1] = length

    def add_column_value(self, fieldname: str, columnobj: Any, value: Any) -> None:
        self._columns.setdefault(fieldname, (columnobj, {}))[1][self._size - 1] = value

    def cancel_doc(self) -> None:
        self._size -= 1
        kept: list[dict[int, Any]] = [*self._lengths.values(), *self._stored.values()]
        for values in [*kept, *(column for _, column in self._columns.values())]:
            values.pop(self._size, None)

    def close(self) -> None:
        self.is_closed = True
        # Whoosh tells the segment its size only after the postings are written.
        self._segment.set_doc_count(self._size)
        if not self._size:
            return
        columns: dict[str, Array | list[bytes]] = {}
        for name, (kind, values) in self._columns.items():
            default = kind.default_value()
            column = [values.get(doc, default) for doc in range(self._size)]
            columns[name] = np.array(column, _dtype(kind)) if _dtype(kind) else column
        write_documents(
            self._segment.path(self._folder, DOCUMENTS),
            self._size,
            {
                n: np.array([v.get(d, 0) for d in range(self._size)])
                for n, v in self._lengths.items()
            },
            {n: [v.get(d, b"") for d in range(self._size)] for n, v in self._stored.items()},
            columns,
        )


def _dtype(column: Any) -> str | None:
    """The NumPy type of one of Whoosh's numeric columns; None for columns of bytes."""
    if not isinstance(column, NumericColumn):
        return None
    return {"q": "<i8", "Q": "<u8", "i": "<i4", "I": "<u4", "d": "<f8", "f": "<f4"}[
        column._typecode
    ]


class DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]
    """What belongs to each document of a segment."""

    def __init__(self, files: Arrays, segment: ArraySegment) -> None:
        self.files = files
        self._segment = segment
        self._size = int(files["size"][0])
        self._stored = {
            name.removeprefix("stored.").removesuffix(".at"): Blobs(files, name.removesuffix(".at"))
            for name in files
            if name.startswith("stored.") and name.endswith(".at")
        }

    def supports_columns(self) -> bool:
        return True

    def doc_count(self) -> int:
        return self._size - self._segment.deleted_count()

    def doc_count_all(self) -> int:
        return self._size

    def has_deletions(self) -> bool:
        return bool(self._segment.deleted)

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterable[int]:
        return self._segment.deleted_docs()

    def _length(self, fieldname: str) -> Array | None:
        return self.files.get(f"length.{fieldname}")

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._length(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        lengths = self._length(fieldname)
        return 0 if lengths is None else int(lengths.sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._length(fieldname)
        return 0 if lengths is None or not self._size else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        lengths = self._length(fieldname)
        return 0 if lengths is None or not self._size else int(lengths.max())

    def raw(self, name: str, docnum: int) -> bytes:
        """One stored value of a document as MessagePack, empty where it has none."""
        values = self._stored.get(name)
        return values[docnum] if values is not None else b""

    def stored(self, name: str, docnum: int) -> Any:
        """One stored value of a document, None where it has none."""
        raw = self.raw(name, docnum)
        return msgspec.msgpack.decode(raw) if raw else None

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        fields = {name: self.stored(name, docnum) for name in self._stored}
        return {name: value for name, value in fields.items() if value is not None}

    def has_column(self, fieldname: str) -> bool:
        return f"column.{fieldname}" in self.files or f"column.{fieldname}.at" in self.files

    def column_reader(self, fieldname: str, column: Any) -> _ColumnReader:
        values = self.files.get(f"column.{fieldname}")
        return _ColumnReader(Blobs(self.files, f"column.{fieldname}") if values is None else values)


class _ColumnReader(ColumnReader):  # type: ignore[misc]
    def __init__(self, values: Array | Blobs) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        value = self._values[docnum]
        return value.item() if isinstance(value, np.generic) else value

    def __iter__(self) -> Iterator[Any]:
        return (self[docnum] for docnum in range(len(self)))


# -- postings -------------------------------------------------------------------------------------


def write_postings(path: Path, size: int, fields: dict[str, Postings], facets: set[str]) -> None:
    """The ``.post`` file of a segment; ``facets`` are the fields that are read by document too."""
    made: dict[str, Array] = {}
    for name, postings in fields.items():
        made |= posting_arrays(name, postings, size, by_document=name in facets)
    arrays.write(path, made)


class PostingsWriter(base.FieldWriter):  # type: ignore[misc]
    """Takes postings one by one in order, as Whoosh gives them in a merge."""

    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._folder = folder
        self._segment = segment
        self._fields: dict[str, Postings] = {}
        self._facets: set[str] = set()
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        self._name = fieldname
        if getattr(fieldobj, "by_document", False):
            self._facets.add(fieldname)
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
        size: int = self._segment.doc_count_all()
        if size:
            write_postings(
                self._segment.path(self._folder, POSTINGS), size, self._fields, self._facets
            )


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
