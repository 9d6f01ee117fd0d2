"""How much memory does an engine hold, how soon does it first answer, how large is its index?

Each number is of a fresh process: wall time from its start to its first answer, and the memory
that is its alone after 200 mixed searches. ``private`` is what only this process can give back.
``mapped`` are pages of index files that nobody else has mapped just now; they stand in the
system's cache, which takes them back when it needs to, and a second process would share them. The
size of an index is given beside that of the Markdown it was built from.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.bench.peers import peer, prepare
from tests.bench.shape import KINDS, Query, size_of

SEARCHES = 200
STARTS = 3


def run(content: Path, names: list[str]) -> dict[str, Any]:
    """Memory, start and size by engine."""
    from .asking import questions

    asked = questions(content, SEARCHES // len(KINDS))
    mixed = [query for some in zip(*asked.values(), strict=True) for query in some]
    file = content.parent / "queries.json"
    file.write_bytes(msgspec.json.encode(mixed))
    markdown = sum(f.stat().st_size for f in content.rglob("*.md"))
    found: dict[str, Any] = {}
    for name in names:
        index = prepare(name, content)
        runs = [_fresh(name, index, file) for _ in range(STARTS)]
        found[name] = {
            "start": median(run["start"] for run in runs),
            "private": max(run["private"] for run in runs),
            "mapped": max(run["mapped"] for run in runs),
            "resident": max(run["resident"] for run in runs),
            "index": size_of(index),
            "ratio": size_of(index) / markdown,
        }
        print(f"{content.name} {name}: start {found[name]['start']:.2f} s, "
              f"private {found[name]['private'] / 1e6:.0f} MB, "
              f"index {found[name]['ratio']:.2f} × Markdown", flush=True)  # fmt: skip
    file.unlink()
    return {"markdown": markdown, "engines": found}


def _fresh(name: str, index: Path, queries: Path) -> dict[str, float]:
    """One fresh process: it says when it has answered once, and at its end what it holds."""
    tests = str(Path(__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.memory", name, str(index), str(queries)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [tests, inherited]))},
    ) as process:
        assert process.stdout
        answered = process.stdout.readline()
        took = time.perf_counter() - started
        rest = process.stdout.read()
    if process.returncode or answered != "answered\n":
        raise RuntimeError(f"The process that measures {name} failed.")
    private, pages, resident = map(int, rest.split())
    return {"start": took, "private": private, "mapped": pages, "resident": resident}


def _child(name: str, index: Path, queries: Path) -> None:
    asked = msgspec.json.decode(queries.read_bytes(), type=list[Query])
    engine = peer(name).open(index)
    engine.search(asked[0])
    print("answered", flush=True)
    for query in asked:
        engine.search(query)
    import psutil

    memory = psutil.Process().memory_full_info()
    pages = mapped()
    print(memory.uss - pages, pages, memory.rss)


def mapped(process: int | str = "self") -> int:
    """Bytes of unchanged file pages that a process alone has mapped; 0 where not told."""
    rollup = Path(f"/proc/{process}/smaps_rollup")
    if not rollup.exists():
        return 0
    for line in rollup.read_text().splitlines():
        if line.startswith("Private_Clean:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
