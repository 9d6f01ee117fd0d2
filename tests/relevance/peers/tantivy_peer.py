"""How does tantivy answer? ``en_stem`` texts, any word, its BM25."""

from __future__ import annotations

from pathlib import Path

import tantivy

from tests.relevance.collection import Document
from tests.relevance.peers import DEEP, Found, words

NAME = "tantivy-py"
HEAP = 256_000_000


def build(documents: list[Document], home: Path) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name="en_stem")
    made = tantivy.Index(builder.build(), str(home))
    writer = made.writer(HEAP, 1)
    for document in documents:
        writer.add_document(
            tantivy.Document(id=document.id, title=document.title, body=document.text)
        )
    writer.commit()
    writer.wait_merging_threads()


class Engine:
    def __init__(self, home: Path) -> None:
        self.index = tantivy.Index.open(str(home))
        self.searcher = self.index.searcher()

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        asked = " ".join(words(text))
        if not asked:
            return []
        query = self.index.parse_query(asked, ["title", "body"])
        hits = self.searcher.search(query, depth).hits
        return [Found(self.searcher.doc(at).get_first("id") or "", score) for score, at in hits]


def open(home: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(home)
