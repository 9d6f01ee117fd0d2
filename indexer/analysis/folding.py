"""A word without case and accents, and a run of letters written without spaces.

Folding is by letter: what is a sign on a letter in one script is a letter of its own in another.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

#: Letters that are written without spaces between words: Thai, Lao, Burmese, Khmer, Hangul, kana,
#: Bopomofo, Han. Figures and punctuation among them are left out.
_LETTERS = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f"
    "\u109a-\u109f\u1100-\u11ff\u1780-\u17d3\u17d7\u17dc\u17dd\u3005-\u3007\u303b"
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c"
    "\uaa60-\uaa7a\uac00-\ud7fb\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b167"
    "\U00020000-\U000323af"
)
#: A run of such letters.
RUN = re.compile(f"([{_LETTERS}]+)")
#: What has to be there for a text to have such letters; looking for these two ranges is fast.
FAR = re.compile("[\u0e01-\u1fff\u2e80-\U000323af]")
#: Letters of a run that may be one with the letter before: voicing marks, jamo; half their width.
_JOINING = re.compile("[\u1100-\u11ff\u3099\u309a\ud7b0-\ud7fb\uf900-\ufaff\uff66-\uffdc]")


#: Letters that are no letter with a mark to Unicode, and one to readers. Those of Arabic and
#: Persian are what people type for one another.
_ALIKE = {
    "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": "",
}  # fmt: skip
#: Letters with a mark that are letters of their own, and nobody types without it.
_THEIR_OWN = frozenset("йўї")


class _Bare(dict[int, str]):
    """A letter of any script -> the letters it is without accents; a figure -> its digit."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = bare = self._bare(letter)
        return bare

    def _bare(self, letter: str) -> str:
        if letter in _ALIKE:
            return _ALIKE[letter]
        if letter in _THEIR_OWN:
            return letter
        if RUN.match(letter):
            wide = "\uff66" <= letter <= "\uffdc"
            return unicodedata.normalize("NFKC", letter) if wide else letter
        if unicodedata.category(letter) == "Nd":
            return str(unicodedata.decimal(letter))
        parts = unicodedata.normalize("NFKD", letter).casefold()
        return "".join(_ALIKE.get(part, part) for part in parts if not _accent(part))


def _accent(mark: str) -> bool:
    """Whether a mark may be left out: accents and points, not vowels, voicing or a silencer."""
    placed = unicodedata.combining(mark)
    return placed > 0 and placed not in (8, 9) and not 84 <= placed <= 132


bare = _Bare()


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """A word without case, accents and apostrophes: the form that prefixes and typos go by.

    >>> fold("Naïveté"), fold("Newton's"), fold("don’t"), fold("Straße"), fold("Œuvre")
    ('naivete', 'newton', 'dont', 'strasse', 'oeuvre')
    >>> fold("Ёлка"), fold("كِتَابٌ"), fold("ｶﾞｲﾄﾞ"), fold("２０２４")
    ('елка', 'كتاب', 'ガイド', '2024')
    """
    word = without_apostrophes(word)
    if word.isascii():
        return sys.intern(word.lower())
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).casefold())
    return sys.intern(unicodedata.normalize("NFC", lowered.translate(bare)) or lowered)


def without_apostrophes(word: str) -> str:
    """A word without a possessive ending, and without its apostrophes."""
    word = word.replace("’", "'")
    return word.removesuffix("'s").removesuffix("'S").replace("'", "")


def composed(run: str) -> list[tuple[str, int, int]]:
    """The letters of a run, each with its place: marks joined to theirs, and none of half width."""
    letters: list[tuple[str, int, int]] = []
    for place, raw in enumerate(run):
        letter = bare[ord(raw)] if "\uff66" <= raw <= "\uffdc" else raw
        if letters:
            joined = unicodedata.normalize("NFC", letters[-1][0] + letter)
            if len(joined) == 1:
                letters[-1] = joined, letters[-1][1], place + 1
                continue
        letters.append((unicodedata.normalize("NFC", letter), place, place + 1))
    return letters


def run(text: str) -> str:
    """A run with its marks joined to their letters, and none of half width.

    >>> run("ｶﾞｲﾄﾞ")
    'ガイド'
    """
    if _JOINING.search(text):
        return "".join(letter for letter, _, _ in composed(text))
    return text


def pairs(text: str) -> list[str]:
    """The terms of a run: every two letters side by side, and the last letter.

    >>> pairs("東京都"), pairs("猫"), pairs("ｶﾞｽ")
    (['東京', '京都', '都'], ['猫'], ['ガス', 'ス'])
    """
    letters = run(text)
    return [letters[i : i + 2] for i in range(len(letters))]
