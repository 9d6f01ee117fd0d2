"""What crawlers and browsers are told: parsed, followed, and without drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.robotparser import RobotFileParser

import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml import etree

from app.web.api import crawlers

if TYPE_CHECKING:
    from tests.conftest import Archive

SITE = "https://essays.example.org"


@pytest.fixture(scope="module")
def known(small: Archive) -> FlaskClient:
    return small.app(title="The Small Archive of Essays", site_url=SITE).test_client()


def listed(client: FlaskClient, path: str, root: str = "urlset") -> dict[str, str | None]:
    """The addresses of a sitemap, and when each was changed."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "application/xml"
    found = etree.fromstring(response.get_data())
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert found.tag == name + root
    return {each.findtext(f"{name}loc", ""): each.findtext(f"{name}lastmod") for each in found}


def test_a_sitemap_lists_every_essay(known: FlaskClient) -> None:
    found = listed(known, "/sitemap.xml")
    hits = known.get("/api/v1/search?per_page=100").get_json()["hits"]
    assert set(found) == {f"{SITE}{hit['url']}" for hit in hits} | {f"{SITE}/", f"{SITE}/browse"}
    assert found[f"{SITE}/essay/birds/owls"] == "2022-11-30"
    assert found[f"{SITE}/essay/strasse"] == "2021-01-01T03:30:00Z"
    assert found[f"{SITE}/essay/log"] == "2024-01-15T10:00:00Z"
    assert found[f"{SITE}/essay/boredom"] is None
    for address in found:
        assert known.get(address.removeprefix(SITE)).status_code == 200


def test_a_long_list_has_parts(known: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = listed(known, "/sitemap.xml")
    monkeypatch.setattr(crawlers, "MAX_ADDRESSES", 10)
    parts = list(listed(known, "/sitemap.xml", "sitemapindex"))
    assert parts == [f"{SITE}/sitemap-{number}.xml" for number in (1, 2, 3)]
    together = [each for part in parts for each in listed(known, part.removeprefix(SITE)).items()]
    assert dict(together) == whole
    assert len(together) == len(whole)
    for missing in ("0", "4", "99999999999999999999"):
        assert known.get(f"/sitemap-{missing}.xml").status_code == 404


def test_a_sitemap_is_sent_once(known: FlaskClient) -> None:
    first = known.get("/sitemap.xml")
    again = known.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_robots(known: FlaskClient) -> None:
    response = known.get("/robots.txt")
    assert response.mimetype == "text/plain"
    rules = RobotFileParser()
    rules.parse(response.get_data(as_text=True).splitlines())
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]
    for path in ("/", "/browse/tag", "/essay/shap", "/tag/Birds", "/api/v1/docs",
                 "/static/style.css", "/sitemap.xml", "/search.atom",
                 "/search.json?tag=Birds"):  # fmt: skip
        assert rules.can_fetch("anybot", SITE + path), path
    for path in ("/search?q=owl", "/search?tag=Birds&page=2", "/random", "/api/v1/search",
                 "/map?tag=Birds", "/hooks/rebuild"):  # fmt: skip
        assert not rules.can_fetch("anybot", SITE + path), path


OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_a_browser_can_add_the_archive(known: FlaskClient) -> None:
    root = lxml.html.document_fromstring(known.get("/").get_data(as_text=True))
    (link,) = [each for each in root.iter("link") if each.get("rel") == "search"]
    response = known.get(link.get("href", ""))
    assert response.content_type == link.get("type") == "application/opensearchdescription+xml"
    found = etree.fromstring(response.get_data())
    assert found.findtext(f"{OPENSEARCH}ShortName") == "The Small"
    assert found.findtext(f"{OPENSEARCH}LongName") == "The Small Archive of Essays"
    assert found.findtext(f"{OPENSEARCH}Description")
    urls = {
        (u.get("rel"), u.get("type")): u.get("template") for u in found.iter(f"{OPENSEARCH}Url")
    }
    page = urls["results", "text/html"]
    assert page is not None
    asked = known.get(page.removeprefix(SITE).replace("{searchTerms}", "sparrow%20census"))
    assert "/essay/birds/sparrows" in asked.get_data(as_text=True)
    feed = urls["results", "application/atom+xml"]
    assert feed is not None
    assert known.get(feed.removeprefix(SITE).replace("{searchTerms}", "owl")).status_code == 200
    typed = urls["suggestions", "application/x-suggestions+json"]
    assert typed is not None
    suggested = known.get(typed.removeprefix(SITE).replace("{searchTerms}", "sparr"))
    assert suggested.content_type == "application/x-suggestions+json"
    query, completions, told, where = suggested.get_json()
    assert query == "sparr"
    assert completions[0] == "Counting sparrows"
    assert told[0] == "1 essay"
    assert where[0] == f"{SITE}/search?q=Counting%20sparrows"
    assert len(completions) == len(told) == len(where)


@pytest.mark.parametrize("query", ["", "?q=", "?q=xyzzy", "?q=%FF%00", "?q=" + "a" * 5_000])
def test_nothing_to_suggest(client: FlaskClient, query: str) -> None:
    assert client.get(f"/suggest.json{query}").get_json()[1:] == [[], [], []]


def test_drafts_are_told_to_nobody(client: FlaskClient) -> None:
    for path in ("/sitemap.xml", "/suggest.json?q=zanz", "/suggest.json?q=secr"):
        assert b"anzibar" not in client.get(path).get_data()
        assert b"essay/secret" not in client.get(path).get_data()


@pytest.mark.parametrize(
    "path", ["/sitemap.xml", "/robots.txt", "/opensearch.xml", "/suggest.json"]
)
def test_a_host_that_is_none_is_repeated_nowhere(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Host": 'evil"><x>.example'})
    assert b"evil" not in response.get_data()
