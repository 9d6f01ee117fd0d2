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
from indexer.vocabulary import Rules

#: File times closer to the build than this do not vouch for the content: an edit within the
#: clock's grain, after the file was read, would look unchanged.
RACY_NS = 2_000_000_000

Progress = Callable[[int, int], None]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did. ``essays`` answer now; the first four count files of this build.

    Every file of the folder is an essay, a draft left out, or named by a problem.
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
    problems += work.conflicts
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
        self.conflicts: list[Problem] = []
        self.taken: dict[str, str] = {}

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
                counts["removed"] += 1
                if before[path].indexed:
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
        if last.indexed and self._claim(last.wanted, file.path) != last.slug:
            self._release(file.path)
            evicted.append((file, last))
            return
        counts["unchanged"] += 1
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
        known = Known(file.path, size, mtime_ns, digest=reading.digest, problems=reading.problems)
        was_indexed = last is not None and last.indexed
        essay = reading.essay
        if essay is None:
            if (
                last is not None and was_indexed and reading.digest
            ):  # broken: the last good one stays
                slug = self._claim(last.wanted, file.path)
                known = msgspec.structs.replace(known, wanted=last.wanted, slug=slug, indexed=True)
                counts["unchanged"] += 1
            elif last is not None and was_indexed and not _vanished(self.content, file.path):
                # Not readable now: try again next time, and keep what answers.
                self._claim(last.wanted, file.path)
                known = msgspec.structs.replace(last, mtime_ns=0, problems=reading.problems)
                counts["unchanged"] += 1
            elif was_indexed:
                writer.delete(file.path)
                counts["removed"] += 1
            elif last is not None:
                counts["unchanged"] += 1
            self.known[file.path] = known
            return
        if last is None:
            counts["added"] += 1
        else:
            counts["changed"] += 1
        if was_indexed:
            writer.delete(file.path)
        known = msgspec.structs.replace(known, wanted=essay.slug, draft=essay.draft)
        if document is not None:
            slug = self._claim(essay.slug, file.path)
            known = msgspec.structs.replace(known, slug=slug, indexed=True)
            writer.add(schema.with_slug(document, slug) if slug != essay.slug else document)
        self.known[file.path] = known

    def _claim(self, wanted: str, path: str) -> str:
        """The slug that ``path`` gets: the one it wants, or that with a number behind it."""
        slug, count = wanted, 1
        while self.taken.setdefault(slug, path) != path:
            count += 1
            slug = f"{wanted}-{count}"
        if slug != wanted:
            self.conflicts.append(
                Problem(
                    path,
                    0,
                    f"The slug {wanted} is taken by {self.taken[wanted]}.",
                    f"Give one of them another slug; until then this one is at {slug}.",
                )  # fmt: skip
            )
        return slug

    def _release(self, path: str) -> None:
        self.taken = {slug: owner for slug, owner in self.taken.items() if owner != path}
        self.conflicts = [p for p in self.conflicts if p.path != path]

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


def _vanished(content: Path, path: str) -> bool:
    return not os.path.lexists(content / path)


def _highest(index: Path) -> int:
    """The highest number that a folder of this index has, for one that no reader has seen."""
    return max((int(p.name[1:]) for p in index.glob("g*") if p.name[1:].isdigit()), default=0)
