"""How large a page may become, where a redirect may lead, and what readers may not be told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.search.query.visible_text import visible
from tests.conftest import Archive
from tests.fuzz.test_requests import LARGEST, LARGEST_ASKED, LARGEST_OF_ALL, hostile_archive

LONG = "東京 " * 250
ASKED = {
    "joiners": "q=" + quote("\u200d" * 800),
    "a long query of letters of three bytes": "q=" + quote(LONG),
    "a long query of words": "q=" + quote("word " * 390),
    "a query that finds nothing": "q=" + quote('"zzzz" ' * 250),
    "a long query and a hundred hits": "per_page=100&q=" + quote("text OR " * 200 + "number"),
    "a query of as many letters as are read": "q=" + quote("東京都の地図 " * 285),
    "as many filters as there may be": "&".join(f"tag={quote('東京' * 9)}{n}" for n in range(50)),
    "brackets": "q=" + quote("(" * 900 + "text" + ")" * 900),
    "fifty filters": "&".join(f"category=cat {n}" for n in range(30)),
    "a sort": "sort=title&per_page=100",
    "as many values as can be asked for": "max_values=10000",
    "a table": "view=table",
    "a page of results far away": "q=text&page=999999999",
}
PAGES = ("/search", "/map", "/browse", "/browse/tag", "/browse/mood", "/", "/nowhere", "/random")


def _json(response: Any) -> Any:
    return response.json


@pytest.fixture(scope="module")
def hostile(shared: Callable[..., Archive]) -> FlaskClient:
    archive = shared("hostile")
    hostile_archive(archive)
    for number in range(60):
        archive.write(f"tags/{number}.md", tags=[f"number{number}-{n}" for n in range(100)])
    archive.build()
    return archive.app().test_client()


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_bounded(hostile: FlaskClient, path: str, asked: str) -> None:
    response = hostile.get(f"{path}?{asked.replace(' ', '%20')}")
    assert response.status_code in (200, 302, 404)
    most = LARGEST_ASKED if "max_values" in asked else LARGEST
    assert len(response.data) <= (LARGEST_OF_ALL if "per_page" in asked else most)


def test_the_page_of_a_subject_is_bounded(hostile: FlaskClient) -> None:
    value = f"数学の歴史と{'長い' * 20}70"
    response = hostile.get(f"/tag/{quote(value)}")
    assert response.status_code == 200
    assert len(response.data) <= LARGEST


def test_an_index_of_thousands_has_pages(hostile: FlaskClient) -> None:
    """Every value stands on one of them."""
    found: list[str] = []
    path = "/browse/tag"
    for _ in range(50):
        root: Any = lxml.html.fromstring(hostile.get(path).text)
        found += root.xpath("//ul[@class='entries']/li/a/@href")
        following = root.xpath("//a[@rel='next']/@href")
        if not following:
            break
        path = f"/browse/tag{following[0]}"
    assert len(found) == len(set(found)) > 6000
    assert hostile.get("/browse/tag?page=999").status_code == 404
    assert hostile.get("/browse/tag?page=x").status_code == 400


def test_a_long_list_of_values_leads_to_all_of_them(hostile: FlaskClient) -> None:
    root: Any = lxml.html.fromstring(hostile.get("/search?tag=number59-99").text)
    boxes = root.xpath("//fieldset[@data-facet='tag']//input[@type='checkbox']")
    assert len(boxes) <= 101
    assert [box.get("value") for box in boxes if box.get("checked") is not None] == ["number59-99"]
    assert root.xpath("//fieldset[@data-facet='tag']//a[@href='/browse/tag']")


def test_more_values_of_a_facet_are_a_link_away(hostile: FlaskClient) -> None:
    """The link keeps the question, and what it leads to lists the rest unfolded."""
    asked = "/search?tag=number59-99&sort=title"
    boxes = "//fieldset[@data-facet='tag']//input[@type='checkbox']"
    root: Any = lxml.html.fromstring(hostile.get(asked).text)
    link = "//fieldset[@data-facet='tag']//p[@class='small']/a[contains(@href, 'max_values')]"
    (more,) = root.xpath(link)
    assert more.text == f"{1000 - len(root.xpath(boxes))} more"
    assert more.get("href") == "?tag=number59-99&sort=title&max_values=1000"
    root = lxml.html.fromstring(hostile.get("/search" + more.get("href")).text)
    assert len(root.xpath(boxes)) > 900
    assert root.xpath("//fieldset[@data-facet='tag']//details[@open]")
    assert not root.xpath(link)
    assert root.xpath("//form[@id='page--search']//input[@name='max_values']/@value") == ["1000"]
    # Only this page has that many: the essays, the map and the feed are led to without it.
    elsewhere = root.xpath("//a[not(starts-with(@href, '?'))]/@href | //link/@href")
    assert not [href for href in elsewhere if "max_values" in href]


def test_a_long_query_can_still_be_narrowed(hostile: FlaskClient) -> None:
    """Without links, by the form itself; the map and the next page keep theirs."""
    q = "text number " * 120
    root: Any = lxml.html.fromstring(hostile.get(f"/search?q={quote(q)}").text)
    assert root.xpath("//input[@name='q']/@value") == [q.strip()]
    assert root.xpath("//input[@type='checkbox'][@form='page--search']")
    assert root.xpath("//a[@rel='next']")
    assert sum(len(href) > len(q) for href in root.xpath("//@href")) < 40


def test_the_api_has_all_values(hostile: FlaskClient) -> None:
    assert len(_json(hostile.get("/api/v1/facets"))["facets"]["tag"]) > 6000


@pytest.mark.parametrize(
    "path", ["/search?q=", "/map?q=", "/api/v1/search?q=", "/nowhere/", "/browse?tag="]
)
def test_addresses_that_are_too_long_are_refused(hostile: FlaskClient, path: str) -> None:
    response = hostile.get(path + "x" * 25_000)
    assert response.status_code == 414
    assert "24,000" in response.text
    if "api" in path:
        assert _json(response)["error"]["code"] == "too_long"


def test_too_many_filters_are_refused(hostile: FlaskClient) -> None:
    many = "&".join(f"tag=t{n}" for n in range(51))
    response = hostile.get(f"/api/v1/search?{many}")
    assert response.status_code == 400
    assert _json(response)["error"]["parameter"] == "tag"


# -- what is read ---------------------------------------------------------------------------------

SEEN = [
    ("zero width", "a\u200bb\ufeffc\u2060d", "abcd"),
    ("marks of direction", "\u202eabc\u202c\u2066d\u2069\u200f", "abcd"),
    ("a soft hyphen", "co\u00adop", "coop"),
    ("controls", "a\x00b\x1bc\td", "abc d"),
    ("joiners alone", "\u200d\u200c" * 900, ""),
    ("joiners between letters of Latin", "a\u200db", "ab"),
    ("a family", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ("a heart with its selector", "❤\ufe0f", "❤\ufe0f"),
    ("many selectors", "❤" + "\ufe0f" * 900, "❤\ufe0f"),
    ("Persian", "می\u200cخواهم", "می\u200cخواهم"),
    ("Devanagari", "क्\u200dष", "क्\u200dष"),
    ("Arabic numbers' sign", "\u0600١", "\u0600١"),
    ("a joiner at the end", "م\u200c", "م"),
]


@pytest.mark.parametrize(("typed", "read"), [row[1:] for row in SEEN], ids=[r[0] for r in SEEN])
def test_what_shows_nothing_is_not_read(typed: str, read: str) -> None:
    assert visible(typed) == read
    assert visible(read) == read


# -- where readers are led ------------------------------------------------------------------------

AWAY = [
    "//evil.example", "//evil.example/", "/essay//evil.example/%2e%2e", "/essay/birds//owls",
    "/essay//birds/owls.md", "/essay/birds/owls.md", "/browse/", "/search/", "/tag", "/tag/",
    "//search", "/\\evil.example", "/%5cevil.example", "/essay/\\/evil.example",
    "/tag//evil.example",
    "/category//", "/random", "/random?q=owl", "/random?q=zzzzz", "/media//x.png", "/static//x.css",
    "///evil.example/search", "/essay/%2f%2fevil.example", "/map//", "//%5cevil.example//x",
]  # fmt: skip


@pytest.mark.parametrize("path", AWAY)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:99", "localhost"])
def test_no_redirect_leaves_this_site(client: FlaskClient, path: str, host: str) -> None:
    where = client.get(path, headers={"Host": host, "X-Forwarded-Host": host}).headers.get(
        "Location"
    )
    if where is not None:
        assert urlsplit(where)[:2] == ("", "")
        assert re.match(r"/(?![/\\])", where)


# -- what readers are not told --------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["missing", "pointer", "segments"])
@pytest.mark.parametrize(
    "path", ["/", "/search?q=x", "/essay/one", "/map", "/browse/tag", "/api/v1/search", "/readyz",
             "/api/v1/essays/one", "/author", "/nowhere", "/random", "/tag/x"],
)  # fmt: skip
def test_no_failure_tells_a_path_of_the_machine(
    make: Callable[..., Archive], broken: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    archive = make()
    archive.write("one.md", "Text.", title="Uno")
    archive.build()
    if broken == "missing":
        shutil.rmtree(archive.index)
    elif broken == "pointer":
        (archive.index / "current").write_bytes(b"what")
    else:
        for file in archive.index.glob("g*/*.post"):
            file.write_bytes(b"what")
    response = archive.app(author_page=True).test_client().get(path)
    assert response.status_code in (503, 404)
    assert str(archive.home) not in response.text
    assert str(archive.home) in caplog.text or response.status_code == 404


def test_damaged_searches_tell_no_path(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("one.md", "Text.", title="Uno")
    archive.build()
    (archive.index / "searches.sqlite").write_bytes(b"no database, for sure. " * 100)
    text = archive.app(author_page=True).test_client().get("/author").text
    assert "cannot be read" in text
    assert str(archive.home) not in text


@pytest.mark.parametrize("path", ["/search", "/api/v1/search", "/map", "/search.atom", "/nowhere"])
def test_bytes_that_are_no_text_are_refused(app: Flask, path: str) -> None:
    environ = EnvironBuilder(path).get_environ()
    environ["QUERY_STRING"] = "q=owl\xa7"
    body, status, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    assert status == "400 BAD REQUEST"
    assert b"UTF-8" in b"".join(body)
