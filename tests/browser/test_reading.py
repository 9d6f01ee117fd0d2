"""Reading an essay, with JavaScript and without: nothing that matters needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Reading
    from tests.conftest import Archive, Server

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 800}

pytestmark = pytest.mark.browser


LONG = "A river is a sentence that the land keeps rewriting, and never the same way twice. " * 12


@pytest.fixture(scope="module")
def site(
    serve: Callable[..., Server], small: Archive, tmp_path_factory: pytest.TempPathFactory
) -> str:
    archive = type(small)(tmp_path_factory.mktemp("reading"))
    sections = "\n\n".join(f"## Part {n}\n\n{LONG}" for n in range(1, 7))
    archive.write(
        "river.md",
        f"The delta is first.[^1] A second note follows.[^2]\n\n{sections}\n\n"
        "## Table of deltas\n\n| delta | wide |\n|---|---|\n| "
        + "Nile " * 40
        + "| " + "wide " * 40 + "|\n\n[[Lake]] and [[Nowhere yet]].\n\nA delta, and "
        "a delta.\n\n[^1]: Herodotus said [so](https://example.org/).\n[^2]: Or not.",
        title="The river", tags=["Water", "Maps"], date="2024-01-03",
    )  # fmt: skip
    archive.write(
        "lake.md", "A lake has no delta.", title="Lake", tags=["Water"], date="2024-01-02"
    )
    archive.write(
        "sea.md", "The sea has every delta.", title="Sea", tags=["Maps"], date="2024-01-01"
    )
    archive.build()
    return serve(archive, ready="/readyz").address


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def either(request: pytest.FixtureRequest, reading: Reading, site: str) -> Iterator[Page]:
    """The same test with JavaScript and without."""
    with reading(site, viewport=WIDE, java_script_enabled=request.param) as page:
        yield page


@pytest.fixture
def plain(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, viewport=WIDE, java_script_enabled=False) as page:
        yield page


@pytest.fixture
def live(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, viewport=WIDE, reduced_motion="reduce") as page:
        yield page


@pytest.fixture
def phone(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, viewport=NARROW) as page:
        yield page


# -- either way -----------------------------------------------------------------------------------


def test_from_the_results_to_the_marked_words_and_on(either: Page) -> None:
    either.goto("/search?q=delta&sort=newest")
    either.get_by_role("link", name="The river", exact=True).click()
    either.wait_for_url("**/essay/river?q=delta*")
    trail = either.get_by_role("complementary", name="The search you came from")
    expect(trail).to_contain_text("1 of 3")
    assert {mark.lower() for mark in either.locator(".prose mark").all_inner_texts()} >= {"delta"}
    trail.get_by_role("link", name="Next result: Lake").click()
    expect(either.get_by_role("heading", level=1)).to_have_text("Lake")
    expect(either.get_by_role("link", name="Previous result: The river")).to_be_visible()
    either.get_by_role("navigation", name="Other results of the search").get_by_role(
        "link", name="Sea"
    ).click()
    expect(either.get_by_role("heading", level=1)).to_have_text("Sea")
    either.get_by_role("link", name=re.compile("^Results for")).click()
    either.wait_for_url("**/search?q=delta&sort=newest")


def test_the_marks_can_be_cleared(either: Page) -> None:
    either.goto("/essay/river?q=delta")
    assert either.locator(".prose mark").count() > 3
    either.get_by_role("link", name="Clear the marks").click()
    either.wait_for_url("**/essay/river")
    expect(either.locator("mark")).to_have_count(0)


def test_links_lead_both_ways(either: Page) -> None:
    either.goto("/essay/river")
    expect(either.locator(".prose").get_by_text("Nowhere yet")).to_be_visible()
    assert either.get_by_role("link", name="Nowhere yet").count() == 0
    either.locator(".prose").get_by_role("link", name="Lake", exact=True).click()
    here = either.get_by_role("region", name="Essays that link here")
    here.get_by_role("link", name="The river").click()
    related = either.get_by_role("region", name="Related essays")
    expect(related).to_contain_text("shares Maps")
    expect(related).to_contain_text("linked from this essay")


def test_a_heading_links_to_itself(either: Page) -> None:
    either.goto("/essay/river")
    heading = either.get_by_role("heading", name="Part 3")
    anchor = heading.get_by_role("link")
    expect(anchor).to_have_css("opacity", "0")
    heading.hover()
    expect(anchor).to_have_css("opacity", "1")
    anchor.click()
    either.wait_for_url("**/essay/river#part-3")
    either.mouse.move(0, 0)
    anchor.focus()
    either.keyboard.press("Shift+Tab")
    either.keyboard.press("Tab")
    expect(anchor).to_have_css("opacity", "1")


def test_a_wide_table_scrolls_by_the_keyboard_and_the_page_does_not(either: Page) -> None:
    either.goto("/essay/river")
    region = either.get_by_role("region", name="Table 1")
    region.focus()
    expect(region).to_be_focused()
    for _ in range(5):
        either.keyboard.press("ArrowRight")
    if either.evaluate("document.documentElement.scrollWidth <= innerWidth") is not True:
        pytest.fail("the page scrolls sideways")
    expect(region.get_by_role("columnheader")).to_have_count(2)


def test_nothing_found_is_a_help(either: Page) -> None:
    either.goto("/search?q=detla&tag=Water")
    link = either.get_by_role("main").get_by_role("link", name="delta", exact=True)
    link.click()
    expect(either.locator(".tally")).to_contain_text("2 essays")


def test_a_lost_address_finds_its_essay(either: Page) -> None:
    # The browser says in its console what status the page has; that is asked for here.
    response = either.request.get("/2020/the-river.html")
    assert response.status == 404
    assert 'href="/essay/river"' in response.text()


# -- without JavaScript ---------------------------------------------------------------------------


def test_plain_places_are_numbered_links(plain: Page) -> None:
    plain.goto("/essay/river?q=delta")
    places = plain.get_by_role("list", name="Matches").get_by_role("link")
    assert places.count() == plain.locator("mark[id]").count()
    assert plain.get_by_role("button", name="Next").count() == 0
    places.last.click()
    expect(plain.locator("mark:target")).to_be_in_viewport()


def test_plain_notes_stand_at_the_end_alone(plain: Page) -> None:
    plain.goto("/essay/river")
    assert plain.get_by_text("Herodotus said").count() == 1
    plain.locator("a.footnote-ref").first.click()
    expect(plain.get_by_text("Herodotus said")).to_be_in_viewport()


# -- with it --------------------------------------------------------------------------------------


def test_the_contents_say_what_is_being_read(live: Page) -> None:
    live.goto("/essay/river")
    contents = live.get_by_role("navigation", name="Contents of this essay")
    here = contents.locator("[aria-current='location']")
    live.locator("#part-4").scroll_into_view_if_needed()
    live.locator("#part-4").evaluate("it => it.scrollIntoView()")
    expect(here).to_have_text("Part 4")
    live.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(here).to_have_text("Table of deltas")
    live.locator("#part-2").evaluate("it => it.scrollIntoView()")
    expect(here).to_have_text("Part 2")
    live.evaluate("scrollTo(0, 0)")
    expect(here).to_have_count(0)


def test_stepping_through_the_places(live: Page) -> None:
    live.goto("/essay/river?q=delta")
    count = live.locator("mark[id]").count()
    onward = live.get_by_role("button", name="Next")
    back = live.get_by_role("button", name="Previous")
    said = live.locator(".places [role=status]")
    expect(said).to_have_text(f"{count} matches")
    for number in (1, 2, 3):
        onward.click()
        expect(said).to_have_text(f"Match {number} of {count}")
        current = live.locator("mark[aria-current]")
        expect(current).to_have_count(1)
        expect(current).to_have_attribute("data-place", str(number))
        expect(current).to_be_in_viewport()
    expect(onward).to_be_focused()
    back.click()
    expect(said).to_have_text(f"Match 2 of {count}")
    for _ in range(2):
        back.click()
    expect(said).to_have_text(f"Match {count} of {count}")
    onward.click()
    expect(said).to_have_text(f"Match 1 of {count}")


def test_notes_stand_beside_the_text_where_there_is_room(live: Page) -> None:
    live.goto("/essay/river")
    notes = live.locator(".sidenote")
    expect(notes).to_have_count(2)
    first, second = notes.nth(0).bounding_box(), notes.nth(1).bounding_box()
    prose = live.locator(".prose").bounding_box()
    reference = live.locator("a.footnote-ref").first.bounding_box()
    assert first is not None
    assert second is not None
    assert prose is not None
    assert reference is not None
    assert first["x"] >= 0
    assert first["x"] + first["width"] < prose["x"]
    assert abs(first["y"] - reference["y"]) < 40
    assert second["y"] >= first["y"] + first["height"]
    # At the end they still stand for everyone, and these copies are for the eye alone.
    assert live.get_by_role("listitem").filter(has_text="Herodotus said").count() == 1
    assert notes.nth(0).get_attribute("aria-hidden") == "true"
    assert notes.locator("a").first.get_attribute("tabindex") == "-1"
    assert (
        live.locator("[id]").evaluate_all("all => all.length - new Set(all.map(e => e.id)).size")
        == 0
    )
    assert live.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_narrow_screen_notes_stay_at_the_end(phone: Page) -> None:
    phone.goto("/essay/river?q=delta")
    expect(phone.locator(".sidenote").first).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="Next").click()
    expect(phone.locator("mark[aria-current]")).to_be_in_viewport()


def test_print_leaves_out_what_only_a_screen_needs(live: Page) -> None:
    live.goto("/essay/river?q=delta")
    live.emulate_media(media="print")
    for hidden in (".trail", ".places", ".anchor", ".sidenote", ".turns", ".beyond", ".toc"):
        expect(live.locator(hidden).first).to_be_hidden()
    expect(live.locator(".footnote").get_by_text("Herodotus said")).to_be_visible()
