"""Documents reach the cluster in pieces of the size that it, or what stands before it, takes."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from indexer.build.opensearch import writer
from tests.indexer.build.test_build import ClusterArchive, titled

pytestmark = pytest.mark.cluster

#: The largest body that the front lets through.
LARGEST = 2_000


class Front(BaseHTTPRequestHandler):
    """Passes requests on to a node but those that are too large, as a proxy before it may."""

    node = ""
    refused = 0

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if len(body) > LARGEST:
            type(self).refused += 1
            self._answer(413, "text/html", b"<h1>Request Entity Too Large</h1>")
            return
        kept = {k: v for k, v in self.headers.items() if k.lower().startswith("content-")}
        asked = urllib.request.Request(
            self.node + self.path, body or None, kept, method=self.command
        )
        try:
            with urllib.request.urlopen(asked) as answer:
                self._answer(answer.status, answer.headers["Content-Type"], answer.read())
        except urllib.error.HTTPError as error:
            with error:
                self._answer(error.code, error.headers["Content-Type"], error.read())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815 - the library's names

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def archive(tmp_path: Path, opensearch_url: str) -> Iterator[ClusterArchive]:
    archive = ClusterArchive(tmp_path, opensearch_url)
    yield archive
    archive.connection = replace(archive.connection, urls=tuple(opensearch_url.split(",")))
    archive.forget()


@pytest.fixture
def front(opensearch_url: str) -> Iterator[str]:
    Front.node = opensearch_url.split(",")[0]
    Front.refused = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Front) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_requests_that_are_too_large_are_sent_in_halves(
    archive: ClusterArchive, front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.connection = replace(archive.connection, urls=(front,))
    for name in "abcdefgh":
        archive.write(f"{name}.md", titled(name))
    # Letters that no compression makes less of.
    archive.write("i.md", titled("i") + " ".join(f"w{n * 7919 % 100_003}" for n in range(2_000)))
    report = archive.build()
    assert [(p.path, "does not take" in p.what) for p in report.problems] == [("i.md", True)]
    assert archive.titles() == {name: name for name in "abcdefgh"}
    assert Front.refused > 2


def test_a_document_larger_than_any_request_is_a_problem_of_its_file(
    archive: ClusterArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write("a.md", titled("a"))
    archive.write("b.md", titled("b") + "word " * 5_000)
    monkeypatch.setattr(writer, "MAX_DOCUMENT_BYTES", 5_000)
    report = archive.build()
    assert [(p.path, " bytes." in p.what) for p in report.problems] == [("b.md", True)]
    assert archive.titles() == {"a": "a"}
    monkeypatch.undo()
    assert archive.build().problems == ()
    assert set(archive.titles()) == {"a", "b"}
