"""Links by name, in double brackets: what is one, what it leads to, what it shows."""

from __future__ import annotations

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from indexer.essay import WIKI_PREFIX
from indexer.parsing import inline, wikilinks
from indexer.parsing.markup import render

#: A text, the HTML that has to be in it, and the targets of its links.
LINKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "name": ("[[Owls]]", '<a href="essay:wiki//Owls">Owls</a>', ("wiki//Owls",)),
    "words": (
        "see [[Owls  at\tnight]].",
        'see <a href="essay:wiki//Owls%20at%20night">Owls at night</a>.',
        ("wiki//Owls at night",),
    ),
    "shown": ("[[Owls|the bird]]", '<a href="essay:wiki//Owls">the bird</a>', ("wiki//Owls",)),
    "shown-markup": ("[[Owls|an *owl*]]", ">an <em>owl</em></a>", ("wiki//Owls",)),
    "shown-code": ("[[Owls|`owl`]]", "><code>owl</code></a>", ("wiki//Owls",)),
    "shown-nothing": ("[[Owls|]]", ">Owls</a>", ("wiki//Owls",)),
    "section": (
        "[[Owls#By Ear]]",
        '<a href="essay:wiki//Owls#by-ear">Owls § By Ear</a>',
        ("wiki//Owls",),
    ),
    "section-shown": ("[[Owls#By Ear|how]]", "#by-ear\">how</a>", ("wiki//Owls",)),
    "own-section": ("[[#By Ear]]", '<a href="#by-ear">By Ear</a>', ()),
    "unicode-section": ("[[a#Größe]]", 'href="essay:wiki//a#gr%C3%B6%C3%9Fe"', ("wiki//a",)),
    "sharp": ("[[C#]]", '<a href="essay:wiki//C%23">C#</a>', ("wiki//C#",)),
    "path": ("[[birds/owls.md]]", 'href="essay:wiki//birds%2Fowls.md"', ("wiki//birds/owls.md",)),
    "climbing": ("[[../../etc]]", 'href="essay:wiki//..%2F..%2Fetc"', ("wiki//../../etc",)),
    "address": ("[[javascript:x]]", 'href="essay:wiki//javascript%3Ax"', ("wiki//javascript:x",)),
    "ampersand": ("[[R&D]]", ">R&amp;D</a>", ("wiki//R&D",)),
    "entity": ("[[R&amp;D]]", ">R&amp;D</a>", ("wiki//R&D",)),
    "tag": ("a [[<b>]]", ">&lt;b&gt;</a>", ("wiki//<b>",)),
    "quotes": ('[["so"]]', 'href="essay:wiki//%22so%22"', ('wiki//"so"',)),
    "underscores": ("[[a_b_c]] [[*d*]]", ">a_b_c</a>", ("wiki//a_b_c", "wiki//*d*")),
    "escape-in-name": (r"[[a\*b]]", ">a*b</a>", ("wiki//a*b",)),
    "two": ("[[a]][[b]]", ">a</a><a", ("wiki//a", "wiki//b")),
    "in-brackets": ("[[[a]]]", "[<a href", ("wiki//a",)),
    "in-emphasis": ("_[[a]]_", "<em><a href", ("wiki//a",)),
    "in-heading": ("## [[a]] b", ">a</a> b</h2>", ("wiki//a",)),
    "in-a-cell": ("|x|y|\n|-|-|\n|[[a\\|b]]|c|", '<td><a href="essay:wiki//a">b</a></td>',
                  ("wiki//a",)),
    "twice": ("[[a]] [[a|b]] [[A]]", ">b</a>", ("wiki//a", "wiki//A")),
    "beside-a-path": ("[[a]] [b](b.md)", 'href="essay:x/b.md"', ("wiki//a", "x/b.md")),
}  # fmt: skip


@pytest.mark.parametrize(("body", "wanted", "links"), LINKS.values(), ids=LINKS.keys())
def test_links_by_name(body: str, wanted: str, links: tuple[str, ...]) -> None:
    markup = render(body, "x/here.md")
    assert wanted in markup.html
    assert markup.links == links


NONE = {
    "code": ("`[[a]]`", "[[a]]"),
    "fence": ("```\n[[a]]\n```", "[[a]]"),
    "indented": ("    [[a]]", "[[a]]"),
    "raw-block": ("<pre>[[a]]</pre>", "[[a]]"),
    "escaped": (r"\[[a]] \[\[b]] [\[c]]", "[[a]] [[b]] [[c]]"),
    "empty": ("[[]] [[ ]] [[|a]] [[ #|b]]", "[[]] [[ ]] [[|a]]"),
    "picture": ("![[a]]", "![[a]]"),
    "lines": ("[[a\nb]]", "[[a"),
    "code-inside": ("[[a`b`]]", "[[ab]]"),
    "unclosed": ("[[a] [[b", "[[a] [[b"),
    "single": ("[a]", "[a]"),
    "numbered-reference": ("As in [[1]].\n\n[1]: https://e.org", "As in [[1]]."),
}


@pytest.mark.parametrize(("body", "text"), NONE.values(), ids=NONE.keys())
def test_what_is_no_link(body: str, text: str) -> None:
    markup = render(body)
    assert markup.links == ()
    root = lxml.html.fragment_fromstring(markup.html, create_parent="div")
    assert text in root.text_content()
    assert "wiki" not in markup.html


def test_ordinary_links_with_brackets_in_them_stay() -> None:
    markup = render("[[a]](b.md) [[c]][d]\n\n[d]: https://e.org", "x/y.md")
    assert markup.links == ("x/b.md",)
    assert 'href="https://e.org"' in markup.html
    assert "wiki" not in markup.html


def test_an_author_cannot_forge_more_than_a_link() -> None:
    markup = render('<a data-wiki="Owls" href="javascript:x" onclick="y" id="z">o</a>')
    assert markup.html == '<p><a href="essay:wiki//Owls">o</a></p>'
    assert render('<a href="essay:wiki//Owls">o</a>').links == ()


def test_the_words_shown_are_searched() -> None:
    (section,) = render("See [[Owls|the bird]] and [[Mice]].").sections
    assert section.text == "See the bird and Mice."


letters = st.characters(exclude_characters="[]|#`\\&", exclude_categories=("Cc", "Cs", "Cn"))
names = (
    st.text(letters, min_size=1, max_size=20)
    .map(lambda name: " ".join(name.split()))
    .filter(lambda name: name and not name.startswith("^"))
)


@given(names)
def test_any_name_arrives(name: str) -> None:
    markup = render(f"a [[{name}]] b")
    assert markup.links == (WIKI_PREFIX + name,)
    (link,) = lxml.html.fragment_fromstring(markup.html, create_parent="div").iter("a")
    assert " ".join(link.text_content().split()) == name


PIECES = "[[a]] [[a|b]] [[a#b]] [[ ]] [c](d) `x` \\[ * _ word \n\n | ![ [^1] <b>".split(" ")


@given(st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join))
def test_skipping_plain_text_changes_no_link(text: str) -> None:
    plain, skipping = (Markdown(extensions=["tables", "footnotes"]) for _ in range(2))
    for converter in (plain, skipping):
        wikilinks.install_wikilinks(converter)
    inline.skip_unmarked_text(skipping)
    assert skipping.treeprocessors["inline"].__class__ is inline.ProseProcessor
    assert skipping.convert(text) == plain.convert(text)
