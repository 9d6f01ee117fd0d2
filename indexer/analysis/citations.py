"""The identity of a work that two bibliographies name.

Authors write one work in many ways: with pages or without, its publisher shortened, its title in
quotes or not. What they keep is the first author's name, the year and how the title begins.
"""

from __future__ import annotations

import re

from indexer.analysis import tokenizer

_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)[a-z]?(?!\d)")
_QUOTED = re.compile(r"[\"“«„]([^\"”»“«„]+)[\"”»“]")
#: Words of a title that tell works of one author and year apart.
TITLE = 4


def work_key(entry: str) -> str:
    """The identity of a bibliography's entry; empty for one without a word.

    >>> work_key('Shannon, C. E. (1948). "A Mathematical Theory of Communication". BSTJ, 27.')
    'shannon 1948 a mathematical theory of'
    >>> work_key("Shannon, Claude. 1948. A mathematical theory of communication.")
    'shannon 1948 a mathematical theory of'
    >>> work_key("The Book of Kells")
    'the book of kells'
    """
    words = tokenizer.words(entry)
    year = _YEAR.search(entry)
    if year is None or not words:
        return " ".join(words)
    quoted = _QUOTED.search(entry)
    title = tokenizer.words(quoted[1] if quoted else entry[year.end() :])
    if not title:
        return " ".join(words)
    return " ".join([words[0], year[1], *title[:TITLE]])
