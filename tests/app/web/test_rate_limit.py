"""How often one client may ask, and who is one client."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from app.serving_settings import Serving
from indexer.errors import UsageError

if TYPE_CHECKING:
    from tests.conftest import Archive, Server


def client(small: Archive, **serving: Any) -> FlaskClient:
    made = Serving(**{"rate_limit": "3/hour", **serving})
    return small.app(serving=made).test_client()


def statuses(asking: FlaskClient, *addresses: str, **options: Any) -> list[int]:
    found = []
    for address in addresses:
        with asking.get(address, **options) as answer:
            found.append(answer.status_code)
    return found


def test_who_asks_too_often_waits(small: Archive) -> None:
    asking = client(small)
    assert statuses(asking, "/search", "/nowhere", "/api/v1/search") == [200, 404, 200]
    answer = asking.get("/api/v1/search?q=owls")
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["error"]["code"] == "too_many_requests"
    assert 0 < int(answer.headers["Retry-After"]) <= 7200
    assert "X-Request-ID" in answer.headers
    page = asking.get("/nowhere")
    assert (page.status_code, page.mimetype) == (429, "text/html")
    refused = asking.post("/1/indexes/essays/query")
    assert refused.json == {"message": refused.json["message"], "status": 429}  # type: ignore[index]
    # Whether it is well, and what a page is made of, can be asked all the same.
    assert statuses(asking, "/healthz", "/readyz", "/static/search.js") == [200] * 3


def test_each_client_has_its_own(small: Archive) -> None:
    asking = client(small, rate_limit="1/hour")
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1"):
        assert statuses(asking, "/", "/", environ_base={"REMOTE_ADDR": address}) == [200, 429]
    neighbour = {"REMOTE_ADDR": "2001:db8:0:1:ffff::9"}
    assert statuses(asking, "/", environ_base=neighbour) == [429]


@pytest.mark.parametrize(("proxies", "expected"), [(0, [200, 429, 429]), (1, [200, 200, 429])])
def test_what_a_client_says_of_itself_counts_for_nothing(
    small: Archive, proxies: int, expected: list[int]
) -> None:
    """Behind a proxy the last address is the one that the proxy saw."""
    asking = client(small, rate_limit="1/hour", proxies=proxies)
    found = [
        asking.get("/", headers={"X-Forwarded-For": told}).status_code
        for told in ("10.0.0.1, 192.0.2.1", "10.0.0.1, 192.0.2.2", "10.0.0.9, 192.0.2.2")
    ]
    assert found == expected


def test_several_limits_at_once(small: Archive) -> None:
    asking = client(small, rate_limit="100/hour;2/hour")
    assert statuses(asking, "/", "/", "/") == [200, 200, 429]


def test_without_a_limit_nobody_waits(small: Archive) -> None:
    asking = small.app().test_client()
    assert statuses(asking, *["/healthz"] * 100) == [200] * 100


@pytest.mark.parametrize(
    ("serving", "message"),
    [
        ({"rate_limit": "often"}, "'often'"),
        ({"rate_limit": "60/minute", "rate_storage": "nothing://x"}, "ESSAYS_RATE_STORAGE"),
        ({"rate_limit": "60/minute", "rate_storage": "async+memory://"}, "ESSAYS_RATE_STORAGE"),
    ],
)
def test_what_cannot_be_meant(small: Archive, serving: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        client(small, **serving)


def test_a_server_counts_the_real_address(small: Archive, serve: Callable[..., Server]) -> None:
    server = serve(small, "--rate-limit", "2/hour")
    found = []
    for number in range(3):
        asked = urllib.request.Request(
            server.address + "/search", headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                found.append(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                found.append(error.code)
    assert found == [200, 200, 429]
