"""The description of the API: valid, complete, and true of every answer that schemathesis gets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from app.web.params import MAX_FILTERS
from app.web.problem import KINDS, problem

if TYPE_CHECKING:
    from tests.conftest import Archive

#: Requests are made up, but each time the same; the answers are read as they are sent.
CONFIG = {
    "seed": 1,
    "headers": {"Accept-Encoding": "identity"},
    "generation": {"max-examples": 12, "database": "none"},
}


@pytest.fixture(scope="module")
def description(app: Flask) -> Any:
    return json.loads(app.test_client().get("/api/v1/openapi.json").get_data())


def test_it_is_openapi(description: Any) -> None:
    assert description["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(description).validate()


def test_every_address_is_described(app: Flask, description: Any) -> None:
    rules = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("api.", "health."))
    }
    assert set(description["paths"]) == rules


def test_facets_of_the_archive_are_parameters(description: Any) -> None:
    parameters = {p["name"]: p for p in description["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert {"tag", "year", "mood", "certainty_min", "importance_max"} <= set(parameters)
    assert parameters["per_page"]["schema"] == {
        "type": "integer", "minimum": 1, "maximum": 100, "default": 20,
    }  # fmt: skip
    assert "newest" in parameters["sort"]["schema"]["enum"]
    most = {"type": "integer", "minimum": 1, "maximum": 10_000}
    assert parameters["max_values"]["schema"] == most | {"default": 100}
    counted = description["paths"]["/api/v1/facets"]["get"]["parameters"]
    assert next(p["schema"] for p in counted if p["name"] == "max_values") == most


def wrong(event: Any) -> list[str]:
    """What schemathesis found wrong, each with the request that shows it."""
    if isinstance(event, events.NonFatalError | events.FatalError):
        return [str(event)]
    if not isinstance(event, events.ScenarioFinished):
        return []
    return [
        f"{check.failure_info.failure}\n{event.recorder.cases[case].value.as_curl_command()}"
        for case, checks in event.recorder.checks.items()
        for check in checks
        if check.failure_info
    ]


def test_every_answer_is_as_described(app: Flask) -> None:
    config = SchemathesisConfig.from_dict(CONFIG)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)

    @schema.hook
    def filter_query(context: Any, query: Any) -> bool:
        """A blank parameter is an absent one, so it breaks no rule; and no schema of parameters,
        each by itself, can say how many values all have together."""
        blank: tuple[Any, ...] = ("", None, [], {})
        values = list((query or {}).values())
        many = [each for value in values if isinstance(value, list) for each in value]
        return len(many) <= MAX_FILTERS and not any(each in blank for each in values + many)

    told, finished = [], {}
    for event in from_schema(schema).execute():
        told += wrong(event)
        if isinstance(event, events.PhaseFinished):
            finished[str(event.phase.name)] = str(event.status)
    assert not told, "\n".join(told)
    assert finished["coverage"] == finished["fuzzing"] == "success"


def test_who_has_the_description_gets_it_once(client: FlaskClient) -> None:
    first = client.get("/api/v1/openapi.json")
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_the_page_says_all_of_it(client: FlaskClient, description: Any) -> None:
    assert client.get("/api").headers["Location"] == "/api/v1/docs"
    root = lxml.html.document_fromstring(client.get("/api/v1/docs").get_data(as_text=True))
    assert isinstance(root, HtmlElement)
    text = root.text_content()
    for path, methods in description["paths"].items():
        assert path in text
        for parameter in methods["get"].get("parameters", ()):
            assert parameter["name"] in text
    ids = {element.get("id") for element in root.iter()}
    assert {kind.code for kind in KINDS.values()} <= ids
    assert {f"record-{name}" for name in description["components"]["schemas"]} <= ids
    targets = {href[1:] for a in root.iter("a") if (href := a.get("href", "")).startswith("#")}
    assert len(targets) > 20
    assert targets <= ids
    assert "`" not in text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/api/v1/search?page=0", 400, "bad_parameter"), ("/api/v1/essays/nobody", 404, "not_found"),
     ("/api/v1/nothing", 404, "not_found"), ("/api/v1/search?q=" + "a" * 25_000, 414, "too_long")],
)  # fmt: skip
def test_an_error_is_a_problem(client: FlaskClient, path: str, status: int, code: str) -> None:
    response = client.get(path)
    found = json.loads(response.get_data())
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert found["type"] == f"/api/v1/docs#{code}"
    assert found["status"] == status
    assert found["title"] == KINDS[status].title
    assert found["detail"] == found["error"]["message"]
    assert found["error"]["code"] == code
    assert found["instance"] == path.partition("?")[0]


def test_a_problem_of_no_kind_has_the_words_of_its_status(app: Flask) -> None:
    with app.test_request_context("/api/v1/search"):
        found = problem(418, "No coffee.").get_json()
    assert (found["type"], found["title"]) == ("about:blank", "I'm a teapot")


def test_a_long_path_is_not_repeated(client: FlaskClient) -> None:
    found = client.get("/api/v1/essays/" + "a" * 2_000).get_json()
    assert found["status"] == 404
    assert "instance" not in found


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    for path in ("/api/v1/search", "/search"):
        response = client.post(path)
        assert response.status_code == 405
        assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))


def test_where_the_site_is_known_addresses_are_whole(small: Archive) -> None:
    client = small.app(site_url="https://essays.example.org").test_client()
    assert client.get("/api/v1/openapi.json").get_json()["servers"] == [
        {"url": "https://essays.example.org"}
    ]
    found = client.get("/api/v1/nothing").get_json()
    assert found["type"] == "https://essays.example.org/api/v1/docs#not_found"
