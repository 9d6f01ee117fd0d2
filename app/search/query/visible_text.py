"""A typed or pasted text without what cannot be seen.

Text from elsewhere brings characters along that show nothing: joiners, marks of direction,
variation selectors. No word is found by them, and in an address each takes nine letters.
"""

from __future__ import annotations

import unicodedata

#: What joins or parts two letters (Persian, Indic scripts) or pictographs, and shows nothing alone.
_JOINERS = frozenset("\u200c\u200d")
#: Signs of Arabic, Syriac and Kaithi that Unicode files with what is not seen, and readers see.
_SEEN = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
#: Letters and marks that show nothing.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")


def visible(text: str) -> str:
    """The text without what cannot be seen; a joiner stays between two letters that it joins, a
    variation selector behind what it varies.

    >>> visible("ca\\u200bfé\\u202e"), visible("\\u200d" * 2000)
    ('café', '')
    >>> visible("نمی\\u200cدانم") == "نمی\\u200cدانم", visible("👩\\u200d🚀") == "👩\\u200d🚀"
    (True, True)
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    joiner = ""
    for letter in text:
        if letter in _JOINERS:
            joiner = letter if kept and _joins(kept[-1]) else ""
            continue
        varies = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
        if varies and (not kept or kept[-1] == letter or not _joins(kept[-1])):
            continue
        category = unicodedata.category(letter)
        if letter in _BLANK or (category == "Cf" and letter not in _SEEN):
            continue
        if category[0] == "C" and category != "Cf":
            if not letter.isspace():
                continue
            letter = " "
        elif category in ("Zl", "Zp"):
            letter = " "
        if joiner and _joins(letter):
            kept.append(joiner)
        joiner = ""
        kept.append(letter)
    return "".join(kept)


def _joins(letter: str) -> bool:
    """Whether a joiner beside this letter can mean anything."""
    return not letter.isascii() and unicodedata.category(letter)[0] in "LMS"
