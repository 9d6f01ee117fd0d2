"""What an engine found as records for programs (:mod:`app.search.answers`), and their JSON.

The API and ``essays search --json`` send them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET

from app.search.answers import (
    DuplicateAnswer,
    EssayAnswer,
    FacetsAnswer,
    HitAnswer,
    RatingAnswer,
    SearchAnswer,
    SectionAnswer,
    SuggestAnswer,
    SuggestionAnswer,
)
from app.search.discovery import Duplicate
from app.search.results import FacetCounts, Hit, SearchResults, Suggestion
from indexer.essay import Essay, Moment, Rating

Address = Callable[[str], str]


def encode(payload: object) -> bytes:
    """JSON text, UTF-8."""
    return msgspec.json.encode(payload)


def results(found: SearchResults, address: Address) -> SearchAnswer:
    """One page of hits with facets, ranges and notes; ``address`` makes a slug a URL."""
    return SearchAnswer(
        query=found.request.q,
        total=found.total,
        page=found.request.page,
        pages=found.pages,
        per_page=found.request.per_page,
        sort=found.sort,
        took_ms=found.took_ms,
        generation=found.generation,
        notes=found.notes,
        corrected=found.corrected,
        facets=found.counts.facets,
        more=found.counts.more or UNSET,
        ranges=found.counts.ranges,
        hits=tuple([hit(each, address) for each in found.hits]),
    )


def counts(found: FacetCounts) -> FacetsAnswer:
    """Facets and ranges without hits; notes only of an answer that was cut short."""
    return FacetsAnswer(
        total=found.total,
        generation=found.generation,
        facets=found.facets,
        more=found.more or UNSET,
        ranges=found.ranges,
        notes=found.notes or UNSET,
    )


def hit(found: Hit, address: Address) -> HitAnswer:
    """One essay found, with its snippets, the best first."""
    return HitAnswer(
        **_card(found.essay, address),
        score=found.score,
        by=UNSET if found.by == "words" else found.by,
        explain=UNSET if found.parts is None else found.parts,
        snippets=found.snippets,
    )


def _card(essay: Essay, address: Address) -> dict[str, Any]:
    return {
        "slug": essay.slug,
        "url": address(essay.slug),
        "title": essay.title,
        "description": essay.description,
        "excerpt": essay.excerpt,
        "published": _moment(essay.published),
        "updated": _moment(essay.updated),
        "tags": essay.tags,
        "categories": essay.categories,
        "status": rating(essay.status),
        "certainty": rating(essay.certainty),
        "importance": rating(essay.importance),
    }


def essay(
    whole: Essay, address: Address, html: str, duplicates: tuple[Duplicate, ...]
) -> EssayAnswer:
    """One essay, all of it; ``html`` has its links resolved."""
    return EssayAnswer(
        **_card(whole, address),
        path=whole.path,
        authors=whole.authors,
        bibliography=whole.bibliography,
        lang=whole.lang,
        complete=whole.complete,
        featured=whole.featured,
        words=whole.words,
        extra=whole.extra,
        sections=tuple(
            SectionAnswer(each.level, each.title, each.anchor, each.text) for each in whole.sections
        ),
        html=html,
        duplicates=tuple(
            DuplicateAnswer(each.essay.slug, address(each.essay.slug), each.essay.title, each.share)
            for each in duplicates
        ),
    )


def suggestions(text: str, found: tuple[Suggestion, ...], address: Address) -> SuggestAnswer:
    """What completes ``text``; the URL of a suggestion is that of the essay it names, if any."""
    return SuggestAnswer(
        text,
        tuple(
            SuggestionAnswer(
                each.kind, each.text, each.query, each.count,
                address(each.slug) if each.slug else None,
            )
            for each in found
        ),
    )  # fmt: skip


def _moment(moment: Moment | None) -> str | None:
    return moment.iso if moment else None


@lru_cache(1_000)
def rating(given: Rating | None) -> RatingAnswer | None:
    """A rating; what is a whole number is written as one."""
    if given is None:
        return None
    value = given.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return RatingAnswer(value, _tidy(given.percentage))


def _tidy(number: float | None) -> float | int | None:
    return int(number) if number is not None and float(number).is_integer() else number
