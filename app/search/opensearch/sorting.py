"""The order of essays: dates, ratings, titles or scores; equals in the order of slugs."""

from __future__ import annotations

from typing import Any

from app.search.request import Sort
from indexer.schema.opensearch_mapping import CHANGED, PUBLISHED, SLUG, TITLE_KEY, number_field


def order_of(sort: Sort) -> list[Any]:
    """What to sort by; what has no date or rating comes last.

    >>> order_of("title")
    [{'title_key': {'order': 'asc'}}, {'slug': {'order': 'asc'}}]
    """
    last: list[Any] = [{SLUG: {"order": "asc"}}]
    if sort == "relevance":
        return [{"_score": {"order": "desc"}}, *last]
    if sort == "title":
        return [{TITLE_KEY: {"order": "asc"}}, *last]
    name = {"newest": PUBLISHED, "updated": CHANGED}.get(sort, sort)
    return [{number_field(name): {"order": "desc", "missing": "_last"}}, *last]
