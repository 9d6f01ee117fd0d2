"""The main path: a folder of files becomes one new generation in a cluster.

scan -> hold the lock -> open the last generation -> plan -> read, settle and write -> delete ->
refresh and count -> publish. Readers see nothing of it before the last step of a full build, or
the refresh of a later one.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from indexer.build.opensearch import documents
from indexer.build.opensearch.documents import Documents
from indexer.build.opensearch.last import Last, open_last
from indexer.build.opensearch.writer import BulkWriter, Write, insist
from indexer.build.outcomes import Outcome, Progress, Settled, settle_folder, shown
from indexer.build.plan import plan_build
from indexer.build.report import Report
from indexer.build.slugs import Slugs
from indexer.errors import IndexUnreachable
from indexer.essay import Problem
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from indexer.schema import opensearch_document, opensearch_mapping
from indexer.schema.field_names import STORED
from indexer.storage.manifest import Known, Manifest
from indexer.storage.opensearch import connection as connection_
from indexer.storage.opensearch import generations
from indexer.storage.opensearch import lock as lock_
from indexer.storage.opensearch.connection import Connection
from indexer.storage.opensearch.generations import Indexes, State
from indexer.storage.opensearch.lock import Lock

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

R = TypeVar("R")


def build(
    content: Path,
    connection: Connection,
    rules: Rules,
    *,
    full: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring the index in a cluster up to date with the folder ``content``; see
    :func:`indexer.build.build.build`.

    Raises :class:`~indexer.errors.ContentMissing`, :class:`~indexer.errors.IndexLocked`,
    :class:`~indexer.errors.IndexUnreachable`, :class:`~indexer.errors.IndexUnwritable` and
    :class:`~indexer.errors.MissingExtra`. Whatever it raises, what answered answers, and the next
    build goes on from there: a later build that dies has changed none of what readers see, unless
    the cluster itself shows it, when it moves a shard.
    """
    started = time.perf_counter()
    found = corpus.walk(content, rules)
    problems = found.problems
    with connection_.translated(connection), connection_.opened(connection) as client:
        first = generations.newest(client, connection) + 1
        with lock_.hold(client, connection, first) as lock:
            last = open_last(client, connection, rules, full=full)
            generations.sweep(client, connection, last.indexes)
            known = Manifest.of(last.known)
            plan = plan_build(found.listings, known)
            slugs = Slugs(known, plan.left())
            making = _Making(client, connection, lock, last, rules)
            jobs = jobs or os.cpu_count() or 1
            with closing(
                settle_folder(content, plan, known, rules, jobs, slugs, documents.builder)
            ) as settled:
                making.write(shown(settled, len(plan.suspects), progress))
            making.delete(plan.missing)
            generation = making.finish()
    counts = making.counts
    files = making.known.values()
    problems += [problem for each in files for problem in each.problems]
    problems += slugs.conflicts()
    return Report(
        added=counts["added"],
        changed=counts["changed"],
        removed=counts["removed"],
        unchanged=sum(each.indexed for each in files) - counts["added"] - counts["changed"],
        drafts=sum(each.draft and not each.indexed for each in files),
        essays=sum(each.indexed for each in files),
        files=len(files),
        full=last.full,
        generation=generation,
        seconds=round(time.perf_counter() - started, 3),
        problems=tuple(sorted(problems, key=lambda p: (p.path, p.line, p.what))),
    )


class _Making:
    """A generation in the making: what is written of it, and what is known of every file."""

    def __init__(
        self, client: OpenSearch, connection: Connection, lock: Lock, last: Last, rules: Rules
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.known = dict(last.known)
        self._client = client
        self._connection = connection
        self._lock = lock
        self._last = last
        self._rules = rules
        self._state = State(
            generation=last.number,
            rules=rules.fingerprint(),
            layout=opensearch_mapping.layout(rules.facets),
            building=lock.fence,
        )
        self._essays = BulkWriter(client, connection, lock)
        self._files = BulkWriter(client, connection, lock)
        self._settled: list[Outcome] = []
        self._target = None if last.full else last.indexes
        self._begun = False
        self._changed = last.full or last.mended

    def write(self, settled: Iterable[Settled[Documents]]) -> None:
        """Write the essays that are new or changed, as their files are settled."""
        for some in settled:
            made = iter(some.batch or ())
            for outcome in some.outcomes:
                path, slug = outcome.known.path, outcome.known.slug
                if outcome.written == "read":
                    self._put(path, opensearch_document.with_slug(next(made), slug))
                elif outcome.written == "stored":
                    self._put(path, self._stored(path, slug))
                elif outcome.replaced:
                    self._put(path, None)
                self._settled.append(outcome)
                if self._essays.full:
                    self._flush()
        self._flush()

    def delete(self, missing: Iterable[Known]) -> None:
        """Delete what is known of files that are there no more, and their essays."""
        gone = [*missing]
        for known in gone:
            self.known.pop(known.path, None)
        there = {path for path, known in self.known.items() if known.indexed}
        for path in [*(known.path for known in gone if known.indexed), *self._last.orphans]:
            if path not in there:
                self._put(path, None)
        self._flush()
        for known in gone:
            self._note(known.path, None)
        self._files.flush()
        self.counts["removed"] += sum(known.indexed for known in gone)

    def finish(self) -> int:
        """Show readers what was written, all of it at once; the number of the generation."""
        if not (self._begun or self._changed):
            return self._last.number
        target = self._begin()
        self._insist(lambda: generations.refresh(self._client, target.essays))
        self._count(target)
        number = self._last.number + self._changed
        done = replace(self._state, generation=number, building=0)
        self._insist(
            lambda: generations.write_state(self._client, target.files, done, self._lock.fence)
        )
        if self._last.full:
            self._lock.check()
            self._insist(
                lambda: generations.publish(
                    self._client, self._connection, target, self._last.indexes
                )
            )
            if self._last.indexes is not None:
                generations.retire(self._client, self._connection, target)
        return number

    def _count(self, target: Indexes) -> None:
        """Make sure that every essay is there."""
        expected = sum(known.indexed for known in self.known.values())
        found = self._insist(lambda: generations.count(self._client, target.essays))
        if found != expected:
            raise IndexUnreachable(
                f"The index has {found:,} essays, not {expected:,}.",
                "Look at the health of the cluster, then run: essays index --full",
            )

    def _begin(self) -> Indexes:
        """The indexes to write to: new ones for a full build. From now on a build that dies leaves
        something behind, and the state says so."""
        if not self._begun:
            if self._target is None:
                self._target = generations.create(
                    self._client, self._connection, self._lock.fence, self._rules.facets
                )
            files = self._target.files
            self._insist(
                lambda: generations.write_state(self._client, files, self._state, self._lock.fence)
            )
            self._begun = True
        assert self._target is not None
        return self._target

    def _put(self, path: str, body: bytes | None) -> None:
        self._changed = True
        self._essays.add(Write(self._begin().essays, path, body))

    def _note(self, path: str, known: Known | None) -> None:
        body = None if known is None else msgspec.json.encode({"known": known})
        self._files.add(Write(self._begin().files, path, body))

    def _flush(self) -> None:
        """Write what waits: essays first, then what is known of their files."""
        self._essays.flush()
        for outcome in self._settled:
            known, counted = self._taken(outcome)
            self.known[known.path] = known
            if counted:
                self.counts[counted] += 1
            if known != self._last.known.get(known.path):
                self._note(known.path, known)
        self._settled = []
        self._files.flush()

    def _taken(self, outcome: Outcome) -> tuple[Known, str]:
        """What is known of a file, and what it counts as, now that its essay was sent. One that
        the cluster does not take is a problem, is tried again by the next build, and leaves the
        version before it where there is one."""
        known = outcome.known
        reason = self._essays.rejected.pop(known.path, None)
        if reason is None:
            return known, outcome.counted
        problem = Problem(
            known.path,
            0,
            f"OpenSearch does not take this essay: {reason}.",
            "Look into the cluster's settings; the next build tries it again.",
        )
        last = self._last.known.get(known.path)
        answers = last is not None and last.indexed
        tried = replace(
            known,
            mtime_ns=0,
            digest="",
            problems=(*known.problems, problem),
            indexed=answers,
            slug=last.slug if last is not None and answers else "",
        )
        return tried, "unchanged" if answers else ""

    def _stored(self, path: str, slug: str) -> bytes:
        """The version of an essay that answers, as a document with another slug."""
        target = self._begin()
        found = self._insist(
            lambda: self._client.get(
                index=target.essays,
                id=opensearch_document.document_id(path),
                params={"stored_fields": ",".join(STORED)},
            )
        )
        essay = opensearch_document.essay(found["fields"], slug)
        made = opensearch_document.encoded(essay, self._rules.facets)
        return opensearch_document.with_slug(made, slug)

    def _insist(self, ask: Callable[[], R]) -> R:
        return insist(self._connection, self._lock, ask)
