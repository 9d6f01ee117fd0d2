"""How do both engines grow? Build, bytes and answers over generated archives of several sizes.

``python -m tests.bench.scale --sizes 10000 100000 --data .bench`` with a cluster running
(``ESSAYS_OPENSEARCH_URL``); a line of JSON for each size and engine. What a machine of two
processors that also runs all nodes says of a cluster is its work, not its speed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from app.building import build_index, holdings
from app.engines import open_engine
from app.search.query.limits import Limits
from app.search.request import SearchRequest
from app.settings import Settings, load
from indexer.parsing.rules import Rules
from indexer.storage.opensearch.connection import opened
from tests.bench.asking import questions
from tests.bench.generator import generate
from tests.bench.shape import HITS, Query

#: Questions of a kind, each asked once after the first few.
MANY, WARM = 40, 5
#: What takes as long as it takes is measured, not what fits into a budget.
LIMITS = Limits(milliseconds=60_000)


def measured(settings: Settings, asked: dict[str, list[Query]]) -> dict[str, object]:
    """One engine over one archive; words alone, since only one of them has vectors."""
    before, started = processors(settings), time.perf_counter()
    report = build_index(settings, full=True, jobs=2)
    full, built = time.perf_counter() - started, processors(settings)
    started = time.perf_counter()
    build_index(settings, jobs=2)
    unchanged = time.perf_counter() - started
    engine = open_engine(settings)
    engine.search(SearchRequest())
    ready = processors(settings)
    took: dict[str, list[float]] = {}
    totals: dict[str, int] = {}
    for kind, queries in asked.items():
        for number, query in enumerate(queries):
            request = SearchRequest(
                q=query.text, filters=query.filters, page=query.page, per_page=HITS
            )
            started = time.perf_counter()
            found = engine.search(request)
            if number >= WARM:
                took.setdefault(kind, []).append(1000 * (time.perf_counter() - started))
            totals[kind] = totals.get(kind, 0) + found.total
    asked_by = processors(settings)
    many = sum(map(len, asked.values()))
    return {
        "engine": settings.engine,
        "essays": report.essays,
        "full build, s": round(full, 1),
        "full build, s of processors": [
            round(b - a, 1) for a, b in zip(before, built, strict=True)
        ],
        "unchanged, s": round(unchanged, 2),
        "ms of processors a question": [
            round(1000 * (b - a) / many, 2) for a, b in zip(ready, asked_by, strict=True)
        ],
        "bytes an essay": round(holdings(settings).size / max(report.essays, 1)),
        "median, ms": {kind: round(median(each), 2) for kind, each in took.items()},
        "p95, ms": {kind: round(quantiles(each, n=20)[-1], 2) for kind, each in took.items()},
        "found": totals,
    }


def processors(settings: Settings) -> tuple[float, float]:
    """Seconds of processors that this process and its workers have used, and the cluster's nodes:
    on a machine that others use too, these tell more than the clock."""
    own = sum(os.times()[:4])
    if settings.engine == "local":
        return own, 0.0
    with opened(settings.opensearch) as client:
        told = client.nodes.stats(metric="process")["nodes"].values()
    return own, sum(node["process"]["cpu"]["total_in_millis"] for node in told) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000])
    parser.add_argument("--data", type=Path, default=Path(".bench"))
    parser.add_argument("--engines", nargs="+", default=["local", "opensearch"])
    parser.add_argument("--replicas", type=int, default=0)
    given = parser.parse_args()
    for size in given.sizes:
        content = generate(size, given.data)
        asked = questions(content, MANY + WARM)
        for name in given.engines:
            settings = load(
                content, given.data / f"scale-{size}", engine=name,
                environ=os.environ | {"ESSAYS_OPENSEARCH_NAME": f"scale-{size}"},
            )  # fmt: skip
            settings = replace(
                settings,
                rules=Rules(meaning=False),
                limits=LIMITS,
                opensearch=replace(settings.opensearch, replicas=given.replicas, shards=3),
            )
            print(json.dumps(measured(settings, asked)), flush=True)


if __name__ == "__main__":
    main()
