"""tantivy's scores and the cosines of word vectors as one, by the product's own formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.search.embedded.semantic.fusion import Scored, fuse
from tests.relevance.collection import Document
from tests.relevance.peers import CANDIDATES, DEEP, Found, tantivy_peer, vectors_alone

NAME = "tantivy-py with vectors"


def build(documents: list[Document], home: Path) -> None:
    for name, part in (("words", tantivy_peer), ("vectors", vectors_alone)):
        (home / name).mkdir()
        part.build(documents, home / name)


class Engine:
    def __init__(self, home: Path) -> None:
        self.words = tantivy_peer.open(home / "words")
        self.vectors = vectors_alone.open(home / "vectors")
        self.numbers = {each: number for number, each in enumerate(self.vectors.ids)}

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        words = self._by_words(text)
        cosines = self.vectors.cosines(text)
        docs = np.union1d(words.docs, vectors_alone.nearest(cosines, CANDIDATES))
        docs, scores = fuse(words, Scored(docs, cosines[docs]))
        best = np.argsort(-scores, kind="stable")[:depth]
        return [Found(self.vectors.ids[docs[at]], float(scores[at])) for at in best]

    def _by_words(self, text: str) -> Scored:
        found = self.words.search(text, CANDIDATES)
        docs = np.array([self.numbers[each.id] for each in found], np.int64)
        order = np.argsort(docs)
        return Scored(docs[order], np.array([each.score for each in found])[order])


def open(home: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(home)
