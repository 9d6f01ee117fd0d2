"""Who is asked? Four engines over the same documents, each as its documentation would have it.

Each module has ``NAME``, ``build(documents, home)`` and ``open(home)``. Ours is asked as a reader
would ask: the text as it was typed. The others are asked for any of its words, in title and body,
which is how each is usually measured. They are imported by name, so that ours needs no other.
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
from tests.relevance.archive import digest
from tests.relevance.collection import Document

NAMES = ("ours", "tantivy", "sqlite", "whoosh")
_MODULES = {
    "ours": "ours",
    "tantivy": "tantivy_peer",
    "sqlite": "sqlite_fts5",
    "whoosh": "stock_whoosh",
}
#: Results asked for: as many as a page may have.
DEEP = 100

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
    return cast(Peer, import_module(f".{_MODULES[name]}", __package__))


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
    """What an index is made of: the documents, and the code that builds it."""
    code = hashlib.blake2b(digest(documents).encode(), digest_size=16)
    files = [Path(__file__).with_name(f"{_MODULES[name]}.py")]
    if name == "ours":
        files += sorted(Path(indexer.__file__).parent.rglob("*.py"))
    for file in files:
        code.update(file.read_bytes())
    return code.hexdigest()
