"""Looking around: the map, a subject's page, an essay by chance, and where their links lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import lxml.html
import pytest
from flask import url_for
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from app.search.request import SearchRequest
from app.web import urls

if TYPE_CHECKING:
    from tests.conftest import Archive

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def page(client: FlaskClient, path: str, status: int = 200) -> HtmlElement:
    response = client.get(path)
    assert response.status_code == status, response.location
    return lxml.html.document_fromstring(response.get_data(as_text=True))


def dots(root: HtmlElement) -> list[HtmlElement]:
    found = root.xpath("//g[@class='dots']/a")
    assert isinstance(found, list)
    return found


def count(client: FlaskClient, address: str) -> int:
    """How many essays the search at an address finds."""
    found: int = client.get(address.replace("/search", "/api/v1/search")).get_json()["total"]
    return found


MAPS = [
    "/map", "/map?view=table", "/map?q=model", "/map?tag=Birds&certainty_min=20", "/map?q=xyzzy",
    "/map?sort=title&view=table", "/map?q=a+OR+b&importance_max=5", "/map?sort=relevance&q=model",
    f"/map?q={quote(EVIL)}&tag={quote(EVIL)}", "/map?certainty_min=80&certainty_max=20",
]  # fmt: skip


@pytest.mark.parametrize("path", [*MAPS, "/tag/Birds", "/category/Nature", "/tag/r%26d"])
def test_pages_stand(client: FlaskClient, path: str) -> None:
    root = page(client, path)
    assert len(root.findall(".//h1")) == 1
    ids = root.xpath("//@id")
    assert isinstance(ids, list)
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert not root.xpath("//img | //*[@style] | //*[@onerror] | //script[not(@src)]")


def test_every_rated_essay_is_a_named_link_on_the_map(client: FlaskClient, small: Archive) -> None:
    root = page(client, "/map")
    rated = small.engine.map_points(SearchRequest())
    assert {a.get("href") for a in dots(root)} == {f"/essay/{point.slug}" for point in rated.points}
    names = {a.get("href"): a.findtext("title") for a in dots(root)}
    assert names["/essay/shap"] == (
        "SHAP, explained slowly — 90% certain, importance 8 of 10, Finished"
    )
    listed = {a.get("href") for a in root.xpath("//*[@id='page--unplaced']//a")}
    assert listed == {f"/essay/{point.slug}" for point in rated.unplaced}
    assert "25 essays" in " ".join(root.text_content().split())


def test_a_hostile_title_is_a_name(make: Callable[..., Archive]) -> None:
    archive = make()
    for n, place in enumerate([{"certainty": 40, "importance": 4}, {}]):
        archive.write(f"{n}.md", "text", title=EVIL, tags=[EVIL], status=EVIL, date="2020-01-01",
                      **place)  # fmt: skip
    archive.write("c.md", "text", title="C", tags=[EVIL], status="Notes", date="2023-01-01")
    archive.build()
    client = archive.app().test_client()
    for path in ("/map", "/map?view=table", "/browse", f"/tag?value={quote(EVIL)}"):
        root = page(client, path)
        assert not root.xpath("//img | //script[not(@src)] | //*[@onerror]"), path
    (dot,) = dots(page(client, "/map"))
    assert dot.findtext("title") == f"{EVIL} — 40% certain, importance 4 of 10, {EVIL}"
    assert dot.findtext("text") == EVIL[:41] + "…"


def test_the_form_of_a_mark_is_its_status(client: FlaskClient) -> None:
    root = page(client, "/map")
    forms = {a.get("href"): a.find("use").get("href") for a in dots(root)}
    assert forms["/essay/shap"] == "#page--form0"
    assert forms["/essay/birds/owls"] == "#page--form2"
    assert forms["/essay/machine-learning-interpretability"] == "#page--form3"
    assert forms["/essay/anime/akira"] == "#page--form4"
    shapes = {lxml.html.tostring(root.xpath(f"//*[@id='page--form{n}']/*[2]")[0]) for n in range(6)}
    assert len(shapes) >= 5


@pytest.mark.parametrize("path", ["/map", "/map?q=model", "/map?category=Fiction",
                                  "/map?q=sparrow+OR+serial&importance_min=2"])  # fmt: skip
def test_named_parts_and_squares_lead_to_as_many_as_they_say(
    client: FlaskClient, path: str
) -> None:
    root = page(client, path)
    named = root.xpath("//ul[@class='named']//a")
    assert len(named) == 4
    for link in named:
        said = int(link.xpath(".//*[@class='count']/text()")[0])
        assert count(client, link.get("href")) == said, link.get("href")
    squares = root.xpath("//g[@class='squares']/a")
    assert bool(squares) is bool(dots(root))
    for link in squares:
        said = int(link.findtext("title").rpartition(": ")[2].split()[0])
        assert count(client, link.get("href")) == said, link.get("href")
    table = root.xpath("//table[@class='cross']//td/a")
    assert [a.get("href") for a in table] != []
    assert sorted(a.get("href") for a in table) == sorted(a.get("href") for a in squares)


def test_what_is_stale(make: Callable[..., Archive]) -> None:
    archive = make()
    for name, meta in {
        "old": {"date": "2001-01-01"},
        "revised": {"date": "2001-01-01", "lastmod": "2099-01-01"},
        "neglected": {"date": "2001-01-01", "lastmod": "2002-01-01"},
        "new": {"date": "2099-01-01"},
        "undated": {},
    }.items():
        archive.write(f"{name}.md", "text", title=name, importance=8, certainty=50, **meta)
    archive.write("trifle.md", "text", title="t", importance=6, certainty=50, date="2001-01-01")
    archive.build()
    client = archive.app().test_client()
    link = page(client, "/map").xpath("//ul[@class='named']//a")[2]
    assert "stale" in link.text_content()
    asked = parse_qs(urlsplit(link.get("href")).query)
    assert set(archive.slugs(asked["q"][0])) >= {"old", "neglected", "trifle"}
    assert count(client, link.get("href")) == 2


def test_the_map_as_a_table(client: FlaskClient) -> None:
    root = page(client, "/map?view=table&sort=title&tag=Serial")
    assert not dots(root)
    rows = root.xpath("//table[@class='points']/tbody/tr")
    assert [row.find("th/a").get("href") for row in rows] == [
        f"/essay/series/part-{n}" for n in range(1, 7)
    ]
    assert [cell.text for cell in rows[1].findall("td")][:3] == ["50%", "2", "Finished"]
    heads = root.xpath("//table[@class='points']//th[@scope='col']/a")
    assert len(heads) == 5
    for head in heads:
        asked = parse_qs(urlsplit(head.get("href")).query)
        assert asked["tag"] == ["Serial"]
        assert asked["view"] == ["table"]
        page(client, "/map" + head.get("href"))
    (sorted_by,) = root.xpath("//th[@aria-sort]")
    assert sorted_by.get("aria-sort") == "ascending"


def test_a_crowd_is_drawn_in_part_and_says_so(
    make: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make()
    for n in range(12):
        archive.write(f"{n}.md", "text", title=f"T{n}", certainty=n, importance=n % 10)
    archive.build()
    engine = archive.app().extensions["engine"]
    few = engine.map_points
    app = archive.app()
    monkeypatch.setattr(
        app.extensions["engine"],
        "map_points",
        lambda r, limit=5, budget=None: few(r, limit, budget),
    )
    root = page(app.test_client(), "/map")
    assert len(dots(root)) == 5
    assert "5 of 12 are drawn" in " ".join(root.text_content().split())


def test_the_search_has_the_map_of_its_results(client: FlaskClient) -> None:
    root = page(client, "/search?q=serial&tag=Serial&page=1&sort=title")
    (small,) = root.xpath("//a[@class='small-map']")
    address = urlsplit(small.get("href"))
    assert address.path == "/map"
    assert parse_qs(address.query) == {"q": ["serial"], "tag": ["Serial"]}
    assert len(small.xpath(".//circle")) == 6
    assert not page(client, "/search?q=xyzzy").xpath("//a[@class='small-map']")


# -- time ---------------------------------------------------------------------------------------


def test_bars_lead_to_as_many_as_they_say(client: FlaskClient) -> None:
    for path in ("/browse", "/tag/Birds", "/category/nature"):
        root = page(client, path)
        (chart,) = root.xpath("//*[@class='bars']")
        links = chart.findall("a")
        assert links, path
        for link in links:
            said = int(link.findtext("title").partition(": ")[2].split()[0])
            assert count(client, link.get("href")) == said, link.get("href")
        table = root.xpath("//figure[@class='timeline']//tbody//a")
        assert [a.get("href") for a in table] == [a.get("href") for a in links]


@pytest.mark.parametrize(
    ("dates", "query"),
    [
        (["2024-03-01", "2024-05-02"], {"q": ["date:2024-03"]}),
        (["2019-03-01", "2024-05-02"], {"year": ["2019"]}),
        (["1903-03-01", "2024-05-02"], {"q": ["date:1900..1909"]}),
    ],
)
def test_a_bar_is_a_month_a_year_or_a_decade(
    make: Callable[..., Archive], dates: list[str], query: dict[str, list[str]]
) -> None:
    archive = make()
    for n, day in enumerate(dates):
        archive.write(f"{n}.md", "text", title=f"T{n}", date=day)
    archive.build()
    client = archive.app().test_client()
    link = page(client, "/browse").xpath("//*[@class='bars']/a")[0]
    assert parse_qs(urlsplit(link.get("href")).query) == query
    assert count(client, link.get("href")) == 1


# -- subjects -----------------------------------------------------------------------------------


VALUES = [
    "R&D", "a/b", 'say "hi"', "🦉", "日本/語", "C++", "100%", "what?", "#1", "a;b", "Ünïcode",
    "back\\slash", "a//b", "/lead", "trail/", "..", "../x", ".", "it's", "%2F", "a+b", "a:b",
    "<b>bold</b>", EVIL,
]  # fmt: skip


def test_every_value_has_a_page(make: Callable[..., Archive]) -> None:
    archive = make()
    for n, value in enumerate(VALUES):
        archive.write(f"{n}.md", "text", title=f"Number {n}", tags=[value], categories=[value],
                      importance=5, certainty=50)  # fmt: skip
    archive.build()
    app = archive.app()
    client = app.test_client()
    for facet in urls.SUBJECTS:
        listed = [a.get("href") for a in page(client, f"/browse/{facet}").xpath("//li/a")]
        for n, value in enumerate(VALUES):
            with app.test_request_context():
                address = urls.subject_address(facet, value)
            assert address in listed, value
            root = page(client, address)
            assert root.findtext(".//h1") == value
            essays = root.xpath("//section[@aria-labelledby='page--newest']//a")
            assert [a.get("href") for a in essays] == [f"/essay/{n}"]
            assert not root.xpath("//img | //b | //script[not(@src)]")


def test_the_page_of_a_subject(client: FlaskClient) -> None:
    root = page(client, "/tag/birds")
    assert root.findtext(".//h1") == "Birds"
    newest = root.xpath("//section[@aria-labelledby='page--newest']//a")
    assert [a.get("href") for a in newest] == ["/essay/birds/sparrows", "/essay/birds/owls"]
    weighty = root.xpath("//section[@aria-labelledby='page--weightiest']//a")
    assert [a.get("href") for a in weighty] == ["/essay/birds/sparrows", "/essay/birds/owls"]
    together = {
        a.get("href"): int(a.xpath(".//*[@class='count']/text()")[0])
        for a in root.xpath("//section[@aria-labelledby='page--together']//a")
    }
    with client.application.test_request_context():
        owl = urls.subject_address("tag", "🦉")
    assert together == {"/category/Nature": 2, "/tag/Statistics": 1, owl: 1}
    assert "/search?tag=Birds" in {a.get("href") for a in root.iter("a")}


@pytest.mark.parametrize("path", ["/tag/Nobody", "/tag/Secret", "/category/Hidden", "/status/Notes",
                                  "/tag/%00", "/tag?value=Nobody"])  # fmt: skip
def test_a_subject_that_nobody_has(client: FlaskClient, path: str) -> None:
    page(client, path, 404)


def test_a_subject_without_a_name_is_all_of_them(client: FlaskClient) -> None:
    response = client.get("/tag")
    assert (response.status_code, response.location) == (302, "/browse/tag")


# -- chance, and what all pages share -----------------------------------------------------------


def test_any_essay(client: FlaskClient, small: Archive) -> None:
    everything = {f"/essay/{slug}" for slug in small.slugs()}
    seen = set()
    for _ in range(60):
        response = client.get("/random")
        assert response.status_code == 302
        assert response.headers["Cache-Control"] == "no-store"
        seen.add(response.location)
    assert seen <= everything
    assert len(seen) > 8


def test_any_essay_of_some(client: FlaskClient) -> None:
    seen = {client.get("/random?tag=Birds&q=owl+OR+sparrow").location for _ in range(30)}
    assert seen == {"/essay/birds/owls", "/essay/birds/sparrows"}
    assert client.get("/random?q=xyzzy").location == "/search?q=xyzzy"
    page(client, "/random?page=0", 400)


def test_the_way_around_is_on_every_page(client: FlaskClient) -> None:
    for path in ("/search", "/map", "/tag/Birds", "/essay/shap", "/"):
        (nav,) = page(client, path).xpath("//nav[@aria-label='Site']")
        assert [a.get("href") for a in nav.iter("a")] == ["/search", "/browse", "/map", "/random"]
    (here,) = page(client, "/map?q=x").xpath("//nav[@aria-label='Site']//a[@aria-current]")
    assert here.get("href") == "/map"


def test_browsing_shows_what_changed_lately(client: FlaskClient) -> None:
    root = page(client, "/browse")
    updated = root.xpath("//section[@aria-labelledby='page--updated']//li/a")
    assert updated[0].get("href") == "/essay/hello"


def test_drafts_are_nowhere(client: FlaskClient) -> None:
    for path in ("/map", "/map?view=table", "/tag/Birds", "/browse", "/map?q=zanzibar"):
        text = client.get(path).get_data(as_text=True)
        assert "Zanzibar" not in text
        assert "2026" not in text


def test_an_empty_archive(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    client = archive.app().test_client()
    for path in ("/map", "/map?view=table", "/browse"):
        page(client, path)
    page(client, "/tag/x", 404)
    assert client.get("/random").location == "/search"


def test_503_without_an_index(make: Callable[..., Archive]) -> None:
    client = make().app().test_client()
    for path in ("/map", "/tag/x", "/random"):
        page(client, path, 503)


def test_addresses_are_those_of_flask(small: Archive) -> None:
    with small.app().test_request_context():
        assert url_for("pages.map") == "/map"
        assert urls.subject_address("tag", "a/b") == "/tag/a/b"
        assert urls.subject_address("tag", "..") == "/tag?value=.."
