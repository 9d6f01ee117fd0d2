"""One query: what is asked of the engine, and what is answered.

A :class:`Batch` answers the queries of one HTTP request, which share its budget.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from app.search.budget import COUNTS, SEARCH, Budget
from app.search.engine import Engine
from app.search.query.prose import Kind, kind
from app.search.query.tree import Value, all_of
from app.search.query.visible_text import visible
from app.search.request import DEFAULT_PER_PAGE, MAX_PER_PAGE, SearchRequest
from app.search.results import FacetCounts, Hit, SearchResults
from app.settings import Settings
from app.web.api.algolia import counts, indices
from app.web.api.algolia.attributes import Attributes
from app.web.api.algolia.conditions import condition
from app.web.api.algolia.parameters import Parameters
from app.web.api.algolia.records import records
from app.web.api.algolia.refusal import Refused

#: Hits that paging reaches, as with Algolia where nothing else is set.
MAX_HITS = 1_000

#: A query whose last word may not be finished.
_UNFINISHED = re.compile(r"(?:^|\s)(?!(?:AND|OR|NOT)$)[^\W_]+(?:['’][^\W_]+)*$")


class Batch:
    """The queries of one HTTP request, in order."""

    def __init__(self, engine: Engine, settings: Settings, budget: Budget) -> None:
        self._engine = engine
        self._settings = settings
        self._budget = budget
        self._attributes = Attributes(settings.rules.facets)
        #: What is searched for each query, as far as it is known.
        self._meant: dict[str, str] = {}

    def search(self, index: str, parameters: Parameters) -> dict[str, Any]:
        """One page of hits, and counts. Raises
        :class:`~app.web.api.algolia.refusal.Refused`."""
        started = time.perf_counter()
        request = self._request(index, parameters)
        window = _Window(parameters)
        found: SearchResults | None = None
        hits: Sequence[Hit] = ()
        if window.length:
            found = self._found(request, window, parameters)
            request, counted = found.request, found.counts
            hits = self._hits(found, window)
        else:
            request = replace(request, q=self._finished(request.q, parameters))
            counted = self._engine.facet_counts(request, self._budget)
        names = counts.asked(parameters, self._attributes)
        answer: dict[str, Any] = {
            "hits": records(
                hits, _searched(request, found), parameters, self._settings.rules.facets,
                self._engine, self._budget,
            ),
            **window.answer(counted.total),
            **self._counted(names, request, counted, parameters),
            **self._exhaustive(counted=bool(names)),
            "query": parameters.text("query"),
            "params": parameters.echo(),
            "index": index,
            "renderingContent": {},
            **_told(found),
            "processingTimeMS": _milliseconds(started),
        }  # fmt: skip
        return _chosen(answer, parameters)

    def facet(self, index: str, name: str, parameters: Parameters) -> dict[str, Any]:
        """The values of one facet that begin as a text does. Raises
        :class:`~app.web.api.algolia.refusal.Refused` for an attribute that is no facet."""
        started = time.perf_counter()
        request = self._request(index, parameters)
        if name not in self._attributes.counted() and not self._attributes.facet(name):
            raise Refused(f"Cannot search in `{name[:100]}` attribute, it is not a facet")
        request = replace(request, q=self._finished(request.q, parameters))
        counted = self._engine.facet_counts(request, self._budget)
        known = self._engine.percentages(request, self._budget)
        pairs = counts.values(name, counted, known, self._attributes)
        text = parameters.text("facetQuery")
        return {
            "facetHits": counts.facet_hits(pairs, text, parameters, self._budget),
            **self._exhaustive(counted=True),
            "processingTimeMS": _milliseconds(started),
        }

    def _request(self, index: str, parameters: Parameters) -> SearchRequest:
        return SearchRequest(
            q=visible(parameters.text("query")).strip(),
            where=condition(parameters, self._attributes),
            sort=indices.order(index, self._settings.api_index),
        )

    def _found(
        self, request: SearchRequest, window: _Window, parameters: Parameters
    ) -> SearchResults:
        """What a query finds; where it is nothing that has all of it, by its last word as the
        beginning of one. It finds the same under other conditions."""
        request = replace(request, page=window.first_page, per_page=window.length)
        asked = replace(request, q=self._meant.get(request.q, request.q))
        found = self._engine.search(asked, self._budget)
        if _whole(found):
            self._meant.setdefault(request.q, request.q)
            return found
        finished = self._finished(request.q, parameters)
        if finished == asked.q:
            return found
        return self._engine.search(replace(request, q=finished), self._budget)

    def _finished(self, q: str, parameters: Parameters) -> str:
        """The query that is searched for one: the same, or with its last word as a prefix where
        that alone finds essays with all of it."""
        if q not in self._meant:
            self._meant[q] = self._prefixed(q, parameters)
        return self._meant[q]

    def _prefixed(self, q: str, parameters: Parameters) -> str:
        form = kind(q)
        unfinished = form is not Kind.PROSE and not q.count('"') % 2 and _UNFINISHED.search(q)
        if not unfinished or parameters.text("queryType") == "prefixNone":
            return q
        longer = f"{q.lower() if form is Kind.CAPITALS else q}*"
        for text in (q, longer):
            if _whole(self._engine.search(SearchRequest(q=text, per_page=1), self._budget)):
                return text
        return q

    def _hits(self, found: SearchResults, window: _Window) -> Sequence[Hit]:
        """The hits of a window, which may lie over two pages."""
        hits = found.hits
        if window.skipped and len(hits) == window.length:
            after = replace(found.request, page=found.request.page + 1)
            hits += self._engine.search(after, self._budget).hits
        return hits[window.skipped :][: window.reachable]

    def _counted(
        self,
        names: Sequence[str],
        request: SearchRequest,
        counted: FacetCounts,
        parameters: Parameters,
    ) -> dict[str, Any]:
        if not names:
            return {}

        def percentages() -> counts.Percentages:
            return self._engine.percentages(request, self._budget)

        def flagged(name: str) -> int:
            where = all_of(filter(None, [request.where, Value("is", name)]))
            return self._engine.facet_counts(replace(request, where=where), self._budget).total

        return counts.counted(names, counted, percentages, flagged, parameters, self._attributes)

    def _exhaustive(self, *, counted: bool) -> dict[str, Any]:
        """Whether all was counted, or time was up before."""
        full = not self._budget.left_out & {SEARCH, COUNTS}
        kinds = {"nbHits": full, "typo": full} | ({"facetsCount": full} if counted else {})
        flags = {"exhaustiveNbHits": full, "exhaustiveTypo": full, "exhaustive": kinds}
        return flags | ({"exhaustiveFacetsCount": full} if counted else {})


class _Window:
    """The hits that are wanted, by page or by offset, of the first :data:`MAX_HITS`."""

    def __init__(self, parameters: Parameters) -> None:
        self.paged = "length" not in parameters
        if self.paged:
            self.length = parameters.whole("hitsPerPage", DEFAULT_PER_PAGE, MAX_PER_PAGE)
            self.page = parameters.whole("page", 0, 10**6)
            self.offset = self.page * self.length
        else:
            self.length = parameters.whole("length", 0, MAX_PER_PAGE)
            self.offset = parameters.whole("offset", 0, 10**6)

    @property
    def first_page(self) -> int:
        """The page with the first of the hits, counted from 1."""
        return self.offset // self.length + 1

    @property
    def skipped(self) -> int:
        """Hits of that page that come before."""
        return self.offset % self.length

    @property
    def reachable(self) -> int:
        """How many hits of the window can be reached."""
        return min(self.length, max(0, MAX_HITS - self.offset))

    def answer(self, total: int) -> dict[str, Any]:
        """What is said of it, of so many hits in all."""
        if not self.paged:
            return {"nbHits": total, "offset": self.offset, "length": self.length}
        pages = math.ceil(min(total, MAX_HITS) / self.length) if self.length else 0
        return {
            "nbHits": total,
            "page": self.page,
            "nbPages": pages,
            "hitsPerPage": self.length,
        }


def _whole(found: SearchResults) -> bool:
    """Whether essays with all of a query were found, as it was typed."""
    corrected = found.corrected is not None and found.corrected.applied
    return bool(found.total) and not found.nearest and not corrected


def _searched(request: SearchRequest, found: SearchResults | None) -> str:
    """The query that was answered, whose words are to be marked."""
    if found is not None and found.corrected is not None and found.corrected.applied:
        return found.corrected.query
    return request.q


def _told(found: SearchResults | None) -> dict[str, Any]:
    """What was not taken as it was typed. Algolia's clients leave alone what they do not know."""
    if found is None:
        return {}
    told: dict[str, Any] = {"corrected": found.corrected} if found.corrected else {}
    if found.notes:
        told["message"] = " ".join(note.message for note in found.notes)
    return told


def _milliseconds(started: float) -> int:
    return max(1, round((time.perf_counter() - started) * 1000))


def _chosen(answer: Mapping[str, Any], parameters: Parameters) -> dict[str, Any]:
    """The fields of an answer that a client wants."""
    names = parameters.names("responseFields", ("*",))
    return {name: value for name, value in answer.items() if "*" in names or name in names}
