"""Earlier versions of essays, from the history of the git repository that the content lies in.

The ``git`` command reads; nothing of the repository's own settings is run, and what is read is
bounded: the newest commits, versions of a moderate size, some seconds. Without the command, or
without a repository, there is no earlier version.
"""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from app.history.log import Version, version_of
from indexer.essay import Essay, valid_text
from indexer.parsing import deadline, frontmatter, metadata
from indexer.parsing.rules import Rules

#: Commits and versions that are looked at, the newest; bytes of a version; seconds for all.
MAX_COMMITS, MAX_VERSIONS, MAX_BYTES, SECONDS = 5_000, 20_000, 1_000_000, 30

_COMMIT = re.compile(r"commit ([0-9a-f]{40,64}) (\d+)")
_FILE = re.compile(r":\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [AM]\t(.*)")

#: By content path, the ratings that its versions had and when, the earliest first.
Versions = dict[str, list[tuple[int, Version]]]


class Past(NamedTuple):
    """Where a history has come to, and the versions since."""

    head: str
    versions: Versions


def past(content: Path, paths: Collection[str], since: str, rules: Rules) -> Past:
    """The versions of some content paths in the commits after ``since``, which may be empty."""
    folders = (content, *content.parents)
    if (top := next((folder for folder in folders if (folder / ".git").exists()), None)) is None:
        return Past("", {})
    git = Git(top, content)
    try:
        head = git("rev-parse", "--verify", "HEAD").decode().strip()
        if head == since:
            return Past(head, {})
        known = bool(since) and not git.fails("merge-base", "--is-ancestor", since, head)
        listed = git(
            "log", "--format=commit %H %ct", "--raw", "--no-abbrev", "--no-renames",
            "--relative", "--first-parent", f"--max-count={MAX_COMMITS}",
            f"{since}..{head}" if known else head, "--", ".",
        )  # fmt: skip
        found = _found(listed.decode("utf-8", "surrogateescape"), paths)
        blobs = _blobs(git, {each[2] for each in found})
    except (OSError, subprocess.SubprocessError, ValueError):
        return Past("", {})
    versions: Versions = {}
    read: dict[str, Version | None] = {}
    for path, at, blob in reversed(found):
        if blob in blobs and blob not in read:
            read[blob] = _ratings(path, blobs[blob], rules)
        if (version := read.get(blob)) is not None:
            versions.setdefault(path, []).append((at, version))
    return Past(head, versions)


class Git:
    """The ``git`` command over the repository at ``top``, in the folder of the content. Which
    repository that is, no variable decides: a hook that builds is run with those of another."""

    def __init__(self, top: Path, content: Path) -> None:
        settings = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false",
                    "log.showSignature=false")  # fmt: skip
        self._content = content
        self._command = [
            "git", f"--git-dir={top / '.git'}", f"--work-tree={top}", "--no-optional-locks",
            *(part for each in settings for part in ("-c", each)),
        ]  # fmt: skip

    def __call__(self, *arguments: str, sent: bytes = b"") -> bytes:
        """What a command says. Raises OSError and ``subprocess.SubprocessError``."""
        return subprocess.run(  # noqa: S603 - no part of it is what a reader typed
            [*self._command, *arguments], cwd=self._content, input=sent, capture_output=True,
            check=True, timeout=SECONDS,
        ).stdout  # fmt: skip

    def fails(self, *arguments: str) -> bool:
        """Whether a command says no."""
        try:
            self(*arguments)
        except subprocess.CalledProcessError:
            return True
        return False


def _found(listed: str, paths: Collection[str]) -> list[tuple[str, int, str]]:
    """Path, time and blob of each version, the newest first."""
    wanted, found, at = set(paths), [], 0
    for line in listed.splitlines():
        if match := _COMMIT.fullmatch(line):
            at = int(match[2])
        elif (match := _FILE.fullmatch(line)) and match[2] in wanted:
            found.append((match[2], at, match[1]))
    return found[:MAX_VERSIONS]


def _blobs(git: Git, names: Collection[str]) -> Mapping[str, bytes]:
    """The bytes of some blobs, but those of large ones."""
    asked = "".join(f"{name}\n" for name in sorted(names)).encode()
    sizes = [line.split() for line in git("cat-file", "--batch-check", sent=asked)
             .decode().splitlines()]  # fmt: skip
    small = [each[0] for each in sizes if each[1:2] == ["blob"] and int(each[2]) <= MAX_BYTES]
    sent = "".join(f"{name}\n" for name in small).encode()
    return dict(_parted(git("cat-file", "--batch", sent=sent)))


def _parted(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of an answer of ``cat-file --batch``: a line, as many bytes as it says, a break."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        name, _, size = answer[at:end].decode().split()
        yield name, answer[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)


def _ratings(path: str, data: bytes, rules: Rules) -> Version | None:
    """The ratings of a version; None for a draft, and for what cannot be read."""
    try:
        text = valid_text(unicodedata.normalize("NFC", data.decode("utf-8-sig")))
        with deadline.limit(rules.seconds(len(data))):
            top = frontmatter.parse(text)
            fields, _ = metadata.read_fields(path, top.metadata, top.line_of, rules)
    except Exception:  # noqa: BLE001 - whatever an old version holds, it costs only itself
        return None
    if fields["draft"] and not rules.drafts:
        return None
    ratings = {name: fields[name] for name in ("status", "certainty", "importance")}
    return version_of(Essay(path=path, slug="", title="", **ratings))
