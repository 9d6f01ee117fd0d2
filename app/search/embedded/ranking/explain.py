"""What each part of a query adds to the score of an essay."""

from __future__ import annotations

from collections.abc import Sequence

from app.search import results
from app.search.binding.clauses import BoundWord
from app.search.budget import EXPLAINED, FREE, Budget
from app.search.embedded.matching import bm25f
from app.search.embedded.ranking.parts import ScorePart
from app.search.embedded.snapshot import Snapshot


def explain(
    docs: Sequence[int], parts: Sequence[ScorePart], snapshot: Snapshot, budget: Budget = FREE
) -> list[tuple[results.Part, ...]]:
    """For each document the parts of its score, which add up to it; those that add nothing are
    left out. Past the budget documents have none."""
    return [
        tuple(
            results.Part(
                part.kind, part.text, round(score, 6),
                _fields(doc, part.word, score, snapshot),
            )
            for part in parts
            if (score := part.matches.score(doc))
        ) if not budget.over(EXPLAINED) else ()
        for doc in docs
    ]  # fmt: skip


def _fields(
    doc: int,
    word: BoundWord | None,
    score: float,
    snapshot: Snapshot,
) -> dict[str, float]:
    """A word's score, shared among its fields as its weighted frequencies are."""
    if word is None:
        return {}
    leaf, local = snapshot.leaves.locate(doc)
    number = snapshot.leaves.leaves.index(leaf)
    found: dict[str, float] = {}
    for span in snapshot.leaves.spans(word.terms)[number]:
        if frequency := bm25f.frequency(span, local, snapshot.leaves, number):
            found[span.name] = found.get(span.name, 0.0) + frequency
    total = sum(found.values())
    return {name: round(score * share / total, 6) for name, share in found.items()}
