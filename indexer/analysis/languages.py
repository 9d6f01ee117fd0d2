"""The language that a name or a tag means, and what searching needs to know of it.

A language is its code of ISO 639, as BCP 47 tags begin with it. What is known of one: its script,
its Snowball stemmer, the articles it elides. Of a language that is not known here words are folded
and not stemmed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import Stemmer

#: What words are taken for where nothing says better.
ENGLISH = "en"

#: Snowball's stemmers by language.
_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque",
    "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

#: What languages without a stemmer are called in English.
_OTHERS = {
    "be": "belarusian", "bg": "bulgarian", "bs": "bosnian", "he": "hebrew", "hr": "croatian",
    "is": "icelandic", "ja": "japanese", "ka": "georgian", "km": "khmer", "ko": "korean",
    "la": "latin", "lo": "lao", "lv": "latvian", "mk": "macedonian", "mr": "marathi",
    "my": "burmese", "sk": "slovak", "sl": "slovenian", "th": "thai", "uk": "ukrainian",
    "ur": "urdu", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip

#: Codes and names that mean a language known by another code.
_SAME = {
    "nb": "no", "nn": "no", "arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh", "cmn": "zh",
    "iw": "he", "in": "id", "ji": "yi", "tl": "fil", "farsi": "fa",
    "bokmal": "no", "nynorsk": "no", "mandarin": "zh", "castilian": "es", "flemish": "nl",
    "moldovan": "ro", "mo": "ro", "sesotho": "st", "gaelic": "ga",
}  # fmt: skip

_NAMED = {name: code for code, name in (_SNOWBALL | _OTHERS).items()} | {
    name: code for name, code in _SAME.items() if len(name) > 3
}
_CODED = {"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
          "rus": "ru", "jpn": "ja", "zho": "zh", "chi": "zh", "kor": "ko", "ara": "ar",
          "por": "pt", "nld": "nl", "swe": "sv", "nor": "no", "dan": "da", "pol": "pl"}  # fmt: skip

#: The script of a language's letters, where it is not Latin, by Unicode's names of letters.
_SCRIPTS = {
    "CYRILLIC": "be bg mk ru uk kk ky mn tg ba tt",
    "ARABIC": "ar fa ps ur ckb ug sd",
    "HEBREW": "he yi",
    "GREEK": "el",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
    "DEVANAGARI": "hi mr ne sa",
    "BENGALI": "bn as",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "SINHALA": "si",
    "ETHIOPIC": "am ti",
    "TIBETAN": "bo dz",
    # Written without spaces; these are found by pairs of letters, whatever the language.
    "NONE": "ja km ko lo my th zh",
}
_SCRIPT_OF = {code: script for script, codes in _SCRIPTS.items() for code in codes.split()}

#: Codes of languages that are written from right to left; more than are stemmed.
_FROM_THE_RIGHT = frozenset("ar fa he yi ur ps sd ug dv ckb arc syr".split())

_ELIDED = {
    "fr": "l d j m t s n c qu jusqu quoiqu lorsqu puisqu",
    "it": "l un d c m t s v gl all dall dell nell sull coll agl dagl degl negl sugl quest quell",
    "ca": "l d s n m t",
    "oc": "l d s n m t qu",
}

_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")


def tag(given: str) -> str:
    """A language as its author gave it as a BCP 47 tag; nothing for what cannot be one.

    >>> tag("german"), tag("DE-at"), tag("zh_hant"), tag("pt-BR"), tag("the usual")
    ('de', 'de-AT', 'zh-Hant', 'pt-BR', '')
    """
    plain = given.strip().lower().split(".")[0].replace("_", "-")
    plain = _NAMED.get(plain, plain)
    if not _TAG.fullmatch(plain):
        return ""
    first, *rest = plain.split("-")
    return "-".join([_CODED.get(first, first), *map(_subtag, rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.capitalize()
    return part.upper() if len(part) == 2 else part


def code(tagged: str) -> str:
    """The language of a BCP 47 tag, as words are analysed.

    >>> code("de-AT"), code("nb"), code("zh-Hant")
    ('de', 'no', 'zh')
    """
    first = tagged.split("-")[0].lower()
    return _SAME.get(first, first)


def known(lang: str) -> bool:
    """Whether anything is known of a language.

    >>> known("de"), known("th"), known("zxx")
    (True, True, False)
    """
    return lang in _SNOWBALL or lang in _OTHERS


def direction(tagged: str) -> str:
    """How a text in this language runs: ``rtl``, or ``auto``, which its letters decide.

    >>> direction("ar-EG"), direction("en"), direction("az-Arab")
    ('rtl', 'auto', 'rtl')
    """
    parts = tagged.lower().split("-")
    if "latn" in parts:
        return "auto"
    known = parts[0] in _FROM_THE_RIGHT or parts[0] in ("iw", "ji")
    return "rtl" if known or {"arab", "hebr"} & set(parts[1:]) else "auto"


def elided(lang: str) -> tuple[str, ...]:
    """The short words that stand before an apostrophe and are no part of the word behind it.

    >>> "qu" in elided("fr"), elided("en")
    (True, ())
    """
    return tuple(_ELIDED.get(lang, "").split())


def stemmed(lang: str) -> bool:
    """Whether there is a stemmer for a language."""
    return lang in _SNOWBALL


@cache
def snowball(lang: str) -> Stemmer.Stemmer:
    """The stemmer of a language that has one. Words are remembered by who asks."""
    return Stemmer.Stemmer(_SNOWBALL[lang], 0)


def written_in(lang: str, script: str) -> bool:
    """Whether words of a script are words of a language; both are written words of Serbian.

    >>> written_in("de", "LATIN"), written_in("ru", "LATIN"), written_in("ru", "CYRILLIC")
    (True, False, True)
    """
    if lang == "sr":
        return script in ("LATIN", "CYRILLIC")
    return script == _SCRIPT_OF.get(lang, "LATIN")


@lru_cache(maxsize=20_000)
def script(letter: str) -> str:
    """The script of a letter; nothing for figures, signs, and what Unicode does not name.

    >>> script("é"), script("ж"), script("7")
    ('LATIN', 'CYRILLIC', '')
    """
    if not letter.isalpha():
        return ""
    return unicodedata.name(letter, "").split(" ", 1)[0]
