"""`essays migrate`: a diff that git applies, and files written only when that was said."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.commands import main
from tests.conftest import environment

FILES = {
    "a.md": b"---\ndate: 2024\n---\n\nText",
    "below/b.md": b"+++\r\ntitle = 'B'\r\ndate = 2024-01-30\r\n+++\r\nText\r\n",
    "c.md": b"---\npublishdate: 2024\n---\nText.\n",
}
NEW = {
    "a.md": b"---\npublishdate: 2024\n---\n\nText",
    "below/b.md": b"---\r\ntitle: B\r\npublishdate: 2024-01-30\r\n---\r\nText\r\n",
    "c.md": FILES["c.md"],
}


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "content"
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ESSAYS_")]:
        monkeypatch.delenv(name)
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in FILES}


def migrate(*options: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["migrate", "content", *options])
    assert result.exit_code == status, result.output
    return result


def test_the_diff_is_one_that_git_applies(content: Path) -> None:
    result = migrate()
    assert held(content) == FILES
    assert "2 files to rewrite, 0 rewritten" in result.stderr
    assert "Nothing is written without --write." in result.stderr
    subprocess.run(["git", "init", "--quiet"], cwd=content, check=True)
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn"], cwd=content, input=result.stdout_bytes, check=True
    )
    assert held(content) == NEW


def test_files_are_rewritten_when_that_is_said(content: Path) -> None:
    assert "2 files to rewrite, 2 rewritten" in migrate("--write").stderr
    assert held(content) == NEW
    assert migrate("--write").stdout == ""


def test_broken_files_are_named_and_the_others_rewritten(content: Path) -> None:
    (content / "broken.md").write_text("---\ntitle: [\n---\n")
    result = migrate("--write", status=1)
    assert "broken.md:" in result.stderr
    assert held(content) == NEW


def test_wrong_use(content: Path) -> None:
    migrate("--from", "wordpress", status=2)
    assert CliRunner().invoke(main, ["migrate", "nowhere"]).exit_code == 2


@pytest.mark.parametrize(
    ("answers", "rewritten"),
    [("y\nn\n", {"a.md"}), ("?\nn\ny\n", {"below/b.md"}), ("q\n", set()),
     ("a\n", {"a.md", "below/b.md"}), ("\n\n", set())],
)  # fmt: skip
def test_each_file_is_asked_for_at_a_terminal(
    content: Path, answers: str, rewritten: set[str]
) -> None:
    """By a real one, answered as a person does."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "app.cli.commands", "migrate", "content"], cwd=content.parent,
        env=environment(), stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, answers.encode())
    told = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        told += part
    os.close(ours)
    assert running.wait(timeout=60) == 0, told
    assert b"Rewrite a.md [y,n,a,q,?]" in told
    assert (b"leave the rest" in told) == answers.startswith("?")
    assert held(content) == {path: (NEW if path in rewritten else FILES)[path] for path in FILES}
