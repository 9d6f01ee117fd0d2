"""The time that one request may take, and what was worked out for it already.

A :class:`Budget` is made where a request comes in and handed down to whatever may take long. Work
asks it before each step; past its end what is left of the work is left out, and
:meth:`Budget.notes` says so. Nothing here is a timer that stops a step: steps are short.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from app.search.results import Note

_T = TypeVar("_T")

#: Milliseconds of a processor that every request may take, however long it had to wait: a short
#: query is answered in full on a busy machine too, and need not queue with long ones.
OWN = 50.0

#: What can be left out.
SEARCH = "search"
ORDER = "the best order"
SPELLINGS = "other spellings"
MARKS = "all excerpts and marks"
WAYS = "other ways to ask"
COUNTS = "exact numbers"
EXPLAINED = "the parts of every score"
BESIDE = "all that is related"


class Slots:
    """Places for requests that take long: more than ``many`` at a time would take the time from
    those that do not."""

    def __init__(self, many: int) -> None:
        self._free = threading.BoundedSemaphore(many)

    def take(self, seconds: float) -> bool:
        """Wait for a place, ``seconds`` at the most."""
        return self._free.acquire(timeout=max(seconds, 0.0))

    def leave(self) -> None:
        """Give a place back."""
        self._free.release()


class _Account:
    """What all parts of one budget share. Two clocks: that on the wall, and the time that the
    thread had on a processor. What is done for all requests is taken off both."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.worked = time.thread_time()
        self.own = True
        self.waiting: float | None = None
        self.slots: Slots | None = None
        self.seated = False
        self.left_out: dict[str, None] = {}
        self.known: dict[Hashable, Any] = {}
        self.stages: dict[str, float] = {}

    def has_own(self, spent: float) -> bool:
        """Whether a request that began ``spent`` seconds ago did not take its own work yet."""
        if self.waiting is not None:
            return spent * 1000 < self.waiting
        # To ask for the time of a processor takes longer than to ask for that of the wall.
        if self.own and spent * 1000 >= OWN:
            self.own = (time.thread_time() - self.worked) * 1000 < OWN
        return self.own

    def seat(self, seconds: float) -> bool:
        """Wait for a place; whether there is one."""
        if self.slots is None or self.seated:
            return True
        self.seated = self.slots.take(seconds)
        return self.seated

    def leave(self) -> None:
        if self.slots is not None and self.seated:
            self.slots.leave()
        self.slots, self.seated = None, False


class Budget:
    """The time of one request, in ``milliseconds`` of the clock on the wall; None for no end.

    >>> Budget(None).over(), Budget(1000).over()
    (False, False)
    """

    def __init__(self, milliseconds: float | None = None, of: Budget | None = None) -> None:
        """``of`` is the budget that this one is a part of."""
        self.milliseconds = milliseconds
        self._seconds = None if milliseconds is None else milliseconds / 1000
        self._account: _Account = _Account() if of is None else of._account

    def until(self, share: float) -> Budget:
        """The part of this budget up to a share of its time; what is left out counts for both."""
        return Budget(None if self.milliseconds is None else self.milliseconds * share, self)

    def over(self, what: str = SEARCH) -> bool:
        """Whether the time is over, so that ``what`` has to be left out: whoever asks then leaves
        it out. May wait for a place among the requests that take long."""
        if self._seconds is None:
            return False
        account = self._account
        spent = time.perf_counter() - account.began
        # Of most requests this is all that is asked, some hundred times.
        if spent * 1000 < OWN and account.own and account.waiting is None:
            return False
        if account.has_own(spent):
            return False
        left = self._seconds - spent
        if left > 0 and account.seat(left):
            return False
        account.left_out[what] = None
        return True

    def left(self) -> float | None:
        """The seconds of the clock on the wall that are left; None without an end. Who asks another
        machine waits so long for it: its work is on no processor of this one."""
        if self._seconds is None:
            return None
        return max(self._seconds - (time.perf_counter() - self._account.began), 0.0)

    def wait_for_others(self, milliseconds: float) -> None:
        """Count what other machines do as this request's own work, so many milliseconds of the
        clock on the wall: no processor here tells how long they work."""
        self._account.waiting = milliseconds

    def leave_out(self, what: str) -> None:
        """Say that ``what`` was left out, by somebody else who was given the time that was left."""
        self._account.left_out[what] = None

    @contextmanager
    def among(self, slots: Slots) -> Iterator[Budget]:
        """Work that takes one of some places once it takes long, and gives it back at the end."""
        self._account.slots = slots
        try:
            yield self
        finally:
            self._account.leave()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Work that is done once for all requests and is not on this one's account."""
        account = self._account
        clock, worked = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            account.began += time.perf_counter() - clock
            account.worked += time.thread_time() - worked

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What ``make`` makes, once for this request. What a budget cut short is not the truth,
        so nobody else gets it."""
        if self._seconds is None:
            return make()
        known = self._account.known
        if key not in known:
            known[key] = make()
        made: _T = known[key]
        return made

    def knows(self, key: Hashable) -> bool:
        """Whether something was made for this request already."""
        return key in self._account.known

    def took(self, stage: str, seconds: float) -> None:
        """Say that a ``stage`` took so many seconds of the clock on the wall."""
        stages = self._account.stages
        stages[stage] = stages.get(stage, 0.0) + seconds

    @property
    def stages(self) -> dict[str, float]:
        """The stages that engines told of, in seconds: ``find`` the essays, ``show`` them."""
        return self._account.stages

    @property
    def left_out(self) -> frozenset[str]:
        """What was left out so far."""
        return frozenset(self._account.left_out)

    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know of an answer that was cut short; nothing of a whole one."""
        kinds = [kind for kind in self._account.left_out if kind != SEARCH]
        said = []
        if SEARCH in self._account.left_out:
            said.append(
                "This search would take too long, so it was stopped early: "
                "some essays may be missing, and some of those listed may lack a word."
            )
        if kinds:
            *most, last = kinds
            listed = f"{', '.join(most)} and {last}" if most else last
            said.append(f"There was no time for {listed}.")
        return tuple(Note(each, 0, 0) for each in said)


#: For what is bounded by itself.
FREE = Budget(None)
