"""The terms of a text with their positions, and the terms that a query asks for.

Both sides of the index use this one analysis: a word is folded (case, accents, apostrophes) and,
for running text, stemmed by its language. Names and sources are folded only: nobody wants *Ribeiro*
and *Ribeira* to be one author. No stop words: positions stay true, so ``"to be or not to be"`` is a
phrase like any other.

Scripts that are written without spaces have no words that a program without a dictionary could
find; there, every two letters that stand side by side are a term, and the last letter of a run is
one by itself, so that each letter begins exactly one term and a run of them is a phrase.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indexer.analysis.folding import composed, fold, pairs
from indexer.analysis.languages import ENGLISH
from indexer.analysis.stemming import term_of
from indexer.analysis.tokenizer import pieces, tokens, words

#: Positions between two parts of a field (sections, list items): no phrase reaches across.
GAP = 100


def title_key(title: str) -> str:
    """A whole title as one term: two spellings of it have the same words in the same order.

    >>> title_key("Traduire, c’est choisir") == title_key("TRADUIRE — c'est choisir!")
    True
    """
    return " ".join(words(title))


def terms(text: str, lang: str = ENGLISH) -> list[str]:
    """The stemmed terms of a text, in order.

    >>> terms("The interpreters' Maps")
    ['the', 'interpret', 'map']
    """
    return [term_of(word, lang) for word in tokens(text, lang)]


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
