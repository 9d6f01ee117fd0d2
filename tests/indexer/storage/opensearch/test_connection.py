"""What is wrong with a cluster is said in words that tell what to do."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import EssaysError, IndexMissing, IndexUnreachable, IndexUnwritable
from indexer.storage.opensearch import generations
from indexer.storage.opensearch.connection import Connection, opened, translated
from tests.conftest import free_port

# Beside those that need one: all of this package is measured where a cluster runs.
pytestmark = pytest.mark.cluster

#: A certificate of 127.0.0.1 that no authority signed, good for a hundred years, and its key.
CERTIFICATE = """
-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUHHG2UdTDJxX3H3zJuB2u7T72CcUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNjAwMTQ1MloYDzIxMjYxMTAy
MDAxNDUyWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARu1OCoxQxHuxqYhqhmifgcf6+GSPm68Whp9mgunytRwX3gWyE98edn
L/ZlvTwzIgrnzFatpyYfnblRVnpq3dkYo2QwYjAdBgNVHQ4EFgQUTgkRn+k1A5Kz
psqEpg8rHPMXnLUwHwYDVR0jBBgwFoAUTgkRn+k1A5KzpsqEpg8rHPMXnLUwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
ICcBy7FKKvLqu1EIkb4qt4aY51K3xVerHn4/YR6Yz8fBAiBlTH/b3EpAouS2fMbi
rMrWPVqfE2Y028GVT6CecHYlxw==
-----END CERTIFICATE-----
"""
KEY = """
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtSFYtIyPamneHx0b
Woll9YOitzide1/ltvZBuj3MaRahRANCAARu1OCoxQxHuxqYhqhmifgcf6+GSPm6
8Whp9mgunytRwX3gWyE98ednL/ZlvTwzIgrnzFatpyYfnblRVnpq3dkY
-----END PRIVATE KEY-----
"""


class Server(ThreadingHTTPServer):
    """Answers every request with one status and one body, after a while."""

    def __init__(self, status: int, body: Any, seconds: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status, self.seconds = status, seconds
        self.kind = "text/plain" if isinstance(body, str) else "application/json"
        self.body = (body if isinstance(body, str) else json.dumps(body)).encode()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or does not trust us, is what is tested."""


class Answer(BaseHTTPRequestHandler):
    """One answer."""

    server: Server

    def do_GET(self) -> None:
        time.sleep(self.server.seconds)
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.kind)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def made(status: int, body: Any, seconds: float = 0.0) -> Server:
        server = Server(status, body, seconds)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server

    yield made
    for server in started:
        server.shutdown()
        server.server_close()


def ask(connection: Connection) -> None:
    with translated(connection), opened(connection, retries=0) as client:
        generations.current(client, connection)


def error(kind: str, reason: str) -> dict[str, Any]:
    return {"error": {"type": kind, "reason": reason, "root_cause": []}}


SAID: list[tuple[int, Any, type[EssaysError], str, str]] = [
    (401, "Unauthorized", IndexUnreachable, "refuses a request without a user", "_PASSWORD"),
    (403, error("security_exception", "no permissions"), IndexUnreachable, "refuses", "_USER"),
    (403, error("cluster_block_exception", "index [a] blocked by: read-only"), IndexUnwritable,
     "lets nobody write to the index: index [a] blocked by: read-only.", "free some room"),
    (404, error("aliases_not_found_exception", "alias [essays] missing"), IndexMissing,
     "There is no index essays at", "essays index --engine opensearch"),
    (429, error("rejected_execution_exception", "too many"), IndexUnreachable,
     "cannot answer now: too many.", "health"),
    (503, error("cluster_manager_not_discovered_exception", ""), IndexUnreachable,
     "cannot answer now: cluster_manager_not_discovered_exception.", "health"),
    (400, error("illegal_argument_exception", "no such thing"), IndexUnwritable,
     "refuses what was asked (status 400): no such thing.", "setting"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind", "message", "hint"), SAID)
def test_an_error_says_what_to_do(
    serve: Callable[..., Server],
    status: int, body: Any, kind: type[EssaysError], message: str, hint: str,
) -> None:  # fmt: skip
    port = serve(status, body).server_port
    with pytest.raises(kind) as caught:
        ask(Connection(urls=(f"http://127.0.0.1:{port}",)))
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_the_user_is_named_and_the_password_is_not(serve: Callable[..., Server]) -> None:
    port = serve(401, "Unauthorized").server_port
    connection = Connection(urls=(f"http://127.0.0.1:{port}",), user="me", password="secret")
    with pytest.raises(IndexUnreachable, match="refuses the user me") as caught:
        ask(connection)
    assert "secret" not in f"{caught.value}{caught.value.hint}{connection}"


def test_nobody_is_there() -> None:
    with pytest.raises(IndexUnreachable, match=r"127.0.0.1:\d+ does not answer\.") as caught:
        ask(Connection(urls=(f"http://127.0.0.1:{free_port()}",)))
    assert "ESSAYS_OPENSEARCH_URL" in caught.value.hint


def test_an_answer_that_does_not_come(serve: Callable[..., Server]) -> None:
    port = serve(200, {}, seconds=1.0).server_port
    with pytest.raises(IndexUnreachable, match="does not answer in time"):
        ask(Connection(urls=(f"http://127.0.0.1:{port}",), timeout=0.2))


def test_a_certificate_is_trusted_where_it_is_named(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE.lstrip())
    (tmp_path / "key.pem").write_text(KEY.lstrip())
    server = serve(404, error("aliases_not_found_exception", "missing"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    urls = (f"https://127.0.0.1:{server.server_port}",)
    with pytest.raises(IndexUnreachable, match="its certificate is not one") as caught:
        ask(Connection(urls=urls))
    assert "ESSAYS_OPENSEARCH_CA" in caught.value.hint
    with pytest.raises(IndexMissing):
        ask(Connection(urls=urls, ca=str(tmp_path / "ca.pem")))
    with pytest.raises(IndexMissing):
        ask(Connection(urls=urls, verify=False))


def test_a_package_that_is_missing_is_named(root: Path) -> None:
    code = (
        "import sys; sys.modules['opensearchpy'] = None\n"
        "from app.cli.commands import main\n"
        "main(['index', 'content', '--engine', 'opensearch'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'essay-search[opensearch]'" in done.stderr
    assert "Traceback" not in done.stderr
