"""The search page as one types, and the keyboard: every function with JavaScript and without."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from playwright.sync_api import Request as Answer

from tests.browser.arriving import asks

if TYPE_CHECKING:
    from tests.browser.conftest import Reading

STATIC = Path(__file__).resolve().parents[2] / "templates/static"
#: What a first view of the search page, and all scripts of its pages, may weigh (bytes); and what
#: each script may that other sites and exported ones load.
VIEW, SCRIPTS, ELSEWHERE = 60_000, 15_000, 12_000
#: Scripts that no page of the site loads.
NOT_OURS = ("essay-search.js", "exported-search.js")

pytestmark = pytest.mark.browser


@pytest.fixture
def page(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site) as page:
        yield page


@pytest.fixture
def plain(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, java_script_enabled=False) as page:
        yield page


@pytest.fixture(params=["page", "plain"])
def either(request: pytest.FixtureRequest) -> Page:
    """The same reader twice: with JavaScript and without."""
    page: Page = request.getfixturevalue(request.param)
    return page


def box(page: Page) -> Locator:
    return page.locator("#page--q")


def found(page: Page, tally: str) -> None:
    """The page says how many essays it found, and is not waiting for another answer."""
    expect(page.locator(".tally")).to_have_text(re.compile(rf"^\s*{tally}\s+in "))
    expect(page.locator("#page--found")).not_to_have_attribute("aria-busy", "true")


def tick(page: Page, value: str) -> Locator:
    box = page.get_by_role("checkbox", name=re.compile(rf"^{re.escape(value)} \d")).first
    box.click()
    return box


def apply(page: Page) -> None:
    """Without JavaScript a choice is sent by a button; with it there is none to be seen."""
    button = page.get_by_role("button", name="Apply filters").first
    if button.is_visible():
        button.click()


@contextmanager
def staying(page: Page) -> Iterator[None]:
    """Whatever happens within, the page is not loaded anew."""
    page.evaluate("window.same = true")
    yield
    assert page.evaluate("window.same") is True, "the page was loaded anew"


# -- asking, with JavaScript and without ----------------------------------------------------------


def test_typing_and_enter(either: Page) -> None:
    either.goto("/search")
    box(either).fill("sparrow census")
    box(either).press("Enter")
    found(either, "1 essay")
    asks(either, {"q": ["sparrow census"]})
    expect(either).to_have_title(re.compile("^sparrow census · Search"))


def test_ticking(either: Page) -> None:
    either.goto("/search?q=model+OR+owl+OR+gardener")
    tick(either, "Nature")
    apply(either)
    found(either, "2 essays")
    asks(either, {"q": ["model OR owl OR gardener"], "category": ["Nature"]})
    feed = re.compile(r"^/search\.atom\?.*category=Nature")
    expect(either.locator("link[type='application/atom+xml']")).to_have_attribute("href", feed)
    expect(either.get_by_role("link", name="Feed").first).to_have_attribute("href", feed)
    expect(either.get_by_role("checkbox", name=re.compile("^Nature"))).to_be_checked()


def test_a_range_by_its_number_field(either: Page) -> None:
    either.goto("/search?category=Nature")
    either.get_by_label("Certainty, from").fill("40")
    either.get_by_label("Certainty, from").press("Enter")
    found(either, "2 essays")
    asks(either, {"category": ["Nature"], "certainty_min": ["40"]})


def test_a_bar(either: Page) -> None:
    either.goto("/search")
    bars = either.get_by_role("list", name=re.compile("^Importance"))
    # Clicked above the handles, which lie on its foot.
    bars.get_by_role("link", name=re.compile(r"^7–7\.9.*: 2 essays")).click(
        position={"x": 5, "y": 5}
    )
    found(either, "2 essays")
    asks(either, {"importance_min": ["7"], "importance_max": ["7.9"]})


def test_the_order(either: Page) -> None:
    either.goto("/search?q=serial")
    order = either.get_by_role("navigation", name="Order of results")
    order.get_by_role("link", name="Importance", exact=True).click()
    expect(order.locator("[aria-current]")).to_have_text("Importance")
    asks(either, {"q": ["serial"], "sort": ["importance"]})
    first = either.locator(".hit h2 a").first
    expect(first).to_have_attribute("href", re.compile("^/essay/series/part-6"))
    # The order is carried along by the form.
    box(either).fill("owl")
    box(either).press("Enter")
    found(either, r"\d+ essays?")
    asks(either, {"q": ["owl"], "sort": ["importance"]})


def test_turning_pages(either: Page) -> None:
    either.goto("/search")
    found(either, "1–20 of\\s+25 essays")
    either.get_by_role("link", name="Page 2").click()
    found(either, "21–25 of\\s+25 essays")
    asks(either, {"page": ["2"]})
    expect(either.locator(".hit")).to_have_count(5)
    assert either.evaluate("scrollY") < 300
    # Another question begins on its first page.
    tick(either, "Nature")
    apply(either)
    found(either, "3 essays")
    asks(either, {"category": ["Nature"]})


def test_chips(either: Page) -> None:
    either.goto("/search?q=model+OR+owl&category=Nature&tag=Birds&importance_min=1")
    either.get_by_role("link", name="Remove category: Nature").click()
    expect(either.get_by_role("link", name="Remove category: Nature")).to_have_count(0)
    asks(either, {"q": ["model OR owl"], "tag": ["Birds"], "importance_min": ["1"]})
    expect(either.get_by_role("checkbox", name=re.compile("^Nature"))).not_to_be_checked()
    either.get_by_role("link", name="Clear all").click()
    expect(either.locator(".chips")).to_have_count(0)
    asks(either, {"q": ["model OR owl"]})
    expect(either.get_by_label("Importance, from")).to_have_value("")


def test_one_facet_is_cleared_by_itself(either: Page) -> None:
    either.goto(
        "/search?tag=Birds&tag=Physics&certainty=possible&certainty_min=40&importance_min=1"
    )
    either.get_by_role("link", name="clear Certainty").click()
    expect(either.get_by_role("link", name="clear Certainty")).to_have_count(0)
    asks(either, {"tag": ["Birds", "Physics"], "importance_min": ["1"]})
    expect(either.get_by_label("Certainty, from")).to_have_value("")
    either.get_by_role("link", name="clear Tags").click()
    expect(either.get_by_role("link", name="clear Tags")).to_have_count(0)
    asks(either, {"importance_min": ["1"]})
    either.get_by_role("link", name="clear Importance").click()
    found(either, "1–20 of\\s+25 essays")
    asks(either, {})
    expect(either.get_by_role("link", name=re.compile("^clear "))).to_have_count(0)


def test_ways_on_from_nothing(either: Page) -> None:
    either.goto("/search?q=owl&category=Computing")
    either.get_by_role("main").get_by_role("link", name="“owl”").click()
    found(either, "1 essay")
    asks(either, {"q": ["owl"]})


def test_back_and_forward(either: Page) -> None:
    either.goto("/search?q=model+OR+owl+OR+gardener")
    found(either, r"\d+ essays")
    before = either.locator(".tally strong").inner_text()
    tick(either, "Nature")
    apply(either)
    found(either, "2 essays")
    either.get_by_role("navigation", name="Order of results").get_by_role(
        "link", name="Title"
    ).click()  # fmt: skip
    expect(either.locator(".sorts [aria-current]")).to_have_text("Title")
    either.go_back()
    expect(either.locator(".sorts [aria-current]")).to_have_text("Relevance")
    asks(either, {"q": ["model OR owl OR gardener"], "category": ["Nature"]})
    feed = re.compile(r"^/search\.atom\?.*category=Nature")
    expect(either.locator("link[type='application/atom+xml']")).to_have_attribute("href", feed)
    expect(either.get_by_role("link", name="Feed").first).to_have_attribute("href", feed)
    either.go_back()
    found(either, f"{before} essays")
    expect(either.get_by_role("checkbox", name=re.compile("^Nature"))).not_to_be_checked()
    either.go_forward()
    found(either, "2 essays")
    expect(either.get_by_role("checkbox", name=re.compile("^Nature"))).to_be_checked()


# -- as one types ---------------------------------------------------------------------------------


def test_results_follow_the_words(page: Page) -> None:
    page.goto("/search?category=Nature")
    entries = page.evaluate("history.length")
    with staying(page):
        box(page).press_sequentially("sparrow")
        found(page, "2 essays")
        asks(page, {"q": ["sparrow"], "category": ["Nature"]})
        box(page).press_sequentially(" census", delay=30)
        found(page, "1 essay")
        asks(page, {"q": ["sparrow census"], "category": ["Nature"]})
        expect(page.locator(".hit mark").first).to_be_visible()
    assert page.evaluate("history.length") == entries, "typing is one step"
    expect(box(page)).to_be_focused()


def test_without_javascript_words_wait_for_the_button(plain: Page) -> None:
    plain.goto("/search")
    box(plain).press_sequentially("owl")
    plain.wait_for_timeout(400)
    asks(plain, {})
    assert plain.get_by_role("slider").count() == 0
    assert plain.get_by_role("combobox").count() == 0
    assert plain.get_by_label(re.compile("^Find in")).count() == 0
    expect(plain.get_by_role("status")).to_have_text("")
    expect(plain.get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()
    plain.get_by_role("button", name="Search", exact=True).click()
    asks(plain, {"q": ["owl"]})


def test_words_that_were_sent_stay_in_the_history(page: Page) -> None:
    page.goto("/search")
    box(page).fill("owl")
    box(page).press("Enter")
    found(page, "1 essay")
    box(page).fill("serial")
    found(page, "6 essays")
    page.go_back()
    found(page, "1 essay")
    expect(box(page)).to_have_value("owl")


def test_the_caret_the_focus_and_open_lists_stay(page: Page) -> None:
    page.goto("/search")
    with staying(page):
        box(page).fill("owl")
        found(page, "1 essay")
        box(page).press("Home")
        box(page).press_sequentially("-")
        found(page, "1–20 of\\s+24 essays")
        assert box(page).evaluate("it => it.selectionStart") == 1
        box(page).fill("")
        found(page, "1–20 of\\s+25 essays")
        tags = page.get_by_role("group", name="Tags")
        tags.get_by_text(re.compile("^Show all")).click()
        last = tags.locator("details").get_by_role("checkbox").last
        name = last.get_attribute("value") or ""
        last.click()
        expect(page.get_by_role("link", name=f"Remove tag: {name}")).to_be_visible()
        assert tags.locator("details").evaluate("it => it.open")
        assert page.evaluate("document.activeElement.value") == name
        assert page.evaluate("document.activeElement.checked")


def test_a_chip_that_goes_hands_on_the_focus(page: Page) -> None:
    page.goto("/search?tag=Birds&category=Nature")
    page.get_by_role("link", name="Remove tag: Birds").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(1)
    expect(page.get_by_role("link", name="Remove category: Nature")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".chips")).to_have_count(0)
    expect(page.locator("#page--found")).to_be_focused()


def test_a_facet_that_is_cleared_hands_on_the_focus(page: Page) -> None:
    page.goto("/search?tag=Birds")
    page.get_by_role("link", name="clear Tags").press("Enter")
    expect(page.locator(".chips")).to_have_count(0)
    expect(page.locator("#page--found")).to_be_focused()


def corner(shown: Locator) -> tuple[float, float]:
    box = shown.bounding_box()
    assert box
    return box["x"], box["y"]


def test_the_page_stands_still_while_half_a_word_finds_nothing(page: Page) -> None:
    page.goto("/search")
    head = page.locator("#page--found h1")
    tags = page.get_by_role("group", name="Tags")
    tags.get_by_text(re.compile("^Show all")).click()
    place = corner(head)
    box(page).fill("xyzzy")
    found(page, "No essays")
    assert corner(head) == place
    expect(page.get_by_role("complementary", name="Filter the results")).to_be_hidden()
    box(page).fill("")
    found(page, "1–20 of\\s+25 essays")
    assert corner(head) == place
    assert tags.locator("details").evaluate("it => it.open")


def test_filters_out_of_sight_are_not_asked(page: Page) -> None:
    page.goto("/search")
    box(page).fill("xyzzy")
    box(page).press("Enter")
    found(page, "No essays")
    box(page).fill("")
    found(page, "1–20 of\\s+25 essays")
    tick(page, "Nature")
    page.get_by_label("Importance, from").fill("3")
    found(page, "2 essays")
    page.evaluate("history.go(-2)")
    found(page, "No essays")
    box(page).fill("owl")
    found(page, "1 essay")
    asks(page, {"q": ["owl"]})


def test_a_number_that_cannot_be_asked_waits(page: Page) -> None:
    page.goto("/search")
    page.get_by_label("Certainty, from").fill("150")
    page.wait_for_timeout(400)
    asks(page, {})
    page.get_by_label("Certainty, from").fill("95")
    found(page, "2 essays")
    asks(page, {"certainty_min": ["95"]})


def held(page: Page) -> list[Route]:
    """Answers wait in this list until they are let through."""
    waiting: list[Route] = []
    page.route(
        "**/search?*",
        lambda it: waiting.append(it) if it.request.resource_type == "fetch" else it.continue_(),
    )
    return waiting


def until(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not come to pass")


def test_a_late_answer_changes_nothing(page: Page) -> None:
    """The guard holds by itself: here no request can be called back."""
    page.add_init_script("AbortController.prototype.abort = () => {}")
    page.goto("/search")
    waiting = held(page)
    box(page).fill("serial")
    until(page, lambda: len(waiting) == 1)
    box(page).fill("owl")
    until(page, lambda: len(waiting) == 2)
    expect(page.locator("#page--found")).to_have_attribute("aria-busy", "true")
    waiting[1].continue_()
    found(page, "1 essay")
    with page.expect_response(re.compile("q=serial")) as late:
        waiting[0].continue_()
    late.value.finished()
    page.wait_for_timeout(200)
    found(page, "1 essay")
    asks(page, {"q": ["owl"]})
    expect(box(page)).to_have_value("owl")


def test_an_answer_to_half_a_word_is_not_shown(page: Page) -> None:
    """It arrives between the keystroke and the next question."""
    page.add_init_script("AbortController.prototype.abort = () => {}")
    page.goto("/search")
    waiting = held(page)
    tick(page, "Nature")
    until(page, lambda: len(waiting) == 1)
    box(page).press_sequentially("o")
    with page.expect_response(re.compile("category=Nature")):
        waiting[0].continue_()
    until(page, lambda: len(waiting) == 2)
    expect(box(page)).to_have_value("o")
    # At once, so that there is no question after one of the letters.
    box(page).fill("owl")
    until(page, lambda: len(waiting) == 3)
    waiting[2].continue_()
    found(page, "1 essay")
    asks(page, {"q": ["owl"], "category": ["Nature"]})


def test_questions_that_are_out_of_date_are_called_back(page: Page) -> None:
    failed: list[str] = []

    def gone(request: Answer) -> None:
        # A suggestion may be called back too.
        if urlsplit(request.url).path == "/search":
            failed.append(f"{request.failure} {urlsplit(request.url).query}")

    page.on("requestfailed", gone)
    page.goto("/search")
    waiting = held(page)
    box(page).fill("serial")
    until(page, lambda: len(waiting) == 1)
    box(page).fill("owl")
    until(page, lambda: bool(failed))
    assert failed == ["net::ERR_ABORTED q=serial"]
    until(page, lambda: len(waiting) == 2)
    waiting[1].continue_()
    found(page, "1 essay")


def test_back_while_an_answer_is_awaited(page: Page) -> None:
    page.goto("/search?q=owl")
    waiting = held(page)
    tick(page, "Nature")
    until(page, lambda: len(waiting) == 1)
    page.go_back()
    until(page, lambda: len(waiting) == 2)
    waiting[1].continue_()
    found(page, "1 essay")
    expect(page.get_by_role("checkbox", name=re.compile("^Nature"))).not_to_be_checked()


@pytest.mark.parametrize("how", ["abort", "status", "nonsense"])
def test_what_fails_becomes_a_page_load(reading: Reading, site: str, how: str) -> None:
    def broken(route: Route) -> None:
        if route.request.resource_type != "fetch":
            route.continue_()
        elif how == "abort":
            route.abort()
        elif how == "status":
            route.fulfill(status=503, body="not now")
        else:
            route.fulfill(body="<p>another page</p>", content_type="text/html")

    with reading(site, failing=True) as page:
        page.goto("/search")
        page.route("**/search?*", broken)
        page.evaluate("window.same = true")
        tick(page, "Nature")
        found(page, "3 essays")
        asks(page, {"category": ["Nature"]})
        assert page.evaluate("window.same") is None


def test_a_page_whose_scripts_do_not_arrive_is_the_plain_page(reading: Reading, site: str) -> None:
    with reading(site, failing=True) as page:
        page.route("**/*.js", lambda route: route.abort())
        page.goto("/search")
        tick(page, "Nature")
        page.get_by_role("button", name="Search", exact=True).click()
        found(page, "3 essays")
        asks(page, {"category": ["Nature"]})


def test_readers_who_listen_hear_the_count(page: Page) -> None:
    page.goto("/search")
    status = page.get_by_role("status")
    assert status.count() == 1
    expect(status).to_have_text("")
    box(page).fill("owl")
    expect(status).to_have_text("1 essay")
    box(page).fill("xyzzy")
    expect(status).to_have_text("No essays")
    box(page).fill("sparow")
    expect(status).to_have_text("2 essays, for sparrow")
    box(page).fill("")
    expect(status).to_have_text("25 essays")
    page.get_by_role("link", name="Page 2").click()
    expect(status).to_have_text("25 essays, page 2 of 2")


def test_a_link_of_its_own_window_is_left_alone(page: Page) -> None:
    page.goto("/search")
    with page.context.expect_page() as other:
        page.get_by_role("link", name="Page 2").click(modifiers=["Control"])
    asks(other.value, {"page": ["2"]})
    asks(page, {})


#: Pages, and what is there once their scripts have done their work.
SCRIPTED = [
    ("/", "#page--theme:not([hidden])"),
    ("/search", ".slider + .axis"),
    ("/search?tag=XAI&certainty_min=40", ".slider + .axis"),
    ("/map", ".hint:not([hidden])"),
    ("/essay/caches?q=cache", ".sidenote"),
    ("/essay/caches?q=cache", ".places.live"),
]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("path", "made"), SCRIPTED)
def test_nothing_moves_when_the_scripts_come(
    reading: Reading, site: str, path: str, made: str, width: int
) -> None:
    with reading(site, viewport={"width": width, "height": 800}) as page:
        page.add_init_script(
            "window.moved = 0; new PerformanceObserver(all => all.getEntries().forEach("
            "it => { moved += it.value; })).observe({ type: 'layout-shift', buffered: true });"
        )
        # A slow browser shows a page before it has all of it; that is no script's doing.
        held: list[Route] = []
        free = threading.Event()
        page.route(
            re.compile(r"/static/(?!theme)\w+\.js"),  # that one comes before the page
            lambda route: route.continue_() if free.is_set() else held.append(route),
        )
        page.goto(path, wait_until="commit")
        while page.evaluate("document.readyState") == "loading":
            page.wait_for_timeout(20)
        page.wait_for_timeout(300)
        page.evaluate("moved = 0")
        assert held
        free.set()
        for script in held:
            script.continue_()
        expect(page.locator(made).first).to_be_attached()
        page.wait_for_timeout(300)
        assert page.evaluate("moved") == 0


# -- ranges and long facets -----------------------------------------------------------------------


def handle(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def test_a_range_by_the_keyboard(page: Page) -> None:
    page.goto("/search")
    low, high = handle(page, "Certainty from"), handle(page, "Certainty to")
    expect(low).to_have_attribute("aria-valuetext", "no limit")
    with staying(page):
        low.focus()
        for _ in range(8):
            low.press("ArrowRight")
        expect(page.get_by_label("Certainty, from")).to_have_value("40")
        expect(low).to_have_attribute("aria-valuetext", "40%")
        expect(page.get_by_role("link", name="Remove certainty: 40–100%")).to_be_visible()
        asks(page, {"certainty_min": ["40"]})
        expect(low).to_be_focused()
        # The handles meet and do not cross.
        high.focus()
        high.press("Home")
        expect(high).to_have_value("40")
        expect(page.get_by_role("link", name="Remove certainty: 40–40%")).to_be_visible()
        asks(page, {"certainty_min": ["40"], "certainty_max": ["40"]})
        found(page, "1 essay")
        low.focus()
        low.press("End")
        expect(low).to_have_value("40")
        expect(page.get_by_label("Certainty, from")).to_have_value("40")
        # From end to end is no filter: what is unrated is there again.
        high.press("End")
        low.press("Home")
        found(page, "1–20 of\\s+25 essays")
        asks(page, {})
        for field in page.get_by_role("group", name="Certainty").get_by_role("spinbutton").all():
            expect(field).to_have_value("")
    page.go_back()
    expect(page.locator(".tally strong")).not_to_have_text("25")


def test_handles_and_number_fields_say_the_same(page: Page) -> None:
    page.goto("/search?importance_min=3&importance_max=7.9")
    low, high = handle(page, "Importance from"), handle(page, "Importance to")
    expect(low).to_have_value("3")
    expect(high).to_have_attribute("aria-valuetext", "7.9")
    page.get_by_label("Importance, from").fill("5")
    expect(low).to_have_value("5")
    expect(page.get_by_role("link", name="Remove importance: 5–7.9")).to_be_visible()
    asks(page, {"importance_min": ["5"], "importance_max": ["7.9"]})
    page.get_by_role("link", name=re.compile("^Remove importance")).click()
    expect(low).to_have_value("0")
    expect(high).to_have_value("10")
    # An explicit zero is a filter: only what is rated.
    page.get_by_label("Importance, from").fill("0")
    expect(page.get_by_role("link", name=re.compile("^Remove importance"))).to_be_visible()
    expect(low).to_have_attribute("aria-valuetext", "0")


def test_a_handle_is_dragged(page: Page) -> None:
    page.goto("/search")
    histogram = page.get_by_role("list", name=re.compile("^Certainty"))
    histogram.scroll_into_view_if_needed()
    bars = histogram.bounding_box()
    assert bars
    left, foot = bars["x"], bars["y"] + bars["height"]
    with staying(page):
        page.mouse.move(left, foot)
        page.mouse.down()
        for share in (0.1, 0.2, 0.3):
            page.mouse.move(left + share * bars["width"], foot)
            # The results follow while the handle is held.
            expect(page.get_by_label("Certainty, from")).to_have_value(f"{share * 100:.0f}")
            expect(
                page.get_by_role("link", name=f"Remove certainty: {share * 100:.0f}–100%")
            ).to_be_visible()
        page.mouse.move(left + 0.5 * bars["width"], foot)
        page.mouse.up()
        expect(page.get_by_role("link", name="Remove certainty: 50–100%")).to_be_visible()
    page.go_back()
    found(page, "1–20 of\\s+25 essays")


def test_a_value_among_many(page: Page) -> None:
    page.goto("/search")
    tags = page.get_by_role("group", name="Tags")
    assert page.get_by_label("Find in Status").count() == 0
    within = tags.get_by_label("Find in Tags")
    within.fill("LEARN")
    expect(tags.get_by_role("checkbox")).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^2 of \d+ shown$"))
    asks(page, {})
    tick(page, "Deep Learning")
    found(page, "2 essays")
    expect(within).to_have_value("LEARN")
    expect(tags.get_by_role("checkbox")).to_have_count(2)
    within.fill("")
    expect(tags.get_by_role("checkbox").nth(8)).to_be_visible()


# -- suggestions ----------------------------------------------------------------------------------


def options(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


@pytest.mark.parametrize("path", ["/", "/search"])
def test_suggestions_by_the_keyboard(page: Page, path: str) -> None:
    page.goto(path)
    combobox = page.get_by_role("combobox", name="Search the essays")
    expect(combobox).to_have_attribute("aria-expanded", "false")
    # At once, so that no later list takes the place of the one that is chosen from.
    combobox.fill("deep")
    expect(options(page).first).to_be_visible()
    expect(combobox).to_have_attribute("aria-expanded", "true")
    listbox = combobox.get_attribute("aria-controls")
    assert page.get_by_role("listbox").get_attribute("id") == listbox
    assert combobox.get_attribute("aria-activedescendant") is None

    def active() -> str:
        return page.locator(f"#{combobox.get_attribute('aria-activedescendant')}").inner_text()

    combobox.press("ArrowDown")
    assert active().startswith("Deep Learning")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    combobox.press("End")
    assert active() == options(page).last.inner_text()
    combobox.press("Home")
    assert active() == options(page).first.inner_text()
    combobox.press("ArrowUp")
    assert combobox.get_attribute("aria-activedescendant") is None
    combobox.press("ArrowUp")
    assert active() == options(page).last.inner_text()
    combobox.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(combobox).to_have_attribute("aria-expanded", "false")
    expect(combobox).to_have_value("deep")
    combobox.press("ArrowDown")
    assert active().startswith("Deep Learning")
    combobox.press("Enter")
    found(page, "2 essays")
    asks(page, {"q": ['tag:"Deep Learning"']})
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_suggested_essay_is_opened(page: Page) -> None:
    page.goto("/")
    box(page).fill("owls at")
    options(page).get_by_text("Owls at night").click()
    page.wait_for_url("**/essay/birds/owls")


def test_the_end_of_a_word(page: Page) -> None:
    page.goto("/search")
    box(page).fill("sparrow cens")
    with staying(page):
        options(page).get_by_text("sparrow census").click()
        found(page, "1 essay")
    asks(page, {"q": ["sparrow census"]})
    expect(box(page)).to_be_focused()


def test_enter_without_a_choice_searches_for_what_was_typed(page: Page) -> None:
    page.goto("/")
    box(page).press_sequentially("deep")
    expect(options(page).first).to_be_visible()
    box(page).press("Enter")
    page.wait_for_url("**/search?q=deep")


def test_suggestions_close_when_the_reader_leaves(page: Page) -> None:
    page.goto("/search")
    box(page).press_sequentially("deep")
    expect(options(page).first).to_be_visible()
    box(page).press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    # One that comes late does not open a box that is no longer used.
    page.wait_for_timeout(300)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_suggestions_are_text(page: Page) -> None:
    page.goto("/")
    box(page).press_sequentially("script")
    expect(options(page).filter(has_text="<script>alert(1)</script> & friends")).to_be_visible()
    assert page.locator("[role=listbox] script").count() == 0


def test_a_suggestion_that_fails_leaves_a_search_box(reading: Reading, site: str) -> None:
    with reading(site, failing=True) as page:
        page.route("**/suggest?*", lambda route: route.fulfill(status=500, body="no"))
        page.goto("/")
        with page.expect_response("**/suggest?*"):
            box(page).press_sequentially("deep")
        page.wait_for_timeout(100)
        expect(page.get_by_role("listbox")).to_be_hidden()
        box(page).press("Enter")
        page.wait_for_url("**/search?q=deep")


# -- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/search?q=owl", "/browse", "/essay/birds/owls"])
def test_a_slash_leads_to_the_search_box(page: Page, path: str) -> None:
    page.goto(path)
    page.keyboard.press("Control+/")
    expect(box(page)).not_to_be_focused()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("a/b?jk")
    expect(box(page)).to_have_value("a/b?jk")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_hits_by_the_keyboard(page: Page) -> None:
    page.goto("/search?q=serial")
    titles = page.locator(".hit h2 a")
    before = page.evaluate("scrollY")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement === document.body"), "arrows scroll until then"
    page.evaluate(f"scrollTo(0, {before})")
    for key, at in [("j", 0), ("j", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("k", 0), ("k", 0)]:
        page.keyboard.press(key)
        expect(titles.nth(at)).to_be_focused()
    for key in ("Control+j", "Alt+j", "Meta+j", "Shift+j"):
        page.keyboard.press(key)
        expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("j")
    opened = titles.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{opened}")


def test_the_list_of_keys(page: Page) -> None:
    page.goto("/browse")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()


def test_keys_can_be_switched_off(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    page.goto("/browse")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_role("checkbox", name="Use single-key shortcuts").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()


# -- a telephone, and weight ----------------------------------------------------------------------


def test_filters_on_a_telephone(reading: Reading, site: str) -> None:
    with reading(site, viewport={"width": 390, "height": 800}, has_touch=True) as page:
        page.goto("/search")
        page.get_by_text(re.compile("^Filters")).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        with staying(page):
            tick(page, "Nature")
            button = page.get_by_role("button", name="Show 3 essays").first
            button.click()
            expect(button).to_be_hidden()
            found(page, "3 essays")
            expect(page.locator(".hit").first).to_be_in_viewport()


def test_all_scripts_weigh_little(site: str) -> None:
    """As they are served to a browser, one by one."""
    names = sorted(script.name for script in STATIC.glob("*.js"))
    assert len(names) > 3
    sizes = {}
    for name in names:
        asked = Request(f"{site}/static/{name}", headers={"Accept-Encoding": "gzip"})
        with urlopen(asked, timeout=5) as answer:
            sizes[name] = len(answer.read())
    assert all(sizes.pop(name) <= ELSEWHERE for name in NOT_OURS)
    assert sum(sizes.values()) <= SCRIPTS


def test_a_first_view_weighs_little(page: Page) -> None:
    """Everything that a first visit transfers, heads of answers and all."""
    came: list[Answer] = []
    page.on("requestfinished", lambda it: came.append(it))
    page.goto("/search?q=the+OR+of")
    expect(page.get_by_role("slider").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert len([it for it in came if it.url.endswith(".js")]) > 3
    sizes = [it.sizes() for it in came]
    assert sum(it["responseBodySize"] + it["responseHeadersSize"] for it in sizes) <= VIEW
