"""Ten thousand essays over a slow network: what is typed stays, and the newest answer is shown."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.arriving import asks

if TYPE_CHECKING:
    from tests.browser.conftest import Reading
    from tests.conftest import Archive, Server

MANY = 10_000
#: A poor telephone network: milliseconds of delay, bytes per second.
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 60_000, "uploadThroughput": 30_000}
WORDS = [a + b + c for a in ("ba", "do", "ki", "lu", "me") for b in ("ran", "sol", "tiv", "nor")
         for c in ("a", "ek", "is", "um", "os", "al")]  # fmt: skip
TYPED = "baran* solum OR kitivis -lunorek"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def large(
    serve: Callable[..., Server], small: Archive, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Short essays with what facets, histograms and suggestions need."""
    archive = type(small)(tmp_path_factory.mktemp("large"))
    chance = random.Random(10)
    for number in range(MANY):
        some = chance.choices(WORDS, k=24)
        about = {
            "title": f"{some[0].title()} {some[1]} {number}",
            "date": f"{chance.randint(1990, 2025)}-{chance.randint(1, 12):02}-11",
            "tags": [f"{some[2]} {some[3]}", some[4]], "categories": some[5:6], "status": "Draft",
            "certainty": chance.randint(0, 100), "importance": chance.randint(0, 10),
        }  # fmt: skip
        text = f"{json.dumps(about)}\n\n{' '.join(some[6:])}.\n"
        (archive.content / f"{number}.md").write_text(text)
    assert archive.build(jobs=2).problems == ()
    return serve(archive, ready="/readyz").address


@pytest.fixture
def page(reading: Reading, large: str) -> Iterator[Page]:
    with reading(large) as page:
        page.set_default_timeout(15_000)
        yield page


def slowly(page: Page) -> None:
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)


def shows(page: Page, text: str) -> None:
    """The page shows the answer to ``text``, waits for no other, and says so everywhere."""
    found = page.locator("#page--found")
    expect(found).not_to_have_attribute("aria-busy", "true")
    expect(found.get_by_role("heading", level=1)).to_have_text(f"“{text}”")
    expect(page.locator("#page--q")).to_have_value(text)
    asks(page, {"q": [text]})


def test_what_is_typed_stays_while_answers_come(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if "/search?q=" in it.url else None)
    page.goto("/search")
    expect(page.locator(".tally strong")).to_have_text(str(MANY))
    slowly(page)
    box = page.locator("#page--q")
    box.focus()
    for at, letter in enumerate(TYPED, 1):
        box.press_sequentially(letter)
        assert box.input_value() == TYPED[:at]
        if TYPED[:at] == "baran* solum":
            shows(page, TYPED[:at])
        # Slower at times than the pause after which the page asks.
        page.wait_for_timeout(220 if at % 6 == 0 else 40)
    assert len(asked) > 2, "it asked meanwhile"
    shows(page, TYPED)
    expect(page.locator(".hit")).to_have_count(20)
    expect(box).to_be_focused()


#: A network on which the first question is answered last, whether or not it was called back.
LATE = """
const ask = window.fetch;
window.fetch = async (url, options) => {
  const late = new URL(url, location).searchParams.get("q") === "FIRST";
  const signal = CALLED_BACK ? options.signal : undefined;
  const answer = await ask(url, { ...options, signal });
  const text = await answer.text();
  if (late) await new Promise(then => setTimeout(then, 1500));
  const { dataset } = document.documentElement;
  if (late) dataset.late = Number(dataset.late ?? 0) + 1;
  return new Response(text, answer);
};
"""


@pytest.mark.parametrize("called_back", [True, False])
def test_an_older_answer_that_comes_later_is_not_shown(page: Page, called_back: bool) -> None:
    first, then = "do", "dosolek"
    page.add_init_script(
        LATE.replace("FIRST", first).replace("CALLED_BACK", str(called_back).lower())
    )
    page.goto("/search")
    slowly(page)
    box = page.locator("#page--q")
    with page.expect_request(re.compile(f"suggest.*q={first}&")), page.expect_request(
        re.compile(f"/search.*q={first}$")
    ):  # fmt: skip
        box.fill(first)
    # At once, so that what is offered is offered for the whole of it.
    box.fill(then)
    shows(page, then)
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text(re.compile(then, re.IGNORECASE))
    offered = options.all_inner_texts()
    page.wait_for_timeout(3000)
    if called_back:
        expect(page.locator("html")).not_to_have_attribute("data-late", re.compile(""))
    else:
        expect(page.locator("html")).to_have_attribute("data-late", "2")
    shows(page, then)
    assert options.all_inner_texts() == offered
