"""What is written, in bulk: sent again where the cluster is busy or a node is lost.

A request that fails may have been carried out or not; sending it again is right in both cases,
since every document has its id, and the fence of its build.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from indexer.errors import EssaysError, IndexUnreachable
from indexer.schema.opensearch_document import document_id
from indexer.storage.opensearch import lock as lock_
from indexer.storage.opensearch.connection import Connection, in_our_words, reason_of
from indexer.storage.opensearch.lock import Lock

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

#: What one request has at the most, unless one document is larger: OpenSearch works best with some
#: megabytes at a time.
MAX_BYTES, MAX_DOCUMENTS = 4_000_000, 1_000
#: What OpenSearch takes in one request, less a little. Where there is more it closes the
#: connection, as if it were gone.
MAX_DOCUMENT_BYTES = 100_000_000
#: Seconds for one such request; OpenSearch itself waits for a shard to come back for that long.
BULK_SECONDS = 60.0
#: Seconds before a request is sent again: from so many, doubled each time, to so many.
FIRST_PAUSE, LAST_PAUSE = 0.25, 8.0
#: Statuses of a cluster that is busy, or without some of its nodes for a while.
PASSING = (408, 429, 500, 502, 503, 504)
#: Errors with such a status that come again however often something is sent.
_LASTING = ("script_exception", "fail_processor_exception")

R = TypeVar("R")
_encode = msgspec.json.Encoder().encode


class Write(NamedTuple):
    """One document to be written to an index, the ``target``, or, without a ``body``, deleted.
    ``path`` is of its file."""

    target: str
    path: str
    body: bytes | None


class BulkWriter:
    """Writes documents under the fence of a lock; the id of each is made of its ``path``.

    ``rejected`` has, by path, what the cluster said of a document that it does not take.
    """

    def __init__(self, client: OpenSearch, connection: Connection, lock: Lock) -> None:
        self.rejected: dict[str, str] = {}
        self._client = client
        self._connection = connection
        self._lock = lock
        self._patience = max(connection.timeout, BULK_SECONDS)
        self._waiting: list[Write] = []
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether so much is waiting that it should be sent."""
        return self._bytes >= MAX_BYTES or len(self._waiting) >= MAX_DOCUMENTS

    def add(self, write: Write) -> None:
        """Let a document wait to be written."""
        if write.body is not None and len(write.body) > MAX_DOCUMENT_BYTES:
            self.rejected[write.path] = f"it takes {len(write.body):,} bytes"
            return
        self._waiting.append(write)
        self._bytes += len(write.body or b"")

    def flush(self) -> None:
        """Write all that waits. Raises :class:`~indexer.errors.IndexUnreachable` where nothing
        gets through for too long, and :class:`~indexer.errors.IndexLocked` where another build has
        begun."""
        left, self._waiting, self._bytes = self._waiting, [], 0
        trying = Trying(self._connection, self._lock)
        while left:
            # An index that another build has deleted would be made again by writing to it.
            self._lock.check()
            before = len(left)
            left, why = self._send(left)
            if left:
                trying.pause(why, progress=len(left) < before)

    def _send(self, writes: list[Write]) -> tuple[list[Write], EssaysError | None]:
        """Send some writes once: those to be sent again, and why."""
        from opensearchpy.exceptions import TransportError

        body = b"\n".join(line for write in writes for line in self._lines(write)) + b"\n"
        try:
            answer = self._client.bulk(body=body, params={"request_timeout": self._patience})
        except TransportError as error:
            if error.status_code == 413:
                return self._halved(writes, reason_of(error))
            if not passes(error):
                raise
            return writes, in_our_words(error, self._connection)
        if not answer["errors"]:
            return [], None
        again: list[Write] = []
        why = ""
        for write, item in zip(writes, answer["items"], strict=True):
            told = next(iter(item.values()))
            kind, reason = _error(told)
            if told["status"] < 300 or (told["status"] == 404 and write.body is None):
                continue
            if told["status"] == 409:
                raise lock_.lost()
            if told["status"] in PASSING and kind not in _LASTING:
                again.append(write)
                why = reason
            else:
                self.rejected[write.path] = reason
        return again, busy(self._connection, why) if again else None

    def _halved(self, writes: list[Write], reason: str) -> tuple[list[Write], EssaysError | None]:
        """Send a request that was too large as two; a document that is too large is rejected."""
        if len(writes) == 1:
            self.rejected[writes[0].path] = reason or "the document is too large"
            return [], None
        left: list[Write] = []
        why = None
        for half in (writes[: len(writes) // 2], writes[len(writes) // 2 :]):
            again, said = self._send(half)
            left += again
            why = said or why
        return left, why

    def _lines(self, write: Write) -> list[bytes]:
        head = {
            "_index": write.target,
            "_id": document_id(write.path),
            "version": self._lock.fence,
            "version_type": "external_gte",
        }
        if write.body is None:
            return [_encode({"delete": head})]
        return [_encode({"index": head}), write.body]


class Trying:
    """How long something is tried again: until nothing has got through for the connection's
    ``patience``, or the lock is another build's."""

    def __init__(self, connection: Connection, lock: Lock) -> None:
        self._patience = connection.patience
        self._lock = lock
        self._since = time.monotonic()
        self._pause = FIRST_PAUSE

    def pause(self, why: EssaysError | None, *, progress: bool = False) -> None:
        """Wait before the next try; raise ``why`` where there is to be none."""
        self._lock.check()
        if progress:
            self._since, self._pause = time.monotonic(), FIRST_PAUSE
        if why is not None and time.monotonic() - self._since > self._patience:
            raise why
        # Not all builds and readers of a cluster at the same time.
        time.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        self._pause = min(2 * self._pause, LAST_PAUSE)


def insist(connection: Connection, lock: Lock, ask: Callable[[], R]) -> R:
    """What a question to the cluster gives, asked again while the cluster is busy or gone. The
    question may be carried out more than once."""
    from opensearchpy.exceptions import TransportError

    trying = Trying(connection, lock)
    while True:
        try:
            return ask()
        except TransportError as error:
            if not passes(error):
                raise
            trying.pause(in_our_words(error, connection))
        except IndexUnreachable as error:
            trying.pause(error)


def passes(error: Any) -> bool:
    """Whether an error of the client is of a state that passes."""
    return not isinstance(error.status_code, int) or error.status_code in PASSING


def busy(connection: Connection, reason: str) -> IndexUnreachable:
    """The error of a cluster that takes nothing for too long."""
    return IndexUnreachable(
        f"OpenSearch at {connection.shown} takes no more essays: {reason}.",
        "Look at its health: some of its nodes may be down, or busy. Then run it again.",
    )


def _error(told: dict[str, Any]) -> tuple[str, str]:
    """The kind of an item's error, and what it says, down to the last cause."""
    error = told.get("error") or {}
    reasons = []
    while error:
        reasons.append(str(error.get("reason", "")))
        kind, error = error.get("type", ""), error.get("caused_by")
    return (kind if reasons else ""), " ".join(": ".join(filter(None, reasons)).split())[:300]
