"""Ask every engine every question of some collections, and write what came out.

    python tests/relevance/run.py COLLECTION... --out RELEVANCE.md
    python tests/relevance/run.py COLLECTION --engine ours --dump rankings.jsonl

A collection is a folder (:mod:`tests.relevance.collection`). Indexes stay in the ``--data`` folder
and are made again when documents or code have changed. A dump has one line for each engine and
question: ``{"engine", "query", "ranked": [[id, score], …]}``, the best first.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.relevance.asking import Ranking

NAMES = ("ours", "tantivy", "sqlite", "whoosh", "tantivy-vectors", "vectors")


def main() -> None:
    given = _arguments()
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.relevance import asking, collection, report

    names = [name for name in NAMES if name in given.engine]
    given.data.mkdir(parents=True, exist_ok=True)
    (given.data / ".gitignore").write_text("*\n")
    results, rankings, forms = [], [], {}
    for folder in given.collections:
        read = collection.read(folder)
        home = given.data.resolve() / read.name
        result, ranked = asking.ask(read, names, home)
        print(report.section(result), flush=True)
        if given.forms:
            forms[read.name] = asking.ask_forms(read, names, home)
            print(report.forms_section(forms[read.name]), flush=True)
        results.append(result)
        rankings += ranked
    if given.dump:
        _dump(rankings, given.dump)
    if given.out:
        given.out.write_text(report.markdown(results, forms), "utf-8")


def _dump(rankings: list[Ranking], file: Path) -> None:
    lines = [
        {
            "engine": each.engine,
            "query": each.query,
            "ranked": [[f.id, f.score] for f in each.found],
        }
        for each in rankings
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("collections", nargs="+", type=Path, metavar="COLLECTION")
    parser.add_argument("--engine", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--forms", action="store_true", help="ask in other forms as well")
    parser.add_argument("--out", type=Path, help="write a report, as Markdown")
    parser.add_argument("--dump", type=Path, help="write every ranking, as JSON lines")
    parser.add_argument("--data", type=Path, default=Path(".relevance"), help="where indexes stay")
    return parser.parse_args()


if __name__ == "__main__":
    main()
