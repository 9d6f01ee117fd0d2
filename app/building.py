"""The build that the settings choose, and what it left: the only module that names an engine's."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from app.history.log import HistoryLog
from app.history.recording import record
from app.settings import Settings
from indexer.build import build as embedded
from indexer.build import stored_versions, verify
from indexer.build.opensearch import build as cluster
from indexer.build.outcomes import Progress
from indexer.build.report import Edited, Report
from indexer.build.told import Seen, Told
from indexer.build.verify import Verification
from indexer.errors import IndexUnavailable
from indexer.essay import Essay
from indexer.storage import generation
from indexer.storage.manifest import Manifest
from indexer.storage.opensearch import connection as connection_
from indexer.storage.opensearch import generations

_log = logging.getLogger(__name__)


class Holdings(NamedTuple):
    """What is known of the files of an archive, and how many bytes its index takes."""

    files: int
    drafts: int
    problems: int
    size: int


def build_index(
    settings: Settings,
    *,
    full: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring the index of an archive up to date; see :func:`indexer.build.build.build`."""
    return build_told(settings, None, full=full, jobs=jobs, progress=progress)[0]


def build_told(
    settings: Settings,
    told: Told | None,
    *,
    full: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> tuple[Report, Seen | None]:
    """The same, ``told`` what has changed since another build of this process, if that is known;
    and what the next build can be told to go on from. A cluster's index has no such state."""
    content, rules = settings.content, settings.rules
    if settings.engine == "opensearch":
        report = cluster.build(
            content, settings.opensearch, rules, full=full, jobs=jobs, progress=progress
        )
        _keep_history(settings, report, None)
        return report, None
    built = embedded.bring_up_to_date(
        content, settings.index, rules, full=full, jobs=jobs, progress=progress, told=told
    )
    _keep_history(settings, built.report, built.edited)
    return built.report, built.seen


def _keep_history(settings: Settings, report: Report, edited: Edited | None) -> None:
    """Record what the build changed in ratings. Where that fails, the build has not."""
    history = HistoryLog(settings.index)
    build = str(report.generation)
    try:
        recorded = history.known("build")
        if recorded != build:
            settings.index.mkdir(parents=True, exist_ok=True)
            now = int(time.time())
            essays, slugs = _cards(settings), None
            if edited is not None and recorded == str(edited.before):
                essays = stored_versions.cards_of(settings.index, edited.paths)
                slugs = edited.slugs
            record(history, essays, settings.content, settings.rules, build, now, slugs)
    except (sqlite3.Error, OSError, IndexUnavailable) as error:
        _log.warning("The history of ratings was not written: %s (%s)", error, history.path)


def _cards(settings: Settings) -> Iterator[Essay]:
    """All essays that answer, without their text."""
    if settings.engine == "opensearch":
        where = settings.opensearch
        with connection_.translated(where), connection_.opened(where) as client:
            yield from generations.cards(client, generations.current(client, where).essays)
    else:
        yield from stored_versions.cards(settings.index)


def verify_index(settings: Settings) -> Verification:
    """Check the index of an archive and compare it with the folder; see
    :func:`indexer.build.verify.verify`. A cluster checks the files of its index itself."""
    if settings.engine != "opensearch":
        return verify.verify(settings.content, settings.index, settings.rules)
    where = settings.opensearch
    with connection_.translated(where), connection_.opened(where) as client:
        state = generations.state(client, where)
        indexes = generations.current(client, where)
        found = verify.compare(
            settings.content,
            settings.rules,
            state.rules,
            generations.known(client, indexes.files),
            {each.path: each.slug for each in generations.cards(client, indexes.essays)},
        )
    return replace(found, generation=state.generation)


def must_answer(settings: Settings) -> None:
    """Raise :class:`~indexer.errors.IndexUnavailable` where no generation can be asked."""
    if settings.engine == "opensearch":
        where = settings.opensearch
        with connection_.translated(where), connection_.opened(where) as client:
            generations.state(client, where)
    else:
        generation.current(settings.index)


def holdings(settings: Settings) -> Holdings:
    """What the last build knew. Raises :class:`~indexer.errors.IndexUnavailable`."""
    if settings.engine == "opensearch":
        where = settings.opensearch
        with connection_.translated(where), connection_.opened(where) as client:
            indexes = generations.current(client, where)
            known = Manifest.of(generations.known(client, indexes.files))
            size = generations.size(client, indexes)
    else:
        known = generation.manifest(settings.index, generation.current(settings.index))
        size = sum(file.stat().st_size for file in settings.index.rglob("*") if file.is_file())
    return Holdings(
        files=known.counts.files,
        drafts=known.counts.drafts,
        problems=len(known.problems()),
        size=size,
    )
