"""The words of a text, and its runs of letters that are written without spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from indexer.analysis import languages
from indexer.analysis.folding import FAR, RUN, fold, pairs
from indexer.analysis.languages import ENGLISH

_MARKS = "".join(
    re.escape(chr(code))
    for code in range(0x300, 0xFFFF)
    if unicodedata.category(chr(code)) in ("Mn", "Mc") and not RUN.match(chr(code))
)
#: A run of letters and digits with their combining marks, and an English ending after an
#: apostrophe ("Newton's", "don't"); other apostrophes part words ("l'homme"). A pictograph is a
#: word by itself: people tag and title with them.
WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:['’](?:s|t|d|m|re|ve|ll)\b)?|[\u2600-\u27bf\U0001f000-\U0001faff]",
    re.IGNORECASE,
)


@cache
def _spelled(langs: tuple[str, ...]) -> re.Pattern[str]:
    """The words of some languages; an article elided before an apostrophe is no part of one."""
    articles = {article for lang in langs for article in languages.elided(lang)}
    if not articles:
        return WORD
    listed = "|".join(sorted(articles, key=lambda article: (-len(article), article)))
    return re.compile(rf"(?:(?:{listed})['’](?=[^\W\d_]))?({WORD.pattern})", re.IGNORECASE)


class Piece(NamedTuple):
    """A word of a text, or a run of letters written without spaces, and where it stands."""

    text: str
    start: int
    end: int
    run: bool


def pieces(text: str, langs: Iterable[str] = (ENGLISH,)) -> Iterator[Piece]:
    """The words and runs of a text in order; without the articles that any of ``langs`` elides.

    >>> [piece.text for piece in pieces("GPT模型, l'homme", ("en", "fr"))]
    ['GPT', '模型', 'homme']
    """
    words = _spelled(tuple(langs))
    at = 0
    for stretch in RUN.split(text) if FAR.search(text) else (text,):
        if RUN.fullmatch(stretch):
            yield Piece(stretch, at, at + len(stretch), True)
        else:
            for found in words.finditer(stretch):
                start, end = found.span(words.groups)
                yield Piece(found[words.groups], at + start, at + end, False)
        at += len(stretch)


def tokens(text: str, lang: str = ENGLISH) -> list[str]:
    """The words of a text as they are written, in order; of runs, the pairs.

    >>> tokens("L’été des GPT模型", "fr")
    ['été', 'des', 'GPT', '模型', '型']
    """
    words = _spelled((lang,))
    if text.isascii() or not FAR.search(text):
        return words.findall(text)
    found: list[str] = []
    for number, stretch in enumerate(RUN.split(text)):
        found += pairs(stretch) if number % 2 else words.findall(stretch)
    return found


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [fold(word) for word in tokens(text)]
