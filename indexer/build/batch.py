"""Analysed essays as arrays, on their way from a worker into a segment.

A :class:`Batch` is a few essays whose words have become numbers: for each field a :class:`Run` of
postings, grouped by term and in order of documents, beside stored values, lengths and columns.
Workers make batches out of essays; a merge makes them out of segments.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from indexer.analysis import analyzer, folding, languages, stemming
from indexer.analysis.analyzer import GAP
from indexer.analysis.languages import ENGLISH
from indexer.analysis.tokenizer import tokens
from indexer.build import embedder
from indexer.essay import FACETS, RATINGS, Essay, on_scale
from indexer.parsing.rules import Rules
from indexer.schema import document, field_names
from indexer.storage.arrays import Array, narrow
from indexer.storage.vectors import EssayVectors


class Run(NamedTuple):
    """Postings of one field, in the order of its terms and, for each, of its documents.

    Term ``terms[i]`` has the next ``counts[i]`` entries of ``docs`` and ``freqs``; each posting has
    the next ``freqs`` entries of ``positions``. ``freqs`` None means 1 everywhere, ``positions``
    None that the field has none, nor ``freqs``. All arrays are unsigned integers of the smallest
    type that fits: ``counts`` of shape (terms,), ``docs`` (ascending within a term) and ``freqs``
    (postings,), ``positions`` (sum of frequencies,), ascending within a posting.
    """

    terms: list[str]
    counts: Array
    docs: Array
    freqs: Array | None = None
    positions: Array | None = None


class Batch(NamedTuple):
    """``size`` documents, numbered from 0, with everything a segment keeps of them. Fields and
    stored values can be asked for once: those of a whole segment are read as they are wanted.

    ``lengths`` (words of a field, int64), ``stored`` values (MessagePack) and ``columns`` (int64,
    float64 or bytes) have one entry a document, in order.
    """

    size: int
    fields: Iterable[tuple[str, Run]]
    lengths: dict[str, Array]
    stored: Iterable[tuple[str, list[bytes]]]
    columns: dict[str, Array | list[bytes]]
    vectors: EssayVectors | None = None

    @property
    def words(self) -> int:
        """The words of all texts together."""
        return sum(int(lengths.sum()) for lengths in self.lengths.values())


class _Lexicon(dict[str, int]):
    """Words as they are written -> numbers; and for each, the numbers of its forms.

    Itself it knows the words of English texts, and of every other language has another part. Kept
    for the life of a worker: the words of one archive come back in every file.
    """

    #: Words that are kept before starting anew; a million odd strings would cost 200 MB.
    MAX_WORDS = 400_000

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[str] = []
        self._numbers: dict[str, int] = {}
        # Arrays: to make them of lists of a hundred thousand numbers after every batch takes longer
        # than the rest of it.
        self._words, self._terms = array("i"), array("i")
        self._inflected, self._by_accent = array("i"), array("i")
        self._others: dict[str, _Foreign] = {}
        self._arrays: _Forms | None = None

    def __missing__(self, raw: str) -> int:
        number = self[raw] = self.add(raw, ENGLISH)
        return number

    def of(self, lang: str) -> dict[str, int]:
        """The numbers of words in texts of a language."""
        if lang == ENGLISH:
            return self
        if lang not in self._others:
            self._others[lang] = _Foreign(self, lang)
        return self._others[lang]

    def add(self, raw: str, lang: str) -> int:
        """A number for a word, and its forms."""
        word, term = folding.fold(raw), stemming.term_of(raw, lang)
        self._words.append(self._form(word))
        self._terms.append(self._form(term))
        forms = stemming.inflections(raw, lang) if lang != ENGLISH else ()
        self._inflected.append(self._form(forms[0]) if forms else -1)
        self._by_accent.append(self._form(forms[1]) if len(forms) > 1 else -1)
        self._arrays = None
        return len(self._words) - 1

    def __len__(self) -> int:
        return len(self._words)

    def _form(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.forms)
            self.forms.append(text)
        return number

    def arrays(self) -> _Forms:
        """For every number of a raw word, the numbers of its forms."""
        if self._arrays is None:
            self._arrays = _Forms(
                np.array(self._words, np.int32),
                np.array(self._terms, np.int32),
                np.array(self._inflected, np.int32),
                np.array(self._by_accent, np.int32),
            )
        return self._arrays


class _Forms(NamedTuple):
    """Numbers of forms by the number of a word, each int32, shape (words,): folded; as a term of
    running text; as the terms of its inflection and of its accents, -1 for none."""

    words: Array
    terms: Array
    inflected: Array
    by_accent: Array


class _Foreign(dict[str, int]):
    """The part of a lexicon for texts of one language."""

    def __init__(self, lexicon: _Lexicon, lang: str) -> None:
        super().__init__()
        self._lexicon = lexicon
        self._lang = lang

    def __missing__(self, raw: str) -> int:
        number = self[raw] = self._lexicon.add(raw, self._lang)
        return number


_lexicon: list[_Lexicon] = [_Lexicon()]


def forget() -> None:
    """Know no word any more: to be called where making a batch was broken off, which may leave a
    word that is known by half."""
    _lexicon[0] = _Lexicon()


class _Tokens:
    """The raw words of one field, part by part."""

    __slots__ = ("_bases", "_counts", "_docs", "_starts", "raw")

    def __init__(self) -> None:
        self.raw = array("i")
        self._docs: list[int] = []
        self._starts: list[int] = []
        self._bases: list[int] = []
        self._counts: list[int] = []

    def add(self, doc: int, parts: Iterable[str], lexicon: dict[str, int], lang: str) -> None:
        base = 0
        for part in parts:
            words = tokens(part, lang)
            if not words:
                continue
            self._docs.append(doc)
            self._starts.append(len(self.raw))
            self._bases.append(base)
            self._counts.append(len(words))
            self.raw.extend(map(lexicon.__getitem__, words))
            base += len(words) - 1 + GAP

    def docs(self) -> Array:
        return np.repeat(np.array(self._docs, np.int32), self._counts)

    def positions(self) -> Array:
        shift = np.array(self._bases, np.int64) - np.array(self._starts, np.int64)
        return np.arange(len(self.raw)) + np.repeat(shift, self._counts)


class BatchBuilder:
    """Collects essays and makes them one batch, with their vectors where ``meaning`` is asked
    for."""

    def __init__(self, facets: tuple[str, ...] = (), *, meaning: bool = False) -> None:
        if len(_lexicon[0]) > _Lexicon.MAX_WORDS:
            _lexicon[0] = _Lexicon()
        self._lexicon = _lexicon[0]
        self._facets = (*FACETS, *facets)
        self._texts = {name: _Tokens() for name in (*field_names.TEXT, *field_names.NAMES)}
        self._values: dict[str, dict[str, list[int]]] = {}
        self._stored: dict[str, list[bytes]] = {name: [] for name in field_names.STORED}
        self._titles: list[bytes] = []
        self._moments: dict[str, list[int]] = {"published_at": [], "updated_at": []}
        self._percentages: dict[str, list[float]] = {name: [] for name in RATINGS}
        self._meaning = meaning
        self._passages: list[list[list[str]]] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Essays added so far."""
        return self._size

    def add(self, essay: Essay) -> None:
        """Analyse one essay, as the next document."""
        doc = self._size
        self._size += 1
        lang = languages.code(essay.lang) or ENGLISH
        lexicon = self._lexicon.of(lang)
        for name, parts in document.texts(essay).items():
            if name in field_names.NAMES:  # a name is the same in every language
                self._texts[name].add(doc, parts, self._lexicon, ENGLISH)
            else:
                self._texts[name].add(doc, parts, lexicon, lang)
        for name, values in document.values(essay, self._facets).items():
            postings = self._values.setdefault(name, {})
            for value in dict.fromkeys(values):
                postings.setdefault(value, []).append(doc)
        for name in ("published", "updated"):
            moment = getattr(essay, name)
            self._moments[f"{name}_at"].append(-1 if moment is None else moment.instant)
        for name, percentages in self._percentages.items():
            rating = getattr(essay, name)
            percentage = rating.percentage if rating is not None else None
            percentages.append(percentage if on_scale(percentage) else -1.0)
        self._titles.append(analyzer.title_key(essay.title).encode())
        for name, packed in document.stored(essay).items():
            self._stored[name].append(packed)
        if self._meaning:
            self._passages.append(embedder.passages(essay))

    def finish(self) -> Batch:
        """The batch of all essays added."""
        words, terms, inflected, by_accent = self._lexicon.arrays()
        fields: dict[str, Run] = {}
        lengths: dict[str, Array] = {}
        every: list[tuple[Array, Array]] = []
        for name, found in self._texts.items():
            raw = np.array(found.raw, np.int32)
            docs = found.docs()
            lengths[name] = np.bincount(docs, minlength=self._size)
            forms = (terms if name in field_names.TEXT else words)[raw]
            fields[name] = self._run(forms, docs, found.positions())
            every.append((raw, docs))
            if name == "title":
                fields[field_names.TITLE_WORDS] = self._existence(words[raw], docs)
        raw = np.concatenate([raw for raw, _ in every])
        docs = np.concatenate([docs for _, docs in every])
        fields[field_names.WORDS] = self._existence(words[raw], docs)
        foreign = np.flatnonzero(inflected[raw] >= 0)
        forms = np.concatenate([inflected[raw[foreign]], by_accent[raw[foreign]]])
        docs = np.tile(docs[foreign], 2)
        fields[field_names.INFLECTED] = self._existence(forms[forms >= 0], docs[forms >= 0])
        for name, postings in self._values.items():
            fields[name] = Run(
                list(postings),
                narrow(np.array([len(docs) for docs in postings.values()])),
                narrow(np.array([doc for docs in postings.values() for doc in docs])),
            )
        columns: dict[str, Array | list[bytes]] = {"title_key": self._titles}
        for name, moments in self._moments.items():
            columns[name] = np.array(moments, np.int64)
        for name, percentages in self._percentages.items():
            columns[f"{name}_column"] = np.array(percentages)
        return Batch(
            self._size,
            list(fields.items()),
            lengths,
            list(self._stored.items()),
            columns,
            embedder.embed(self._passages),
        )

    def _run(self, forms: Array, docs: Array, positions: Array) -> Run:
        order = np.argsort(forms, kind="stable")
        forms, docs, positions = forms[order], docs[order], positions[order]
        new_term = _changes(forms)
        new_posting = new_term | _changes(docs)
        at = np.flatnonzero(new_posting)
        first = np.flatnonzero(new_term)
        return Run(
            [self._lexicon.forms[n] for n in forms[first].tolist()],
            narrow(np.diff(np.searchsorted(at, np.append(first, len(forms))))),
            narrow(docs[at]),
            narrow(np.diff(np.append(at, len(forms)))),
            narrow(positions),
        )

    def _existence(self, forms: Array, docs: Array) -> Run:
        bits = self._size.bit_length()
        pairs = forms.astype(np.int64) << bits
        pairs |= docs
        pairs.sort()  # np.unique goes through a table first, which takes three times as long
        pairs = pairs[_changes(pairs)]
        forms, docs = pairs >> bits, pairs & ((1 << bits) - 1)
        first = np.flatnonzero(_changes(forms))
        return Run(
            [self._lexicon.forms[n] for n in forms[first].tolist()],
            narrow(np.diff(np.append(first, len(forms)))),
            narrow(docs),
        )


def builder(rules: Rules) -> BatchBuilder:
    """A builder under some rules."""
    return BatchBuilder(rules.facets, meaning=rules.meaning)


def _changes(values: Array) -> Array:
    """Where a value differs from the one before; the first always does."""
    changed = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed
