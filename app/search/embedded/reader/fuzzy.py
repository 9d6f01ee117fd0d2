"""The terms of a field that are spelled nearly like a word, or as a pattern says.

Every term has a signature of 64 bits, one for each letter that it has (letters beyond ``a``–``z``
share bits). One slip changes two bits at the most, so that comparing the signatures of all terms
with that of a word, whole arrays at once, leaves few terms to align letter by letter. Nine bytes a
term; nothing else is kept, for the terms themselves lie in the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.search.embedded.reader import wildcards
from app.search.embedded.reader.segments import IndexReader
from app.search.spelling.archive import Near
from indexer.storage.arrays import Array
from indexer.storage.blobs import Blobs
from indexer.storage.postings import Field

#: Terms whose signatures are made at a time: a letter takes eight bytes while they are.
BLOCK_TERMS = 1 << 15
#: Lengths are kept as one byte.
MAX_LETTERS = 127

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_BITS = np.zeros(128, np.uint64)
_BITS[[ord(letter) for letter in _LETTERS]] = np.arange(len(_LETTERS))


class FuzzyTerms:
    """The terms of one field of one generation."""

    def __init__(self, leaves: IndexReader, field: str) -> None:
        found = (leaf.fields.get(field) for leaf in leaves.leaves)
        self._parts = [_Part(each) for each in found if each is not None and len(each)]

    @property
    def nbytes(self) -> int:
        """Bytes held beside the index."""
        return sum(part.nbytes for part in self._parts)

    def near(self, word: str, distance: int) -> list[Near]:
        """The terms at most ``distance`` slips away: letters dropped, added, replaced or swapped
        (optimal string alignment), the nearest first."""
        return _summed(part.near(word, distance) for part in self._parts)

    def commoner(self, word: str, least: int) -> list[Near]:
        """The terms at most one slip away that begin with the same letter and that at least so many
        documents have, the nearest first."""
        # In one of several segments a term may be rarer than in all.
        rarest = least if len(self._parts) == 1 else 1
        near = _summed(part.near(word, 1, word[:1], rarest) for part in self._parts)
        return [each for each in near if each.having >= least]

    def begun(self, word: str) -> list[Near]:
        """The terms that begin with a word, or one slip from it, the first letter right; the
        nearest first."""
        return _summed(part.begun(word) for part in self._parts)

    def matching(self, pattern: str) -> list[Array]:
        """For each segment that has the field, the numbers of the terms that a pattern of ``*``
        and ``?`` matches."""
        return [part.matching(pattern) for part in self._parts]


def _summed(parts: Iterable[Iterable[Near]]) -> list[Near]:
    """What several segments have, their counts added up."""
    found: dict[str, Near] = {}
    for near in chain.from_iterable(parts):
        known = found.get(near.term)
        found[near.term] = (
            near if known is None else near._replace(having=near.having + known.having)
        )
    return sorted(found.values(), key=lambda near: (near.distance, -near.having, near.term))


class _Part:
    """The terms of one segment."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.signatures = np.empty(len(field), np.uint64)
        self.lengths = np.empty(len(field), np.int8)
        for start in range(0, len(field), BLOCK_TERMS):
            block = slice(start, min(start + BLOCK_TERMS, len(field)))
            letters, ends = _code_points(field.terms, block)
            begins = np.concatenate(([0], ends[:-1]))
            self.signatures[block] = np.bitwise_or.reduceat(_bits(letters), begins)
            self.lengths[block] = np.minimum(ends - begins, MAX_LETTERS)

    @property
    def nbytes(self) -> int:
        return self.signatures.nbytes + self.lengths.nbytes

    def near(self, word: str, distance: int, shared: str = "", least: int = 1) -> Iterator[Near]:
        if len(word) + distance >= MAX_LETTERS:
            return iter(())
        among = self.field.prefixed(shared.encode())
        where = slice(among.start, among.stop)
        longer = np.abs(self.lengths[where] - np.int8(len(word)))
        bits = np.bitwise_count(self.signatures[where] ^ signature(word))
        # A letter more or less changes one bit, a replaced one two, a swap none.
        near = (longer <= distance) & (bits + longer <= 2 * distance)
        if least > 1:
            starts = self.field.starts[among.start : among.stop + 1]
            near &= starts[1:] - starts[:-1] >= least
        return self._aligned(word, np.flatnonzero(near) + among.start, distance)

    def matching(self, pattern: str) -> Array:
        fixed = re.split(r"[*?]", pattern, maxsplit=1)[0]
        letters = re.sub(r"[*?]", "", pattern)
        among = self.field.prefixed(fixed.encode())
        where = slice(among.start, among.stop)
        need = signature(letters) if letters else np.uint64(0)
        least = min(len(pattern.replace("*", "")), MAX_LETTERS)
        kept = ((self.signatures[where] & need) == need) & (self.lengths[where] >= least)
        numbers = np.flatnonzero(kept) + among.start
        at, _ = self.field.terms.laid()
        bytes_of = at[numbers + 1].astype(np.int64) - at[numbers]
        return wildcards.matching(self.field, pattern, numbers, bytes_of == self.lengths[numbers])

    def _aligned(self, word: str, numbers: Array, distance: int) -> Iterator[Near]:
        listed: list[int] = numbers.tolist()
        terms = [self.field.terms[number].decode() for number in listed]
        found = process.extract(word, terms, scorer=OSA.distance, score_cutoff=distance, limit=None)
        for term, away, place in found:
            yield Near(term, int(away), self.field.frequency(listed[place]))

    def begun(self, word: str) -> Iterator[Near]:
        found: set[int] = set()
        for start in self._beginnings(word):
            found.update(self.field.prefixed(start.encode()))
        for number in found:
            term = self.field.terms[number].decode()
            yield Near(term, int(not term.startswith(word)), self.field.frequency(number))

    def _beginnings(self, word: str) -> Iterator[str]:
        """What a term may begin with that is meant by the beginning ``word``: terms are sorted, so
        few places have to be looked at."""
        yield word
        for at in range(1, len(word)):
            head, here, rest = word[:at], word[at], word[at + 1 :]
            among = self.field.prefixed(head.encode())
            if not among:
                return
            yield head + rest
            if rest:
                yield head + rest[0] + here + rest[1:]
                for letter in self._next(head, among):
                    yield head + letter + rest
                    yield head + letter + here + rest

    def _next(self, head: str, among: range) -> Iterator[str]:
        """The letters that stand behind a beginning; ``among`` are the terms that have it."""
        number = among.start
        while number < among.stop:
            letter = self.field.terms[number].decode()[len(head) : len(head) + 1]
            if letter:
                yield letter
                number = self.field.prefixed((head + letter).encode()).stop
            else:
                number += 1


def signature(word: str) -> np.uint64:
    """The letters of a word as bits."""
    bits = 0
    for letter in word:
        bits |= _bit_of(letter)
    return np.uint64(bits)


@lru_cache(maxsize=1_024)
def _bit_of(letter: str) -> int:
    return int(_bits(np.array([ord(letter)], np.uint32))[0])


def _bits(letters: Array) -> Array:
    others = len(_LETTERS) + letters % (64 - len(_LETTERS))
    shifts = np.where(letters < len(_BITS), _BITS[np.minimum(letters, len(_BITS) - 1)], others)
    return np.uint64(1) << shifts.astype(np.uint64)


def _code_points(terms: Blobs, block: slice) -> tuple[Array, Array]:
    """The code points of a block of terms, one term after the other, and where each ends."""
    texts = [terms[number].decode() for number in range(block.start, block.stop)]
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    return letters, np.cumsum([len(text) for text in texts])
