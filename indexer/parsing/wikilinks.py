"""Links by name in a Markdown text: ``[[double brackets]]``.

``[[Name]]``, ``[[Name|shown words]]``, ``[[Name#Section]]`` and ``[[#Section]]`` of this essay.
Which essay a name means is not known while one file is read: it leaves here as the target
``wiki//Name``, in a page as ``essay:wiki//Name``, and is looked up when a page is shown. No
content path has two slashes in a row, so none is ever taken for a name.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote
from xml.etree.ElementTree import Element

from lxml.html import HtmlElement
from markdown import Markdown
from markdown.extensions.toc import slugify_unicode
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, INLINE_PLACEHOLDER_RE, STX, AtomicString

from indexer.essay import WIKI_PREFIX, valid_text

#: The attributes that carry a link from Markdown's tree to that of the page.
_CARRIER, _SECTION = "data-wiki", "data-section"

#: Not a picture's, and not the text of an ordinary link: ``[[a]](b.md)``, ``[[a]][b]``.
_PATTERN = r"(?<!!)\[\[(?P<inside>[^\[\]\n]+)\]\](?!\(|\[(?!\[))"
_ESCAPED = re.compile(rf"{STX}(\d+){ETX}")


def install_wikilinks(converter: Markdown) -> None:
    """Know double brackets: after code and escapes, before ordinary links."""
    converter.inlinePatterns.register(_WikiLink(_PATTERN, converter), "wikilink", 172)


def resolve(element: HtmlElement) -> tuple[str, str] | None:
    """Give a link of this kind its address: (target, anchor); None for any other link.

    The target is empty for a section of the same essay.
    """
    carried = element.attrib.pop(_CARRIER, None)
    if carried is None:
        return None
    name = valid_text(carried)
    anchor = slugify_unicode(valid_text(element.get(_SECTION, "")), "-")
    target = WIKI_PREFIX + name if name else ""
    element.attrib.clear()
    fragment = f"#{quote(anchor)}" if anchor else ""
    element.set(
        "href", f"essay:{WIKI_PREFIX}{quote(name, safe='')}{fragment}" if name else fragment
    )
    return target, anchor


class _WikiLink(InlineProcessor):
    """One pattern of Python-Markdown's."""

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, match: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        named, pipe, shown = self._parted(match["inside"])
        name, hash_, section = (" ".join(part.split()) for part in unescape(named).partition("#"))
        if name and hash_ and not section:
            name += hash_  # C# is a name
        if STX in named or not (name or section) or name.lower() in self.md.references:
            return None, None, None
        link = Element("a", {_CARRIER: name, _SECTION: section})
        if pipe and shown.strip():
            # Markup among the words to show is meant; in a name it is part of the name.
            link.text = shown.strip()
        else:
            link.text = AtomicString(f"{name} § {section}" if name and section else name or section)
        return link, match.start(0), match.end(0)

    def _parted(self, inside: str) -> tuple[str, str, str]:
        """What stands before the first pipe, without escapes; the pipe; what stands behind it.

        A table's cell needs its pipe escaped, so an escaped one parts as well.
        """
        before = ""
        at = 0
        for hidden in INLINE_PLACEHOLDER_RE.finditer(inside):
            escaped = self._hidden(hidden[1])
            plain = inside[at : hidden.start()]
            if "|" in plain:
                break
            if escaped == "|":
                return before + plain, "|", inside[hidden.end() :]
            before += plain + (hidden[0] if escaped is None else escaped)
            at = hidden.end()
        rest, pipe, shown = inside[at:].partition("|")
        return before + rest, pipe, shown

    def _hidden(self, number: str) -> str | None:
        """The character that an escape was replaced for; None for markup."""
        stashed = self.md.treeprocessors["inline"].stashed_nodes.get(number)  # type: ignore[attr-defined]
        if not isinstance(stashed, str):
            return None
        return _ESCAPED.sub(lambda match: chr(int(match[1])), stashed)
