"""Where has a reader arrived? The address of a page changes before its text has come."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as Late


def asked(page: Page) -> dict[str, list[str]]:
    """What the address of a page asks, without what it leaves blank."""
    return _asked(page.url)


def asks(page: Page, wanted: dict[str, list[str]]) -> None:
    """The address comes to ask exactly this, and the page that stands there is all there."""
    try:
        page.wait_for_url(lambda address: _asked(address) == wanted)
    except Late:
        assert asked(page) == wanted
        raise


def _asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)
