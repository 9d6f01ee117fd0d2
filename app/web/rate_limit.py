"""How often one client may ask, where the settings say so.

Counted by the library ``limits``, in a window that slides: in this process, or in a store that the
workers of a server share. Every address counts, those that lead nowhere too; whether the service
is well may be asked at any time.
"""

from __future__ import annotations

import ipaddress
import math
import time
from functools import lru_cache

from flask import Flask, abort, current_app, request
from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from app.serving_settings import Serving
from indexer.errors import UsageError

#: Views that count for nothing.
FREE = frozenset({"health.healthz", "health.readyz", "metrics.numbers", "static"})
#: Bits of an IPv6 address that are one client's: whoever has one has all of such a network.
_NETWORK = 64
#: What keys begin with, in a store that others may use too.
_PREFIX = "essays"


class RateLimit:
    """The limits of one server, such as ``60/minute``. Raises
    :class:`~indexer.errors.UsageError` for a limit or a store that cannot be meant."""

    def __init__(self, serving: Serving) -> None:
        try:
            self._limits: list[RateLimitItem] = parse_many(serving.rate_limit)
        except ValueError as error:
            raise UsageError(
                f"ESSAYS_RATE_LIMIT is no limit: {serving.rate_limit!r}.", "Write 60/minute."
            ) from error
        self._counter = SlidingWindowCounterRateLimiter(_store(serving.rate_storage))

    def wait(self, client: str) -> int:
        """Count a request of a client; the seconds that it has to wait, 0 if it need not."""
        for limit in self._limits:
            if not self._counter.hit(limit, _PREFIX, client):
                reset = self._counter.get_window_stats(limit, _PREFIX, client).reset_time
                return max(1, math.ceil(reset - time.time()))
        return 0


def _store(uri: str) -> Storage:
    try:
        store = storage_from_string(uri, wrap_exceptions=True)
    except (ConfigurationError, ValueError) as error:
        raise UsageError(
            f"ESSAYS_RATE_STORAGE cannot be used: {error}",
            "Write memory:// or redis://host, with the package of that store installed.",
        ) from error
    if not isinstance(store, Storage):
        raise UsageError(f"ESSAYS_RATE_STORAGE cannot be used here: {uri.split(':')[0]}.")
    return store


@lru_cache(4_096)
def client_of(address: str) -> str:
    """Who is counted together: an address, or the network of one by IPv6.

    >>> client_of("203.0.113.7"), client_of("2001:db8::1:2:3:4"), client_of("unknown")
    ('203.0.113.7', '2001:db8::', 'unknown')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _NETWORK), strict=False).network_address)


def init_app(app: Flask) -> None:
    """Count, before anything is done for a request."""
    counted = RateLimit(app.extensions["settings"].serving)

    def check() -> None:
        if request.endpoint in FREE:
            return
        try:
            seconds = counted.wait(client_of(request.remote_addr or ""))
        except StorageError as error:
            # Who cannot count answers: the limit is for the many, and so is the site.
            current_app.logger.warning("Requests are not counted: %s", error)
            return
        if seconds:
            abort(429, f"You ask too often. Try again in {seconds} seconds.", retry_after=seconds)

    app.before_request(check)
