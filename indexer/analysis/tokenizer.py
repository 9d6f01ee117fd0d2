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
_ENDING = r"(?:['’](?:[sSſtTdDmM]|[rR][eE]|[vV][eE]|[lL][lL])\b)?"
_PICTOGRAPH = "[\u2600-\u27bf\U0001f000-\U0001faff]"
#: A run of letters and digits with their combining marks, and an English ending after an
#: apostrophe ("Newton's", "don't"); other apostrophes part words ("l'homme"). A pictograph is a
#: word by itself: people tag and title with them.
WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*{_ENDING}|{_PICTOGRAPH}")
#: The same in a text of ASCII, where it is found in half the time.
_ASCII_WORD = re.compile(rf"[^\W_]+{_ENDING}", re.ASCII)


@cache
def _spelled(langs: tuple[str, ...], in_ascii: bool = False) -> re.Pattern[str]:
    """The words of some languages; an article elided before an apostrophe is no part of one."""
    word = _ASCII_WORD if in_ascii else WORD
    articles = {article for lang in langs for article in languages.elided(lang)}
    if not articles:
        return word
    listed = "|".join(sorted(articles, key=lambda article: (-len(article), article)))
    return re.compile(
        rf"(?:(?i:{listed})['’](?=[^\W\d_]))?({word.pattern})", re.ASCII if in_ascii else 0
    )


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
    in_ascii = text.isascii()
    words = _spelled(tuple(langs), in_ascii)
    at = 0
    for number, stretch in enumerate(
        RUN.split(text) if not in_ascii and FAR.search(text) else (text,)
    ):
        if number % 2:
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
    if text.isascii():
        return _spelled((lang,), in_ascii=True).findall(text)
    words = _spelled((lang,))
    if not FAR.search(text):
        return words.findall(text)
    found: list[str] = []
    for number, stretch in enumerate(RUN.split(text)):
        found += pairs(stretch) if number % 2 else words.findall(stretch)
    return found


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [fold(word) for word in tokens(text)]
