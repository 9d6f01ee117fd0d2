"""What changed in the ratings: the page of all essays, and the line of one essay's certainty."""

from __future__ import annotations

from flask import abort, render_template, request

from app.history.log import Change
from app.web import params
from app.web.blueprint import pages
from app.web.changes import PER_PAGE, history_of, told
from app.web.pages.trend import Trend, day_of, drawn


@pages.get("/changes")
def changes() -> str:
    at = params.whole(request.args, "page", 1, None)
    found, total = told((at - 1) * PER_PAGE)
    last = max(1, -(-total // PER_PAGE))
    if at > last:
        abort(404)
    return render_template(
        "pages/changes.html", days=_by_day(found), at=at, last=last, total=total,
        numbers=params.near(at, last), links=params.IndexPages(),
    )  # fmt: skip


def _by_day(found: tuple[Change, ...]) -> dict[str, list[Change]]:
    days: dict[str, list[Change]] = {}
    for each in found:
        days.setdefault(day_of(each.at), []).append(each)
    return days


def certainty_line(slug: str) -> Trend | None:
    """How the certainty of an essay went; None where it never changed."""
    return drawn(history_of(slug))
