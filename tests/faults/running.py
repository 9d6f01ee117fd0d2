"""Commands of ours as real processes, and what is left of them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.conftest import Archive, environment

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "bdfgklmnprst"]


def fill(archive: Archive, count: int, words: int = 400, seed: int = 1, prefix: str = "e") -> None:
    """Essays of made-up words; each has a word of its own, ``<prefix><number>x``."""
    chance = random.Random(seed)
    for number in range(count):
        text = f"{prefix}{number}x " + " ".join(chance.choices(WORDS, k=words))
        # A language that is said is not looked for: no text of this kind has one.
        archive.write(f"{prefix}{number:04}.md", text, title=f"T{number}", lang="en")


def command(archive: Archive, name: str, *options: str) -> list[str]:
    """The command line of ``essays NAME`` over an archive."""
    return [
        sys.executable, "-m", "app.cli.commands", name, str(archive.content),
        "--index", str(archive.index), *options,
    ]  # fmt: skip


def run(
    line: Sequence[str], *, limit_blocks: int = 0, timeout: float = 120, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; ``limit_blocks`` of 512 bytes are the largest file it may write."""
    if limit_blocks:
        line = ["sh", "-c", f'ulimit -f {limit_blocks}; exec "$@"', "sh", *line]
    return subprocess.run(
        line, capture_output=True, text=True, timeout=timeout, check=False,
        env=environment(measured=not limit_blocks), **options,
    )  # fmt: skip


def start(line: Sequence[str], said: Path, **options: Any) -> subprocess.Popen[str]:
    """Start a command as the first of a group of processes; what it says goes to a file."""
    with said.open("w") as output:
        return subprocess.Popen(
            line, stdout=output, stderr=subprocess.STDOUT, text=True, env=environment(),
            start_new_session=True, **options,
        )  # fmt: skip


def group(leader: int) -> list[int]:
    """The processes of a session that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def end(leader: int) -> None:
    """Kill what is left of a session."""
    for pid in group(leader):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def eventually(check: Callable[[], bool], seconds: float = 60, said: Path | None = None) -> None:
    """Wait until something holds: for long, where a machine is busy."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, said.read_text() if said else "it did not come about"
        time.sleep(0.05)


def size(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def names(folder: Path) -> list[str]:
    """The paths of all files in a folder."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))
