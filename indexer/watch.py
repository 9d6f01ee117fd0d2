"""When does the folder need another build? When its files change, and every so often to be sure."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from watchfiles import DefaultFilter, watch

#: Milliseconds: changes this close together make one build; and the longest time between two
#: looks at the folder, for file systems that report no changes.
DEBOUNCE = 150
STEP = 30
LOOK_AGAIN = 10_000


class _Essays(DefaultFilter):
    """Everything but dot-folders: pictures and settings count too."""

    def __init__(self, index: Path) -> None:
        super().__init__(ignore_paths=[str(index)])


def changes(content: Path, index: Path, stop: threading.Event | None = None) -> Iterator[None]:
    """Yields each time a build may be due: at once, after changes, and every ten seconds.

    Ends when ``stop`` is set, or on Ctrl-C.
    """
    yield
    for _ in watch(
        content,
        watch_filter=_Essays(index),
        debounce=DEBOUNCE,
        step=STEP,
        stop_event=stop,
        rust_timeout=LOOK_AGAIN,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        yield
