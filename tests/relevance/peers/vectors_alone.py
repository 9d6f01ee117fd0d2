"""The documents nearest to a question by the cosine of word vectors, whatever words they share.

The word vectors and the reading of a question are the product's. A document has one vector, of its
title and text together, in numbers of 32 bits.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from app.search.embedded.semantic.vectors import BLOCK, query_vector
from indexer.analysis import embedding
from indexer.analysis.embedding import Vectors
from tests.relevance.collection import Document
from tests.relevance.peers import DEEP, Found

NAME = "vectors alone"


def build(documents: list[Document], home: Path) -> None:
    model = embedding.model()
    if model is None:
        raise ImportError(f"Vectors need the packages {embedding.PACKAGE} and tokenizers.")
    texts = (embedding.lower_words(f"{each.title}\n{each.text}") for each in documents)
    np.save(home / "vectors.npy", model.vectors(texts))
    (home / "ids.json").write_bytes(msgspec.json.encode([each.id for each in documents]))


class Engine:
    """``ids`` has a document's id at the number of its vector."""

    def __init__(self, home: Path) -> None:
        self.ids = msgspec.json.decode((home / "ids.json").read_bytes(), type=list[str])
        self.vectors: Vectors = np.load(home / "vectors.npy")

    def cosines(self, text: str) -> Vectors:
        """The cosine of each document with a question: float32, shape (n,). All are 0 where the
        question has no word."""
        vector = query_vector(text)
        if vector is None:
            return np.zeros(len(self.vectors), np.float32)
        # In the product's blocks: what is larger, NumPy shares among threads, which wait for each
        # other on a busy machine, and all engines are timed on one.
        starts = range(0, len(self.vectors), BLOCK)
        parts = [self.vectors[at : at + BLOCK] @ vector for at in starts]
        return np.concatenate([np.empty(0, np.float32), *parts])

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        cosines = self.cosines(text)
        return [Found(self.ids[at], float(cosines[at])) for at in nearest(cosines, depth)]


def nearest(cosines: Vectors, depth: int) -> npt.NDArray[np.int64]:
    """Where the greatest cosines are, at most ``depth`` and none that is 0 or less, the greatest
    first.

    >>> nearest(np.array([0.2, -0.5, 0.9, 0.0, 0.4], np.float32), 2).tolist()
    [2, 4]
    """
    docs = np.flatnonzero(cosines > 0)
    if len(docs) > depth:
        docs = docs[np.argpartition(-cosines[docs], depth)[:depth]]
    return docs[np.argsort(-cosines[docs], kind="stable")]


def open(home: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(home)
