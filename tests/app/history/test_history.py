"""Changes of ratings over real builds and real repositories, on the page and in the feed."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from app.building import build_index
from app.history.log import NAME, Change, HistoryLog, Point
from indexer.storage.opensearch.connection import Connection, opened

if TYPE_CHECKING:
    from tests.conftest import Archive

DAY = 86_400


def built(archive: Archive, *, full: bool = False) -> tuple[Change, ...]:
    """What is told after a build."""
    build_index(archive.settings(), full=full, jobs=1)
    return HistoryLog(archive.index).told(0, 100)


def short(changes: tuple[Change, ...]) -> list[tuple[object, ...]]:
    """Changes without their times."""
    return sorted((c.slug, c.kind, c.old.percent, c.new.percent) for c in changes)


def essay(archive: Archive, name: str, **keys: object) -> None:
    archive.write(f"{name}.md", f"Text of {name}.", **{"title": name.capitalize(), **keys})


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    made = make()
    essay(made, "maps", certainty=50, status="Draft", importance=3)
    essay(made, "tides", certainty=40, status="In progress")
    essay(made, "kelp", certainty="Likely")
    assert built(made) == ()
    return made


def test_what_a_build_changed_is_told(archive: Archive) -> None:
    essay(archive, "maps", certainty=75, status="Finished", importance=9)
    essay(archive, "tides", certainty=50, status="Notes")
    told = built(archive)
    assert short(told) == [("maps", "certainty", 50, 75), ("maps", "status", 50, 100)]
    assert all(change.here for change in told)
    assert built(archive) == told
    assert [p.percent for p in HistoryLog(archive.index).certainty("tides")] == [40, 50]


def test_a_full_build_loses_nothing(archive: Archive) -> None:
    essay(archive, "maps", certainty=75)
    told = built(archive)
    assert built(archive, full=True) == told
    shutil.rmtree(next(archive.index.glob("g*")))  # a damaged index is built anew
    assert built(archive) == told != ()


def test_a_build_that_died_before_it_was_recorded_is_caught_up_with(archive: Archive) -> None:
    essay(archive, "maps", certainty=75)
    archive.build()
    assert HistoryLog(archive.index).told(0, 9) == ()
    assert short(built(archive)) == [("maps", "certainty", 50, 75)]


def test_a_process_that_dies_while_it_records_leaves_what_was_there(archive: Archive) -> None:
    essay(archive, "maps", certainty=75)
    told = built(archive)
    program = (
        "import os, sys; from pathlib import Path; from app.history import log\n"
        "with log.HistoryLog(Path(sys.argv[1])).writing() as file:\n"
        "    log.forget(file, 'maps'); os._exit(9)"
    )
    died = subprocess.run([sys.executable, "-c", program, str(archive.index)], check=False)
    assert died.returncode == 9
    assert HistoryLog(archive.index).told(0, 9) == told
    assert built(archive) == told


def test_an_essay_that_is_gone_is_withdrawn_until_it_comes_back(archive: Archive) -> None:
    (archive.content / "kelp.md").unlink()
    (change,) = built(archive)
    assert (change.slug, change.title, change.kind, change.here) == (
        "kelp", "Kelp", "withdrawn", False,
    )  # fmt: skip
    essay(archive, "kelp", certainty="Likely")
    assert built(archive) == ()


def test_nothing_is_told_of_a_draft(archive: Archive) -> None:
    essay(archive, "maps", certainty=75)
    assert built(archive)
    essay(archive, "maps", certainty=75, draft=True)
    assert built(archive) == ()
    assert HistoryLog(archive.index).certainty("maps") == ()
    assert b"Maps" not in (archive.index / NAME).read_bytes()


def test_an_essay_that_moved_keeps_its_history(archive: Archive) -> None:
    essay(archive, "maps", certainty=75)
    built(archive)
    (archive.content / "maps.md").rename(archive.content / "charts.md")
    assert short(built(archive)) == [("charts", "certainty", 50, 75)]


@pytest.mark.cluster
def test_an_archive_in_a_cluster_has_a_history(
    make: Callable[..., Archive], opensearch_url: str
) -> None:
    archive = make()
    where = Connection(
        urls=tuple(opensearch_url.split(",")), name=f"test-{secrets.token_hex(6)}", replicas=0
    )
    settings = archive.settings(engine="opensearch", opensearch=where)
    log = HistoryLog(settings.index)
    try:
        for certainty, status in ((50, "Draft"), (75, "Finished")):
            essay(archive, "maps", certainty=certainty, status=status)
            build_index(settings, jobs=1)
        assert short(log.told(0, 9)) == [
            ("maps", "certainty", 50, 75), ("maps", "status", 50, 100),
        ]  # fmt: skip
        build_index(settings, full=True, jobs=1)
        assert len(log.told(0, 9)) == 2
    finally:
        with opened(where) as client:
            client.indices.delete(index=f"{where.name}-*")


def test_a_damaged_history_stops_no_build_and_no_page(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    (archive.index / NAME).write_bytes(b"no database" * 100)
    essay(archive, "maps", certainty=75)
    with caplog.at_level(logging.WARNING):
        build_index(archive.settings(), jobs=1)
    assert "history of ratings was not written" in caplog.text
    client = archive.app().test_client()
    assert client.get("/changes").status_code == 200
    assert client.get("/essay/maps").status_code == 200


# -- repositories ---------------------------------------------------------------------------------


def git(folder: Path, *arguments: str, day: int = 0) -> None:
    date = f"{day * DAY} +0000"
    identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")}  # fmt: skip
    times = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True,
        env=os.environ | identity | times | nobody,
    )  # fmt: skip


def commit(archive: Archive, day: int) -> None:
    git(archive.home, "add", "content")
    git(archive.home, "commit", "-m", f"day {day}", day=day)


@pytest.fixture
def repository(make: Callable[..., Archive]) -> Archive:
    """Three commits of one essay, before anything was built."""
    made = make()
    git(made.home, "init", "--initial-branch=main")
    for day, certainty, draft in ((20_000, 10, True), (20_010, 30, False), (20_020, 60, False)):
        essay(made, "maps", certainty=certainty, draft=draft)
        commit(made, day)
    return made


def test_commits_tell_when_ratings_changed(repository: Archive) -> None:
    (change,) = built(repository)
    assert (change.at, change.old.percent, change.new.percent) == (20_020 * DAY, 30, 60)
    assert HistoryLog(repository.index).certainty("maps") == (
        Point(20_010 * DAY, 30), Point(20_020 * DAY, 60),
    )  # fmt: skip


def test_a_hook_of_another_repository_changes_nothing(
    repository: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repository.home / "another.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository.index))
    assert [change.at // DAY for change in built(repository)] == [20_020]


def test_later_commits_go_on_from_there(repository: Archive) -> None:
    built(repository)
    for day, certainty in ((20_030, 80), (20_040, 95)):
        essay(repository, "maps", certainty=certainty)
        commit(repository, day)
    essay(repository, "maps", certainty=20)  # not committed
    points = (built(repository), HistoryLog(repository.index).certainty("maps"))[1]
    assert [(p.at // DAY, p.percent) for p in points[:4]] == [
        (20_010, 30), (20_020, 60), (20_030, 80), (20_040, 95),
    ]  # fmt: skip
    assert points[4].percent == 20
    assert points[4].at > 20_040 * DAY
    commit(repository, 20_050)
    assert built(repository, full=True) == HistoryLog(repository.index).told(0, 100)
    assert HistoryLog(repository.index).certainty("maps") == points


def test_a_repository_that_cannot_be_read_is_none(repository: Archive) -> None:
    (repository.home / ".git/HEAD").write_text("nonsense")
    assert built(repository) == ()
    essay(repository, "maps", certainty=90)
    assert short(built(repository)) == [("maps", "certainty", 60, 90)]


# -- the page and the feed ------------------------------------------------------------------------


@pytest.fixture
def reader(repository: Archive) -> FlaskClient:
    essay(repository, "kelp", status="Draft")
    essay(repository, "<b>tides", title="<b>Tides</b>", certainty=10)
    built(repository)
    essay(repository, "kelp", status="Finished")
    (repository.content / "<b>tides.md").unlink()
    built(repository)
    return repository.app(title="The Archive").test_client()


def test_the_page_of_changes(reader: FlaskClient) -> None:
    response = reader.get("/changes")
    assert response.status_code == 200
    root = lxml.html.document_fromstring(response.get_data(as_text=True))
    assert isinstance(root, HtmlElement)
    lines = [" ".join(str(li.text_content()).split()) for li in root.find_class("upkeep")[0]]
    lines += [" ".join(str(li.text_content()).split()) for li in root.find_class("upkeep")[1]]
    assert sorted(lines) == [
        "<b>Tides</b> withdrawn", "Kelp promoted to Finished", "Maps certainty 30% → 60%",
    ]  # fmt: skip
    assert root.find_class("small")[-2].text_content() == "24 October 2024"
    leads = {a.get("href") for a in root.iter("a")}
    assert {"/essay/maps", "/essay/kelp"} <= leads
    assert "/essay/%3Cb%3Etides" not in leads
    assert reader.get("/changes?page=2").status_code == 404
    assert reader.get("/changes?page=0").status_code == 400


def test_the_feed_of_changes(reader: FlaskClient) -> None:
    found = feedparser.parse(reader.get("/changes.atom").get_data())
    assert not found.bozo
    assert sorted(entry.title for entry in found.entries) == [
        "<b>Tides</b>: withdrawn", "Kelp: promoted to Finished", "Maps: certainty 30% → 60%",
    ]  # fmt: skip
    assert found.entries[-1].updated == "2024-10-24T00:00:00Z"
    assert len({entry.id for entry in found.entries}) == 3
    items = reader.get("/changes.json").get_json()["items"]
    assert [item["id"] for item in items] == [entry.id for entry in found.entries]


def test_the_certainty_of_an_essay_over_time(reader: FlaskClient) -> None:
    page = lxml.html.document_fromstring(reader.get("/essay/maps").get_data(as_text=True))
    assert isinstance(page, HtmlElement)
    (figure,) = page.find_class("trend")
    (picture,) = figure.iter("svg")
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == (
        "Certainty: 30% on 14 October 2024, 60% on 24 October 2024"
    )
    assert "trend" not in reader.get("/essay/kelp").get_data(as_text=True)
