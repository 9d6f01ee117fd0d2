"""Slugs that two files ask for, and which of them gets it.

The first in the order of paths; the others get it with a number behind it, so that every essay
stays reachable, and a problem names both. Files that neither changed nor are concerned keep the
slugs that they have: nothing is asked of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterator
from typing import Protocol

from indexer.essay import Problem
from indexer.storage.manifest import Manifest


class Owners(Protocol):
    """Who has which slug since the last build."""

    def owner(self, slug: str) -> str | None:
        """The path of the file that has a slug."""
        ...

    def conflicts(self) -> list[str]:
        """The paths of the files that have another slug than they ask for."""
        ...


class Slugs:
    """The slugs of one folder, claimed in the order of paths.

    ``known`` are those of the last build, if there was one. Files that were read, or are gone, have
    ``left`` theirs: the first claim what they ask for. So must the files that are :meth:`waiting`,
    each before any later path claims: those that did not get what they asked for, and those that
    lose their slug to an earlier path.

    >>> slugs = Slugs()
    >>> slugs.claim("maps", "a.md"), slugs.claim("maps", "b.md")
    ('maps', 'maps-2')
    >>> [str(p) for p in slugs.conflicts()]  # doctest: +ELLIPSIS
    ['b.md: The slug maps is taken by a.md. ...']
    """

    def __init__(self, known: Owners | None = None, left: Container[str] = frozenset()) -> None:
        self._fresh = known is None
        self._known = known or Manifest()
        self._left = left
        self._owner: dict[str, str] = {}
        self._claimed: dict[str, str] = {}
        self._conflicts: dict[str, Problem] = {}
        self._waiting = [path for path in self._known.conflicts() if path not in left]
        heapq.heapify(self._waiting)

    def waiting(self, until: str | None = None) -> Iterator[str]:
        """The files before a path (or all) that have to claim again, though they did not change:
        each is to claim when it is given."""
        while self._waiting and (until is None or self._waiting[0] < until):
            path = heapq.heappop(self._waiting)
            if path not in self._claimed:
                yield path

    def claim(self, wanted: str, path: str) -> str:
        """The slug that ``path`` gets; asking again for the same path gives the same."""
        if path in self._claimed:
            return self._claimed[path]
        slug, count = wanted, 1
        first = holder = self._holder(slug, path)
        while holder is not None:
            count += 1
            slug = f"{wanted}-{count}"
            holder = self._holder(slug, path)
        loser = self._known.owner(slug)
        if loser is not None and loser > path and loser not in self._left:
            heapq.heappush(self._waiting, loser)
        self._owner[slug] = path
        if not self._fresh:
            self._claimed[path] = slug
        if slug != wanted:
            self._conflicts[path] = Problem(
                path,
                0,
                f"The slug {wanted} is taken by {first}.",
                f"Give one of them another slug; until then this one is at {slug}.",
            )
        return slug

    def _holder(self, slug: str, path: str) -> str | None:
        """The file before ``path`` that has a slug."""
        if (claimed := self._owner.get(slug)) is not None:
            return None if claimed == path else claimed
        last = self._known.owner(slug)
        if last is None or last >= path or last in self._left or last in self._claimed:
            return None
        return last

    def conflicts(self) -> list[Problem]:
        """A problem for every file that did not get the slug it asked for."""
        return list(self._conflicts.values())
