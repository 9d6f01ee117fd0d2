"""The archives that both engines are asked, and each engine over them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.search.engine import Engine
from app.search.opensearch.engine import OpenSearchEngine
from app.search.query.curation import Curation
from indexer.build.opensearch import build as cluster_build
from indexer.parsing.rules import Rules
from indexer.storage.opensearch.connection import Connection, opened
from tests.conftest import PATIENT, Archive, small_archive

RULES = Rules(facets=("mood",), meaning=False)

CURATION = Curation(
    synonyms=(("ML", "machine learning"), ("feeder", "bird table")),
    pins={"start here": ("links", "birds/owls"), "owl": ("garden",)},
)

#: Essays in languages of their own, beside the small archive: path, front matter, text.
ELSEWHERE = [
    ("de/haus.md", {"title": "Das Haus am See", "lang": "de", "tags": ["Häuser"],
                    "date": "2020-02-02", "certainty": 80},
     "Häuser stehen am Ufer. Die Haustür des Bootshauses ist offen, und Bücher liegen da."),
    ("fr/maison.md", {"title": "La maison d’été", "lang": "fr", "tags": ["Maisons"],
                      "date": "2019-07-14", "importance": 4},
     "Les maisons d’été ferment en automne. L’homme aimé rentre; on l’avait aimée."),
    ("ja/tokyo.md", {"title": "東京の夜", "lang": "ja", "tags": ["東京"], "date": "2018-08-08"},
     "東京都の夜は明るい。人工知能について考える。数学の歴史は長い。"),
    ("ru/muzej.md", {"title": "Музей", "lang": "ru", "date": "2017-03-03"},
     "Картины висят в музее. Музеи открыты весь день."),
    ("copies/first.md", {"title": "A long walk", "date": "2016-06-06", "tags": ["Walks"]},
     "We walked along the harbour wall until the lamps were lit and the ferries stopped, "
     "and nobody among us could have said which of the islands was the nearest that evening."),
    ("copies/second.md", {"title": "A long walk, again", "date": "2016-06-07", "tags": ["walks"]},
     "We walked along the harbour wall until the lamps were lit and the ferries stopped, "
     "and nobody among us could have told which of the islands was the nearest that evening. "
     "See [[A long walk]]."),
]  # fmt: skip


def library(home: Path) -> Archive:
    """A small archive of several languages, indexed by the engine of this process."""
    archive = Archive(home, RULES, CURATION)
    small_archive(archive)
    for path, meta, text in ELSEWHERE:
        archive.write(path, text, **meta)  # type: ignore[arg-type]
    archive.build()
    return archive


@contextmanager
def in_cluster(
    archive: Archive, urls: str, *, shards: int = 2, name: str = ""
) -> Iterator[OpenSearchEngine]:
    """The engine that asks a cluster, over the same content; what was built there goes after."""
    name = name or f"test-{secrets.token_hex(6)}"
    connection = Connection(urls=tuple(urls.split(",")), name=name, shards=shards)
    cluster_build.build(archive.content, connection, archive.rules, jobs=1)
    engine = OpenSearchEngine(connection, archive.rules, PATIENT, archive.curation)
    try:
        yield engine
    finally:
        engine.close()
        with opened(connection) as client:
            client.indices.delete(index=f"{name}-*")


def is_local(engine: Engine) -> bool:
    """Whether an engine is the one of this process."""
    return not isinstance(engine, OpenSearchEngine)
