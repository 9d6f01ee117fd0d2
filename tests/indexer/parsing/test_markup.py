"""What a Markdown body becomes: safe HTML for the page, sections and links for the index."""

from __future__ import annotations

import re
from itertools import pairwise

import lxml.html
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown import Markdown

from indexer.analysis import tokenizer
from indexer.essay import Section, valid_text
from indexer.parsing import inline
from indexer.parsing.markup import BadMarkup, Markup, plain, render
from indexer.parsing.sections import tidy


def shown(markup: Markup) -> str:
    """All text of the page."""
    return str(lxml.html.fragment_fromstring(markup.html, create_parent="div").text_content())


RENDERED = {
    "emphasis": ("*a* **b** `c`", ["<em>a</em>", "<strong>b</strong>", "<code>c</code>"]),
    "table": (
        "| a | b |\n|:--|--:|\n| 1 | 2 |",
        ["<table>", '<th align="left">a</th>', '<td align="right">2</td>'],
    ),
    "code-coloured": (
        "```python\ndef f():\n    return 1\n```",
        ['<div class="highlight">', '<span class="k">def</span>', '<span class="mi">1</span>'],
    ),
    "code-unknown-language": ("```nosuch\nx < y\n```", ["x &lt; y", "<pre>"]),
    "code-no-language": ("```\na b\n```", ['<div class="highlight">', "a b"]),
    "code-indented": ("    a < b", ["<pre>", "a &lt; b"]),
    "definition-list": ("Map\n:   A model.", ["<dl>", "<dt>Map</dt>", "<dd>A model.</dd>"]),
    "footnote": ("A.[^1]\n\n[^1]: B.", ['class="footnote-ref"', '<div class="footnote">', "B."]),
    "lists": ("3. a\n4. b\n\n* c", ['<ol start="3">', "<ul>"]),
    "image": ("![a](https://e.org/b.png)", ['<img alt="a" src="https://e.org/b.png">']),
    "autolink": ("<https://e.org>", ['<a href="https://e.org">']),
    "raw-details": (
        "<details open><summary>s</summary>t</details>",
        ["<details", "<summary>s</summary>"],
    ),
    "raw-figure": (
        '<figure><img src="https://e.org/a.png"><figcaption>c</figcaption></figure>',
        ["<figure>", "<figcaption>c</figcaption>"],
    ),
    "entity": ("a &amp; b &lt; c", ["a &amp; b &lt; c"]),
    "unicode": ("Größe 音楽 🙂", ["Größe 音楽 🙂"]),
}


@pytest.mark.parametrize(("body", "wanted"), RENDERED.values(), ids=RENDERED.keys())
def test_html(body: str, wanted: list[str]) -> None:
    html = render(body).html
    assert [part for part in wanted if part not in html] == []


def sections(body: str, title: str = "") -> list[tuple[int, str, str, str]]:
    return [(s.level, s.title, s.anchor, s.text) for s in render(body, title=title).sections]


SECTIONS = {
    "empty": ("", []),
    "no-heading": ("a\n\nb", [(0, "", "", "a\nb")]),
    "one": ("## A b\n\nc", [(2, "A b", "a-b", "c")]),
    "before": ("a\n\n## B\n\nc", [(0, "", "", "a"), (2, "B", "b", "c")]),
    "levels": (
        "## A\n\n### B\n\nb\n\n## C",
        [(2, "A", "a", ""), (3, "B", "b", "b"), (2, "C", "c", "")],
    ),
    "same-title": ("## A\n\n1\n\n## A\n\n2", [(2, "A", "a", "1"), (2, "A", "a_1", "2")]),
    "unicode-anchor": ("## Über *Größe*", [(2, "Über Größe", "über-größe", "")]),
    "own-anchor": ('<h2 id="x">A</h2>\nb', [(2, "A", "x", "b")]),
    "markup-in-heading": ("## `f(x)` & [g](h.md)", [(2, "f(x) & g", "fx-g", "")]),
    "setext": ("A\n---\n\nb", [(2, "A", "a", "b")]),
    "inline-runs-together": ("a**b**c *d*", [(0, "", "", "abc d")]),
    "blocks-stand-apart": ("* a\n* b\n\n> c", [(0, "", "", "a\nb\nc")]),
    "table-cells": ("| a | b |\n|---|---|\n| c | d |", [(0, "", "", "a\nb\nc\nd")]),
    "line-break": ("a  \nb", [(0, "", "", "a\nb")]),
    "code": ("```\nx = 1\n```", [(0, "", "", "x = 1")]),
    "script-is-silent": ("a\n\n<script>evil()</script>\n\nb", [(0, "", "", "a\nb")]),
    "style-is-silent": ("a <style>b{}</style> c", [(0, "", "", "a c")]),
    "comment-is-silent": ("a <!-- b --> c", [(0, "", "", "a c")]),
    "control-entity": ("a&#1;b", [(0, "", "", "a\ufffdb")]),
    "footnotes": (
        "A.[^n] b\n\n## C\n\nd[^m]\n\n[^n]: One.\n[^m]: Two.",
        [(0, "", "", "A. b"), (2, "C", "c", "d"), (2, "Footnotes", "fn:n", "One.\nTwo.")],
    ),
}


@pytest.mark.parametrize(("body", "wanted"), SECTIONS.values(), ids=SECTIONS.keys())
def test_sections(body: str, wanted: list[tuple[int, str, str, str]]) -> None:
    assert sections(body) == wanted


TITLES = {
    # body, title in the front matter, title taken, levels of the headings left
    "given-and-repeated": ("# On maps\n\na", "On Maps", "On maps", []),
    "not-given": ("# On maps\n\n## B", "", "On maps", [2]),
    "markup-in-it": ("# On *maps*\n\na", "On maps", "On maps", []),
    "another": ("# Part\n\n## B", "On maps", "", [2, 3]),
    "not-at-the-top": ("a\n\n# On maps", "On maps", "", [2]),
    "below-an-image": ("![x](https://e.org/x)\n\n# On maps", "On maps", "", [2]),
    "below-a-comment": ("<!-- x -->\n\n# On maps\n\na", "On maps", "On maps", []),
    "second-h1": ("# On maps\n\n# Two\n\n## B", "On maps", "On maps", [2, 3]),
    "no-h1": ("## A\n\n### B", "On maps", "", [2, 3]),
    "h6-stays": ("# A\n\n###### B", "x", "", [2, 6]),
    "h2-is-no-title": ("## On maps", "On maps", "", [2]),
}


@pytest.mark.parametrize(("body", "title", "own", "levels"), TITLES.values(), ids=TITLES.keys())
def test_the_title_leaves_and_no_other_heading_is_a_first(
    body: str, title: str, own: str, levels: list[int]
) -> None:
    markup = render(body, title=title)
    assert markup.title == own
    assert [s.level for s in markup.sections if s.level] == levels
    assert "<h1" not in markup.html
    assert [f"<h{n}" in markup.html for n in levels] == [True] * len(levels)
    if own:
        assert own not in shown(markup)


def test_the_first_heading_is_known_at_any_level() -> None:
    assert render("a\n\n### B *c*\n\n## D").first_heading == "B c"
    assert render("a").first_heading == ""


LINKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "sibling": ("[a](b.md)", 'href="essay:x/b.md"', ("x/b.md",)),
    "dot": ("[a](./b.md)", 'href="essay:x/b.md"', ("x/b.md",)),
    "parent": ("[a](../b.md)", 'href="essay:b.md"', ("b.md",)),
    "deeper": ("[a](y/b.markdown)", 'href="essay:x/y/b.markdown"', ("x/y/b.markdown",)),
    "mdx-upper": ("[a](B.MDX)", 'href="essay:x/B.MDX"', ("x/B.MDX",)),
    "fragment": ("[a](b.md#c-d)", 'href="essay:x/b.md#c-d"', ("x/b.md",)),
    "query": ("[a](b.md?c=1)", 'href="essay:x/b.md"', ("x/b.md",)),
    "no-suffix": ("[a](b)", 'href="essay:x/b"', ("x/b",)),
    "folder": ("[a](y/)", 'href="essay:x/y"', ("x/y",)),
    "encoded": ("[a](b%20c.md)", 'href="essay:x/b%20c.md"', ("x/b c.md",)),
    "spaces": ("[a](<b c.md>)", 'href="essay:x/b%20c.md"', ("x/b c.md",)),
    "unicode": ("[a](größe.md)", 'href="essay:x/gr%C3%B6%C3%9Fe.md"', ("x/größe.md",)),
    "file": ("[a](b.pdf)", 'href="media:x/b.pdf"', ()),
    "image": ("![a](b.png)", 'src="media:x/b.png"', ()),
    "image-of-an-essay": ("![a](b.md)", 'src="media:x/b.md"', ()),
    "image-above": ("![a](../i/b.png)", 'src="media:i/b.png"', ()),
    "video": ('<video src="b.mp4"></video>', 'src="media:x/b.mp4"', ()),
    "raw": ('<a href="b.md">a</a>', 'href="essay:x/b.md"', ("x/b.md",)),
    "twice": ("[a](b.md) [c](b.md#d)", 'href="essay:x/b.md#d"', ("x/b.md",)),
    "external": ("[a](https://e.org/b.md)", 'href="https://e.org/b.md"', ()),
    "mail": ("[a](mailto:a@e.org)", 'href="mailto:a@e.org"', ()),
    "host": ("[a](//e.org/b.md)", 'href="//e.org/b.md"', ()),
    "own-fragment": ("[a](#b)", 'href="#b"', ()),
    "own-query": ("[a](?b)", 'href="?b"', ()),
    "rooted": ("[a](/b.md)", 'href="/b.md"', ()),
    "above-the-root": ("[a](../../b.md)", 'href="../../b.md"', ()),
    "encoded-above-the-root": ("[a](%2e%2e/../b.md)", 'href="%2e%2e/../b.md"', ()),
    "control": ('<a href="b.md#&#1;">a</a>', 'href="essay:x/b.md#%EF%BF%BD"', ("x/b.md",)),
}


@pytest.mark.parametrize(("body", "wanted", "links"), LINKS.values(), ids=LINKS.keys())
def test_links(body: str, wanted: str, links: tuple[str, ...]) -> None:
    markup = render(body, "x/here.md")
    assert wanted in markup.html
    assert markup.links == links


@pytest.mark.parametrize(
    "address",
    [
        "essay:b.md", "media:../../etc/passwd", "MEDIA:x", "http://[", "javascript:alert(1)",
        "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_an_address_that_no_essay_may_give_is_dropped(address: str) -> None:
    markup = render(f'<a href="{address}">a</a> <img src="{address}">')
    assert "href" not in markup.html
    assert "src" not in markup.html
    assert markup.links == ()


NASTY = {
    "script": "<script>alert(1)</script>",
    "script-inline": "a <script src=//e.org></script> b",
    "onerror": '<img src=x onerror="alert(1)">',
    "onload-svg": "<svg/onload=alert(1)>",
    "svg-animate": "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "style": '<p style="position:fixed">a</p><style>p{}</style>',
    "iframe": '<iframe src="https://e.org"></iframe>',
    "object": '<object data="x"></object><embed src="x">',
    "form": '<form action="x"><input name=q><button>b</button></form>',
    "base": '<base href="https://e.org">',
    "meta": '<meta http-equiv="refresh" content="0;url=x">',
    "math": "<math><mtext><script>alert(1)</script></mtext></math>",
    "mutation": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "template": "<template><script>alert(1)</script></template>",
    "code-is-shown": "`<script>alert(1)</script>`",
    "fence-is-shown": "```html\n<script>alert(1)</script>\n```",
    "heading": "# <img src=x onerror=alert(1)>\n\n## b",
    "link-title": '[a](b.md "x\\" onclick=alert(1) \\"")',
    "unclosed-tag": "<div onclick=alert(1)",
    "closes-the-page": "</div></body></html><script>alert(1)</script>",
    "body": "a\n\n<body onload=alert(1)>\n\nb",
    "class": '<div class="site-header highlight">a</div><span class="k evil">b</span>',
}
#: Elements and attributes that no essay may bring into a page.
FORBIDDEN_TAGS = frozenset(
    {
        "script", "style", "iframe", "object", "embed", "form", "input", "button", "base", "meta",
        "svg", "math", "template", "noscript", "link", "body", "html", "head", "h1",
    }
)  # fmt: skip
CLASSES = {"highlight", "footnote", "footnote-ref", "footnote-backref"}


def assert_safe(markup: Markup) -> None:
    root = lxml.html.fragment_fromstring(markup.html, create_parent="section")
    for element in root.iterdescendants():
        assert isinstance(element.tag, str)
        assert element.tag not in FORBIDDEN_TAGS
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in ("style", "srcdoc", "action", "formaction", "srcset")
            if name in ("href", "src", "cite"):
                scheme, colon, _ = value.partition(":")
                assert not colon or not scheme.isalpha() or scheme.lower() in (
                    "http", "https", "mailto", "essay", "media",
                )  # fmt: skip
            if name == "class" and element.tag != "span":
                assert set(value.split()) <= CLASSES


@pytest.mark.parametrize("body", NASTY.values(), ids=NASTY.keys())
def test_nothing_nasty_comes_through(body: str) -> None:
    assert_safe(render(body))
    assert_safe(render(f"# T\n\n> * {body}\n\n{body}", "x/a.md", "T"))


def test_nothing_of_a_page_is_borrowed() -> None:
    assert render(NASTY["class"]).html.count("class=") == 2
    assert 'class="highlight"' in render(NASTY["class"]).html
    assert "evil" not in render(NASTY["class"]).html


pieces = st.sampled_from(
    [
        *NASTY.values(), *(body for body, *_ in LINKS.values()),
        "<", ">", "/", '"', "'", "=", " ", "\n", "\n\n", "    ", "> ", "* ", "# ", "`", "```\n",
        "<script", "</script>", "onerror=x", "href=", "javascript:x", "<a ", "<img ", "<!--", "-->",
        "<![CDATA[", "]]>", "<?x", "&#x6a;", "&#0;", "\x02", "\x03", "[^1]", "[^1]: ", "| ", "|--|",
        "<div", "</div>", "<svg>", "<math>", "<title>", "<textarea>", "<plaintext>", "&lt;",
    ]
)  # fmt: skip


@given(st.lists(pieces | st.text(max_size=6), max_size=14).map("".join))
@example("<plaintext><script>alert(1)</script>")
@example("<h1>a</h1><h1 onclick=b>c</h1>")
def test_random_nasty_html_is_safe_and_searchable(body: str) -> None:
    try:
        markup = render(body, "x/a.md")
    except BadMarkup:
        markup = plain(body)
    assert_safe(markup)
    for section in markup.sections:
        assert section.title or section.text
        assert not {"\x00", "\x01", "\x02", "\x03"} & set(section.text + section.title)


@pytest.mark.parametrize(
    ("body", "listed"),
    [
        ("Told.\n\n    code\n\nTold again.", ["code"]),
        ("```\na = 1\n\nb = 2\n```", ["a = 1\nb = 2"]),
        ("```python\na = 1\n```\n\nTold.", ["a = 1"]),
        ("* a\n* b\n    1. c\n    2. d\n\nTold.", ["a\nb", "c\nd"]),
        ("Told.\n\na\n:   defined", ["a\ndefined"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["a\nb\n1\n2"]),
        ("> quoted\n\nTold `code` inline.", []),
    ],
)
def test_what_is_code_or_listed_is_known(body: str, listed: list[str]) -> None:
    (section,) = render(body).sections
    assert [section.text[start:end] for start, end in section.asides] == listed


words = st.lists(st.from_regex(r"[b-z]{1,6}", fullmatch=True), min_size=1, max_size=5).map(" ".join)
blocks = st.one_of(
    words,
    words.map(lambda w: f"## {w}"),
    words.map(lambda w: f"### {w}"),
    words.map(lambda w: f"> {w}"),
    words.map(lambda w: f"1. {w}\n2. {w}"),
    words.map(lambda w: f"```\n{w}\n```"),
    words.map(lambda w: f"| {w} | a |\n|---|---|\n| {w} | a |"),
    words.map(lambda w: f"**{w}** a `{w}` [{w}](a.md) *{w}*"),
    words.map(lambda w: f"<div>{w} <b>{w}</b></div>"),
    words.map(lambda w: f"a\n:   {w}"),
)


@given(st.lists(blocks, max_size=8))
def test_sections_cover_the_words_of_the_body_and_the_page(parts: list[str]) -> None:
    body = "\n\n".join(parts)
    markup = render(body)
    said = [word for s in markup.sections for word in f"{s.title} {s.text}".split()]
    written = set(tokenizer.WORD.findall(body.replace("a.md", ""))) - {"div", "b", "1", "2"}
    assert set(said) >= written - {"a"}
    assert "".join(said) == "".join(shown(markup).split())
    assert markup.words == len(said)
    for section in markup.sections:
        ends = [place for aside in section.asides for place in aside]
        assert ends == sorted(set(ends)), "ascending and apart"
        assert not ends or ends[-1] <= len(section.text)


@given(st.lists(words.map(lambda w: f"## {w[:3]}"), min_size=1, max_size=12))
def test_anchors_are_unique_and_lead_to_their_headings(headings: list[str]) -> None:
    markup = render("\n\n".join(headings))
    anchors = [s.anchor for s in markup.sections]
    assert len(set(anchors)) == len(anchors) == len(headings)
    places = [markup.html.index(f'id="{anchor}"') for anchor in anchors]
    assert all(a < b for a, b in pairwise(places))


def test_one_body_leaves_nothing_for_the_next() -> None:
    first = render("## A\n\n[x][r]\n\na[^1]\n\n[^1]: b\n\n[r]: https://e.org")
    render("## A\n\n*[HTML]: x")
    again = render("## A\n\n[x][r]\n\na[^1]\n\n[^1]: b\n\n[r]: https://e.org")
    assert (first.html, first.sections) == (again.html, again.sections)
    assert "e.org" not in render("[x][r]").html


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<div>" * 1_000 + "x", id="divs"),
        pytest.param(">" * 3_000 + "x", id="quotes"),
        pytest.param("*" * 5_000 + "x", id="stars"),
        pytest.param("[" * 2_000 + "x", id="brackets"),
        pytest.param("".join(f"{'  ' * n}* x\n" for n in range(200)), id="lists"),
    ],
)
def test_deep_nesting_keeps_its_text(body: str) -> None:
    assert any("x" in section.text for section in render(body).sections)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<div>" * 5_000 + "x", id="divs"),
        pytest.param("a " + "<b>" * 5_000 + "x", id="inline"),
    ],
)
def test_nesting_past_the_parser_is_refused_rather_than_cut(body: str) -> None:
    with pytest.raises(BadMarkup, match="nested too deeply"):
        render(body)


def test_plain_loses_nothing() -> None:
    markup = plain("# a <b>\n\n  c\x02")
    assert markup.html == "<pre># a &lt;b&gt;\n\n  c\ufffd</pre>"
    assert markup.sections == (Section(0, "", "", "# a <b>\nc\ufffd"),)
    assert (markup.title, markup.first_heading, markup.links) == ("", "", ())
    assert plain("<script>").html == "<pre>&lt;script&gt;</pre>"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "word Word_word * ** _ __ ` \\ [a](b) ![i](j) <b> &amp; & http://x <x@y.z> [^1] [ ] ! "
            "\n \n\n é 1. - > # | ~ *** - ___ |- [a][b] ![c][d] [b]: ]( ]] [[ ('t') |a :-: "
            "\n|-|\n".split(" ")
        ),
        max_size=40,
    ).map(" ".join)
)
def test_skipping_plain_text_changes_nothing(text: str) -> None:
    plain = Markdown(extensions=["tables", "fenced_code", "footnotes", "def_list"])
    skipping = Markdown(extensions=["tables", "fenced_code", "footnotes", "def_list"])
    inline.skip_unmarked_text(skipping)
    assert skipping.treeprocessors["inline"].__class__ is inline.ProseProcessor
    assert skipping.convert(text) == plain.convert(text)


@given(st.text(st.sampled_from("ab \t\n\r\x0b\x1c\x85\xa0\u2028\u3000\x00")) | st.text())
def test_a_text_is_tidied_to_single_spaces_and_lines_that_say_something(text: str) -> None:
    spaced = re.sub(r"[^\S\n]+", " ", text)
    assert tidy(text) == valid_text(re.sub(r"\s*\n\s*", "\n", spaced).strip())
