"""Bytes that wait for the file that they are to be in, outside of memory where they are many."""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
import numpy.typing as npt

from indexer.storage.writing import writing

#: Bytes that wait in memory.
MAX_IN_MEMORY = 1 << 24


class Spool:
    """Bytes that come piece by piece: in memory while they are few, then in a file of ``folder``
    that has no name and is gone with the process. Without a folder they stay in memory.

    >>> waiting = Spool(None)
    >>> waiting.add(b"abc")
    >>> waiting.array().tobytes()
    b'abc'
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._bytes = bytearray()
        self._file: Any = None

    def add(self, data: bytes) -> None:
        """Put bytes behind those before them. Raises :class:`~indexer.errors.IndexUnwritable`."""
        if self._file is not None:
            self._write(data)
            return
        self._bytes += data
        if self._folder is not None and len(self._bytes) > MAX_IN_MEMORY:
            with writing(self._folder):
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            finalize(self, self._file.close)
            self._write(self._bytes)
            self._bytes = bytearray()

    def _write(self, data: bytes | bytearray) -> None:
        assert self._folder is not None
        with writing(self._folder):
            self._file.write(data)

    def array(self) -> npt.NDArray[np.uint8]:
        """All bytes so far, uint8. Raises :class:`~indexer.errors.IndexUnwritable`."""
        if self._file is None:
            return np.frombuffer(self._bytes, dtype=np.uint8)
        assert self._folder is not None
        with writing(self._folder):
            self._file.flush()
            mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, dtype=np.uint8)
