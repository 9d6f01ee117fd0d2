"""A real browser, and readers in it who notice what goes wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE = {"width": 1200, "height": 900}
#: Kinds of readers whose contexts stay open at a time.
KEPT = 4

#: Opens a page over an address; options are those of a context of the browser.
Reading = Callable[..., AbstractContextManager[Page]]


def launched(playwright: Playwright) -> Browser:
    """The browser that every test and picture of the pages uses."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("ESSAYS_BROWSER") == "required":
            pytest.fail(f"{CHROMIUM} is required and not there")
        pytest.skip(f"{CHROMIUM} is not there")
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(serve: Callable[..., Server], small: Archive) -> str:
    """The address of the small archive; a file with an archive of its own says so."""
    (small.home / "essays.toml").write_text('facets = ["mood"]\n')
    return serve(small, ready="/readyz").address


class Contexts:
    """The contexts of a browser, one for each kind of reader, used again by the next test.

    A page stays open in each, and with it the process that draws the pages of the site: to start
    that takes longer than most tests do.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._kept: dict[str, BrowserContext] = {}

    def of(self, address: str, **options: Any) -> BrowserContext:
        """A context that has nothing of what another test left in it."""
        kind = repr((address, sorted(options.items())))
        if kind not in self._kept:
            if len(self._kept) == KEPT:
                self._kept.pop(next(iter(self._kept))).close()
            self._kept[kind] = self._browser.new_context(base_url=address, **options)
            self._kept[kind].new_page().goto("/healthz")
        context = self._kept[kind]
        first, *others = context.pages
        for page in others:
            page.close()
        context.clear_cookies()
        first.evaluate("localStorage.clear()")
        return context


@pytest.fixture(scope="session")
def reading(browser: Browser) -> Reading:
    """A page that asks no other host for anything and complains of nothing; one that is made to
    fail may say so."""

    contexts = Contexts(browser)

    @contextmanager
    def opened(address: str, *, failing: bool = False, **options: Any) -> Iterator[Page]:
        page = contexts.of(address, **{"viewport": WIDE, **options}).new_page()
        page.set_default_timeout(5000)
        wrong: list[str] = []

        def asked(request: Request) -> None:
            if not request.url.startswith((address + "/", "data:")):
                wrong.append(f"asked elsewhere: {request.url}")

        def failed(request: Request) -> None:
            # What a reader interrupts by going on is no failure.
            if request.failure != "net::ERR_ABORTED":
                wrong.append(f"{request.failure}: {request.url}")

        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", asked)
        if not failing:
            page.on("requestfailed", failed)
            page.on("console", lambda it: wrong.append(it.text) if it.type == "error" else None)
        yield page
        page.close()
        assert wrong == []

    return opened
