"""Stored values, field lengths and columns of each document of a segment.

The ``.docs`` file of a segment, written whole by a build or one document at a time by Whoosh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from whoosh.codec import base
from whoosh.columns import ColumnReader, NumericColumn

from indexer.storage import arrays
from indexer.storage.arrays import Array, Arrays
from indexer.storage.blobs import Blobs, Strings, blobs
from indexer.storage.segment import SegmentState

DOCUMENTS = ".docs"


def write_documents(
    path: Path,
    size: int,
    lengths: dict[str, Array],
    stored: dict[str, Strings],
    columns: dict[str, Array | list[bytes]],
    vectors: Iterable[tuple[str, Array]] = (),
) -> None:
    """Write the ``.docs`` file of a segment. Stored values are MessagePack, or empty for none;
    ``vectors`` are arrays of :mod:`indexer.storage.vectors`."""

    def made() -> Iterator[tuple[str, Array]]:
        yield "size", np.array([size])
        for name, each in lengths.items():
            yield f"length.{name}", arrays.narrow(each)
        for name, values in stored.items():
            yield from values.arrays(f"stored.{name}").items()
        for name, column in columns.items():
            if isinstance(column, list):
                yield from Strings(column).arrays(f"column.{name}").items()
            else:
                yield f"column.{name}", column
        yield from vectors

    arrays.write(path, made())


class DocumentsWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Takes documents one by one, as Whoosh gives them in a merge."""

    def __init__(self, folder: Path, segment: SegmentState) -> None:
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
            {
                n: Strings([v.get(d, b"") for d in range(self._size)])
                for n, v in self._stored.items()
            },
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

    def __init__(self, files: Arrays, segment: SegmentState) -> None:
        self.files = files
        self._segment = segment
        self._size = int(files["size"][0])
        self._stored = {
            name.removeprefix("stored.").removesuffix(".at"): blobs(files, name.removesuffix(".at"))
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
