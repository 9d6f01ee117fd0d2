"""Which questions did a change of ranking help, and which did it harm?

    python tests/relevance/compare.py COLLECTION before.jsonl after.jsonl

The two files are dumps of ``run.py --dump``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.relevance.collection import Collection
    from tests.relevance.measures import Quality

#: Questions that are listed, of those that gained and of those that lost.
MOST = 20
_SAID = ("nDCG@10", "MAP@100", "recall@100", "MRR@10")


def compare(collection: Collection, before: Path, after: Path, engine: str = "ours") -> str:
    """The means, and the questions whose nDCG changed most, as lines of text."""
    from tests.relevance import measures

    old, new = (_judged(collection, file, engine) for file in (before, after))
    means = zip(_SAID, measures.mean([*old.values()]), measures.mean([*new.values()]), strict=True)
    lines = [f"{name}  {was:.4f} -> {now:.4f}" for name, was, now in means]
    texts = {each.id: each.text for each in collection.questions}
    gains = sorted((new[each].ndcg - old[each].ndcg, each) for each in texts)
    for head, chosen in (
        ("lost", [each for gain, each in gains if gain < 0]),
        ("gained", [each for gain, each in reversed(gains) if gain > 0]),
    ):
        lines.append(f"{len(chosen)} questions {head}")
        lines += [
            f"  {each}  {old[each].ndcg:.3f} -> {new[each].ndcg:.3f}  {texts[each]}"
            for each in chosen[:MOST]
        ]
    return "\n".join(lines)


def _judged(collection: Collection, dump: Path, engine: str) -> dict[str, Quality]:
    from tests.relevance.asking import judge
    from tests.relevance.peers import Found

    lines = [json.loads(line) for line in dump.read_text("utf-8").splitlines()]
    found = {
        line["query"]: [Found(*each) for each in line["ranked"]]
        for line in lines
        if line["engine"] == engine
    }
    return judge(collection, found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("collection", type=Path)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--engine", default="ours")
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.relevance.collection import read

    print(compare(read(given.collection), given.before, given.after, given.engine))


if __name__ == "__main__":
    main()
