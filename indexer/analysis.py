"""Which terms does a text have, where, and which terms does a query have to ask for?

Both sides of the index use this one analysis: a word is folded (case, accents, apostrophes) and,
for running text, stemmed. Names and sources are folded only: nobody wants *Ribeiro* and *Ribeira*
to be one author. No stop words: positions stay true, so ``"to be or not to be"`` is a phrase
like any other.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import Stemmer
from whoosh.analysis import Token
from whoosh.analysis.analyzers import Analyzer

#: Positions between two parts of a field (sections, list items): no phrase reaches across.
GAP = 100

_MARKS = "".join(
    re.escape(chr(code))
    for code in range(0x300, 0xFFFF)
    if unicodedata.category(chr(code)) in ("Mn", "Mc")
)
#: A run of letters and digits with their combining marks, and an English ending after an
#: apostrophe ("Newton's", "don't"); other apostrophes part words ("l'homme"). A pictograph is a
#: word by itself: people tag and title with them.
WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:['’](?:s|t|d|m|re|ve|ll)\b)?|[\u2600-\u27bf\U0001f000-\U0001faff]",
    re.IGNORECASE,
)

#: Letters that are no letter with a mark to Unicode, and one to readers.
_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)

_stemmer = Stemmer.Stemmer("english", 0)


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """A word without case, accents and apostrophes: the form that prefixes and typos go by.

    >>> fold("Naïveté"), fold("Newton's"), fold("don’t"), fold("Straße"), fold("Œuvre")
    ('naivete', 'newton', 'dont', 'strasse', 'oeuvre')
    """
    word = word.replace("’", "'")
    word = word.removesuffix("'s").removesuffix("'S").replace("'", "")
    if word.isascii():
        return sys.intern(word.lower())
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_LIGATURES))
    return sys.intern(
        "".join(c for c in decomposed if not unicodedata.combining(c)) or word.casefold()
    )


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The term of a folded word in running text.

    >>> stem("interpretability"), stem("interpreting")
    ('interpret', 'interpret')
    """
    return sys.intern(_stemmer.stemWord(word))


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [fold(word) for word in WORD.findall(text)]


def key(title: str) -> str:
    """A whole title as one term: two spellings of it have the same words in the same order.

    >>> key("Traduire, c’est choisir") == key("TRADUIRE — c'est choisir!")
    True
    """
    return " ".join(words(title))


def terms(text: str) -> list[str]:
    """The stemmed terms of a text, in order.

    >>> terms("The interpreters' Maps")
    ['the', 'interpret', 'map']
    """
    return [stem(fold(word)) for word in WORD.findall(text)]


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """The folded words of a text with their places in it, as ``(word, start, end)``."""
    for match in WORD.finditer(text):
        yield fold(match[0]), match.start(), match.end()


Positions = dict[str, list[int]]


def positions(parts: Iterable[str], *, stemmed: bool = True) -> Positions:
    """Every term of a field with its positions; parts lie :data:`GAP` apart.

    >>> positions(["a map", "maps"])
    {'a': [0], 'map': [1, 101]}
    """
    found: Positions = {}
    base = 0
    for part in parts:
        listed = terms(part) if stemmed else words(part)
        for place, term in enumerate(listed, base):
            found.setdefault(term, []).append(place)
        if listed:
            base += len(listed) - 1 + GAP
    return found


class WhooshAnalyzer(Analyzer):  # type: ignore[misc]
    """This analysis in Whoosh's own form, for its highlighter and for the schema."""

    def __init__(self, stemmed: bool) -> None:
        self.stemmed = stemmed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WhooshAnalyzer) and other.stemmed == self.stemmed

    def __hash__(self) -> int:
        return hash(self.stemmed)

    def __call__(self, value: str, **options: object) -> Iterator[Token]:
        for place, (word, start, end) in enumerate(spans(value)):
            token = Token(text=stem(word) if self.stemmed else word, original=word)
            token.pos, token.startchar, token.endchar = place, start, end
            token.boost, token.stopped = 1.0, False
            yield token
