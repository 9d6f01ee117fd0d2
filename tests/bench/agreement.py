"""Do the engines find and count the same? Exactly so where no stemmer decides.

Without words every number has to be equal, down to each facet value, and so have the dates of the
hits. With words the engines' stemmers and word boundaries differ a little; those differences are
counted and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench.shape import Answer, Engine, Query

EXACT = ("filters", "all")
SHOWN = 5


def differences(mine: Answer, other: Answer) -> list[str]:
    """What two answers to one question do not agree on; a facet value of no essay may be listed."""
    found = []
    if mine.total != other.total:
        found.append(f"total {mine.total} / {other.total}")
    for facet, counts in mine.counts.items():
        theirs = {value: n for value, n in other.counts[facet].items() if n}
        ours = {value: n for value, n in counts.items() if n}
        if ours != theirs:
            unequal = [v for v in ours.keys() | theirs.keys() if ours.get(v) != theirs.get(v)]
            found.append(f"{len(unequal)} counts of {facet}")
    found += [f"histogram of {n}" for n, bars in mine.histograms.items()
              if bars != other.histograms[n]]  # fmt: skip
    if len(mine.hits) != len(other.hits):
        found.append(f"{len(mine.hits)} / {len(other.hits)} hits")
    return found


def compare(engines: Mapping[str, Engine], asked: Mapping[str, list[Query]]) -> dict[str, Any]:
    """Compare the first engine with every other. Raises ValueError where they must not differ."""
    first, *others = engines
    found: dict[str, Any] = {}
    for kind, queries in asked.items():
        answers = [engines[first].search(query) for query in queries]
        for name in others:
            differing, total, shown = 0, 0, 0
            for query, mine in zip(queries, answers, strict=True):
                other = engines[name].search(query)
                unlike = differences(mine, other)
                if kind in EXACT:
                    dates = [[hit.published for hit in a.hits] for a in (mine, other)]
                    unlike += ["dates of hits"] if dates[0] != dates[1] else []
                    if unlike:
                        raise ValueError(f"{first} and {name} differ: {query}: {unlike}")
                differing += bool(unlike)
                total += mine.total != other.total
                if unlike and shown < SHOWN:
                    shown += 1
                    print(f"  {kind} {query.text!r}: {first} / {name}: {', '.join(unlike)}")
            found.setdefault(kind, {})[name] = {
                "queries": len(queries), "totals differ": total, "anything differs": differing,
            }  # fmt: skip
    return found
