"""Essays as documents of OpenSearch, made in the workers."""

from __future__ import annotations

from indexer.essay import Essay
from indexer.parsing.rules import Rules
from indexer.schema import opensearch_document

#: The documents of some essays, in order, each as JSON without its slug.
Documents = list[bytes]


class DocumentsBuilder:
    """Collects essays as documents; ``facets`` are the archive's own."""

    def __init__(self, facets: tuple[str, ...] = ()) -> None:
        self._facets = facets
        self._made: Documents = []

    @property
    def size(self) -> int:
        """Essays added so far."""
        return len(self._made)

    def add(self, essay: Essay) -> None:
        """Analyse one essay, as the next document."""
        self._made.append(opensearch_document.encoded(essay, self._facets))

    def finish(self) -> Documents:
        """The documents of all essays added."""
        return self._made


def builder(rules: Rules) -> DocumentsBuilder:
    """A builder under some rules."""
    return DocumentsBuilder(rules.facets)
