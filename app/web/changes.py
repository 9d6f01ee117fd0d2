"""The history of ratings as pages and feeds ask for it; where it cannot be read, there is none."""

from __future__ import annotations

import sqlite3

from flask import current_app

from app.history.log import Change, HistoryLog, Point
from app.web.context import settings
from indexer.essay import format_number

#: Changes on one page, and in a feed.
PER_PAGE = 50
#: Points of one essay's line that are drawn, the last.
MAX_POINTS = 100


def told(first: int) -> tuple[tuple[Change, ...], int]:
    """The changes that are told, from number ``first`` on, the newest first; and how many there
    are."""
    log = HistoryLog(settings().index)
    try:
        return log.told(first, PER_PAGE), log.count()
    except sqlite3.Error as error:
        _warn(log, error)
        return (), 0


def history_of(slug: str) -> tuple[Point, ...]:
    """The certainty of an essay over time."""
    log = HistoryLog(settings().index)
    try:
        return log.certainty(slug)[-MAX_POINTS:]
    except sqlite3.Error as error:
        _warn(log, error)
        return ()


def _warn(log: HistoryLog, error: sqlite3.Error) -> None:
    current_app.logger.warning("%s cannot be read: %s", log.path, error)


def described(change: Change) -> str:
    """A change in a few words.

    >>> from app.history.log import Value
    >>> described(Change("a", 0, "certainty", Value("Possible", 50.0), Value("Likely", 75.0)))
    'certainty 50% → 75%'
    """
    if change.kind == "withdrawn":
        return "withdrawn"
    if change.kind == "status":
        return f"promoted to {change.new.label}"
    old, new = (format_number(each.percent or 0) for each in (change.old, change.new))
    return f"certainty {old}% → {new}%"
