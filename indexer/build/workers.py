"""Many files read at once, when any of them may hang or crash its reader.

Worker processes read, render and analyse; batches come back in the order asked for, a bounded
number ahead. A file that kills its worker (out of memory, a crash or a hang in a C library) is read
again without being rendered, and becomes a problem where that does not help; the others are read
by new workers. Where few files are read, and no worker is started, a hang in C is waited for.
"""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from msgspec.structs import replace

from indexer.build import batch as batch_
from indexer.build import parent_process
from indexer.essay import Essay, Problem
from indexer.parsing import corpus, deadline
from indexer.parsing.corpus import Reading
from indexer.parsing.rules import Rules

#: Files to a batch: enough to share the words that most essays have.
MAX_BATCH = 64
MIN_BATCH = 8
#: Files below which starting workers costs more than it saves.
MIN_FILES_FOR_WORKERS = 96

#: A worker is ended after so many times the seconds that a file may take (front matter, text and
#: analysis have them each), and some more: another process may have the processor.
OVERRUN_FACTOR = 4
SLACK_SECONDS = 20.0
#: Where this process would write why it was ended; empty in one that is no worker.
_worker: list[int] = []

Request = tuple[str, str]


B = TypeVar("B")
Made = TypeVar("Made", covariant=True)


class Builder(Protocol[Made]):
    """Makes one batch of the essays that are added to it, in a worker."""

    @property
    def size(self) -> int:
        """Essays added so far."""
        ...

    def add(self, essay: Essay) -> None:
        """Take an essay as the next of the batch."""
        ...

    def finish(self) -> Made:
        """The batch of all essays added."""
        ...


#: What makes a builder under some rules: a function of a module, which every worker imports.
MakeBuilder = Callable[[Rules], Builder[B]]


class Read(NamedTuple, Generic[B]):
    """What reading some files gave: a reading each, and one batch of those that are to answer.

    ``documents[i]`` is the number in the batch of the essay of ``readings[i]``; None for a file
    that did not change, cannot be read, or is a draft left out. The essays of ``readings`` have
    no text: that travels in the batch only.
    """

    readings: list[Reading]
    documents: list[int | None]
    batch: B


def read_batch(
    content: Path,
    requests: Sequence[Request],
    rules: Rules,
    make: MakeBuilder[B],
    *,
    plain: bool = False,
) -> list[Read[B]]:
    """Read files, each given as ``(path, known digest)``; ``plain`` without rendering them. One
    batch of all, or each in its own where one of them cannot be taken into a batch."""
    try:
        return [_read_batch(content, requests, rules, make, plain)]
    except Exception:  # noqa: BLE001 - whatever one file does, the others are read
        batch_.forget()
        return [_read_one(content, request, rules, make, plain) for request in requests]


def _read_one(
    content: Path, request: Request, rules: Rules, make: MakeBuilder[B], plain: bool
) -> Read[B]:
    """Read a file that may not be one to make a batch of."""
    try:
        return _read_batch(content, [request], rules, make, plain)
    except Exception as error:  # noqa: BLE001 - it is the problem of this file
        batch_.forget()
        return _lost(corpus.failure(content, request[0], error, rules), rules, make)


def _lost(reading: Reading, rules: Rules, make: MakeBuilder[B]) -> Read[B]:
    return Read([reading], [None], make(rules).finish())


def _read_batch(
    content: Path, requests: Sequence[Request], rules: Rules, make: MakeBuilder[B], plain: bool
) -> Read[B]:
    builder = make(rules)
    readings: list[Reading] = []
    documents: list[int | None] = []
    for path, known in requests:
        seconds = rules.seconds(_size(content / path))
        with _ended_if_stuck(seconds):
            reading = corpus.read_file(content, path, rules, known, plain=plain)
            essay = reading.essay
            document = None
            if essay is not None:
                if rules.drafts or not essay.draft:
                    document = builder.size
                    with deadline.limit(seconds):
                        builder.add(essay)
                reading = replace(reading, essay=replace(essay, html="", sections=()))
        readings.append(reading)
        documents.append(document)
    return Read(readings, documents, builder.finish())


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0


@contextmanager
def _ended_if_stuck(seconds: float) -> Iterator[None]:
    """End this process, if it is a worker, where reading a file takes very much longer than the
    ``seconds`` it may: a long call into C lets no deadline through."""
    if not _worker:
        yield
        return
    faulthandler.dump_traceback_later(
        OVERRUN_FACTOR * seconds + SLACK_SECONDS, exit=True, file=_worker[0]
    )
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def read_all(
    content: Path, requests: Sequence[Request], rules: Rules, jobs: int, make: MakeBuilder[B]
) -> Generator[Read[B], None, None]:
    """Read every requested file, in order, with ``jobs`` worker processes where that pays; they
    end when it is read to its end, or closed. ``make`` says what becomes of the essays."""
    # Small enough that no worker waits for another that has the slow files of a few.
    size = min(MAX_BATCH, max(MIN_BATCH, len(requests) // (4 * max(jobs, 1))))
    batches = (requests[i : i + size] for i in range(0, len(requests), size))
    if jobs <= 1 or len(requests) < MIN_FILES_FOR_WORKERS:
        for asked in batches:
            yield from read_batch(content, asked, rules, make)
        return
    waiting: deque[tuple[Sequence[Request], Future[list[Read[B]]]]] = deque()
    pool = _pool(jobs)

    def begun(asked: Sequence[Request]) -> Future[list[Read[B]]]:
        try:
            return pool.submit(read_batch, content, asked, rules, make)
        except BrokenProcessPool as error:
            # A worker ended while nobody waited for it: so it is found in its turn.
            failed: Future[list[Read[B]]] = Future()
            failed.set_exception(error)
            return failed

    try:
        while True:
            for asked in islice(batches, 3 * jobs - len(waiting)):
                waiting.append((asked, begun(asked)))
            if not waiting:
                return
            asked, future = waiting.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                lost = [asked, *(each for each, _ in waiting)]
                waiting.clear()
                if not _can_work():
                    for each in [*lost, *batches]:
                        yield from read_batch(content, each, rules, make)
                    return
                for each in lost:
                    yield from _read_alone(content, each, rules, make)
                pool = _pool(jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read_alone(
    content: Path, requests: Sequence[Request], rules: Rules, make: MakeBuilder[B]
) -> Iterator[Read[B]]:
    """Read files one to a worker, so that the one that kills its worker is known."""
    pool = _pool(1)
    try:
        for request in requests:
            for plain in (False, True):
                try:
                    alone = pool.submit(read_batch, content, [request], rules, make, plain=plain)
                    yield from alone.result()
                    break
                except BrokenProcessPool:
                    pool.shutdown(wait=False)
                    pool = _pool(1)
            else:
                problem = Problem(
                    request[0],
                    0,
                    "Reading this file crashed the reader.",
                    "Look for very large or deeply nested front matter or markup.",
                )
                yield _lost(Reading(path=request[0], problems=(problem,)), rules, make)
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
    parent_process.end_with_parent()
    _worker.append(os.open(os.devnull, os.O_WRONLY))
    # Rendering makes many objects and few cycles; looking for those is a tenth of the time.
    gc.set_threshold(50_000, 20, 50)
