"""Who is compared? Four engines that do the same work, each as its experts would have it do it.

Each module has ``NAME``, ``build(content, index)`` and ``open(index)``; see
:class:`bench.shape.Peer`. They are imported by name, so that a process that measures one engine
loads no other.
"""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import cast

from tests.bench.shape import Peer

NAMES = ("ours", "tantivy", "sqlite", "whoosh")
_MODULES = {
    "ours": "ours",
    "tantivy": "tantivy_peer",
    "sqlite": "sqlite_fts5",
    "whoosh": "stock_whoosh",
}


def peer(name: str) -> Peer:
    """The module of one engine."""
    return cast(Peer, import_module(f".{_MODULES[name]}", __package__))


def place(name: str, content: Path) -> Path:
    """Where the index of one engine over a generated folder lies."""
    return content.parent / content.name.replace("essays", "index") / name


def prepare(name: str, content: Path) -> Path:
    """The index of one engine over a generated folder, built if it is not there; ours is built
    anew whenever its code has changed."""
    index = place(name, content)
    done = index.with_name(f"{name}.seconds")
    if name == "ours" or not done.exists():
        started = time.perf_counter()
        peer(name).build(content, index)
        seconds = time.perf_counter() - started
        if name != "ours":
            done.write_text(f"{seconds:.2f}")
        print(f"{name}: index over {content.name} in {seconds:.1f} s", flush=True)
    return index
