"""What the command prints: progress, reports, problems and hits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.export.export import Exported
from app.query_log import LoggedQuery
from app.search import payload
from app.search.report import AuthorReport, Listing, percent_shown
from app.search.results import FacetCounts, Hit, SearchResults
from indexer.build.check import Findings
from indexer.build.report import Report
from indexer.build.verify import Verification
from indexer.essay import Problem

#: Values of one facet that `stats` lists, and things of one kind to see to; JSON has more.
MAX_VALUES = 12
MAX_LINES = 10


@contextmanager
def progress(
    label: str, *, quiet: bool, unit: str = "files"
) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, plain lines elsewhere, silence for programs."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        spoken = [time.monotonic()]

        def line(done: int, of: int) -> None:
            if time.monotonic() - spoken[0] >= 5 or (done == of and of >= 1000):
                spoken[0] = time.monotonic()
                click.echo(f"{label}: {done:,} of {of:,} {unit}", err=True)

        yield line
        return
    bar: Any = None

    def step(done: int, of: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(length=of, label=label, file=sys.stderr)
            bar.__enter__()
        bar.update(done - bar.pos)

    try:
        yield step
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def describe_build(report: Report) -> str:
    """What a build did, in one line."""
    drafts = f", {count(report.drafts, 'draft')} left out" if report.drafts else ""
    return (
        f"{count(report.essays, 'essay')}: {report.added} added, {report.changed} changed, "
        f"{report.removed} removed, {report.unchanged} unchanged{drafts}, "
        f"{count(len(report.problems), 'problem')}, {report.seconds:.2f} s"
    )


def describe_export(made: Exported) -> str:
    """What an export made, in two lines."""
    return (
        f"{count(made.essays, 'essay')} in {count(made.pages, 'page')}, {made.bytes / 1e6:.1f} MB; "
        f"the search is {made.search_bytes / 1e6:.1f} MB, of which a reader loads "
        f"{made.index_bytes / 1e3:.0f} kB at first.\n"
        f"{count(made.written, 'file')} written, {made.removed:,} removed, "
        f"{made.files - made.written:,} unchanged."
    )


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 essay``, ``2,000 essays``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def list_problems(problems: tuple[Problem, ...], most: int) -> None:
    """The first ``most`` problems, and how many there are besides."""
    for problem in problems[:most]:
        click.echo(f"  {problem}")
    if len(problems) > most:
        click.echo(f"  … and {len(problems) - most} more: essays check")


def print_verification(found: Verification) -> None:
    """What ``essays index --verify`` found."""
    for each in found.differences:
        path = each.path or "settings"
        click.echo(
            f"  {path}: {each.what}" if each.where == "content" else f"  index, {path}: {each.what}"
        )
    click.echo(
        f"Generation {found.generation}: {count(found.index_files, 'file')} of the index "
        f"({found.bytes / 1e6:.1f} MB) checked, {count(found.essays, 'essay')} compared with "
        f"{count(found.files, 'file')}, {count(len(found.differences), 'difference')}."
    )
    if found.differences:
        click.echo("Run: essays index")


def annotate(found: Findings, content: Path) -> None:
    """Problems and drift as GitHub shows them beside the lines of a change."""
    for problem in found.problems:
        path = _from_checkout(content / problem.path)
        place = _escaped(path).replace(",", "%2C").replace(":", "%3A")
        told = _escaped(f"{problem.what} {problem.hint}".strip())
        click.echo(f"::error file={place},line={problem.line or 1}::{told}")
    for drift in found.drift:
        click.echo(
            f"::notice title={drift.facet}::“{_escaped(drift.value)}” is not in the vocabulary "
            f"({count(drift.count, 'essay')})"
        )
    for same in found.copies:
        click.echo(
            f"::notice title=Nearly the same text::{_escaped(', '.join(same.paths))} "
            f"({_escaped(percent_shown(same.share))})"
        )


def _from_checkout(file: Path) -> str:
    """The path of a file from the top of its git checkout, which is how GitHub names it, whatever
    folder the command runs in; from the current folder where there is no checkout."""
    absolute = Path(os.path.abspath(file))  # noqa: PTH100 - a link keeps its own name
    tops = [top for top in absolute.parents if (top / ".git").exists()]
    for top in (*tops[:1], Path.cwd()):
        if absolute.is_relative_to(top):
            return absolute.relative_to(top).as_posix()
    return absolute.as_posix()


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def print_findings(found: Findings) -> None:
    """What ``essays check`` found."""
    list_problems(found.problems, len(found.problems))
    for drift in found.drift:
        more = ", …" if drift.count > len(drift.paths) else ""
        click.echo(
            f"{drift.facet} “{drift.value}” is not in the vocabulary and has no percentage: "
            f"{count(drift.count, 'essay')} ({', '.join(drift.paths)}{more})"
        )
    for same in found.copies:
        click.echo(f"Nearly the same text, {percent_shown(same.share)}: {', '.join(same.paths)}")
    click.echo(
        f"{count(found.files, 'file')}: {count(found.essays, 'essay')}, "
        f"{count(found.drafts, 'draft')}, {count(len(found.problems), 'problem')}."
    )


def print_holdings(counts: FacetCounts, files: int, problems: int, size: int) -> None:
    """What the index holds; ``size`` in bytes."""
    click.echo(
        f"{count(counts.total, 'essay')} from {count(files, 'file')}, "
        f"{count(problems, 'problem')}; generation {counts.generation}, {size / 1e6:.1f} MB"
    )
    for facet, values in counts.facets.items():
        shown = ", ".join(f"{v.value} {v.count}" for v in values[:MAX_VALUES])
        more = f", and {len(values) - MAX_VALUES} more" if len(values) > MAX_VALUES else ""
        click.echo(f"{facet:>12}  {shown or '–'}{more}")


def print_author_report(found: AuthorReport, searches: tuple[LoggedQuery, ...]) -> None:
    """What needs the author's attention; kinds with nothing to show are left out."""

    def listed(listing: Listing) -> list[str]:
        return [f"{each.slug}  {each.note}".rstrip() for each in listing.essays]

    _part(
        "Searches that found nothing",
        len(searches),
        [f"{each.query}  {count(each.days, 'day')}, last {each.last}" for each in searches],
    )
    _part(
        "Nearly the same text",
        len(found.copies),
        [
            f"{', '.join(essay.slug for essay in each.essays)}  {percent_shown(each.share)}"
            for each in found.copies
        ],
    )
    _part(
        "Broken links",
        len(found.broken),
        [
            f"{f'[[{each.target}]]' if each.is_name else each.target}  in "
            + ", ".join(essay.slug for essay in each.essays)
            + (", …" if each.count > len(each.essays) else "")
            for each in found.broken
        ],
    )
    _part(
        "Pins that name no essay",
        len(found.stray_pins),
        [f"{each.query}  {each.slug}" for each in found.stray_pins],
    )
    _part("Not updated for a year", found.stale.total, listed(found.stale))
    unrated = [f"{facet}  {number}" for facet, number in found.unrated.items() if number]
    _part("Unrated", len(unrated), unrated)
    _part(
        "Rating words without a percentage",
        len(found.drift),
        [f"{each.facet} {each.value}  {each.count}" for each in found.drift],
    )
    _part(
        "Different spellings of one name",
        len(found.spellings),
        [
            f"{each.facet} " + ", ".join(f"{value.value} {value.count}" for value in each.values)
            for each in found.spellings
        ],
    )
    once = [f"{each.note}  {each.slug}" for each in found.used_once.essays]
    _part("Tags used once", found.used_once.total, once)
    _part("No incoming links", found.orphans.total, listed(found.orphans))
    _part("No outgoing links", found.without_links.total, listed(found.without_links))


def _part(title: str, total: int, lines: list[str]) -> None:
    if not total:
        return
    click.echo(f"\n{title}: {total:,}")
    for line in lines[:MAX_LINES]:
        click.echo(f"  {line}")
    if total > MAX_LINES:
        click.echo(f"  … and {total - MAX_LINES:,} more")


def print_json(content: object) -> None:
    """One JSON document on standard output."""
    click.echo(payload.encode(content).decode())


def print_results(found: SearchResults) -> None:
    """A page of hits."""
    for note in found.notes:
        click.secho(f"Note: {note.message}", fg="yellow")
    if found.corrected and found.corrected.applied:
        typed = found.request.q
        click.echo(f"Showing results for {found.corrected.query} (no results for {typed}).")
    elif found.corrected:
        click.echo(f"Did you mean {found.corrected.query}?")
    if not found.total:
        click.echo("No essays found.")
        return
    for place, hit in enumerate(found.hits, found.first):
        click.echo(f"{place:>3}. {_hit(hit)}")
    if found.hits:
        click.echo(
            f"{found.first}–{found.first + len(found.hits) - 1} of {count(found.total, 'essay')}, "
            f"by {found.sort}, {found.took_ms:.1f} ms"
        )
    else:
        click.echo(f"There is no page {found.request.page}: the last page is {found.pages}.")


def _hit(hit: Hit) -> str:
    def shown(fragments: Any) -> str:
        return "".join(click.style(f.text, bold=True) if f.match else f.text for f in fragments)

    essay = hit.essay
    facts = [essay.published.day if essay.published else ""]
    facts += [
        f"{name} {r.label}" for name in ("certainty", "importance") if (r := getattr(essay, name))
    ]
    lines = [shown(hit.title), click.style(" · ".join(filter(None, facts)), dim=True), essay.slug]
    for snippet in hit.snippets:
        where = f"{snippet.section.title}: " if snippet.section else ""
        lines.append(click.style(where, dim=True) + shown(snippet.fragments))
    return "\n     ".join(line for line in lines if line)
