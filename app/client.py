"""A client of the API for Python programs: its answers as the records that the server makes.

It needs this package and nothing of a server: no index, no settings, no web framework.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

import msgspec

from app.search.answers import (
    EssayAnswer,
    FacetsAnswer,
    HitAnswer,
    ProblemDetails,
    SearchAnswer,
    SuggestAnswer,
)
from app.search.request import MAX_PER_PAGE, Prefer, Range, Sort

_T = TypeVar("_T", bound=msgspec.Struct)
_Parameters = list[tuple[str, str]]


class ApiError(Exception):
    """A request that the server answered with an error; ``problem`` says which, or is None where
    something else than the API answered."""

    def __init__(self, status: int, problem: ProblemDetails | None) -> None:
        super().__init__(f"{status}: {problem.detail if problem else 'no answer of the API'}")
        self.status = status
        self.problem = problem


class Client:
    """The API of one archive.

        archive = Client("https://essays.example.org")
        for hit in archive.search("black box", facets={"tag": ["Maps"]}).hits:
            print(hit.title, hit.certainty, archive.absolute(hit.url))

    Every method raises :class:`ApiError` for what the server refuses, :class:`OSError` where it
    cannot be reached within ``timeout`` seconds, and :class:`msgspec.ValidationError` for an answer
    that is none of the API.
    """

    def __init__(self, address: str, timeout: float = 10.0) -> None:
        """``address`` is that of the site: scheme and host, and a path where it has one."""
        if urlsplit(address).scheme not in ("http", "https"):
            raise ValueError(f"not the address of a site: {address!r}")
        self.address = address.rstrip("/") + "/"
        self.timeout = timeout

    def search(
        self,
        q: str = "",
        *,
        facets: Mapping[str, Sequence[str]] | None = None,
        ranges: Mapping[str, Range] | None = None,
        sort: Sort | None = None,
        prefer: Prefer | None = None,
        page: int = 1,
        per_page: int | None = None,
        explain: bool = False,
        max_values: int | None = None,
    ) -> SearchAnswer:
        """One page of hits, with facets and ranges. ``facets`` are chosen values by the name of the
        facet; ``ranges`` those of ``certainty`` (per cent) and ``importance`` (0–10); without a
        ``per_page`` pages are as long as the archive's own. Of each facet the ``max_values``
        commonest values are listed, without it 100."""
        asked = {
            "sort": sort, "prefer": prefer, "page": page, "per_page": per_page,
            "explain": 1 if explain else None, "max_values": max_values,
        }  # fmt: skip
        told = [(name, str(value)) for name, value in asked.items() if value is not None]
        parameters = [*_narrowing(q, facets, ranges), *told]
        return self._get("api/v1/search", parameters, SearchAnswer)

    def hits(
        self,
        q: str = "",
        *,
        facets: Mapping[str, Sequence[str]] | None = None,
        ranges: Mapping[str, Range] | None = None,
        sort: Sort | None = None,
        prefer: Prefer | None = None,
        per_page: int = MAX_PER_PAGE,
    ) -> Iterator[HitAnswer]:
        """Every hit of a search, page after page as they are taken. The archive may change between
        two pages."""
        page, pages = 1, 1
        while page <= pages:
            found = self.search(
                q, facets=facets, ranges=ranges, sort=sort, prefer=prefer, page=page,
                per_page=per_page, max_values=1,
            )  # fmt: skip
            yield from found.hits
            page, pages = page + 1, found.pages

    def facets(
        self,
        q: str = "",
        *,
        facets: Mapping[str, Sequence[str]] | None = None,
        ranges: Mapping[str, Range] | None = None,
        max_values: int | None = None,
    ) -> FacetsAnswer:
        """Facets and ranges of a search, without hits; of each facet the ``max_values`` commonest
        values, without it all."""
        most = [] if max_values is None else [("max_values", str(max_values))]
        return self._get("api/v1/facets", [*_narrowing(q, facets, ranges), *most], FacetsAnswer)

    def essay(self, slug: str) -> EssayAnswer:
        """One essay, all of it."""
        return self._get(f"api/v1/essays/{quote(slug)}", [], EssayAnswer)

    def suggest(self, q: str, limit: int | None = None) -> SuggestAnswer:
        """What completes a query that is half typed."""
        parameters = [("q", q)] + ([] if limit is None else [("limit", str(limit))])
        return self._get("api/v1/suggest", parameters, SuggestAnswer)

    def absolute(self, path: str) -> str:
        """The whole address of a path in an answer.

        >>> Client("https://essays.example.org").absolute("/essay/owls")
        'https://essays.example.org/essay/owls'
        """
        return urljoin(self.address, path)

    def _get(self, path: str, parameters: _Parameters, answer: type[_T]) -> _T:
        address = urljoin(self.address, path) + ("?" + urlencode(parameters) if parameters else "")
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        request = Request(address, headers=headers)  # noqa: S310 - __init__ takes no other schemes
        try:
            with urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                body = _plain(response.read(), response.headers.get("Content-Encoding"))
        except HTTPError as error:
            with error:
                body = _plain(error.read(), error.headers.get("Content-Encoding"))
            raise ApiError(error.code, _problem(body)) from None
        return msgspec.json.decode(body, type=answer)


def _narrowing(
    q: str,
    facets: Mapping[str, Sequence[str]] | None,
    ranges: Mapping[str, Range] | None,
) -> _Parameters:
    """The parameters that say which essays a search finds.

    >>> _narrowing("owls", {"tag": ["Birds"]}, {"certainty": Range(50)})
    [('q', 'owls'), ('tag', 'Birds'), ('certainty_min', '50')]
    """
    found = [("q", q)] if q else []
    for name, values in (facets or {}).items():
        found += [(name, value) for value in ([values] if isinstance(values, str) else values)]
    for name, wanted in (ranges or {}).items():
        ends = (("min", wanted.min), ("max", wanted.max))
        found += [(f"{name}_{end}", str(bound)) for end, bound in ends if bound is not None]
    return found


def _plain(body: bytes, encoding: str | None) -> bytes:
    return gzip.decompress(body) if encoding == "gzip" else body


def _problem(body: bytes) -> ProblemDetails | None:
    try:
        return msgspec.json.decode(body, type=ProblemDetails)
    except msgspec.DecodeError:
        return None
