"""The map with a mouse, with a keyboard, on a telephone; with JavaScript and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.arriving import asked, asks

if TYPE_CHECKING:
    from tests.browser.conftest import Reading

NARROW = 390
TALL = {"width": 1200, "height": 1000}

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(reading: Reading, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with reading(site, java_script_enabled=request.param, viewport=TALL) as page:
        yield page


@pytest.fixture
def scripted(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, viewport=TALL) as page:
        yield page


def at(page: Page, certainty: float, importance: float) -> tuple[float, float]:
    """Where a rating stands on the screen."""
    frame = page.locator(".chart").bounding_box()
    pad = float(page.locator(".plot").get_attribute("data-pad") or "nan")
    assert frame
    room = (100 - 2 * pad) / 100
    return (
        frame["x"] + frame["width"] * (pad / 100 + room * certainty / 100),
        frame["y"] + frame["height"] * (1 - pad / 100 - room * importance / 10),
    )


def test_marks_stand_where_their_ratings_say(page: Page) -> None:
    page.goto("/map")
    mark = page.locator(".dots a[href='/essay/shap'] use").bounding_box()
    assert mark
    x, y = at(page, 90, 8)
    assert abs(mark["x"] + mark["width"] / 2 - x) < 1.5
    assert abs(mark["y"] + mark["height"] / 2 - y) < 1.5


def test_a_mark_says_its_name_and_leads_to_its_essay(page: Page) -> None:
    page.goto("/map")
    mark = page.get_by_role("link", name=re.compile("^SHAP, explained slowly — 90% certain"))
    label = page.locator(".dots a[href='/essay/shap'] text")
    expect(label).to_be_hidden()
    mark.locator("use").hover()
    expect(label).to_be_visible()
    mark.locator("use").click()
    page.wait_for_url("**/essay/shap")


def test_the_keyboard_reaches_every_mark(page: Page) -> None:
    page.goto("/map")
    marks = page.locator(".dots a")
    page.locator("[href='#page--after']").focus()
    page.keyboard.press("Tab")
    expect(marks.first).to_be_focused()
    expect(marks.first.locator("text")).to_be_visible()
    expect(marks.first.locator("use")).to_have_css("outline-style", "solid")
    for _ in range(marks.count() - 1):
        page.keyboard.press("Tab")
    expect(marks.last).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/essay/**")


def test_the_keyboard_passes_the_marks_by(page: Page) -> None:
    page.goto("/map")
    page.locator("[href='#page--after']").press("Enter")
    page.wait_for_url("**/map#page--after")
    page.keyboard.press("Tab")
    expect(page.locator(".named :focus")).to_have_count(1)


def test_a_square_is_a_search(page: Page) -> None:
    page.goto("/map?q=-owl")
    page.mouse.click(*at(page, 92, 8.6))
    page.wait_for_url("**/search?**")
    asks(page, {
        "q": ["-owl"], "certainty_min": ["90"], "certainty_max": ["100"], "importance_min": ["8"],
        "importance_max": ["8.999"],
    })  # fmt: skip
    expect(page.get_by_role("main")).to_contain_text("SHAP, explained slowly")


def test_a_named_part_is_a_search(page: Page) -> None:
    page.goto("/map")
    page.locator(".regions").get_by_text("important and certain").click()
    page.wait_for_url("**/search?**")
    asks(page, {"certainty_min": ["75"], "importance_min": ["7"]})
    page.go_back()
    page.get_by_role("link", name=re.compile("^Important but uncertain")).click()
    asks(page, {"certainty_max": ["50"], "importance_min": ["7"]})


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *(sum(pair) / 2 for pair in zip(start, end, strict=True))))
    page.mouse.move(*at(page, *end))


def test_a_drag_becomes_a_search(scripted: Page) -> None:
    scripted.goto("/map?category=Mathematics")
    drag(scripted, (95, 9), (55, 6))
    expect(scripted.locator(".chosen")).to_be_visible()
    scripted.mouse.up()
    scripted.wait_for_url("**/search?**")
    asks(scripted, {
        "category": ["Mathematics"], "certainty_min": ["55"], "certainty_max": ["95"],
        "importance_min": ["6"], "importance_max": ["9"],
    })  # fmt: skip
    titles = scripted.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()
    assert set(titles) == {"SHAP, explained slowly", "Newton's orchard"}


def test_a_drag_that_begins_on_a_mark_is_no_click(scripted: Page) -> None:
    scripted.goto("/map")
    drag(scripted, (90, 8), (100, 10))
    scripted.mouse.up()
    scripted.wait_for_url("**/search?**")
    assert asked(scripted)["importance_min"] == ["8"]


def test_a_drag_within_a_square_is_no_click_on_it(scripted: Page) -> None:
    scripted.goto("/map")
    drag(scripted, (92, 8.2), (98, 8.8))
    scripted.mouse.up()
    scripted.wait_for_url("**/search?**")
    scripted.wait_for_load_state()
    assert asked(scripted)["certainty_min"] == ["92"]


def test_escape_gives_a_drag_up(scripted: Page) -> None:
    scripted.goto("/map")
    drag(scripted, (20, 2), (60, 6))
    scripted.keyboard.press("Escape")
    expect(scripted.locator(".chosen")).to_have_count(0)
    scripted.mouse.up()
    scripted.wait_for_timeout(200)
    assert urlsplit(scripted.url).path == "/map"


def test_the_hint_is_there_for_those_who_can_drag(page: Page, request: Any) -> None:
    page.goto("/map")
    hint = page.get_by_text("Drag across the map")
    if request.node.callspec.params["page"]:
        expect(hint).to_be_visible()
    else:
        expect(hint).to_be_hidden()


def test_the_table_says_what_the_map_shows(page: Page) -> None:
    page.goto("/map?category=Mathematics")
    page.get_by_text("The essays as a table").click()
    table = page.get_by_role("table", name=re.compile("Essays on the map"))
    expect(table.get_by_role("row", name=re.compile("SHAP.*90%.*8.*Finished"))).to_be_visible()
    table.get_by_role("link", name="Title").click()
    page.wait_for_url("**view=table**")
    rows = page.get_by_role("rowheader")
    expect(rows).to_have_text(["Newton's orchard", "SHAP, explained slowly"])


def test_words_narrow_the_map(page: Page) -> None:
    page.goto("/map?category=Fiction")
    page.get_by_role("searchbox").fill("instalment 3")
    page.get_by_role("button", name="Show").click()
    asks(page, {"q": ["instalment 3"], "category": ["Fiction"]})
    expect(page.locator(".dots a")).to_have_count(1)


def test_the_small_map_of_the_results_leads_to_the_large_one(page: Page) -> None:
    page.goto("/search?q=serial")
    page.locator("a.small-map").click()
    page.wait_for_url("**/map?q=serial")


def test_a_bar_of_the_timeline_is_a_search(page: Page) -> None:
    page.goto("/browse")
    bar = page.locator(".bars a").last
    expect(bar).to_have_accessible_name(re.compile(r"^2025: 1 essay \(1 finished\)$"))
    bar.click()
    asks(page, {"year": ["2025"]})


def test_a_subject_from_the_index(page: Page) -> None:
    page.goto("/browse")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Birds")).first.click()
    page.wait_for_url("**/tag/Birds")
    page.get_by_role("link", name=re.compile("^Statistics")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Statistics")


def test_by_chance(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Random").click()
    page.wait_for_url("**/essay/**")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/map", "/map?view=table", "/map?q=serial", "/browse",
                                  "/tag/Birds", "/category/Fiction", "/search"])  # fmt: skip
def test_a_telephone_is_wide_enough(reading: Reading, site: str, path: str, scheme: Any) -> None:
    with reading(site, viewport={"width": NARROW, "height": 800}, color_scheme=scheme) as page:
        page.goto(path)
        for summary in page.locator("main summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
