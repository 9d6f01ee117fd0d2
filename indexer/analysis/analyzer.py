"""Which terms does a text have, where, and which terms does a query have to ask for?

Both sides of the index use this one analysis: a word is folded (case, accents, apostrophes) and,
for running text, stemmed by its language. Names and sources are folded only: nobody wants *Ribeiro*
and *Ribeira* to be one author. No stop words: positions stay true, so ``"to be or not to be"`` is a
phrase like any other.

Scripts that are written without spaces have no words that a program without a dictionary could
find; there, every two letters that stand side by side are a term, and the last letter of a run is
one by itself, so that each letter begins exactly one term and a run of them is a phrase.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from whoosh.analysis import Token
from whoosh.analysis.analyzers import Analyzer

from indexer.analysis import languages
from indexer.analysis.folding import FAR, RUN, composed, fold, pairs, without_apostrophes
from indexer.analysis.languages import ENGLISH

#: Positions between two parts of a field (sections, list items): no phrase reaches across.
GAP = 100

#: Stands between a stem and the language it is a stem of; English stems stand alone. In what is
#: told of inflection, between a term and a word that has it.
OF = "\x1f"
#: Stands between a folded word and a term that it has by its accents.
BY_ACCENT = "\x1e"

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


_english = languages.snowball(ENGLISH)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The term of a folded word in running English text.

    >>> stem("interpretability"), stem("interpreting")
    ('interpret', 'interpret')
    """
    return sys.intern(_english.stemWord(word))


@lru_cache(maxsize=200_000)
def term(word: str, lang: str = ENGLISH) -> str:
    """The term of a word, as it is written in running text of a language.

    English is folded before it is stemmed. The stemmers of other languages go by accents, so
    there folding comes last, and the language is part of the term: to a German *Rates* is of
    *Rat*, and nobody asks for rats by *rates*. A word in another script than its language's is
    taken as English.

    >>> term("Häuser", "de"), term("books", "ru"), term("книгами", "ru")
    ('haus\\x1fde', 'book', 'книг\\x1fru')
    """
    folded = fold(word)
    if lang == ENGLISH or not languages.written_in(lang, languages.script(word[0])):
        return stem(folded)
    stems = languages.stemmed(lang)
    stemmed = fold(languages.snowball(lang).stemWord(_lower(word, lang))) if stems else folded
    return sys.intern(f"{stemmed or folded}{OF}{lang}")


def _lower(word: str, lang: str) -> str:
    word = unicodedata.normalize("NFC", without_apostrophes(word))
    if lang == "tr":
        word = word.replace("I", "ı").replace("İ", "i")
    return word.lower()


@lru_cache(maxsize=20_000)
def forms(word: str, langs: tuple[str, ...] = (ENGLISH,)) -> tuple[str, ...]:
    """The terms that a word of a query may have in an archive of these languages, English first:
    what it is with its accents, and what it is for somebody who types none.

    >>> forms("études"), forms("études", ("en", "fr"))
    (('etud',), ('etud', 'etud\\x1ffr'))
    """
    folded = fold(word)
    found = dict.fromkeys(term(each, lang) for lang in langs for each in (word, folded) if each)
    return tuple(dict.fromkeys((stem(folded), *found)))


def inflections(word: str, lang: str) -> tuple[str, ...]:
    """What an index has to tell of a word of another language than English, for a query to get
    from a term to its words, and from a word typed without accents to a term only they give.

    >>> inflections("aimée", "fr")
    ('aim\\x1ffr\\x1faimee', 'aimee\\x1eaim\\x1ffr')
    >>> inflections("Haus", "de"), inflections("Haus", "ru")
    (('haus\\x1fde\\x1fhaus',), ())
    """
    folded, found = fold(word), term(word, lang)
    if OF not in found:
        return ()
    by_accent = f"{folded}{BY_ACCENT}{found}"
    return (f"{found}{OF}{folded}", *([by_accent] if term(folded, lang) != found else ()))


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


def key(title: str) -> str:
    """A whole title as one term: two spellings of it have the same words in the same order.

    >>> key("Traduire, c’est choisir") == key("TRADUIRE — c'est choisir!")
    True
    """
    return " ".join(words(title))


def terms(text: str, lang: str = ENGLISH) -> list[str]:
    """The stemmed terms of a text, in order.

    >>> terms("The interpreters' Maps")
    ['the', 'interpret', 'map']
    """
    return [term(word, lang) for word in tokens(text, lang)]


def sequence(text: str, lang: str = ENGLISH, *, stemmed: bool = True) -> list[str]:
    """The terms that stand side by side wherever a text of this language says ``text``.

    A run at the end may go on, so its last letter alone is not asked for.

    >>> sequence("東京都"), sequence("la GPT模型", "it")
    (['東京', '京都'], ['la\\x1fit', 'gpt\\x1fit', '模型'])
    """
    found = terms(text, lang) if stemmed else words(text)
    last = None
    for last in pieces(text):  # noqa: B007
        pass
    return found[:-1] if last is not None and last.run and len(pairs(last.text)) > 1 else found


def spans(text: str, langs: Iterable[str] = (ENGLISH,)) -> Iterator[tuple[str, int, int]]:
    """The folded words of a text with their places in it, as ``(word, start, end)``.

    >>> list(spans("ein 東京都"))
    [('ein', 0, 3), ('東京', 4, 6), ('京都', 5, 7), ('都', 6, 7)]
    """
    for piece in pieces(text, langs):
        if not piece.run:
            yield fold(piece.text), piece.start, piece.end
            continue
        letters = composed(piece.text)
        for here, after in zip(letters, [*letters[1:], ("", 0, len(piece.text))], strict=True):
            yield here[0] + after[0], piece.start + here[1], piece.start + after[2]


Positions = dict[str, list[int]]


def positions(parts: Iterable[str], *, stemmed: bool = True, lang: str = ENGLISH) -> Positions:
    """Every term of a field with its positions; parts lie :data:`GAP` apart.

    >>> positions(["a map", "maps"])
    {'a': [0], 'map': [1, 101]}
    """
    found: Positions = {}
    base = 0
    for part in parts:
        listed = terms(part, lang) if stemmed else words(part)
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
