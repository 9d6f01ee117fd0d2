"""The plain text of a rendered body, cut into sections at its headings."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from indexer.essay import Section, valid_text
from indexer.parsing import bounds

_BLOCKS = frozenset(
    "address article aside blockquote br caption dd details div dl dt figcaption figure footer "
    "header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_SILENT = frozenset(("script", "style", "template", "noscript", "svg", "math", "iframe", "object"))


#: Elements that list or show something. Their text is searched like any other; a snippet is rather
#: taken from running text.
_ASIDES = frozenset("dl ol pre table ul".split())


class _Text:
    """The text of one section, gathered block by block."""

    def __init__(self) -> None:
        self._depth = 0
        self._blocks: list[tuple[str, bool]] = []
        self._parts: list[str] = []

    def append(self, text: str) -> None:
        self._parts.append(text)

    def enter(self) -> None:
        """An element begins that lists or shows something."""
        self._close()
        self._depth += 1

    def leave(self) -> None:
        self._close()
        self._depth -= 1

    def _close(self) -> None:
        if text := tidy("".join(self._parts)):
            self._blocks.append((text, self._depth > 0))
        self._parts = []

    def section(self, level: int, title: str, anchor: str) -> Section:
        """What was gathered until now; the next text is of another section."""
        self._close()
        asides: list[tuple[int, int]] = []
        at = 0
        for text, aside in self._blocks:
            if aside:
                asides.append((at, at + len(text)))
            at += len(text) + 1
        section = Section(level, title, anchor, "\n".join(t for t, _ in self._blocks), (*asides,))
        self._blocks = []
        return section


def sections_of(root: HtmlElement) -> Iterator[Section]:
    """The tree's text, cut at its headings and before its footnotes."""
    level, title, anchor = 0, "", ""
    text = _Text()
    silent: HtmlElement | None = None  # inside an element whose text nobody reads
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if event in ("comment", "pi"):
            if silent is None and element.tail:
                text.append(element.tail)
            continue
        heading = tag in ("h1", "h2", "h3", "h4", "h5", "h6")
        if event == "start":
            notes = tag == "div" and element.get("class") == "footnote"
            if silent is None and (heading or notes):
                section = text.section(level, title, anchor)
                if section.title or section.text:
                    yield section
                if notes:
                    first = next(element.iter("li"), None)
                    level, title = 2, "Footnotes"
                    anchor = first.get("id", "") if first is not None else ""
                else:
                    level = int(tag[1])
                    whole = line(element)
                    title = bounds.shortened(whole, bounds.HEADING)
                    anchor = element.get("id", "")
                    if title != whole:
                        text.append(whole)
            backref = tag == "a" and (element.get("class") or "").startswith("footnote")
            if silent is None and (heading or backref or tag in _SILENT):
                silent = element
            elif silent is None:
                if tag in _ASIDES:
                    text.enter()
                elif tag in _BLOCKS:
                    text.append("\n")
                if element.text:
                    text.append(element.text)
            continue
        if silent is element:
            silent = None
        if silent is None and element is not root:
            if tag in _ASIDES:
                text.leave()
            elif tag in _BLOCKS:
                text.append("\n")
            if element.tail:
                text.append(element.tail)
    section = text.section(level, title, anchor)
    if section.title or section.text:
        yield section


def tidy(text: str) -> str:
    """One line per block, single spaces.

    >>> tidy("  a\\tb \\n\\n c ")
    'a b\\nc'
    """
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return valid_text("\n".join(filter(None, lines)))


def line(element: HtmlElement) -> str:
    """The text of an element on one line, with single spaces."""
    return valid_text(" ".join(element.text_content().split()))
