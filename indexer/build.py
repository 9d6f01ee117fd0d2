"""The main path: a folder of files becomes one new generation of the index.

compare -> read -> write -> commit -> report. A file whose size and time are those of the last
build is unchanged; another is read, and unchanged if its digest is; only the rest is parsed (in
worker processes) and written. Other rules, another format or a damaged index make a full build.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from whoosh.writing import SegmentWriter

from indexer import corpus, generation, schema
from indexer.corpus import File, Reading
from indexer.errors import IndexDamaged, IndexMissing
from indexer.essay import Problem
from indexer.generation import Current, Known, Manifest
from indexer.reading import Document, read_all
from indexer.slugs import Slugs
from indexer.vocabulary import Rules

#: File times closer to the build than this do not vouch for the content: an edit within the
#: clock's grain, after the file was read, would look unchanged.
RACY_NS = 2_000_000_000

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
    :class:`~indexer.errors.IndexLocked`, and OSError for a disk that is full or read-only.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.md").write_text("# On maps\\n\\nText.")
    >>> build(folder, folder / ".index", Rules()).added
    1
    """
    started = time.perf_counter()
    files, problems = corpus.scan(content, rules)
    with generation.lock(index):
        work = _Build(content, index, rules, jobs or os.cpu_count() or 1, progress)
        counts = work.run(files, full)
    problems += [problem for known in work.known.values() for problem in known.problems]
    problems += work.slugs.conflicts()
    return Report(
        **counts,
        drafts=sum(known.draft and not known.indexed for known in work.known.values()),
        essays=sum(known.indexed for known in work.known.values()),
        files=len(files),
        full=work.full,
        generation=work.pointer.number,
        seconds=round(time.perf_counter() - started, 3),
        problems=tuple(sorted(problems, key=lambda p: (p.path, p.line, p.what))),
    )


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
        self.known: dict[str, Known] = {}
        self.slugs = Slugs()

    def run(self, files: list[File], full: bool) -> dict[str, int]:
        before = self._begin(full)
        counts = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)
        suspects = [f for f in files if not _vouched(f, before.get(f.path))]
        readings = read_all(
            self.content,
            [(f.path, (before[f.path].digest if f.path in before else "")) for f in suspects],
            self.rules,
            self.jobs,
        )
        writer = _Writer(self)
        try:
            self._read(files, suspects, readings, before, writer, counts)
            for path in before.keys() - {f.path for f in files}:
                if before[path].indexed:
                    counts["removed"] += 1
                    writer.delete(path)
            self._commit(writer)
        except BaseException:
            writer.cancel()
            raise
        return counts

    def _begin(self, full: bool) -> dict[str, Known]:
        """Open the last generation, or a new folder; what was known of every file."""
        try:
            self.pointer = generation.current(self.index)
            self.folder = self.index / self.pointer.folder
            self.ix = generation.open_index(self.folder)
            self.commit = self.ix.latest_generation()
            state = generation.manifest(self.folder, self.commit)
            if not full and state.rules == self.rules.fingerprint():
                return {known.path: known for known in state.files}
        except IndexMissing:
            self.pointer = Current(schema.FORMAT, "", 0)
        except IndexDamaged:
            self.pointer = Current(schema.FORMAT, "", _highest(self.index))
        self.full = True
        number = max(self.pointer.number, _highest(self.index)) + 1
        self.pointer = Current(schema.FORMAT, f"g{number}", number - 1)
        self.folder = self.index / self.pointer.folder
        self.folder.mkdir(parents=True)
        self.ix = generation.create_index(self.folder, schema.schema(self.rules.facets))
        self.commit = 0
        return {}

    def _read(
        self,
        files: list[File],
        suspects: list[File],
        readings: Iterator[tuple[Reading, Document | None]],
        before: dict[str, Known],
        writer: _Writer,
        counts: dict[str, int],
    ) -> None:
        """Walk the folder in order, taking each suspect's reading as it arrives."""
        suspected = {f.path for f in suspects}
        evicted: list[tuple[File, Known]] = []
        done = 0
        for file in files:
            last = before.get(file.path)
            if file.path not in suspected:
                assert last is not None
                self._keep(file, last, counts, evicted)
                continue
            reading, document = next(readings)
            done += 1
            if self.progress:
                self.progress(done, len(suspects))
            if last and reading.digest and reading.digest == last.digest:
                size, mtime_ns = _stamp(file)
                last = msgspec.structs.replace(last, size=size, mtime_ns=mtime_ns)
                self._keep(file, last, counts, evicted)
            else:
                self._take(file, last, reading, document, writer, counts)
        # A file that did not change can still lose its slug, or gain the one it asked for.
        again = read_all(self.content, [(f.path, "") for f, _ in evicted], self.rules, self.jobs)
        for (file, last), (reading, document) in zip(evicted, again, strict=True):
            self._take(file, last, reading, document, writer, counts)

    def _keep(
        self, file: File, last: Known, counts: dict[str, int], evicted: list[tuple[File, Known]]
    ) -> None:
        if last.indexed and self.slugs.claim(last.wanted, file.path) != last.slug:
            self.slugs.release(file.path)
            evicted.append((file, last))
            return
        counts["unchanged"] += last.indexed
        self.known[file.path] = last

    def _take(
        self,
        file: File,
        last: Known | None,
        reading: Reading,
        document: Document | None,
        writer: _Writer,
        counts: dict[str, int],
    ) -> None:
        """Put one newly read file into the index, or its problems into the report."""
        size, mtime_ns = _stamp(file)
        if not reading.digest:
            mtime_ns = 0  # a file that could not be read may be mended without a trace in its time
        known = Known(file.path, size, mtime_ns, digest=reading.digest, problems=reading.problems)
        was_indexed = last is not None and last.indexed
        essay = reading.essay
        if essay is None and last is not None and last.indexed and self._still_there(reading):
            # Broken or unreadable: the last good version answers until it is mended or deleted.
            slug = self.slugs.claim(last.wanted, file.path)
            known = msgspec.structs.replace(known, wanted=last.wanted, slug=slug, indexed=True)
            counts["unchanged"] += 1
        elif document is None or essay is None:
            if was_indexed:
                writer.delete(file.path)
                counts["removed"] += 1
            known = msgspec.structs.replace(known, draft=essay is not None)
        else:
            if was_indexed:
                writer.delete(file.path)
            counts["changed" if was_indexed else "added"] += 1
            slug = self.slugs.claim(essay.slug, file.path)
            writer.add(schema.with_slug(document, slug) if slug != essay.slug else document)
            known = msgspec.structs.replace(
                known, wanted=essay.slug, slug=slug, indexed=True, draft=essay.draft
            )
        self.known[file.path] = known

    def _still_there(self, reading: Reading) -> bool:
        return bool(reading.digest) or os.path.lexists(self.content / reading.path)

    def _commit(self, writer: _Writer) -> None:
        state = Manifest(self.rules.fingerprint(), tuple(self.known[p] for p in sorted(self.known)))
        if not writer.used and not self.full:
            # Nothing that answers has changed; only what is known of the files may have.
            generation.write_manifest(self.folder, self.commit, state)
            if self.pointer.number != self._number(self.commit):
                self._publish(self.commit)
            return
        generation.write_manifest(self.folder, self.commit + 1, state)
        writer.commit()
        self._publish(self.commit + 1)
        (self.folder / f"manifest-{self.commit}").unlink(missing_ok=True)

    def _number(self, commit: int) -> int:
        """The generation's number: the full build's own, and one more for each commit since."""
        return int(self.pointer.folder[1:]) + commit - 1

    def _publish(self, commit: int) -> None:
        self.pointer = Current(schema.FORMAT, self.pointer.folder, self._number(commit))
        generation.publish(self.index, self.pointer)


class _Writer:
    """Whoosh's writer, opened when the first change asks for it."""

    def __init__(self, work: _Build) -> None:
        self._work = work
        self._writer: SegmentWriter | None = None

    @property
    def used(self) -> bool:
        return self._writer is not None

    def _open(self) -> SegmentWriter:
        if self._writer is None:
            self._writer = self._work.ix.writer(limitmb=256, compound=False)
        return self._writer

    def add(self, document: dict[str, Any]) -> None:
        self._open().add_document(**document)

    def delete(self, path: str) -> None:
        self._open().delete_by_term("path", path)

    def commit(self) -> None:
        self._open().commit()

    def cancel(self) -> None:
        if self._writer is not None and not self._writer.is_closed:
            self._writer.cancel()


def _vouched(file: File, last: Known | None) -> bool:
    return last is not None and (file.size, file.mtime_ns) == (last.size, last.mtime_ns)


def _stamp(file: File) -> tuple[int, int]:
    """Size and time that vouch for the file at the next build; no time if it is too fresh."""
    racy = abs(time.time_ns() - file.mtime_ns) < RACY_NS
    return file.size, 0 if racy else file.mtime_ns


def _highest(index: Path) -> int:
    """The highest number that a folder of this index has, for one that no reader has seen."""
    return max((int(p.name[1:]) for p in index.glob("g*") if p.name[1:].isdigit()), default=0)
