"""Static word vectors: a text as one vector of unit length, so that *cars* is near *automobiles*.

The vector of a text is the mean of the vectors of the pieces of its words. Those come with the
package ``wordllama``, inside its wheel: nothing is fetched when this runs. Its code is not imported
(that takes ten times as long and three times the memory); its weights are mapped, so that all
processes of a machine share them, and ``tokenizers`` takes the words apart. Without the packages
there are no vectors.
"""

from __future__ import annotations

import importlib.util
import re
import struct
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from indexer.analysis import glosses, languages
from indexer.analysis.package_data import package_file
from indexer.cache import BoundedCache

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE = "wordllama"
WEIGHTS = "weights/l2_supercat_256.safetensors"
PIECES = "tokenizers/l2_supercat_tokenizer_config.json"
TENSOR = "embedding.weight"

#: The languages whose words the vectors know. Of ten pairs of short texts of one subject that
#: share no word of content, in how many is the other one the nearest of ten: English in all;
#: Chinese in 65 % (by letters that both have), Japanese 40, Dutch and Korean 20, Portuguese 15,
#: German, Spanish and Italian 10, Russian, Arabic and Thai 5, French 0. Chance is 10.
LANGUAGES = frozenset({languages.ENGLISH})

#: Numbers of a vector.
DIMENSIONS = 256
#: Letters of a text that count: some 450 words. The mean of many more says little of any.
MAX_LETTERS = 3_000
#: Words whose pieces are remembered, some 200 bytes each.
MAX_REMEMBERED = 100_000
#: Words of queries whose vectors are remembered, a thousand bytes each.
MAX_VECTORS = 2_000

#: The number of a piece takes so many bytes.
PIECE_BYTES = 2
#: What stands before a piece that begins a word.
_BEGIN = "▁"
#: A word, in lower case; a longer run of letters is several.
_WORD = re.compile(r"[^\W_]{1,40}")
_ASCII_WORD = re.compile(_WORD.pattern, re.ASCII)

Vectors = npt.NDArray[np.float32]


class Quantised(NamedTuple):
    """Vectors in 8 bits: ``numbers`` int8, shape (n, DIMENSIONS), row-major; a row times its number
    of ``scales`` (float32, shape (n,)) is the vector. Rows of zeros have the scale 0."""

    numbers: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]


class _Pieces(dict[str, bytes]):
    """Words -> the numbers of their pieces, 16 bits each: those of a text are quickly joined."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self._model = tokenizer.model

    def __missing__(self, word: str) -> bytes:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        # As the tokenizer does with a text of one word, without what it does besides: half the
        # time.
        pieces = self._model.tokenize(_BEGIN + word)
        found = self[word] = array("H", [piece.id for piece in pieces]).tobytes()
        return found


class Embedding:
    """The word vectors of one package."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._weights = _tensor(folder / WEIGHTS, TENSOR)
        self._pieces = _Pieces(Tokenizer.from_file(str(folder / PIECES)))
        #: The vectors of the pieces that a build met, as numbers that are quick to work with: to
        #: make these of 16-bit ones takes ten times as long as all else. Untouched rows take no
        #: memory, and queries touch none: all are 33 MB, and few words of a query are new.
        self._wide = np.zeros(self._weights.shape, np.float32)
        self._widened = np.zeros(len(self._weights), np.bool_)
        self._words = BoundedCache[str, tuple[Vectors, float]](MAX_VECTORS)
        self._meanings = BoundedCache[str, Vectors](MAX_VECTORS)

    def vectors(self, texts: Iterable[Sequence[str]]) -> Vectors:
        """Texts, each as its :func:`lower_words`, as vectors of unit length: float32, shape
        (n, DIMENSIONS). A text without words is a row of zeros.

        >>> found = model()
        >>> texts = [["cars"], ["automobiles"], ["bananas"]]
        >>> cars, same, other = found.vectors(texts) if found else ([1], [1], [0])
        >>> bool(np.dot(cars, same) > 0.4 > np.dot(cars, other))
        True
        """
        means = [self._sum(words) for words in texts]
        return unit(np.array(means, np.float32).reshape(-1, DIMENSIONS))

    def weighted(
        self, words: Sequence[str], weights: Sequence[float], shares: Sequence[float] | None = None
    ) -> Vectors:
        """One text, given as its :func:`lower_words`, as a vector of unit length in which each word
        counts by its weight: float32, shape (DIMENSIONS,).

        The pieces of a word say little of it: "mowing" is m, ow and ing. Of the vector of a word
        that has several, ``shares`` says how much is that of what a dictionary says of it, from 0
        to 1; nothing without it.
        """
        if not words:
            return np.zeros(DIMENSIONS, np.float32)
        known = self._of(words)
        rows = np.array([vector for vector, _ in known])
        for nth, share in enumerate(shares or ()):
            if share and len(self._pieces[words[nth]]) > PIECE_BYTES:
                meaning = self._meaning(words[nth])
                if meaning.any():
                    rows[nth] += share * (known[nth][1] * meaning - rows[nth])
        vector: Vectors = unit((np.array(weights, np.float32) @ rows)[None])[0]
        return vector

    def _meaning(self, word: str) -> Vectors:
        """The vector of what a dictionary says of a word: of unit length, zeros for one that it
        does not have."""
        found = self._meanings.get(word)
        if found is None:
            pieces = self._numbers(lower_words(glosses.gloss(word)))
            found = self._meanings[word] = unit(self._of_pieces(pieces).sum(axis=0)[None])[0]
        return found

    def lengths(self, texts: Sequence[Sequence[str]]) -> list[float]:
        """For each of some texts, given as its :func:`lower_words`, the length of the sum of the
        vectors of its words; 0 for none.

        >>> found = model()
        >>> should, dentist = found.lengths([["should"], ["dentist"]]) if found else (7, 20)
        >>> should < 10 < dentist
        True
        """
        single = iter(self._of([words[0] for words in texts if len(words) == 1]))
        return [
            next(single)[1]
            if len(words) == 1
            else float(np.linalg.norm(self._of_pieces(self._numbers(words)).sum(axis=0)))
            for words in texts
        ]

    def _of(self, words: Sequence[str]) -> list[tuple[Vectors, float]]:
        """The vectors of words of a query, which are asked for several times, and their lengths.
        That of a plural is the mean of its own and its singular's, where this has fewer pieces."""
        found = {word: self._words.get(word) for word in words}
        new = [word for word, known in found.items() if known is None]
        if new:
            singulars = [self._singular(word) for word in new]
            pieces = [
                self._pieces[word] + (self._pieces[singular] if singular else b"")
                for word, singular in zip(new, singulars, strict=True)
            ]
            # The same piece twice is rare; whoever sums up a text counts each.
            numbers = np.frombuffer(b"".join(pieces), np.uint16)
            counts = np.array([len(each) // numbers.itemsize for each in pieces])
            begins = counts.cumsum() - counts
            vectors = self._of_pieces(numbers[begins])
            for nth in range(1, int(counts.max())):  # a tenth of the time of reduceat
                longer = (counts > nth).nonzero()[0]
                vectors[longer] += self._of_pieces(numbers[begins[longer] + nth])
            # A mean of two is as long as one word is.
            vectors[np.array(singulars) != ""] /= 2
            lengths = np.sqrt((vectors * vectors).sum(axis=1)).tolist()
            for word, made in zip(new, zip(vectors, lengths, strict=True), strict=True):
                found[word] = self._words[word] = made
        return [known for word in words if (known := found[word]) is not None]

    def _singular(self, word: str) -> str:
        """What a word is without its last s where that has fewer pieces, else nothing: of "laptops"
        the three pieces say little, and "laptop" is one."""
        shorter = word[:-1]
        if not word.endswith("s") or len(self._pieces[shorter]) >= len(self._pieces[word]):
            return ""
        return shorter

    def _numbers(self, words: Sequence[str]) -> npt.NDArray[np.uint16]:
        """The numbers of the pieces of some words, one after the other."""
        return np.frombuffer(b"".join(map(self._pieces.__getitem__, words)), np.uint16)

    def _of_pieces(self, numbers: npt.NDArray[np.uint16]) -> Vectors:
        """The vectors of pieces of a query: float32, shape (n, DIMENSIONS)."""
        found: Vectors = self._weights[numbers].astype(np.float32)
        return found

    def _widen(self, numbers: npt.NDArray[np.uint16]) -> None:
        new = numbers[~self._widened[numbers]]
        if len(new):
            # In this order: another thread that sees the mark must see the numbers.
            self._wide[new] = self._weights[new]
            self._widened[new] = True

    def _sum(self, words: Sequence[str]) -> Vectors:
        numbers, counts = np.unique(self._numbers(words), return_counts=True)
        self._widen(numbers)
        found: Vectors = counts.astype(np.float32) @ self._wide[numbers]
        return found


@cache
def folder() -> Path | None:
    """The folder of the package that has the weights; None where one of the packages is missing."""
    weights = package_file(PACKAGE, WEIGHTS)
    if weights is None or importlib.util.find_spec("tokenizers") is None:
        return None
    return weights.parents[WEIGHTS.count("/")]


@cache
def model() -> Embedding | None:
    """The word vectors, loaded once in a process; None where the packages are missing."""
    place = folder()
    return None if place is None else Embedding(place)


@cache
def identity() -> str:
    """What tells these word vectors from others: the package's version and a checksum of what is
    read of it. Empty where there are none."""
    place = folder()
    if place is None:
        return ""
    check = xxhash.xxh3_64()
    for name in (WEIGHTS, PIECES):
        check.update((place / name).read_bytes())
    return f"{PACKAGE} {metadata.version(PACKAGE)} {check.hexdigest()}"


def lower_words(text: str) -> list[str]:
    """The words of a text that its vector is made of.

    >>> lower_words("The Rust compiler, 1.0")
    ['the', 'rust', 'compiler', '1', '0']
    """
    lowered = text[:MAX_LETTERS].lower()
    return (_ASCII_WORD if lowered.isascii() else _WORD).findall(lowered)


def unit(vectors: Vectors) -> Vectors:
    """Vectors with length 1; rows of zeros stay.

    >>> unit(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    made: Vectors = (vectors / lengths).astype(np.float32, copy=False)
    return made


def quantise(vectors: Vectors) -> Quantised:
    """Vectors of unit length in 8 bits, each row by its own greatest number. Their scale gives
    back the unit length: a product with a query's vector, times the scale, is the cosine.

    >>> found = quantise(np.array([[0.6, -0.8]], np.float32))
    >>> found.numbers.tolist(), round(float(found.scales[0]), 4)
    ([[95, -127]], 0.0063)
    """
    greatest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    numbers = np.rint(vectors * (127 / np.where(greatest > 0, greatest, 1))).astype(np.int8)
    lengths = np.linalg.norm(numbers.astype(np.float32), axis=1)
    scales = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return Quantised(numbers, scales)


def _tensor(path: Path, name: str) -> npt.NDArray[Any]:
    """One tensor of a file of safetensors, mapped: eight bytes of length, that much JSON, numbers.
    The format is fixed and this is all of it; its library copies what it reads."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        told = msgspec.json.decode(file.read(length), type=dict[str, Any])[name]
    if told["dtype"] != "F16":
        raise ValueError(f"{path} has vectors of {told['dtype']}, not of F16.")
    at = 8 + length + told["data_offsets"][0]
    return np.asarray(np.memmap(path, np.dtype("<f2"), "r", at, tuple(told["shape"])))
