"""Names of indices. There is one archive; each other name is an order of its results.

InstantSearch sorts by asking another index, which with Algolia would be a copy in another order.
"""

from __future__ import annotations

from app.search.request import SORTS, Sort
from app.web.api.algolia.refusal import Refused


def order(index: str, archive: str) -> Sort | None:
    """The order that a name of an index stands for; None leaves it to the query. Raises
    :class:`~app.web.api.algolia.refusal.Refused` for a name that there is not.

    >>> order("essays", "essays"), order("essays_newest", "essays")
    (None, 'newest')
    """
    if index == archive:
        return None
    for sort in SORTS:
        if index == f"{archive}_{sort}":
            return sort
    raise Refused(f"Index {index[:100]} does not exist", 404)
