"""What every view of one app shares: engine, settings, the budget of the request, the query log."""

from __future__ import annotations

from flask import current_app, g, request
from msgspec.structs import replace

from app.query_log import QueryLog
from app.search.budget import Budget
from app.search.engine import Engine
from app.search.request import DEFAULT_VALUES, SearchRequest
from app.search.results import SearchResults
from app.settings import Settings
from app.web import params


def requested() -> SearchRequest:
    """The search that this address says."""
    return params.parse(request.args, settings().rules.facets, settings().per_page)


def listing(asked: SearchRequest) -> SearchRequest:
    """A search as it is answered: with the commonest values of each facet, where it does not say
    how many."""
    return asked if asked.max_values else replace(asked, max_values=DEFAULT_VALUES)


def begin_budget() -> None:
    """Give this request its budget, before anything is asked."""
    g.budget = Budget(settings().limits.milliseconds)


def engine() -> Engine:
    """The engine of this app."""
    found: Engine = current_app.extensions["engine"]
    return found


def settings() -> Settings:
    """The settings of this app."""
    found: Settings = current_app.extensions["settings"]
    return found


def budget() -> Budget:
    """What this request may cost, all questions together; it began with the request."""
    found: Budget = g.budget
    return found


#: The header of a request that a script makes while its reader still types, and the parameter that
#: says so for a script of another site: with a header a browser would ask first whether it may.
TYPING, TYPING_PARAMETER = "X-Typing", "typing"


def remember(found: SearchResults) -> None:
    """Keep what was asked and not found, where the archive's settings want that; lists of what is
    nearest are no answer either."""
    memory: QueryLog | None = current_app.extensions["remembered"]
    missed = not found.total or found.nearest
    typing = TYPING in request.headers or TYPING_PARAMETER in request.args
    if memory is not None and missed and not typing:
        memory.add(found.request)
