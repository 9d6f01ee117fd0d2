"""The terms that a word of a query stands for, in an archive of several languages.

Whoever asks has no language: a word is looked for as every language of the archive would have it
(:func:`indexer.analysis.stemming.forms`), and as the archive itself spells it. In an English
archive that is one term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice, product
from typing import NamedTuple, Protocol

from app.search.query.compounds import JOINTS, Compounds, dictionaries
from indexer.analysis import analyzer, folding, stemming, tokenizer
from indexer.analysis.languages import ENGLISH
from indexer.analysis.stemming import BY_ACCENT, OF
from indexer.analysis.tokenizer import Piece
from indexer.cache import BoundedCache
from indexer.schema import field_names

#: Ways to read a phrase that are tried: each word of it can be of several forms.
MAX_READINGS = 16
#: Words, and phrases, whose terms are remembered: one search comes back to the same few.
MAX_WORDS = 1_024


class Terms(Protocol):
    """The terms of an archive's fields that begin in a way, each with its number of documents."""

    def prefixed(self, field: str, prefix: str) -> dict[str, int]: ...


class WordTerms(NamedTuple):
    """A word as it was typed, or letters of a run; its terms in running text, and in names, which
    are folded and not stemmed."""

    text: str
    forms: tuple[str, ...]
    folded: tuple[str, ...]


class PhraseTerms(NamedTuple):
    """The words of a phrase by themselves; the terms that it can be in running text of each
    language, in their order; and in names."""

    words: tuple[WordTerms, ...]
    readings: tuple[tuple[str, ...], ...]
    folded: tuple[str, ...]


class QueryAnalyzer:
    """The languages of one archive, and what its own words tell; without ``terms`` nothing."""

    def __init__(self, langs: Iterable[str] = (ENGLISH,), terms: Terms | None = None) -> None:
        #: English first: it is what words without a language are taken for.
        self.langs = tuple(dict.fromkeys((ENGLISH, *langs)))
        self._terms = terms
        self._words = BoundedCache[str, WordTerms](MAX_WORDS)
        self._phrases = BoundedCache[str, PhraseTerms](MAX_WORDS)

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
        return tuple(dict.fromkeys([*found, *(each.split(BY_ACCENT, 1)[1] for each in accented)]))

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
                    inflections = self._terms.prefixed(field_names.INFLECTED, term + OF)
                    parts |= dict.fromkeys(each.rsplit(OF, 1)[1] for each in inflections)
            for part in parts:
                for compound in compounds.of(part):
                    yield from compounds.terms[compound]

    def word(self, text: str) -> WordTerms:
        """A word with its terms."""
        found = self._words.get(text)
        if found is None:
            found = WordTerms(text, self.forms(text), (folding.fold(text),))
            self._words[text] = found
        return found

    def letters(self, run: str, most: int = 1) -> WordTerms:
        """A pair of letters; or one letter, which is every pair that it begins, ``most`` of them,
        and so is found and counted wherever it stands."""
        found = (run,) if len(run) > 1 else tuple(self._begun(run, most))
        return WordTerms(run, found, found)

    def phrase(self, text: str) -> PhraseTerms:
        """A phrase with its terms."""
        found = self._phrases.get(text)
        if found is None:
            folded = tuple(analyzer.sequence(text, stemmed=False))
            found = PhraseTerms(tuple(self._sequence(text)), tuple(self._readings(text)), folded)
            self._phrases[text] = found
        return found

    def _sequence(self, text: str) -> list[WordTerms]:
        """The words of a text, and the pairs of its runs, in order; a run at the end may go on."""
        pieces = list(self.pieces(text))
        found: list[WordTerms] = []
        for place, piece in enumerate(pieces, 1):
            if piece.run:
                pairs = folding.pairs(piece.text)
                kept = pairs if place < len(pieces) else (pairs[:-1] or pairs)
                found += map(self.letters, kept)
            else:
                found.append(self.word(piece.text))
        return found

    def _readings(self, text: str) -> list[tuple[str, ...]]:
        """The terms that a text can be in running text of each language, in their order."""
        found = {tuple(analyzer.sequence(text)): None}
        for lang in self.langs[1:]:
            plain = analyzer.sequence(text, lang)
            forms = [
                [form for form in self._own(word) if form.endswith(OF + lang)] or [term]
                for word, term in zip(tokenizer.tokens(text, lang), plain, strict=False)
            ]
            found |= dict.fromkeys(islice(product(*forms), MAX_READINGS))
        return list(found)

    def _begun(self, letter: str, most: int) -> list[str]:
        """The pairs that a letter begins, the commonest first, and the letter itself."""
        if self._terms is None:
            return [letter]
        counts = self._terms.prefixed(field_names.WORDS, letter)
        return sorted(counts, key=lambda term: (-counts[term], term))[:most] or [letter]
