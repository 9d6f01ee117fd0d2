"""The main path: a folder of files becomes one new generation of the index.

compare -> read -> write -> commit -> report. A file whose size and time are those of the last
build is unchanged; another is read, and unchanged if its digest is; only the rest is parsed (in
worker processes) and written. Other rules, another format or a damaged index make a full build.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from indexer.build import merge
from indexer.build.batch import Batch, BatchBuilder
from indexer.build.segment_writer import SegmentBuilder
from indexer.build.slugs import Slugs
from indexer.build.workers import Read, read_all
from indexer.errors import IndexDamaged, IndexMissing, IndexUnwritable
from indexer.essay import Problem
from indexer.parsing import corpus
from indexer.parsing.corpus import Reading
from indexer.parsing.rules import Rules
from indexer.parsing.walk import File
from indexer.schema import document as document_
from indexer.schema import whoosh_schema
from indexer.storage import generation as generation_
from indexer.storage.codec import ArraySegment
from indexer.storage.documents import DOCUMENTS
from indexer.storage.generation import Known, Manifest
from indexer.storage.postings import Field
from indexer.storage.segment import open_arrays
from indexer.storage.terms import POSTINGS

#: File times closer to the build than this do not vouch for the content: an edit within the
#: clock's grain, after the file was read, would look unchanged.
RACY_NS = 2_000_000_000

#: Bytes of the index for a byte of essays, and besides, where room is asked for: a little more
#: than what small archives take.
BYTES, LEAST = 2, 1_000_000

Progress = Callable[[int, int], None]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did, in essays: those that answer now are added, changed or unchanged.

    Every one of the ``files`` of the folder is an essay, a draft left out, or named by a problem.
    A broken file whose last good version still answers is unchanged, and has its problem.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    drafts: int = 0
    essays: int = 0
    files: int = 0
    full: bool = False
    generation: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()


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
    started = time.perf_counter()
    files, problems = corpus.scan(content, rules)
    with generation_.lock(index):
        work = _Build(content, index, rules, jobs or os.cpu_count() or 1, progress)
        try:
            work.run(files, full)
        except BaseException as error:
            generation_.sweep(index)
            if isinstance(error, IndexUnwritable) and error.full:
                error.hint = _room(index, work.needed)
            raise
    known = work.known.values()
    problems += [problem for each in known for problem in each.problems]
    problems += work.slugs.conflicts()
    return Report(
        **work.counts,
        drafts=sum(each.draft and not each.indexed for each in known),
        essays=sum(each.indexed for each in known),
        files=len(files),
        full=work.full,
        generation=work.pointer.number,
        seconds=round(time.perf_counter() - started, 3),
        problems=tuple(sorted(problems, key=lambda p: (p.path, p.line, p.what))),
    )


def _room(index: Path, needed: int) -> str:
    """The way out of a full disk, in megabytes."""
    missing = needed - shutil.disk_usage(index).free
    megabytes = max(1, math.ceil(missing / 1e6))
    return f"Free about {megabytes:,} MB there, or choose another place with --index."


class _Build:
    """One build under the lock."""

    def __init__(
        self, content: Path, index: Path, rules: Rules, jobs: int, progress: Progress | None
    ) -> None:
        self.content = content
        self.index = index
        self.rules = rules
        self.jobs = jobs
        self.progress = progress
        self.full = False
        #: Bytes on the disk that the build may take.
        self.needed = 0
        self.known: dict[str, Known] = {}
        self.slugs = Slugs()
        self.counts = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)
        self.segments: list[ArraySegment] = []
        self.builder = SegmentBuilder()
        self.touched = False
        self._paths: list[tuple[ArraySegment, Field]] | None = None

    def run(self, files: list[File], full: bool) -> None:
        before = self._begin(full)
        self._read(files, before)
        for path in before.keys() - {f.path for f in files}:
            if before[path].indexed:
                self.counts["removed"] += 1
                self._delete(path)
        self._commit()

    def _begin(self, full: bool) -> dict[str, Known]:
        """Open the last generation, or a new folder; what was known of every file."""
        number = 0
        try:
            self.pointer = generation_.current(self.index)
            generation_.sweep(self.index)
            number = self.pointer.number
            toc = generation_.toc(self.index, self.pointer)
            self.folder = self.index / self.pointer.folder
            self.segments = list(toc.segments)
            # Verified now, and held so that they are verified once.
            self._files = [
                open_arrays(segment.path(self.folder, ending))
                for segment in self.segments
                for ending in (POSTINGS, DOCUMENTS)
            ]
            state = generation_.manifest(self.index, self.pointer)
            if not full and state.rules == self.rules.fingerprint():
                return {known.path: known for known in state.files}
        except (IndexMissing, IndexDamaged):
            pass  # the content is the truth: whatever is wrong with the index, it is made anew
        self.full = True
        self.segments = []
        self.pointer = generation_.fresh(self.index, number)
        self.folder = self.index / self.pointer.folder
        return {}

    def _read(self, files: list[File], before: dict[str, Known]) -> None:
        """Walk the folder in order; what may have changed is read in between, batch by batch."""
        suspects = {f.path: f for f in files if not _vouched(f, before.get(f.path))}
        self.needed = BYTES * sum(file.size for file in suspects.values()) + LEAST
        requests = [(path, before[path].digest if path in before else "") for path in suspects]
        upcoming = iter(files)
        evicted: list[tuple[str, str]] = []
        done = 0
        for read in read_all(self.content, requests, self.rules, self.jobs):
            slugs: list[str] = []
            for reading, document in zip(read.readings, read.documents, strict=True):
                for file in upcoming:
                    if file.path == reading.path:
                        break
                    self._keep(file, before[file.path], evicted)
                self._take(suspects[reading.path], before, reading, document, slugs, evicted)
            self._write(read, slugs)
            done += len(read.readings)
            if self.progress:
                self.progress(done, len(requests))
        for file in upcoming:
            self._keep(file, before[file.path], evicted)
        # A file that did not change can still lose its slug, or gain the one it asked for.
        stamps = {f.path: f for f in files}
        for read in read_all(self.content, evicted, self.rules, self.jobs):
            slugs = []
            for reading, document in zip(read.readings, read.documents, strict=True):
                self._take(stamps[reading.path], before, reading, document, slugs, [])
            self._write(read, slugs)

    def _keep(self, file: File, last: Known, evicted: list[tuple[str, str]]) -> None:
        if last.indexed and self.slugs.claim(last.wanted, file.path) != last.slug:
            evicted.append((file.path, ""))
            return
        self.counts["unchanged"] += last.indexed
        self.known[file.path] = last

    def _take(
        self,
        file: File,
        before: dict[str, Known],
        reading: Reading,
        document: int | None,
        slugs: list[str],
        evicted: list[tuple[str, str]],
    ) -> None:
        """Decide what becomes of one file that was read; its slug, if it is to be written."""
        last = before.get(file.path)
        size, mtime_ns = _stamp(file)
        if last is not None and reading.same:
            self._keep(file, replace(last, size=size, mtime_ns=mtime_ns), evicted)
            return
        if not reading.digest:
            mtime_ns = 0  # a file that could not be read may be mended without a trace in its time
        known = Known(file.path, size, mtime_ns, digest=reading.digest, problems=reading.problems)
        essay = reading.essay
        if essay is None and last is not None and last.indexed and self._still_there(reading):
            # Broken or unreadable: the last good version answers until it is mended or deleted.
            slug = self.slugs.claim(last.wanted, file.path)
            if slug != last.slug:
                self._move(file.path, slug)
            known = replace(known, wanted=last.wanted, slug=slug, indexed=True)
            self.counts["unchanged"] += 1
        else:
            if last is not None and last.indexed:
                self._delete(file.path)
            if essay is not None and document is not None:
                slugs.append(self.slugs.claim(essay.slug, file.path))
                known = replace(
                    known, wanted=essay.slug, slug=slugs[-1], indexed=True, draft=essay.draft
                )
                self.counts["changed" if last is not None and last.indexed else "added"] += 1
            else:
                known = replace(known, draft=essay is not None)
                self.counts["removed"] += last is not None and last.indexed
        self.known[file.path] = known

    def _still_there(self, reading: Reading) -> bool:
        return bool(reading.digest) or os.path.lexists(self.content / reading.path)

    def _write(self, read: Read, slugs: list[str]) -> None:
        if not slugs:
            return
        self.touched = True
        self._put(read.batch, slugs)

    def _put(self, batch: Batch, slugs: list[str]) -> None:
        if not self.builder.takes(batch):
            self._flush()
        self.builder.add(batch, slugs)

    def _flush(self) -> None:
        if self.builder.size:
            self.segments.append(self.builder.write(self.folder, generation_.NAME))
            self.builder = SegmentBuilder()

    def _delete(self, path: str) -> None:
        self.touched = True
        for segment, doc in merge.find(self._paths_of_old(), path):
            segment.delete_document(doc)

    def _paths_of_old(self) -> list[tuple[ArraySegment, Field]]:
        if self._paths is None:
            self._paths = merge.paths(self.segments, self.folder)
        return self._paths

    def _move(self, path: str, slug: str) -> None:
        """Give the stored version of an essay another slug: its file cannot be read anew."""
        for segment, doc in merge.find(self._paths_of_old(), path):
            essay = document_.whole(merge.stored(segment, self.folder, doc))
            batch = BatchBuilder(self.rules.facets)
            batch.add(essay)
            self._put(batch.finish(), [slug])
        self._delete(path)

    def _commit(self) -> None:
        state = Manifest(self.rules.fingerprint(), tuple(self.known[p] for p in sorted(self.known)))
        if not self.touched and not self.full:
            self.pointer = generation_.note(self.index, self.pointer, state)
            return
        self._flush()
        merged = merge.merge(self.segments, self.folder, generation_.NAME)
        self.pointer = generation_.commit(
            self.index,
            replace(self.pointer, commit=self.pointer.commit + 1, number=self.pointer.number + 1),
            whoosh_schema.schema(self.rules.facets),
            list(merged),
            state,
        )


def _vouched(file: File, last: Known | None) -> bool:
    return last is not None and (file.size, file.mtime_ns) == (last.size, last.mtime_ns)


def _stamp(file: File) -> tuple[int, int]:
    """Size and time that vouch for the file at the next build; no time if it is too fresh."""
    racy = abs(time.time_ns() - file.mtime_ns) < RACY_NS
    return file.size, 0 if racy else file.mtime_ns
