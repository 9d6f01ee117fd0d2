"""Where in an essay do the words stand: fragments of text, each with the section it is in.

A snippet is text and runs of it that match; escaping and ``<mark>`` are the template's. Every
snippet is bounded, whatever the essay. A text is not analysed again: the words that a query
stands for in this generation are known (:class:`Finder`), and looking for those is a search in a
string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.search.request import Fragment, SectionRef, Snippet
from indexer.analysis import WORD, fold, stem
from indexer.essay import Section

#: Characters of a snippet, and of what precedes its first match.
LENGTH = 240
LEAD = 70
#: Snippets of one hit.
MOST = 2
#: Text beyond this many characters of one section is not looked at, and matches beyond so many.
REACH = 200_000
ENOUGH = 500


class Match(NamedTuple):
    """A place in a text, and which of the wanted words stands there."""

    start: int
    end: int
    what: str


@dataclass(frozen=True)
class Finder:
    """What to look for in folded text: ``words`` as (word, what it counts as), ``patterns`` as
    regular expressions, ``phrases`` as (words it may begin with, the stems of all its words)."""

    words: tuple[tuple[str, str], ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    phrases: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.patterns or self.phrases)


class _Letters(dict[int, str]):
    """Folds one letter to one letter, so that places in the folded text are places in the text."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        bare = fold(letter)
        kept = bare if len(bare) == 1 else (letter.lower() if len(letter.lower()) == 1 else letter)
        self[code] = kept
        return kept


_letters = _Letters()


def folded(text: str) -> str:
    """The text in lower case without accents, letter for letter.

    >>> folded("Naïve Straße")
    'naive straße'
    """
    return text.lower() if text.isascii() else text.translate(_letters)


#: What may stand before ’d, ’ll, ’m, ’re and ’ve.
_SHORTENED = frozenset(
    "i you he she it we they who what that there here how where when why let".split()
)
#: Letters of a folded word that may be one letter in a text, which folds to no other one.
_ONE_LETTER = (("ss", "ß"), ("oe", "œ"), ("ae", "æ"), ("th", "þ"))
_CONTRACTIONS = ("d", "m", "re", "ve", "ll")


def spellings(word: str) -> Iterator[str]:
    """How a folded word may stand in folded text: the apostrophes and the ß that folding removed.

    >>> list(spellings("dont")), list(spellings("strasse"))
    (['dont', "don't", 'don’t'], ['strasse', 'straße'])
    """
    yield word
    for letters, one in _ONE_LETTER:
        if letters in word:
            yield word.replace(letters, one)
    parts = [(word[:-1], "t")] if word.endswith("nt") else []
    parts += [(word.removesuffix(end), end) for end in _CONTRACTIONS if word.endswith(end)]
    for base, end in parts:
        if end == "t" or base in _SHORTENED:
            yield f"{base}'{end}"
            yield f"{base}’{end}"


def matches(text: str, finder: Finder) -> list[Match]:
    """Every place where a wanted word, pattern or phrase stands, in order.

    >>> matches("The maps of Maps", Finder(words=(("maps", "map"),)))
    [Match(start=4, end=8, what='map'), Match(start=12, end=16, what='map')]
    """
    plain = folded(text[:REACH])
    found: list[Match] = []
    for word, what in finder.words:
        # Most words are in few sections; finding that out must cost nothing else.
        if word in plain:
            found += [Match(start, end, what) for start, end in _places(plain, word)]
    for pattern in finder.patterns:
        found += (
            Match(*each.span(), "*")
            for each in pattern.finditer(plain)
            if _whole(plain, *each.span())
        )
    for beginnings, stems in finder.phrases:
        for word in beginnings:
            for start, _ in _places(plain, word):
                end = _sequence(plain, start, stems)
                if end:
                    found.append(Match(start, end, " ".join(stems)))
    return _disjoint(found) if len(found) > 1 else found


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a word stands by itself, with a possessive behind it."""
    start = text.find(word)
    count = 0
    while start >= 0 and count < ENOUGH:
        end = start + len(word)
        if not (start and _inside(text[start - 1])) and not (
            end < len(text) and _inside(text[end])
        ):
            if text[end : end + 2] in ("'s", "’s") and not (
                end + 2 < len(text) and _inside(text[end + 2])
            ):
                end += 2
            yield start, end
            count += 1
        start = text.find(word, end)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no letter touches a stretch of text."""
    before = start > 0 and _inside(text[start - 1])
    return not before and not (end < len(text) and _inside(text[end]))


def _inside(character: str) -> bool:
    return character.isalnum() or (not character.isascii() and unicodedata.combining(character) > 0)


def _sequence(text: str, start: int, stems: tuple[str, ...]) -> int:
    """The end of the words from ``start`` on, if these are their stems; else 0."""
    end = 0
    words = WORD.finditer(text, start)
    for wanted in stems:
        word = next(words, None)
        if word is None or stem(fold(word[0])) != wanted:
            return 0
        end = word.end()
    return end


def _disjoint(found: list[Match]) -> list[Match]:
    """In order, the longer of two that overlap."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept


def marked(text: str, finder: Finder) -> tuple[Fragment, ...]:
    """A whole text, such as a title, as fragments.

    >>> marked("On maps", Finder(words=(("maps", "map"),)))
    (Fragment(text='On ', match=False), Fragment(text='maps', match=True))
    """
    found = matches(text, finder) if finder else []
    return _fragments(text, found, 0, len(text)) if found else (Fragment(text, False),)


def snippets(sections: Sequence[Section], finder: Finder, most: int = MOST) -> tuple[Snippet, ...]:
    """The stretches of an essay that show best why it was found, the section that matches best
    first.

    A section ranks by how many different wanted words it has (those of its heading count), then
    by how close they stand; of equals the first comes first.
    """
    ranked = []
    for number, section in enumerate(sections):
        found = matches(section.text, finder)
        if not found:
            continue
        start, inside = _best(found)
        kinds = {m.what for m in inside}
        if section.title:
            kinds |= {m.what for m in matches(section.title, finder)}
        ranked.append((-len(kinds), -len(inside), number, section, start, found))
    ranked.sort(key=lambda r: r[:3])
    return tuple(_snippet(section, start, found) for *_, section, start, found in ranked[:most])


def _best(found: list[Match]) -> tuple[int, list[Match]]:
    """The start of the window with most different matches, then most matches, then the first."""
    best: tuple[tuple[int, int], int, list[Match]] = ((0, 0), 0, [])
    low = 0
    for high, match in enumerate(found):
        while low < high and match.end - found[low].start > LENGTH - LEAD:
            low += 1
        inside = found[low : high + 1]
        worth = (len({m.what for m in inside}), len(inside))
        if worth > best[0]:
            best = (worth, found[low].start, inside)
    return best[1], best[2]


def _ref(section: Section) -> SectionRef | None:
    return SectionRef(section.title, section.anchor) if section.title else None


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
