"""The port: what can every engine be asked?

``local`` answers from the embedded index and is the default. Another engine implements these
four questions and inherits pages, API, command and tests.
"""

from __future__ import annotations

from typing import Protocol

from app.search.request import FacetCounts, SearchRequest, SearchResults, Suggestion
from indexer.essay import Essay


class Engine(Protocol):
    """Answers from one generation per question. Every method raises
    :class:`~indexer.errors.IndexUnavailable` while nothing can answer."""

    def search(self, request: SearchRequest) -> SearchResults: ...

    def counts(self, request: SearchRequest) -> FacetCounts:
        """Facet values and ranges alone, without hits."""
        ...

    def essay(self, slug: str) -> Essay | None:
        """The whole essay at a slug."""
        ...

    def resolve(self, paths: tuple[str, ...]) -> dict[str, str]:
        """The slugs of those content paths that are essays; an ending may be left out."""
        ...

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]: ...

    def generation(self) -> int: ...
