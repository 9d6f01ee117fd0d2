"""Which terms does a word of a query stand for, in an archive of several languages?

Whoever asks has no language: a word is looked for as every language of the archive would have it
(:func:`indexer.analysis.stemming.forms`), and as the archive itself spells it. In an English
archive that is one term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice, product
from typing import Protocol

from whoosh import query as wq

from app.search.query.compounds import JOINTS, Compounds, dictionaries
from app.search.query.fields import Text
from app.search.query.tree import Sequence, Word
from indexer.analysis import analyzer, folding, stemming, tokenizer
from indexer.analysis.languages import ENGLISH
from indexer.analysis.stemming import BY_ACCENT, OF
from indexer.analysis.tokenizer import Piece
from indexer.schema import field_names

#: Ways to read a phrase that are tried: each word of it can be of several forms.
MOST_READINGS = 16


class Terms(Protocol):
    """The terms of an archive's fields that begin in a way, each with its number of documents."""

    def prefixed(self, field: str, prefix: str) -> dict[str, int]: ...


class QueryAnalyzer:
    """The languages of one archive, and what its own words tell; without ``terms`` nothing."""

    def __init__(self, langs: Iterable[str] = (ENGLISH,), terms: Terms | None = None) -> None:
        #: English first: it is what words without a language are taken for.
        self.langs = tuple(dict.fromkeys((ENGLISH, *langs)))
        self._terms = terms

    def pieces(self, text: str) -> Iterator[Piece]:
        """The words and runs of a text."""
        return tokenizer.pieces(text, self.langs)

    def typed(self, text: str) -> list[str]:
        """The folded words of a text that is being typed, and the pairs of its runs; the last may
        be unfinished.

        >>> QueryAnalyzer(["fr"]).typed("l'homme"), QueryAnalyzer().typed("東京都")
        (['homme'], ['東京', '京都'])
        """
        found: list[str] = []
        for piece in self.pieces(text):
            pairs = folding.pairs(piece.text) if piece.run else []
            found += (pairs[:-1] or pairs) if piece.run else [folding.fold(piece.text)]
        return found

    def forms(self, word: str) -> tuple[str, ...]:
        """The terms of running text that a word stands for.

        >>> QueryAnalyzer(["de"]).forms("Häuser")
        ('hauser', 'haus\\x1fde')
        """
        own = self._own(word)
        if not self._compounds:
            return own
        return tuple(dict.fromkeys([*own, *self._compounds_of(word, own)]))

    def _own(self, word: str) -> tuple[str, ...]:
        """The terms of a word itself, and those that only its accents would give."""
        found = stemming.forms(word, self.langs)
        if len(self.langs) == 1 or self._terms is None:
            return found
        accented = self._terms.prefixed(field_names.INFLECTED, folding.fold(word) + BY_ACCENT)
        return tuple(dict.fromkeys([*found, *(told.split(BY_ACCENT, 1)[1] for told in accented)]))

    @cached_property
    def _compounds(self) -> Mapping[str, Compounds]:
        if self._terms is None or not JOINTS.keys() & set(self.langs):
            return {}
        return dictionaries(self._terms.prefixed(field_names.INFLECTED, ""), OF)

    def _compounds_of(self, word: str, own: tuple[str, ...]) -> Iterator[str]:
        """The terms of the words that have a word, in any of its forms, for a part."""
        assert self._terms is not None
        for lang, compounds in self._compounds.items():
            parts = {folding.fold(word): None}
            for term in own:
                if term.endswith(OF + lang):
                    told = self._terms.prefixed(field_names.INFLECTED, term + OF)
                    parts |= dict.fromkeys(each.rsplit(OF, 1)[1] for each in told)
            for part in parts:
                for compound in compounds.of(part):
                    yield from compounds.terms[compound]

    def word(self, text: str, within: Text | None = None) -> Word:
        """A word of a query in the fields where it is looked for."""
        forms, folded = self.forms(text), (folding.fold(text),)
        terms = [
            (name, term)
            for name in _names(within)
            for term in (forms if name in field_names.TEXT else folded)
        ]
        return Word(text, terms, anywhere=within is None)

    def letters(self, run: str, within: Text | None = None, most: int = 1) -> Word:
        """A pair of letters; or one letter, which is every pair that it begins, ``most`` of them,
        and so is found and counted wherever it stands."""
        found = [run] if len(run) > 1 else self._begun(run, most)
        terms = [(name, term) for name in _names(within) for term in found]
        return Word(run, terms, anywhere=within is None)

    def sequence(self, text: str, slop: int, within: Text | None = None) -> Sequence:
        """Words and runs that stand one after another, as any language of the archive has them."""
        *before, last = self.pieces(text)
        words: list[Word] = []
        for piece in before:
            if piece.run:
                words += [self.letters(pair, within) for pair in folding.pairs(piece.text)]
            else:
                words.append(self.word(piece.text, within))
        if last.run:
            pairs = folding.pairs(last.text)
            words += [self.letters(pair, within) for pair in pairs[:-1] or pairs]
        else:
            words.append(self.word(last.text, within))
        readings, folded = self._readings(text), analyzer.sequence(text, stemmed=False)
        phrases = [
            wq.Phrase(name, reading, slop=slop)
            for name in _names(within)
            for reading in (readings if name in field_names.TEXT else [folded])
        ]
        typed = within is None and not before and last.run
        return Sequence(text, phrases, words, run=typed)

    def _readings(self, text: str) -> list[list[str]]:
        """The terms that a text can be in running text of each language, in their order."""
        found = {tuple(analyzer.sequence(text)): None}
        for lang in self.langs[1:]:
            plain = analyzer.sequence(text, lang)
            forms = [
                [form for form in self._own(word) if form.endswith(OF + lang)] or [term]
                for word, term in zip(tokenizer.tokens(text, lang), plain, strict=False)
            ]
            found |= dict.fromkeys(islice(product(*forms), MOST_READINGS))
        return [list(reading) for reading in found]

    def _begun(self, letter: str, most: int) -> list[str]:
        """The pairs that a letter begins, the commonest first, and the letter itself."""
        if self._terms is None:
            return [letter]
        counts = self._terms.prefixed(field_names.WORDS, letter)
        return sorted(counts, key=lambda term: (-counts[term], term))[:most] or [letter]


def _names(within: Text | None) -> tuple[str, ...]:
    return within.names if within else (*field_names.TEXT, *field_names.NAMES)
