"""How long does a build take, and a rebuild?

Ours, from Markdown files with two jobs, beside the loop that anyone would write first:
python-frontmatter, Python-Markdown with the same extensions, stock Whoosh's writer. The other
engines index parsed records, so their times are information, not a comparison. Rebuilds run in
one process: the start of the interpreter does not count. Memory is what all processes of the full
build have at once, pages that they share counted once.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import frontmatter
from markdown import Markdown
from whoosh import index as whoosh_index

from indexer.build.build import build
from indexer.parsing.rules import Rules
from tests.bench import build_steps
from tests.bench.peak import PeakMemory
from tests.bench.peers import ours as ours_
from tests.bench.peers import place, stock_whoosh

JOBS = 2
REBUILDS = 5
_TAG = re.compile(r"<[^>]+>")
_HEADING = re.compile(r"<h\d[^>]*>(.*?)</h\d>")


def run(content: Path, *, loop: bool = True) -> dict[str, Any]:
    """Seconds of every build of a generated folder, with the plain ``loop`` or without it, the
    greatest memory of a full one, and where its time goes."""
    work = place("building", content)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    # The index that the other measurements ask for: a large one is built once.
    ours = place("ours", content)
    with PeakMemory() as memory:
        seconds = {"full": _timed(lambda: _full(content, ours))}
    ours_.stamp(ours)
    print(
        f"{content.name}: full build {seconds['full']:.1f} s, {memory.peak / 1e6:.0f} MB",
        flush=True,
    )
    unchanged = [_timed(lambda: _again(content, ours, 0)) for _ in range(REBUILDS)]
    seconds["none changed"] = median(unchanged)
    seconds["one changed"] = median(_one_changed(content, ours))
    if loop:
        seconds["plain loop"] = _timed(lambda: plain_loop(content, work / "plain"))
        print(f"{content.name}: plain loop {seconds['plain loop']:.1f} s", flush=True)
    peers = {file.stem: float(file.read_text()) for file in sorted(work.parent.glob("*.seconds"))}
    shutil.rmtree(work)
    return {"jobs": JOBS, "essays": int(content.name.rsplit("-", 1)[1]), "seconds": seconds,
            "peers": peers, "peak": memory.peak, "steps": build_steps.measure(content)}  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _full(content: Path, index: Path) -> None:
    report = build(content, index, Rules(), full=True, jobs=JOBS)
    if report.problems or report.added != report.files:
        raise ValueError(f"The build is not whole: {report}")


def _again(content: Path, index: Path, changed: int) -> None:
    report = build(content, index, Rules(), jobs=JOBS)
    if report.full or (report.changed, report.added, report.removed) != (changed, 0, 0):
        raise ValueError(f"The rebuild was to change {changed}: {report}")


def _one_changed(content: Path, index: Path) -> list[float]:
    """Seconds of each rebuild after one file changed; the files are then as they were."""
    files = sorted(content.rglob("*.md"))
    some = files[:: max(1, len(files) // REBUILDS)][:REBUILDS]
    taken = []
    for file in some:
        before, stat = file.read_bytes(), file.stat()
        try:
            file.write_bytes(before + b"\nOne more paragraph was written here.\n")
            taken.append(_timed(lambda: _again(content, index, 1)))
        finally:
            file.write_bytes(before)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        build(content, index, Rules(), jobs=JOBS)
    return taken


def plain_loop(content: Path, index: Path) -> None:
    """Index every file, one after the other, with what the documentation of each library says."""
    index.mkdir()
    converter = Markdown(
        extensions=["tables", "fenced_code", "codehilite", "footnotes", "toc", "def_list",
                    "sane_lists"],
        extension_configs={
            "codehilite": {"css_class": "highlight", "guess_lang": False},
            "tables": {"use_align_attribute": True},
        },
        output_format="html",
    )  # fmt: skip
    schema = stock_whoosh.schema(words=False)
    writer = whoosh_index.create_in(index, schema).writer(procs=1, limitmb=256)
    for file in sorted(content.rglob("*.md")):
        post = frontmatter.load(str(file))
        html = converter.reset().convert(post.content)
        meta: dict[str, Any] = post.metadata
        tags, categories = meta.get("tags", []), meta.get("categories", [])
        fields: dict[str, Any] = {
            "slug": str(file.relative_to(content).with_suffix("")),
            "title": meta["title"],
            "headings": "\n".join(_HEADING.findall(html)),
            "topics": "\n".join([*tags, *categories]),
            "summary": f"{meta['description']}\n{meta['excerpt']}",
            "body": _TAG.sub("", html),
            "cites": "\n".join(meta.get("bibliography", [])),
            "excerpt": meta["excerpt"],
            "tag": ",".join(tags),
            "category": ",".join(categories),
            "year": str(meta["publishdate"].year),
            "published": meta["publishdate"].replace(tzinfo=None),
            "updated": meta["lastmod"].replace(tzinfo=None),
        }
        for name in ("status", "certainty", "importance"):
            rating = meta.get(name)
            fields[name] = str(rating["value"]) if rating else "unrated"
            if rating and name != "status":
                fields[f"{name}_percent"] = rating["percentage"]
        writer.add_document(**fields)
    writer.commit()
