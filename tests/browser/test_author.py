"""Which questions of a reader who types are kept: those that were meant."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from app.query_log import QueryLog

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

pytestmark = pytest.mark.browser


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    made = make()
    made.write("one.md", "Of kelp.", title="Uno")
    (made.content / "essays.toml").write_text("[author]\nremember_searches = true\n")
    made.build()
    return made


def kept(archive: Archive, wanted: list[str]) -> list[str]:
    """What is kept, as soon as it is what is wanted; it is written a moment after an answer."""
    for _ in range(100):
        found = sorted(each.query for each in QueryLog(archive.index).all())
        if found == wanted:
            break
        time.sleep(0.05)
    return found


def test_half_a_word_is_no_question(
    browser: Browser, serve: Callable[..., Server], archive: Archive
) -> None:
    site = serve(archive, ready="/readyz").address
    page = browser.new_page()
    page.goto(f"{site}/search?q=kelp")
    box = page.locator("#page--search input[type=search]").first
    for half in ("zan", "zanzi", "zanzibar"):
        box.fill(half)
        expect(page).to_have_title(re.compile(half))
        expect(page.locator(".nothing")).to_be_visible()
    # A request without the mark of typing, so that what is kept is kept by now.
    urllib.request.urlopen(f"{site}/api/v1/search?q=owls").close()
    assert kept(archive, ["owls"]) == ["owls"]
    box.press("Enter")
    assert kept(archive, ["owls", "zanzibar"]) == ["owls", "zanzibar"]
    box.fill("quag")
    box.fill("quagmire")
    box.press("Enter")
    assert kept(archive, ["owls", "quagmire", "zanzibar"]) == ["owls", "quagmire", "zanzibar"]
    page.close()
