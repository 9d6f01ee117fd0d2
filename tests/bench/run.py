"""Measure, keep the raw results, write the report.

    python tests/bench/run.py --sizes 1000 10000 --out BENCHMARKS.md --data .bench

Essays, indexes and ``results.json`` stay in the data folder; the next run takes up the first two
where it finds them. Worker processes import this file, so it imports nothing heavy at the top.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

QUESTIONS = ("building", "faceted", "memory", "serving")
#: Stock Whoosh takes longer than a quarter of an hour to build beyond this.
WHOOSH_MOST = 10_000
#: SQLite takes twenty minutes and 15 GB for a million, and seconds for a search.
SQLITE_MOST = 100_000
#: The plain loop indexes a hundred essays a second.
LOOP_MOST = 10_000


def main() -> None:
    given = _arguments()
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.bench import building, faceted_search, install, memory, report, serving
    from tests.bench.generator import generate
    from tests.bench.peers import NAMES, prepare

    data: Path = given.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    (data / ".gitignore").write_text("*\n")
    raw = data / "results.json"
    results: dict[str, Any] = json.loads(raw.read_text()) if given.keep and raw.exists() else {}
    results["machine"] = report.machine()
    results["install"] = install.sizes()
    for size in sorted(given.sizes):
        content = generate(size, data)
        names = [n for n in NAMES if n in given.engines]
        notes = []
        if "whoosh" in names and size > given.whoosh_most:
            names.remove("whoosh")
            notes.append(
                f"Stock Whoosh was left out: its build of more than {given.whoosh_most:,} essays "
                "takes too long (`--whoosh-most`)."
            )
        if "sqlite" in names and size > given.sqlite_most:
            names.remove("sqlite")
            notes.append(
                f"SQLite FTS5 was left out: beyond {given.sqlite_most:,} essays its searches take "
                "seconds (`--sqlite-most`)."
            )
        work: dict[str, Callable[[], dict[str, Any]]] = {
            "faceted": lambda: faceted_search.run(
                content, names, queries=given.queries, budget=given.budget  # noqa: B023
            ) | {"notes": notes},  # noqa: B023
            "building": lambda: building.run(content, loop=size <= given.loop_most),  # noqa: B023
            "memory": lambda: memory.run(content, names),  # noqa: B023
            "serving": lambda: serving.run(content),  # noqa: B023
        }  # fmt: skip
        for question in given.only:
            if question == "building":
                for name in names:
                    if name != "ours":
                        prepare(name, content)
            found = work[question]() | {"measured": report.now()}
            results.setdefault(question, {})[str(size)] = found
            raw.write_text(json.dumps(results, indent=1))
    command = shlex.join(["python", "tests/bench/run.py", *sys.argv[1:]])
    given.out.write_text(report.markdown(results, command), "utf-8")
    print(f"{given.out}; raw results in {raw}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000, 10_000])
    parser.add_argument("--out", type=Path, default=Path("BENCHMARKS.md"))
    parser.add_argument("--data", type=Path, default=Path(".bench"))
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    parser.add_argument(
        "--engines", nargs="+", default=["ours", "tantivy", "sqlite", "whoosh"],
        choices=["ours", "tantivy", "sqlite", "whoosh"],
    )  # fmt: skip
    parser.add_argument("--queries", type=int, default=250, help="of each kind, timed")
    parser.add_argument(
        "--budget", type=float, default=15.0, help="seconds for one engine and kind"
    )
    parser.add_argument(
        "--whoosh-most", type=int, default=WHOOSH_MOST, help="essays that stock Whoosh indexes"
    )
    parser.add_argument(
        "--sqlite-most", type=int, default=SQLITE_MOST, help="essays that SQLite indexes"
    )
    parser.add_argument(
        "--loop-most", type=int, default=LOOP_MOST, help="essays that the plain loop indexes"
    )
    parser.add_argument("--keep", action="store_true", help="keep results of earlier runs")
    given = parser.parse_args()
    if "ours" not in given.engines:
        parser.error("without ours there is nothing to compare")
    return given


if __name__ == "__main__":
    main()
