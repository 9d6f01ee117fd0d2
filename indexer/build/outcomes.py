"""What becomes of each content file: whether it is written, kept or deleted, and its slug.

Files are settled in the order of their paths: slugs are claimed in that order
(:mod:`indexer.build.slugs`). A file that was not read, and whose slug no other file concerns, stays
as it is known: nothing is done for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar, overload

from msgspec.structs import replace

from indexer.build.plan import Plan
from indexer.build.slugs import Slugs
from indexer.build.workers import MakeBuilder, Read, Request, read_all
from indexer.parsing.corpus import Reading
from indexer.parsing.rules import Rules
from indexer.parsing.walk import File
from indexer.storage.manifest import Known, Manifest

#: File times closer to the build than this do not vouch for the content: an edit within the
#: clock's grain, after the file was read, would look unchanged.
RACY_NS = 2_000_000_000


B = TypeVar("B")
#: Called with how many files are done with, of how many.
Progress = Callable[[int, int], None]


class Outcome(NamedTuple):
    """What becomes of one content file.

    ``known`` is what the manifest keeps of it, ``counted`` what the report counts it as.
    ``replaced``: the version that answered is deleted. ``written`` is where a new version comes
    from: the batch of files that were ``read``, or, for a broken file that gets another slug, the
    version that was ``stored``.
    """

    known: Known
    counted: Literal["added", "changed", "removed", "unchanged", ""] = ""
    replaced: bool = False
    written: Literal["read", "stored", ""] = ""


class Settled(NamedTuple, Generic[B]):
    """Files that follow one another: what becomes of them, and those ``evicted``, which did not
    change and have to be read for another slug. ``batch`` has the essays of those outcomes that
    are written as they were read, in their order; ``read`` is how many of the files were read."""

    outcomes: list[Outcome]
    evicted: list[File]
    batch: B | None = None
    read: int = 0


def settle_folder(
    content: Path,
    plan: Plan,
    known: Manifest,
    rules: Rules,
    jobs: int,
    slugs: Slugs,
    make: MakeBuilder[B],
) -> Generator[Settled[B], None, None]:
    """Read what may have changed in a folder and settle it, some files at a time, claiming
    ``slugs`` on the way; ``make`` says what becomes of the essays. Close it, if it is not read to
    its end: it has workers."""
    suspects = _Requests(plan.suspects, known)
    evicted: list[File] = []
    with closing(read_all(content, suspects, rules, jobs, make)) as reads:
        for settled in settle(content, plan.suspects, known, reads, slugs):
            evicted += settled.evicted
            yield settled
    # A file that did not change can still lose its slug, or gain the one it asked for.
    evicted += _evicted(slugs.waiting(), known, slugs)
    again = [(file.path, "") for file in evicted]
    with closing(read_all(content, again, rules, jobs, make)) as reads:
        for settled in settle(content, evicted, known, reads, slugs):
            yield settled._replace(read=0)


class _Requests(Sequence[Request]):
    """Files to be read, each with the digest that is known of it; made as they are asked for."""

    def __init__(self, files: Sequence[File], known: Manifest) -> None:
        self._files = files
        self._known = known

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, place: int) -> Request: ...

    @overload
    def __getitem__(self, place: slice) -> list[Request]: ...

    def __getitem__(self, place: int | slice) -> Request | list[Request]:
        if isinstance(place, slice):
            return [self._of(file) for file in self._files[place]]
        return self._of(self._files[place])

    def _of(self, file: File) -> Request:
        last = self._known.get(file.path)
        return file.path, "" if last is None else last.digest


def shown(
    settled: Iterable[Settled[B]], suspects: int, progress: Progress | None
) -> Iterator[Settled[B]]:
    """The same, and ``progress`` called when some of the files that are read are done with."""
    done = 0
    for some in settled:
        yield some
        done += some.read
        if progress and some.read:
            progress(done, suspects)


def settle(
    content: Path,
    files: Iterable[File],
    known: Manifest,
    reads: Iterable[Read[B]],
    slugs: Slugs,
) -> Iterator[Settled[B]]:
    """Settle ``files``, which the ``reads`` are of, in their order; and before each the files that
    have to claim their slugs again."""
    upcoming = iter(files)
    for read in reads:
        outcomes: list[Outcome] = []
        evicted: list[File] = []
        for reading, number in zip(read.readings, read.documents, strict=True):
            file = next(upcoming)
            evicted += _evicted(slugs.waiting(file.path), known, slugs)
            last = known.get(file.path)
            outcome = _settle_reading(content, file, last, reading, number is not None, slugs)
            if outcome is None:
                evicted.append(file)
            else:
                outcomes.append(outcome)
        yield Settled(outcomes, evicted, read.batch, len(read.readings))


def _evicted(paths: Iterable[str], known: Manifest, slugs: Slugs) -> Iterator[File]:
    """Of files that are as they are ``known``, and claim again, those that get another slug."""
    for path in paths:
        last = known.get(path)
        if last is not None and _settle_unchanged(last, slugs) is None:
            yield File(path, last.size, last.mtime_ns)


def _settle_unchanged(last: Known, slugs: Slugs) -> Outcome | None:
    """Settle a file that is as it was; None where it gets another slug than it has."""
    if last.indexed and slugs.claim(last.wanted, last.path) != last.slug:
        return None
    return Outcome(last, "unchanged" if last.indexed else "")


def _settle_reading(
    content: Path, file: File, last: Known | None, reading: Reading, in_batch: bool, slugs: Slugs
) -> Outcome | None:
    """Settle a file that was read; None where nothing but its slug is another."""
    if last is not None and reading.same:
        return _settle_unchanged(_stamped(last, file), slugs)
    known = Known(file.path, file.size, 0, digest=reading.digest, problems=reading.problems)
    if reading.digest:  # a file that could not be read may be mended without a trace in its time
        known = _stamped(known, file)
    answered = last is not None and last.indexed
    essay = reading.essay
    if essay is not None and in_batch:
        slug = slugs.claim(essay.slug, file.path)
        known = replace(known, wanted=essay.slug, slug=slug, indexed=True, draft=essay.draft)
        return Outcome(known, "changed" if answered else "added", answered, "read")
    if last is not None and last.indexed and essay is None and _is_there(content, reading):
        # Broken or unreadable: the last good version answers until it is mended or deleted.
        slug = slugs.claim(last.wanted, file.path)
        moved = slug != last.slug
        known = replace(known, wanted=last.wanted, slug=slug, indexed=True)
        return Outcome(known, "unchanged", moved, "stored" if moved else "")
    known = replace(known, draft=essay is not None)
    return Outcome(known, "removed" if answered else "", answered)


def _is_there(content: Path, reading: Reading) -> bool:
    return bool(reading.digest) or os.path.lexists(content / reading.path)


def _stamped(known: Known, file: File) -> Known:
    """What is known of a file, with the size and time that vouch for it at the next build: no
    time if it is too fresh."""
    racy = abs(time.time_ns() - file.mtime_ns) < RACY_NS
    return replace(known, size=file.size, mtime_ns=0 if racy else file.mtime_ns)
