"""How long does a faceted search take, by kind of query, beside the other engines?

Warm, one process, one thread. Engines take turns, a round of queries each, so that whatever else
the machine does meets all of them; no query is asked twice, and ours remembers no answers here (but
pages of all essays come round again, and so do words). A slow engine stops when its time for a kind
is used up. Where memory belongs to several machines, what lies idle while another engine works is
taken away: before each of its rounds an engine's files are read through and it is asked, untimed,
what it was asked to get warm.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import agreement
from tests.bench.asking import questions
from tests.bench.peers import peer, prepare
from tests.bench.shape import KINDS, QUESTION, Engine, Query

ROUND, WARM = 50, 10
LEAST = 5


def run(
    content: Path, names: list[str], *, queries: int = 250, budget: float = 15.0
) -> dict[str, Any]:
    """Milliseconds of every search by kind and engine, and how the engines' answers differ.

    ``queries`` of each kind are timed; ``budget`` is in seconds, for one engine and kind.
    """
    indexes = {name: prepare(name, content) for name in names}
    engines = {name: peer(name).open(index) for name, index in indexes.items()}
    asked = questions(content, queries + WARM)
    checked = [name for name in names if name != "whoosh"]
    agreed = agreement.compare(
        {name: engines[name] for name in checked},
        {kind: asked[kind][-20:] for kind in KINDS if kind != QUESTION},
    )
    times: dict[str, dict[str, list[float]]] = {}
    totals: dict[str, float] = {}
    for kind in KINDS:
        times[kind] = measure(engines, asked[kind][:WARM], asked[kind][WARM:], budget, indexes)
        some = asked[kind][WARM : WARM + ROUND]
        totals[kind] = median(engines["ours"].search(query).total for query in some)
        told = ", ".join(f"{name} {percentile(ms, 50):.2f}" for name, ms in times[kind].items())
        print(f"{content.name} {kind}: p50 in ms: {told}", flush=True)
    return {
        "names": {name: peer(name).NAME for name in names},
        "agreement": agreed,
        "found": totals,
        "kinds": {
            kind: {
                name: {
                    "queries": len(ms), "p50": percentile(ms, 50), "p99": percentile(ms, 99),
                    "mean": sum(ms) / len(ms), "all": [round(each, 4) for each in ms],
                }
                for name, ms in each_engine.items()
            }
            for kind, each_engine in times.items()
        },
    }  # fmt: skip


def measure(
    engines: Mapping[str, Engine],
    warm: list[Query],
    timed: list[Query],
    budget: float,
    indexes: Mapping[str, Path],
) -> dict[str, list[float]]:
    """Milliseconds of each search of one kind, by engine."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    spent = dict.fromkeys(engines, 0.0)
    for first in range(0, len(timed), ROUND):
        for name, engine in engines.items():
            if spent[name] > budget and len(times[name]) >= LEAST:
                continue
            _wake(engine, indexes[name], warm, budget / 5)
            for query in timed[first : first + ROUND]:
                if spent[name] > budget and len(times[name]) >= LEAST:
                    break
                started = time.perf_counter()
                engine.search(query)
                took = time.perf_counter() - started
                spent[name] += took
                times[name].append(took * 1000)
    return times


def _wake(engine: Engine, index: Path, warm: list[Query], seconds: float) -> None:
    for file in [index] if index.is_file() else index.rglob("*"):
        if file.is_file():
            with file.open("rb") as data:
                while data.read(1 << 24):
                    pass
    started = time.perf_counter()
    for query in warm:
        engine.search(query)
        if time.perf_counter() - started > seconds:
            break


def percentile(values: list[float], percent: int) -> float:
    """The value that ``percent`` of all do not exceed (nearest rank).

    >>> percentile([1.0, 2.0, 3.0, 4.0], 50)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
