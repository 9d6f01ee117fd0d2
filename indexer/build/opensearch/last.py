"""What answers when a build begins, and whether the build can go on from that."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from indexer.errors import IndexMissing, IndexOutdated
from indexer.parsing.rules import Rules
from indexer.schema import opensearch_mapping
from indexer.storage.manifest import Known
from indexer.storage.opensearch import generations
from indexer.storage.opensearch.connection import Connection
from indexer.storage.opensearch.generations import Indexes

if TYPE_CHECKING:
    from opensearchpy import OpenSearch


class Last(NamedTuple):
    """What a build goes on from.

    ``number`` is that of the last generation, 0 where none is known; ``indexes`` are those that
    answer. A build that is to make everything anew (``full``) knows of no file. ``mended``: what a
    build that died had written was looked through, so that readers are to be shown a new state
    whatever has changed since.
    """

    number: int = 0
    indexes: Indexes | None = None
    full: bool = True
    mended: bool = False
    known: Mapping[str, Known] = MappingProxyType({})
    orphans: tuple[str, ...] = ()


def open_last(client: OpenSearch, connection: Connection, rules: Rules, *, full: bool) -> Last:
    """What answers, if a build under ``rules`` that is not to be ``full`` can go on from it. Holds
    the lock. Raises what the client raises."""
    try:
        indexes = generations.current(client, connection)
    except IndexMissing:
        return Last()
    try:
        state = generations.state(client, connection)
    except (IndexMissing, IndexOutdated):
        return Last(indexes=indexes)
    other = (state.rules, state.layout) != (
        rules.fingerprint(),
        opensearch_mapping.layout(rules.facets),
    )
    if full or other:
        return Last(state.generation, indexes)
    known = generations.known(client, indexes.files)
    if not state.building:
        return Last(state.generation, indexes, full=False, known=known)
    return _looked_through(client, Last(state.generation, indexes, full=False, known=known))


def _looked_through(client: OpenSearch, last: Last) -> Last:
    """What a build can go on from after one that died. What is known of a file was written after
    its essay: a file whose essay is not there is read again, and an essay of which nothing is
    known is an orphan, to be deleted if it has no file."""
    assert last.indexes is not None
    there = generations.paths(client, last.indexes.essays)
    known = {path: each for path, each in last.known.items() if not each.indexed or path in there}
    named = {path for path, each in known.items() if each.indexed}
    return last._replace(known=known, orphans=tuple(sorted(there - named)), mended=True)
