"""The pages that a site has, and what it answers at an address."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from flask import Flask

from app.search.engine import Engine
from app.search.request import MAX_PER_PAGE, SearchRequest, Sort
from app.search.results import Hit
from app.web.urls import SUBJECTS, subject_address
from indexer.essay import FACETS


class Site:
    """The site that an ``app`` serves from what its ``engine`` answers now; ``facets`` are the
    archive's own."""

    def __init__(self, app: Flask, engine: Engine, facets: tuple[str, ...]) -> None:
        self._app, self._engine = app, engine
        self._facets = (*FACETS, *facets)
        self._client = app.test_client()

    def hits(self, sort: Sort) -> Iterator[Hit]:
        """Every essay in an order, as a search for all of them lists it."""
        page, pages = 1, 1
        while page <= pages:
            asked = SearchRequest(sort=sort, page=page, per_page=MAX_PER_PAGE)
            found = self._engine.search(asked)
            yield from found.hits
            page, pages = page + 1, found.pages

    def addresses(self, slugs: list[str]) -> Iterator[str]:
        """The addresses of all pages, those of these essays last, as they are read; not those of
        searches."""
        yield from ("/", "/search", "/browse", "/map", "/map?view=table")
        counts = self._engine.facet_counts(SearchRequest())
        yield from self._numbered("/changes")
        for facet in self._facets:
            yield from self._numbered(f"/browse/{facet}")
        with self._app.test_request_context("/"):
            for facet in SUBJECTS:
                for value in counts.facets[facet]:
                    yield unquote(subject_address(facet, value.value))
        yield from (f"/essay/{slug}" for slug in slugs)

    def _numbered(self, address: str) -> Iterator[str]:
        """An address and those of its further pages."""
        yield address
        page = 2
        while self.get(f"{address}?page={page}")[0] == 200:
            yield f"{address}?page={page}"
            page += 1

    def get(self, address: str) -> tuple[int, bytes]:
        """The status and the body of what the site answers at an address, as it is read."""
        path, _, query = address.partition("?")
        with self._client.get(path, query_string=dict(parse_qsl(query))) as response:
            return response.status_code, response.data
