"""What was worked out once, remembered within a bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class BoundedCache(dict[_K, _V]):
    """A dictionary that forgets everything when it is full.

    It holds values up to a ``limit``: so many of them, or so much of what ``cost`` says that each
    takes. Looking up is that of any dictionary, without a note of what was used when; who asks for
    the same few things finds them again soon after.

    >>> squares = BoundedCache[int, int](2)
    >>> for number in (3, 4, 5):
    ...     squares[number] = number * number
    >>> squares
    {5: 25}
    >>> for _ in range(3):
    ...     squares[6] = 36
    >>> squares
    {5: 25, 6: 36}
    """

    def __init__(self, limit: int, cost: Callable[[_V], int] | None = None) -> None:
        super().__init__()
        self._limit = limit
        self._cost = cost
        self._held = 0

    def __setitem__(self, key: _K, value: _V) -> None:
        cost = self._cost_of(value)
        if key in self:
            self._held -= self._cost_of(self[key])
        if self._held + cost > self._limit:
            self.clear()
        self._held += cost
        super().__setitem__(key, value)

    def _cost_of(self, value: _V) -> int:
        return 1 if self._cost is None else self._cost(value)

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self._held = 0
