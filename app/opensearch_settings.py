"""Where the cluster of the engine ``opensearch`` is, and how an archive is kept in it.

A name and a password are taken from variables alone: files of settings travel with the essays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from indexer.errors import UsageError
from indexer.storage.opensearch.connection import Connection

#: Names of indexes as OpenSearch takes them, short enough for what is put behind.
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,199}")


class ClusterTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of the table ``[opensearch]``."""

    name: str = Connection.name
    shards: int = Connection.shards
    replicas: int = Connection.replicas
    verify: bool = Connection.verify
    timeout: float = Connection.timeout
    patience: float = Connection.patience


def connection(table: ClusterTable, urls: str, environ: Mapping[str, str]) -> Connection:
    """The cluster that a table, the ``urls`` of a file and the environment say together. Raises
    :class:`~indexer.errors.UsageError` for what cannot be meant.

    >>> connection(ClusterTable(), "", {"ESSAYS_OPENSEARCH_URL": "http://a:9200, http://b:9200"}).urls
    ('http://a:9200', 'http://b:9200')
    """
    chosen = environ.get("ESSAYS_OPENSEARCH_URL") or urls
    name = environ.get("ESSAYS_OPENSEARCH_NAME") or table.name
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of an index in OpenSearch.",
            "Use small letters, digits, - and _.",
        )
    for key in ("shards", "timeout", "patience"):
        if getattr(table, key) <= 0:
            raise UsageError(f"opensearch.{key} has to be more than 0: {getattr(table, key)}.")
    if table.replicas < 0:
        raise UsageError(f"opensearch.replicas is less than 0: {table.replicas}.")
    return Connection(
        urls=tuple(_url(each.strip()) for each in chosen.split(",")) if chosen else Connection.urls,
        name=name,
        shards=table.shards,
        replicas=table.replicas,
        user=environ.get("ESSAYS_OPENSEARCH_USER", ""),
        password=environ.get("ESSAYS_OPENSEARCH_PASSWORD", ""),
        ca=environ.get("ESSAYS_OPENSEARCH_CA", ""),
        verify=table.verify,
        timeout=table.timeout,
        patience=table.patience,
    )


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            f"{url!r} is not the address of a node of OpenSearch.",
            "Write ESSAYS_OPENSEARCH_URL=https://node1:9200,https://node2:9200.",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "The address of OpenSearch has a user in it.",
            "Set ESSAYS_OPENSEARCH_USER and ESSAYS_OPENSEARCH_PASSWORD instead.",
        )
    return url.rstrip("/")
