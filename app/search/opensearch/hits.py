"""Essays that were found, as they are shown: hits with snippets, and the parts of their scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence

import msgspec

from app.search import results
from app.search.budget import Budget
from app.search.highlight.matcher import Finder
from app.search.marking import MANY_WORDS, finder, places, shown
from app.search.opensearch import dsl
from app.search.opensearch.archive import SnapshotArchive
from app.search.opensearch.search import Answer
from app.search.opensearch.snapshot import Found, Snapshot
from app.search.query.marks import Marks
from app.search.query.parser import QueryParser
from app.search.results import Hit, Place
from indexer.analysis import folding, stemming, tokenizer
from indexer.essay import Essay, Section
from indexer.schema import document, field_names
from indexer.schema.opensearch_mapping import SLUG


class TextsArchive(SnapshotArchive):
    """One generation, of whose words those of some texts are known: no others can be marked in
    them, and of a large index a cluster takes long to list the words that begin in a way."""

    def __init__(self, snapshot: Snapshot, language: QueryParser, texts: Iterable[str]) -> None:
        super().__init__(snapshot, language)
        words = {
            folding.fold(word)
            for text in texts
            for lang in snapshot.analyzer.langs
            for word in tokenizer.tokens(text, lang)
        }
        by_stem: dict[str, tuple[str, ...]] = {}
        for word in sorted(words):
            stem = stemming.stem(word)
            by_stem[stem] = (*by_stem.get(stem, ()), word)
        self._by_stem = by_stem

    @property
    def words_by_stem(self) -> MutableMapping[str, tuple[str, ...]]:
        return self._by_stem

    def beginning(self, field: str, prefix: str) -> Iterable[str]:
        # What is not known by its stem is in none of the texts.
        return () if field == field_names.WORDS else self.prefixed(field, prefix)


def finder_in(
    texts: Iterable[str], marks: Marks, snapshot: Snapshot, language: QueryParser, budget: Budget
) -> Finder:
    """What to look for in some texts to show where the words of a query stand."""
    if marks == Marks():
        return Finder()
    if len(marks.stems) >= MANY_WORDS:
        # Common ones are not marked; how many essays have each is asked in one request.
        snapshot.counts([dsl.having("body", [stem]) for stem in sorted(marks.stems)])
    archive = TextsArchive(snapshot, language, texts)
    return finder(marks, archive, language.limits.expansions, budget)


def hits_of(found: Sequence[Found], answer: Answer, budget: Budget) -> tuple[Hit, ...]:
    """Some of the essays of an answer, as they are shown."""
    cards = [each.card for each in found]
    marks = answer.ranked.parsed.marks
    sought = finder_in(_marked_texts(found, cards), marks, answer.snapshot, answer.language, budget)
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


def _marked_texts(found: Sequence[Found], cards: Sequence[Essay]) -> Iterator[str]:
    """All that is marked of some essays."""
    for each, card in zip(found, cards, strict=True):
        yield card.title
        if "sections" in each.stored:
            for section in each.sections:
                yield from (section.title, section.text)


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
    return places(finder_in(texts, marks, snapshot, language, budget), texts, budget)


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
