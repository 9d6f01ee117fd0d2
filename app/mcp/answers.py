"""What the tools answer, as typed records: their schema is what a client is told beforehand.

Every essay comes with what a reader weighs it by (status, certainty, importance, dates) and with
the address to cite it by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, Field

from app.search.results import Hit, Snippet
from indexer.essay import Essay, Moment, Rating

#: Makes a slug, and an anchor or an empty text, the address of a page.
Address = Callable[[str, str], str]


class RatingAnswer(BaseModel):
    """A rating: the author's word or number, and its place from 0 to 100."""

    value: str | float | None
    percentage: float | None


class EssayAnswer(BaseModel):
    """An essay without its text."""

    slug: str = Field(description="What the other tools call the essay by.")
    url: str = Field(description="The address to cite.")
    title: str
    description: str
    authors: list[str]
    published: str | None = Field(description="ISO 8601.")
    updated: str | None = Field(description="ISO 8601.")
    lang: str
    tags: list[str]
    categories: list[str]
    status: RatingAnswer | None = Field(description="How finished the text is; null: not said.")
    certainty: RatingAnswer | None = Field(
        description="How likely the author thinks the claims are to be true; null: not said."
    )
    importance: RatingAnswer | None = Field(
        description="How much the claims matter if they are true; the value is of 10."
    )


class SnippetAnswer(BaseModel):
    """A passage with words of the query."""

    section: str = Field(description="The title of its section; empty before the first heading.")
    anchor: str
    url: str = Field(description="The address of the section.")
    text: str


class FoundEssay(EssayAnswer):
    """An essay that a search found."""

    found_by: Literal["words", "meaning"]
    snippets: list[SnippetAnswer]


class SearchAnswer(BaseModel):
    """One page of a search."""

    total: int
    page: int
    pages: int
    sort: str
    min_certainty: float | None = Field(
        description="The least certainty, in per cent, that this server shows; null: any."
    )
    notes: list[str] = Field(description="What was not taken as it was asked.")
    searched_instead: str | None = Field(description="The corrected query that was answered.")
    did_you_mean: str | None
    essays: list[FoundEssay]


class SectionEntry(BaseModel):
    """A section of an essay: where its text begins and how long it is, in characters."""

    title: str
    anchor: str
    level: int
    offset: int
    characters: int


class ReadAnswer(EssayAnswer):
    """An essay, or one section of it with those below it, or a part of either."""

    section: str | None = Field(description="The anchor of the section; null: the whole essay.")
    text: str
    offset: int = Field(description="Where the text begins, in characters.")
    next_offset: int | None = Field(description="Where the next part begins; null: this is all.")
    characters: int = Field(description="The length of the whole essay, or section.")
    sections: list[SectionEntry] = Field(description="All sections of the essay.")
    bibliography: list[str]


class ValueAnswer(BaseModel):
    """A value of a facet, and how many essays choosing it would leave."""

    value: str
    essays: int


class FacetAnswer(BaseModel):
    """The values of one facet; ``total`` counts those too that are not listed."""

    facet: str
    total: int
    values: list[ValueAnswer]


class BarAnswer(BaseModel):
    """The essays from one rating up to another."""

    low: float
    high: float
    essays: int


class FacetsAnswer(BaseModel):
    """What a search can be narrowed by."""

    total: int = Field(description="The essays that match.")
    min_certainty: float | None
    facets: list[FacetAnswer]
    histograms: dict[str, list[BarAnswer]]
    notes: list[str]


class RelatedEssay(EssayAnswer):
    """An essay worth reading after another one, and why."""

    reasons: list[str]


class RelatedAnswer(BaseModel):
    """The essays most related to one."""

    slug: str
    essays: list[RelatedEssay]


def essay_fields(essay: Essay, address: Address) -> dict[str, object]:
    """The fields of an :class:`EssayAnswer`."""
    return {
        "slug": essay.slug,
        "url": address(essay.slug, ""),
        "title": essay.title,
        "description": essay.description or essay.excerpt,
        "authors": list(essay.authors),
        "published": _iso(essay.published),
        "updated": _iso(essay.updated),
        "lang": essay.lang,
        "tags": list(essay.tags),
        "categories": list(essay.categories),
        "status": _rating(essay.status),
        "certainty": _rating(essay.certainty),
        "importance": _rating(essay.importance),
    }


def found_essay(hit: Hit, address: Address) -> FoundEssay:
    """One hit."""
    slug = hit.essay.slug
    return FoundEssay.model_validate(
        essay_fields(hit.essay, address)
        | {
            "found_by": hit.by,
            "snippets": [_snippet(each, slug, address) for each in hit.snippets],
        }
    )


def _snippet(snippet: Snippet, slug: str, address: Address) -> SnippetAnswer:
    anchor = snippet.section.anchor if snippet.section else ""
    return SnippetAnswer(
        section=snippet.section.title if snippet.section else "",
        anchor=anchor,
        url=address(slug, anchor),
        text="".join(fragment.text for fragment in snippet.fragments),
    )


def _iso(moment: Moment | None) -> str | None:
    return moment.iso if moment else None


def _rating(rating: Rating | None) -> dict[str, object] | None:
    return {"value": rating.value, "percentage": rating.percentage} if rating else None
