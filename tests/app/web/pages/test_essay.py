"""What stands on the page of an essay beside it, and where nothing was found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from indexer.analysis import embedding
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

ML = "machine-learning-interpretability"


def page(client: FlaskClient, path: str, status: int = 200) -> HtmlElement:
    response = client.get(path)
    assert response.status_code == status
    return lxml.html.document_fromstring(response.get_data(as_text=True), base_url=path)


def article(root: HtmlElement) -> dict[str, Any]:
    (block,) = root.xpath("//script[@type='application/ld+json']")
    found: dict[str, Any] = json.loads(block.text)
    return found


def metas(root: HtmlElement) -> list[tuple[str, str]]:
    return [
        (m.get("name") or m.get("property") or "", m.get("content", ""))
        for m in root.iter("meta")
        if not m.get("charset")
    ]


# -- links between essays -------------------------------------------------------------------------


@pytest.fixture
def linked(make: Callable[..., Archive]) -> FlaskClient:
    archive = make()
    archive.write(
        "birds/owls.md", "## By Ear\n\nThey hunt.", title="Owls at Night", slug="night/owls"
    )
    archive.write("secret.md", "x", title="Plans", draft=True)
    archive.write(
        "here.md",
        "[[owls at night]], [[OWLS.md|one]], [[Owls#By Ear|two]], [[night/owls]], [[Plans]], "
        "[[No *such* & <b>]], `[[owls]]`, [three](birds/owls.md#by-ear).",
        title="Here", description="From here",
    )  # fmt: skip
    archive.build()
    return archive.app().test_client()


def test_links_by_name(linked: FlaskClient) -> None:
    (prose,) = page(linked, "/essay/here").xpath("//div[contains(@class, 'prose')]")
    owls = "/essay/night/owls"
    assert [(a.text_content(), a.get("href")) for a in prose.iter("a")] == [
        ("owls at night", owls), ("one", owls), ("two", f"{owls}#by-ear"),
        ("night/owls", owls), ("three", f"{owls}#by-ear"),
    ]  # fmt: skip
    assert [s.text_content() for s in prose.iter("span")] == ["Plans", "No *such* & <b>"]
    assert "wiki//" not in lxml.html.tostring(prose, encoding="unicode")
    api = linked.get("/api/v1/essays/here").get_json()["html"]
    assert "wiki//" not in api
    assert '<span class="unwritten">Plans</span>' in api


def test_essays_that_link_here(linked: FlaskClient) -> None:
    root = page(linked, "/essay/night/owls")
    (section,) = root.xpath("//section[@aria-labelledby='page--backlinks']")
    assert [(a.text_content(), a.get("href")) for a in section.iter("a")] == [
        ("Here", "/essay/here")
    ]
    assert "From here" in section.text_content()
    (related,) = root.xpath("//section[@aria-labelledby='page--related']")
    assert "links to this essay" in related.text_content()
    assert not page(linked, "/essay/here").xpath("//*[@id='page--backlinks']")


def test_related_essays_say_why(client: FlaskClient) -> None:
    (section,) = page(client, f"/essay/{ML}").xpath("//section[@aria-labelledby='page--related']")
    (first,) = section.xpath(".//li[a/@href='/essay/shap']")
    assert "shares" in first.text_content()
    assert [a.text_content() for a in first.xpath(".//p//a")] == ["xai", "Deep Learning"]
    assert "/essay/secret" not in section.xpath(".//@href")


@pytest.mark.skipif(embedding.folder() is None, reason="there are no word vectors")
def test_an_essay_related_by_meaning_alone_says_so(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules())
    archive.write("one.md", "Cars stop at the garage for petrol.", title="Motoring")
    archive.write("two.md", "The garage mends automobiles.", title="Cars")
    archive.build()
    root = page(archive.app().test_client(), "/essay/one")
    (item,) = root.xpath("//section[@aria-labelledby='page--related']//li")
    assert item.text_content().split("\n") == ["Cars", "similar in meaning"]


# -- what programs read ---------------------------------------------------------------------------


def test_the_essay_introduces_itself(client: FlaskClient) -> None:
    root = page(client, f"/essay/{ML}?q=model")
    assert root.xpath("//link[@rel='canonical']/@href") == [f"/essay/{ML}"]
    said = article(root)
    assert said["headline"] == "Machine Learning Interpretability: Opening the Box"
    assert said["datePublished"] == "2024-01-30T05:00:00Z"
    assert said["keywords"] == ["Machine Learning", "Interpretability", "XAI", "Deep Learning"]
    assert "url" not in said
    assert len(said["citation"]) == 2
    listed = metas(root)
    assert ("og:title", said["headline"]) in listed
    assert ("citation_title", said["headline"]) in listed
    assert ("citation_publication_date", "2024/01/30") in listed
    assert [c for n, c in listed if n == "citation_reference"] == said["citation"]
    assert ("citation_author", "Jane Chen") in metas(page(client, "/essay/shap"))
    assert not [name for name, content in listed if not content]


def test_absolute_addresses_are_of_the_site_that_the_settings_name(small: Archive) -> None:
    """A request may name any host; no page repeats it."""
    named = small.app(site_url="https://essays.example.org").test_client()
    for client, site in ((named, "https://essays.example.org"), (small.app().test_client(), "")):
        root = lxml.html.fromstring(
            client.get(f"/essay/{ML}", headers={"Host": "evil.example"}).text
        )
        assert "evil.example" not in lxml.html.tostring(root, encoding="unicode")
        where = f"{site}/essay/{ML}"
        assert root.xpath("//link[@rel='canonical']/@href") == [where]
        absolute = [where] if site else []
        assert root.xpath("//meta[@property='og:url']/@content") == absolute
        assert root.xpath("//meta[@name='citation_fulltext_html_url']/@content") == absolute
        assert article(root).get("url", "") == article(root).get("mainEntityOfPage", "")
        assert article(root).get("url") == (where if site else None)
    root = lxml.html.fromstring(named.get("/tag/xai").text)
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://essays.example.org/tag/xai"]


NASTY = "</script><script>alert(1)</script><!-- &amp; ' \" \u2028 \\ "


def test_no_title_breaks_out_of_its_json(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "x", title=NASTY, tags=[NASTY], author=[NASTY], bibliography=[NASTY],
                  description=NASTY, slug="a")  # fmt: skip
    archive.build()
    response = archive.app().test_client().get("/essay/a")
    root = lxml.html.document_fromstring(response.get_data(as_text=True))
    assert len([script for script in root.iter("script") if script.text]) == 1
    assert article(root)["headline"] == " ".join(NASTY.split())
    assert "<script>alert" not in response.get_data(as_text=True)


def test_bare_essays_say_only_what_they_know(client: FlaskClient) -> None:
    root = page(client, "/essay/boredom")
    said = article(root)
    assert "author" not in said
    assert "datePublished" not in said
    assert not [name for name, _ in metas(root) if name.startswith("citation_author")]


# -- the search one came from ---------------------------------------------------------------------


def test_the_words_of_the_search_are_marked(client: FlaskClient) -> None:
    root = page(client, f"/essay/{ML}?q=%22black+box%22")
    (prose,) = root.xpath("//div[contains(@class, 'prose')]")
    places = [mark.text for mark in prose.iter("mark")]
    assert places == ["black box", "black box", "black boxes"]
    (bar,) = root.xpath("//aside[@class='trail']")
    assert "3 matches" in " ".join(bar.text_content().split())
    steps = [a.get("href") for a in bar.xpath(".//ol//a")]
    assert steps == ["#page--mark-1", "#page--mark-2", "#page--mark-3"]
    assert all(root.xpath(f"//mark[@id='{step[1:]}']") for step in steps)
    assert f"/essay/{ML}" in [a.get("href") for a in bar.iter("a")]


@pytest.mark.parametrize(
    "asked", ["", "?q=", "?page=0", "?sort=best", "?certainty_min=x", "?utm=1"]
)
def test_without_a_search_there_is_no_trail(client: FlaskClient, asked: str) -> None:
    root = page(client, f"/essay/{ML}{asked}")
    assert not root.xpath("//aside[@class='trail']")
    assert not list(root.iter("mark"))


def test_a_search_that_does_not_find_the_essay_still_leads_back(client: FlaskClient) -> None:
    root = page(client, f"/essay/{ML}?q=owl")
    (bar,) = root.xpath("//aside[@class='trail']")
    assert bar.xpath(".//a/@href") == ["/search?q=owl"]
    assert not root.xpath("//nav[@class='turns']")


@pytest.mark.parametrize(
    "asked", ["q=model", "q=serial&sort=importance", "tag=Serial&per_page=2", "category=Nature&q="]
)
def test_stepping_through_the_results(client: FlaskClient, small: Archive, asked: str) -> None:
    """From the first hit on, "next" leads through all of them in the order of the results."""
    results = page(client, f"/search?{asked}&per_page=100".replace("&per_page=2&", "&"))
    wanted = [a.split("?")[0] for a in results.xpath("//h2/a/@href")]
    at = page(client, f"/search?{asked}").xpath("//h2/a/@href")[0]
    seen = []
    for _ in range(40):
        root = page(client, at)
        seen.append(at.split("?")[0])
        back = root.xpath("//aside[@class='trail']/p/a/@href")[0]
        assert at in page(client, back).xpath("//h2/a/@href")
        onward = root.xpath("//nav[@class='turns']//a[@rel='next']/@href")
        if not onward:
            break
        at = onward[0]
    assert seen == wanted
    assert len(seen) > 1


def test_a_moved_essay_keeps_the_search(client: FlaskClient) -> None:
    assert client.get("/essay/birds/owls.md?q=owl").location == "/essay/birds/owls?q=owl"


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.mark.parametrize("name", ["q", "tag", "sort"])
def test_what_an_address_says_is_escaped(client: FlaskClient, name: str) -> None:
    response = client.get(f"/essay/{ML}", query_string={name: EVIL, "category": EVIL})
    assert "<img src=x" not in response.get_data(as_text=True)
    assert "<script>alert" not in response.get_data(as_text=True)


# -- where nothing was found ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    ["q=sparow&category=Film", "q=owl&category=Computing", "q=%22closed+box%22&category=Film",
     "q=sparrow+AND+motorcycle&category=Computing", "q=owl&certainty_min=90&importance_min=9",
     "tag=Birds&category=Film&category=Computing", "q=sparow+cencus&tag=Meta&importance_max=1"],
)  # fmt: skip
def test_every_count_is_what_following_its_link_finds(client: FlaskClient, asked: str) -> None:
    root = page(client, f"/search?{asked}")
    (help_,) = root.xpath("//div[@class='nothing']")
    counts = help_.xpath(".//span[@class='count']")
    assert counts
    for count in counts:
        (link,) = count.xpath("preceding-sibling::a[1]")
        found = client.get(link.get("href").replace("/search", "/api/v1/search")).get_json()
        assert found["total"] == int(re.sub(r"\D", "", count.text_content())) > 0
    assert help_.xpath(".//ol[@class='toc-list']//a")


def test_nearby_is_the_newest_of_the_category(client: FlaskClient) -> None:
    root = page(client, "/search?q=zzz&category=Nature")
    newest = page(client, "/search?category=Nature&sort=newest").xpath("//h2/a/@href")
    shown = root.xpath("//div[@class='nothing']//ol[@class='toc-list']//a/@href")
    assert shown == [href.split("?")[0] for href in newest][:5]
    assert "Newest in Nature" in " ".join(root.text_content().split())


@pytest.mark.parametrize(
    ("path", "slug"),
    [("/essay/counting-sparrows.html", "birds/sparrows"), ("/2019/naive-garden", "garden"),
     ("/posts/Ghost_and_Shell/", "anime/ghost"), ("/owls", "birds/owls")],
)  # fmt: skip
def test_404_finds_what_the_address_may_have_meant(
    client: FlaskClient, path: str, slug: str
) -> None:
    root = page(client, path, 404)
    hits = root.xpath("//section[@class='perhaps']//li/a/@href")
    assert hits[0] == f"/essay/{slug}"
    assert len(hits) <= 5


@pytest.mark.parametrize(
    "path", ["/zanzibar-plans", "/essay/secret", "/?", "/" + "x-" * 3000, "/%00", "/AND/OR", "/a"]
)
def test_404_shows_nothing_it_should_not(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (200, 404)
    assert '/essay/secret"' not in response.get_data(as_text=True)


def test_404_without_an_index(make: Callable[..., Archive]) -> None:
    root = page(make().app().test_client(), "/" + quote("counting sparrows"), 404)
    assert not root.xpath("//section[@class='perhaps']")
