"""The main path: a folder of files becomes one new generation of the index.

scan -> open the last generation -> plan -> read, settle and write -> delete -> merge -> verify ->
commit. Each step takes what the one before it made; only the commit changes what answers.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from indexer.build.batch import Batch, builder
from indexer.build.last_generation import LastGeneration, open_last
from indexer.build.merge import merge
from indexer.build.outcomes import Progress, Settled, settle_folder, shown
from indexer.build.plan import Plan, plan_build
from indexer.build.report import Built, Edited, Report
from indexer.build.segment_writer import SegmentWriter
from indexer.build.slugs import Slugs
from indexer.build.stored_versions import StoredVersions
from indexer.build.told import Seen, Told, plan_told
from indexer.errors import IndexDamaged, IndexUnwritable
from indexer.essay import Problem
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from indexer.parsing.walk import Walk
from indexer.storage import generation as generation_
from indexer.storage.codec import ArraySegment
from indexer.storage.generation import NAME, Current
from indexer.storage.manifest import Counts, Manifest, ManifestBuilder

#: Files of which a build tells one by one that it may have changed them.
MOST_EDITED = 1_000


def build(
    content: Path,
    index: Path,
    rules: Rules,
    *,
    full: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring the index at ``index`` up to date with the folder ``content``.

    ``jobs`` worker processes read (default: one per processor); ``progress(done, of)`` is called
    as files are read. Raises :class:`~indexer.errors.ContentMissing`,
    :class:`~indexer.errors.IndexLocked`, and :class:`~indexer.errors.IndexUnwritable` for a disk
    that is full or read-only. Whatever it raises, what it wrote is gone and the last generation
    answers; a build that was killed is cleaned up after by the next one.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.md").write_text("# On maps\\n\\nText.")
    >>> build(folder, folder / ".index", Rules()).added
    1
    """
    built = bring_up_to_date(content, index, rules, full=full, jobs=jobs, progress=progress)
    return built.report


def bring_up_to_date(
    content: Path,
    index: Path,
    rules: Rules,
    *,
    full: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
) -> Built:
    """The same as :func:`build`; where the build is ``told`` what has changed since the last one,
    it does not look at the whole folder, if it need not."""
    try:
        return _build(content, index, rules, full, jobs, progress, told)
    except IndexDamaged:
        if full:
            raise
        # A file that was trusted, read whole at last, was found damaged amid the build.
        return _build(content, index, rules, True, jobs, progress, None)


def _build(
    content: Path,
    index: Path,
    rules: Rules,
    full: bool,
    jobs: int | None,
    progress: Progress | None,
    told: Told | None,
) -> Built:
    started = time.perf_counter()
    found = corpus.walk(content, rules) if told is None else None
    with generation_.lock(index):
        last = open_last(index, rules, full=full)
        plan, seen = _planned(content, rules, last, found, told)
        problems = list(seen.problems)
        if last.pointer is not None and plan.changes_nothing and not last.known.conflicts():
            report = _unchanged(last.pointer, last, problems, started)
            return Built(report, seen._replace(pointer=last.pointer))
        slugs = Slugs(last.known, plan.left()) if last.pointer else Slugs()
        with _removed_if_it_fails(index, plan.index_bytes()):
            base = last.pointer or generation_.fresh(index, last.number)
            stored = StoredVersions(last.segments, index / base.folder)
            writer = SegmentWriter(index / base.folder, NAME)
            jobs = jobs or os.cpu_count() or 1
            with closing(
                settle_folder(content, plan, last.known, rules, jobs, slugs, builder)
            ) as settled:
                settling = shown(settled, len(plan.suspects), progress)
                written = write_segments(settling, stored, writer, last.known, rules)
            for known in plan.missing:
                written.known.remove(known)
            gone = [known.path for known in plan.missing if known.indexed]
            pointer = _commit(index, base, last, written, [*written.replaced, *gone], rules)
    counts = written.counts + Counter(removed=len(gone))
    problems += written.known.problems()
    problems += slugs.conflicts()
    report = _report(
        written.known.counts,
        counts,
        problems,
        started,
        full=last.pointer is None,
        generation=pointer.number,
    )
    return Built(report, seen._replace(pointer=pointer), _edited(last, written, plan))


def _planned(
    content: Path, rules: Rules, last: LastGeneration, found: Walk | None, told: Told | None
) -> tuple[Plan, Seen]:
    """The work of a build, by what it is told if that is enough, else by a walk over the folder."""
    if told is not None and last.pointer == told.seen.pointer:
        plan = plan_told(content, told, last.known, rules)
        if plan is not None:
            return plan, told.seen
    found = found or corpus.walk(content, rules)
    seen = Seen(Current(), found.folders, bool(found.links), tuple(found.problems))
    return plan_build(found.listings, last.known), seen


def _edited(last: LastGeneration, written: Written, plan: Plan) -> Edited | None:
    """What a build may have changed, if that is little."""
    now = [*written.known.changed.values()]
    if last.pointer is None or len(now) + len(plan.missing) > MOST_EDITED:
        return None
    before = [last.known.get(each.path) for each in now]
    both = [*now, *plan.missing, *(each for each in before if each is not None)]
    return Edited(
        last.number,
        frozenset(each.path for each in both),
        frozenset(each.slug for each in both if each.indexed),
    )


def _unchanged(
    pointer: Current, last: LastGeneration, problems: Sequence[Problem], started: float
) -> Report:
    """The report of a build that found every file as it is known, and settles none of them."""
    last.verified.keep(last.opened)
    return _report(
        last.known.counts,
        Counter(),
        [*problems, *last.known.problems()],
        started,
        full=False,
        generation=pointer.number,
    )


def _report(
    known: Counts,
    counts: Counter[str],
    problems: Sequence[Problem],
    started: float,
    *,
    full: bool,
    generation: int,
) -> Report:
    return Report(
        added=counts["added"],
        changed=counts["changed"],
        removed=counts["removed"],
        unchanged=known.essays - counts["added"] - counts["changed"],
        drafts=known.left_out,
        essays=known.essays,
        files=known.files,
        full=full,
        generation=generation,
        seconds=round(time.perf_counter() - started, 3),
        problems=tuple(sorted(problems, key=lambda p: (p.path, p.line, p.what))),
    )


@contextmanager
def _removed_if_it_fails(index: Path, index_bytes: int) -> Iterator[None]:
    """Remove what the block wrote if it raises; on a full disk, say how much room the
    ``index_bytes`` of a build want."""
    try:
        yield
    except BaseException as error:
        generation_.sweep(index)
        if isinstance(error, IndexUnwritable) and error.full:
            missing = index_bytes - shutil.disk_usage(index).free
            megabytes = max(1, math.ceil(missing / 1e6))
            error.hint = f"Free about {megabytes:,} MB there, or choose another place with --index."
        raise


class Written(NamedTuple):
    """What a build wrote: the new ``segments``, what is ``known`` of every file, what the report
    ``counts``, and the paths of the versions that were ``replaced``, by a new one or by none."""

    segments: list[ArraySegment]
    known: ManifestBuilder
    counts: Counter[str]
    replaced: list[str]


def write_segments(
    settled: Iterable[Settled[Batch]],
    stored: StoredVersions,
    writer: SegmentWriter,
    last: Manifest,
    rules: Rules,
) -> Written:
    """Write the essays that are new or changed, as their files are settled; what was known of the
    files is in the ``last`` manifest. No commit names what is written. Raises
    :class:`~indexer.errors.IndexUnwritable`."""
    known = ManifestBuilder(last)
    counts: Counter[str] = Counter()
    replaced: list[str] = []
    for some in settled:
        slugs = []
        for outcome in some.outcomes:
            known.add(outcome.known)
            if outcome.counted:
                counts[outcome.counted] += 1
            if outcome.replaced:
                replaced.append(outcome.known.path)
            if outcome.written == "read":
                slugs.append(outcome.known.slug)
            elif outcome.written == "stored":
                for essay in stored.essays(outcome.known.path):
                    alone = builder(rules)
                    alone.add(essay)
                    writer.add(alone.finish(), [outcome.known.slug])
        if some.batch is not None and slugs:
            writer.add(some.batch, slugs)
    return Written(writer.finish(), known, counts, replaced)


def _commit(
    index: Path,
    base: Current,
    last: LastGeneration,
    written: Written,
    replaced: list[str],
    rules: Rules,
) -> Current:
    """Make what was written the current generation, once all of it was read back; where nothing
    that answers has changed, note only what is known of the files."""
    folder = index / base.folder
    if last.pointer is not None and not written.segments and not replaced:
        last.verified.keep(last.opened)
        if written.known.unchanged:
            return last.pointer
        listed = written.known.written(folder, rules.fingerprint(), f"{NAME}_")
        return generation_.note(index, base, listed)
    listed = written.known.written(folder, rules.fingerprint(), f"{NAME}_")
    stored = StoredVersions(last.segments, folder)
    for path in replaced:
        stored.delete(path)
    merged = merge([*last.segments, *written.segments], folder, NAME)
    opened = generation_.open_files(folder, merged, listed, last.verified)
    pointer = replace(base, commit=base.commit + 1, number=base.number + 1)
    pointer = generation_.commit(index, pointer, merged, listed)
    last.verified.keep(opened)
    return pointer
