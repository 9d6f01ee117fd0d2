"""Documents in the order of dates, ratings, titles or scores; equals in the order of slugs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from app.search.embedded.facets.columns import Percentages
from app.search.embedded.reader.segments import IndexReader
from app.search.embedded.term_order import TermOrder
from app.search.request import Prefer, Sort
from indexer.schema.field_names import TITLE_EXACT
from indexer.storage.arrays import Array


class Sorting:
    """What the documents of one generation are put in order by, each column made when it is first
    asked for. ``percentages`` has a rating per document, NaN where there is none."""

    def __init__(self, leaves: IndexReader, percentages: Percentages) -> None:
        self._leaves = leaves
        self._percentages = percentages
        self._preferences: dict[Prefer, npt.NDArray[np.float64]] = {}
        self._by_slug = TermOrder(leaves, "slug")
        self._by_title = TermOrder(leaves, TITLE_EXACT, "slug")

    def _column(self, name: str) -> npt.NDArray[np.int64]:
        pieces = [leaf.column(name, -1) for leaf in self._leaves.leaves]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)

    @cached_property
    def _published(self) -> npt.NDArray[np.int64]:
        return self._column("published_at")

    @cached_property
    def updated(self) -> npt.NDArray[np.int64]:
        """When each document was last changed, else published, in seconds as of
        :attr:`~indexer.essay.Moment.instant`; -1 unknown."""
        updated = self._column("updated_at")
        return np.where(updated == -1, self._published, updated)

    def preference(self, prefer: Prefer) -> npt.NDArray[np.float64]:
        """For each document how much it is of what a reader prefers: from 0 to 1, shape (size,).

        That is its rating, the unrated as the middle of the scale; or its place among the dates of
        the archive, so that "recent" means something in an old archive too. What has no date is
        not recent.
        """
        if prefer not in self._preferences:
            if prefer == "recent":
                days, places = np.unique(self.updated, return_inverse=True)
                dated = len(days) - int(days[0] == -1) if len(days) else 0
                rank = places - (len(days) - dated)
                self._preferences[prefer] = np.maximum(rank + 1, 0) / max(dated, 1)
            else:
                rated = self._percentages[prefer] / 100
                self._preferences[prefer] = np.nan_to_num(rated, nan=0.5)
        return self._preferences[prefer]

    def ordered(
        self, sort: Sort, docs: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], limit: int
    ) -> npt.NDArray[np.int64]:
        """The first ``limit`` of ``docs`` in the order of ``sort``; equals in the order of slugs.

        ``docs`` are document numbers in any order, shape (n,), ``scores`` beside them; scores
        count for relevance alone.
        """
        if len(docs) < 2:
            return docs[:limit]
        if sort == "relevance":
            # Sums of floats differ in their last digits between equals.
            keys: npt.NDArray[Any] = -scores.round(9)
        elif sort == "title":
            return self._by_title.first(docs, limit)
        elif sort in ("newest", "updated"):
            keys = -(self._published if sort == "newest" else self.updated)[docs]
        else:
            keys = -np.nan_to_num(self._percentages[sort][docs], nan=-1.0)
        if limit < len(docs):
            # Only those that can be among the first, with all that tie with the last of them.
            last = np.partition(keys, limit - 1)[limit - 1]
            first = keys <= last
            docs, keys = docs[first], keys[first]
        order = keys.argsort(kind="stable")
        docs, keys = docs[order], keys[order]
        bounds = (keys[1:] != keys[:-1]).nonzero()[0] + 1
        if len(bounds) + 1 < len(docs):
            docs = self._equals_by_slug(np.split(docs, bounds), limit)
        return docs[:limit]

    def _equals_by_slug(self, runs: list[Array], limit: int) -> Array:
        """Runs of equals one after another, each in the order of slugs, until there are ``limit``
        documents."""
        ordered: list[Array] = []
        for run in runs:
            ordered.append(run if len(run) == 1 else self._by_slug.first(run, limit))
            limit -= len(run)
            if limit <= 0:
                break
        return np.concatenate(ordered)

    def first_by_slug(self, docs: npt.NDArray[np.int64]) -> int:
        """Of some documents, the one whose slug comes first."""
        return int(docs[0] if len(docs) == 1 else self._by_slug.first(docs, 1)[0])
