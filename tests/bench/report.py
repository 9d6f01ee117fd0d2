"""What came out? Raw results as Markdown tables, each number beside its target."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.bench.build_steps import MARKDOWN

PACKAGES = ("essay-search", "whoosh3", "numpy", "tantivy", "flask", "granian", "markdown",
            "python-frontmatter", "msgspec", "pystemmer", "lxml", "nh3", "psutil")  # fmt: skip
SAID = {
    "common": "common word", "rare": "rare word", "and": "two words", "or": "either of two",
    "phrase": "phrase", "common phrase": "phrase of common words", "prefix": "prefix",
    "question": "forty words", "filters": "filters only", "all": "every essay",
}  # fmt: skip
#: At least this many times as fast as the other engine, in every kind of query.
FASTER = {"tantivy": 1.0, "sqlite": 10.0, "whoosh": 100.0}
BUILD, ONE, NONE = 3.0, 1 / 50, 1 / 200
#: Of a full build, in bytes.
PEAK = 2e9
START, LARGE, INDEX, HTTP = 2.0, 100_000, 1.5, 0.2
#: Of a process that searches, in bytes, from so many essays on.
PRIVATE = {1_000_000: 400e6, LARGE: 250e6}


def machine() -> dict[str, Any]:
    """Where and with what the numbers were measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "checkout" if name == "essay-search" else "–"
    return {
        "date": now(),
        "cpu": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": platform.platform(),
        "load": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "versions": versions,
    }


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def markdown(results: Mapping[str, Any], command: str) -> str:
    """The whole report. ``results`` is by question, then by number of essays."""
    parts = ["# Benchmarks", _preface(results["machine"], command)]
    if "install" in results:
        parts += ["## Size of an install", _install(results["install"])]
    for question, title, table in (
        ("faceted", "Faceted search", _faceted),
        ("building", "Build and rebuild", _building),
        ("memory", "Memory, start, size", _memory),
        ("serving", "Over HTTP", _serving),
    ):
        sized = results.get(question, {})
        if sized:
            parts.append(f"## {title}")
            for size in sorted(sized, key=int):
                parts += [table(int(size), sized[size]), f"Measured {sized[size]['measured']}."]
    return "\n\n".join(parts) + "\n"


def _install(sizes: Mapping[str, Mapping[str, int]]) -> str:
    rows = [
        f"| {'`essay-search`' if name == 'core' else f'`[{name}]` adds'} "
        f"| {size['distributions']} | {size['bytes'] / 1e6:.0f} |"
        for name, size in sizes.items()
    ]
    return "\n".join(["|  | distributions | MB |", "| --- | --: | --: |", *rows])


def _preface(where: Mapping[str, Any], command: str) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    return f"""Measured on {where["date"]}: {where["cpu"]}, {where["cores"]} cores,
{where["memory"]}, {where["system"]}; load before the run {where["load"]}.
Python {where["python"]}, SQLite {where["sqlite"]}, {versions}.

To repeat: `{command}`. What is measured, and how, is said at the top of each file in `tests/bench`.
✓ and ✗ say whether a target is met."""


def _mark(met: bool) -> str:
    return "✓" if met else "✗"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _faceted(size: int, found: Mapping[str, Any]) -> str:
    names: Mapping[str, str] = found["names"]
    others = [name for name in names if name != "ours"]
    head = ["p50 / p99 in ms", *names.values()]
    head += [f"× {names[name]} (≥ {FASTER[name]:g})" for name in others]
    rows = []
    for kind, engines in found["kinds"].items():
        row = [f"{SAID[kind]} ({found['found'][kind]:,.0f} found)"]
        for name in names:
            each = engines.get(name)
            row.append(
                f"{each['p50']:.2f} / {each['p99']:.2f}" + _few(each["queries"]) if each else "–"
            )
        for name in others:
            ratio = engines[name]["p50"] / engines["ours"]["p50"] if name in engines else None
            row.append(f"{ratio:.1f} {_mark(ratio >= FASTER[name])}" if ratio else "–")
        rows.append(row)
    text = f"### {size:,} essays\n\n{_table(head, rows)}"
    text += "\n\nIn brackets: the median number of essays that a query of this kind found."
    notes = [f"* {note}" for note in found.get("notes", [])]
    for name in next(iter(found["agreement"].values()), {}):
        unlike = {kind: each[name] for kind, each in found["agreement"].items()}
        asked = sum(each["queries"] for each in unlike.values())
        differ = sum(each["anything differs"] for each in unlike.values())
        totals = sum(each["totals differ"] for each in unlike.values())
        notes.append(
            f"* {names[name]} was asked {asked} of the same questions: {totals} totals differ, and "
            f"in {differ} answers some number does (stemmers and word boundaries); none without "
            "words."
        )
    return "\n\n".join([text, "\n".join(notes)]) if notes else text


def _few(queries: int) -> str:
    return f" (n = {queries})" if queries < 100 else ""


def _building(size: int, found: Mapping[str, Any]) -> str:
    seconds: Mapping[str, float] = found["seconds"]
    full = seconds["full"]
    one, none = seconds["one changed"] / full, seconds["none changed"] / full
    rows = [
        [f"full build, {found['jobs']} jobs", f"{full:.2f} s", f"{size / full:,.0f} essays/s", ""],
    ]
    if "peak" in found:
        rows.append(["its memory, all processes", f"{found['peak'] / 1e6:,.0f} MB", "",
                     f"≤ {PEAK / 1e6:,.0f} MB {_mark(found['peak'] <= PEAK)}"])  # fmt: skip
    if "plain loop" in seconds:
        faster = seconds["plain loop"] / full
        rows.append(["plain loop, one process", f"{seconds['plain loop']:.2f} s",
                     f"{faster:.1f} × ours", f"≥ {BUILD:g} {_mark(faster >= BUILD)}"])  # fmt: skip
    rows += [
        ["one essay changed", f"{seconds['one changed'] * 1000:.0f} ms", f"1/{1 / one:.0f} of full",
         f"≤ 1/50 {_mark(one <= ONE)}"],
        ["none changed", f"{seconds['none changed'] * 1000:.0f} ms", f"1/{1 / none:.0f} of full",
         f"≤ 1/200 {_mark(none <= NONE)}"],
    ]  # fmt: skip
    rows += [[f"{name}, from parsed records", f"{took:.2f} s", f"{size / took:,.0f} essays/s", ""]
             for name, took in found["peers"].items()]  # fmt: skip
    text = f"### {size:,} essays\n\n{_table(['', 'time', '', 'target'], rows)}"
    return f"{text}\n\n{_steps(found['steps'])}" if "steps" in found else text


def _steps(found: Mapping[str, Any]) -> str:
    """Where the time of a full build goes; each step beside Python-Markdown's."""
    steps: Mapping[str, float] = found["steps"]
    whole, markdown = sum(steps.values()), steps[MARKDOWN]
    rows = [
        [name, f"{spent:,.0f}", f"{spent / whole:.0%}", f"{spent / markdown:.2f}"]
        for name, spent in [*steps.items(), ("altogether", whole)]
    ]
    return (
        f"Where the time goes, of one process that builds {found['essays']:,} of them:\n\n"
        + _table(["step", "µs an essay", "share", "× Python-Markdown"], rows)
    )


def _memory(size: int, found: Mapping[str, Any]) -> str:
    rows = []
    for name, each in found["engines"].items():
        ours = name == "ours"
        private = f"{each['private'] / 1e6:.0f} MB"
        start = f"{each['start']:.2f} s"
        ratio = f"{each['ratio']:.2f}"
        if ours and size >= LARGE:
            most = next(most for least, most in PRIVATE.items() if size >= least)
            private += f" (≤ {most / 1e6:.0f}) {_mark(each['private'] <= most)}"
            start += f" (≤ {START:g}) {_mark(each['start'] <= START)}"
        if ours:
            ratio += f" (≤ {INDEX:g}) {_mark(each['ratio'] <= INDEX)}"
        mapped = f"{each['mapped'] / 1e6:.0f} MB"
        resident = f"{each['resident'] / 1e6:.0f} MB"
        rows.append(
            [name, private, mapped, resident, start, f"{each['index'] / 1e6:.1f} MB", ratio]
        )
    head = [
        "", "private", "pages of the index", "resident", "start to first answer", "index",
        "× Markdown",
    ]  # fmt: skip
    title = f"### {size:,} essays, {found['markdown'] / 1e6:.1f} MB of Markdown"
    return f"{title}\n\n{_table(head, rows)}"


def _serving(size: int, found: Mapping[str, Any]) -> str:
    ratio = found["ratio"]
    rows = [
        ["`/api/v1/search`", f"{found['search']:,.0f}", f"{ratio:.1%} (≥ {HTTP:.0%}) "
         f"{_mark(ratio >= HTTP)}"],
        ["`/healthz`", f"{found['constant']:,.0f}", ""],
    ]  # fmt: skip
    private = " + ".join(f"{each / 1e6:.0f}" for each in found["private"])
    return (
        f"### {size:,} essays, {found['workers']} workers, {found['clients']} clients\n\n"
        f"{_table(['', 'requests/s', 'of the constant reply'], rows)}\n\n"
        f"From the server's start to its first search: {found['start']:.2f} s. Private memory of "
        f"its processes afterwards: {private} MB.\n\n"
        f"{_latency(found['latency'])}"
    )


def _latency(found: Mapping[str, Mapping[str, float]]) -> str:
    """One search over HTTP beside tantivy in process."""
    rows = []
    for kind, ms in found.items():
        rest = ms["search"] - ms["constant"]
        ratio = ms["tantivy"] / rest
        rows.append(
            [SAID[kind], f"{ms['search']:.2f}", f"{ms['constant']:.2f}", f"{rest:.2f}",
             f"{ms['tantivy']:.2f}", f"{ratio:.1f} {_mark(ratio >= FASTER['tantivy'])}"]
        )  # fmt: skip
    head = ["p50 in ms, one client", "over HTTP", "constant reply", "without it",
            "tantivy-py in process", f"× tantivy-py (≥ {FASTER['tantivy']:g})"]  # fmt: skip
    return _table(head, rows)
