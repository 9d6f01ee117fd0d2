"""The author's page: who sees it, what it says, and that every line of it leads somewhere; what
searches leave behind; what a copy's page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.query_log import QueryLog
from app.search.query.curation import Curation

if TYPE_CHECKING:
    from tests.conftest import Archive

TEXT = """
A hedge is a policy that somebody planted once and that others keep for a hundred years without
ever having been asked. It joins what a fence would part, it feeds what a wall would starve.
"""


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    """One essay for everything that there is to see to."""
    made = make()
    made.write("hedge.md", TEXT, title="A hedge", tags=["Trees", "Policy"], status="Finished")
    made.write("copy.md", TEXT + "Or so.", title="<i>Copied</i>", tags=["Tree"], certainty="Hunch")
    made.write("links.md", "[[Unwritten & more]], [gone](gone.md), [[A hedge]].", title="Linking",
               status="Notes", date="2019-05-01", importance=3)  # fmt: skip
    made.write("draft.md", TEXT, title="Zanzibar plans", tags=["Secret"], draft=True)
    made.curation = Curation(pins={"green <walls>": ("hedge", "gone/for-good", "draft")})
    made.build()
    return made


def page(app: Flask, address: str = "/author") -> str:
    response = app.test_client().get(address)
    assert response.status_code == 200
    return response.text


def part(text: str, name: str) -> str:
    found = re.search(rf'aria-labelledby="page--{name}">(.*?)</section>', text, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "203.0.113.7"])
def test_nobody_sees_the_page_unasked(archive: Archive, peer: str) -> None:
    client = archive.app().test_client()
    answer = client.get("/author", environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == 404
    assert "/author" not in client.get("/").text


def test_where_it_was_asked_for(archive: Archive) -> None:
    app = archive.app(author_page=True)
    answer = app.test_client().get("/author")
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert 'href="/author" aria-current="page"' in answer.text
    assert 'href="/author"' in page(app, "/browse")


#: The part of the page, and what it says there.
SAYS = [
    ("copies", ["A hedge", "&lt;i&gt;Copied&lt;/i&gt;", "% the same"]),
    ("broken", ["gone.md", "Linking"]),
    ("unwritten", ["unwritten &amp; more", "Linking"]),
    ("stray-pins", ["green &lt;walls&gt;", "pins “gone/for-good”", "pins “draft”"]),
    ("stale", ["Linking", "Notes · 2019-05-01"]),
    ("unrated", ["Status", "Certainty", "Importance"]),
    ("drift", ["Hunch"]),
    ("spellings", ["Trees", "Tree"]),
    ("used-once", ["Policy", "A hedge"]),
    ("orphans", ["Linking", "&lt;i&gt;Copied"]),
    ("without-links", ["A hedge"]),
]


@pytest.mark.parametrize(("name", "words"), SAYS)
def test_what_it_says(archive: Archive, name: str, words: list[str]) -> None:
    text = page(archive.app(author_page=True))
    for word in words:
        assert word in part(text, name), (name, word)
    assert "pins “hedge”" not in text
    assert "Zanzibar" not in text
    assert "Secret" not in text


def test_every_line_leads_somewhere(archive: Archive) -> None:
    app = archive.app(author_page=True)
    text = page(app)
    main = text[text.index("<main") : text.index("</main")]
    links = {unescape(link) for link in re.findall(r'href="([^"#]+)"', main)}
    assert len(links) > 8
    for link in links:
        found = page(app, link)
        assert "Nothing in the archive answers" not in found, link


def test_an_archive_with_nothing_to_see_to(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    text = page(archive.app(author_page=True))
    assert "Nothing found under: nearly the same text," in text
    assert "<section" not in text


# -- searches that find nothing -------------------------------------------------------------------


def kept(app: Flask) -> list[str]:
    memory: QueryLog = app.extensions["remembered"]
    memory.settle(10)
    return sorted(each.query for each in memory.all())


def test_nothing_is_kept_unasked(archive: Archive) -> None:
    app = archive.app()
    page(app, "/search?q=kelpie")
    page(app, "/api/v1/search?q=kelpie")
    assert app.extensions["remembered"] is None
    assert not list(archive.index.glob("searches*"))
    assert "Searches that find nothing are not recorded" in page(archive.app(author_page=True))


#: Address, headers, and whether the search is one to keep.
ASKED: list[tuple[str, dict[str, str], bool]] = [
    ("/search?q=kelpie", {}, True),
    ("/api/v1/search?q=kelpie", {}, True),
    ("/search?q=kelpie", {"X-Typing": "1"}, False),
    ("/api/v1/search?q=kelpie", {"X-Typing": "1"}, False),
    ("/search?q=hedge", {}, False),
    ("/search?q=kelpie&tag=Trees", {}, False),
    ("/search?q=kelpie&page=2", {}, False),
    ("/api/v1/suggest?q=kelpie", {}, False),
    ("/api/v1/facets?q=kelpie", {}, False),
    ("/map?q=kelpie", {}, False),
    ("/search", {}, False),
]


@pytest.mark.parametrize(("address", "headers", "wanted"), ASKED)
def test_which_searches_are_kept(
    archive: Archive, address: str, headers: dict[str, str], wanted: bool
) -> None:
    app = archive.app(remember_searches=True)
    assert app.test_client().get(address, headers=headers).status_code == 200
    assert kept(app) == (["kelpie"] if wanted else [])


def test_a_question_that_is_only_looked_at_is_kept(archive: Archive) -> None:
    """What the page asks when typed words that found nothing are sent."""
    app = archive.app(remember_searches=True)
    assert app.test_client().head("/search?q=kelpie").status_code == 200
    assert kept(app) == ["kelpie"]


def test_a_list_of_what_is_nearest_is_no_answer(archive: Archive) -> None:
    app = archive.app(remember_searches=True)
    archive.write("river.md", "A river runs to the sea.", title="River")
    archive.build()
    assert "River" in page(app, "/search?q=river+kelpie")
    assert "River" in page(app, "/search?q=river+sea")
    assert kept(app) == ["river kelpie"]


def test_what_was_kept_is_shown_and_survives_a_full_build(archive: Archive) -> None:
    app = archive.app(remember_searches=True, author_page=True)
    assert "No search without results has been recorded yet" in page(app)
    page(app, "/search?q=kel%26pie")
    assert kept(app) == ["kel&pie"]
    archive.write("new.md", "x")
    archive.build(full=True)
    found = part(page(app), "searches")
    assert 'href="/search?q=kel%26pie"' in found
    assert "one day, last" in found


def test_a_damaged_memory_is_said(archive: Archive) -> None:
    (archive.index / "searches.sqlite").write_bytes(b"no database, for sure. " * 100)
    text = page(archive.app(author_page=True))
    assert "essays stats --forget" in text
    assert "cannot be read" in text
    app = archive.app(remember_searches=True)
    page(app, "/search?q=kelpie")


def test_a_disk_that_cannot_be_written_fails_no_search(archive: Archive) -> None:
    (archive.index / "searches.sqlite").mkdir()
    app = archive.app(remember_searches=True)
    page(app, "/search?q=kelpie")
    app.extensions["remembered"].settle(10)
    page(app, "/search?q=kelpie")


# -- copies ---------------------------------------------------------------------------------------


def test_a_copy_says_so(archive: Archive) -> None:
    client = archive.app().test_client()
    text = client.get("/essay/hedge").text
    assert re.search(r'Nearly the same text: <a href="/essay/copy"[^>]*>&lt;i&gt;Copied', text)
    assert "Nearly the same text" not in client.get("/essay/links").text
    said = client.get("/api/v1/essays/hedge").get_json()["duplicates"]
    assert [(each["slug"], each["url"], each["title"]) for each in said] == [
        ("copy", "/essay/copy", "<i>Copied</i>")
    ]
    assert 0.5 <= said[0]["resemblance"] < 1
    assert client.get("/api/v1/essays/links").get_json()["duplicates"] == []


def test_words_as_a_reason(client: FlaskClient, make: Callable[..., Archive]) -> None:
    archive = make()
    for name in ("one", "two"):
        archive.write(f"{name}.md", f"Calibration of forecasts. A forecast & calibration. {name}.",
                      title=f"Essay {name}")  # fmt: skip
    for n, text in enumerate(("Loaves in the oven.", "Geese fly south.", "A tax on wages.")):
        archive.write(f"other-{n}.md", text, title=text)
    archive.build()
    text = archive.app().test_client().get("/essay/one").text
    assert re.search(r'both mention <i[^>]* dir="auto">(?:calibration|forecasts?), ', text)
    assert "Related essays" not in archive.app().test_client().get("/essay/other-0").text
