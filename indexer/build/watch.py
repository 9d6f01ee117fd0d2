"""The times at which the index needs another build, and what has changed until then.

When files of the content or of the index change, and every so often to be sure.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from watchfiles import Change, DefaultFilter, watch

from indexer.storage import verified

#: Milliseconds: changes this close together make one build; a step of waiting for more of them;
#: and the longest time between two looks at the index.
DEBOUNCE = 150
STEP = 30
GLANCE = 1_000
#: Seconds between two looks at the whole folder, for file systems that report no changes and for
#: reports that are lost. Where a look takes long, so many times as long: it takes a twenty-fifth of
#: a processor then. But no longer than five minutes.
LOOK_AGAIN, SHARE, LATEST = 10.0, 25.0, 300.0

Changes = set[tuple[Change, str]]


class Due(NamedTuple):
    """A build may be due: something has ``changed``, or it is time to look. ``paths`` are all that
    has changed since the last one; None where nobody knows, and the whole folder is to be looked
    at."""

    changed: bool
    paths: frozenset[str] | None = None


def changes(
    content: Path,
    index: Path,
    folders: Callable[[], Sequence[str]],
    stop: threading.Event | None = None,
) -> Iterator[Due]:
    """Yield each time a build may be due: at once, after changes, and every ten seconds, or more
    seldom where a look at the whole folder takes long.

    ``folders()`` lists the real folders to watch: the system's own way would follow every link.
    Ends when ``stop`` is set, or on Ctrl-C. Nothing else ends it: where changes cannot be
    watched, the looks go on.
    """
    stop = stop or threading.Event()
    yield Due(True)
    while not stop.is_set():
        looked = float("-inf")  # what changed before it was watched
        pause = LOOK_AGAIN
        stamps = _stamps(index)
        try:
            for found in _changed_in(folders() or [str(content)], index, stop):
                hurt = _stamps(index) != stamps
                late = time.monotonic() - looked >= pause
                if found or hurt or late:
                    told = None if hurt or late else frozenset(path for _, path in found)
                    began = time.monotonic()
                    yield Due(bool(found) or hurt, told)
                    stamps = _stamps(index)
                    if told is None:
                        looked = time.monotonic()
                        pause = min(max(LOOK_AGAIN, SHARE * (looked - began)), LATEST)
                if any(how == Change.added and Path(path).is_dir() for how, path in found):
                    break
        except KeyboardInterrupt:
            return
        except (OSError, RuntimeError):
            stop.wait(LOOK_AGAIN)
            yield Due(False)


def _changed_in(folders: Sequence[str], index: Path, stop: threading.Event) -> Iterator[Changes]:
    """What changed in some folders, an empty set every second."""
    return watch(
        *folders,
        watch_filter=DefaultFilter(ignore_paths=[str(index)]),
        debounce=DEBOUNCE,
        step=STEP,
        stop_event=stop,
        rust_timeout=GLANCE,
        yield_on_timeout=True,
        raise_interrupt=True,
        recursive=False,
        ignore_permission_denied=True,
    )


def _stamps(index: Path) -> dict[str, tuple[int, int, int]]:
    """The files of the index as they lie: a damaged one is mended as soon as it is seen."""
    stamps = {}
    for file in (index / "current", index / verified.NAME, *index.glob("g*/*")):
        try:
            info = file.stat()
        except OSError:
            continue
        stamps[str(file)] = (info.st_ino, info.st_size, info.st_mtime_ns)
    return stamps
