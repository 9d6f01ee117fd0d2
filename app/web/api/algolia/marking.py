"""Texts with marks, whole and cut.

The tags go into the text as they are, and nothing in the text is escaped: who puts it on a page
escapes it and then its tags, as InstantSearch does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.search.budget import Budget
from app.search.engine import Engine
from app.search.results import Place

#: Words of a query that are looked for one by one, to tell which of them a text has.
MAX_WORDS = 8

_OPERATORS = re.compile(r'(?<!\S)-\S+|(?<!\S)\w+:(?:"[^"]*"|\S+)|\b(?:AND|OR|NOT)\b')
_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*\*?")
#: What an excerpt counts as words: letters of scripts without spaces, and what is between spaces.
_COUNTED = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\s\u2e80-\u9fff\uac00-\ud7af]+")


class Tags(NamedTuple):
    """What stands before and after a match, and where an excerpt was cut."""

    before: str = "<em>"
    after: str = "</em>"
    ellipsis: str = "…"


class Marked(NamedTuple):
    """A text, where words of the query stand in it, and which; ``full`` where it has them all."""

    text: str
    places: tuple[Place, ...] = ()
    words: tuple[str, ...] = ()
    full: bool = False

    @property
    def level(self) -> str:
        """How much of the query it matches, as clients are told."""
        return "none" if not self.places else "full" if self.full else "partial"


def words(q: str) -> list[str]:
    """The words of a query that a text may have, without operators; each once.

    >>> words('maps OR "old charts" -tag:sea certainty:>=50 tid*')
    ['maps', 'old', 'charts', 'tid*']
    """
    found = _WORD.findall(_OPERATORS.sub(" ", q).lower())
    return list(dict.fromkeys(found))[:MAX_WORDS]


def find(q: str, texts: Sequence[str], engine: Engine, budget: Budget) -> list[Marked]:
    """Where the words of a query stand in each of some texts."""
    if not q or not texts:
        return [Marked(text) for text in texts]
    places = engine.highlights(q, texts, budget)
    matched = [text for text, own in zip(texts, places, strict=True) if own]
    asked = words(q)
    having = iter(_words_in(matched, asked, engine, budget))
    found = []
    for text, own in zip(texts, places, strict=True):
        known = next(having) if own else ()
        full = len(known) == len(asked)
        found.append(Marked(text, tuple(own), known or _spelled(text, own), full))
    return found


def _words_in(
    texts: Sequence[str], asked: Sequence[str], engine: Engine, budget: Budget
) -> list[tuple[str, ...]]:
    """Which of some words of a query each of some texts has, all of which match it."""
    if len(asked) == 1:
        return [(asked[0].removesuffix("*"),)] * len(texts)
    found = [engine.highlights(word, texts, budget) for word in asked]
    if not found:
        return [()] * len(texts)
    return [
        tuple(word.removesuffix("*") for word, places in zip(asked, each, strict=True) if places)
        for each in zip(*found, strict=True)
    ]


def _spelled(text: str, places: Sequence[Place]) -> tuple[str, ...]:
    """The matches themselves, where no single word of the query explains them."""
    return tuple(dict.fromkeys(text[place.start : place.end].lower() for place in places))


def tagged(
    text: str, places: Sequence[Place], tags: Tags, start: int = 0, end: int | None = None
) -> str:
    """A stretch of a text with tags around the places in it.

    >>> tagged("of maps", [Place(3, 7)], Tags())
    'of <em>maps</em>'
    """
    end = len(text) if end is None else end
    pieces, at = [], start
    for place in places:
        low, high = max(place.start, start), min(place.end, end)
        if low < high:
            pieces += [text[at:low], tags.before, text[low:high], tags.after]
            at = high
    return "".join([*pieces, text[at:end]])


def highlight(marked: Marked, tags: Tags) -> dict[str, Any]:
    """A whole text with tags, as a leaf of ``_highlightResult``."""
    leaf: dict[str, Any] = {
        "value": tagged(marked.text, marked.places, tags),
        "matchLevel": marked.level,
        "matchedWords": marked.words,
    }
    if marked.places:
        leaf["fullyHighlighted"] = not _WORD.search(_rest(marked))
    return leaf


def _rest(marked: Marked) -> str:
    """What is left of a text without its matches."""
    text = marked.text
    for place in reversed(marked.places):
        text = f"{text[: place.start]} {text[place.end :]}"
    return text


def snippet(marked: Marked, count: int, tags: Tags) -> dict[str, Any]:
    """So many words of a text around its first match, as a leaf of ``_snippetResult``.

    >>> snippet(Marked("one two three four five", (Place(14, 18),), ("four",), True), 2, Tags())
    {'value': '…three <em>four</em>…', 'matchLevel': 'full', 'matchedWords': ('four',)}
    """
    spans = [match.span() for match in _COUNTED.finditer(marked.text)]
    start, end = 0, len(marked.text)
    if len(spans) > count:
        matched = marked.places[0].start if marked.places else 0
        first = next((n for n, (_, stop) in enumerate(spans) if stop > matched), 0)
        first = max(0, min(first - count // 2, len(spans) - count))
        last = first + max(count, 1) - 1
        start = spans[first][0] if first else 0
        end = spans[last][1] if last < len(spans) - 1 else end
    value = tagged(marked.text, marked.places, tags, start, end)
    before = tags.ellipsis if start else ""
    after = tags.ellipsis if end < len(marked.text) else ""
    return {
        "value": f"{before}{value}{after}",
        "matchLevel": marked.level,
        "matchedWords": marked.words,
    }
