"""How much a front matter may hold, whatever stands behind its aliases.

A few lines of YAML can name one list a thousand times within another; what they stand for is
counted, and given up past the limit.
"""

from __future__ import annotations

from typing import NamedTuple

from indexer.parsing.yaml_text import MAX_DEPTH, MAX_VALUES

#: Letters that a front matter may hold beyond those it is written with.
MORE_LETTERS = 1_000_000


class Excess(NamedTuple):
    """What is too much of a front matter, and a way out."""

    what: str
    hint: str


_NO_ALIASES = "Remove the aliases (&name and *name)."
TOO_MANY = Excess(
    f"The front matter has more than {MAX_VALUES:,} values.",
    "Keep data that does not describe the essay in a file of its own.",
)


def excess(metadata: object, written: int) -> Excess | None:
    """What is too much of a front matter that is written with so many letters; None where nothing
    is. Raises RecursionError past :data:`~indexer.parsing.yaml_text.MAX_DEPTH`.

    >>> excess({"title": "On time"}, 14) is None
    True
    >>> excess({"copies": ["x" * 1000] * 2000}, 9000).what
    'The front matter expands to many times its own text.'
    """
    size = _Size()
    size.add(metadata)
    if size.values > MAX_VALUES:
        if not size.shared:
            return TOO_MANY
        what = f"The front matter expands to more than {MAX_VALUES:,} values."
        return Excess(what, _NO_ALIASES)
    if size.letters > written + MORE_LETTERS:
        return Excess("The front matter expands to many times its own text.", _NO_ALIASES)
    return None


class _Size:
    """How much a tree of values holds with its aliases expanded, given up past the limit."""

    def __init__(self) -> None:
        self.values = 0
        self.letters = 0
        #: Whether something in it stands in several places.
        self.shared = False
        self._seen: set[int] = set()

    def add(self, value: object, depth: int = 0) -> None:
        """Count a value and what it holds. Raises RecursionError past :data:`MAX_DEPTH`."""
        if depth > MAX_DEPTH:
            raise RecursionError
        self.values += 1
        if isinstance(value, str | bytes):
            self.letters += len(value)
        elif isinstance(value, dict | list | tuple | set):
            self.shared |= id(value) in self._seen
            self._seen.add(id(value))
            if isinstance(value, dict):
                self.letters += sum(len(key) for key in value if isinstance(key, str))
            for child in value.values() if isinstance(value, dict) else value:
                if self.values > MAX_VALUES:
                    break
                self.add(child, depth + 1)
