"""Where in an essay do the words stand: fragments of text, each with the section it is in.

A snippet is text and runs of it that match; escaping and ``<mark>`` are the template's. Every
snippet is bounded, whatever the essay. A text is not analysed again: the words that a query
stands for in this generation are known (:class:`Finder`), and looking for those is a search in a
string.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from sys import maxsize
from typing import NamedTuple

from app.search.budget import FREE, MARKS, Budget
from app.search.highlight.matcher import Finder, Match, _after_marks, matches
from app.search.results import Fragment, SectionRef, Snippet
from indexer.essay import Section

#: Characters of a snippet, and of what precedes its first match.
SNIPPET_LETTERS = 240
LEAD_LETTERS = 70
#: Snippets of one hit.
MAX_SNIPPETS = 2

#: Where a text may be cut: a space, or what ends a clause where no spaces are written.
_RESTS = " 。！？；，、．"
_REST = re.compile(f"[{_RESTS}]")


def marked(text: str, finder: Finder, budget: Budget = FREE) -> tuple[Fragment, ...]:
    """A whole text, such as a title, as fragments.

    >>> marked("On maps", Finder(words=(("maps", "map"),)))
    (Fragment(text='On ', match=False), Fragment(text='maps', match=True))
    """
    found = matches(text, finder, budget) if finder else []
    return _fragments(text, found, 0, len(text)) if found else (Fragment(text, False),)


def snippets(
    sections: Sequence[Section], finder: Finder, budget: Budget = FREE, most: int = MAX_SNIPPETS
) -> tuple[Snippet, ...]:
    """The stretches of an essay that show best why it was found, the section that matches best
    first.

    A section ranks by how many different wanted words it has (those of its heading count), then
    by whether they stand in running text and not in code, lists or tables, then by how many stand
    close together; of equals the first comes first.
    """
    ranked = []
    for number, section in enumerate(sections):
        if budget.over(MARKS):
            break
        found = matches(section.text, finder, budget)
        if not found:
            continue
        best = _best(found, section.asides)
        kinds = {m.what for m in best.matches}
        if section.title:
            kinds |= {m.what for m in matches(section.title, finder, budget)}
        _, prose, count = best.worth
        ranked.append((-len(kinds), not prose, -count, number, section, best, found))
    ranked.sort(key=lambda r: r[:4])
    return tuple(
        _snippet(section, best.matches[0].start, found)
        for *_, section, best, found in ranked[:most]
    )


class _Window(NamedTuple):
    """Matches that one snippet can show, in order."""

    matches: list[Match]
    #: Whether they stand in running text, and not in code, lists or tables.
    prose: bool

    @property
    def worth(self) -> tuple[int, bool, int]:
        return len({match.what for match in self.matches}), self.prose, len(self.matches)


def _best(found: list[Match], asides: Sequence[tuple[int, int]]) -> _Window:
    """The window with most different matches, then in running text, then with most matches, then
    the first; ``found`` is not empty."""
    best = _fullest(found, prose=not asides)
    if asides:
        told = [match for match in found if not _within(match.start, asides)]
        prose = _fullest(told, prose=True)
        return prose if prose.worth > best.worth else best
    return best


def _fullest(found: list[Match], *, prose: bool) -> _Window:
    """Of the longest windows that end with each match the one with most different matches, then
    with most, then the first; an empty one where there is no match."""
    counts: dict[str, int] = {}
    low, most, chosen = 0, (0, 0), slice(0, 0)
    for high, match in enumerate(found, 1):
        counts[match.what] = counts.get(match.what, 0) + 1
        while match.end - found[low].start > SNIPPET_LETTERS - LEAD_LETTERS and low < high - 1:
            left = found[low].what
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
            low += 1
        worth = len(counts), high - low
        if worth > most:
            most, chosen = worth, slice(low, high)
    return _Window(found[chosen], prose)


def _within(place: int, asides: Sequence[tuple[int, int]]) -> bool:
    """Whether a place lies in one of some stretches, which ascend and are apart."""
    at = bisect_right(asides, (place, maxsize)) - 1
    return at >= 0 and place < asides[at][1]


def _ref(section: Section) -> SectionRef | None:
    return SectionRef(section.title, section.anchor) if section.title else None


def _snippet(section: Section, first: int, found: list[Match]) -> Snippet:
    text = section.text
    # Letters of double width say in half the number what others do.
    share = 2 if unicodedata.east_asian_width(text[first : first + 1] or " ") in "WF" else 1
    start = max(0, first - LEAD_LETTERS // share)
    # What is told begins with itself, not with the end of a list before it.
    start = max([start, *(end + 1 for _, end in section.asides if start <= end < first)])
    line = text.rfind("\n", start, first)
    if line >= 0 and first - line > 8:
        start = line + 1
    elif start and text[start - 1] != "\n":
        rest = _REST.search(text, start, first)
        start = _after_marks(text, rest.end() if rest else start)
    end = min(len(text), start + SNIPPET_LETTERS // share)
    if end < len(text):
        rests = " " if text.isascii() else _RESTS
        last = max([text.rfind(rest, first + 1, end) for rest in rests])
        far = last >= start + SNIPPET_LETTERS // share // 2
        end = _after_marks(text, last + (text[last] != " ") if far else end)
    before = "… " if start and text[start - 1] != "\n" else ""
    after = " …" if end < len(text) else ""
    return Snippet(_ref(section), _fragments(text, found, start, end, before, after))


def _fragments(
    text: str, found: list[Match], start: int, end: int, before: str = "", after: str = ""
) -> tuple[Fragment, ...]:
    """A stretch of text cut at its matches, with something before and after it."""
    fragments: list[Fragment] = []
    at, plain = start, before
    for match in found:
        if match.end <= start or match.start >= end:
            continue
        low, high = max(match.start, start), min(match.end, end)
        if low > at or plain:
            fragments.append(Fragment(plain + text[at:low].replace("\n", " "), False))
        fragments.append(Fragment(text[low:high].replace("\n", " "), True))
        at, plain = high, ""
    if at < end or plain or after:
        fragments.append(Fragment(plain + text[at:end].replace("\n", " ") + after, False))
    return tuple(fragments)


def opening(sections: Sequence[Section]) -> tuple[Snippet, ...]:
    """The beginning of an essay, for a hit that was found without words and has no excerpt."""
    for section in sections:
        if section.text:
            return (_snippet(section, 0, []),)
    return ()
