"""An example of each answer, made as answers are made, of one essay."""

from __future__ import annotations

from app.search import payload
from app.search.answers import EssayAnswer, FacetsAnswer, SearchAnswer, SuggestAnswer
from app.search.discovery import Duplicate
from app.search.request import SearchRequest
from app.search.results import (
    Bar,
    FacetCounts,
    FacetValue,
    Fragment,
    Hit,
    Note,
    RangeCount,
    SearchResults,
    SectionRef,
    Snippet,
    Suggestion,
)
from app.web.urls import address
from indexer.essay import Essay, Moment, Rating, Section

_SPARROWS = Essay(
    path="birds/sparrows.md", slug="birds/sparrows", title="Counting sparrows",
    description="A census at one feeder", published=Moment("2023-05-17"),
    updated=Moment("2024-03-01T09:30:00Z"), tags=("Birds", "Statistics"), categories=("Nature",),
    status=Rating("In progress", 75.0), certainty=Rating("Possible", 50.0),
    importance=Rating(3.0, 30.0), authors=("Ada Finch",), lang="en", words=640,
    bibliography=("Finch, A. (2020). Small birds.",), extra={"mood": "calm"},
    sections=(Section(2, "Method", "method", "Counting twice is counting once."),),
)  # fmt: skip

_HIT = Hit(
    _SPARROWS, 7.25, (Fragment("Counting sparrows", False),),
    (Snippet(SectionRef("Method", "method"),
             (Fragment("Counting", True), Fragment(" twice is counting once.", False))),),
)  # fmt: skip

#: Each bar of the histogram of one essay whose certainty is 50 %.
_BARS = tuple(Bar(low, low + 10, int(low == 50)) for low in range(0, 100, 10))

_COUNTS = FacetCounts(
    total=1, generation=12,
    facets={"tag": (FacetValue("Birds", 1, True), FacetValue("Statistics", 1, False))},
    ranges={"certainty": RangeCount(25, None, 0, _BARS)},
)  # fmt: skip


def search_example() -> SearchAnswer:
    """A query of which one word was not taken as it was typed."""
    request = SearchRequest(q="colour:red counting", filters={"tag": ("Birds",)})
    note = Note("There is no field “colour”; it was searched as a word.", 0, 7)
    found = SearchResults(
        request=request, total=1, pages=1, sort="relevance", generation=12, took_ms=0.8,
        counts=_COUNTS, hits=(_HIT,), notes=(note,),
    )  # fmt: skip
    return payload.results(found, address)


def facets_example() -> FacetsAnswer:
    """The same without hits."""
    return payload.counts(_COUNTS)


def essay_example() -> EssayAnswer:
    """An essay and a copy of it."""
    copy = Essay(path="old/sparrows.md", slug="old/sparrows", title="Sparrows, a draft")
    html = '<h2 id="method">Method</h2>\n<p>Counting twice is counting once.</p>'
    return payload.essay(_SPARROWS, address, html, (Duplicate(copy, 0.82),))


def suggest_example() -> SuggestAnswer:
    """An essay and a tag."""
    found = (
        Suggestion("essay", "Counting sparrows", "Counting sparrows", 1, "birds/sparrows"),
        Suggestion("tag", "Sparrows", "tag:Sparrows", 4),
    )
    return payload.suggestions("sparr", found, address)
