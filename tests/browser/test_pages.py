"""A reader with a browser and without JavaScript: everything works by links and forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.arriving import asks

if TYPE_CHECKING:
    from tests.browser.conftest import Reading
    from tests.conftest import Archive, Server

ML = "machine-learning-interpretability"
#: The width of a telephone, in pixels.
NARROW = 390
PHONE = {"java_script_enabled": False, "viewport": {"width": NARROW, "height": 800}}

pytestmark = pytest.mark.browser


@pytest.fixture
def page(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, java_script_enabled=False) as page:
        yield page


@pytest.fixture
def phone(reading: Reading, site: str) -> Iterator[Page]:
    with reading(site, **PHONE) as page:
        yield page


def titles(page: Page) -> list[str]:
    return page.get_by_role("main").get_by_role("heading", level=2).get_by_role(
        "link"
    ).all_inner_texts()  # fmt: skip


def unfold(page: Page) -> None:
    """On a narrow screen the filters are folded."""
    if not page.get_by_role("button", name="Apply filters").first.is_visible():
        page.get_by_text(re.compile("^Filters")).click()


def tally(page: Page) -> str:
    return " ".join(page.locator(".tally").inner_text().split())


def test_search_by_typing(page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("main").get_by_role("searchbox", name="Search the essays")
    box.fill('"black box"')
    box.press("Enter")
    asks(page, {"q": ['"black box"']})
    assert urlsplit(page.url).path == "/search"
    assert titles(page) == ["Machine Learning Interpretability: Opening the Box"]
    expect(page.get_by_role("searchbox")).to_have_value('"black box"')
    expect(page.locator("mark").first).to_have_text("black box")


def test_search_by_the_button(page: Page) -> None:
    page.goto("/search")
    page.get_by_role("searchbox").fill("sparrow census")
    page.get_by_role("button", name="Search", exact=True).click()
    asks(page, {"q": ["sparrow census"]})
    assert titles(page) == ["Counting sparrows"]


def test_tick_a_facet_then_take_it_off(page: Page) -> None:
    page.goto("/search?q=model+OR+owl+OR+gardener")
    everything = titles(page)
    unfold(page)
    page.get_by_role("checkbox", name=re.compile(r"^Nature \d")).check()
    page.get_by_role("button", name="Apply filters").first.click()
    asks(page, {"q": ["model OR owl OR gardener"], "category": ["Nature"]})
    assert set(titles(page)) == {"Owls at night", "The naïve garden"}
    expect(page.get_by_role("checkbox", name=re.compile(r"^Nature \d"))).to_be_checked()
    page.get_by_role("link", name="Remove category: Nature").click()
    asks(page, {"q": ["model OR owl OR gardener"]})
    assert titles(page) == everything


def test_ticks_of_one_facet_are_either(page: Page) -> None:
    page.goto("/search")
    unfold(page)
    for value in ("Anime", "Film"):
        page.get_by_role("checkbox", name=re.compile(rf"^{value} \d")).first.check()
    page.get_by_role("button", name="Apply filters").first.click()
    asks(page, {"category": ["Anime", "Film"]})
    assert tally(page).startswith("3 essays")
    page.get_by_role("link", name="Clear all").click()
    asks(page, {})


def test_set_a_range(page: Page) -> None:
    page.goto("/search?category=Nature")
    unfold(page)
    page.get_by_label("Certainty, from").fill("40")
    page.get_by_label("Certainty, from").press("Enter")
    asks(page, {"category": ["Nature"], "certainty_min": ["40"]})
    assert set(titles(page)) == {"Counting sparrows", "The naïve garden"}
    page.get_by_role("link", name=re.compile("^Remove certainty")).click()
    asks(page, {"category": ["Nature"]})


def test_choose_a_bar(page: Page) -> None:
    page.goto("/search")
    unfold(page)
    bars = page.get_by_role("list", name=re.compile("^Importance"))
    bars.get_by_role("link", name=re.compile(r"^7–7\.9.*: 2 essays")).click()
    asks(page, {"importance_min": ["7"], "importance_max": ["7.9"]})
    assert set(titles(page)) == {
        "Machine Learning Interpretability: Opening the Box", "Newton's orchard",
    }  # fmt: skip


def test_change_the_order(page: Page) -> None:
    page.goto("/search?q=serial")
    order = page.get_by_role("navigation", name="Order of results")
    order.get_by_role("link", name="Importance", exact=True).click()
    asks(page, {"q": ["serial"], "sort": ["importance"]})
    here = page.get_by_role("navigation", name="Order of results").locator("[aria-current]")
    expect(here).to_have_text(["Importance"])
    first = page.get_by_role("main").get_by_role("heading", level=2).first.get_by_role("link")
    expect(first).to_have_attribute("href", "/essay/series/part-6?q=serial&sort=importance")


def test_go_to_page_two_and_back(page: Page) -> None:
    page.goto("/search")
    assert "1–20 of 25 essays" in tally(page)
    seen = titles(page)
    page.get_by_role("link", name="Page 2").click()
    asks(page, {"page": ["2"]})
    assert "21–25 of 25 essays" in tally(page)
    assert len(titles(page)) == 5
    page.get_by_role("link", name=re.compile("Previous")).click()
    asks(page, {})
    assert titles(page) == seen


def test_filters_and_order_stay_while_words_change(page: Page) -> None:
    page.goto("/search?category=Nature&sort=title&certainty_min=20")
    page.get_by_role("searchbox").fill("owl")
    page.get_by_role("searchbox").press("Enter")
    asks(page, {
        "q": ["owl"], "category": ["Nature"], "sort": ["title"], "certainty_min": ["20"],
    })  # fmt: skip
    assert "Owls at night" in titles(page)


def test_nothing_found_offers_a_way_on(page: Page) -> None:
    page.goto("/search?q=owl&category=Computing")
    assert titles(page) == []
    page.get_by_role("main").get_by_role("link", name="“owl”").click()
    asks(page, {"q": ["owl"]})
    assert "Owls at night" in titles(page)


def test_open_an_essay_at_the_section_that_was_found(page: Page) -> None:
    page.goto("/search?q=lime")
    page.get_by_role("link", name="Methods").click()
    page.wait_for_url(f"**/essay/{ML}?q=lime#methods")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Machine Learning Interpretability: Opening the Box"
    )
    expect(page.get_by_role("heading", name="Methods")).to_be_in_viewport()
    about = page.get_by_role("complementary", name="About this essay")
    for shown in ("Notes", "35%", "Likely", "75%", "7"):
        assert shown in about.inner_text()
    about.get_by_role("link", name="XAI").click()
    asks(page, {"tag": ["XAI"]})
    assert tally(page).startswith("2 essays")


def test_follow_a_link_between_essays(page: Page) -> None:
    page.goto("/essay/birds/owls")
    picture = page.get_by_role("img", name="a face")
    expect(picture).to_have_js_property("naturalWidth", 1)
    page.get_by_role("link", name="the sparrows").click()
    page.wait_for_url("**/essay/birds/sparrows#method")
    expect(page.get_by_role("heading", name="Method")).to_be_visible()


def test_browse(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Browse").click()
    page.wait_for_url("**/browse")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Statistics")).first.click()
    page.wait_for_url("**/tag/Statistics")
    expect(page.get_by_role("main").get_by_role("link", name="Counting sparrows")).to_have_count(1)


def test_the_keyboard_alone(page: Page) -> None:
    page.goto("/search?q=model")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_text(re.compile("^Skip to"))
    expect(skip).to_be_in_viewport()
    results = page.get_by_role("link", name="Skip to the results")
    for _ in range(3):
        if not results.evaluate("it => it === document.activeElement"):
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=model#page--found")
    page.keyboard.press("Tab")
    expect(page.locator(".feed:focus")).to_have_count(1)
    page.keyboard.press("Tab")
    order = page.get_by_role("navigation", name="Order of results")
    expect(order.locator(":focus")).to_have_count(1)


def test_a_page_that_is_not_there_searches(page: Page, site: str) -> None:
    """The browser logs the status itself, so this page is opened by a request that it expects."""
    answer = page.request.get("/essay/counting-sparrows")
    assert answer.status == 404
    page.set_content(answer.text())
    expect(page.get_by_role("main").get_by_role("searchbox")).to_have_value("counting sparrows")


PAGES = [
    "/", "/search", "/search?q=model+colour:red&tag=XAI&certainty_min=50", "/search?q=xyzzy",
    "/search?page=9", "/search?page=2", "/browse", "/browse/tag", "/browse/category",
    "/browse/certainty", "/browse/importance", "/browse/year", f"/essay/{ML}", "/essay/caches",
    "/essay/birds/owls", "/essay/markup", "/essay/boredom",
]  # fmt: skip


#: The elements that stick out, but those within a box that scrolls by itself.
STICKING_OUT = """
[...document.querySelectorAll("body *")]
  .filter(it => it.getBoundingClientRect().right > innerWidth + 1 && !it.closest("pre, table"))
  .slice(0, 5).map(it => `${it.tagName.toLowerCase()}.${it.className}`)
"""


def check_width(page: Page, path: str) -> None:
    page.goto(path)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW, f"{wide} pixels, for {page.evaluate(STICKING_OUT)}"


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_telephone(phone: Page, path: str) -> None:
    check_width(phone, path)


def test_filters_on_a_telephone(phone: Page) -> None:
    phone.goto("/search")
    unfold(phone)
    check_unfolded = phone.evaluate("document.documentElement.scrollWidth")
    assert check_unfolded <= NARROW
    phone.get_by_role("checkbox", name=re.compile(r"^Nature \d")).check()
    phone.get_by_role("button", name="Apply filters").first.click()
    asks(phone, {"category": ["Nature"]})


LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3


@pytest.fixture(scope="module")
def unwieldy(
    serve: Callable[..., Server], small: Archive, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """An archive whose author spares no width."""
    archive = type(small)(tmp_path_factory.mktemp("unwieldy"))
    row = "|" + " wide cell |" * 12
    archive.write(
        "long.md",
        f"""
        {LONG} https://example.org/{"path" * 60} `{"code" * 60}`

        ## {LONG}

        ```
        {"a very long line of code, " * 20}
        ```

        {row}
        |{"---|" * 12}
        {row}

        ![a picture](wide.svg)

        > {LONG}

        1. {LONG}
        """.replace("\n        ", "\n"),
        title=LONG, description=LONG, excerpt=LONG, author=LONG, tags=[LONG, "a" * 150],
        categories=[LONG], bibliography=[f"https://example.org/{'x' * 200}"], date="2024-01-01",
        status=LONG, certainty=LONG, importance=LONG, homepage_featured=True,
    )  # fmt: skip
    (archive.content / "wide.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="20"><rect/></svg>'
    )
    archive.build()
    return serve(archive, ready="/readyz").address


@pytest.mark.parametrize(
    "path",
    ["/", "/search", f"/search?q={quote(LONG)}&tag={quote(LONG)}", f"/search?q={LONG[:8]}*",
     "/browse", "/browse/tag", "/browse/certainty", "/essay/long"],
)  # fmt: skip
def test_unwieldy_essays_fit_a_telephone(reading: Reading, unwieldy: str, path: str) -> None:
    with reading(unwieldy, **PHONE) as page:
        check_width(page, path)
