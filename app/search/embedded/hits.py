"""Documents that were found, as they are shown: hits with snippets, and places in other texts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.search.budget import Budget
from app.search.embedded.ranking import expansion
from app.search.embedded.ranking.explain import explain
from app.search.embedded.search import Answer
from app.search.embedded.snapshot import Snapshot
from app.search.highlight import snippets
from app.search.highlight.matcher import Finder
from app.search.marking import places, shown
from app.search.query.marks import Marks
from app.search.results import Fragment, Hit, Place


def hits_of(docs: Sequence[int], answer: Answer, budget: Budget) -> tuple[Hit, ...]:
    """Some of the documents of an answer, as they are shown."""
    ranked, snapshot = answer.ranked, answer.snapshot
    limit = answer.language.limits.expansions
    finder = expansion.finder(ranked.parsed.marks, snapshot, limit, budget)
    near = {} if ranked.near is None else ranked.near.sections
    hits = tuple(
        [
            _near_hit(snapshot, doc, score, near[doc])
            if doc in near
            else _hit(snapshot, doc, score, finder, budget, pinned=doc in ranked.pinned)
            for doc, score in zip(docs, ranked.found.scores_of(docs), strict=True)
        ]
    )
    if not answer.request.explain:
        return hits
    return tuple(
        msgspec.structs.replace(hit, parts=parts)
        for hit, parts in zip(hits, explain(docs, ranked.parts, snapshot, budget), strict=True)
    )


def highlights(
    marks: Marks, texts: Sequence[str], snapshot: Snapshot, limit: int, budget: Budget
) -> list[list[Place]]:
    """The places of what a query marks in each of some texts; past the budget there are none.
    ``limit`` is that of the terms that one pattern stands for."""
    finder = expansion.finder(marks, snapshot, limit, budget)
    return places(finder, texts, budget)


def _hit(
    snapshot: Snapshot, doc: int, score: float, finder: Finder, budget: Budget, *, pinned: bool
) -> Hit:
    essay = snapshot.card(doc)
    return shown(essay, lambda: snapshot.sections(doc), score, finder, budget, pinned=pinned)


def _near_hit(snapshot: Snapshot, doc: int, score: float, section: int) -> Hit:
    """An essay that was found by its meaning alone, with the beginning of its nearest section."""
    essay, sections = snapshot.card(doc), snapshot.sections(doc)
    opening = snippets.opening(sections[max(section, 0) :] or sections)
    title = (Fragment(essay.title, False),)
    return Hit(essay, round(score, 6), title, opening, by="meaning")
