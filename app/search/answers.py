"""What programs are answered with: records whose JSON, key for key, outside programs rely on.

:mod:`app.search.payload` makes them from what an engine found. The description of the API is
generated from their types and docstrings, so the words here are read by its users.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from app.search.request import Sort
from app.search.results import (
    Correction,
    FacetValue,
    Note,
    Part,
    RangeCount,
    Snippet,
)

#: What a text or number says, where its name alone does not.
Instant = Annotated[
    str,
    Meta(
        description="ISO 8601: a day, or a time with the author's own offset.",
        examples=["2024-01-30", "2024-01-30T05:00:00Z"],
    ),
]
Path = Annotated[str, Meta(description="A path of this site.", examples=["/essay/owls"])]
Text = Annotated[str, Meta(description="Empty where the essay has none.")]

#: The values of each facet, by the facet's name; the description lists the names.
FacetValues = Annotated[
    Mapping[str, tuple[FacetValue, ...]],
    Meta(
        description="By the name of the facet, its values. Each count is what choosing the value "
        "would bring under every other filter."
    ),
]
MoreValues = Annotated[
    Mapping[str, int] | UnsetType,
    Meta(
        description="There where essays found have more values of a facet than are listed: by the "
        "name of the facet, how many more."
    ),
]
Ranges = Annotated[
    Mapping[str, RangeCount],
    Meta(description="By the name of the rating: `certainty` and `importance`."),
]


class RatingAnswer(Struct, frozen=True, gc=False):
    """A rating as its author wrote it and its place on 0–100; either half may be null."""

    value: str | int | float | None
    percentage: int | float | None


class CardAnswer(Struct, frozen=True, kw_only=True):
    """What a list shows of an essay."""

    slug: str
    url: Path
    title: str
    description: Text
    excerpt: Text
    published: Instant | None
    updated: Instant | None
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    status: RatingAnswer | None
    certainty: RatingAnswer | None
    importance: RatingAnswer | None


class HitAnswer(CardAnswer, frozen=True, kw_only=True):
    """An essay that was found, with its snippets, the best first."""

    score: float
    by: Annotated[
        Literal["meaning"] | UnsetType,
        Meta(description="There where the essay was found by its meaning alone."),
    ] = UNSET
    explain: Annotated[
        tuple[Part, ...] | UnsetType,
        Meta(description="What each part of the score added, where `explain=1` was asked."),
    ] = UNSET
    snippets: tuple[Snippet, ...]


class SearchAnswer(Struct, frozen=True, kw_only=True):
    """One page of hits, with facets, ranges and notes, from one generation of the index."""

    query: Annotated[str, Meta(description="The query as it was typed.")]
    total: Annotated[int, Meta(ge=0, description="Essays found.")]
    page: Annotated[int, Meta(ge=1)]
    pages: Annotated[int, Meta(ge=0)]
    per_page: Annotated[int, Meta(ge=1)]
    sort: Sort
    took_ms: Annotated[float, Meta(description="Milliseconds.")]
    generation: Annotated[int, Meta(description="The number of the state of the index.")]
    notes: Annotated[
        tuple[Note, ...],
        Meta(description="What was not taken as it was typed, or that the answer is partial."),
    ]
    corrected: Annotated[
        Correction | None,
        Meta(description="The query that was answered instead, or that would be better."),
    ]
    facets: FacetValues
    more: MoreValues = UNSET
    ranges: Ranges
    hits: tuple[HitAnswer, ...]


class FacetsAnswer(Struct, frozen=True, kw_only=True):
    """Facets and ranges without hits; `notes` are there where the answer is partial."""

    total: Annotated[int, Meta(ge=0, description="Essays found.")]
    generation: int
    facets: FacetValues
    more: MoreValues = UNSET
    ranges: Ranges
    notes: tuple[Note, ...] | UnsetType = UNSET


class SectionAnswer(Struct, frozen=True):
    """A heading, and the text up to the next one; the text before the first is of level 0."""

    level: int
    title: str
    anchor: str
    text: str


class DuplicateAnswer(Struct, frozen=True):
    """An essay with nearly the same text; the resemblance is 1 where they say the same."""

    slug: str
    url: Path
    title: str
    resemblance: Annotated[float, Meta(ge=0, le=1)]


class EssayAnswer(CardAnswer, frozen=True, kw_only=True):
    """One essay, all of it."""

    path: Annotated[str, Meta(description="Its file in the content folder.")]
    authors: tuple[str, ...]
    bibliography: tuple[str, ...]
    lang: Annotated[str, Meta(description="A language tag, or empty.")]
    complete: bool
    featured: bool
    words: int
    extra: Annotated[
        Mapping[str, Any], Meta(description="Front-matter keys that have no field of their own.")
    ]
    sections: tuple[SectionAnswer, ...]
    html: Annotated[str, Meta(description="Safe HTML, its links resolved.")]
    duplicates: tuple[DuplicateAnswer, ...]


class SuggestionAnswer(Struct, frozen=True):
    """Something a reader may mean: an essay, a value of a facet, or the end of a word."""

    kind: Literal["essay", "tag", "category", "word"]
    text: Annotated[str, Meta(description="What is shown.")]
    query: Annotated[str, Meta(description="What the search box would hold.")]
    count: Annotated[int, Meta(description="Essays.")]
    url: Annotated[Path | None, Meta(description="That of the essay, if it is one.")]


class SuggestAnswer(Struct, frozen=True):
    """What completes a half-typed query, the likeliest first."""

    query: str
    suggestions: tuple[SuggestionAnswer, ...]


class ErrorReason(Struct, frozen=True):
    """The code of an error, and a sentence that says what was wrong."""

    code: Annotated[str, Meta(examples=["bad_parameter"])]
    message: str
    hint: Annotated[str | UnsetType, Meta(description="What to do about it.")] = UNSET
    parameter: Annotated[str | UnsetType, Meta(description="The parameter that was wrong.")] = UNSET


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """What went wrong, as RFC 9457 has it; `error` is an extension."""

    type: Annotated[
        str, Meta(description="The kind of error: where it is described, or `about:blank`.")
    ]
    title: Annotated[str, Meta(description="The kind of error in words.")]
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Annotated[str, Meta(description="What was wrong this time.")]
    instance: Annotated[str | UnsetType, Meta(description="The path that was asked for.")] = UNSET
    error: ErrorReason
