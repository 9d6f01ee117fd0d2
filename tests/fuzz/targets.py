"""What a guided fuzzer tries (:mod:`tests.fuzz.guided`): each target takes bytes, and raises for
those that break its rule."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import xxhash
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.search.query.parser import QueryParser
from app.search.query.unparse import unparse
from app.search.request import SearchRequest
from indexer.errors import IndexDamaged
from indexer.parsing import corpus, frontmatter
from indexer.parsing.rules import Rules
from indexer.storage import arrays, contents
from indexer.storage.codec import ArraySegment
from tests.conftest import ROOT, Archive, small_archive

RULES = Rules(facets=("mood",))
PARSER = QueryParser(RULES)
#: Bytes of an input: long ones are slow, and find little that short ones do not.
LONGEST = 4_096

Target = Callable[[bytes], None]


def _front_matter(data: bytes) -> None:
    try:
        frontmatter.parse(data.decode("utf-8", "replace"))
    except frontmatter.BadFrontMatter:
        return


class _Files:
    """Whole files, read as a build reads them."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, data: bytes) -> None:
        (self.home / "a.md").write_bytes(data)
        reading = corpus.read_file(self.home, "a.md", RULES)
        assert reading.essay or reading.problems
        assert all(each.what and each.hint for each in reading.problems)


class _Queries:
    """Queries, over the archive of the tests."""

    def __init__(self, archive: Archive) -> None:
        self.engine = archive.engine

    def __call__(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        unparse(PARSER.parse(text).tree)
        found = self.engine.search(SearchRequest(q=text))
        assert found.total >= len(found.hits)


class _Addresses:
    """What stands behind the question mark of an address."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, data: bytes) -> None:
        environ = EnvironBuilder("/api/v1/search").get_environ()
        environ["QUERY_STRING"] = data.decode("latin-1").replace("#", "")
        _, status, _ = run_wsgi_app(self.app.wsgi_app, environ, buffered=True)
        assert status.startswith(("200", "400", "414")), status


class _Arrays:
    """Files of an index whose checksum is right, as a forger would make them."""

    def __init__(self, home: Path) -> None:
        self.path = home / "x"

    def __call__(self, data: bytes) -> None:
        head, rest = data[:8], data[8:]
        check = xxhash.xxh3_64()
        check.update(rest)
        check.update(head)
        self.path.write_bytes(arrays.MAGIC + check.digest() + head + rest)
        try:
            opened = arrays.Arrays(self.path)
        except IndexDamaged:
            return
        for array in opened.values():
            assert array.nbytes <= len(data)
            array.tobytes()


def _contents(data: bytes) -> None:
    try:
        contents.decode(data, "essays")
    except ValueError:
        return


def _essays() -> Iterable[bytes]:
    return (file.read_bytes()[:LONGEST] for file in sorted((ROOT / "content").rglob("*.md")))


def _queries() -> Iterable[bytes]:
    yield from (
        b'owl AND (moth OR "black box"~3) -tag:"deep sea"', b"certainty:>=70 title:mod*l",
        b"date:2024-01..2024-03 has:tables importance:6..7.5", "東京都 naïve l'homme 🦉~".encode(),
    )  # fmt: skip


def _addresses() -> Iterable[bytes]:
    yield b"q=owl&tag=Birds&certainty_min=50&sort=newest&page=2&per_page=10&explain=1"


def _arrays() -> Iterable[bytes]:
    path = Path(tempfile.mkdtemp()) / "x"
    arrays.write(path, [("docs", np.arange(40, dtype=np.uint16)), ("times", np.ones(3))])
    whole = path.read_bytes()
    yield whole[16:]


def _tables() -> Iterable[bytes]:
    segment = ArraySegment("essays", 9)
    segment.delete_document(4)
    yield contents.encode([segment, ArraySegment("essays", 3)])


def _archive(home: Path) -> Archive:
    archive = Archive(home / "small", RULES)
    small_archive(archive)
    archive.build()
    return archive


#: By name, the target and what to begin with.
TARGETS: dict[str, tuple[Callable[[Path], Target], Callable[[], Iterable[bytes]]]] = {
    "front-matter": (lambda _: _front_matter, _essays),
    "files": (_Files, _essays),
    "queries": (lambda home: _Queries(_archive(home)), _queries),
    "addresses": (lambda home: _Addresses(_archive(home).app()), _addresses),
    "arrays": (_Arrays, _arrays),
    "contents": (lambda _: _contents, _tables),
}
