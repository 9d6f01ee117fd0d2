"""Marks, anchors and frames are put between the tags of an essay and change none of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import lxml.html
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.search.highlight.matcher import Finder, Phrase, matches
from app.web.pages.essay_html import MAX_MARKS, furnish, mark
from indexer.parsing.markup import BadMarkup, render

_MARKS = re.compile(r"</?mark[^>]*>")


def looking_for(*words: str) -> Finder:
    return Finder(words=tuple((word, word) for word in words))


def marked(html: str, finder: Finder) -> tuple[str, int]:
    def find(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return [[(m.start, m.end) for m in matches(text, finder)] for text in texts]

    return mark(html, find)


def shown(html: str) -> list[str]:
    """The text of every place that is marked."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    places: dict[str, str] = {}
    for each in root.iter("mark"):
        number = each.get("data-place", "")
        places[number] = places.get(number, "") + (each.text or "")
    return list(places.values())


def test_words_are_marked_and_numbered() -> None:
    html, places = marked("<p>A map, <em>the map</em>; maps.</p>", looking_for("map"))
    assert places == 2
    assert html == (
        '<p>A <mark id="page--mark-1" data-place="1">map</mark>, <em>the '
        '<mark id="page--mark-2" data-place="2">map</mark></em>; maps.</p>'
    )


def test_a_word_across_tags_is_one_place() -> None:
    html, places = marked("<p>in<b>ter</b>pret</p>", looking_for("interpret"))
    assert (places, shown(html)) == (1, ["interpret"])
    assert html.count("<mark") == 3
    assert html.count(' id="') == 1


def test_blocks_part_words_and_phrases_reach_across_them() -> None:
    assert marked("<ul><li>black</li><li>box</li></ul>", looking_for("blackbox"))[1] == 0
    phrase = Finder(phrases=(Phrase(("black",), (frozenset({"black"}), frozenset({"box"}))),))
    table = "<table><tbody><tr><td>black</td>\n<td>box</td></tr></tbody></table>"
    html, places = marked(table, phrase)
    assert (places, shown(html)) == (1, ["blackbox"])
    assert _MARKS.sub("", html) == table
    assert "<mark data-place" in html
    assert ">\n<" in html  # nothing stands between two cells
    assert marked("<p>black</p><h2>box</h2>", phrase)[1] == 0  # a heading is a text of its own


def test_tags_attributes_and_entities_are_no_text() -> None:
    source = '<p title="map"><a href="/map?a=map&amp;b">R&amp;D &lt;map&gt; &nbsp;amp map</a></p>'
    html, places = marked(source, looking_for("map"))
    assert (places, _MARKS.sub("", html)) == (2, source)
    assert marked(source, looking_for("amp"))[1] == 1
    assert marked("<pre>&lt;b&gt; it&#x27;s &quot;x&quot;</pre>", looking_for("it's"))[1] == 1
    assert "<mark" in marked("<p>&eacute;t&eacute;</p>", looking_for("ete"))[0]


def test_the_number_of_a_note_is_no_word() -> None:
    html = render("Map[^1] one.\n\n[^1]: Map 1.").html
    assert marked(html, looking_for("map"))[1] == 2
    assert marked(html, looking_for("1"))[1] == 1


def _each(word: str, text: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(word, text)]


def test_there_is_an_end_to_marking() -> None:
    html, places = mark("<p>x</p>" * (MAX_MARKS + 9), lambda texts: [_each("x", t) for t in texts])
    assert (places, html.count("<mark")) == (MAX_MARKS, MAX_MARKS)


WORDS = [
    "map",
    "box",
    "b",
    "a",
    "script",
    "amp",
    "lt",
    "p",
    "div",
    "href",
    "1",
    "é",
    "ß",
    "strasse",
]
pieces = st.sampled_from(
    [
        *WORDS, "<b>", "</b>", "<p>", "</p>", "<div>", "</div>", "<table><tr><td>", "<td>",
        "</table>", "<li>", "<a href='map.md' title=\"a > b & map\">", "</a>", "<!-- map -->",
        "<script>map", "</script>", "&amp;", "&lt;map&gt;", "&nbsp;", "&#233;", "&amp;amp;", "<",
        ">", "&", '"', "'", " ", " ", "\n\n", "\n", "## ", "[^1]", "[^1]: ", "| ", "|--|", "`", "*",
        "**", "~~~\n", "    ", "1. ", "[[map|a]]", "<svg>", "<math>", "<textarea>", "<br>", "É",
        "<details><summary>", "<img alt=map src=a.png>",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(
    st.lists(pieces | st.text(max_size=4), max_size=25).map("".join),
    st.sets(st.sampled_from(WORDS)),
)
@example(body="&nbsp;map", words={"map"})
def test_without_its_marks_any_html_is_what_it_was(body: str, words: set[str]) -> None:  # fmt: skip
    try:
        html = render(body, "x/a.md").html
    except BadMarkup:
        assume(False)
    assume("<mark" not in html)
    finder = Finder(
        words=tuple((word, word) for word in sorted(words)),
        prefixes=("a",),
        among={"box": "box", "it's": "its"},
        phrases=(Phrase(("map",), (frozenset({"map"}), frozenset({"box"}))),),
    )
    made, places = marked(html, finder)
    assert _MARKS.sub("", made) == html
    assert made.count("<mark id=") == places
    # And a reader of HTML sees the same text, with every mark closed where it was opened.
    # Within an element, as lxml drops the space that a fragment begins with.
    before = lxml.html.fragment_fromstring(f"<div>{html}</div>")
    after = lxml.html.fragment_fromstring(f"<div>{made}</div>")
    assert after.text_content() == before.text_content()
    assert len(shown(made)) == places
    assert not after.xpath("//mark//*")


@given(st.lists(pieces, max_size=25).map("".join))
def test_furnishing_takes_nothing_away(body: str) -> None:
    try:
        html = render(body, "x/a.md").html
    except BadMarkup:
        assume(False)
    made = furnish(html)
    bare = re.sub(r' <a class="anchor"[^>]*>#</a>', "", made)
    bare = re.sub(
        r'<div class="scroll"[^>]*>(<table.*?</table>)</div>', r"\1", bare, flags=re.DOTALL
    )
    if html.count("<table") == made.count('class="scroll"'):  # none in another
        assert bare.replace('<pre tabindex="0"', "<pre") == html


def test_headings_tables_and_code() -> None:
    html = furnish(
        render(
            "## A *b*\n\n| a |\n|---|\n| 1 |\n\n```\nx\n```\n\n"
            '<table><caption>The "best" <b>maps</b></caption><tr><td>'
            "<table><tr><td>x</td></tr></table></td></tr></table>"
        ).html
    )
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    (heading,) = root.iter("h2")
    (anchor,) = heading.iter("a")
    assert anchor.get("href") == "#" + (heading.get("id") or "")
    regions = root.xpath("//div[@role='region']")
    assert [region.get("aria-label") for region in regions] == ["Table 1", 'The "best" maps']
    assert [region.get("tabindex") for region in regions] == ["0", "0"]
    assert [pre.get("tabindex") for pre in root.iter("pre")] == ["0"]
