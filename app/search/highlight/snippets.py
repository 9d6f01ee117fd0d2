"""Where in an essay do the words stand: fragments of text, each with the section it is in.

A snippet is text and runs of it that match; escaping and ``<mark>`` are the template's. Every
snippet is bounded, whatever the essay. A text is not analysed again: the words that a query
stands for in this generation are known (:class:`Finder`), and looking for those is a search in a
string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from app.search.budget import FREE, MARKS, Budget
from app.search.highlight.folded_text import folded
from app.search.request import Fragment, SectionRef, Snippet
from indexer.analysis.analyzer import WORD, spans, stem
from indexer.analysis.folding import FAR, RUN, without_apostrophes
from indexer.essay import Section

#: Characters of a snippet, and of what precedes its first match.
LENGTH = 240
LEAD = 70
#: Snippets of one hit.
MOST = 2
#: Text beyond this many characters of one section is not looked at, and matches beyond so many.
REACH = 200_000
#: A word of a phrase, with what stands before it, is no longer than this.
LONGEST = 100
ENOUGH = 500


#: Where a text may be cut: a space, or what ends a clause where no spaces are written.
_RESTS = " 。！？；，、．"
_REST = re.compile(f"[{_RESTS}]")


class Match(NamedTuple):
    """A place in a text, and which of the wanted words stands there."""

    start: int
    end: int
    what: str


class Phrase(NamedTuple):
    """Words one after another: those the first may be, and for each its folded words and stems."""

    begins: tuple[str, ...]
    forms: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Finder:
    """What to look for in folded text: ``words`` as (word, what it counts as), ``prefixes`` that
    words begin with, ``phrases``, and ``runs`` of letters that need no space beside them.
    ``langs`` are the languages that a text may be in; ``among`` are words like ``words``, so many
    that the words of a text are looked up among them, and not they in it."""

    words: tuple[tuple[str, str], ...] = ()
    prefixes: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    runs: tuple[str, ...] = ()
    langs: tuple[str, ...] = ("en",)
    among: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.words or self.prefixes or self.phrases or self.runs or self.among)


#: What may stand before ’d, ’ll, ’m, ’re and ’ve.
_SHORTENED = frozenset(
    "i you he she it we they who what that there here how where when why let".split()
)
_CONTRACTIONS = ("d", "m", "re", "ve", "ll")


def spellings(word: str) -> Iterator[str]:
    """How a folded word may stand in folded text: with the apostrophes that folding removed.

    >>> list(spellings("dont"))
    ['dont', "don't", 'don’t']
    """
    yield word
    parts = [(word[:-1], "t")] if word.endswith("nt") else []
    parts += [(word.removesuffix(end), end) for end in _CONTRACTIONS if word.endswith(end)]
    for base, end in parts:
        if end == "t" or base in _SHORTENED:
            yield f"{base}'{end}"
            yield f"{base}’{end}"


def matches(text: str, finder: Finder, budget: Budget = FREE) -> list[Match]:
    """Every place where a wanted word or phrase stands, in order; past the budget, those that were
    found until then.

    >>> matches("The maps of Maps", Finder(words=(("maps", "map"),)))
    [Match(start=4, end=8, what='map'), Match(start=12, end=16, what='map')]
    """
    sought = folded(text[:REACH])
    plain = sought.text
    found: list[Match] = []
    for word, what in finder.words:
        # Most words are in few sections; finding that out must cost nothing else.
        if word in plain and not budget.over(MARKS):
            found += [Match(start, end, what) for start, end in _places(plain, word)]
    for prefix in finder.prefixes:
        if prefix in plain and not budget.over(MARKS):
            every = re.finditer(f"{re.escape(prefix)}[^\\W_]*", plain)
            whole = (Match(*each.span(), "*") for each in every if _whole(plain, *each.span()))
            found += islice(whole, ENOUGH)
    if finder.among and not budget.over(MARKS):
        for known, spelled in _looked_up(plain, finder):
            found += [Match(*each, finder.among[known]) for each in _places(plain, spelled)]
    for run in finder.runs:
        for form in {run, unicodedata.normalize("NFD", run)}:
            every = islice(re.finditer(re.escape(form), plain), ENOUGH)
            found += (Match(*each.span(), run) for each in every)
    if not text.isascii():
        found = [Match(*_stretch(text, *sought.place(m.start, m.end)), m.what) for m in found]
    for phrase in finder.phrases:
        for word in phrase.begins:
            for start, stop in _places(plain, word):
                if budget.over(MARKS):
                    break
                start, _ = sought.place(start, stop)
                if end := _sequence(text, start, phrase.forms, finder.langs):
                    found.append(Match(*_stretch(text, start, end), " ".join(phrase.begins)))
    return _disjoint(found) if len(found) > 1 else found


def _stretch(text: str, start: int, end: int) -> tuple[int, int]:
    """A match with the marks that belong to its last letter."""
    return start, _after_marks(text, end)


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


def _looked_up(plain: str, finder: Finder) -> list[tuple[str, str]]:
    """The words of a folded text that are among the wanted ones: as these are, and as they are
    spelled there."""
    apart = RUN.sub(" ", plain) if FAR.search(plain) else plain
    every = ((without_apostrophes(word), word) for word in set(WORD.findall(apart)))
    return [(known, word) for known, word in every if known in finder.among]


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no letter touches a stretch of text."""
    before = start > 0 and _inside(text[start - 1])
    return not before and not (end < len(text) and _inside(text[end]))


def _inside(character: str) -> bool:
    """Whether a letter beside a word makes it part of another; those of runs do not."""
    if character.isascii():
        return character.isalnum()
    letter = character.isalnum() or unicodedata.combining(character) > 0
    return letter and not RUN.match(character)


def _sequence(
    text: str, start: int, phrase: tuple[frozenset[str], ...], langs: tuple[str, ...]
) -> int:
    """The end of the words from ``start`` on, if they are these; else 0."""
    end = 0
    words = spans(text[start : start + LONGEST * (len(phrase) + 1)], langs)
    for forms in phrase:
        word, _, stop = next(words, ("", 0, 0))
        if word not in forms and stem(word) not in forms:
            return 0
        end = start + stop
    return end


def _disjoint(found: list[Match]) -> list[Match]:
    """In order, the longer of two that overlap."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept


def marked(text: str, finder: Finder, budget: Budget = FREE) -> tuple[Fragment, ...]:
    """A whole text, such as a title, as fragments.

    >>> marked("On maps", Finder(words=(("maps", "map"),)))
    (Fragment(text='On ', match=False), Fragment(text='maps', match=True))
    """
    found = matches(text, finder, budget) if finder else []
    return _fragments(text, found, 0, len(text)) if found else (Fragment(text, False),)


def snippets(
    sections: Sequence[Section], finder: Finder, budget: Budget = FREE, most: int = MOST
) -> tuple[Snippet, ...]:
    """The stretches of an essay that show best why it was found, the section that matches best
    first.

    A section ranks by how many different wanted words it has (those of its heading count), then
    by how close they stand; of equals the first comes first.
    """
    ranked = []
    for number, section in enumerate(sections):
        if budget.over(MARKS):
            break
        found = matches(section.text, finder, budget)
        if not found:
            continue
        start, inside = _best(found)
        kinds = {m.what for m in inside}
        if section.title:
            kinds |= {m.what for m in matches(section.title, finder, budget)}
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
    # Letters of double width say in half the number what others do.
    share = 2 if unicodedata.east_asian_width(text[first : first + 1] or " ") in "WF" else 1
    start = max(0, first - LEAD // share)
    line = text.rfind("\n", start, first)
    if line >= 0 and first - line > 8:
        start = line + 1
    elif start:
        rest = _REST.search(text, start, first)
        start = _after_marks(text, rest.end() if rest else start)
    end = min(len(text), start + LENGTH // share)
    if end < len(text):
        last = max(text.rfind(rest, first + 1, end) for rest in _RESTS)
        far = last >= start + LENGTH // share // 2
        end = _after_marks(text, last + (text[last] != " ") if far else end)
    before = "… " if start and text[start - 1] != "\n" else ""
    after = " …" if end < len(text) else ""
    return Snippet(_ref(section), _fragments(text, found, start, end, before, after))


def _after_marks(text: str, place: int) -> int:
    """The place, or the first behind it that does not part a letter from its marks."""
    while place < len(text) and unicodedata.category(text[place])[0] == "M":
        place += 1
    return place


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
