"""The `essays` command: what it says, how it exits, and that it serves as a real process."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result

from app.cli.commands import main
from app.query_log import QueryLog
from app.search.request import SearchRequest

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

ROOT = Path(__file__).resolve().parents[3]

ML = "machine-learning-interpretability"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in an empty folder, without settings of the machine."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("ESSAYS_"):
            monkeypatch.delenv(name)


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    told = f"{result.output}\n{result.exception!r}"
    assert result.exit_code == status, told
    assert result.exception is None or isinstance(result.exception, SystemExit), told
    assert "Traceback" not in result.output
    return result


def said(*arguments: object, status: int = 0) -> Any:
    """The JSON that a command prints; nothing else may stand on its standard output."""
    return json.loads(run(*arguments, status=status).stdout)


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    """Two good essays, a draft, a broken file, a rating outside the vocabulary."""
    made = make()
    made.write("good.md", "Of kelp.", title="Good", tags=["Alpha"], certainty="Likely")
    made.write("log.md", "Of moss.", title="Log", certainty="Speculative", importance=3)
    made.write("draft.md", "Of nothing yet.", title="Draft", draft=True)
    (made.content / "bad, file.md").write_text("---\ntitle: [\n---\nText.")
    return made


@pytest.fixture
def clean(archive: Archive) -> Archive:
    (archive.content / "bad, file.md").unlink()
    return archive


# -- index ----------------------------------------------------------------------------------------


def test_index(archive: Archive) -> None:
    result = run("index", archive.content, "--index", archive.index)
    assert re.search(
        r"2 essays: 2 added, 0 changed, 0 removed, 0 unchanged, 1 draft left out, 1 problem, ",
        result.stdout,
    )
    assert re.search(r"^  bad, file\.md:\d+: .*YAML", result.stdout, re.MULTILINE)
    assert archive.slugs() == ["good", "log"]
    again = run("index", archive.content, "--index", archive.index)
    assert "2 essays: 0 added, 0 changed, 0 removed, 2 unchanged" in again.stdout
    archive.write("good.md", "Of other kelp.", title="Good")
    (archive.content / "log.md").unlink()
    third = run("index", archive.content, "--index", archive.index)
    assert "1 essay: 0 added, 1 changed, 1 removed, 0 unchanged" in third.stdout


def test_index_as_json(archive: Archive) -> None:
    report = said("index", archive.content, "--index", archive.index, "--json")
    assert report.pop("seconds") >= 0
    (problem,) = report.pop("problems")
    assert report == {
        "added": 2, "changed": 0, "removed": 0, "unchanged": 0, "drafts": 1, "essays": 2,
        "files": 4, "full": True, "generation": 1,
    }  # fmt: skip
    assert set(problem) == {"path", "line", "what", "hint"}
    assert (problem["path"], type(problem["line"])) == ("bad, file.md", int)


def test_index_full(clean: Archive) -> None:
    run("index", clean.content, "--index", clean.index)
    assert not said("index", clean.content, "--index", clean.index, "--json")["full"]
    report = said("index", clean.content, "--index", clean.index, "--json", "--full")
    assert (report["full"], report["added"]) == (True, 2)


def test_index_strict(archive: Archive) -> None:
    run("index", archive.content, "--index", archive.index, "--strict", status=1)
    assert archive.slugs() == ["good", "log"]  # it is built nevertheless
    assert said("index", archive.content, "--index", archive.index, "--strict", "--json", status=1)
    (archive.content / "bad, file.md").unlink()
    run("index", archive.content, "--index", archive.index, "--strict")


def test_index_lists_some_problems_and_counts_the_others(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(25):
        archive.write(f"{number:02}.md", "Text.", title="T", date="soon")
    result = run("index", archive.content, "--index", archive.index)
    assert result.stdout.count("is not a date") == 20
    assert "… and 5 more: essays check" in result.stdout


def test_index_with_settings_and_variables(
    clean: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "essays.toml").write_text(
        f'content = "{clean.content}"\nindex = "made"\ndrafts = true'
    )
    assert said("index", "--json")["essays"] == 3
    assert (tmp_path / "made/current").is_file()
    monkeypatch.setenv("ESSAYS_INDEX", str(tmp_path / "other"))
    run("index")
    assert (tmp_path / "other/current").is_file()


def test_index_with_workers(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(60):
        archive.write(f"{number}.md", "Text.", title=f"T{number}")
    report = said("index", archive.content, "--index", archive.index, "--jobs", "2", "--json")
    assert (report["added"], report["problems"]) == (60, [])


def test_index_verify(clean: Archive) -> None:
    verify = ("index", clean.content, "--index", clean.index, "--verify")
    missing = run(*verify, status=1)
    assert "index, current: There is no index at" in missing.stdout
    assert not clean.index.exists()
    run("index", clean.content, "--index", clean.index)
    assert "5 files of the index" in run(*verify).stdout
    assert said(*verify, "--json")["agrees"]
    clean.write("good.md", "Of other kelp.", title="Good")
    differs = run(*verify, status=1)
    assert "  good.md: The file has changed since it was indexed" in differs.stdout
    assert differs.stdout.endswith("1 difference.\nRun: essays index\n")
    found = said(*verify, "--json", status=1)
    assert [each["path"] for each in found["differences"]] == ["good.md"]
    (postings,) = clean.index.glob("g*/*.post")
    postings.write_bytes(b"")
    assert f"index, g1/{postings.name}: " in run(*verify, status=1).stdout


@pytest.mark.parametrize("option", ["--full", "--strict", "--jobs=2"])
def test_index_verify_builds_nothing(clean: Archive, option: str) -> None:
    result = run("index", clean.content, "--index", clean.index, "--verify", option, status=2)
    assert "--verify builds nothing" in result.stderr
    assert not clean.index.exists()


# -- check ----------------------------------------------------------------------------------------


def test_check(archive: Archive) -> None:
    result = run("check", archive.content, status=1)
    assert re.search(r"^  bad, file\.md:\d+: ", result.stdout, re.MULTILINE)
    assert re.search(r"certainty “Speculative” .*vocabulary.*: 1 essay \(log\.md\)", result.stdout)
    assert "4 files: 2 essays, 1 draft, 1 problem." in result.stdout


def test_check_of_good_files(clean: Archive) -> None:
    """Drift is worth knowing and no problem."""
    result = run("check", clean.content)
    assert "“Speculative”" in result.stdout
    assert "3 files: 2 essays, 1 draft, 0 problems." in result.stdout
    assert not list(clean.home.glob("index*"))  # nothing was built


def test_check_as_json(archive: Archive) -> None:
    found = said("check", archive.content, "--format", "json", status=1)
    assert set(found) == {"files", "essays", "drafts", "problems", "drift", "copies"}
    assert (found["files"], found["essays"], found["drafts"]) == (4, 2, 1)
    assert [problem["path"] for problem in found["problems"]] == ["bad, file.md"]
    assert found["drift"] == [
        {"facet": "certainty", "value": "Speculative", "count": 1, "paths": ["log.md"]}
    ]


def test_check_for_github(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive.home)
    lines = run("check", archive.content, "--format", "github", status=1).stdout.splitlines()
    (error,) = [line for line in lines if line.startswith("::error ")]
    assert re.match(r"::error file=content/bad%2C file\.md,line=\d+::The front matter", error)
    (notice,) = [line for line in lines if line.startswith("::notice ")]
    assert notice.startswith("::notice title=certainty::“Speculative”")
    assert len(lines) == 2


def test_two_files_with_one_slug_are_a_problem(clean: Archive) -> None:
    clean.write("good2.md", "Text.", title="Other", slug="good")
    result = run("check", clean.content, status=1)
    assert "good2.md: The slug good is taken by good.md." in result.stdout


def test_long_work_tells_how_far_it_is(make: Callable[..., Archive]) -> None:
    """Where no terminal shows a bar: plain lines, on standard error."""
    archive = make()
    for number in range(1000):
        (archive.content / f"{number}.md").write_text("Text.")
    result = run("check", archive.content, "--jobs", "1")
    assert "Checking: 1,000 of 1,000 files" in result.stderr
    assert "Checking" not in result.stdout
    assert said("check", archive.content, "--format", "json")["files"] == 1000


# -- search ---------------------------------------------------------------------------------------


def test_search(small: Archive) -> None:
    result = run("search", "lime", "--index", small.index)
    assert "  1. Machine Learning Interpretability: Opening the Box" in result.stdout
    assert "2024-01-30 · certainty Likely · importance 7" in result.stdout
    assert ML in result.stdout
    assert "Methods: LIME fits" in result.stdout
    assert re.search(r"1–1 of 1 essay, by relevance, [\d.]+ ms", result.stdout)


def test_search_pages(small: Archive) -> None:
    result = run("search", "serial", "--index", small.index, "--per-page", 4, "--page", 2)
    assert "  5. The serial" in result.stdout
    assert "5–6 of 6 essays" in result.stdout
    past = run("search", "serial", "--index", small.index, "--page", 9)
    assert "There is no page 9: the last page is 1." in past.stdout


def test_search_says_what_it_corrected(small: Archive) -> None:
    applied = run("search", "sparow cencus", "--index", small.index).stdout.splitlines()
    assert applied[0] == ("Showing results for sparrow census (no results for sparow cencus).")
    assert applied[1].endswith("Counting sparrows")
    offered = run("search", "sparow OR owl", "--index", small.index).stdout.splitlines()
    assert offered[0] == "Did you mean sparrow OR owl?"


def test_search_says_what_it_did_not_mean(small: Archive) -> None:
    result = run("search", "colour:red", "--index", small.index)
    assert "Note: There is no field “colour”" in result.stdout
    assert "No essays found." in result.stdout


#: The options of the command, and the same in a URL.
ASKED: list[tuple[list[object], list[tuple[str, str]]]] = [
    (["model"], [("q", "model")]),
    ([], []),
    (["--tag", "XAI", "--tag", "birds"], [("tag", "XAI"), ("tag", "birds")]),
    (["--category", "Anime", "--status", "notes"], [("category", "Anime"), ("status", "notes")]),
    (["--certainty", "likely", "--importance", "7", "--year", "2024"],
     [("certainty", "likely"), ("importance", "7"), ("year", "2024")]),
    (["--certainty-min", "62.5", "--certainty-max", 75],
     [("certainty_min", "62.5"), ("certainty_max", "75")]),
    (["--importance-min", 0, "--importance-max", "6.5"],
     [("importance_min", "0"), ("importance_max", "6.5")]),
    (["model", "--sort", "title", "--page", 2, "--per-page", 1],
     [("q", "model"), ("sort", "title"), ("page", "2"), ("per_page", "1")]),
    (["colour:red naïve 🦉"], [("q", "colour:red naïve 🦉")]),
]  # fmt: skip


@pytest.mark.parametrize(("options", "parameters"), ASKED, ids=[str(a[1]) for a in ASKED])
def test_search_as_json_is_what_the_api_says(
    small: Archive, options: list[object], parameters: list[tuple[str, str]]
) -> None:
    found = said("search", *options, "--index", small.index, "--json")
    asked = parameters if "per_page" in dict(parameters) else [*parameters, ("per_page", "10")]
    expected = small.app().test_client().get(f"/api/v1/search?{urlencode(asked)}").get_json()
    assert found.pop("took_ms") >= 0
    del expected["took_ms"]
    del found["facets"]["mood"], expected["facets"]["mood"]
    assert found == expected


@pytest.fixture(autouse=True)
def own_facets(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The small archive was built with a facet of its own; the command has to know it too."""
    if "small" in request.fixturenames:
        (tmp_path / "essays.toml").write_text('facets = ["mood"]\n')


@pytest.mark.parametrize("query", ["\udcff", "tag:\udcff", '"a\udcff b"', "title:\udc80*"])
def test_search_for_what_is_no_text(small: Archive, query: str) -> None:
    """A terminal may hand over bytes that are not UTF-8."""
    run("search", query, "--index", small.index)
    said("search", query, "--index", small.index, "--json")


# -- stats ----------------------------------------------------------------------------------------


def test_stats(archive: Archive) -> None:
    run("index", archive.content, "--index", archive.index)
    result = run("stats", "--index", archive.index)
    assert re.match(r"2 essays from 4 files, 1 problem; generation 1, [\d.]+ MB\n", result.stdout)
    assert re.search(r"^ +tag  Alpha 1$", result.stdout, re.MULTILINE)
    assert re.search(r"^ +certainty  Likely 1, Speculative 1$", result.stdout, re.MULTILINE)


def test_stats_as_json(archive: Archive) -> None:
    run("index", archive.content, "--index", archive.index)
    found = said("stats", "--index", archive.index, "--json")
    assert set(found) == {
        "essays", "files", "drafts", "problems", "generation", "bytes", "facets", "ranges",
        "upkeep", "searches",
    }  # fmt: skip
    assert (found["essays"], found["files"], found["drafts"], found["problems"]) == (2, 4, 1, 1)
    assert found["bytes"] > 1000
    assert found["facets"]["tag"] == [{"value": "Alpha", "count": 1, "selected": False}]


#: What an essay and its copy say.
HEDGE = (
    "A hedge is a policy that somebody planted once, and that others keep for years unasked. "
    "It joins what a fence would part, and feeds what a wall would starve."
)


def test_what_there_is_to_see_to(clean: Archive) -> None:
    clean.write("hedge.md", f"{HEDGE} [[Nobody]] [x](gone.md)", tags=["Trees"])
    clean.write("copy.md", HEDGE, tags=["Tree"], status="Notes", date="2001-02-03")
    run("index", clean.content, "--index", clean.index)
    told = run("stats", "--index", clean.index).stdout
    for line in (
        r"Nearly the same text: 1\n  copy, hedge  \d+%",
        r"Broken links: 2\n  gone.md  in hedge\n  \[\[nobody\]\]  in hedge",
        r"Not updated for a year: 1\n  copy  Notes · 2001-02-03",
        r"Unrated: 3\n  status  3\n  certainty  2",
        r"Rating words without a percentage: 1\n  certainty Speculative  1",
        r"Different spellings of one name: 1\n  tag Tree 1, Trees 1",
        r"Tags used once: 3\n  Alpha  good\n",
        r"No incoming links: 4\n",
        r"No outgoing links: 4\n",
    ):
        assert re.search(line, told), line
    assert "Searches" not in told
    assert "Pins" not in told
    (clean.content / "essays.toml").write_text('[pins]\nwalls = ["hedge", "fence"]\n')
    told = run("stats", "--index", clean.index, "--content", clean.content).stdout
    assert "Pins that name no essay: 1\n  walls  fence\n" in told
    found = said("stats", "--index", clean.index, "--json")["upkeep"]
    assert [e["slug"] for e in found["copies"][0]["essays"]] == ["copy", "hedge"]
    assert found["orphans"]["total"] == 4
    check = run("check", clean.content).stdout
    assert re.search(r"^Nearly the same text, \d+%: copy.md, hedge.md$", check, re.MULTILINE)
    notices = run("check", clean.content, "--format", "github").stdout
    assert "::notice title=Nearly the same text::copy.md, hedge.md" in notices


def test_copies_of_drafts_are_not_told(clean: Archive) -> None:
    clean.write("hedge.md", HEDGE)
    clean.write("copy.md", HEDGE, draft=True)
    assert said("check", clean.content, "--format", "json")["copies"] == []


def test_remembered_searches_are_told_and_forgotten(clean: Archive) -> None:
    run("index", clean.content, "--index", clean.index)
    assert "There is no search log." in run("stats", "--index", clean.index, "--forget").stdout
    memory = QueryLog(clean.index)
    memory.add(SearchRequest(q="zanzibar"))
    memory.settle(10)
    assert "Searches that found nothing: 1\n  zanzibar  1 day, last 20" in (
        run("stats", "--index", clean.index).stdout
    )
    (asked,) = said("stats", "--index", clean.index, "--json")["searches"]
    assert (asked["query"], asked["days"]) == ("zanzibar", 1)
    told = run("stats", "--index", clean.index, "--forget").stdout
    assert told.startswith("Search log deleted.\n")
    assert "zanzibar" not in told
    assert memory.all() == ()


# -- wrong use, and other failures ----------------------------------------------------------------

#: Arguments ({0}: the content, {1}: the index, {2}: a file), exit status, words of the error.
FAILING: list[tuple[str, list[str], int, str]] = [
    ("no such command", ["fly"], 2, "No such command"),
    ("no such option", ["index", "--fast"], 2, "No such option"),
    ("no such folder", ["index", "nowhere"], 2, "does not exist"),
    ("a file for a folder", ["index", "{2}"], 2, "is not a folder"),
    ("no such folder to check", ["check", "nowhere"], 2, "does not exist"),
    ("no such folder to watch", ["watch", "nowhere"], 2, "does not exist"),
    ("no such folder to serve and watch", ["serve", "nowhere", "--watch"], 2, "does not exist"),
    ("no workers", ["index", "{0}", "--jobs", "0"], 2, "--jobs"),
    ("no such format", ["check", "{0}", "--format", "xml"], 2, "--format"),
    ("no index to search", ["search", "x", "--index", "nowhere"], 1, "essays index"),
    ("no index to count", ["stats", "--index", "nowhere"], 1, "essays index"),
    ("an index that is a file", ["index", "{0}", "--index", "{2}"], 1, "exists"),
    ("no such sort", ["search", "x", "--sort", "best"], 2, "--sort"),
    ("no page 0", ["search", "x", "--page", "0"], 2, "--page"),
    ("too much on a page", ["search", "x", "--per-page", "101"], 2, "--per-page"),
    ("an end that is no number", ["search", "x", "--certainty-min", "high"], 2, "--certainty-min"),
    ("an end that is not finite", ["search", "x", "--certainty-min", "nan"], 2, "certainty_min"),
    ("a port that is none", ["serve", "{0}", "--port", "70000"], 2, "--port"),
    ("a host that is not here", ["serve", "{0}", "--host", "192.0.2.1"], 2, "--port"),
]


@pytest.mark.parametrize(
    ("arguments", "status", "words"), [f[1:] for f in FAILING], ids=[f[0] for f in FAILING]
)
def test_failures_are_said_in_words(
    clean: Archive, tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    file = tmp_path / "file.txt"
    file.write_text("")
    result = run(*[a.format(clean.content, clean.index, file) for a in arguments], status=status)
    assert words in result.stderr
    assert result.stdout == ""


def test_settings_that_cannot_be_meant(clean: Archive, tmp_path: Path) -> None:
    (tmp_path / "essays.toml").write_text("per_page = 0")
    result = run("index", clean.content, status=2)
    assert "per_page is outside 1–100: 0." in result.stderr
    (clean.content / "essays.toml").write_text("titel = 'x'")
    (tmp_path / "essays.toml").unlink()
    assert "titel" in run("index", clean.content, status=2).stderr


def test_an_index_that_another_build_writes(clean: Archive) -> None:
    from indexer.storage import generation

    with generation.lock(clean.index):
        result = run("index", clean.content, "--index", clean.index, status=1)
    assert "Another build is writing" in result.stderr
    run("index", clean.content, "--index", clean.index)


def test_a_damaged_index_says_how_to_mend_it(clean: Archive) -> None:
    run("index", clean.content, "--index", clean.index)
    (clean.index / "current").write_text("?")
    for command in (["search", "x"], ["stats"]):
        result = run(*command, "--index", clean.index, status=1)
        assert "essays index" in result.stderr
    run("index", clean.content, "--index", clean.index)
    run("search", "x", "--index", clean.index)


def test_help_names_every_command() -> None:
    text = run("--help").stdout
    assert set(main.commands) == {
        "index",
        "serve",
        "watch",
        "search",
        "check",
        "stats",
        "mcp",
        "export",
        "migrate",
    }
    for command in main.commands:
        assert re.search(rf"^  {command} ", text, re.MULTILINE)
        assert run(command, "-h").stdout.startswith(f"Usage: main {command}")


def test_version() -> None:
    try:
        version = importlib.metadata.version("essay-search")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("essay-search is not installed here")
    assert run("--version").stdout == f"essays, version {version}\n"


# -- real processes -------------------------------------------------------------------------------


def essays(*arguments: object) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "app.cli.commands", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip


def test_a_real_process_exits_as_it_should(archive: Archive) -> None:
    assert essays("index", archive.content, "--index", archive.index, "--strict").returncode == 1
    found = essays("search", "kelp", "--index", archive.index, "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["total"] == 1
    wrong = essays("index", "nowhere")
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert len(wrong.stderr.splitlines()) == 2  # what, and the way out


def fetch(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def test_serve(serve: Callable[..., Server], small: Archive) -> None:
    (small.home / "essays.toml").write_text('facets = ["mood"]\n')
    server = serve(small)
    for path, words in (
        ("/", "The Small Archive"),
        ("/search?q=lime&tag=XAI", "<mark>LIME</mark>"),
        (f"/essay/{ML}", "Ribeiro, M. (2023)."),
        ("/api/v1/search?q=black+box", '"slug":"' + ML),
        ("/readyz", '"ok"'),
    ):
        status, text = fetch(server.address + path)
        assert status == 200
        assert words in text
    assert fetch(f"{server.address}/nothing")[0] == 404
    assert fetch(f"{server.address}/search?page=x")[0] == 400
    children = server.children()
    server.stop()
    assert f"Serving {small.content} at {server.address}/" in server.said.read_text()
    assert "Warning" not in server.said.read_text()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_serve_and_watch(serve: Callable[..., Server], make: Callable[..., Archive]) -> None:
    """What the author saves, the next requests show; a server may start before its index."""
    archive = make()
    archive.write("one.md", "Of kelp.", title="Uno")
    server = serve(archive, "--watch", ready="/readyz")

    def total(q: str) -> int:
        status, text = fetch(f"{server.address}/api/v1/search?q={q}")
        return int(json.loads(text)["total"]) if status == 200 else -1

    assert total("kelp") == 1
    archive.write("one.md", "Of moss.", title="Uno")
    eventually(lambda: total("moss") == 1)
    assert total("kelp") == 0
    archive.write("two.md", "Of moss.", title="Due")
    eventually(lambda: total("moss") == 2)
    (archive.content / "one.md").unlink()
    eventually(lambda: total("moss") == 1)
    assert fetch(f"{server.address}/essay/one")[0] == 404
    assert fetch(f"{server.address}/essay/two")[0] == 200
    children = server.children()
    server.stop()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    archive.write("three.md", "Of moss.", title="Tre")
    time.sleep(0.5)
    assert archive.slugs("moss") == ["two"]  # nobody watches any more


def test_serve_without_an_index_says_so_and_waits(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    archive = make()
    server = serve(archive)
    status, text = fetch(f"{server.address}/search")
    assert status == 503
    assert "essays index" in text
    assert "Run: essays index" in server.said.read_text()
    archive.write("one.md", "Of kelp.", title="Uno")
    archive.build()
    assert fetch(f"{server.address}/essay/one")[0] == 200


def test_the_authors_page_is_served_where_it_was_asked_for(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    """In every worker; what any of them could not find is in one memory."""
    archive = make()
    archive.write("one.md", "Of kelp.", title="Uno")
    (archive.content / "essays.toml").write_text("[author]\nremember_searches = true\n")
    archive.build()
    assert fetch(f"{serve(archive).address}/author")[0] == 404
    server = serve(archive, "--author", "--workers", "2")
    assert "Every visitor can see the author's report" in server.said.read_text()
    for n in range(12):
        assert fetch(f"{server.address}/search?q=zanzibar{n}")[0] == 200
        assert fetch(f"{server.address}/author")[0] == 200

    def kept() -> bool:
        text = fetch(f"{server.address}/author")[1]
        return all(f">zanzibar{n}<" in text for n in range(12))

    eventually(kept)


def test_serve_on_a_port_that_is_taken(small: Archive) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", small.content, "--index", small.index, "--port", port, status=2)
    assert f"127.0.0.1:{port} cannot be used" in result.stderr
    assert "--port" in result.stderr


def test_watch(make: Callable[..., Archive], tmp_path: Path) -> None:
    archive = make()
    archive.write("one.md", "Of kelp.", title="Uno")
    said = tmp_path / "said"
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli.commands", "watch", str(archive.content),
             "--index", str(archive.index)],
            stdout=output, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    try:
        eventually(lambda: "1 essay: 1 added" in said.read_text())
        archive.write("two.md", "Of moss.", title="Due")
        eventually(lambda: "2 essays: 1 added" in said.read_text())
        (archive.content / "two.md").write_text("---\ntitle: [\n---\n")
        eventually(lambda: "YAML" in said.read_text())
        assert archive.slugs() == ["one", "two"]  # the last good version stays
        (archive.content / "essays.toml").write_text("titel = 1")
        eventually(lambda: "titel" in said.read_text())
        assert process.poll() is None  # mistakes do not end it
        (archive.content / "essays.toml").unlink()
        archive.write("two.md", "Of moss and more.", title="Due")
        eventually(lambda: "1 changed" in said.read_text())
    finally:
        process.terminate()
        process.wait(10)
    assert "Traceback" not in said.read_text()


def test_a_reader_that_has_seen_enough_is_no_failure(archive: Archive) -> None:
    """As in ``essays search … | head``."""
    archive.build()
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli.commands", "search", "--index", str(archive.index)],
            stdout=write, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
    finally:
        os.close(write)
    assert done.stderr == ""
