"""The places of words, patterns and phrases in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from app.search.budget import FREE, MARKS, Budget
from app.search.highlight.folded_text import folded
from indexer.analysis.analyzer import spans
from indexer.analysis.folding import FAR, RUN, without_apostrophes
from indexer.analysis.languages import elided
from indexer.analysis.stemming import stem
from indexer.analysis.tokenizer import WORD

_LETTER = re.compile(r"[^\W_]")
#: So many words are looked up among those of a text, and not each in it.
MANY_WORDS = 16
#: What lets the words of a text of ASCII letters be taken apart: anything else becomes a space.
_ASCII_WORDS = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
#: Text beyond this many characters of one section is not looked at, and matches beyond so many.
MAX_SECTION_LETTERS = 200_000
#: A word of a phrase, with what stands before it, is no longer than this.
MAX_WORD_LETTERS = 100
MAX_MATCHES = 500


class Match(NamedTuple):
    """A place in a text, and which of the wanted words stands there."""

    start: int
    end: int
    what: str


class Phrase(NamedTuple):
    """Words one after another: those the first may be, and for each its folded words and stems."""

    begins: tuple[str, ...]
    forms: tuple[frozenset[str], ...]

    @property
    def second_letters(self) -> frozenset[str]:
        """The letters that its second word may begin with; none where it has one word."""
        return frozenset(form[0] for forms in self.forms[1:2] for form in forms if form)


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

    @cached_property
    def whole(self) -> dict[str, list[int]]:
        """Those of ``words`` that are letters and figures alone, with their places among all."""
        places: dict[str, list[int]] = {}
        for place, (word, _) in enumerate(self.words):
            if word.isalnum():
                places.setdefault(word, []).append(place)
        return places

    @cached_property
    def parted(self) -> list[int]:
        """The places of those of ``words`` that have an apostrophe."""
        return [place for place, (word, _) in enumerate(self.words) if not word.isalnum()]

    @cached_property
    def elides(self) -> bool:
        """Whether a text may have articles that are no part of the word behind them."""
        return any(map(elided, self.langs))

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
    sought = folded(text[:MAX_SECTION_LETTERS])
    plain = sought.text
    found: list[Match] = []
    for word, what in _present(finder, plain):
        if not budget.over(MARKS):
            found += [Match(start, end, what) for start, end in _places(plain, word)]
    for prefix in finder.prefixes:
        if prefix in plain and not budget.over(MARKS):
            every = re.finditer(f"{re.escape(prefix)}[^\\W_]*", plain)
            whole = (Match(*each.span(), "*") for each in every if _whole(plain, *each.span()))
            found += islice(whole, MAX_MATCHES)
    if finder.among and not budget.over(MARKS):
        for known, spelled in _looked_up(plain, finder):
            found += [Match(*each, finder.among[known]) for each in _places(plain, spelled)]
    for run in finder.runs:
        for form in {run, unicodedata.normalize("NFD", run)}:
            every = islice(re.finditer(re.escape(form), plain), MAX_MATCHES)
            found += (Match(*each.span(), run) for each in every)
    if not text.isascii():
        found = [Match(*_stretch(text, *sought.place(m.start, m.end)), m.what) for m in found]
    for phrase in finder.phrases:
        present = [word for word in phrase.begins if word in plain]
        seconds = phrase.second_letters if present and _is_plain(text, finder) else None
        for word in present:
            for start, stop in _places(plain, word):
                if seconds and _letter_after(plain, stop) not in seconds:
                    continue  # most places of a common word, and to read on takes long
                if budget.over(MARKS):
                    break
                start, _ = sought.place(start, stop)
                if end := _sequence(text, start, phrase.forms, finder.langs):
                    found.append(Match(*_stretch(text, start, end), " ".join(phrase.begins)))
    return _disjoint(found) if len(found) > 1 else found


def _is_plain(text: str, finder: Finder) -> bool:
    """Whether the next word of a text begins with its next letter or figure."""
    return text.isascii() and not finder.elides


def _letter_after(plain: str, place: int) -> str:
    found = _LETTER.search(plain, place)
    return found[0] if found else ""


def _present(finder: Finder, plain: str) -> list[tuple[str, str]]:
    """The wanted words that may stand in a folded text: most are in few sections, and finding that
    out must cost nothing else."""
    if len(finder.words) < MANY_WORDS or not plain.isascii():
        return [each for each in finder.words if each[0] in plain]
    spelled = plain.translate(_ASCII_WORDS).split()
    places = [place for word in finder.whole.keys() & spelled for place in finder.whole[word]]
    places += [place for place in finder.parted if finder.words[place][0] in plain]
    return [finder.words[place] for place in sorted(places)]


def _stretch(text: str, start: int, end: int) -> tuple[int, int]:
    """A match with the marks that belong to its last letter."""
    return start, _after_marks(text, end)


def _places(text: str, word: str) -> list[tuple[int, int]]:
    """Where a word stands by itself, with a possessive behind it."""
    inside = str.isalnum if text.isascii() else _inside
    start, length, own = text.find(word), len(text), len(word)
    found: list[tuple[int, int]] = []
    while start >= 0 and len(found) < MAX_MATCHES:
        end = start + own
        if not (start and inside(text[start - 1])) and not (end < length and inside(text[end])):
            if text[end : end + 2] in ("'s", "’s") and not (
                end + 2 < length and inside(text[end + 2])
            ):
                end += 2
            found.append((start, end))
        start = text.find(word, end)
    return found


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
    words = spans(text[start : start + MAX_WORD_LETTERS * (len(phrase) + 1)], langs)
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


def _after_marks(text: str, place: int) -> int:
    """The place, or the first behind it that does not part a letter from its marks."""
    while place < len(text) and unicodedata.category(text[place])[0] == "M":
        place += 1
    return place
