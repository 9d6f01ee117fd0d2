"""A segment's name, size and deletions, and its files, opened once."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakValueDictionary

from indexer.storage.arrays import Arrays

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
