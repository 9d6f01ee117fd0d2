"""The widgets of InstantSearch in a browser, on a page of another site: the example of the docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.elsewhere import site as other_site

pytestmark = pytest.mark.browser

#: Where each version of the client has the file that the page loads.
CLIENTS = {
    4: "algoliasearch-v4/dist/algoliasearch-lite.umd.js",
    5: "algoliasearch/dist/lite/builds/browser.umd.js",
}


def files(root: Path, packages: Path, server: str, version: int) -> dict[str, bytes]:
    """The example, set up as its README says."""
    folder = root / "docs/examples/instantsearch"
    found = {
        name: (folder / name).read_bytes() for name in ("index.html", "search.js", "style.css")
    }
    found["index.html"] = found["index.html"].replace(b"http://127.0.0.1:8000", server.encode())
    modules = packages / "node_modules"
    found["algoliasearch-lite.umd.js"] = (modules / CLIENTS[version]).read_bytes()
    found["instantsearch.production.min.js"] = (
        modules / "instantsearch.js/dist/instantsearch.production.min.js"
    ).read_bytes()
    return found


@pytest.fixture(scope="module")
def page(browser: Browser, root: Path, packages: Path, site: str) -> Iterator[Page]:
    """The page as it is opened, with version 4 of the client; the tests go on from there."""
    wrong: list[str] = []
    with other_site(files(root, packages, site, 4)) as address:
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda it: wrong.append(it.text) if it.type == "error" else None)
        page.goto(address)
        yield page
        page.close()
    assert [text for text in wrong if "favicon" not in text and "404" not in text] == []


def shown(page: Page, number: int) -> None:
    """Wait until so many results are said to be found."""
    expect(page.locator("#stats")).to_contain_text(re.compile(rf"^{number} results? found"))


def titles(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("article h3").all_text_contents()]


def clear(page: Page) -> None:
    page.locator("#searchbox input").fill("")
    button = page.locator("#clear button")
    if button.is_enabled():
        button.click()
    expect(button).to_be_disabled()
    shown(page, 25)


def test_everything_is_there_at_first(page: Page) -> None:
    shown(page, 25)
    expect(page.locator("article")).to_have_count(6)
    expect(page.locator("#tags li")).to_have_count(6)
    expect(page.locator("#tags li").first).to_contain_text("Serial")
    expect(page.locator("#certainty .rheostat-tooltip").last).to_have_text("100")
    expect(page.locator("#clear button")).to_be_disabled()


def test_typing_finds_and_marks(page: Page) -> None:
    page.locator("#searchbox input").press_sequentially("sparr", delay=20)
    shown(page, 2)
    expect(page.locator("article h3 mark")).to_have_text("sparrows")
    expect(page.locator("article p mark").first).to_have_text(re.compile("sparrow", re.IGNORECASE))
    assert page.locator("article a").first.get_attribute("href", timeout=1000)
    page.locator("#searchbox input").fill("friends")
    shown(page, 1)
    # What the author wrote is text, whatever it looks like.
    assert titles(page) == ["<script>alert(1)</script> & friends"]
    clear(page)


def test_refining_counts_what_each_value_would_bring(page: Page) -> None:
    def tag(name: str) -> str:
        return (
            page.locator("#tags li", has_text=name)
            .locator(".ais-RefinementList-count")
            .inner_text()
        )

    page.locator("#tags label", has_text="Birds").click()
    shown(page, 2)
    assert (tag("Birds"), tag("Serial")) == ("2", "6")
    page.locator("#tags label", has_text="Serial").click()
    shown(page, 8)
    page.locator("#status label", has_text="Finished").click()
    shown(page, 6)
    assert (tag("Birds"), tag("Serial")) == ("0", "6")
    clear(page)


def test_values_are_searched(page: Page) -> None:
    box = page.locator("#tags .ais-SearchBox-input")
    box.fill("lear")
    expect(page.locator("#tags li")).to_have_count(2)
    expect(page.locator("#tags mark").first).to_have_text("Lear")
    page.locator("#tags label", has_text="Machine Learning").click()
    shown(page, 1)
    clear(page)


def test_ranges(page: Page) -> None:
    low = page.locator("#certainty .rheostat-handle-lower")
    for step in range(10, 80, 10):
        # The slider is drawn anew with the answer, and a key that comes before that is lost.
        with page.expect_response("**/queries?*"):
            low.press("PageUp")
        expect(low).to_have_attribute("aria-valuenow", str(step))
    expect(page.locator("#certainty .rheostat-tooltip").first).to_have_text("70")
    shown(page, 6)
    clear(page)
    page.locator("#importance input").first.fill("8")
    page.locator("#importance button").click()
    shown(page, 2)
    clear(page)
    page.locator("#year label", has_text="2022 and 2023").click()
    shown(page, 3)
    page.locator("#year label", has_text="Before 2022").click()
    shown(page, 15)
    clear(page)


def test_pages_and_orders(page: Page) -> None:
    page.locator("#pages a", has_text="2").click()
    expect(page.locator("#pages .ais-Pagination-item--selected")).to_have_text("2")
    expect(page.locator("article")).to_have_count(6)
    page.locator("#pages a[aria-label^='Last']").click()
    expect(page.locator("article")).to_have_count(1)
    page.locator("#sort select").select_option("essays_newest")
    expect(page.locator("article h3").first).to_have_text("Hello, reader")
    page.locator("#sort select").select_option("essays_title")
    expect(page.locator("article h3").nth(1)).to_have_text("Akira, revisited")
    page.locator("#sort select").select_option("essays")


def test_nothing_found(page: Page) -> None:
    page.locator("#searchbox input").fill("zzzzzzzzz")
    expect(page.locator("#hits")).to_contain_text("No essays found for “zzzzzzzzz”.")
    clear(page)


def test_the_newer_client_does_as_well(page: Page, root: Path, packages: Path, site: str) -> None:
    with other_site(files(root, packages, site, 5)) as address:
        page.goto(address)
        shown(page, 25)
        page.locator("#searchbox input").fill("owl")
        shown(page, 1)
        expect(page.locator("article h3 mark")).to_have_text("Owls")
