"""Pages and API over each engine: they know no more of it than the port."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.search.engine import Engine
from app.search.opensearch.engine import OpenSearchEngine
from tests.conftest import Archive


@pytest.fixture(scope="module")
def apps(engine: Engine, shelf: Archive) -> tuple[Flask, Flask]:
    """A site over the engine, and one over the engine in this process."""
    changes: dict[str, Any] = {}
    if isinstance(engine, OpenSearchEngine):
        changes = {"engine": "opensearch", "opensearch": engine._cluster.connection}
    return create_app(shelf.settings(**changes)), create_app(shelf.settings())


def got(app: Flask, address: str) -> TestResponse:
    with app.test_client() as client:
        return client.get(address, follow_redirects=True)


ADDRESSES = [
    "/", "/search?q=owl", "/search?q=sparow+cencus", "/search?tag=Birds&sort=title",
    "/search?q=zzqqxx", "/search?q=model&page=9", "/essay/shap", "/essay/birds/owls?q=owl", "/map",
    "/map?q=owl", "/browse", "/tag", "/tag/Birds", "/category/Nature", "/sitemap.xml",
    "/sitemap-1.xml", "/search.json?q=owl", "/suggest.json?q=mach",
    "/api/v1/search?q=black+box&explain=1", "/api/v1/search?certainty_min=70&tag=xai",
    "/api/v1/facets?q=model", "/api/v1/suggest?q=mach", "/api/v1/essays/shap",
    "/nowhere",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_and_api_say_the_same(apps: tuple[Flask, Flask], address: str) -> None:
    found, expected = (got(app, address) for app in apps)
    assert found.status_code == expected.status_code
    assert found.content_type == expected.content_type
    assert (found.status_code == 200) == (address != "/nowhere")
    if found.is_json:
        assert settled(found.get_json()) == settled(expected.get_json())


def settled(answer: Any) -> Any:
    """An answer without scores and times."""
    if isinstance(answer, dict):
        left_out = ("score", "took_ms", "parts")
        return {key: settled(value) for key, value in answer.items() if key not in left_out}
    return [settled(each) for each in answer] if isinstance(answer, list) else answer


def test_it_is_ready(apps: tuple[Flask, Flask]) -> None:
    assert got(apps[0], "/readyz").status_code == 200
