"""The tools: what a model can call, with the meaning of every argument.

Every tool only reads. Answers come twice, as structured content with a schema and as text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from app.mcp import archive, text
from app.mcp.answers import FacetsAnswer, ReadAnswer, RelatedAnswer, SearchAnswer
from app.mcp.archive import Archive, Refused
from app.search.request import Prefer, Sort
from indexer.errors import EssaysError, IndexMissing

_M = TypeVar("_M", bound=BaseModel)

Query = Annotated[
    str,
    Field(
        description="Words (all are wanted, in any form) or a question. Also: "
        '"a phrase", a OR b, -without, interp* (a beginning), title:… author:… cites:…, '
        "certainty:>=likely, importance:5..8, date:2024-01..2024-03, updated:>=2024, is:complete, "
        "has:bibliography, unrated:certainty. Empty: every essay that the filters let through."
    ),
]
Values = Annotated[
    list[str] | None,
    Field(description="An essay needs one of these values; list_facets has them."),
]
Years = Annotated[list[str | int] | None, Field(description="Years of publication, one of them.")]
OwnFacets = Annotated[
    dict[str, list[str]] | None,
    Field(description="Values of facets that only this archive has, by the facet's name."),
]
Percent = Annotated[float | None, Field(ge=0, le=100, description="In per cent.")]
Tenths = Annotated[float | None, Field(ge=0, le=10, description="From 0 to 10.")]
Slug = Annotated[str, Field(description="The slug of an essay, or the address of its page.")]


class Tools:
    """The tools over one archive; the names of its public methods are those of the tools."""

    def __init__(self, asked: Archive) -> None:
        self._archive = asked

    def search_essays(
        self,
        query: Query = "",
        tags: Values = None,
        categories: Values = None,
        statuses: Values = None,
        certainties: Values = None,
        importances: Values = None,
        years: Years = None,
        filters: OwnFacets = None,
        certainty_min: Percent = None,
        certainty_max: Percent = None,
        importance_min: Tenths = None,
        importance_max: Tenths = None,
        sort: Sort | None = None,
        prefer: Prefer | None = None,
        page: Annotated[int, Field(ge=1)] = 1,
        per_page: Annotated[int, Field(ge=1, le=archive.MAX_ESSAYS)] = 10,
    ) -> Annotated[CallToolResult, SearchAnswer]:
        """Find essays by words, by meaning and by filters. Each comes with its status, certainty,
        importance, dates, address and the passages that match. Different filters must all hold.
        `prefer` raises what is more certain, more important or more recent."""
        asked = {
            **(filters or {}), "q": query, "tag": tags, "category": categories, "status": statuses,
            "certainty": certainties, "importance": importances, "year": years,
            "certainty_min": certainty_min, "certainty_max": certainty_max,
            "importance_min": importance_min, "importance_max": importance_max,
            "sort": sort, "prefer": prefer, "page": page, "per_page": per_page,
        }  # fmt: skip
        return _answered(lambda: self._archive.search(asked), text.search_text)

    def list_facets(
        self,
        facet: Annotated[
            str,
            Field(
                description="One of tag, category, status, certainty, importance, year, or one of "
                "the archive's own; empty: all of them."
            ),
        ] = "",
        query: Query = "",
        tags: Values = None,
        categories: Values = None,
        statuses: Values = None,
        certainties: Values = None,
        importances: Values = None,
        years: Years = None,
        filters: OwnFacets = None,
        certainty_min: Percent = None,
        certainty_max: Percent = None,
        importance_min: Tenths = None,
        importance_max: Tenths = None,
        limit: Annotated[int, Field(ge=1, le=archive.MAX_VALUES)] = 30,
    ) -> Annotated[CallToolResult, FacetsAnswer]:
        """List the tags, categories, ratings and years that essays have, each with the number of
        essays that choosing it would leave: of the whole archive, or of a search."""
        asked = {
            **(filters or {}), "q": query, "tag": tags, "category": categories, "status": statuses,
            "certainty": certainties, "importance": importances, "year": years,
            "certainty_min": certainty_min, "certainty_max": certainty_max,
            "importance_min": importance_min, "importance_max": importance_max,
        }  # fmt: skip
        return _answered(lambda: self._archive.facets(asked, facet, limit), text.facets_text)

    def read_essay(
        self,
        slug: Slug,
        section: Annotated[
            str,
            Field(
                description="The anchor or title of a section, which is read with those below it; "
                "empty: the whole essay."
            ),
        ] = "",
        offset: Annotated[
            int, Field(ge=0, description="Where to read on: next_offset of the part before.")
        ] = 0,
        limit: Annotated[
            int, Field(ge=200, le=archive.MAX_PART, description="Characters to read.")
        ] = archive.PART,
    ) -> Annotated[CallToolResult, ReadAnswer]:
        """Read an essay, or one section of it, with its ratings, dates, list of sections and
        bibliography. A long text comes in parts: read on with `next_offset`."""
        return _answered(lambda: self._archive.read(slug, section, offset, limit), text.read_text)

    def related_essays(
        self,
        slug: Slug,
        limit: Annotated[int, Field(ge=1, le=archive.MAX_RELATED)] = 10,
    ) -> Annotated[CallToolResult, RelatedAnswer]:
        """List the essays most related to one, each with the reasons: links, shared works and
        tags, telling words, similar meaning."""
        return _answered(lambda: self._archive.related(slug, limit), text.related_text)


def _answered(ask: Callable[[], _M], written: Callable[[_M], str]) -> CallToolResult:
    """An answer as a record and as text."""
    try:
        found = ask()
    except (Refused, EssaysError) as error:
        raise ToolError(failure(error)) from error
    return CallToolResult(
        content=[TextContent(type="text", text=written(found))],
        structured_content=found.model_dump(mode="json"),
    )


def failure(error: Refused | EssaysError) -> str:
    """What a client is told of an error: no paths of this machine, which the log has."""
    if isinstance(error, Refused):
        return str(error)
    logging.getLogger(__name__).error("%s %s", error, error.hint)
    if isinstance(error, IndexMissing):
        return f"There is no index yet. {error.hint}"
    return "The index cannot be read just now."
