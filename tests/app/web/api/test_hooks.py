"""Who may ask for a build, and what becomes of it: a real repository, server and push."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.rebuilds import Rebuilds
from app.web.api.hooks import MAX_BODY

if TYPE_CHECKING:
    from tests.conftest import Archive, Server

SECRET = "a secret – of any letters"
BODY = b'{"ref": "refs/heads/main"}'
SIGNING = "whsec_" + base64.b64encode(b"the key of GitLab").decode()


def github(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


def standard(
    body: bytes = BODY, key: bytes = b"the key of GitLab", age: int = 0, more: str = ""
) -> dict[str, str]:
    sent = str(int(time.time()) - age)
    digest = hmac.new(key, f"msg_1.{sent}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": sent,
        "webhook-signature": f"{more}{signature}",
    }


#: Headers that name a time are made when the test runs.
REQUESTS: list[tuple[str, str, dict[str, str] | Callable[[], dict[str, str]], bytes, int]] = [
    ("github", SECRET, github(), BODY, 202),
    ("an empty body", SECRET, github(b""), b"", 202),
    ("gitlab", "token", {"X-Gitlab-Token": "token"}, BODY, 202),
    ("gitlab, signed", SIGNING, lambda: standard(), BODY, 202),
    ("one of several signatures", SIGNING, lambda: standard(more="v1,AAAA v1a,x "), BODY, 202),
    ("signed with a secret of any letters", "plain", lambda: standard(key=b"plain"), BODY, 202),
    ("nothing", SECRET, {}, BODY, 403),
    ("another body", SECRET, github(), BODY + b" ", 403),
    ("another secret", SECRET, github(secret="other"), BODY, 403),
    ("no kind of digest", SECRET, {"X-Hub-Signature-256": github()["X-Hub-Signature-256"][7:]},
     BODY, 403),
    ("sha1", SECRET, {"X-Hub-Signature": "sha1=" + hmac.new(SECRET.encode(), BODY, "sha1")
     .hexdigest()}, BODY, 403),
    ("another token", "token", {"X-Gitlab-Token": "toke"}, BODY, 403),
    ("an old signature", SIGNING, lambda: standard(age=301), BODY, 403),
    ("one of the future", SIGNING, lambda: standard(age=-400), BODY, 403),
    ("no time", SIGNING, lambda: standard() | {"webhook-timestamp": "soon"}, BODY, 403),
    ("another id", SIGNING, lambda: standard() | {"webhook-id": "msg_2"}, BODY, 403),
    ("letters beyond ASCII", "token", {"X-Gitlab-Token": "tok\xe9n"}, BODY, 403),
]  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "headers", "body", "status"), [r[1:] for r in REQUESTS], ids=[r[0] for r in REQUESTS]
)
def test_who_may_ask(
    make: Callable[..., Archive],
    secret: str,
    headers: dict[str, str] | Callable[[], dict[str, str]],
    body: bytes,
    status: int,
) -> None:
    archive = make()
    with archive.app(hook_secret=secret).test_client() as client:
        sent = headers() if callable(headers) else headers
        response = client.post("/hooks/rebuild", data=body, headers=sent)
    assert response.status_code == status
    last = Rebuilds(archive.index).last()
    if status == 202:
        assert last is not None
        assert response.get_json()["rebuild"]["id"] == last.id
        assert response.headers["Location"] == f"/hooks/rebuild?id={last.id}"
    else:
        assert last is None
        assert response.mimetype in ("application/json", "application/problem+json")


def test_without_a_secret_there_is_no_such_address(make: Callable[..., Archive]) -> None:
    archive = make()
    with archive.app().test_client() as client:
        assert client.post("/hooks/rebuild", headers=github(secret="")).status_code == 404
        assert client.get("/hooks/rebuild?id=x").status_code == 404
    assert not archive.index.exists()


def test_a_body_has_a_limit(make: Callable[..., Archive]) -> None:
    with make().app(hook_secret=SECRET).test_client() as client:
        body = bytes(MAX_BODY + 1)
        assert client.post("/hooks/rebuild", data=body, headers=github(body)).status_code == 413


def test_a_ping_is_answered_and_builds_nothing(make: Callable[..., Archive]) -> None:
    archive = make()
    with archive.app(hook_secret=SECRET).test_client() as client:
        headers = github() | {"X-GitHub-Event": "ping"}
        assert client.post("/hooks/rebuild", data=BODY, headers=headers).status_code == 200
        assert client.post("/hooks/rebuild", headers={"X-GitHub-Event": "ping"}).status_code == 403
    assert Rebuilds(archive.index).last() is None


def test_a_replay_joins_the_build_that_waits(make: Callable[..., Archive]) -> None:
    archive = make()
    with archive.app(hook_secret=SECRET).test_client() as client:
        ids = {
            client.post("/hooks/rebuild", data=BODY, headers=github()).get_json()["rebuild"]["id"]
            for _ in range(5)
        }
    assert len(ids) == 1


def test_who_may_know_how_a_build_stands(make: Callable[..., Archive]) -> None:
    archive = make()
    with archive.app(hook_secret="token").test_client() as client:
        knowing = {"X-Gitlab-Token": "token"}
        assert client.get("/hooks/rebuild", headers=knowing).status_code == 404
        asked = client.post("/hooks/rebuild", headers=knowing).get_json()
        assert client.get("/hooks/rebuild").status_code == 403
        assert client.get("/hooks/rebuild", headers=knowing).get_json() == asked
        assert client.get(asked["url"]).get_json() == asked
        assert client.get("/hooks/rebuild?id=other", headers=knowing).status_code == 404


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.org",
         "-c", "commit.gpgsign=false", *arguments],
        check=True, capture_output=True,
    )  # fmt: skip


def fetch(address: str, body: bytes | None = None, **headers: str) -> Any:
    request = urllib.request.Request(address, body, headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def ended(server: Server, url: str) -> dict[str, Any]:
    """How a build ended that was asked for."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: dict[str, Any] = fetch(server.address + url)["rebuild"]
        if found["state"] in ("done", "failed"):
            return found
        time.sleep(0.1)
    raise AssertionError(server.said.read_text())


@pytest.mark.parametrize(
    "watching",
    [
        pytest.param((), id="asked alone"),
        pytest.param(("--watch",), id="watched as well", marks=pytest.mark.slow),
    ],
)
def test_what_is_pushed_is_found(
    serve: Callable[..., Server],
    make: Callable[..., Archive],
    tmp_path: Path,
    watching: tuple[str, ...],
) -> None:
    """Two serving processes, a bare repository, an author's clone and the server's."""
    bare, author = tmp_path / "essays.git", tmp_path / "author"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    subprocess.run(["git", "clone", "-q", str(bare), str(author)], check=True, capture_output=True)
    git(author, "checkout", "-q", "-b", "main")
    (author / "essays.toml").write_text("[hooks]\npull = true\n[search]\nmeaning = false\n")
    (author / "one.md").write_text("---\ntitle: One\n---\nOf kelp.\n")
    git(author, "add", ".")
    git(author, "commit", "-qm", "One")
    git(author, "push", "-q", "origin", "main")
    archive = make("served")
    archive.content.rmdir()
    subprocess.run(["git", "clone", "-q", str(bare), str(archive.content)], check=True)
    archive.build()
    server = serve(
        archive, "--workers", "2", *watching, variables={"ESSAYS_HOOK_SECRET": SECRET},
        ready="/readyz",
    )  # fmt: skip

    def push(number: int) -> None:
        (author / f"{number}.md").write_text(f"---\ntitle: N{number}\n---\nOf moss.\n")
        git(author, "add", ".")
        git(author, "commit", "-qm", f"N{number}")
        git(author, "push", "-q", "origin", "main")

    def ask(_: int = 0) -> dict[str, Any]:
        asked: dict[str, Any] = fetch(f"{server.address}/hooks/rebuild", BODY, **github())
        return asked

    def total() -> int:
        return int(fetch(f"{server.address}/api/v1/search?q=moss")["total"])

    assert total() == 0
    push(1)
    first = ended(server, ask()["url"])
    assert first["state"] == "done"
    assert first["report"]["essays"] == 2
    assert total() == 1

    # Ten pushes at once: a few builds, and all that was pushed is there.
    for number in range(2, 12):
        push(number)
    with ThreadPoolExecutor(10) as pool:
        asked = list(pool.map(ask, range(10)))
    urls = {each["url"] for each in asked}
    assert 1 <= len(urls) <= 4
    assert {ended(server, url)["state"] for url in urls} == {"done"}
    assert total() == 11

    # Histories that went apart are no build, and the server says so.
    (archive.content / "own.md").write_text("Of rock.\n")
    git(archive.content, "add", ".")
    git(archive.content, "commit", "-qm", "Apart")
    push(12)
    failed = ended(server, ask()["url"])
    assert failed["state"] == "failed"
    assert failed["message"].startswith("git pull failed:")
    assert str(tmp_path) not in failed["message"]
    assert total() == 11
    assert fetch(f"{server.address}/healthz")["status"] == "ok"


def test_a_build_that_was_interrupted_is_made_again(
    serve: Callable[..., Server], make: Callable[..., Archive]
) -> None:
    archive = make()
    archive.write("one.md", "Of kelp.", title="One")
    archive.build()
    archive.write("two.md", "Of moss.", title="Two")
    queue = Rebuilds(archive.index)
    asked = queue.ask()
    queue.take()  # by a process that ends here
    server = serve(archive, variables={"ESSAYS_HOOK_SECRET": SECRET})
    assert ended(server, f"/hooks/rebuild?id={asked.id}")["report"]["essays"] == 2
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{server.address}/hooks/rebuild")
    assert refused.value.code == 403
    refused.value.close()
