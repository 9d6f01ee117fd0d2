"""The exit status of every command, in one table."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from app.cli.commands import main
from indexer.storage import generation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Archive

#: What is done before, the command, and its status. ``CONTENT`` and ``INDEX`` stand for folders.
TABLE = [
    ("", "index CONTENT --index INDEX", 0),
    ("problem", "index CONTENT --index INDEX", 0),
    ("problem", "index CONTENT --index INDEX --strict", 1),
    ("index", "index CONTENT --index INDEX --verify", 0),
    ("", "index CONTENT --index INDEX --verify", 1),
    ("index edit", "index CONTENT --index INDEX --verify", 1),
    ("index", "index CONTENT --index INDEX --verify --full", 2),
    ("locked", "index CONTENT --index INDEX", 1),
    ("", "index NOWHERE --index INDEX", 2),
    ("", "index CONTENT --engine none", 2),
    ("settings", "index CONTENT --index INDEX", 2),
    ("", "check CONTENT", 0),
    ("problem", "check CONTENT", 1),
    ("", "check NOWHERE", 2),
    ("index", "search owls --content CONTENT --index INDEX", 0),
    ("index", "search nothing-like-it --content CONTENT --index INDEX", 0),
    ("", "search owls --content CONTENT --index INDEX", 1),
    ("index", "search owls --content CONTENT --index INDEX --page 0", 2),
    ("index", "stats --content CONTENT --index INDEX", 0),
    ("", "stats --content CONTENT --index INDEX", 1),
    ("", "migrate CONTENT", 0),
    ("problem", "migrate CONTENT", 1),
    ("", "migrate CONTENT --from nothing", 2),
    ("index", "export OUT --content CONTENT --index INDEX", 0),
    ("", "export OUT --content CONTENT --index INDEX", 1),
    ("index", "export CONTENT --content CONTENT --index INDEX", 2),
    ("", "watch NOWHERE --index INDEX", 2),
    ("", "serve CONTENT --index INDEX --port 0", 2),
    ("taken", "serve CONTENT --index INDEX --port PORT", 2),
    ("taken", "mcp CONTENT --index INDEX --http --port PORT", 2),
    ("", "nothing", 2),
    ("", "index --nothing", 2),
    ("", "--version", 0),
    ("", "search --help", 0),
]


@pytest.mark.parametrize(
    ("before", "line", "status"), TABLE, ids=[f"{b}: {c}" for b, c, _ in TABLE]
)
def test_exit_status(
    make: Callable[..., Archive], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    before: str, line: str, status: int,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    archive = make()
    archive.write("owls.md", "Owls at night.", title="Owls")
    (archive.content / "essays.toml").write_text("[search]\nmeaning = false\n")
    if "problem" in before:
        (archive.content / "broken.md").write_text("---\ntitle: [unclosed\n---\n")
    if "settings" in before:
        (archive.content / "essays.toml").write_text("titel = 1")
    if "index" in before:
        archive.build()
    if "edit" in before:
        archive.write("owls.md", "Owls by day.", title="Owls")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        names = {
            "CONTENT": archive.content, "INDEX": archive.index, "NOWHERE": tmp_path / "nowhere",
            "OUT": tmp_path / "out", "PORT": taken.getsockname()[1],
        }  # fmt: skip
        words = [str(names.get(word, word)) for word in line.split()]
        if "locked" in before:
            with generation.lock(archive.index):
                result = CliRunner().invoke(main, words)
        else:
            result = CliRunner().invoke(main, words)
    assert result.exit_code == status, result.output
    # A failure says why, in a sentence or two.
    assert status == 0 or result.output
    assert "Traceback" not in result.output
