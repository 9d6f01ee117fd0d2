"""Numbers of the running service as Prometheus reads them.

Requests are counted by route, method and status: the patterns of addresses, which are few, never
the addresses. Where several processes serve, each counts in files of its own that whoever answers
``/metrics`` adds up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.building import Holdings, holdings
from app.rebuilds import Rebuilds
from app.search.engine import Engine
from app.search.request import SearchRequest
from app.settings import Settings
from app.web.observing import Observed
from indexer.build import watch_status
from indexer.errors import IndexUnavailable, QueueUnusable
from indexer.storage import generation

#: Bounds of times, in seconds: an answer takes milliseconds, and at most some 250.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The numbers of one process, or of all that serve with it."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._folder = settings.serving.metrics_folder
        self._index = _Index(settings, engine)
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        requests = Counter(
            "essays_http_requests", "Requests that were answered.", labels, registry=self._registry
        )
        seconds = Histogram(
            "essays_http_request_duration_seconds", "The time that answers took.", labels,
            buckets=BUCKETS, registry=self._registry,
        )  # fmt: skip
        stages = Histogram(
            "essays_search_stage_duration_seconds", "The time that stages of searches took.",
            ("stage",), buckets=BUCKETS, registry=self._registry,
        )  # fmt: skip
        # Looking up a child by its labels takes longer than counting.
        self._requests = lru_cache(4_096)(lambda *values: requests.labels(*values))
        self._seconds = lru_cache(4_096)(lambda *values: seconds.labels(*values))
        self._stages = lru_cache(16)(lambda stage: stages.labels(stage))

    def count(self, seen: Observed) -> None:
        """Count one request."""
        labels = (seen.method, seen.route, str(seen.status))
        self._requests(*labels).inc()
        self._seconds(*labels).observe(seen.seconds)
        for stage, seconds in seen.stages.items():
            self._stages(stage).observe(seconds)

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        registry = self._registry
        if self._folder:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=self._folder)  # type: ignore[no-untyped-call]
        index = CollectorRegistry()
        index.register(self._index)
        return generate_latest(registry) + generate_latest(index)


class _Index(Collector):
    """What is known of the index, looked up when it is asked for."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._essays = lru_cache(1)(self._counted)
        self._holdings = lru_cache(1)(self._known)

    def _counted(self, _generation: int) -> int:
        return self._engine.facet_counts(SearchRequest()).total

    def _known(self, _manifest: str) -> Holdings:
        return holdings(self._settings)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The index, the last build, builds that were asked for and the watcher."""
        try:
            number = self._engine.generation()
            essays = self._essays(number)
        except IndexUnavailable:
            yield _gauge("essays_index_up", "Whether an index answers.", 0)
        else:
            yield _gauge("essays_index_up", "Whether an index answers.", 1)
            yield _gauge("essays_index_generation", "The generation that answers.", number)
            yield _gauge("essays_index_essays", "Essays that answer.", essays)
        yield from self._last_build()
        yield from self._rebuilds()
        yield from self._watcher()

    def _last_build(self) -> Iterator[GaugeMetricFamily]:
        index = self._settings.index
        committed = generation.committed(index)
        if self._settings.engine != "local" or committed is None:
            return
        when = "When the generation was committed, in seconds since 1970."
        yield _gauge("essays_index_commit_timestamp_seconds", when, committed)
        age = max(time.time() - committed, 0.0)
        yield _gauge("essays_index_age_seconds", "Seconds since it was committed.", age)
        try:
            known = self._holdings(generation.current(index).check)
        except IndexUnavailable:
            return
        yield _gauge("essays_index_bytes", "Bytes of the index folder.", known.size)
        yield _gauge("essays_content_files", "Files that the last build saw.", known.files)
        yield _gauge("essays_content_drafts", "Drafts that it left out.", known.drafts)
        yield _gauge("essays_content_problems", "Problems of files that it found.", known.problems)

    def _rebuilds(self) -> Iterator[GaugeMetricFamily]:
        if not self._settings.hook_secret:
            return
        family = GaugeMetricFamily(
            "essays_rebuilds", "Builds that were asked for, of those remembered.", labels=["state"]
        )
        try:
            for state, number in Rebuilds(self._settings.index).counts().items():
                family.add_metric([state], number)
        except QueueUnusable:
            return
        yield family

    def _watcher(self) -> Iterator[GaugeMetricFamily]:
        if not self._settings.watched:
            return
        state = watch_status.read_status(self._settings.index).state
        family = GaugeMetricFamily(
            "essays_watch_state", "1 for the state that the watcher is in.", labels=["state"]
        )
        for each in watch_status.STATES:
            family.add_metric([each], float(each == state))
        yield family


def _gauge(name: str, help_: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, value=value)
