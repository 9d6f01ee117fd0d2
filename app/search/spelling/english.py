"""The words of English, which tell a word that no essay has from a misspelt one.

A list with how often each is used comes with the package ``pyspellchecker``, inside its wheel; its
code is not imported. Without the package no word is known to be English.
"""

from __future__ import annotations

import gzip
from functools import cache

from indexer.analysis.package_data import package_file

PACKAGE = "spellchecker"
WORDS = "resources/en.json.gz"
#: The least count. Two thirds of the 160,000 words have it, such as "eduction": whoever types one
#: is likelier to have meant another.
LEAST = 50


def is_english(word: str) -> bool:
    """Whether English has a word, given in lower case, and uses it.

    >>> is_english("lawn"), is_english("lanw"), is_english("eduction")
    (True, False, False)
    """
    listed, entry = _listed(), f'"{word}": '
    return entry.encode() in listed and f"{entry}{LEAST},".encode() not in listed


@cache
def _listed() -> bytes:
    """The list as it lies in the package, an object of JSON that has a word and its count on each
    line: to look through all of it takes a millisecond and is seldom needed, to take it apart a
    hundred times as long."""
    file = package_file(PACKAGE, WORDS)
    return b"" if file is None else gzip.decompress(file.read_bytes())
