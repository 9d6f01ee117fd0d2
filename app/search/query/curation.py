"""What the author decided: which words mean the same, and which essays answer a query best.

Both are settings of the archive and apply to the next search; no index is built for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from indexer.analysis import analyzer

#: The stems of the words of a query or a synonym.
Words = tuple[str, ...]


class Curation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """``synonyms`` as groups of words or phrases that stand for each other, or as a table of words
    that are looked for under others too; ``pins`` as query texts and the slugs that come first.

    >>> chosen = Curation(synonyms=(("ML", "machine learning"),), pins={"start here": ("about",)})
    >>> chosen.others[("ml",)], chosen.pinned("Start  Here")
    (('machine learning',), ('about',))
    """

    synonyms: tuple[tuple[str, ...], ...] | dict[str, tuple[str, ...]] = ()
    pins: Mapping[str, tuple[str, ...]] = {}

    @cached_property
    def others(self) -> Mapping[Words, tuple[str, ...]]:
        """For the words of a query, by stem, what else they stand for."""
        if isinstance(self.synonyms, dict):
            pairs = [(word, other) for word, meant in self.synonyms.items() for other in meant]
        else:
            pairs = [(one, other) for group in self.synonyms for one in group for other in group]
        found: dict[Words, list[str]] = {}
        for one, other in pairs:
            key = tuple(analyzer.terms(one))
            if key and key != tuple(analyzer.terms(other)):
                found.setdefault(key, []).append(other)
        return {key: tuple(dict.fromkeys(listed)) for key, listed in found.items()}

    @cached_property
    def longest(self) -> int:
        """The most words that have synonyms together."""
        return max(map(len, self.others), default=0)

    @cached_property
    def _pins(self) -> Mapping[str, tuple[str, ...]]:
        return {analyzer.title_key(text): slugs for text, slugs in self.pins.items()}

    def pinned(self, text: str) -> tuple[str, ...]:
        """The slugs that come first for a query, whatever its case and spaces."""
        return self._pins.get(analyzer.title_key(text), ()) if self._pins else ()
