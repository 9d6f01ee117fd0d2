"""Stretches of Markdown that hold no markup, and are not searched for it.

Python-Markdown tries each of its inline patterns on every paragraph. All of them need one
of a few characters, and most prose has none. Looking for those first takes a seventh off the time
of a build; what is rendered stays the same to the letter.

It looks for the end of a link's text letter by letter, once for every bracket that may begin one;
ten thousand brackets that are never closed took it half a minute. Here the brackets of a text are
paired once. Headings, rules and tables it looks for in every block, and again in what is left of
it after each of its lines that is one; most blocks are known by a few letters to hold none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor, HRProcessor
from markdown.extensions.tables import TableProcessor
from markdown.inlinepatterns import LinkInlineProcessor
from markdown.treeprocessors import InlineProcessor

#: What an inline pattern can begin with, a hard line break, and the mark of a placeholder.
MARKUP = re.compile(r"[\\`\[\]!<&*_\x02]|  \n")

#: The patterns that this is known to be true of.
KNOWN = frozenset(
    "backtick escape reference link image_link image_reference short_reference short_image_ref "
    "autolink automail linebreak html entity not_strong em_strong em_strong2 footnote "
    "wikilink".split()
)


class ProseProcessor(InlineProcessor):
    """Python-Markdown's inline processor, which leaves plain text alone."""

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        if MARKUP.search(data) is None:
            return data
        handle = super()._InlineProcessor__handleInline  # type: ignore[misc]
        handled: str = handle(data, patternIndex)
        return handled


def skip_unmarked_text(converter: Markdown) -> None:
    """Search no stretch for what it cannot hold; inline where every pattern is a known one."""
    _look_less(converter)
    patterns = converter.inlinePatterns
    if len(patterns) == sum(name in patterns for name in KNOWN):
        converter.treeprocessors.deregister("inline")
        converter.treeprocessors.register(ProseProcessor(converter), "inline", 20)


_BRACKET = re.compile(r"[\[\]]")


class _Pairs:
    """The pairs of brackets of the text that was last asked about."""

    def __init__(self) -> None:
        self._data = ""
        self._closing: dict[int, int] | None = None

    def text(self, data: str, index: int) -> tuple[str, int, bool]:
        """The text of a link that begins at ``index``, where it ends, and whether it does."""
        end = self._closing_of(data, index)
        return ("", len(data), False) if end < 0 else (data[index:end], end + 1, True)

    def _closing_of(self, data: str, index: int) -> int:
        if data is self._data and self._closing is not None:
            return self._closing.get(index, -1)
        depth = 1
        for found in _BRACKET.finditer(data, index):
            depth += 1 if found[0] == "[" else -1
            if not depth:
                return found.start()
        # The search went to the end: the next bracket would have to go there again.
        self._data, self._closing = data, _paired(data)
        return -1


def _paired(data: str) -> dict[int, int]:
    """What every bracket that is closed is closed by: its end to the place of the other."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACKET.finditer(data):
        if found[0] == "[":
            opened.append(found.end())
        elif opened:
            pairs[opened.pop()] = found.start()
    return pairs


def _look_less(converter: Markdown) -> None:
    """Have a converter give up early where there is no link, heading, rule or table."""
    pairs = _Pairs()
    for pattern in converter.inlinePatterns:
        if isinstance(pattern, LinkInlineProcessor):
            pattern.getText = pairs.text  # type: ignore[method-assign]
            pattern.getLink = partial(_link, pattern.getLink)  # type: ignore[method-assign]
    for block in converter.parser.blockprocessors:
        if isinstance(block, TableProcessor):
            block.test = partial(_table, block.test)  # type: ignore[method-assign]
        elif isinstance(block, HashHeaderProcessor | HRProcessor):
            needed = "#" if isinstance(block, HashHeaderProcessor) else "-_*"
            block.test = partial(_having, needed, block.test)  # type: ignore[method-assign]


Test = Callable[[Element, str], bool]
Link = tuple[str, str | None, int, bool]


def _link(find: Callable[[str, int], Link], data: str, index: int) -> Link:
    """What stands in parentheses behind a link's text."""
    if not data.startswith("(", index) or data.find(")", index) < 0:
        return "", None, index, False
    return find(data, index)


def _table(test: Test, parent: Element, block: str) -> bool:
    """Whether a block is a table: its second line is made of dashes and pipes."""
    start = block.find("\n") + 1
    end = block.find("\n", start)
    second = block[start : end if end >= 0 else len(block)]
    return bool(start) and set(second) <= set("|:- ") and test(parent, block)


def _having(needed: str, test: Test, parent: Element, block: str) -> bool:
    """Whether a block is what ``test`` looks for, which has one of some letters."""
    return any(letter in block for letter in needed) and test(parent, block)
