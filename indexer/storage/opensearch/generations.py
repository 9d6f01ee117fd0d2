"""Which indexes answer, what the build knew of every file, and the change of both.

::

    essays            alias: what readers ask
      essays-g12      the essays; 12 is the fence of the full build that made it
    essays-files      alias
      essays-g12-files  what is known of every file, and the state of the generation
    essays-lock       one build at a time (:mod:`indexer.storage.opensearch.lock`)

A full build fills indexes of its own, and one request moves both aliases. A later build changes
these in place: nothing of it is seen before the index of essays is refreshed, at its end. What is
known of a file is written after its essay was: a build that dies leaves files that are read again,
never one that is taken for done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from indexer.errors import IndexMissing, IndexOutdated, IndexUnreachable, IndexUnwritable
from indexer.essay import Essay
from indexer.schema import document, opensearch_document, opensearch_mapping
from indexer.storage.manifest import Known
from indexer.storage.opensearch.connection import Connection, make_index
from indexer.storage.opensearch.lock import lost

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_STATE = "state"
_HINT = "Run: essays index --engine opensearch"
#: Files read at a time of those that are known, or essays.
PAGE = 5_000
#: Seconds for which indexes that answer no more are kept for who has begun to ask them.
GRACE = 3.0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the indexes that answer.

    ``generation`` counts the changes that readers saw. ``rules`` and ``layout`` are what they were
    made under. ``building`` is the fence of a build that has begun to change them, 0 where the
    last one came to its end.
    """

    generation: int
    rules: str
    layout: str
    building: int = 0


class Indexes(msgspec.Struct, frozen=True):
    """The indexes of one full build, by name."""

    essays: str

    @property
    def files(self) -> str:
        return f"{self.essays}-files"


def files_alias(connection: Connection) -> str:
    """The alias of what is known of files."""
    return f"{connection.name}-files"


def current(client: OpenSearch, connection: Connection) -> Indexes:
    """The indexes that answer. Raises :class:`~indexer.errors.IndexMissing`."""
    from opensearchpy.exceptions import NotFoundError

    try:
        named = client.indices.get_alias(name=connection.name)
    except NotFoundError:
        raise IndexMissing(
            f"There is no index {connection.name} at {connection.shown} yet.", _HINT
        ) from None
    if len(named) != 1:
        raise IndexUnwritable(
            f"The alias {connection.name} is of {len(named)} indexes.",
            "Delete all but one of them.",
        )
    return Indexes(next(iter(named)))


def state(client: OpenSearch, connection: Connection) -> State:
    """The state of what answers. Raises IndexMissing, and
    :class:`~indexer.errors.IndexOutdated` where it cannot be read."""
    from opensearchpy.exceptions import NotFoundError

    try:
        found = client.get(index=files_alias(connection), id=_STATE)
        return msgspec.convert(found["_source"], State)
    except NotFoundError:
        raise IndexMissing(
            f"There is no index {connection.name} at {connection.shown} yet.", _HINT
        ) from None
    except msgspec.ValidationError as error:
        raise IndexOutdated(
            f"The index {connection.name} is of another version of this program.", _HINT
        ) from error


def write_state(client: OpenSearch, files: str, now: State, fence: int) -> None:
    """Write the state of indexes; refused where a later build has written it."""
    client.index(
        index=files,
        id=_STATE,
        body=msgspec.to_builtins(now),
        params={"version": fence, "version_type": "external_gte"},
    )


def newest(client: OpenSearch, connection: Connection) -> int:
    """The largest fence in the names of indexes, 0 where there are none."""
    return max((int(match[1]) for _, match in _ours(client, connection)), default=0)


def create(
    client: OpenSearch, connection: Connection, fence: int, facets: tuple[str, ...]
) -> Indexes:
    """New, empty indexes for a full build; ``facets`` are the archive's own."""
    made = Indexes(f"{connection.name}-g{fence}")
    replicas = {"number_of_replicas": connection.replicas}
    essays = {**opensearch_mapping.settings(facets), **replicas}
    make_index(
        client,
        made.essays,
        essays | {"number_of_shards": connection.shards},
        opensearch_mapping.mapping(facets),
    )
    make_index(
        client,
        made.files,
        {**replicas, "number_of_shards": 1, "refresh_interval": "-1"},
        {"dynamic": False, "properties": {}},
    )
    return made


def publish(
    client: OpenSearch, connection: Connection, made: Indexes, last: Indexes | None
) -> None:
    """Move both aliases to new indexes, at once; nothing where they are there already. Raises
    :class:`~indexer.errors.IndexLocked` where another build has moved them from the ``last``
    ones."""
    from opensearchpy.exceptions import NotFoundError

    moves: list[dict[str, Any]] = []
    for alias, old, new in (
        (connection.name, last and last.essays, made.essays),
        (files_alias(connection), last and last.files, made.files),
    ):
        if old is not None:
            moves.append({"remove": {"index": old, "alias": alias, "must_exist": True}})
        moves.append({"add": {"index": new, "alias": alias}})
    try:
        client.indices.update_aliases(body={"actions": moves})
    except NotFoundError:
        # Sent again after an answer that was lost, or the other build.
        if current(client, connection) != made:
            raise lost() from None


def sweep(client: OpenSearch, connection: Connection, kept: Indexes | None) -> None:
    """Delete the indexes of builds that answer no more, or never came to that."""
    names = {kept.essays, kept.files} if kept else set()
    for name, _ in _ours(client, connection):
        if name not in names:
            client.indices.delete(index=name, ignore_unavailable=True)


def _ours(client: OpenSearch, connection: Connection) -> Iterator[tuple[str, re.Match[str]]]:
    """The indexes that full builds of this archive made, by name."""
    pattern = re.compile(re.escape(connection.name) + r"-g(\d+)(-files)?")
    listed = client.indices.get_settings(
        index=f"{connection.name}-g*", params={"filter_path": "*.settings.index.uuid"}
    )
    for name in listed:
        match = pattern.fullmatch(name)
        if match:
            yield name, match


def known(client: OpenSearch, files: str) -> dict[str, Known]:
    """What is known of every file."""
    decoded = (msgspec.convert(source["known"], Known) for source in _scan(client, files, "known"))
    return {each.path: each for each in decoded}


def paths(client: OpenSearch, essays: str) -> set[str]:
    """The content paths of all essays."""
    field = opensearch_mapping.value_field("path")
    return {source["value"]["path"][0] for source in _scan(client, essays, field)}


def cards(client: OpenSearch, essays: str) -> Iterator[Essay]:
    """All essays, without their text."""
    body = {"_source": [opensearch_mapping.SLUG], "stored_fields": ["_source", "card"]}
    for hit in _hits(client, essays, body):
        slug = hit["_source"][opensearch_mapping.SLUG]
        yield document.card(opensearch_document.stored_fields(hit["fields"], slug))


def _scan(client: OpenSearch, index: str, field: str) -> Iterator[dict[str, Any]]:
    """A field of the sources of all documents that have it."""
    for hit in _hits(client, index, {"_source": [field]}):
        if hit["_source"]:
            yield hit["_source"]


def _hits(client: OpenSearch, index: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All documents, with what is asked of each."""
    from opensearchpy import helpers

    refresh(client, index)
    query = {"query": {"match_all": {}}, "sort": "_doc", **asked}
    try:
        yield from helpers.scan(client, query, index=index, size=PAGE)
    except helpers.ScanError as error:
        raise IndexUnreachable(
            f"Some shards of {index} do not answer: {error}.", "Look at the health of the cluster."
        ) from error


def refresh(client: OpenSearch, index: str) -> None:
    """Show readers what was written. Raises :class:`~indexer.errors.IndexUnreachable` where some
    shards cannot."""
    shards = client.indices.refresh(index=index)["_shards"]
    if shards["failed"]:
        raise IndexUnreachable(
            f"{shards['failed']} shards of {index} could not be refreshed.",
            "Look at the health of the cluster, and run it again.",
        )


def count(client: OpenSearch, index: str) -> int:
    """The documents of an index. Raises IndexUnreachable where some shards cannot tell."""
    answer = client.count(index=index)
    if answer["_shards"]["failed"]:
        raise IndexUnreachable(f"Some shards of {index} do not answer.", "Look at its health.")
    number: int = answer["count"]
    return number


def size(client: OpenSearch, indexes: Indexes) -> int:
    """The bytes of indexes on the disks of the cluster, all copies of them."""
    told = client.indices.stats(index=[indexes.essays, indexes.files], metric="store")
    found: int = told["_all"]["total"]["store"]["size_in_bytes"]
    return found


def retire(client: OpenSearch, connection: Connection, kept: Indexes) -> None:
    """Delete what answered before, once who had begun to ask it is done."""
    time.sleep(GRACE)
    sweep(client, connection, kept)
