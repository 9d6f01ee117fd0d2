"""The term that a word is indexed and searched as, in each language."""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

from indexer.analysis import languages
from indexer.analysis.folding import fold, without_apostrophes
from indexer.analysis.languages import ENGLISH

#: Stands between a stem and the language it is a stem of; English stems stand alone. In what is
#: told of inflection, between a term and a word that has it.
OF = "\x1f"
#: Stands between a folded word and a term that it has by its accents.
BY_ACCENT = "\x1e"

_english = languages.snowball(ENGLISH)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The term of a folded word in running English text.

    >>> stem("interpretability"), stem("interpreting")
    ('interpret', 'interpret')
    """
    return sys.intern(_english.stemWord(word))


@lru_cache(maxsize=200_000)
def term_of(word: str, lang: str = ENGLISH) -> str:
    """The term of a word, as it is written in running text of a language.

    English is folded before it is stemmed. The stemmers of other languages go by accents, so
    there folding comes last, and the language is part of the term: to a German *Rates* is of
    *Rat*, and nobody asks for rats by *rates*. A word in another script than its language's is
    taken as English.

    >>> term_of("Häuser", "de"), term_of("books", "ru"), term_of("книгами", "ru")
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
    found = dict.fromkeys(term_of(each, lang) for lang in langs for each in (word, folded) if each)
    return tuple(dict.fromkeys((stem(folded), *found)))


def inflections(word: str, lang: str) -> tuple[str, ...]:
    """What an index has to tell of a word of another language than English, for a query to get
    from a term to its words, and from a word typed without accents to a term only they give.

    >>> inflections("aimée", "fr")
    ('aim\\x1ffr\\x1faimee', 'aimee\\x1eaim\\x1ffr')
    >>> inflections("Haus", "de"), inflections("Haus", "ru")
    (('haus\\x1fde\\x1fhaus',), ())
    """
    folded, found = fold(word), term_of(word, lang)
    if OF not in found:
        return ()
    by_accent = f"{folded}{BY_ACCENT}{found}"
    return (f"{found}{OF}{folded}", *([by_accent] if term_of(folded, lang) != found else ()))
