"""An exported site in a real browser: from a plain host below a path, and from the disk."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.datastructures import MultiDict

from app.export.export import export
from app.web import params
from tests.browser.conftest import Reading
from tests.browser.test_accessibility import AXE

if TYPE_CHECKING:
    from tests.conftest import Archive

pytestmark = pytest.mark.browser


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def folder(small: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The host's folder, with the site below the path /some/site/."""
    root = tmp_path_factory.mktemp("host")
    settings = small.settings(rules=small.rules, title="The Small Archive")
    export(settings, root / "some/site")
    return root


@pytest.fixture(scope="module")
def host(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def settled(page: Page) -> None:
    page.wait_for_function(
        "document.getElementById('page--told').textContent"
        " && !document.getElementById('page--found').hasAttribute('aria-busy')"
        # Results that are awaited are pale, and turn back by and by.
        " && !document.getAnimations().length"
    )


def slugs(page: Page) -> list[str]:
    paths = page.evaluate("[...document.querySelectorAll('.hits h2 a')].map(a => a.pathname)")
    return [unquote(path).split("/essay/", 1)[1].removesuffix("/index.html") for path in paths]


#: Parameters whose results are those of the server, in its order where words do not decide it.
SAME = [
    "tag=Birds", "tag=birds&tag=XAI", "tag=Birds&category=Nature&status=Draft", "mood=calm",
    "certainty_min=50&certainty_max=80", "importance_min=6.5", "certainty=unrated",
    "year=2014&sort=title", "sort=updated", "sort=importance", "sort=certainty", "sort=title",
    "page=2", "q=sparrow", "q=interpreting", "q=explanations", "q=motorcycle+anime",
    "q=motorcycle+-anime", "q=sparrow+OR+owl", "q=(sparrow+OR+owl)+-census", "q=interp*",
    "q=certainty%3A%3E%3Dlikely&sort=newest", "q=importance%3A5..8&sort=title",
    "q=date%3A2024&sort=newest", "q=date%3A2013..2014-01&sort=newest",
    "q=updated%3A%3C2024-03-02&sort=newest", "q=is%3Afeatured", "q=unrated%3Acertainty",
    "q=status%3A%3E0+status%3A%3C100", "q=tag%3A%22deep+learning%22", "q=naive+garden",
    "q=Straße", "q=tag%3Ano", "q=nothinglikeit", "q=-tag%3Abirds+has%3Abibliography",
    "q=%F0%9F%A6%89", "q=don%E2%80%99t", "q=l%27homme",
    "q=(updated%3A%3C2020+OR+(date%3A%3C2020+-has%3Aupdated))&sort=newest",
]  # fmt: skip


def test_results_are_those_of_the_server(reading: Reading, host: str, small: Archive) -> None:
    """Filters, ranges, orders, fields and words, by the engine over the same essays."""
    wrong = []
    with reading(host) as page:
        for query in SAME:
            page.goto(f"/some/site/search/index.html?{query}")
            settled(page)
            asked = params.parse(MultiDict(parse_qsl(query)), small.rules.facets)
            found = small.engine.search(asked)
            there, here = [hit.essay.slug for hit in found.hits], slugs(page)
            if found.sort == "relevance" and found.corrected is None:
                there, here = sorted(there), sorted(here)
            if there != here and found.corrected is None:
                wrong.append((query, there, here))
    assert wrong == []


def test_a_reader_searches_and_filters(reading: Reading, host: str, small: Archive) -> None:
    with reading(host) as page:
        page.goto("/some/site/index.html")
        page.get_by_role("searchbox").fill("birds")
        page.keyboard.press("Enter")
        page.wait_for_url("**/some/site/search/index.html?q=birds")
        settled(page)
        assert sorted(slugs(page)) == sorted(small.slugs("birds"))
        tag = page.locator("[data-facet=tag]")
        expect(tag.get_by_label("Statistics").locator("xpath=../span[2]")).to_contain_text("1")
        tag.get_by_label("Statistics").check()
        page.wait_for_url("**tag=Statistics")
        settled(page)
        assert slugs(page) == ["birds/sparrows"]
        # The counts of a facet leave its own choice out, as the server's do.
        counts = small.search("birds", filters={"tag": ("Statistics",)}).counts.facets["tag"]
        shown = page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('[data-facet=tag] li:not([hidden])')]"
            ".map(li => [li.querySelector('input').value,"
            " parseInt(li.querySelector('.count').textContent)]))"
        )
        assert shown == {each.value: each.count for each in counts if each.count}
        page.get_by_role("link", name="Remove tag: Statistics").click()
        settled(page)
        assert sorted(slugs(page)) == sorted(small.slugs("birds"))
        page.go_back()
        settled(page)
        assert slugs(page) == ["birds/sparrows"]
        expect(tag.get_by_label("Statistics")).to_be_checked()
        page.goto("/some/site/search/index.html?q=sparrow")
        expect(page.locator(".hits h2 mark").first).to_have_text("sparrows")
        page.locator(".hits h2 a").first.click()
        page.wait_for_url("**/essay/birds/sparrows/index.html")
        expect(page.get_by_role("heading", level=1)).to_have_text("Counting sparrows")


def test_pages_lead_to_one_another(reading: Reading, host: str) -> None:
    with reading(host) as page:
        page.goto("/some/site/")
        for name, heading in (("Browse", "All subjects"), ("Map", "The map")):
            page.get_by_role("navigation", name="Site").get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.get_by_role("link", name="Random").click()
        page.wait_for_url("**/essay/**")
        page.keyboard.press("/")
        page.keyboard.type("sparow")
        page.keyboard.press("Enter")
        settled(page)
        expect(page.locator("#page--found")).to_contain_text("No essay has “sparow”.")
        page.goto("/some/site/essay/birds/owls/index.html")
        page.get_by_role("link", name="the sparrows").click()
        page.wait_for_url("**/sparrows/index.html#method")


def test_words_are_loaded_when_they_are_asked_for(reading: Reading, host: str) -> None:
    loaded: list[str] = []
    with reading(host) as page:
        page.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[-1]))
        page.goto("/some/site/essay/shap/index.html")
        assert not [name for name in loaded if name.startswith(("index.js", "words", "hits"))]
        page.goto("/some/site/search/index.html")
        page.wait_for_function("typeof essays === 'object'")
        assert not [name for name in loaded if name.startswith(("words", "hits"))]
        page.goto("/some/site/search/index.html?" + urlencode({"tag": "Birds"}))
        settled(page)
        assert not [name for name in loaded if name.startswith("words")]
        assert [name for name in loaded if name.startswith("hits")]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_has_nothing_to_say_of_results(browser: Browser, host: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 860})
    page = context.new_page()
    found: list[str] = []
    for query in ("q=learning&tag=XAI", "tag=Birds&certainty_min=10", "q=zzzxq&tag=XAI", "page=2"):
        page.goto(f"{host}/some/site/search/index.html?{query}")
        settled(page)
        page.evaluate(AXE)
        report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [f"{query}: {each['id']}: {each['nodes'][0]['html'][:120]}"
                  for each in report["violations"]]  # fmt: skip
    context.close()
    assert found == []


def test_from_the_disk(browser: Browser, folder: Path) -> None:
    """Pages, styles and the search, as far as a browser allows."""
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.goto((folder / "some/site/index.html").as_uri())
    page.get_by_role("searchbox").fill("sparrow census")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=sparrow*")
    settled(page)
    assert slugs(page) == ["birds/sparrows"]
    page.locator("[data-facet=category]").get_by_label("Nature").check()
    settled(page)
    page.locator(".hits h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Counting sparrows")
    assert page.evaluate("getComputedStyle(document.body).fontFamily") != "Times New Roman"
    context.close()
    assert wrong == []


def test_without_scripts_every_essay_is_listed(browser: Browser, host: str, small: Archive) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{host}/some/site/search/index.html")
    assert page.locator(".hits h2 a").count() == min(20, len(small.slugs()))
    context.close()
