"""Which segments to write anew: log-structured, so that they stay few and little is written twice.

Every segment is at least :data:`FACTOR` times as large as all that are smaller together; a new one
that breaks this is merged with those that it breaks it for, as a carry runs through the digits of a
number. So their number grows as the logarithm of the essays, and an essay is written again each
time its segment has grown by 1/FACTOR: some FACTOR · log_FACTOR(essays) times, whatever comes in
whatever pieces (O'Neil et al. 1996, "The log-structured merge-tree"; Lucene's LogMergePolicy merges
by levels of size in the same way).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: How many times as large a segment is as all smaller ones together. Each more slows a search by
#: some 4 % at 10,000 essays; with 32 two stand beside the large one there, and each edit is paid
#: for by writing some 50 essays again, 4 ms.
FACTOR = 32
#: So many segments are left as they are, whatever their sizes: one edit of a small archive does not
#: write all of it again.
MIN_SEGMENTS = 2
#: A segment whose deleted documents are more than this share of it is written anew.
STALE_SHARE = 0.25


class Size(NamedTuple):
    """A segment: its ``documents`` and ``words`` that are not deleted, and its ``deleted``
    documents."""

    documents: int
    words: int
    deleted: int = 0


def chosen(sizes: Sequence[Size], most: Size) -> list[int]:
    """The numbers of the segments to write anew together, ascending; ``most`` is what a segment may
    have.

    >>> most = Size(65_536, 40_000_000)
    >>> chosen([Size(10_000, 10_000), Size(300, 300), Size(2, 2), Size(1, 1)], most)
    [2, 3]
    >>> chosen([Size(10_000, 10_000), Size(300, 300), Size(9, 9), Size(1, 1)], most)
    [1, 2, 3]
    """
    again = {n for n, each in enumerate(sizes) if each.deleted > STALE_SHARE * _all(each)}
    if len(sizes) > MIN_SEGMENTS:
        again.update(_unbalanced(sizes, most))
    return sorted(again)


def _all(size: Size) -> int:
    return size.documents + size.deleted


def _unbalanced(sizes: Sequence[Size], most: Size) -> Iterator[int]:
    """The smallest segments, up to the largest one that is too small beside those before it; and
    likewise from each one on that has no room for those before it."""
    smaller: list[int] = []
    documents = words = 0
    for number in sorted(range(len(sizes)), key=lambda n: (sizes[n].documents, -n)):
        size = sizes[number]
        if documents + size.documents > most.documents or words + size.words > most.words:
            smaller, documents, words = [], 0, 0
        if smaller and size.documents < FACTOR * documents:
            yield from (*smaller, number)
        smaller.append(number)
        documents += size.documents
        words += size.words
