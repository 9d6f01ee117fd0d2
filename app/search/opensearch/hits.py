"""Essays that were found, as they are shown: hits with snippets, and the parts of their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from app.search import results
from app.search.budget import Budget
from app.search.highlight.matcher import Finder
from app.search.marking import MANY_WORDS, beginning_of, finder, places, shown
from app.search.opensearch import dsl
from app.search.opensearch.archive import SnapshotArchive
from app.search.opensearch.search import Answer
from app.search.opensearch.snapshot import Found, Snapshot
from app.search.query.marks import Marks
from app.search.query.parser import QueryParser
from app.search.results import Hit, Place
from indexer.analysis import stemming
from indexer.essay import Section
from indexer.schema import document, field_names
from indexer.schema.opensearch_mapping import SLUG


def finder_of(answer: Answer, budget: Budget) -> Finder:
    """What to look for in texts to show why an answer found them."""
    archive = SnapshotArchive(answer.snapshot, answer.language)
    limit = answer.language.limits.expansions
    marks = answer.ranked.parsed.marks
    know_stems(marks, answer.snapshot)
    return finder(marks, archive, limit, budget)


def know_stems(marks: Marks, snapshot: Snapshot) -> None:
    """Ask for the words of all stems in one request, and where common ones are not marked, for the
    essays that have them."""
    english = [stem for stem in marks.stems if stemming.OF not in stem]
    snapshot.lexicon.know((field_names.WORDS, beginning_of(stem)) for stem in english)
    if len(marks.stems) >= MANY_WORDS:
        snapshot.counts([dsl.having("body", [stem]) for stem in sorted(marks.stems)])


def hits_of(
    found: Sequence[Found], answer: Answer, sought: Finder, budget: Budget
) -> tuple[Hit, ...]:
    """Some of the essays of an answer, as they are shown."""
    cards = [each.card for each in found]
    bare = [
        each.slug
        for each, card in zip(found, cards, strict=True)
        if "sections" not in each.stored and not card.excerpt and not card.description
    ]
    read = _sections(bare, answer.snapshot)

    def hit(each: Found, number: int) -> Hit:
        def sections() -> tuple[Section, ...]:
            return each.sections if "sections" in each.stored else read.get(each.slug, ())

        pinned = each.slug in answer.ranked.pinned
        made = shown(cards[number], sections, each.score, sought, budget, pinned=pinned)
        if not answer.request.explain:
            return made
        return msgspec.structs.replace(made, parts=_parts(each))

    return tuple(hit(each, number) for number, each in enumerate(found))


def _sections(slugs: Sequence[str], snapshot: Snapshot) -> Mapping[str, tuple[Section, ...]]:
    """The sections of some essays, whose beginnings are shown."""
    if not slugs:
        return {}
    found = snapshot.first(dsl.having(SLUG, slugs), len(slugs), "sections")
    return {each.slug: document.sections(each.stored) for each in found}


def highlights(
    marks: Marks, texts: Sequence[str], snapshot: Snapshot, language: QueryParser, budget: Budget
) -> list[list[Place]]:
    """The places of what a query marks in each of some texts; past the budget there are none."""
    archive = SnapshotArchive(snapshot, language)
    know_stems(marks, snapshot)
    return places(finder(marks, archive, language.limits.expansions, budget), texts, budget)


def _parts(found: Found) -> tuple[results.Part, ...]:
    """The parts of a score, which add up to it; those that add nothing are left out."""
    told: list[tuple[str, int, str, float]] = []
    fields: dict[int, dict[str, float]] = {}
    for name, score in found.parts.items():
        kind, number, text = name.split("\x1f", 2)
        if kind == "field":
            fields.setdefault(int(number), {})[text] = score
        else:
            told.append((kind, int(number), text, score))
    base = sum(score for kind, _, _, score in told if kind in ("word", "clause"))
    made: list[results.Part] = []
    for kind, place, text, score in sorted(told, key=lambda it: (_ORDER.index(it[0]), it[1])):
        # A preference is told by the sum that it raised.
        added = score - base if kind == "prefer" else score
        own = fields.get(place, {}) if kind == "word" else {}
        if round(added, 6):
            made.append(results.Part(kind, text, round(added, 6), _shared(added, own)))
    return tuple(made)


def _shared(score: float, frequencies: Mapping[str, float]) -> dict[str, float]:
    """A word's score, shared among its fields as its weighted frequencies are."""
    total = sum(frequencies.values())
    return {name: round(score * own / total, 6) for name, own in frequencies.items() if own}


_ORDER = ("word", "clause", "prefer", "together", "all words", "subject", "title", "pin")
