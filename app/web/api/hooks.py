"""``/hooks/rebuild``: a repository's host says that something was pushed, and the index follows.

A request proves that it knows the secret in one of the ways in which hosts do: GitHub, Gitea and
Forgejo sign the body, GitLab sends the secret itself or signs as Standard Webhooks do. The body is
not read for anything else. Whoever repeats a request gets one more build of the same content.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time

from flask import Blueprint, Response, abort, current_app, request, url_for
from werkzeug.datastructures import Headers

from app.rebuilds import Rebuild, Rebuilds
from app.web.api.answer import json_answer
from app.web.bodies import pieces
from app.web.context import settings

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")

#: Bytes of a body; GitHub sends no larger ones.
MAX_BODY = 25_000_000
#: Seconds by which the time of a signed request may be off.
TOLERANCE = 300


@hooks.post("/rebuild")
def rebuild() -> Response:
    """Queue a build, or join the one that waits."""
    _authenticate()
    if request.headers.get("X-GitHub-Event") == "ping":
        return json_answer({"status": "ok"})
    return _told(_queue().ask(), 202)


@hooks.get("/rebuild")
def rebuild_status() -> Response:
    """How a build stands: the one of an ``id``, which is known to those who asked for it alone; or
    the last one, for who knows the secret."""
    if not settings().hook_secret:
        abort(404)
    if asked := request.args.get("id", ""):
        found = _queue().find(asked)
    else:
        _authenticate()
        found = _queue().last()
    if found is None:
        abort(404)
    return _told(found, 200)


def _queue() -> Rebuilds:
    return Rebuilds(settings().index)


def _told(found: Rebuild, status: int) -> Response:
    where = url_for("hooks.rebuild_status", id=found.id)
    response = json_answer({"rebuild": found, "url": where}, status)
    response.headers["Cache-Control"] = "no-store"
    if status == 202:
        response.headers["Location"] = where
    return response


def _authenticate() -> None:
    """Let only requests through that prove to know the secret."""
    secret = settings().hook_secret
    if not secret:
        abort(404)
    proofs = Proofs(secret, request.headers)
    for piece in pieces(MAX_BODY):
        proofs.add(piece)
    if not proofs.hold(time.time()):
        current_app.logger.warning("A request for a build had no valid signature.")
        abort(403, "The signature is missing or wrong.")


class Proofs:
    """The proofs that the headers of a request give, over a body that comes in pieces."""

    def __init__(self, secret: str, headers: Headers) -> None:
        self._secret = secret.encode()
        self._headers = headers
        self._whole = hmac.new(self._secret, digestmod="sha256")
        key = self._secret
        if secret.startswith("whsec_"):
            try:
                key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
            except binascii.Error:
                key = self._secret
        self._standard = hmac.new(key, digestmod="sha256")
        self._time = headers.get("webhook-timestamp", "")
        self._standard.update(f"{headers.get('webhook-id', '')}.{self._time}.".encode())

    def add(self, chunk: bytes) -> None:
        """Go on with the next piece of the body."""
        self._whole.update(chunk)
        self._standard.update(chunk)

    def hold(self, now: float) -> bool:
        """Whether a header proves that its sender knows the secret; ``now`` in seconds since
        1970. Every comparison takes as long for a wrong proof as for a right one."""
        github = self._headers.get("X-Hub-Signature-256", "")
        gitlab = self._headers.get("X-Gitlab-Token", "")
        return (
            _same(github, f"sha256={self._whole.hexdigest()}")
            or _same(gitlab, self._secret.decode())
            or self._signed(now)
        )

    def _signed(self, now: float) -> bool:
        """By Standard Webhooks: https://www.standardwebhooks.com."""
        if not self._time.isascii() or not self._time.isdigit():
            return False
        if abs(now - int(self._time[:12])) > TOLERANCE:
            return False
        expected = "v1," + base64.b64encode(self._standard.digest()).decode()
        return any(
            _same(each, expected) for each in self._headers.get("webhook-signature", "").split()
        )


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
