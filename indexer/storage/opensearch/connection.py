"""Where the cluster is, the client that asks it, and its errors in our words.

The client's package is an extra: nothing here imports it before a connection is opened.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexMissing, IndexUnreachable, IndexUnwritable, of_extra

if TYPE_CHECKING:
    from opensearchpy import OpenSearch, TransportError

# The client warns of every try that fails; what came of all of them is an error of ours.
logging.getLogger("opensearch").addHandler(logging.NullHandler())

_HINT = "Run: essays index --engine opensearch"


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A cluster, and how an archive is kept in it.

    ``name`` is the alias that readers ask; indexes are named after it. ``shards`` and ``replicas``
    are those of the index of essays. ``timeout`` is how many seconds one request may take,
    ``patience`` how many a build goes on trying while nothing gets through.
    """

    urls: tuple[str, ...] = ("http://127.0.0.1:9200",)
    name: str = "essays"
    shards: int = 1
    replicas: int = 1
    user: str = ""
    password: str = field(default="", repr=False)
    #: A file of certificates to trust, beside those of the system; and whether to check any.
    ca: str = ""
    verify: bool = True
    timeout: float = 10.0
    patience: float = 120.0

    @property
    def shown(self) -> str:
        """The addresses, for a message."""
        return ", ".join(self.urls)


@contextmanager
def opened(connection: Connection, *, retries: int = 3) -> Iterator[OpenSearch]:
    """A client, closed at the end; see :func:`client`."""
    opened_ = client(connection, retries=retries)
    try:
        yield opened_
    finally:
        opened_.close()


def client(connection: Connection, *, retries: int = 3) -> OpenSearch:
    """A client, for any number of threads; close it. A request that one node does not answer is
    put to another, up to so many ``retries``. Raises :class:`~indexer.errors.MissingExtra`."""
    with of_extra("opensearch", "The engine opensearch"):
        from opensearchpy import OpenSearch
    options: dict[str, Any] = {}
    if connection.user:
        options["http_auth"] = (connection.user, connection.password)
    if any(url.startswith("https:") for url in connection.urls):
        options |= {"verify_certs": connection.verify, "ssl_show_warn": False}
        if connection.ca:
            options["ca_certs"] = connection.ca
    return OpenSearch(
        list(connection.urls),
        timeout=connection.timeout,
        max_retries=retries,
        retry_on_status=(502, 503, 504),
        http_compress=True,
        **options,
    )


#: Seconds within which the copies of an empty index are made.
COPIED = 30


def make_index(
    client: OpenSearch, name: str, settings: Mapping[str, Any], mapping: Mapping[str, Any]
) -> None:
    """An empty index, with as many of its copies as there are nodes for: what is written to an
    index whose copies are still in the making is lost with the one node that has it."""
    nodes = client.cluster.health()["number_of_data_nodes"]
    copies = min(settings["number_of_replicas"] + 1, nodes)
    client.indices.create(
        index=name,
        body={"settings": settings, "mappings": mapping},
        params={"wait_for_active_shards": copies, "request_timeout": 2 * COPIED},
    )


@contextmanager
def translated(connection: Connection) -> Iterator[None]:
    """The client's errors as ours: the one place where they are. Raises
    :class:`~indexer.errors.IndexMissing`, :class:`~indexer.errors.IndexUnreachable` and
    :class:`~indexer.errors.IndexUnwritable`."""
    try:
        from opensearchpy.exceptions import TransportError
    except ImportError:
        yield  # `client` says what is missing
        return
    try:
        yield
    except TransportError as error:
        raise in_our_words(error, connection) from error


def in_our_words(
    error: TransportError, connection: Connection
) -> IndexMissing | IndexUnreachable | IndexUnwritable:
    """What an error of the client means for a person."""
    status, reason = error.status_code, reason_of(error)
    where = connection.shown
    if not isinstance(status, int):  # "N/A": no answer at all
        return IndexUnreachable(
            f"OpenSearch at {where} does not answer{_why(error)}.", _check(error)
        )
    if status == 401 or (status == 403 and "block" not in reason):
        who = f"the user {connection.user}" if connection.user else "a request without a user"
        return IndexUnreachable(
            f"OpenSearch at {where} refuses {who}.",
            "Set ESSAYS_OPENSEARCH_USER and ESSAYS_OPENSEARCH_PASSWORD.",
        )
    if status == 403:
        return IndexUnwritable(
            f"OpenSearch lets nobody write to the index: {reason}.",
            "Its disks may be nearly full: free some room, then lift the block"
            " (index.blocks.read_only_allow_delete: null).",
            full=True,
        )
    if status == 404:
        return IndexMissing(f"There is no index {connection.name} at {where} yet.", _HINT)
    if status in (429, 502, 503, 504):
        return IndexUnreachable(
            f"OpenSearch at {where} cannot answer now: {reason}.",
            "Look at its health: some of its nodes may be down, or busy.",
        )
    return IndexUnwritable(
        f"OpenSearch at {where} refuses what was asked (status {status}): {reason}.",
        "This is a mistake of this program, or of a setting of the cluster.",
    )


def reason_of(error: TransportError) -> str:
    """What the cluster says of an error, in one line."""
    told = error.info
    if isinstance(told, dict) and isinstance(told.get("error"), dict):
        told = told["error"].get("reason") or told["error"].get("type")
    return " ".join(str(told or error.error).split())[:300].rstrip(".")


def _why(error: TransportError) -> str:
    if type(error).__name__ == "ConnectionTimeout":
        return " in time"
    if _is_certificate(error):
        return ": its certificate is not one that this machine trusts"
    return ""


def _check(error: TransportError) -> str:
    if _is_certificate(error):
        return "Name the file of the authority that signed it: ESSAYS_OPENSEARCH_CA."
    return "Check that it runs, and the setting ESSAYS_OPENSEARCH_URL."


def _is_certificate(error: BaseException | None) -> bool:
    """Whether a certificate that was not trusted is what is behind an error."""
    told = str(error)
    return isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in told
