"""Which other sites' pages may read what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

if TYPE_CHECKING:
    from tests.conftest import Archive

ORIGIN = "https://elsewhere.example"
ALLOWED = "Access-Control-Allow-Origin"


@pytest.mark.parametrize(
    "address", ["/api/v1/search", "/1/indexes/essays/query", "/search.json", "/search.atom?q=owl"]
)
def test_the_api_is_open_to_every_site(client: FlaskClient, address: str) -> None:
    method = "POST" if address.startswith("/1/") else "GET"
    answer = client.open(address, method=method, headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("address", ["/", "/search", "/healthz", "/static/search.js"])
def test_pages_are_not(client: FlaskClient, address: str) -> None:
    with client.get(address, headers={"Origin": ORIGIN}) as answer:
        assert ALLOWED not in answer.headers


@pytest.mark.parametrize("address", ["/1/indexes/*/queries", "/api/v1/suggest"])
def test_a_browser_may_ask_before_it_asks(client: FlaskClient, address: str) -> None:
    answer = client.options(
        address,
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-algolia-api-key",
        },
    )
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"content-type", "x-algolia-api-key", "x-algolia-application-id"} <= set(allowed)


def test_a_failure_can_be_read_too(client: FlaskClient) -> None:
    answer = client.post("/1/indexes/others/query", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers[ALLOWED]) == (404, "*")


def test_the_settings_name_the_sites_that_may(small: Archive) -> None:
    with small.app(api_origins=(ORIGIN,)).test_client() as client:
        answer = client.get("/api/v1/search", headers={"Origin": ORIGIN})
        assert answer.headers[ALLOWED] == ORIGIN
        assert "Origin" in answer.headers["Vary"]
        other = client.get("/api/v1/search", headers={"Origin": "https://other.example"})
        assert ALLOWED not in other.headers
        assert "Origin" in other.headers["Vary"]
        assert ALLOWED not in client.get("/api/v1/search").headers
