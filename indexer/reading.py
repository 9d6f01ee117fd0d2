"""How are many files read at once, when any of them may hang or crash its reader?

Worker processes read, render and analyse; results come back in the order asked for, a bounded
number ahead. A file that kills its worker (out of memory, a crash in a C library) becomes a
problem of its own, and the others are read by new workers.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from indexer import corpus, schema
from indexer.corpus import Reading
from indexer.essay import Problem
from indexer.vocabulary import Rules

#: Files to a batch, and the number of files below which starting workers costs more than it saves.
BATCH = 16
FEW = 48

Document = dict[str, Any]
Request = tuple[str, str]
Read = tuple[Reading, Document | None]


def read_one(content: Path, request: Request, rules: Rules) -> Read:
    """Read one file, given as ``(path, known digest)``, and make its document unless it is a draft
    that the rules leave out. The essay's text travels in the document only."""
    path, known = request
    reading = corpus.read(content, path, rules, known)
    if reading.essay is None:
        return reading, None
    if reading.essay.draft and not rules.drafts:
        return _light(reading), None
    return _light(reading), schema.document(reading.essay, rules.facets)


def _light(reading: Reading) -> Reading:
    assert reading.essay is not None
    return replace(reading, essay=replace(reading.essay, html="", sections=()))


def _read_batch(content: Path, batch: Sequence[Request], rules: Rules) -> list[Read]:
    return [read_one(content, request, rules) for request in batch]


def read_all(content: Path, requests: Sequence[Request], rules: Rules, jobs: int) -> Iterator[Read]:
    """Read every requested file, in order, with ``jobs`` worker processes where that pays."""
    if jobs <= 1 or len(requests) < FEW:
        for request in requests:
            yield read_one(content, request, rules)
        return
    batches = [requests[i : i + BATCH] for i in range(0, len(requests), BATCH)]
    waiting: deque[tuple[Sequence[Request], Future[list[Read]]]] = deque()
    pool = _pool(jobs)
    upcoming = iter(batches)
    try:
        while True:
            while len(waiting) < 4 * jobs and (batch := next(upcoming, None)) is not None:
                waiting.append((batch, pool.submit(_read_batch, content, batch, rules)))
            if not waiting:
                return
            batch, future = waiting.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                lost = [batch, *(b for b, _ in waiting)]
                waiting.clear()
                for each in lost:
                    yield from _read_alone(content, each, rules)
                pool = _pool(jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read_alone(content: Path, batch: Sequence[Request], rules: Rules) -> Iterator[Read]:
    """Read files one to a worker, so that the one that kills its worker is known."""
    pool = _pool(1)
    try:
        for request in batch:
            try:
                yield from pool.submit(_read_batch, content, [request], rules).result()
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                pool = _pool(1)
                problem = Problem(
                    request[0], 0, "Reading this file crashed the reader.",
                    "Look for very large or deeply nested markup.",
                )  # fmt: skip
                yield Reading(path=request[0], problems=(problem,)), None
    finally:
        pool.shutdown(wait=True)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not fork: a serving process that watches has threads, and a fork would copy their locks.
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
