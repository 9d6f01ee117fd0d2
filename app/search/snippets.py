"""Where in an essay do the words stand: fragments of text, each with the section it is in.

A snippet is text and runs of it that match; escaping and ``<mark>`` are the template's. Every
snippet is bounded, whatever the essay.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from app.search.language import Wanted
from app.search.request import Fragment, SectionRef, Snippet
from indexer import analysis
from indexer.essay import Section

#: Characters of a snippet, and of what precedes its first match.
LENGTH = 240
LEAD = 70
#: Snippets of one hit.
MOST = 2
#: Text beyond this many characters of one section is not looked at.
REACH = 200_000


class Match(NamedTuple):
    """A place in a text, and which of the wanted words stands there."""

    start: int
    end: int
    what: str


def matches(text: str, wanted: Wanted) -> list[Match]:
    """Every place where a wanted word, pattern or phrase stands, in order.

    >>> matches("The maps of Maps", Wanted(stems=frozenset({"map"})))
    [Match(start=4, end=8, what='map'), Match(start=12, end=16, what='map')]
    """
    if not wanted:
        return []
    found: list[Match] = []
    stems: list[str] = []
    places: list[tuple[int, int]] = []
    for word, start, end in analysis.spans(text[:REACH]):
        stem = analysis.stem(word)
        stems.append(stem)
        places.append((start, end))
        if stem in wanted.stems:
            found.append(Match(start, end, stem))
        elif word in wanted.words:
            found.append(Match(start, end, word))
        elif any(pattern.fullmatch(word) for pattern in wanted.patterns):
            found.append(Match(start, end, "*"))
    for phrase in wanted.phrases:
        first, length = phrase[0], len(phrase)
        for place, stem in enumerate(stems):
            if stem == first and tuple(stems[place : place + length]) == phrase:
                found.append(
                    Match(places[place][0], places[place + length - 1][1], " ".join(phrase))
                )
    return _disjoint(found)


def _disjoint(found: list[Match]) -> list[Match]:
    """In order, the longer of two that overlap."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept


def marked(text: str, wanted: Wanted) -> tuple[Fragment, ...]:
    """A whole text, such as a title, as fragments.

    >>> marked("On maps", Wanted(stems=frozenset({"map"})))
    (Fragment(text='On ', match=False), Fragment(text='maps', match=True))
    """
    return _fragments(text, matches(text, wanted), 0, len(text))


def snippets(sections: Sequence[Section], wanted: Wanted, most: int = MOST) -> tuple[Snippet, ...]:
    """The stretches of an essay that show best why it was found, in the order of the text.

    A section ranks by how many different wanted words it has (those of its heading count), then
    by how close they stand.
    """
    ranked = []
    for number, section in enumerate(sections):
        found = matches(section.text, wanted)
        if not found:
            continue
        start, inside = _best(found)
        kinds = {m.what for m in inside} | {m.what for m in matches(section.title, wanted)}
        ranked.append((-len(kinds), -len(inside), number, section, start, found))
    ranked.sort(key=lambda r: r[:3])
    return tuple(
        _snippet(section, start, found)
        for _, _, _, section, start, found in sorted(ranked[:most], key=lambda r: r[2])
    )


def _best(found: list[Match]) -> tuple[int, list[Match]]:
    """The start of the window with most different matches, then most matches, then the first."""
    best: tuple[tuple[int, int], int, list[Match]] = ((0, 0), 0, [])
    low = 0
    for high, match in enumerate(found):
        while match.end - found[low].start > LENGTH - LEAD:
            low += 1
            if low > high:
                low = high
                break
        inside = found[low : high + 1]
        worth = (len({m.what for m in inside}), len(inside))
        if worth > best[0]:
            best = (worth, found[low].start, inside)
    return best[1], best[2]


def _snippet(section: Section, first: int, found: list[Match]) -> Snippet:
    text = section.text
    start = max(0, first - LEAD)
    line = text.rfind("\n", start, first)
    if line >= 0 and first - line > 8:
        start = line + 1
    elif start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + LENGTH)
    if end < len(text):
        space = text.rfind(" ", first + 1, end)
        end = space if space > start + LENGTH // 2 else end
    fragments = list(_fragments(text, found, start, end))
    if start and text[start - 1] != "\n":
        fragments.insert(0, Fragment("… ", False))
    if end < len(text):
        fragments.append(Fragment(" …", False))
    ref = SectionRef(section.title, section.anchor) if section.title else None
    return Snippet(ref, _joined(fragments))


def _fragments(text: str, found: list[Match], start: int, end: int) -> tuple[Fragment, ...]:
    fragments: list[Fragment] = []
    at = start
    for match in found:
        if match.end <= start or match.start >= end:
            continue
        low, high = max(match.start, start), min(match.end, end)
        if low > at:
            fragments.append(Fragment(text[at:low], False))
        fragments.append(Fragment(text[low:high], True))
        at = high
    if at < end:
        fragments.append(Fragment(text[at:end], False))
    return _joined(fragments)


def _joined(fragments: list[Fragment]) -> tuple[Fragment, ...]:
    return tuple(
        Fragment("".join(f.text for f in run).replace("\n", " "), match)
        for match, run in groupby(fragments, key=lambda f: f.match)
    )


def opening(sections: Sequence[Section]) -> tuple[Snippet, ...]:
    """The beginning of an essay, for a hit that was found without words and has no excerpt."""
    for section in sections:
        if section.text:
            return (_snippet(section, 0, []),)
    return ()
