"""What do the golden questions reach, and did a change lower it?

    python tests/relevance/golden.py            # figures, and the questions that fall short
    python tests/relevance/golden.py --keep     # keep the figures, if none of them fell

``golden.toml`` has questions to the sample archive; ``kept.toml`` what they reached. MRR is one
divided by the rank of the first expected essay, the mean over questions; recall@5 the part of the
expected essays that is among the first five. Both are kept in total and for each kind. success@5,
which is shown and not kept, is the share of questions with an expected essay among the first five.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from math import floor
from pathlib import Path
from typing import NamedTuple

import msgspec

HERE = Path(__file__).resolve().parent
CONTENT = HERE.parents[1] / "content"
KEPT = HERE / "kept.toml"
#: How far recall looks, and the most essays that a question may expect.
FIRST = 5
#: Figures are kept in ten-thousandths, rounded down.
PARTS = 10_000
TOTAL = "total"


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One golden question: what makes it hard, what is typed, what should come, and why."""

    kind: str
    q: str
    expect: tuple[str, ...]
    why: str


class Asked(NamedTuple):
    """A question and the slugs that it found, the best first."""

    query: Query
    found: list[str]

    @property
    def ranks(self) -> list[int | None]:
        """The rank of every expected essay, None where it was not found."""
        return [self.found.index(e) + 1 if e in self.found else None for e in self.query.expect]

    @property
    def short(self) -> bool:
        """Whether it falls short: an unexpected essay is first, or an expected one not shown."""
        ranks = self.ranks
        return 1 not in ranks or any(rank is None or rank > FIRST for rank in ranks)


class Figures(NamedTuple):
    """What some questions reached."""

    queries: int
    mrr: float
    recall: float


def queries(file: Path = HERE / "golden.toml") -> list[Query]:
    """The golden questions."""
    return msgspec.convert(tomllib.loads(file.read_text("utf-8"))["query"], list[Query])


def ask(asked: Sequence[Query], search: Callable[[str], list[str]]) -> list[Asked]:
    """Every question asked; ``search`` answers with slugs."""
    return [Asked(each, search(each.q)) for each in asked]


def figures(asked: Sequence[Asked]) -> dict[str, Figures]:
    """Figures in total and by kind, rounded down."""
    kinds = dict.fromkeys(each.query.kind for each in asked)
    made = {TOTAL: _figures(asked)}
    for kind in kinds:
        made[kind] = _figures([each for each in asked if each.query.kind == kind])
    return made


def success(asked: Sequence[Asked], kind: str = TOTAL) -> float:
    """The share of a kind's questions, or of all, that have an expected essay among the first
    :data:`FIRST`, from 0 to 1. There has to be a question of the kind."""
    from tests.relevance import measures

    chosen = [each for each in asked if kind in (TOTAL, each.query.kind)]
    return sum(
        measures.success(each.found, dict.fromkeys(each.query.expect, 1), FIRST) for each in chosen
    ) / len(chosen)


def _figures(asked: Sequence[Asked]) -> Figures:
    from tests.relevance import measures

    mrr = recall = 0.0
    for each in asked:
        grades = dict.fromkeys(each.query.expect, 1)
        mrr += measures.reciprocal_rank(each.found, grades, len(each.found))
        recall += measures.recall(each.found, grades, FIRST)
    return Figures(len(asked), _down(mrr / len(asked)), _down(recall / len(asked)))


def _down(value: float) -> float:
    # Before rounding down, what binary fractions lack is given back: 0.3 is 0.3 and not 0.2999.
    return floor(round(value * PARTS, 6)) / PARTS


def fallen(now: dict[str, Figures], kept: dict[str, Figures]) -> list[str]:
    """One line for every figure that is lower than it was, and for every kind that is gone or has
    other questions than when it was kept."""
    said = []
    for kind in dict.fromkeys([*kept, *now]):
        was, here = kept.get(kind), now.get(kind)
        if was is None or here is None or was.queries != here.queries:
            said.append(f"{kind}: other questions than those that figures were kept for")
            continue
        said += [
            f"{kind}: {name} {old:.4f} -> {new:.4f}"
            for name, old, new in (
                ("MRR", was.mrr, here.mrr),
                ("recall@5", was.recall, here.recall),
            )
            if new < old
        ]
    return said


def table(asked: Sequence[Asked]) -> str:
    """What questions reached, in total and by kind, as lines of text."""
    lines = [f"{'':10} queries     MRR  recall@{FIRST}  success@{FIRST}"]
    lines += [
        f"{kind:10} {f.queries:7} {f.mrr:7.4f}  {f.recall:8.4f}  {success(asked, kind):9.4f}"
        for kind, f in figures(asked).items()
    ]
    return "\n".join(lines)


def shortfalls(asked: Sequence[Asked]) -> str:
    """Every question that falls short: ranks of what it should find, and what came first."""
    lines = []
    for each in asked:
        if each.short:
            ranks = ", ".join(
                f"{slug} {rank or 'not found'}"
                for slug, rank in zip(each.query.expect, each.ranks, strict=True)
            )
            lines.append(
                f"[{each.query.kind}] {each.query.q}\n    {each.query.why}\n    {ranks}"
                f"; first of {len(each.found)}: {each.found[0] if each.found else 'nothing'}"
            )
    return "\n".join(lines)


def read(file: Path = KEPT) -> dict[str, Figures]:
    """The figures that were kept."""
    kept = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return {kind: Figures(**each) for kind, each in kept.items()}


def keep(now: dict[str, Figures], file: Path = KEPT) -> None:
    """Keep these figures."""
    lines = [
        "# What golden.toml reached; a change must not lower it. `make relevance-keep` writes."
    ]
    for kind, each in now.items():
        lines.append(f"\n[{kind}]")
        lines += [f"{name} = {value}" for name, value in each._asdict().items()]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def searcher(index: Path) -> Callable[[str], list[str]]:
    """The real engine over the sample archive, indexed below the folder ``index``."""
    from app.search.embedded.engine import EmbeddedEngine
    from app.search.query.limits import Limits
    from app.search.request import MAX_PER_PAGE, SearchRequest
    from app.settings import load
    from indexer.build.build import build

    rules = load(environ={"ESSAYS_CONTENT": str(CONTENT)}, cwd=CONTENT).rules
    build(CONTENT, index, rules, jobs=1)
    engine = EmbeddedEngine(index, rules, Limits(milliseconds=60_000))

    def search(q: str) -> list[str]:
        found = engine.search(SearchRequest(q=q, per_page=MAX_PER_PAGE))
        return [hit.essay.slug for hit in found.hits]

    return search


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--keep", action="store_true", help="keep the figures if none fell")
    parser.add_argument("--lower", action="store_true", help="with --keep: even if some fell")
    parser.add_argument("--file", type=Path, default=KEPT, help="where figures are kept")
    given = parser.parse_args()
    sys.path.insert(0, str(HERE.parents[1]))
    with tempfile.TemporaryDirectory() as folder:
        asked = ask(queries(), searcher(Path(folder)))
    now = figures(asked)
    print(f"{shortfalls(asked)}\n\n{table(asked)}")
    said = fallen(now, read(given.file))
    if said:
        print("\n".join(["", *said]))
    if given.keep:
        if any("->" in each for each in said) and not given.lower:
            sys.exit("Not kept: some figures fell. --lower keeps them all the same.")
        keep(now, given.file)


if __name__ == "__main__":
    main()
