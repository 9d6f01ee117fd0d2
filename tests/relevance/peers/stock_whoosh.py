"""How does stock Whoosh answer? Stemming analyzer (with its stop words), any word, BM25F."""

from __future__ import annotations

from pathlib import Path

from whoosh import fields, index
from whoosh.analysis import StemmingAnalyzer
from whoosh.qparser import MultifieldParser, OrGroup, WhitespacePlugin
from whoosh.scoring import BM25F

from tests.relevance.collection import Document
from tests.relevance.peers import DEEP, Found, words

NAME = "stock Whoosh"


def build(documents: list[Document], home: Path) -> None:
    stem = StemmingAnalyzer()
    schema = fields.Schema(
        id=fields.ID(stored=True), title=fields.TEXT(stem), body=fields.TEXT(stem)
    )
    writer = index.create_in(home, schema).writer(procs=1, limitmb=256)
    for document in documents:
        writer.add_document(id=document.id, title=document.title, body=document.text)
    writer.commit(optimize=True)


class Engine:
    def __init__(self, home: Path) -> None:
        self.index = index.open_dir(home)
        self.searcher = self.index.searcher(weighting=BM25F())
        self.parser = MultifieldParser(
            ["title", "body"], self.index.schema, plugins=[WhitespacePlugin()], group=OrGroup
        )

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        query = self.parser.parse(" ".join(words(text)))
        found = self.searcher.search(query, limit=depth)
        return [Found(hit["id"], hit.score) for hit in found]


def open(home: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(home)
