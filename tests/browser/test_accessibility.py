"""What would axe-core object to? Nothing, on any kind of page, in both themes, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

PAGES = {
    "home": "/",
    "search": "/search?q=learning&tag=XAI",
    "every essay": "/search",
    "no results": "/search?q=zzzxq&tag=XAI",
    "essay": "/essay/machine-learning-interpretability?q=interpretability",
    "browse": "/browse",
    "tags": "/browse/tag",
    "tag": "/tag/XAI",
    "map": "/map",
    "api": "/api/v1/docs",
    "changes": "/changes",
    "map as a table": "/map?view=table",
    "author": "/author",
    "404": "/essay/no-such-essay",
    "400": "/search?page=0",
}

#: Where a page may run no scripts its timers stand still; those of axe then end at once.
NO_TIMERS = "window.setTimeout = (f, _, ...all) => void Promise.resolve().then(() => f(...all))"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(serve: Callable[..., Server], small: Archive) -> str:
    return serve(small, "--author", ready="/readyz").address


#: Pages that a theme which was chosen is looked at on: its colours are those of the system's.
SOME = ("home", "search", "essay")
#: What the system wants, what the reader chose, whether scripts run, the width, and the pages.
READERS = {
    f"{width}-{system}{f' but {chosen} by choice' if chosen else ''}{'' if scripts else ', plain'}":
        (width, system, chosen, scripts, pages)
    for width, system, chosen, scripts, pages in (
        (1280, "light", None, True, PAGES),
        (1280, "dark", None, True, PAGES),
        (390, "light", None, True, PAGES),
        (390, "dark", None, True, PAGES),
        (1280, "light", None, False, PAGES),
        (390, "dark", None, False, PAGES),
        (1280, "dark", "light", True, SOME),
        (390, "light", "dark", True, SOME),
    )
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_axe_has_nothing_to_say(browser: Browser, site: str, reader: str) -> None:
    width, system, chosen, scripts, pages = READERS[reader]
    scheme: Any = system
    # axe is brought in from outside the page, which the page's own policy forbids.
    context = browser.new_context(
        viewport={"width": width, "height": 860}, color_scheme=scheme, bypass_csp=True,
        java_script_enabled=scripts,
    )  # fmt: skip
    if chosen:
        context.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
    page = context.new_page()
    found: list[str] = []
    for name in pages:
        page.goto(site + PAGES[name])
        if chosen:
            assert page.locator("html").get_attribute("data-theme") == chosen
        if not scripts:
            page.evaluate(NO_TIMERS)
        page.evaluate(AXE)
        report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [
            f"{name}: {each['impact']} {each['id']}: {each['nodes'][0]['html'][:120]}"
            for each in report["violations"]
        ]
    context.close()
    assert found == []
