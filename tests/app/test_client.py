"""The client for Python programs, against a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from msgspec import UNSET

from app.client import ApiError, Client
from app.search.request import Range
from tests.browser.elsewhere import site as other_site

if TYPE_CHECKING:
    from tests.conftest import Archive, Server


@pytest.fixture(scope="module")
def archive(serve: Callable[..., Server], small: Archive) -> Client:
    return Client(serve(small, ready="/readyz").address + "/", timeout=30)


def test_answers_are_records(archive: Client, small: Archive) -> None:
    found = archive.search("sparrow", sort="newest", per_page=1, explain=True)
    assert (found.total, found.pages, found.sort) == (2, 2, "newest")
    (hit,) = found.hits
    assert hit.title == "Counting sparrows"
    assert hit.certainty is not None
    assert hit.certainty.percentage == 50
    assert any(fragment.match for fragment in hit.snippets[0].fragments)
    assert hit.explain
    assert found.facets["tag"][0].value == "Birds"
    assert found.ranges["certainty"].histogram[5].count == 1
    assert archive.absolute(hit.url) == f"{archive.address}essay/birds/sparrows"
    assert archive.search().total == small.search().total


def test_a_search_is_narrowed(archive: Client) -> None:
    def slugs(**narrowed: object) -> list[str]:
        return [hit.slug for hit in archive.search(sort="title", **narrowed).hits]  # type: ignore[arg-type]

    assert slugs(facets={"category": ["Nature"]}) == ["birds/sparrows", "birds/owls", "garden"]
    assert slugs(facets={"tag": "C++"}) == ["caches"]
    assert slugs(facets={"category": ["Nature"]}, ranges={"certainty": Range(40, 55)}) == [
        "birds/sparrows"
    ]
    counts = archive.facets("sparrow", facets={"tag": ["Statistics"]})
    assert counts.total == 1
    assert {value.value: value.count for value in counts.facets["tag"]}["Birds"] == 2


def test_values_are_bounded(archive: Client) -> None:
    found = archive.search(facets={"tag": ["Gardens"]}, max_values=1)
    assert [value.value for value in found.facets["tag"]] == ["Serial", "Gardens"]
    assert isinstance(found.more, dict)
    assert found.more["tag"] > 10
    assert archive.search().more is UNSET
    assert archive.facets(max_values=2).facets["year"] != archive.facets().facets["year"]
    assert archive.facets().more is UNSET


def test_every_hit_is_taken_page_by_page(archive: Client) -> None:
    slugs = [hit.slug for hit in archive.hits("serial", sort="importance", per_page=4)]
    assert slugs == [f"series/part-{number}" for number in range(6, 0, -1)]
    assert list(archive.hits("zzzzzzzz")) == []


def test_an_essay_and_suggestions(archive: Client) -> None:
    essay = archive.essay("birds/sparrows")
    assert essay.path == "birds/sparrows.md"
    assert [section.title for section in essay.sections] == ["", "Method"]
    assert archive.suggest("sparr", limit=3).suggestions[0].text


def test_errors_are_told(archive: Client) -> None:
    with pytest.raises(ApiError, match="404: There is no essay “no/such”") as missing:
        archive.essay("no/such")
    assert missing.value.status == 404
    with pytest.raises(ApiError) as wrong:
        archive.search(page=0)
    assert wrong.value.problem is not None
    assert wrong.value.problem.error.parameter == "page"
    with pytest.raises(ValueError, match="not the address of a site"):
        Client("file:///etc")
    with pytest.raises(OSError, match="refused"):
        Client("http://127.0.0.1:1", timeout=5).search()


def test_something_else_that_answers() -> None:
    with other_site({"index.html": b"<p>Hello</p>"}) as address, pytest.raises(ApiError) as error:
        Client(address).search()
    assert (error.value.status, error.value.problem) == (404, None)


def test_it_needs_nothing_of_a_server() -> None:
    heavy = {"flask", "numpy", "whoosh", "lxml", "granian", "click"}
    script = f"import sys, app.client; print({heavy} & {{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
