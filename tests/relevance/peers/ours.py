"""How does this project answer? The real indexer over Markdown files, ``EmbeddedEngine`` over
that."""

from __future__ import annotations

from pathlib import Path

from app.search.embedded.engine import EmbeddedEngine
from app.search.request import SearchRequest
from indexer.build.build import build as build_index
from indexer.parsing.rules import Rules
from tests.relevance.archive import id_of, write
from tests.relevance.collection import Document
from tests.relevance.peers import DEEP, Found

NAME = "essay-search"


def build(documents: list[Document], home: Path) -> None:
    """Write the documents as essays and index them in full."""
    write(documents, home / "content")
    report = build_index(home / "content", home / "index", Rules(), full=True)
    if report.essays != len(documents):
        raise ValueError(f"Not every document became an essay: {report.problems[:3]}")


class Engine:
    def __init__(self, home: Path) -> None:
        self.engine = EmbeddedEngine(home / "index", Rules())

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        found = self.engine.search(SearchRequest(q=text, per_page=depth))
        return [Found(id_of(hit.essay.slug), hit.score) for hit in found.hits]


def open(home: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(home)
