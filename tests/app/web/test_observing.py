"""What is told of requests: ids, lines of the log, numbers for Prometheus. Two workers of a real
server count together."""

from __future__ import annotations

import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.rebuilds import Rebuilds
from app.serving_settings import Serving, serving
from indexer.build import watch_status
from indexer.errors import UsageError

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def get(
    server: Server, path: str, headers: dict[str, str] | None = None
) -> tuple[int, Message, str]:
    asked = urllib.request.Request(server.address + path, headers=headers or {})
    try:
        with urllib.request.urlopen(asked, timeout=30) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


TOKEN = {"Authorization": "Bearer a token"}


@pytest.fixture(scope="module")
def server(shared: Callable[..., Archive], serve: Callable[..., Server]) -> Server:
    archive = shared("observed")
    archive.write("owls.md", "Owls at night.", title="Owls")
    archive.build()
    return serve(
        archive, "--workers", "2", "--metrics", "--log-format", "json", "--proxies", "1",
        variables={"ESSAYS_METRICS_TOKEN": "a token"},
    )  # fmt: skip


def test_workers_count_together(server: Server) -> None:
    labels = {"method": "GET", "route": "/api/v1/search", "status": "200"}
    for number in range(1, 13):  # each by a connection of its own, to whichever worker takes it
        assert get(server, f"/api/v1/search?q=owl{number}")[0] == 200
        status, headers, text = get(server, "/metrics", TOKEN)
        assert status == 200
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        found = samples(text)
        assert value(found, "essays_http_requests_total", **labels) == number
        assert value(found, "essays_http_request_duration_seconds_count", **labels) == number
    for stage in ("find", "show"):
        assert value(found, "essays_search_stage_duration_seconds_count", stage=stage) == 12
    assert value(found, "essays_index_up") == value(found, "essays_index_generation") == 1
    assert value(found, "essays_index_essays") == value(found, "essays_content_files") == 1
    assert 0 <= value(found, "essays_index_age_seconds") < 600


def test_labels_are_few_whatever_is_asked(server: Server) -> None:
    for path in (
        "/nowhere/1",
        "/nowhere/2",
        "/essay/none",
        "/tag/a/b",
        "/tag/c",
        "/%00",
        "/search?q=z",
    ):
        get(server, path)
    text = get(server, "/metrics", TOKEN)[2]
    routes = {dict(labels)["route"] for name, labels in samples(text) if "http_requests" in name}
    assert {"", "/essay/<path:slug>", "/tag/<path:value>", "/search"} <= routes
    assert not [route for route in routes if "nowhere" in route or "q=" in route]


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer another"}, {"Authorization": "x"}])
def test_numbers_are_for_who_knows_the_token(server: Server, given: dict[str, str]) -> None:
    status, headers, text = get(server, "/metrics", given)
    assert (status, headers["Www-Authenticate"]) == (401, "Bearer")
    assert "essays_" not in text


def test_each_request_has_an_id_and_a_line(server: Server) -> None:
    ids = [
        get(server, "/search?q=privately", {"X-Request-ID": given})[1]["X-Request-ID"]
        for given in ("from-the-proxy.1", "made up by a reader!", "x" * 129)
    ]
    assert ids[0] == "from-the-proxy.1"
    assert all(re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", each) for each in ids[1:])
    lines = [json.loads(line) for line in server.said.read_text().splitlines()]
    told = {line["request_id"]: line for line in lines if "request_id" in line}
    for each in ids:
        line = told[each]
        assert (line["method"], line["route"], line["status"]) == ("GET", "/search", 200)
        assert line["milliseconds"] >= line["stages"]["find"] > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["time"])
    assert lines[0]["message"].startswith("Serving ")
    assert "privately" not in server.said.read_text()


def test_nothing_is_counted_or_told_unasked(
    small: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    client = small.app().test_client()
    with caplog.at_level(logging.INFO):
        given = client.get("/search?q=owls", headers={"X-Request-ID": "mine"})
    assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", given.headers["X-Request-ID"])
    assert client.get("/metrics").status_code == 404
    assert caplog.records == []


def test_queries_are_told_where_that_is_asked_for(
    small: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Any] = []
    for queries in (False, True):
        app = small.app(serving=Serving(log_format="json", log_queries=queries))
        caplog.clear()
        with caplog.at_level(logging.INFO):
            app.test_client().get("/tag/Birds?q=f%C3%BCr%ff")
        (record,) = caplog.records
        told.append({name: vars(record).get(name) for name in ("path", "query")})
    assert told == [
        {"path": None, "query": None}, {"path": "/tag/Birds", "query": "q=f%C3%BCr%ff"},
    ]  # fmt: skip


def test_numbers_of_an_index_that_is_not_there(make: Callable[..., Archive]) -> None:
    app = make().app(serving=Serving(metrics=True))
    found = samples(app.test_client().get("/metrics").text)
    assert found == {("essays_index_up", frozenset()): 0.0}


def test_numbers_of_builds_that_were_asked_for(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "A.", title="A", date="soon")
    archive.build()
    Rebuilds(archive.index).ask()
    watch_status.write_status(archive.index, "failing", "why")
    app = archive.app(serving=Serving(metrics=True), hook_secret="x", watched=True)
    found = samples(app.test_client().get("/metrics").text)
    assert value(found, "essays_content_problems") == 1
    assert value(found, "essays_rebuilds", state="queued") == 1
    assert value(found, "essays_rebuilds", state="failed") == 0
    assert value(found, "essays_watch_state", state="failing") == 1
    assert value(found, "essays_watch_state", state="stopped") == 0


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, Serving()),
        (
            {"ESSAYS_METRICS": "1", "ESSAYS_METRICS_TOKEN": " t "},
            Serving(metrics=True, metrics_token="t"),
        ),
        ({"ESSAYS_LOG_FORMAT": " JSON "}, Serving(log_format="json")),
        ({"ESSAYS_LOG_FORMAT": "text"}, Serving()),
        (
            {"ESSAYS_RATE_LIMIT": "1/hour", "ESSAYS_RATE_STORAGE": "redis://x"},
            Serving(rate_limit="1/hour", rate_storage="redis://x"),
        ),
        (
            {"ESSAYS_PROXIES": "2", "ESSAYS_LOG_QUERIES": "yes"},
            Serving(proxies=2, log_queries=True),
        ),
    ],
)
def test_variables(variables: dict[str, str], expected: Serving) -> None:
    assert serving(variables) == expected
    assert serving(expected.variables()) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [("LOG_FORMAT", "xml"), ("PROXIES", "-1"), ("PROXIES", "all"), ("PROXIES", "²")],
)
def test_variables_that_cannot_be_meant(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        serving({f"ESSAYS_{name}": text})


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(Serving(metrics_token="secret"))
