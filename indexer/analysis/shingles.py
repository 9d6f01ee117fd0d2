"""Texts that are nearly the same, word for word.

A text is the set of its *shingles*, every few words in a row; how alike two texts are is the
resemblance of their sets, |A ∩ B| / |A ∪ B| (Broder 1997, "On the resemblance and containment of
documents"). The few smallest of a set's hashes are a fair sample of it, its *sketch*: texts that
resemble each other share a like part of their sketches, so that pairs are found among many texts
without comparing all with all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from indexer.analysis import tokenizer

#: Hashes or numbers of documents: whole numbers, shape (n,).
Array = npt.NDArray[Any]

#: Words in a shingle: fewer stand together by chance, more make one changed word cost too much.
WIDTH = 4
#: Texts that resemble each other by so much are nearly the same. Half of all shingles in common,
#: Broder's own threshold, means two thirds of each text; with four words to a shingle a tenth of
#: the words may be changed here and there (0.9⁴ = 0.66), or a third of the text be another.
ALIKE = 0.5
#: A text of fewer shingles says too little to be the copy of another.
MIN_SHINGLES = 16
#: Hashes of a sketch. The share that two sketches have in common then strays by 1/16 at the most.
SKETCH = 64
#: Texts that are alike share half of their sketches; one whose share strayed to less than this is
#: four times as far off as is usual.
HINT = 0.25

_EMPTY = np.empty(0, np.uint64)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Family(NamedTuple):
    """Texts that are nearly the same as one of the others, by their numbers; ``share`` is the
    least resemblance that holds them together."""

    members: tuple[int, ...]
    share: float


def shingles(parts: Iterable[str]) -> Array:
    """The hashes of a text's shingles, ascending, each once; none reaches over two parts.

    >>> len(shingles(["one two three four five", "one two three FOUR"]))
    2
    """
    hashes: dict[str, int] = {}
    found = [_EMPTY]
    for part in parts:
        words = tokenizer.words(part)
        for word in words:
            if word not in hashes:
                hashes[word] = hashed(word.encode())
        if len(words) >= WIDTH:
            found.append(rolled(np.array([hashes[word] for word in words], np.uint64)))
    return np.unique(np.concatenate(found))


def hashed(word: bytes) -> int:
    """The hash of one word; never 0."""
    return xxhash.xxh3_64_intdigest(word) or 1


def rolled(words: Array) -> Array:
    """For the hashes of words in a row, the hashes of their shingles: one for every word but the
    last few. Any bit depends on all words and on their order."""
    count = max(len(words) - WIDTH + 1, 0)
    mixed = np.zeros(count, np.uint64)
    for place in range(WIDTH):
        mixed = mixed * _FACTOR + words[place : place + count]
        # The finisher of SplitMix64, so that the smallest hashes are as good as drawn by lot.
        mixed ^= mixed >> np.uint64(30)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
    return mixed


def resemblance(one: Array, other: Array) -> float:
    """How much of two texts is the same, 0 to 1; 0 where one says too little to tell.

    >>> text = "a hedge is a policy that is planted once and kept for a hundred years by others"
    >>> one, other = shingles([text + " one day"]), shingles([text + " or two"])
    >>> resemblance(one, one), round(resemblance(one, other), 2)
    (1.0, 0.78)
    """
    if min(len(one), len(other)) < MIN_SHINGLES:
        return 0.0
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)


def sketch(hashes: Array) -> Array:
    """The sketch of a text's shingles; nothing of a text that says too little."""
    return hashes[:SKETCH] if len(hashes) >= MIN_SHINGLES else hashes[:0]


def candidates(owners: Array, hashes: Array) -> Iterator[tuple[int, int]]:
    """The pairs of texts whose sketches share enough for the texts to be worth comparing.

    ``owners`` has for each of the ``hashes`` the number of its text. Texts that share a hash are
    paired in a row, each with the next, so that a thousand copies are a thousand pairs: copies
    of one text are next to each other somewhere.
    """
    sizes = np.bincount(owners) if len(owners) else np.empty(0, np.int64)
    order = np.lexsort((owners, hashes))
    owners, hashes = owners[order].astype(np.int64), hashes[order]
    same = (hashes[1:] == hashes[:-1]) & (owners[1:] != owners[:-1])
    pairs, counts = np.unique(
        np.stack((owners[:-1][same], owners[1:][same])), axis=1, return_counts=True
    )
    enough = counts >= HINT * np.minimum(sizes[pairs[0]], sizes[pairs[1]])
    yield from zip(*pairs[:, enough].tolist(), strict=True)


def families(pairs: Mapping[tuple[int, int], float]) -> list[Family]:
    """Texts that hang together by pairs with their resemblance: the likest families first.

    >>> families({(1, 2): 0.9, (2, 5): 0.6, (3, 4): 1.0, (4, 6): 0.2})
    [Family(members=(3, 4), share=1.0), Family(members=(1, 2, 5), share=0.6)]
    """
    family: dict[int, list[int]] = {}
    shares: dict[int, float] = {}
    for (one, other), share in sorted(pairs.items()):
        if share < ALIKE:
            continue
        mine, theirs = family.setdefault(one, [one]), family.setdefault(other, [other])
        least = min(share, shares.get(id(mine), 1.0), shares.get(id(theirs), 1.0))
        if mine is not theirs:
            mine += theirs
            for each in theirs:
                family[each] = mine
        shares[id(mine)] = least
    distinct = {id(members): members for members in family.values()}
    found = [Family(tuple(sorted(members)), shares[key]) for key, members in distinct.items()]
    return sorted(found, key=lambda each: (-each.share, each.members))
