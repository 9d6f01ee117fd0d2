"""A process that ends with the one that started it, however that one ends.

A process that is killed runs no code of its own any more, so those it started have to notice.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing import connection

_SET_DEATH_SIGNAL = 1  # prctl(2), PR_SET_PDEATHSIG


def end_with_parent() -> None:
    """End this process when the one that started it through :mod:`multiprocessing` is gone.

    A thread waits for that everywhere. On Linux the kernel does too: a library that holds the
    interpreter would keep the thread from seeing it. Call once, in the process that was started.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    threading.Thread(
        target=_end_after, args=(parent.sentinel,), name="lifeline", daemon=True
    ).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
