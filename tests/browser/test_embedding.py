"""<essay-search> on a page of another site, which allows nothing but this script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.elsewhere import site as other_site

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A blog</title>
<script src="{server}/static/essay-search.js" async></script></head>
<body><main><h1>A blog</h1>
<essay-search limit="3"></essay-search>
<essay-search id="birds" lang="de" theme="dark" filters="?tag=Birds&amp;certainty_min=20"
  placeholder="Vögel"></essay-search>
<essay-search id="down" src="http://127.0.0.1:1999" label="Broken"></essay-search>
</main></body></html>
"""


@pytest.fixture(scope="module")
def site(serve: Callable[..., Server], small: Archive) -> str:
    return serve(small, ready="/readyz").address


@pytest.fixture(scope="module")
def opened(browser: Browser, site: str) -> Iterator[Page]:
    """The page, as the tests use it one after another; nothing on it may break its policy."""
    policy = (
        f"default-src 'none'; script-src {site}; connect-src {site} http://127.0.0.1:1999; "
        "require-trusted-types-for 'script'; form-action 'none'"
    )
    wrong: list[str] = []
    with other_site({"index.html": PAGE.format(server=site).encode()}, policy) as address:
        page = browser.new_page(viewport={"width": 900, "height": 900})
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda it: wrong.append(it.text) if it.type == "error" else None)
        page.goto(address)
        yield page
        page.close()
    # The archive that is down is asked all the same, and so is the icon of the page.
    assert [each for each in wrong if not re.search("REFUSED|404", each)] == []


@pytest.fixture
def page(opened: Page) -> Page:
    """The same page, with nothing typed."""
    opened.reload()
    return opened


def box(page: Page, which: str = "essay-search") -> Locator:
    return page.locator(which).first.locator("input")


def options(page: Page, which: str = "essay-search") -> Locator:
    return page.locator(which).first.get_by_role("option")


def test_typing_lists_essays_with_marks(page: Page, site: str) -> None:
    box(page).press_sequentially("sparrow", delay=10)
    expect(options(page)).to_have_count(3)  # two essays, and the way to the archive
    first = options(page).first
    expect(first.locator(".title")).to_have_text("Counting sparrows")
    expect(first.locator("mark").first).to_have_text("sparrows")
    expect(first.locator(".about")).to_have_text("2023-05-17 · certainty possible")
    expect(page.locator("essay-search").first.get_by_role("status")).to_have_text("2 essays found")
    assert first.get_attribute("href") == f"{site}/essay/birds/sparrows"
    last = options(page).last
    expect(last).to_have_text("See all 2 in the archive")
    assert last.get_attribute("href") == f"{site}/search?q=sparrow"


def test_what_an_essay_says_is_text(page: Page) -> None:
    box(page).fill("friends")
    title = options(page).first.locator(".title")
    expect(title).to_have_text("<script>alert(1)</script> & friends")
    assert title.locator("script").count() == 0


def test_the_keyboard_does_it_all(page: Page, site: str) -> None:
    search = box(page)
    page.keyboard.press("Tab")
    expect(search).to_be_focused()
    expect(search).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("sparrow")
    expect(search).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    assert search.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", "option-0")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(search).to_have_attribute("aria-expanded", "false")
    expect(options(page).first).to_be_hidden()
    expect(search).to_have_value("sparrow")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/essay/birds/sparrows")
    page.go_back()
    box(page).fill("owl night")
    box(page).press("Enter")
    page.wait_for_url(f"{site}/search?q=owl+night")
    page.go_back()


def test_leaving_closes_and_coming_back_opens(page: Page) -> None:
    box(page).fill("sparrow")
    expect(options(page).first).to_be_visible()
    page.locator("h1").click()
    expect(options(page).first).to_be_hidden()
    box(page).focus()
    expect(options(page).first).to_be_visible()
    options(page).first.hover()
    page.mouse.down()
    expect(options(page).first).to_be_visible()
    page.mouse.move(5, 5)
    page.mouse.up()


def test_filters_language_and_labels(page: Page, site: str) -> None:
    expect(box(page, "#birds")).to_have_attribute("aria-label", "Essays durchsuchen")
    expect(box(page, "#birds")).to_have_attribute("placeholder", "Vögel")
    expect(box(page)).to_have_attribute("placeholder", "Search essays")
    box(page, "#birds").fill("the")
    status = page.locator("#birds").get_by_role("status")
    expect(status).to_have_text("2 Essays gefunden")
    archive = f"{site}/search?tag=Birds&certainty_min=20&q=the"
    assert options(page, "#birds").last.get_attribute("href") == archive
    page.locator("#birds").evaluate("it => it.setAttribute('filters', 'tag=Statistics')")
    expect(options(page, "#birds")).to_have_count(0)
    page.locator("#birds").evaluate("it => { it.lang = 'fr'; it.value = 'owl'; }")
    expect(status).to_have_text("Aucun essai trouvé")


def test_a_misspelt_word_and_nothing_found(page: Page) -> None:
    status = page.locator("essay-search").first.get_by_role("status")
    box(page).fill("motorcicle")
    expect(status).to_have_text("Showing results for motorcycle. 2 essays found")
    box(page).fill("zzzzzzzzz")
    expect(status).to_have_text("No essays found")
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    box(page).fill("")
    expect(status).to_have_text("")


def test_an_archive_that_is_down(page: Page) -> None:
    box(page, "#down").fill("owl")
    expect(page.locator("#down").get_by_role("status")).to_have_text(
        "The search cannot be reached just now"
    )


def test_it_is_styled_without_inline_styles_and_can_be_styled(page: Page) -> None:
    def style(which: str, name: str) -> str:
        script = f"it => getComputedStyle(it).getPropertyValue('{name}')"
        return str(box(page, which).evaluate(script))

    assert style("essay-search", "border-top-left-radius") != "0px"
    assert style("#birds", "color-scheme") == "dark"
    assert style("#birds", "background-color") != style("essay-search", "background-color")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    box(page).fill("sparrow")
    expect(options(page)).to_have_count(3)
    box(page).press("ArrowDown")
    page.evaluate(AXE)
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(each["id"], each["nodes"][0]["target"]) for each in report["violations"]] == []


def test_it_is_one_file_without_markup_from_text(root: Path) -> None:
    source = (root / "templates/static/essay-search.js").read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\bimport\b", source
    )
