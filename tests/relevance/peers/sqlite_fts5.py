"""How does SQLite answer? FTS5 with Porter stems, any word, ``bm25()``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.relevance.collection import Document
from tests.relevance.peers import DEEP, Found, words

NAME = "SQLite FTS5"


def build(documents: list[Document], home: Path) -> None:
    db = sqlite3.connect(home / "index.db")
    db.execute(
        "CREATE VIRTUAL TABLE text USING fts5(id UNINDEXED, title, body, "
        "tokenize='porter unicode61')"
    )
    db.executemany(
        "INSERT INTO text VALUES (?, ?, ?)", [(d.id, d.title, d.text) for d in documents]
    )
    db.execute("INSERT INTO text(text) VALUES ('optimize')")
    db.commit()
    db.close()


class Engine:
    def __init__(self, home: Path) -> None:
        self._file = home / "index.db"

    def search(self, text: str, depth: int = DEEP) -> list[Found]:
        match = " OR ".join(f'"{word}"' for word in words(text))
        if not match:
            return []
        with closing(sqlite3.connect(self._file)) as db:
            rows = db.execute(
                "SELECT id, -bm25(text) FROM text WHERE text MATCH ? ORDER BY bm25(text) LIMIT ?",
                (match, depth),
            )
            return [Found(*row) for row in rows]


def open(home: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(home)
