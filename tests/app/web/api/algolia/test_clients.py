"""The real clients of Algolia, and the widgets of React and Vue, against a real server."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

SCRIPT = Path(__file__).with_name("clients.mjs")


@pytest.fixture(scope="module")
def got(packages: Path, serve: Callable[..., Server], small: Archive) -> Any:
    """What each client got: one process of node for all of them."""
    server = serve(small, ready="/readyz")
    done = subprocess.run(
        ["node", str(SCRIPT), server.address, str(packages)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    server.stop()
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_version_4_gets_what_it_asks_for(got: Any) -> None:
    found = got["v4"]
    assert found["one"] == {
        "slugs": ["birds/sparrows"], "nbHits": 1, "nbPages": 1, "index": "essays",
        "facets": {"tags": {"Birds": 1, "Statistics": 1}, "certainty_pct": {"50": 1}},
        "stats": {"certainty_pct": {"min": 50, "max": 50, "avg": 50, "sum": 50}},
    }  # fmt: skip
    owls, newest, tags = found["several"]
    assert (owls["slugs"], newest["slugs"]) == (["birds/owls"], ["hello", "quotes"])
    assert (newest["index"], newest["nbPages"]) == ("essays_newest", 13)
    assert (tags["slugs"], tags["facets"]["tags"]["Birds"]) == ([], 2)
    assert [hit["value"] for hit in found["facet"]["facetHits"]] == [
        "Deep Learning", "Machine Learning",
    ]  # fmt: skip
    assert found["marked"] == {
        "value": "Counting <em>sparrows</em>", "matchLevel": "full", "matchedWords": ["sparrow"],
        "fullyHighlighted": False,
    }  # fmt: skip


@pytest.mark.parametrize("client", ["v5", "compressed"])
def test_version_5_gets_the_same(got: Any, client: str) -> None:
    assert got[client] == got["v4"]


def test_the_client_of_browsers_gets_the_same(got: Any) -> None:
    assert got["lite"]["several"] == got["v4"]["several"]
    assert got["lite"]["facet"] == got["v4"]["facet"]


def test_clients_understand_failures(got: Any) -> None:
    """A client that does not takes the host for down and tries another one."""
    assert got["v4"]["unknown"] == {"status": 404, "message": "Index others does not exist"}
    assert got["v4"]["wrong"]["status"] == 400
    assert got["v4"]["wrong"]["message"].startswith("filters: expected a value")


@pytest.mark.parametrize("widgets", ["react", "vue"])
def test_widgets_of_react_and_vue_show_it(got: Any, widgets: str) -> None:
    page = re.sub(r"<!--.*?-->", "", got[widgets])
    assert page.count('class="ais-Hits-item"') == 3
    assert re.search(r"The (</span>)?<mark [^>]*>serial</mark>", page)
    assert re.search(r'ais-RefinementList-count">4<', page)
    assert re.search(r"ais-Stats-text[^>]*>4 results found", page)
    assert re.search(r'placeholder="1" value="2"', page)
    assert len(re.findall(r"ais-Pagination-item--page[ \"]", page)) == 2
