"""Essays unlike the others: from right to left, with hundreds of tags; and essays on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Reading
    from tests.conftest import Archive, Server

ARABIC = "تقوم الخرائط على القياس، والقياس على الشك. "
HEBREW = "המפה אינה השטח. "
#: The width of a sheet of A4 between its margins, in pixels.
SHEET = {"width": 720, "height": 1000}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(
    serve: Callable[..., Server], small: Archive, tmp_path_factory: pytest.TempPathFactory
) -> str:
    archive = type(small)(tmp_path_factory.mktemp("unusual"))
    archive.write(
        "arabic.md",
        f"SHAP {ARABIC * 6}[^1] `code()`\n\n## الجزء الأول\n\n{ARABIC * 9}\n\n"
        f"## الجزء الثاني\n\n{ARABIC}\n\n[^1]: {ARABIC}",
        title="خريطة الشك", description="ما الذي تُخفيه الخرائط؟", lang="ar", author="ليلى حسن",
        tags=["قياس", "Maps"], date="2024-01-03", certainty="likely", status="Finished",
        importance=7,
    )  # fmt: skip
    archive.write("mixed.md", f"An English paragraph.\n\n{HEBREW}", title="A quotation")
    archive.write(
        "tags.md",
        "| option | default | what |\n|---|---:|---|\n| jobs | 1234 | processes |",
        title="Two hundred tags", tags=[f"subject {n}" for n in range(200)], date="2024-01-02",
        certainty=40, status="In progress", importance=3,
    )  # fmt: skip
    archive.build()
    return serve(archive, ready="/readyz").address


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def page(request: pytest.FixtureRequest, reading: Reading, site: str) -> Iterator[Page]:
    wide = {"width": 1280, "height": 800}
    with reading(site, viewport=wide, java_script_enabled=request.param) as page:
        yield page


def style(element: Locator, name: str) -> str:
    value: str = element.evaluate("(it, name) => getComputedStyle(it)[name]", name)
    return value


def place(element: Locator) -> tuple[float, float]:
    """Where an element begins and ends from left to right, in pixels."""
    box = element.bounding_box()
    assert box
    return box["x"], box["x"] + box["width"]


def letters(page: Page, text: str) -> tuple[float, float]:
    """Where a text is drawn, from left to right."""
    left, right = page.evaluate(
        """text => {
          const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (!all.nextNode().data.includes(text));
          const range = document.createRange();
          range.setStart(all.currentNode, all.currentNode.data.indexOf(text));
          range.setEnd(all.currentNode, range.startOffset + text.length);
          const { left, right } = range.getBoundingClientRect();
          return [left, right];
        }""",
        text,
    )
    return left, right


def test_a_language_decides_before_a_first_word_that_is_foreign(page: Page) -> None:
    page.goto("/essay/arabic")
    prose = page.locator(".prose")
    assert style(prose, "direction") == "rtl"
    assert place(prose)[1] - letters(page, "SHAP")[1] < 2, "the first word stands at the right"
    code = prose.locator("code")
    assert (style(code, "direction"), style(code, "unicodeBidi")) == ("ltr", "isolate")
    assert style(page.get_by_role("heading", level=1), "direction") == "rtl"


def test_a_name_does_not_take_the_mark_after_it_along(page: Page) -> None:
    page.goto("/search?q=tag:Maps")
    line = page.locator(".hit .byline")
    expect(line).to_have_text(re.compile(r"ليلى حسن.*3 January 2024"))
    author, day = line.locator("span").nth(0), line.locator("span").nth(1)
    assert place(author)[1] <= place(day)[0]
    mark = day.evaluate("it => getComputedStyle(it, '::before').content")
    assert mark == '"·"'


def test_notes_stand_beside_the_text_not_on_its_ratings(page: Page) -> None:
    page.goto("/essay/arabic")
    note = page.locator(".sidenote")
    if note.count():
        assert place(note)[1] < place(page.locator(".prose"))[0]
        assert place(note)[0] >= 0
    else:
        expect(page.locator(".footnote")).to_be_visible()


def test_a_paragraph_runs_as_its_letters_do(page: Page) -> None:
    page.goto("/essay/mixed")
    left, right = place(page.locator(".prose"))
    assert letters(page, "An English")[0] - left < 2
    assert right - letters(page, "המפה")[1] < 2


def test_values_stand_beside_their_boxes(page: Page) -> None:
    page.goto("/search?q=tag:Maps")
    box = page.get_by_role("checkbox", name=re.compile("^قياس"))
    assert 0 < letters(page, "قياس")[0] - place(box)[1] < 30


def test_hundreds_of_tags_are_folded(page: Page) -> None:
    page.goto("/essay/tags")
    about = page.get_by_role("complementary", name="About this essay")
    last = about.get_by_role("link", name="subject 199")
    expect(last).to_be_hidden()
    assert about.get_by_role("link").count() <= 30
    about.get_by_text("176 more tags").click()
    expect(last).to_be_visible()


def test_a_number_does_not_touch_the_next_column(page: Page) -> None:
    page.goto("/essay/tags")
    assert letters(page, "processes")[0] - letters(page, "1234")[1] > 10


@pytest.mark.parametrize(
    "path", ["/", "/search", "/essay/arabic", "/essay/tags", "/browse", "/map"]
)
def test_pages_fit_a_sheet_of_paper(page: Page, path: str) -> None:
    page.set_viewport_size(SHEET)  # type: ignore[arg-type]
    page.emulate_media(media="print")
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= SHEET["width"]
    for hidden in ("Site", "Theme", "Order of results"):
        for element in page.get_by_label(hidden, exact=True).all():
            expect(element).to_be_hidden()
    for element in page.locator("[type=search], button").all():
        expect(element).to_be_hidden()
