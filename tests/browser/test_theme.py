"""Light and dark: the system's choice, or the reader's, kept and never late."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Reading

STYLE = Path(__file__).resolve().parents[2] / "templates/static/style.css"
ESSAY = "/essay/caches"

pytestmark = pytest.mark.browser


class Look(NamedTuple):
    """What of a page shows its theme."""

    paper: str
    ink: str
    scheme: str
    window: list[str]


LIGHT = Look("rgb(252, 250, 245)", "rgb(31, 28, 24)", "light", ["rgb(252, 250, 245)"])
DARK = Look("rgb(23, 22, 20)", "rgb(227, 222, 211)", "dark", ["rgb(23, 22, 20)"])
LOOKS = {"light": LIGHT, "dark": DARK}

#: The colours around the page are those of the tags that apply, as the browser reads them.
LOOKING = """() => {
  const page = getComputedStyle(document.documentElement);
  const rgb = hex => { document.head.style.color = hex; return document.head.style.color; };
  const field = document.createElement("p");
  field.style.color = "light-dark(rgb(1, 1, 1), rgb(2, 2, 2))";
  document.body.append(field);
  const scheme = getComputedStyle(field).color === "rgb(1, 1, 1)" ? "light" : "dark";
  field.remove();
  const metas = [...document.querySelectorAll("meta[name=theme-color]")];
  const window_ = metas.filter(it => matchMedia(it.media).matches).map(it => rgb(it.content));
  return [page.backgroundColor, page.color, scheme, window_];
}"""


def look(page: Page) -> Look:
    return Look(*page.evaluate(LOOKING))


def choose(page: Page, theme: str) -> None:
    page.get_by_role("radio", name=theme, exact=True).check()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_itself_a_page_follows_the_system(
    reading: Reading, site: str, scheme: str, scripts: bool
) -> None:
    with reading(site, color_scheme=scheme, java_script_enabled=scripts) as page:
        page.goto(ESSAY)
        assert look(page) == LOOKS[scheme]
        switch = page.locator("#page--theme")
        if scripts:
            expect(switch.get_by_role("radio", name="Auto")).to_be_checked()
        else:
            expect(switch).to_be_hidden()


@pytest.mark.parametrize(("scheme", "theme"), [("light", "Dark"), ("dark", "Light")])
def test_a_choice_holds_against_the_system_on_every_page(
    reading: Reading, site: str, scheme: str, theme: str
) -> None:
    chosen = LOOKS[theme.lower()]
    with reading(site, color_scheme=scheme) as page:
        page.goto("/")
        choose(page, theme)
        assert look(page) == chosen
        for path in ("/", "/search", "/map", "/browse", ESSAY):
            page.goto(path)
            assert look(page) == chosen, path
            expect(page.get_by_role("radio", name=theme)).to_be_checked()
        choose(page, "Auto")
        assert look(page) == LOOKS[scheme]
        page.goto("/")
        assert look(page) == LOOKS[scheme]


def test_the_switch_by_the_keyboard(reading: Reading, site: str) -> None:
    with reading(site, color_scheme="light") as page:
        page.goto(ESSAY)
        page.get_by_role("button", name="Keyboard shortcuts").focus()
        page.keyboard.press("Tab")
        group = page.get_by_role("radiogroup", name="Theme")
        expect(group.get_by_role("radio", name="Auto")).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(group.get_by_role("radio", name="Dark")).to_be_checked()
        assert look(page) == DARK
        shown = group.locator(":focus-visible + span")
        expect(shown).to_have_css("outline-style", "solid")
        page.keyboard.press("ArrowLeft")
        expect(group.get_by_role("radio", name="Light")).to_be_checked()
        assert look(page) == LIGHT
        page.keyboard.press("/")
        expect(page.locator("#page--q")).to_be_focused()


def test_no_page_begins_in_the_other_theme(reading: Reading, site: str) -> None:
    """What is chosen is known before there is anything to paint."""
    with reading(site, color_scheme="light") as page:
        page.goto("/")
        choose(page, "Dark")
        page.add_init_script("""
            new MutationObserver((_, observer) => {
              if (!document.body) return;
              window.began = document.documentElement.dataset.theme;
              observer.disconnect();
            }).observe(document, { childList: true, subtree: true });
        """)
        page.goto(ESSAY)
        assert page.evaluate("began") == "dark"


def test_other_tabs_follow(reading: Reading, site: str) -> None:
    with reading(site, color_scheme="light") as page:
        page.goto("/")
        other = page.context.new_page()
        other.goto(ESSAY)
        choose(page, "Dark")
        expect(other.get_by_role("radio", name="Dark")).to_be_checked()
        assert look(other) == DARK


def test_a_browser_that_keeps_nothing_still_switches(reading: Reading, site: str) -> None:
    with reading(site, color_scheme="light") as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw Error('no'); } });"
        )
        page.goto("/")
        choose(page, "Dark")
        assert look(page) == DARK


def test_paper_is_light(reading: Reading, site: str) -> None:
    with reading(site, color_scheme="dark") as page:
        page.goto(ESSAY)
        choose(page, "Dark")
        page.emulate_media(media="print")
        shown = look(page)
        assert (shown.paper, shown.ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
        assert shown.scheme == "light"


#: Where colours of the theme are drawn: on a page, an element and its property.
DRAWN = {
    "/map": [(".chart", "background-color"), (".dots a", "color"), (".grid", "stroke")],
    "/browse": [(".bars a", "color"), (".small-map circle", "fill")],
    "/search": [(".histogram svg", "fill"), (".small-map .ground", "fill"), (".track", "fill")],
    ESSAY: [("pre", "background-color"), (".highlight .n", "color"), ("table", "border-color")],
}  # fmt: skip


def test_pictures_and_code_follow_the_choice(reading: Reading, site: str) -> None:
    def drawn(scheme: str, choice: str) -> dict[str, str]:
        with reading(site, color_scheme=scheme) as page:
            colours = {}
            page.goto("/")
            choose(page, choice)
            for path, elements in DRAWN.items():
                page.goto(path)
                for element, name in elements:
                    colours[f"{path} {element}"] = page.locator(element).first.evaluate(
                        "(it, name) => getComputedStyle(it).getPropertyValue(name)", name
                    )
            return colours

    light, dark = drawn("light", "Auto"), drawn("dark", "Auto")
    assert [place for place in light if light[place] == dark[place]] == []
    assert drawn("light", "Dark") == dark
    assert drawn("dark", "Light") == light


def test_every_colour_is_stated_once_for_both() -> None:
    """Beyond the tokens, and the paper of a printer, no colour is named."""
    style = STYLE.read_text("utf-8")
    tokens, rest = style.split("\n}\n", 1)
    screen = rest[: rest.rindex("@media print")]
    assert re.findall(r"#[0-9a-f]{3,8}\b", screen) == []
    assert re.findall(r": #", tokens) == []
