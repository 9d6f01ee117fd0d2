"""Dates, labels and reading times as pages show them."""

from __future__ import annotations

from indexer.essay import Essay, Moment

#: Words that a reader reads in a minute.
READING_SPEED = 230

LABELS = {
    "tag": "Tags", "category": "Categories", "status": "Status", "certainty": "Certainty",
    "importance": "Importance", "year": "Year",
    "relevance": "Relevance", "newest": "Newest", "updated": "Recently updated", "title": "Title",
    "recent": "Recent",
}  # fmt: skip


def label(name: str) -> str:
    """A facet or sort as pages name it."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def day(moment: Moment) -> str:
    """A day as prose writes it.

    >>> day(Moment("2024-01-30T05:00:00Z"))
    '30 January 2024'
    """
    months = "January February March April May June July August September October November December"
    year, month, day = moment.day.split("-")
    return f"{int(day)} {months.split()[int(month) - 1]} {int(year)}"


def reading_time(essay: Essay) -> int:
    """Minutes, at least one."""
    return max(1, round(essay.words / READING_SPEED))
