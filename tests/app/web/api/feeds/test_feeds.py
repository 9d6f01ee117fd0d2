"""Feeds as a feed reader takes them: each search, its pages, and what is new since."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import feedparser
import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml import etree

if TYPE_CHECKING:
    from tests.conftest import Archive

SITE = "https://essays.example.org"
SEARCHES = [
    "", "?q=model", "?q=serial&per_page=2&page=2", "?tag=Birds&tag=XAI", "?certainty_min=50",
    "?sort=title", "?q=%22black+box%22&prefer=certainty&explain=1", "?q=xyzzy", "?page=99",
    "?mood=calm&year=2024", "?q=%F0%9F%A6%89", "?q=a%00b%01&tag=%02", "?q=sparow+cencus",
]  # fmt: skip


@pytest.fixture(scope="module")
def known(small: Archive) -> FlaskClient:
    """A client of the small archive that knows where it is read."""
    return small.app(title="The Small Archive", site_url=SITE).test_client()


def read(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    assert response.content_type == "application/atom+xml"
    found = feedparser.parse(response.get_data())
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


@pytest.mark.parametrize("query", SEARCHES)
def test_a_feed_has_what_the_search_finds(known: FlaskClient, query: str) -> None:
    newest = query if "sort=" in query else f"{query or '?'}&sort=newest"
    hits = known.get(f"/api/v1/search{newest}").get_json()["hits"]
    atom = read(known, f"/search.atom{query}")
    json = known.get(f"/search.json{query}")
    assert json.content_type == "application/feed+json"
    found = json.get_json()
    urls = [SITE + hit["url"] for hit in hits]
    assert [entry.link for entry in atom.entries] == urls == [i["url"] for i in found["items"]]
    assert [entry.id for entry in atom.entries] == urls == [i["id"] for i in found["items"]]
    assert [entry.title for entry in atom.entries] == [item["title"] for item in found["items"]]
    assert found["title"] == atom.feed.title
    assert all(item["content_text"] for item in found["items"])
    page = known.get("/search" + found["home_page_url"].partition("/search")[2])
    assert page.status_code == 200


def test_an_entry_says_what_the_author_thinks(known: FlaskClient) -> None:
    (entry,) = read(known, "/search.atom?q=tag:xai+lime").entries
    slug = "machine-learning-interpretability"
    assert entry.summary == "What an explanation of a model owes to its reader"
    assert entry.published == "2024-01-30T05:00:00Z"
    assert entry.updated == "2024-03-23T05:00:00Z"
    terms = {(tag.scheme, tag.term, tag.label) for tag in entry.tags}
    assert {
        (f"{SITE}/browse/tag", "XAI", "XAI"),
        (f"{SITE}/browse/category", "Anime", "Anime"),
        (f"{SITE}/browse/status", "Notes", "status: Notes (35%)"),
        (f"{SITE}/browse/certainty", "Likely", "certainty: Likely (75%)"),
        (f"{SITE}/browse/importance", "7", "importance: 7"),
    } <= terms
    (item,) = known.get("/search.json?q=tag:xai+lime").get_json()["items"]
    assert item["id"] == f"{SITE}/essay/{slug}"
    assert item["tags"] == ["Machine Learning", "Interpretability", "XAI", "Deep Learning"]
    assert item["_essays"]["status"] == {"value": "Notes", "percentage": 35}
    assert item["_essays"]["categories"] == ["Anime", "Machine Learning"]


def test_authors_languages_and_dates_of_every_kind(known: FlaskClient) -> None:
    entries = {
        entry.link.removeprefix(f"{SITE}/essay/"): entry
        for entry in read(known, "/search.atom?per_page=100").entries
    }
    assert [author.name for author in entries["birds/sparrows"].authors] == ["Ada Finch", "Bo Wren"]
    assert entries["birds/sparrows"].published == "2023-05-17T00:00:00Z"
    assert entries["strasse"].published == "2020-12-31T23:30:00-04:00"
    assert entries["boredom"].updated == "1970-01-01T00:00:00Z"
    assert "published" not in entries["boredom"]
    assert entries["traduire"].title_detail.language == "fr"
    assert entries["markup"].title == "<script>alert(1)</script> & friends"


def test_pages_are_linked(known: FlaskClient) -> None:
    seen: list[str] = []
    address = "/search.atom?q=serial&per_page=2"
    while address:
        found = read(known, address)
        links = {link.rel: link.href for link in found.feed.links if link.rel != "alternate"}
        assert links["self"] == urljoin(SITE, address)
        seen += [entry.id for entry in found.entries]
        address = links.get("next", "").removeprefix(SITE)
    assert len(seen) == len(set(seen)) == 6
    assert links["last"] == links["self"]
    assert "previous" in links
    following = known.get("/search.json?q=serial&per_page=2").get_json()["next_url"]
    assert [i["id"] for i in known.get(following.removeprefix(SITE)).get_json()["items"]] == seen[
        2:4
    ]


@pytest.mark.parametrize("path", ["/search.atom", "/search.json"])
def test_who_has_a_feed_gets_it_once(make: Callable[..., Archive], path: str) -> None:
    archive = make()
    archive.write("one.md", "Text.", title="One", date="2024-01-01")
    archive.build()
    client = archive.app().test_client()
    first = client.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]}
                      ).status_code == 304  # fmt: skip
    archive.write("two.md", "Text.", title="Two", date="2024-01-02")
    archive.build()
    changed = client.get(path, headers=tag)
    assert (changed.status_code, b"Two" in changed.get_data()) == (200, True)


@pytest.mark.parametrize("path", ["/search.atom", "/search.json"])
def test_drafts_are_in_no_feed(client: FlaskClient, path: str) -> None:
    for query in ("?per_page=100", "?q=zanzibar", "?q=is:draft", "?tag=Secret", "?sort=updated"):
        assert b"Zanzibar" not in client.get(path + query).get_data()


@pytest.mark.parametrize("path", ["/search.atom", "/search.json"])
@pytest.mark.parametrize("query", ["page=0", "sort=best", "certainty_min=high"])
def test_malformed(client: FlaskClient, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code == 400


HOSTS = {
    "essays.local:8080": "http://essays.local:8080",
    "[::1]:8000": "http://[::1]:8000",
    'x"><script>': "",
    "evil.example/a": "",
}


@pytest.mark.parametrize("host", HOSTS)
def test_names_never_have_the_host_of_a_request(client: FlaskClient, host: str) -> None:
    asked = client.get("/search.json?q=owl", headers={"Host": host})
    if asked.status_code == 400:  # the framework refuses it
        return
    (item, *_) = asked.get_json()["items"]
    assert item["url"] == f"{HOSTS[host]}/essay/birds/owls"
    again = client.get("/search.json?q=owl").get_json()["items"][0]
    assert item["id"] == again["id"]
    assert item["id"].startswith("urn:uuid:")
    assert asked.headers["Cache-Control"] == "private, no-cache"


def test_pages_lead_to_their_feeds(client: FlaskClient) -> None:
    expected = {
        "/": "", "/search": "", "/search?q=owl&tag=Birds&page=2": "?q=owl&tag=Birds",
        "/search?q=owl&sort=updated": "?q=owl&sort=updated", "/tag/Birds": "?tag=Birds",
        "/essay/shap": "",
    }  # fmt: skip
    for path, query in expected.items():
        root = lxml.html.document_fromstring(client.get(path).get_data(as_text=True))
        found = {
            link.get("type"): link.get("href")
            for link in root.iter("link")
            if link.get("rel") == "alternate"
        }
        assert found == {
            "application/atom+xml": f"/search.atom{query}",
            "application/feed+json": f"/search.json{query}",
        }
        assert client.get(f"/search.atom{query}").status_code == 200


def test_ids_and_dates_are_there_once(known: FlaskClient) -> None:
    """What RFC 4287 demands of every feed and entry, beyond what a lenient parser needs."""
    root = etree.fromstring(known.get("/search.atom?per_page=100").get_data())
    name = "{http://www.w3.org/2005/Atom}"
    entries = root.findall(f"{name}entry")
    assert len(entries) > 20
    for element in (root, *entries):
        for required in ("id", "title", "updated"):
            assert len(element.findall(name + required)) == 1
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
            element.findtext(f"{name}updated", ""),
        )
        links = [
            (each.get("rel"), each.get("type"), each.get("hreflang"))
            for each in element.findall(f"{name}link")
        ]
        assert len(links) == len(set(links))
    assert root.find(f"{name}author/{name}name") is not None
    ids = [entry.findtext(f"{name}id") for entry in entries]
    assert len(ids) == len(set(ids))
