"""How long reading one file may take, and how it is interrupted.

What counts is the time of the processor: a machine that sleeps, or has other things to do, is no
fault of a file. Where signals can, a timer of the system interrupts; elsewhere (in threads, on
Windows) a thread does, at the next step of Python. Neither interrupts one long call into C: a
worker process is ended for that (:mod:`indexer.build.workers`).
"""

from __future__ import annotations

import ctypes
import gc
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: Seconds after which an interruption that some library swallowed comes again.
AGAIN = 1.0
#: Seconds between two looks at a clock.
SHORTEST = 0.05

_WEAK = weakref.__file__


class OutOfTime(TimeoutError):
    """The time for one file is over."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise :class:`OutOfTime` in the block once it has taken ``seconds`` of this process's time.

    >>> with limit(60):
    ...     "done"
    'done'
    """
    main = threading.current_thread() is threading.main_thread()
    with (_by_signal if main and hasattr(signal, "setitimer") else _by_thread)(seconds):
        yield


@contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    over = False

    def expire(_signal: int, frame: FrameType | None) -> None:
        if over:
            return
        if _is_lost(frame):
            signal.setitimer(signal.ITIMER_PROF, SHORTEST, AGAIN)
            return
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, expire)
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
            yield
        finally:
            over = True
    finally:  # reached even where the timer runs out between the block and this
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _is_lost(frame: FrameType | None) -> bool:
    """Whether what is raised here interrupts nothing: Python prints the exceptions of what runs
    when an object goes (``__del__``, callbacks of weak references and of the collector), and goes
    on."""
    callbacks = {getattr(each, "__code__", None) for each in gc.callbacks}
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code.co_filename == _WEAK or code in callbacks:
            return True
        frame = frame.f_back
    return False


@contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    here = ctypes.c_ulong(threading.get_ident())
    done = threading.Event()
    turn = threading.Lock()
    sent: list[bool] = []
    ends = time.process_time() + seconds

    def wait() -> None:
        pause = seconds
        while not done.wait(max(pause, SHORTEST)):
            pause = ends - time.process_time()
            if pause > 0:
                continue
            with turn:
                if done.is_set():
                    return
                sent.append(True)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(here, ctypes.py_object(OutOfTime))
            pause = AGAIN

    waiting = threading.Thread(target=wait, name="deadline", daemon=True)
    waiting.start()
    try:
        try:
            yield
        finally:
            done.set()
    finally:
        done.set()
        with turn:
            late = bool(sent)
        if late:
            _receive()


def _receive() -> None:
    """Take an interruption that was sent and has not come yet.

    Not by taking it back: CPython 3.11 then goes on looking for it, and under a tracer forever.
    """
    try:
        for _ in range(3):
            time.sleep(0)
    except OutOfTime:
        pass
