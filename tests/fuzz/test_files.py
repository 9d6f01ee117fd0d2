"""Whatever files hold: no exception, nothing takes longer than it may, and every file is an essay,
a draft, or named by a problem.

The values of front matters are counted and printed; a million take some minutes::

    ESSAYS_FUZZ_SECONDS=900 python -m pytest -s tests/fuzz/test_files.py
"""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest

from app.search.embedded.report import report as author_report
from app.search.request import SORTS, Range, SearchRequest
from indexer.build.check import check
from indexer.build.report import Report
from indexer.essay import RATINGS, UNRATED
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from tests.conftest import Archive
from tests.fuzz import campaign
from tests.fuzz.files import SEEDS, File, folder

RULES = Rules(facets=("mood",))
#: Files of one folder: below the number from which worker processes read.
FILES = 90
#: Seconds of this process that one question may take, which is far more than any does.
ANSWER = 5.0
#: Seconds that reading one file may take beside its budget: for front matter and words.
BESIDE = 2.0


def read_alone(file: File, home: Path) -> None:
    """Read one file as the build does, within its time."""
    (home / "a.md").write_bytes(file.data)
    started = time.process_time()
    reading = corpus.read_file(home, "a.md", RULES)
    took = time.process_time() - started
    assert took < 3 * RULES.seconds(len(file.data)) + BESIDE, took
    assert reading.essay or reading.problems
    lines = file.data.count(b"\n") + file.data.count(b"\r") + 1
    assert all(p.what and p.hint and 0 <= p.line <= lines for p in reading.problems)


def ask(archive: Archive, request: SearchRequest) -> None:
    started = time.process_time()
    found = archive.engine.search(request)
    assert time.process_time() - started < ANSWER
    counts = found.counts
    for facet in RATINGS:
        values = [value.value for value in counts.facets[facet]]
        assert len(set(values)) == len(values)
        assert UNRATED not in values[:-1] or request.filters


def accounted(report: Report, archive: Archive) -> None:
    """Every file is an essay, a draft, or named by a problem."""
    named = {problem.path for problem in report.problems}
    kept = {str(hit.essay.path) for page in range(1, 3) for hit in
            archive.search(page=page).hits}  # fmt: skip
    missing = {file.name for file in archive.content.iterdir()} - named - kept
    assert len(missing) <= report.drafts, sorted(missing)[:5]


def whole_folder(files: list[File], *, pages: bool) -> None:
    """Build and search a folder; check it and show its ``pages``."""
    home = Path(tempfile.mkdtemp(prefix="essays-fuzz-"))
    try:
        archive = Archive(home, RULES)
        for number, file in enumerate(files):
            (archive.content / f"f{number:03}.md").write_bytes(file.data)
        report = archive.build()
        accounted(report, archive)
        for sort in SORTS:
            ask(archive, SearchRequest(q="quiet", sort=sort))
        ask(archive, SearchRequest(q="map OR certainty:>=50 -title:x", prefer="certainty"))
        ask(archive, SearchRequest(ranges={"certainty": Range(0, 100), "importance": Range(0, 5)}))
        snapshot = archive.engine._current()
        for facet in RATINGS:
            column = snapshot.columns.percentages[facet]
            assert ((column >= 0) & (column <= 100) | (column != column)).all()
        if not pages:
            return
        found = check(archive.content, RULES, jobs=1)
        assert found.problems == report.problems
        assert (found.essays, found.drafts) == (report.essays, report.drafts)
        author_report.report(snapshot, date(2026, 1, 1), {})
        client = archive.app(author_page=True).test_client()
        for path in ("/readyz", "/search?q=quiet", "/author", "/map", "/feed.xml"):
            assert client.get(path).status_code in (200, 404), path
        for hit in archive.search(per_page=5).hits:
            assert client.get(f"/api/v1/essays/{hit.essay.slug}").status_code in (200, 308, 404)
    finally:
        shutil.rmtree(home)


@pytest.mark.slow
def test_no_file_breaks_anything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = values = 0
    started = time.monotonic()

    def one(seed: int) -> None:
        nonlocal files, values
        made = folder(seed, FILES)
        files += len(made)
        values += sum(file.values for file in made)
        for number, file in enumerate(made):
            try:
                read_alone(file, tmp_path)
            except Exception as error:
                error.add_note(f"file {number}: {file.data[:2_000]!r}")
                raise
        whole_folder(made, pages=files % (5 * FILES) == FILES)

    campaign.run(one, SEEDS)
    with capsys.disabled():
        seconds = time.monotonic() - started
        print(f"\n{files:,} files, {values:,} values of front matters in {seconds:.0f} s")
    assert files
