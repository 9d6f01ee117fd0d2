"""What readers get: pages that stand, escape what they show, and keep to this host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import lxml.html
import pytest
from flask import url_for
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from app import server
from app.search.request import SORTS

if TYPE_CHECKING:
    from tests.conftest import Archive

ML = "machine-learning-interpretability"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"

PAGES = [
    "/", "/search", "/search?q=model", "/search?q=xyzzy", "/search?q=&tag=Birds&tag=XAI",
    "/search?q=serial&per_page=2&page=2", "/search?page=99", "/search?per_page=1&page=13",
    "/search?certainty_min=50&certainty_max=80&importance_min=0", "/search?mood=calm",
    "/search?q=colour:red+(", "/search?tag=Nobody", "/search?status=unrated&year=2024",
    *[f"/search?q=model&sort={sort}" for sort in SORTS],
    "/browse", "/browse/tag", "/browse/category", "/browse/status", "/browse/certainty",
    "/browse/importance", "/browse/year", "/browse/mood",
    f"/essay/{ML}", "/essay/birds/owls", "/essay/boredom", "/essay/markup", "/essay/caches",
    "/essay/strasse", "/essay/links",
]  # fmt: skip


def page(client: FlaskClient, path: str, status: int = 200) -> HtmlElement:
    response = client.get(path)
    assert response.status_code == status
    assert response.content_type == "text/html; charset=utf-8"
    return lxml.html.document_fromstring(response.get_data(as_text=True), base_url=path)


def links(root: HtmlElement, path: str = "/") -> Iterator[str]:
    """Every address that a reader may follow from a page, absolute within this host."""
    for anchor in root.iter("a"):
        yield urljoin(path, anchor.get("href", ""))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands(client: FlaskClient, path: str) -> None:
    root = page(client, path)
    assert root.findtext(".//title")
    assert len(root.findall(".//h1")) == 1
    assert len(root.findall(".//main")) == 1
    ids = root.xpath("//@id")
    assert isinstance(ids, list)
    assert len(ids) == len(set(ids)), "an id stands twice"


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/search?sort=best"])
def test_every_page_keeps_to_this_host(client: FlaskClient, path: str) -> None:
    """Only a link that a reader follows may lead elsewhere."""
    root = lxml.html.document_fromstring(client.get(path).get_data(as_text=True))
    for element in root.iter():
        for name in ("src", "srcset", "action", "poster", "data", "style", "href"):
            if element.tag == "a" or name not in element.attrib:
                continue
            address = element.get(name, "")
            assert not urlsplit(address).scheme, (element.tag, address)
            assert not urlsplit(address).netloc, (element.tag, address)
        assert not [name for name in element.attrib if str(name).startswith("on")]


def test_the_stylesheet_asks_for_nothing_elsewhere(client: FlaskClient) -> None:
    root = page(client, "/")
    sheets = [link.get("href", "") for link in root.iter("link") if link.get("rel") == "stylesheet"]
    assert sheets
    for sheet in sheets:
        with client.get(sheet) as response:
            assert response.status_code == 200
            style = response.get_data(as_text=True)
        assert "@import" not in style
        assert "//" not in style.replace("http://www.w3.org/", "")


def test_following_every_link_of_this_site_arrives(client: FlaskClient) -> None:
    """Two steps from the front page; what an author linked wrongly is the author's."""
    # Chance leads elsewhere each time.
    seen = {"/random", "/essay/missing.md", "/essay/secret.md", "/essay/anime/secret.md"}
    todo = ["/"]
    for depth in range(3):
        found: list[str] = []
        for path in todo:
            response = client.get(path)
            assert response.status_code == 200, path
            if response.mimetype == "text/html" and depth < 2:
                root = lxml.html.document_fromstring(response.get_data(as_text=True))
                found += links(root, path)
        seen.update(todo)
        todo = sorted(
            {address.split("#")[0] for address in found if address.startswith("/")} - seen
        )[:120]
    assert len(seen) > 60


def test_the_page_of_the_reference_essay(client: FlaskClient) -> None:
    root = page(client, f"/essay/{ML}")
    text = " ".join(root.text_content().split())
    assert root.findtext(".//h1") == "Machine Learning Interpretability: Opening the Box"
    for shown in (
        "Notes", "35%", "Likely", "75%", "Importance", "7", "of 10", "30 January 2024",
        "23 March 2024", "Machine Learning", "Interpretability", "XAI", "Deep Learning", "Anime",
        "Bibliography", "Ribeiro, M. (2023).", "Chen, J. (2024).",
        "What an explanation of a model owes to its reader",
    ):  # fmt: skip
        assert shown in text, shown
    dates = [time.get("datetime") for time in root.iter("time")]
    assert {"2024-01-30", "2024-03-23"} <= set(dates)
    asked = [parse_qs(urlsplit(link).query) for link in links(root)]
    for value in ("Machine Learning", "Interpretability", "XAI", "Deep Learning"):
        assert {"tag": [value]} in asked
    for value in ("Anime", "Machine Learning"):
        assert {"category": [value]} in asked


def test_hits_are_marked_and_lead_to_the_section(client: FlaskClient) -> None:
    root = page(client, "/search?q=lime")
    assert [mark.text_content() for mark in root.iter("mark")] == ["LIME"]
    assert f"/essay/{ML}?q=lime#methods" in set(links(root))


def test_the_search_form_says_what_was_asked(client: FlaskClient) -> None:
    root = page(client, '/search?q="black+box"&tag=XAI&certainty_min=50&sort=title')
    box = root.xpath("//input[@name='q']")[0]
    assert box.get("value") == '"black box"'
    ticked = root.xpath("//input[@type='checkbox'][@checked]")
    assert [(each.get("name"), each.get("value").lower()) for each in ticked] == [("tag", "xai")]
    assert root.xpath("//input[@name='certainty_min']")[0].get("value") == "50"
    assert root.xpath("//input[@name='sort'][@value='title']")


def test_a_filter_that_is_chosen_can_be_taken_off(client: FlaskClient) -> None:
    root = page(client, "/search?q=model&tag=XAI&importance_min=5")
    (chip,) = root.xpath("//a[@aria-label='Remove tag: XAI']")
    assert parse_qs(urlsplit(chip.get("href")).query) == {"q": ["model"], "importance_min": ["5"]}
    (chip,) = root.xpath("//a[contains(@aria-label, 'Remove importance')]")
    assert parse_qs(urlsplit(chip.get("href")).query) == {"q": ["model"], "tag": ["XAI"]}


def test_notes_are_shown(client: FlaskClient) -> None:
    text = page(client, "/search?q=colour:red").text_content()
    assert "There is no field “colour”" in text


@pytest.mark.parametrize("number", [1, 2, 3, 13, 24, 25])
def test_page_numbers_lead_on(client: FlaskClient, number: int) -> None:
    root = page(client, f"/search?per_page=1&page={number}")
    assert bool(root.xpath("//nav//a[@rel='next']")) is (number < 25)
    assert bool(root.xpath("//nav//a[@rel='prev']")) is (number > 1)
    (here,) = root.xpath("//nav//a[@aria-current='page'][starts-with(@aria-label, 'Page')]")
    assert here.get("aria-label") == f"Page {number}"


# -- what is typed, and what authors write, is text ---------------------------------------------


@pytest.mark.parametrize(
    "query",
    [{"q": EVIL}, {"tag": EVIL}, {"q": f'tag:"{EVIL}"'}, {"category": EVIL, "q": "x"},
     {"mood": EVIL}, {"year": EVIL}, {"q": f"colour:{EVIL}"}, {"sort": EVIL}, {"page": EVIL},
     {"certainty_min": EVIL}],
)  # fmt: skip
def test_what_is_asked_is_escaped(client: FlaskClient, query: dict[str, str]) -> None:
    response = client.get("/search", query_string=query)
    harmless(lxml.html.document_fromstring(response.get_data(as_text=True)))


@pytest.mark.parametrize("path", ["/", "/search?q=friends", "/browse", "/browse/tag",
                                  "/essay/markup"])  # fmt: skip
def test_what_authors_write_is_escaped(client: FlaskClient, path: str) -> None:
    root = page(client, path)
    harmless(root)
    assert not [b for b in root.iter("b") if b.text == "bold"]
    assert "<b>bold</b>" in root.text_content() or path == "/"


def test_a_title_with_markup_is_shown_as_it_is(client: FlaskClient) -> None:
    root = page(client, "/essay/markup")
    assert root.findtext(".//h1") == "<script>alert(1)</script> & friends"
    (hit,) = page(client, "/search?q=friends").xpath("//h2/a")
    assert hit.text_content().strip() == "<script>alert(1)</script> & friends"


def harmless(root: HtmlElement) -> None:
    for element in root.iter():
        if isinstance(element.tag, str):
            assert element.tag not in ("iframe", "object", "embed")
            if element.tag == "script":
                ours = (element.get("src") or "").startswith("/static/") and not element.text
                assert ours or json.loads(element.text)["@type"] == "Article"
                assert ours or element.get("type") == "application/ld+json"
            assert not [name for name in element.attrib if str(name).startswith("on")]
            assert element.tag != "img" or element.get("src") != "x"
            assert not (element.get("href") or "").startswith("javascript:")


def test_nothing_foreign_may_run(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert client.get("/").headers["X-Content-Type-Options"] == "nosniff"


# -- essays and their links -----------------------------------------------------------------------


def test_links_between_essays(client: FlaskClient) -> None:
    prose = page(client, "/essay/links").xpath("//*[contains(@class, 'prose')]")[0]
    assert [(a.text_content(), a.get("href")) for a in prose.iter("a")] == [
        ("with its ending", "/essay/birds/owls"),
        ("without", "/essay/birds/owls"),
        ("a section", "/essay/shap#lundbergs-unification"),
        ("nowhere", "/essay/missing.md"),
        ("a draft", "/essay/secret.md"),
        ("abroad", "https://example.org/"),
        ("mail", "mailto:a@b.org"),
    ]


def test_links_of_essays_in_folders(client: FlaskClient) -> None:
    prose = page(client, "/essay/birds/owls").xpath("//*[contains(@class, 'prose')]")[0]
    assert [a.get("href") for a in prose.iter("a")] == ["/essay/birds/sparrows#method"]
    assert [i.get("src") for i in prose.iter("img")] == ["/media/birds/owl.png"]
    assert page(client, "/essay/birds/sparrows").xpath("//*[@id='method']")


@pytest.mark.parametrize("path", ["birds/owls.md", f"{ML}.md"])
def test_the_address_of_a_file_leads_to_its_essay(client: FlaskClient, path: str) -> None:
    response = client.get(f"/essay/{path}")
    assert response.status_code == 301
    assert response.location == f"/essay/{path.removesuffix('.md')}"


@pytest.mark.parametrize("slug", ["Birds/Owls", "BIRDS/OWLS", "birds/Owls"])
def test_the_address_of_an_essay_in_capitals_leads_to_it(client: FlaskClient, slug: str) -> None:
    response = client.get(f"/essay/{slug}?q=ear")
    assert (response.status_code, response.location) == (301, "/essay/birds/owls?q=ear")
    assert client.get("/essay/Birds/Missing").status_code == 404
    assert client.get(f"/api/v1/essays/{slug}").status_code == 404


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("/search/?q=a%20b&page=2", "/search?q=a%20b&page=2"),
        ("/browse/tag/", "/browse/tag"),
        ("/essay/birds/owls//", "/essay/birds/owls"),
        ("/tag/Deep%20Learning/", "/tag/Deep%20Learning"),
    ],
)
def test_a_slash_behind_an_address_is_taken_away(
    client: FlaskClient, address: str, bare: str
) -> None:
    response = client.get(address)
    if response.location and response.location.endswith("/owls/"):  # two slashes are one first
        response = client.get(response.location)
    assert (response.status_code, response.location) == (308, bare)
    assert client.get(bare).status_code == 200
    with client.application.test_client() as below:
        environ = {"SCRIPT_NAME": "/essays"}
        moved = below.get(bare.partition("?")[0] + "/", environ_overrides=environ)
        assert moved.location == "/essays" + bare.partition("?")[0]


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/api/v1/search/", "//example.org/", "/\\example.org/", "/%2Fexample.org/"],
)
def test_a_slash_behind_an_address_that_no_page_has(client: FlaskClient, address: str) -> None:
    """And no redirect leads away from the site."""
    response = client.get(address)
    assert response.status_code == 404 or not (response.location or "").startswith(("//", "http"))
    if "example" not in address:
        assert response.status_code == 404


def test_an_essay_with_a_slug_of_its_own(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("2020/old-name.md", "Text.", title="T", slug="/new/name/")
    archive.write("other.md", "[there](2020/old-name.md)", title="O")
    archive.build()
    client = archive.app().test_client()
    assert client.get("/essay/new/name").status_code == 200
    for path in ("2020/old-name.md", "2020/old-name"):
        response = client.get(f"/essay/{path}")
        assert (response.status_code, response.location) == (301, "/essay/new/name")
    assert "/essay/new/name" in set(links(page(client, "/essay/other")))


SLUGS = ["ü/é", "100%", "a?b", "a#b", "a b", "a+b", "a&b=c", "日本/🦉", "a%2Fb", "a;b", "a:b", "~x",
         "it's", "(x)", "a,b", "@me", "$1", "!", "a*b", "<b>", '"q"', "a|b", "[x]",
         "x.md"]  # fmt: skip


def test_any_slug_has_an_address(make: Callable[..., Archive]) -> None:
    archive = make()
    for number, slug in enumerate(SLUGS):
        archive.write(f"file-{number}.md", f"Text {number}.", title=f"Title {number}", slug=slug)
    archive.build()
    app = archive.app()
    client = app.test_client()
    for number, slug in enumerate(SLUGS):
        with app.test_request_context():
            address = url_for("pages.essay", slug=slug)
        # The command writes the same addresses without Flask.
        assert server.essay_path(slug) == address
        assert page(client, address).findtext(".//h1") == f"Title {number}"
        response = client.get(address.replace("/essay/", "/api/v1/essays/"))
        assert response.get_json()["slug"] == slug
        assert response.get_json()["url"] == address


# -- pictures and attachments ---------------------------------------------------------------------


def test_media(client: FlaskClient, small: Archive) -> None:
    with client.get("/media/birds/owl.png") as response:
        assert (response.status_code, response.mimetype) == (200, "image/png")
        assert response.get_data() == (small.content / "birds/owl.png").read_bytes()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["birds/owls.md", "essays.toml", "birds/.hidden.png", "birds", "birds/", "missing.png",
     "../outside.png", "..%2Foutside.png", "birds/..%2F..%2Foutside.png", "%2e%2e/outside.png",
     "birds%2F..%2F..%2Foutside.png", "/etc/passwd", "%2Fetc%2Fpasswd", "secret.md",
     ".index/current", "birds\\..\\..\\outside.png", "owl.png%00.md", "%00.png",
     "a" * 5000 + ".png"],
)  # fmt: skip
def test_media_is_guarded(client: FlaskClient, path: str) -> None:
    assert client.get(f"/media/{path}", follow_redirects=True).status_code == 404


def test_a_drawing_runs_nothing(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "![x](evil.svg)", title="A")
    (archive.content / "evil.svg").write_text("<svg><script>alert(1)</script></svg>")
    archive.build()
    with archive.app().test_client().get("/media/evil.svg") as response:
        assert response.status_code == 200
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert "script-src" not in response.headers["Content-Security-Policy"]


# -- what is not there ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/essay/missing", "/essay/secret", "/essay/secret.md", "/browse/nothing",
     "/browse/page", "/essay/", "/searches/", f"/{EVIL}", f"/essay/{EVIL}", "/%FF", "/essay/%FF",
     "/browse/%00", "/essay/%00"],
)  # fmt: skip
def test_404(client: FlaskClient, path: str) -> None:
    root = page(client, quote(path, safe="/%"), 404)
    harmless(root)
    assert root.xpath("//form[@role='search']")
    assert "/search" in set(links(root))


def test_404_asks_for_the_words_of_the_address(client: FlaskClient) -> None:
    root = page(client, "/essay/counting-sparrows.html", 404)
    assert root.xpath("//input[@name='q']")[0].get("value") == "counting sparrows"


@pytest.mark.parametrize(
    ("query", "name"),
    [("sort=best", "sort"), ("page=0", "page"), ("per_page=1000", "per_page"),
     ("importance_min=lots", "importance_min")],
)  # fmt: skip
def test_400(client: FlaskClient, query: str, name: str) -> None:
    root = page(client, f"/search?q=model&{query}", 400)
    assert name in root.text_content()
    assert root.xpath("//form[@role='search']")


def test_405(client: FlaskClient) -> None:
    response = client.post("/search", data={"q": "x"})
    assert (response.status_code, response.mimetype) == (405, "text/html")


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/browse", "/browse/tag", "/essay/x"])
def test_503_without_an_index(make: Callable[..., Archive], path: str) -> None:
    client = make().app().test_client()
    root = page(client, path, 503)
    assert "essays index" in root.text_content()
    assert client.get(path).headers["Retry-After"]


def test_503_with_a_damaged_index(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "Text", title="A")
    archive.build()
    (archive.index / "current").write_text("{}")
    page(archive.app().test_client(), "/search", 503)


def test_drafts_are_on_no_page(client: FlaskClient) -> None:
    for path in ("/", "/search?per_page=100", "/browse", "/browse/tag", "/browse/category",
                 "/browse/year", "/search?q=is:featured"):  # fmt: skip
        text = client.get(path).get_data(as_text=True)
        assert "Zanzibar" not in text
        assert "Hidden<" not in text
        assert "Secret<" not in text


def test_the_front_page_shows_what_is_featured_and_new(client: FlaskClient) -> None:
    root = page(client, "/")
    text = root.text_content()
    assert "The Small Archive" in text
    assert "25 essays" in text
    assert {"/essay/hello", "/essay/quotes", f"/essay/{ML}"} <= set(links(root))


def test_an_empty_archive_has_every_page(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    client = archive.app().test_client()
    for path in ("/", "/search", "/search?q=x&tag=y&certainty_min=3", "/browse", "/browse/tag"):
        page(client, path)


def test_browsing_counts_every_value(client: FlaskClient) -> None:
    root = page(client, "/browse/category")
    shown = {link.removeprefix("/category/") for link in links(root)}
    assert {"Nature", "Anime", "Fiction", "Mathematics"} <= shown
    assert "Hidden" not in shown


def test_head_is_answered(client: FlaskClient) -> None:
    response = client.head("/search?q=model")
    assert (response.status_code, response.get_data()) == (200, b"")


CORRECTIONS = [
    ("sparow", "Showing results for sparrow (no results for “sparow”).", "sparrow",
     "2 essays, for sparrow"),
    ("sparow OR owl", "Did you mean sparrow OR owl?", "sparrow OR owl",
     "1 essay, or did you mean sparrow OR owl?"),
]  # fmt: skip


@pytest.mark.parametrize(("q", "line", "link", "told"), CORRECTIONS)
def test_a_correction_is_said_linked_and_told(
    client: FlaskClient, q: str, line: str, link: str, told: str
) -> None:
    root = page(client, f"/search?q={quote(q)}&year=2023&year=2022")
    (note,) = root.xpath("//p[@class='note']")
    assert " ".join(note.text_content().split()) == line
    (anchor,) = note.findall("a")
    assert parse_qs(urlsplit(anchor.get("href", "")).query) == {
        "q": [link], "year": ["2023", "2022"],
    }  # fmt: skip
    assert root.xpath("string(//*[@class='tally']/@data-told)") == told
    assert root.xpath("string(//input[@name='q'][@type='search']/@value)") == q


def test_what_was_corrected_is_marked_on_the_page_of_a_hit(client: FlaskClient) -> None:
    root = page(client, "/essay/birds/sparrows?q=sparow")
    assert "sparrow" in {mark.text_content() for mark in root.iter("mark")}
    listed = page(client, "/search?q=sparow")
    assert [mark.text_content() for mark in listed.iter("mark")][:1] == ["sparrows"]


def test_a_correction_is_escaped(client: FlaskClient) -> None:
    root = page(client, "/search?q=" + quote("sparow <img src=x>"))
    assert not root.xpath("//img[@src='x']")
