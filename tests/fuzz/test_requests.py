"""Does any request take the service down, hold it up, lead a reader away or tell too much?

A campaign over the app itself, without a network: no answer is a failure of ours (5xx), none takes
longer than its budget, none is larger than a page may be, none leads to another host, and none
tells a path of this machine.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from flask import Flask
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from app.search.query.limits import Limits
from indexer.parsing.rules import Rules
from tests.conftest import Archive, small_archive
from tests.fuzz import campaign
from tests.fuzz.requests import Sent, sent

#: Seconds of a processor beyond the budget that a slow machine may take.
MARGIN = 1.0
#: Bytes of a page, of one with a hundred hits, and of one with as many values of a facet as can be
#: asked for; an essay's own is as long as the essay.
LARGEST, LARGEST_OF_ALL, LARGEST_ASKED = 400_000, 500_000, 800_000


def hostile_archive(archive: Archive) -> None:
    """Essays whose values are as large and strange as values can be."""
    long = "Über" * 60
    for number in range(120):
        archive.write(
            f"many/{number}-{'x' * 100}.md",
            f"Text number {number}. " + "word " * 200 + f"東京都{number} " + "a" * (number * 40),
            title=f"{long} {number}",
            tags=[f"数学の歴史と{'長い' * 20}{n}" for n in range(number, number + 60)],
            categories=[f"C&<{number % 40}>" for _ in range(3)] + [f"cat {n}" for n in range(30)],
            author=[f"Author {n}" for n in range(40)], certainty=number % 101,
            importance=number % 11, status=f"status {number}", date=f"{1500 + number * 4}-01-01",
            description="de\u202escription " * 40, mood=[f"mood {n}" for n in range(number)],
        )  # fmt: skip
    archive.write("word.md", "a" * 1_000_000 + " end", title="One word")
    archive.write("letters.md", "a " * 100_000, title="a a a a")
    archive.write(
        "deep/../odd name & more.md".replace("deep/../", ""), "Odd.", title="/\\evil.example"
    )


def apps(archive: Archive) -> list[Flask]:
    return [
        archive.app(limits=Limits()),
        archive.app(limits=Limits(), author_page=True, remember_searches=True),
    ]


KNOWN = (
    "shap", "birds/owls", "birds/owls.md", "caches", "birds/owl.png", "style.css", "search.js",
    "tag", "category", "mood", "Birds", "Serial", "a/b", "🦉", "log", "word", "letters",
    "many/7-" + "x" * 100,
)  # fmt: skip


#: Where the query of every made-up request is asked too.
EVERYWHERE = (
    "/search", "/map", "/", "/browse", "/browse/tag", "/random", "/nowhere", "/essay/shap",
    "/essay/letters", "/tag/Birds", "/tag", "/api/v1/search", "/api/v1/facets", "/api/v1/suggest",
    "/api/v1/essays/owls", "/author", "/healthz", "/readyz",
)  # fmt: skip


class Checked:
    """What every answer is held to; counts the answers by status."""

    def __init__(self, app: Flask, machine: tuple[Path, ...]) -> None:
        app.testing = False
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self.app = app
        self.machine = [str(path).encode() for path in machine]
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    def __call__(self, request: Sent) -> None:
        environ = EnvironBuilder("/", method=request.method).get_environ()
        environ["PATH_INFO"] = unquote_to_bytes(request.path).decode("latin-1")
        environ["QUERY_STRING"] = request.query
        environ["REQUEST_URI"] = environ["RAW_URI"] = request.target
        for name, value in request.headers:
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        began = time.thread_time()
        response = Response(*run_wsgi_app(self.app.wsgi_app, environ, buffered=True))
        body = response.get_data()
        took = time.thread_time() - began
        self.statuses[response.status_code] += 1
        self.slowest = max(self.slowest, took)
        assert response.status_code < 500, response.status
        limit = Limits().milliseconds / 1000 + MARGIN
        assert took <= limit, f"{took:.2f} s"
        for machine in self.machine:
            assert machine not in body
        where = response.headers.get("Location")
        if where is not None:
            assert urlsplit(where)[:2] == ("", ""), where
            assert re.match(r"/(?![/\\])", where), where
        if response.mimetype == "text/html" and "/essay/" not in request.path:
            assert len(body) <= LARGEST_OF_ALL, len(body)
        response.close()


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[Archive]:
    made = []
    for fill in (small_archive, hostile_archive):
        archive = Archive(tmp_path_factory.mktemp("fuzzed"), Rules(facets=("mood",)))
        fill(archive)
        archive.build()
        made.append(archive)
    return made


def test_no_request_takes_the_service_down(archives: list[Archive]) -> None:
    """The small archive with all features three times, the hostile one once."""
    machine = (*(archive.home for archive in archives), Path(__file__).parent.parent.parent)
    checks = [Checked(app, machine) for archive in archives for app in apps(archive)]
    requests = sent(checks[0].app, KNOWN)

    def check(one: tuple[int, Sent]) -> None:
        place, request = one
        checks[place](request)
        for path in EVERYWHERE:
            checks[place](Sent("GET", path, request.query, request.headers))

    campaign.run(check, st.tuples(st.sampled_from([0, 0, 1, 2, 3]), requests))
    statuses = sum((each.statuses for each in checks), Counter())
    slowest = max(each.slowest for each in checks)
    checked = sum(statuses.values())
    print(f"\n{checked:,} requests, the slowest in {slowest * 1000:.0f} ms: {dict(statuses)}")
    assert checked
