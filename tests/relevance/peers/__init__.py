"""Who is asked? Six engines over the same documents, each as its documentation would have it.

Each module has ``NAME``, ``build(documents, home)`` and ``open(home)``. Ours is asked as a reader
would ask: the text as it was typed. The others are asked for any of its words, in title and body,
which is how each is usually measured. Two have the word vectors that ours has: one with tantivy's
scores, one alone. All are imported by name, so that ours needs no other.

``ours``             this project
``tantivy_peer``     tantivy-py
``sqlite_fts5``      SQLite's FTS5
``stock_whoosh``     Whoosh as it comes
``tantivy_vectors``  tantivy-py's scores and word vectors as one
``vectors_alone``    word vectors without anything else
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import indexer
from indexer.analysis import embedding
from tests.relevance.archive import digest
from tests.relevance.collection import Document

NAMES = ("ours", "tantivy", "sqlite", "whoosh", "tantivy-vectors", "vectors")
#: The module of each, and those that it builds with.
_MODULES = {
    "ours": ("ours",),
    "tantivy": ("tantivy_peer",),
    "sqlite": ("sqlite_fts5",),
    "whoosh": ("stock_whoosh",),
    "tantivy-vectors": ("tantivy_vectors", "tantivy_peer", "vectors_alone"),
    "vectors": ("vectors_alone",),
}
#: Those that are built with code and word vectors of this project.
_WITH_INDEXER = ("ours", "tantivy-vectors", "vectors")
#: Results asked for: as many as a page may have.
DEEP = 100
#: The best by words and the best by vectors that :mod:`tantivy_vectors` looks at.
CANDIDATES = 1_000

_WORD = re.compile(r"[^\W_]+")


class Found(NamedTuple):
    """One result: a document's id and its score, higher is better."""

    id: str
    score: float


class Engine(Protocol):
    """An opened index."""

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        """The best documents for a question, best first, at most ``depth``."""


class Peer(Protocol):
    """A module of this folder."""

    NAME: str

    def build(self, documents: list[Document], home: Path) -> None:
        """An index of the documents in the folder ``home``."""

    def open(self, home: Path) -> Engine: ...


def peer(name: str) -> Peer:
    """The module of one engine."""
    return cast(Peer, import_module(f".{_MODULES[name][0]}", __package__))


def words(text: str) -> list[str]:
    """The words of a question, each once: no punctuation that a query language could mean.

    >>> words("Is IL-2 (not IL-4) needed?")
    ['is', 'il', '2', 'not', '4', 'needed']
    """
    return list(dict.fromkeys(_WORD.findall(text.lower())))


def prepare(name: str, documents: list[Document], home: Path) -> float:
    """Build one engine's index unless it is there; the seconds that it took, now or then."""
    place, done = home / name, home / f"{name}.done"
    state = _state(name, documents)
    if done.exists():
        known, seconds = done.read_text().split()
        if known == state:
            return float(seconds)
    done.unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    started = time.perf_counter()
    peer(name).build(documents, place)
    took = time.perf_counter() - started
    done.write_text(f"{state} {took:.2f}")
    return took


def _state(name: str, documents: list[Document]) -> str:
    """What an index is made of: the documents, the code that builds it, and the word vectors."""
    code = hashlib.blake2b(digest(documents).encode(), digest_size=16)
    files = [Path(__file__).with_name(f"{module}.py") for module in _MODULES[name]]
    if name in _WITH_INDEXER:
        code.update(embedding.identity().encode())
        files += sorted(Path(indexer.__file__).parent.rglob("*.py"))
    for file in files:
        code.update(file.read_bytes())
    return code.hexdigest()
