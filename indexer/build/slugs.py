"""Slugs that two files ask for, and which of them gets it.

The first in the order of paths; the others get it with a number behind it, so that every essay
stays reachable, and a problem names both.
"""

from __future__ import annotations

from indexer.essay import Problem


class Slugs:
    """The slugs of one folder, claimed in the order of paths.

    >>> slugs = Slugs()
    >>> slugs.claim("maps", "a.md"), slugs.claim("maps", "b.md")
    ('maps', 'maps-2')
    >>> [str(p) for p in slugs.conflicts()]  # doctest: +ELLIPSIS
    ['b.md: The slug maps is taken by a.md. ...']
    """

    def __init__(self) -> None:
        self._owner: dict[str, str] = {}
        self._conflicts: dict[str, Problem] = {}

    def claim(self, wanted: str, path: str) -> str:
        """The slug that ``path`` gets; asking again for the same path gives the same."""
        slug, count = wanted, 1
        while self._owner.setdefault(slug, path) != path:
            count += 1
            slug = f"{wanted}-{count}"
        if slug != wanted:
            self._conflicts[path] = Problem(
                path,
                0,
                f"The slug {wanted} is taken by {self._owner[wanted]}.",
                f"Give one of them another slug; until then this one is at {slug}.",
            )
        return slug

    def conflicts(self) -> list[Problem]:
        """A problem for every file that did not get the slug it asked for."""
        return list(self._conflicts.values())
