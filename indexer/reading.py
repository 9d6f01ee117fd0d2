"""How are many files read at once, when any of them may hang or crash its reader?

Worker processes read, render and analyse; batches come back in the order asked for, a bounded
number ahead. A file that kills its worker (out of memory, a crash in a C library) becomes a
problem of its own, and the others are read by new workers.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from indexer import corpus, lifeline
from indexer.batch import Batch, BatchBuilder
from indexer.corpus import Reading
from indexer.essay import Problem
from indexer.vocabulary import Rules

#: Files to a batch: enough to share the words that most essays have.
BATCH = 64
#: Files below which starting workers costs more than it saves.
FEW = 96

Request = tuple[str, str]


class Read(NamedTuple):
    """What reading some files gave: a reading each, and one batch of those that are to answer.

    ``documents[i]`` is the number in the batch of the essay of ``readings[i]``; None for a file
    that did not change, cannot be read, or is a draft left out. The essays of ``readings`` have
    no text: that travels in the batch only.
    """

    readings: list[Reading]
    documents: list[int | None]
    batch: Batch


def read_batch(content: Path, requests: Sequence[Request], rules: Rules) -> Read:
    """Read files, each given as ``(path, known digest)``."""
    builder = BatchBuilder(rules.facets)
    readings: list[Reading] = []
    documents: list[int | None] = []
    for path, known in requests:
        reading = corpus.read(content, path, rules, known)
        essay = reading.essay
        document = None
        if essay is not None:
            if rules.drafts or not essay.draft:
                document = builder.size
                builder.add(essay)
            reading = replace(reading, essay=replace(essay, html="", sections=()))
        readings.append(reading)
        documents.append(document)
    return Read(readings, documents, builder.finish())


def read_all(content: Path, requests: Sequence[Request], rules: Rules, jobs: int) -> Iterator[Read]:
    """Read every requested file, in order, with ``jobs`` worker processes where that pays."""
    batches = [requests[i : i + BATCH] for i in range(0, len(requests), BATCH)]
    if jobs <= 1 or len(requests) < FEW:
        for batch in batches:
            yield read_batch(content, batch, rules)
        return
    waiting: deque[tuple[Sequence[Request], Future[Read]]] = deque()
    pool = _pool(jobs)
    upcoming = iter(batches)
    try:
        while True:
            for batch in islice(upcoming, 3 * jobs - len(waiting)):
                waiting.append((batch, pool.submit(read_batch, content, batch, rules)))
            if not waiting:
                return
            batch, future = waiting.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                lost = [batch, *(b for b, _ in waiting)]
                waiting.clear()
                if not _can_work():
                    for each in [*lost, *upcoming]:
                        yield read_batch(content, each, rules)
                    return
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
                yield pool.submit(read_batch, content, [request], rules).result()
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                pool = _pool(1)
                problem = Problem(
                    request[0],
                    0,
                    "Reading this file crashed the reader.",
                    "Look for very large or deeply nested markup.",
                )
                crashed = Reading(path=request[0], problems=(problem,))
                yield Read([crashed], [None], BatchBuilder(rules.facets).finish())
    finally:
        pool.shutdown(wait=True)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not fork: a serving process that watches has threads, and a fork would copy their locks.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start)


def _can_work() -> bool:
    """Whether a worker can be started at all: not from a script without a main guard, which each
    worker would run anew."""
    pool = _pool(1)
    try:
        pool.submit(int).result()
    except BrokenProcessPool:
        return False
    finally:
        pool.shutdown(wait=False)
    return True


def _start() -> None:
    lifeline.end_with_parent()
    # Rendering makes many objects and few cycles; looking for those is a tenth of the time.
    gc.set_threshold(50_000, 20, 50)
