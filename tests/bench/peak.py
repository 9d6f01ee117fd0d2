"""How much memory do a process and its children take together, at the most?"""

from __future__ import annotations

import threading
from pathlib import Path

import psutil

#: Seconds between two looks.
PAUSE = 0.2


class PeakMemory:
    """Looks at the memory of this process and of its children while a block runs.

    ``peak`` is the greatest sum seen, in bytes, of memory that is no page of a file; what several
    processes share counts once. 0 where the system does not tell.
    """

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._looking.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._done.wait(PAUSE):
            family = [me.pid, *(child.pid for child in me.children(recursive=True))]
            self.peak = max(self.peak, sum(map(_anonymous, family)))


def _anonymous(pid: int) -> int:
    """Bytes of a process that are no pages of files, its share of those that others have too."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended, or this is no Linux
        return 0
    return sum(int(line.split()[1]) * 1024 for line in told.splitlines() if "Pss_Anon" in line)
