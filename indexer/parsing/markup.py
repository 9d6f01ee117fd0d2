"""A Markdown body as safe HTML, sections with anchors and plain text, and links.

One parse serves index and page: Python-Markdown makes HTML, one walk over its tree takes
sections and links from it and rewrites what the page needs, nh3 lets only safe HTML out, last.

Links to other files of the archive leave here as ``essay:path/to.md#anchor``,
``essay:wiki//Name#anchor`` (:mod:`indexer.parsing.wikilinks`) and ``media:path/to.png``; only the
web knows the addresses (:mod:`app.web.pages.search`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, unquote, urlsplit

import lxml.html
import nh3
from lxml import etree
from lxml.html import HtmlElement
from markdown import Markdown
from markdown.extensions.toc import slugify_unicode
from pygments.token import STANDARD_TYPES

from indexer.essay import Section, valid_text
from indexer.parsing import bounds, inline, wikilinks
from indexer.parsing.sections import line, sections_of, tidy

#: Characters that are kept of an anchor that is too long.
ANCHOR = 100

#: Ends of the names of files that are essays.
SUFFIXES = (".md", ".markdown", ".mdx")


class Markup:
    """What one body says. ``title`` is its own first heading, if it begins with one; ``cut`` says
    how many headings are too long to be whole."""

    __slots__ = ("cut", "first_heading", "html", "links", "sections", "title")

    def __init__(
        self,
        html: str,
        sections: tuple[Section, ...],
        links: tuple[str, ...],
        title: str,
        first_heading: str,
        cut: int = 0,
    ) -> None:
        self.html = html
        self.sections = sections
        self.links = links
        self.title = title
        self.first_heading = first_heading
        self.cut = cut

    @property
    def words(self) -> int:
        """The number of words in the body, headings included."""
        return sum(len(s.text.split()) + len(s.title.split()) for s in self.sections)


class BadMarkup(ValueError):
    """The Markdown library gave up on a text; :func:`plain` shows it as it is."""


def _markdown() -> Markdown:
    converter = Markdown(
        extensions=[
            "tables",
            "fenced_code",
            "codehilite",
            "footnotes",
            "toc",
            "def_list",
            "sane_lists",
        ],
        extension_configs={
            "codehilite": {"css_class": "highlight", "guess_lang": False},
            "tables": {"use_align_attribute": True},
            "toc": {"slugify": slugify_unicode},
        },
        output_format="html",
    )
    wikilinks.install_wikilinks(converter)
    inline.skip_unmarked_text(converter)
    return converter


#: Building a converter costs as much as a short essay, so each process keeps one.
_converter: list[Markdown] = []


def prepare() -> None:
    """Make this process's converter, so that no file is blamed for the time that takes."""
    if not _converter:
        _converter.append(_markdown())


def render(body: str, path: str = "", title: str = "") -> Markup:
    """Markdown as safe HTML and sections. ``path`` is the essay's content path, for its links.

    A level-1 heading at the very top that repeats ``title`` (or gives the title that the front
    matter did not) is left out of HTML and sections: the page shows it already. Raises
    :class:`BadMarkup` where the library fails.

    >>> markup = render("Hi *you*.\\n\\n## A b\\n\\nSee [c](../c.md).", "x/y.md")
    >>> [(s.title, s.anchor, s.text) for s in markup.sections]
    [('', '', 'Hi you.'), ('A b', 'a-b', 'See c.')]
    >>> markup.links
    ('c.md',)
    """
    try:
        prepare()
        converter = _converter[0]
        html = converter.reset().convert(body)
        parser = lxml.html.HTMLParser(huge_tree=True)
        root = lxml.html.fragment_fromstring(html, create_parent="div", parser=parser)
    except RecursionError as error:
        _converter.clear()
        raise BadMarkup("The text is nested too deeply to be rendered") from error
    except (TimeoutError, MemoryError):
        _converter.clear()
        raise
    except Exception as error:  # the library's own bugs: any text at all may reach it
        _converter.clear()
        raise BadMarkup(f"The text cannot be rendered as Markdown ({error!r:.100})") from error
    if parser.error_log.filter_from_fatals():  # it stopped, and the rest would be lost
        raise BadMarkup("The text is nested too deeply to be rendered")
    headings = list(root.iter("h1", "h2", "h3", "h4", "h5", "h6"))
    first = line(headings[0]) if headings else ""
    own = _take_title(root, headings, title)
    if any(h.tag == "h1" for h in headings):
        for heading in headings:
            heading.tag = f"h{min(int(heading.tag[1]) + 1, 6)}"
    links = tuple(dict.fromkeys(_rewrite_links(root, path)))
    _shorten_anchors(headings)
    sections = tuple(sections_of(root))
    cut = sum(len(s.title) == bounds.HEADING and s.title.endswith("…") for s in sections)
    inner = etree.tostring(root, encoding="unicode", method="html", with_tail=False)
    safe = nh3.clean(
        inner[len("<div>") : -len("</div>")],
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto", "essay", "media"},
        link_rel=None,
    )
    return Markup(valid_text(safe), sections, links, own, first, cut)


def plain(body: str) -> Markup:
    """A body that cannot be rendered, as one preformatted section: nothing of it is lost."""
    text = tidy(body)
    return Markup(f"<pre>{escape(valid_text(body))}</pre>", (Section(0, "", "", text),), (), "", "")


def _take_title(root: HtmlElement, headings: list[HtmlElement], title: str) -> str:
    """Remove a level-1 heading at the top that is the essay's title; its text, or nothing."""
    if not headings or headings[0].tag != "h1":
        return ""
    heading = headings[0]
    above = next((el for el in root if isinstance(el.tag, str)), None)
    if heading is not above or (root.text or "").strip():
        return ""
    text = line(heading)
    if len(text) > bounds.TITLE or (title and text.casefold() != title.casefold()):
        return ""
    headings[0].drop_tree()
    del headings[0]
    return text


def _rewrite_links(root: HtmlElement, path: str) -> Iterator[str]:
    """Mark links into the archive in place; yields the targets of links to essays."""
    for element in root.iter("a", "img", "source", "video", "audio"):
        if (named := wikilinks.resolve(element)) is not None:
            if named[0] and len(named[0]) <= bounds.LINK:
                yield named[0]
            continue
        name = "href" if element.tag == "a" else "src"
        address = element.get(name)
        if not address:
            continue
        try:
            parts = urlsplit(valid_text(address.strip()))
        except ValueError:  # "http://[" is no address
            del element.attrib[name]
            continue
        if parts.scheme in ("essay", "media"):  # ours alone: an author's could name any file
            del element.attrib[name]
            continue
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path)))
        if target.startswith(".."):
            continue
        suffix = posixpath.splitext(target)[1].lower()
        essay = element.tag == "a" and (suffix in SUFFIXES or not suffix)
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        element.set(name, f"{'essay' if essay else 'media'}:{quote(target)}{fragment}")
        if essay and len(target) <= bounds.LINK:
            yield target


def _shorten_anchors(headings: list[HtmlElement]) -> None:
    """Give headings whose anchors are too long for an address a short one."""
    for number, heading in enumerate(headings, 1):
        if len(heading.get("id", "")) > bounds.HEADING:
            heading.set("id", f"{heading.get('id', '')[:ANCHOR]}-{number}")


_TAGS = nh3.ALLOWED_TAGS | {"section", "figure", "figcaption", "video", "audio", "source"}
_ATTRIBUTES = {
    "*": {"id", "title", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "video": {"src", "controls", "width", "height"},
    "audio": {"src", "controls"},
    "source": {"src", "type"},
    "details": {"open"},
    "time": {"datetime"},
    "q": {"cite"},
    "blockquote": {"cite"},
}
#: Classes that the page's stylesheet knows; an essay cannot borrow those of the page around it.
_CLASSES = {
    "div": {"highlight", "footnote"},
    "span": {name for name in STANDARD_TYPES.values() if name},
    "a": {"footnote-ref", "footnote-backref"},
}
