"""Answers as JSON, for the API and for ``essays search --json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app.search.discovery import Duplicate
from app.search.results import FacetCounts, Fragment, Hit, SearchResults, Snippet, Suggestion
from indexer.essay import Essay, Moment, Rating

Address = Callable[[str], str]


def encode(payload: object) -> bytes:
    """JSON text, UTF-8."""
    return msgspec.json.encode(payload)


def results(found: SearchResults, address: Address) -> dict[str, Any]:
    """One page of hits with facets, ranges and notes; ``address`` makes a slug a URL."""
    return {
        "query": found.request.q,
        "total": found.total,
        "page": found.request.page,
        "pages": found.pages,
        "per_page": found.request.per_page,
        "sort": found.sort,
        "took_ms": found.took_ms,
        "generation": found.generation,
        "notes": found.notes,
        "corrected": found.corrected,
        "facets": found.counts.facets,
        "ranges": found.counts.ranges,
        "hits": [hit(each, address) for each in found.hits],
    }


def counts(found: FacetCounts) -> dict[str, Any]:
    """Facets and ranges without hits; notes only of an answer that was cut short."""
    notes = {"notes": found.notes} if found.notes else {}
    return {
        "total": found.total,
        "generation": found.generation,
        "facets": found.facets,
        "ranges": found.ranges,
        **notes,
    }


def hit(found: Hit, address: Address) -> dict[str, Any]:
    """One essay found, with its snippets, the best first."""
    explained = {} if found.parts is None else {"explain": found.parts}
    by = {} if found.by == "words" else {"by": found.by}
    return {
        **_card(found.essay, address),
        "score": found.score,
        **by,
        **explained,
        "snippets": [_snippet(each) for each in found.snippets],
    }


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
        "status": _rating(essay.status),
        "certainty": _rating(essay.certainty),
        "importance": _rating(essay.importance),
    }


def essay(whole: Essay, address: Address, html: str) -> dict[str, Any]:
    """One essay, all of it; ``html`` has its links resolved."""
    return {
        **_card(whole, address),
        "path": whole.path,
        "authors": whole.authors,
        "bibliography": whole.bibliography,
        "lang": whole.lang,
        "complete": whole.complete,
        "featured": whole.featured,
        "words": whole.words,
        "extra": whole.extra,
        "sections": [
            {"level": s.level, "title": s.title, "anchor": s.anchor, "text": s.text}
            for s in whole.sections
        ],
        "html": html,
    }


def copies(found: tuple[Duplicate, ...], address: Address) -> list[dict[str, Any]]:
    """Essays that are nearly the text of another one; ``resemblance`` is 1 where they say the
    same."""
    return [
        {"slug": each.essay.slug, "url": address(each.essay.slug), "title": each.essay.title,
         "resemblance": each.share}
        for each in found
    ]  # fmt: skip


def suggestion(found: Suggestion, address: Address) -> dict[str, Any]:
    """One suggestion; ``url`` is that of the essay it names, if it names one."""
    return {
        "kind": found.kind,
        "text": found.text,
        "query": found.query,
        "count": found.count,
        "url": address(found.slug) if found.slug else None,
    }


def _moment(moment: Moment | None) -> str | None:
    return moment.iso if moment else None


def _rating(rating: Rating | None) -> dict[str, Any] | None:
    if rating is None:
        return None
    value = rating.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return {"value": value, "percentage": _tidy(rating.percentage)}


def _tidy(number: float | None) -> float | int | None:
    return int(number) if number is not None and float(number).is_integer() else number


def _snippet(snippet: Snippet) -> dict[str, Any]:
    fragments: list[Fragment] = list(snippet.fragments)
    return {"section": snippet.section, "fragments": fragments}
