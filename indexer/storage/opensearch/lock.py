"""One build at a time, whichever machine it runs on.

The lock is one document, changed only by who knows its last version. Its holder renews it every
few seconds; one that is not renewed for longer is taken over, since a build that died cannot
release it. No clock of two machines is compared: who wants the lock looks whether it changes.

A build that was stopped for longer than that, and does not know, is kept from harm by its *fence*:
every document is written under the number that the lock had, and the cluster refuses one that
is older than what is there.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexLocked
from indexer.storage.opensearch.connection import Connection, make_index

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

#: Seconds between two renewals, and after how many without one a lock is nobody's.
RENEWED_EVERY, LEASE = 3.0, 20.0
_ID = "lock"


class Lock:
    """The lock, while it is held. ``fence`` is larger than that of any build before."""

    def __init__(
        self, client: OpenSearch, connection: Connection, fence: int, version: Any
    ) -> None:
        self.fence = fence
        self._client = client
        self._connection = connection
        self._version = version
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name="lock", daemon=True)
        self._renewer.start()

    def check(self) -> None:
        """Raise :class:`~indexer.errors.IndexLocked` if another build has taken the lock over."""
        if self._lost.is_set():
            raise lost()

    def release(self) -> None:
        """Let the next build begin."""
        from opensearchpy.exceptions import TransportError

        self._ended.set()
        self._renewer.join()
        if not self._lost.is_set():
            try:
                _write(self._client, self._connection, self._version, self.fence, holder="")
            except TransportError:  # it is nobody's after the lease
                return

    def _renew(self) -> None:
        from opensearchpy.exceptions import ConflictError, TransportError

        while not self._ended.wait(RENEWED_EVERY):
            # Where nothing gets through, nobody else gets through either, or the next try shows it.
            with suppress(TransportError):
                try:
                    self._version = _write(
                        self._client, self._connection, self._version, self.fence
                    )
                except ConflictError:
                    found = _read(self._client, self._connection)
                    if found is None or not _is_ours(found, self.fence):
                        self._lost.set()
                        return
                    # It was written, and the answer did not arrive.
                    self._version = _version(found)


def lost() -> IndexLocked:
    """The error of a build that was stopped for so long that another one has begun."""
    return IndexLocked(
        "Another build has begun, since this one was not heard of for a while.",
        "Nothing is mixed. Run it again when the other one is done.",
    )


@contextmanager
def hold(client: OpenSearch, connection: Connection, first: int) -> Iterator[Lock]:
    """Hold the lock of an archive; ``first`` is its fence where none was ever held. Raises
    :class:`~indexer.errors.IndexLocked` while another build has it."""
    lock = Lock(client, connection, *_acquire(client, connection, first))
    try:
        yield lock
    finally:
        lock.release()


def index_name(connection: Connection) -> str:
    """The index that has the lock."""
    return f"{connection.name}-lock"


def _acquire(client: OpenSearch, connection: Connection, first: int) -> tuple[int, Any]:
    """The fence and the version of the lock, now ours."""
    from opensearchpy.exceptions import ConflictError

    _make_index(client, connection)
    seen: Any = None
    since = time.monotonic()
    while True:
        found = _read(client, connection)
        if found is None or not found["_source"]["holder"] or time.monotonic() - since > LEASE:
            fence = first if found is None else max(found["_source"]["fence"] + 1, first)
            version = None if found is None else _version(found)
            try:
                return fence, _write(client, connection, version, fence)
            except ConflictError:
                since = time.monotonic()
                seen = None
                continue
        if seen is not None and _version(found) != seen:
            raise IndexLocked(
                f"Another build ({found['_source']['holder']}) is writing the index"
                f" {connection.name}.",
                "Wait until it is done.",
            )
        seen = _version(found)
        time.sleep(0.2)


def _make_index(client: OpenSearch, connection: Connection) -> None:
    from opensearchpy.exceptions import RequestError

    if client.indices.exists(index=index_name(connection)):
        return
    settings = {"number_of_shards": 1, "number_of_replicas": connection.replicas}
    mapping = {"dynamic": False, "properties": {}}
    try:
        make_index(client, index_name(connection), settings, mapping)
    except RequestError as error:
        if error.error != "resource_already_exists_exception":
            raise


def _read(client: OpenSearch, connection: Connection) -> dict[str, Any] | None:
    from opensearchpy.exceptions import NotFoundError

    try:
        found: dict[str, Any] = client.get(index=index_name(connection), id=_ID)
    except NotFoundError:
        return None
    return found


def _version(found: dict[str, Any]) -> dict[str, int]:
    return {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}


def _is_ours(found: dict[str, Any], fence: int) -> bool:
    return (found["_source"]["fence"], found["_source"]["holder"]) == (fence, _holder())


def _holder() -> str:
    return f"process {os.getpid()} on {platform.node() or 'a machine'}"


def _write(
    client: OpenSearch,
    connection: Connection,
    version: dict[str, int] | None,
    fence: int,
    holder: str | None = None,
) -> dict[str, int]:
    """Write the lock if it still has a version, None where there is none; its new version. Raises
    the client's ConflictError."""
    only_if = {"op_type": "create"} if version is None else version
    written = client.index(
        index=index_name(connection),
        id=_ID,
        body={"holder": _holder() if holder is None else holder, "fence": fence},
        params=only_if,
    )
    return _version(written)
