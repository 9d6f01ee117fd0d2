"""A text without case and accents, each of its letters at a known place."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from indexer.analysis.folding import bare


class _Letters(dict[int, str]):
    """What folding makes of each letter: as a rule one, of some several, of a mark none."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        word = letter.isalnum() or unicodedata.combining(letter)
        self[code] = kept = letter.casefold().translate(bare) if word else letter
        return kept


class _OneLetter(dict[int, str]):
    """The same for a text of which every letter stays one."""

    def __missing__(self, code: int) -> str:
        kept = _letters[code]
        self[code] = kept = kept if len(kept) == 1 else chr(code)
        return kept


_letters, _one_letter = _Letters(), _OneLetter()


class Folded(NamedTuple):
    """A folded text; where its letters stand in the text, unless each stands where it stood."""

    text: str
    places: Sequence[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text stands in the text."""
        if self.places is None or start == end:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def folded(text: str) -> Folded:
    """The text in lower case without accents, and the way back.

    >>> folded("Naïve Straße")
    Folded(text='naive strasse', places=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11])
    >>> folded("Café")
    Folded(text='cafe', places=None)
    """
    if text.isascii():
        return Folded(text.lower())
    plain = text.translate(_one_letter)
    whole = text.translate(_letters)
    if plain == whole:
        return Folded(plain)
    lengths = map(len, map(_letters.__getitem__, map(ord, text)))
    return Folded(whole, [place for place, n in enumerate(lengths) for _ in range(n)])
