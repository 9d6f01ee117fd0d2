"""How a server is run where it is started: what is measured, written down, limited and trusted.

From variables and options alone: ``essays.toml`` travels with the essays to machines that are run
in other ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from indexer.errors import UsageError

LogFormat = Literal["text", "json"]


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What one server does beside answering. Nothing of it is on unless somebody asks for it."""

    #: Whether ``/metrics`` answers, and what a request for it has to know; empty for nothing.
    metrics: bool = False
    metrics_token: str = field(default="", repr=False)
    #: Where the workers of one server count together; empty for one process alone.
    metrics_folder: str = ""
    #: How messages are written; ``json`` has a line for each request as well.
    log_format: LogFormat = "text"
    #: Whether these lines say what readers asked.
    log_queries: bool = False
    #: How many proxies before this server are ours, so that what they say of a request is believed.
    proxies: int = 0
    #: How often one client may ask, as in ``60/minute``, empty for no limit; and where that is
    #: counted, this process by itself.
    rate_limit: str = ""
    rate_storage: str = field(default="memory://", repr=False)

    def variables(self) -> dict[str, str]:
        """The variables that say the same to another process."""
        return {
            "ESSAYS_METRICS": "1" if self.metrics else "",
            "ESSAYS_METRICS_TOKEN": self.metrics_token,
            "PROMETHEUS_MULTIPROC_DIR": self.metrics_folder,
            "ESSAYS_LOG_FORMAT": self.log_format,
            "ESSAYS_LOG_QUERIES": "1" if self.log_queries else "",
            "ESSAYS_PROXIES": str(self.proxies),
            "ESSAYS_RATE_LIMIT": self.rate_limit,
            "ESSAYS_RATE_STORAGE": self.rate_storage,
        }


def serving(environ: Mapping[str, str]) -> Serving:
    """What variables say. Raises :class:`~indexer.errors.UsageError` for what cannot be meant.

    >>> serving({"ESSAYS_LOG_FORMAT": "json"}).log_format
    'json'
    """
    return Serving(
        metrics=yes(environ.get("ESSAYS_METRICS", "")),
        metrics_token=environ.get("ESSAYS_METRICS_TOKEN", "").strip(),
        metrics_folder=environ.get("PROMETHEUS_MULTIPROC_DIR", ""),
        log_format=_log_format(environ.get("ESSAYS_LOG_FORMAT", "")),
        log_queries=yes(environ.get("ESSAYS_LOG_QUERIES", "")),
        proxies=_proxies(environ.get("ESSAYS_PROXIES", "")),
        rate_limit=environ.get("ESSAYS_RATE_LIMIT", "").strip(),
        rate_storage=environ.get("ESSAYS_RATE_STORAGE", "").strip() or Serving.rate_storage,
    )


def _log_format(text: str) -> LogFormat:
    for known in get_args(LogFormat):
        if text.strip().lower() in (known, ""):
            chosen: LogFormat = known
            return chosen
    raise UsageError(f"ESSAYS_LOG_FORMAT is no format of logs: {text!r}.", "Choose text or json.")


def _proxies(text: str) -> int:
    if not text.strip():
        return 0
    if not re.fullmatch(r"[0-9]{1,2}", text.strip(), re.ASCII):
        raise UsageError(
            f"ESSAYS_PROXIES is no number of proxies: {text!r}.", "Write 1 for one proxy before it."
        )
    return int(text)


def yes(text: str) -> bool:
    """Whether a variable says yes.

    >>> yes("1"), yes(" True "), yes("0"), yes("")
    (True, True, False, False)
    """
    return text.strip().lower() in ("1", "true", "yes")
