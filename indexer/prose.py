"""Which stretches of Markdown hold no markup, and need not be searched for it?

Python-Markdown tries each of its inline patterns on every paragraph. All of them need one
of a few characters, and most prose has none. Looking for those first takes a seventh off the time
of a build; what is rendered stays the same to the letter.
"""

from __future__ import annotations

import re

from markdown import Markdown
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


def install(converter: Markdown) -> None:
    """Use :class:`ProseProcessor` where every inline pattern is a known one."""
    patterns = converter.inlinePatterns
    if len(patterns) == sum(name in patterns for name in KNOWN):
        converter.treeprocessors.deregister("inline")
        converter.treeprocessors.register(ProseProcessor(converter), "inline", 20)
