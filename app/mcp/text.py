"""The answers as text, for models and people who read rather than parse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.mcp.answers import (
    EssayAnswer,
    FacetsAnswer,
    FoundEssay,
    RatingAnswer,
    ReadAnswer,
    RelatedAnswer,
    SearchAnswer,
)
from app.search.request import SCALES
from indexer.essay import RATINGS, Rating, format_number

#: Tags of an essay that a list shows.
MAX_TAGS = 8


def search_text(found: SearchAnswer) -> str:
    """A page of a search."""
    lines = list(found.notes)
    if found.searched_instead:
        lines.append(f"Nothing was found as it was typed; searched for: {found.searched_instead}")
    if found.did_you_mean:
        lines.append(f"Did you mean: {found.did_you_mean}")
    lines.append(_heading(found))
    for essay in found.essays:
        lines += ["", *_card(essay), *_snippets(essay)]
    if found.page < found.pages:
        lines += ["", f"More: page {found.page + 1} of {found.pages}."]
    return "\n".join(lines)


def read_text(found: ReadAnswer) -> str:
    """A part of an essay, with its sections before it and the way to the next part behind it."""
    lines = [*_card(found, whole=True)]
    if found.section is None and found.offset == 0 and found.sections:
        lines += ["", "Sections:"]
        lines += [
            f"{'  ' * max(each.level - 1, 0)}- {each.title} (section “{each.anchor}”, "
            f"{each.characters:,} characters)"
            for each in found.sections
        ]
    lines += ["", found.text]
    if found.next_offset is not None:
        lines += [
            "",
            f"[{found.offset:,}–{found.next_offset:,} of {found.characters:,} characters; "
            f"read on with offset {found.next_offset}]",
        ]
    elif found.bibliography and found.section is None:
        lines += ["", "Bibliography:", *(f"- {work}" for work in found.bibliography)]
    return "\n".join(lines)


def facets_text(found: FacetsAnswer) -> str:
    """The values of facets with their numbers."""
    lines = [*found.notes, f"{_essays(found.total)} match.{_least(found.min_certainty)}"]
    for facet in found.facets:
        shown = ", ".join(f"{each.value} ({each.essays})" for each in facet.values)
        more = facet.total - len(facet.values)
        lines.append(
            f"{facet.facet}: {shown or 'none'}{f', and {more:,} more' if more > 0 else ''}"
        )
    for name, bars in found.histograms.items():
        shown = ", ".join(
            f"{format_number(bar.low)}–{format_number(bar.high)}: {bar.essays}" for bar in bars
        )
        lines.append(f"{name} by number: {shown}")
    return "\n".join(lines)


def related_text(found: RelatedAnswer) -> str:
    """Related essays with the reasons."""
    lines = [f"{_essays(len(found.essays))} related to {found.slug}."]
    for essay in found.essays:
        lines += ["", *_card(essay), f"  {'; '.join(essay.reasons)}"]
    return "\n".join(lines)


def _heading(found: SearchAnswer) -> str:
    if not found.total:
        return f"No essays found.{_least(found.min_certainty)}"
    if not found.essays:
        return f"There is no page {found.page}: the last page is {found.pages}."
    pages = f", page {found.page} of {found.pages}" if found.pages > 1 else ""
    return f"{_essays(found.total)} found{pages}, by {found.sort}.{_least(found.min_certainty)}"


def _least(percentage: float | None) -> str:
    if percentage is None:
        return ""
    return f" Only essays with a certainty of at least {format_number(percentage)}% are shown."


def _essays(number: int) -> str:
    return f"{number:,} essay{'' if number == 1 else 's'}"


def _card(essay: EssayAnswer, *, whole: bool = False) -> Iterator[str]:
    yield f"{essay.title}"
    ratings = (f"{name} {_rating_text(getattr(essay, name), SCALES.get(name))}" for name in RATINGS)
    yield f"  {' · '.join(ratings)}"
    dates = [f"{name} {day}" for name in ("published", "updated") if (day := getattr(essay, name))]
    about = [", ".join(essay.authors), *dates]
    if any(about):
        yield f"  {' · '.join(filter(None, about))}"
    yield f"  slug {essay.slug} · {essay.url}"
    names = [*essay.categories, *essay.tags]
    if names:
        more = f", and {len(names) - MAX_TAGS} more" if len(names) > MAX_TAGS else ""
        yield f"  {', '.join(names[:MAX_TAGS])}{more}"
    if essay.description and (whole or not getattr(essay, "snippets", None)):
        yield f"  {essay.description}"


def _snippets(essay: FoundEssay) -> Iterable[str]:
    if essay.found_by == "meaning":
        yield "  (near in meaning; it has not the words)"
    for snippet in essay.snippets:
        where = f"[{snippet.section} #{snippet.anchor}] " if snippet.anchor else ""
        yield f"  {where}{snippet.text}"


def _rating_text(given: RatingAnswer | None, scale: int | None) -> str:
    if given is None:
        return "not given"
    label = Rating(given.value, given.percentage).label
    if scale and isinstance(given.value, float) and given.percentage == given.value * 100 / scale:
        return f"{label}%" if scale == 100 else f"{label} of {scale}"
    if given.percentage is None or label == f"{format_number(given.percentage)}%":
        return label
    return f"{label} ({format_number(given.percentage)}%)"
