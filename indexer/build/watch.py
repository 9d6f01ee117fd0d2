"""The times at which the index needs another build.

When files of the content or of the index change, and every so often to be sure.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

from indexer.storage import verified

#: Milliseconds: changes this close together make one build; a step of waiting for more of them;
#: and the longest time between two looks at the index.
DEBOUNCE = 150
STEP = 30
GLANCE = 1_000
#: Seconds between two builds without a reported change, for file systems that report none.
LOOK_AGAIN = 10

Changes = set[tuple[Change, str]]


def changes(
    content: Path,
    index: Path,
    folders: Callable[[], Sequence[str]],
    stop: threading.Event | None = None,
) -> Iterator[bool]:
    """Yield each time a build may be due: True at once and after changes, False every ten
    seconds.

    ``folders()`` lists the real folders to watch: the system's own way would follow every link.
    Ends when ``stop`` is set, or on Ctrl-C. Nothing else ends it: where changes cannot be
    watched, the looks every ten seconds go on.
    """
    stop = stop or threading.Event()
    yield True
    while not stop.is_set():
        looked = float("-inf")  # what changed before it was watched
        stamps = _stamps(index)
        try:
            for found in _changed_in(folders() or [str(content)], index, stop):
                changed = bool(found) or _stamps(index) != stamps
                if changed or time.monotonic() - looked >= LOOK_AGAIN:
                    yield changed
                    stamps, looked = _stamps(index), time.monotonic()
                if any(how == Change.added and Path(path).is_dir() for how, path in found):
                    break
        except KeyboardInterrupt:
            return
        except (OSError, RuntimeError):
            stop.wait(LOOK_AGAIN)
            yield False


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
