"""The snapshot that answers now, as long as its files are what was verified.

Segments are mapped: who cuts one off in place ends every process that reads beyond its end, and
who writes over one changes answers. So their sizes and times are looked at before each question
and after it, which takes microseconds; an answer is given only if nothing has changed meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from app.search.embedded.snapshot import Snapshot
from indexer.errors import IndexDamaged, IndexOutdated, IndexUnavailable
from indexer.storage import generation
from indexer.storage.generation import Current

#: Seconds for which an index that could not be opened is not tried again: verifying takes longer
#: than answering, and readers keep asking.
PAUSE_SECONDS = 1.0

#: What may come of opening files that change meanwhile.
_UNREADABLE = (OSError, IndexUnavailable, ValueError, LookupError, msgspec.DecodeError)


class Latest:
    """The snapshot of the current generation of the folder ``index``; ``make`` opens one."""

    def __init__(self, index: Path, make: Callable[[Current], Snapshot]) -> None:
        self._index = index
        self._pointer = index / "current"
        self._make = make
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int, int] | None = None
        self._opening = threading.Lock()
        self._failed: IndexUnavailable | None = None
        self._failed_for: tuple[int, int, int] | None = None
        self._failed_at = 0.0

    @contextmanager
    def reading(self, got: Snapshot | None = None) -> Iterator[Snapshot]:
        """The snapshot that answers now, for one question; the one that was ``got`` just before,
        if that is given. Raises :class:`~indexer.errors.IndexUnavailable` where none does, and
        instead of whatever the question raises or answers, if its files were not the same all the
        while."""
        snapshot = self.get() if got is None else got
        try:
            yield snapshot
        except Exception as error:
            if snapshot.intact():
                raise
            raise self._changed() from error
        if not snapshot.intact():
            raise self._changed()

    def _changed(self) -> IndexDamaged:
        return IndexDamaged(
            f"The index at {self._index} changes while it is read.", "Run: essays index"
        )

    def get(self) -> Snapshot:
        """The snapshot of the current generation, its files as they were verified; opened when
        the pointer has moved or a file has changed. Raises IndexUnavailable."""
        seen = self._look()
        snapshot = self._snapshot
        if snapshot is not None and seen and seen == self._seen and snapshot.intact():
            return snapshot
        with self._opening:
            snapshot = self._snapshot
            if snapshot is None or not seen or seen != self._seen or not snapshot.intact():
                snapshot = self._opened(seen)
                self._snapshot, self._seen = snapshot, seen
            return snapshot

    def _look(self) -> tuple[int, int, int] | None:
        """The pointer's file as it lies; None where there is none."""
        try:
            info = self._pointer.stat()
        except OSError:
            return None
        return info.st_ino, info.st_mtime_ns, info.st_size

    def _opened(self, seen: tuple[int, int, int] | None) -> Snapshot:
        recent = time.monotonic() - self._failed_at < PAUSE_SECONDS
        if self._failed is not None and recent and self._failed_for == seen:
            raise type(self._failed)(str(self._failed), self._failed.hint)
        self._failed = None
        try:
            return self._open()
        except IndexUnavailable as error:
            self._failed, self._failed_for = error, seen
            self._failed_at = time.monotonic()
            raise

    def _open(self) -> Snapshot:
        held = self._snapshot
        if held is not None and not held.intact():
            held = self._snapshot = None
        while True:
            try:
                pointer = generation.current(self._index)
            except IndexUnavailable as error:
                # A pointer that says nothing is no reason to let go of what is whole, unless the
                # index was taken away or made by another version. The folder that is read from
                # may be gone: a build that knows no last generation begins by making room.
                place = self._index
                if held is not None and isinstance(error, IndexOutdated):
                    place /= held.pointer.folder
                if held is not None and place.is_dir():
                    return held
                raise
            if held is not None and held.pointer.same_state(pointer):
                return held
            try:
                return self._make(pointer)
            except _UNREADABLE as error:
                # A build may have dropped these files since we read the pointer to them.
                if generation.current(self._index) == pointer:
                    raise IndexDamaged(
                        f"The index at {self._index} cannot be read: {error}", "Run: essays index"
                    ) from error
