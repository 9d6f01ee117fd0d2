"""The ``essays`` command: what can a person ask of an archive from a terminal?

Exit status: 0 good; 1 problems (in ``check``, and in ``index --strict``) or a failure that is not
the caller's; 2 wrong use.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from werkzeug.datastructures import MultiDict

from app import serving
from app.search import payload
from app.search.local import LocalEngine
from app.search.request import MAX_PER_PAGE, SORTS, Hit, SearchResults
from app.settings import Settings, load
from app.web import params
from indexer import check as checking
from indexer import generation, watch
from indexer.build import Report, build
from indexer.errors import EssaysError, IndexUnavailable, UsageError
from indexer.essay import Problem, sound

#: Problems that ``index`` lists; ``check`` lists all.
LISTED = 20

content_argument = click.argument("content", required=False, type=click.Path(path_type=Path))
index_option = click.option(
    "--index", "index_dir", type=click.Path(path_type=Path), help="Folder of the index."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Worker processes (default: one per processor)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")


class _Group(click.Group):
    """Our errors as one line and a hint, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EssaysError as error:
            click.echo(f"essays: {error}", err=True)
            if error.hint:
                click.echo(error.hint, err=True)
            ctx.exit(2 if isinstance(error, UsageError) else 1)
        except params.BadParameter as error:
            click.echo(f"essays: {error}", err=True)
            ctx.exit(2)
        except OSError as error:
            click.echo(f"essays: {error.strerror or error}: {error.filename or ''}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="essay-search", prog_name="essays")
def main() -> None:
    """Search and discover an archive of Markdown essays."""


@main.command()
@content_argument
@index_option
@click.option("--full", is_flag=True, help="Read every file anew.")
@jobs_option
@click.option("--strict", is_flag=True, help="Exit with 1 if any file has a problem.")
@json_option
def index(
    content: Path | None,
    index_dir: Path | None,
    full: bool,
    jobs: int | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Bring the index up to date with the folder CONTENT."""
    settings = load(content, index_dir)
    with _progress("Reading", quiet=as_json) as progress:
        report = build(
            settings.content,
            settings.index,
            settings.rules,
            full=full,
            jobs=jobs,
            progress=progress,
        )
    if as_json:
        _print_json(report)
    else:
        click.echo(_told(report))
        _list(report.problems, LISTED)
    if strict and report.problems:
        sys.exit(1)


@main.command("watch")
@content_argument
@index_option
def watch_(content: Path | None, index_dir: Path | None) -> None:
    """Build again whenever files in CONTENT change."""
    run_watch(content, index_dir)


def run_watch(content: Path | None, index_dir: Path | None) -> None:
    """Build at once and after every change, until interrupted. Settings are read anew each time."""
    settings = load(content, index_dir)
    if not settings.content.is_dir():
        build(settings.content, settings.index, settings.rules)  # says what is wrong
    known: tuple[Problem, ...] = ()
    for _ in watch.changes(settings.content, settings.index):
        try:
            settings = load(content, index_dir)
            report = build(settings.content, settings.index, settings.rules)
        except (EssaysError, OSError) as error:
            click.echo(f"essays: {error}", err=True)
            continue
        # A file that was broken is no change of the index, but its author waits for a word.
        changed = report.added or report.changed or report.removed or report.full
        if changed or report.problems != known:
            known = report.problems
            click.echo(f"{time.strftime('%H:%M:%S')}  {_told(report)}")
            _list(report.problems, LISTED)


@main.command()
@content_argument
@index_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--watch", "watching", is_flag=True, help="Build again when files change.")
def serve(
    content: Path | None,
    index_dir: Path | None,
    host: str,
    port: int,
    workers: int,
    watching: bool,
) -> None:
    """Serve pages and API over the index of CONTENT."""
    settings = load(content, index_dir)
    if watching and not settings.content.is_dir():
        build(settings.content, settings.index, settings.rules)  # says what is wrong
    try:
        generation.current(settings.index)
    except IndexUnavailable as error:
        if not watching:
            click.echo(f"essays: {error} {error.hint}", err=True)
    serving.serve(settings, host, port, workers, run_watch if watching else None)


@main.command()
@click.argument("query", required=False, default="")
@index_option
@click.option("--content", type=click.Path(path_type=Path), help="Folder of the essays.")
@click.option("--tag", multiple=True)
@click.option("--category", multiple=True)
@click.option("--status", multiple=True)
@click.option("--certainty", multiple=True)
@click.option("--importance", multiple=True)
@click.option("--year", multiple=True)
@click.option("--certainty-min", type=float, help="0 to 100")
@click.option("--certainty-max", type=float, help="0 to 100")
@click.option("--importance-min", type=float, help="0 to 10")
@click.option("--importance-max", type=float, help="0 to 10")
@click.option("--sort", type=click.Choice(SORTS))
@click.option("--page", type=click.IntRange(1), default=1)
@click.option("--per-page", type=click.IntRange(1, MAX_PER_PAGE), default=10)
@json_option
def search(
    query: str, index_dir: Path | None, content: Path | None, as_json: bool, **given: Any
) -> None:
    """Search the index for QUERY (quote it); without a query, narrow by facets alone."""
    settings = load(content, index_dir)
    # A terminal can hand over bytes that are no text.
    asked: MultiDict[str, str] = MultiDict({"q": sound(query)})
    for name, value in given.items():
        for each in value if isinstance(value, tuple) else (value,):
            if each is not None:
                asked.add(name, sound(str(each)))
    found = _engine(settings).search(params.parse(asked))
    if as_json:
        _print_json(payload.results(found, serving.address))
        return
    _print_results(found)


@main.command()
@content_argument
@jobs_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
)
def check(content: Path | None, jobs: int | None, form: str) -> None:
    """Say what is wrong with the files in CONTENT, and which rating words the vocabulary lacks."""
    settings = load(content)
    with _progress("Checking", quiet=form != "text") as progress:
        found = checking.check(settings.content, settings.rules, jobs, progress)
    if form == "json":
        _print_json(found)
    elif form == "github":
        for problem in found.problems:
            click.echo(_annotation(problem, settings.content))
        for drift in found.drift:
            click.echo(
                f"::notice title={drift.facet}::“{drift.value}” is outside the vocabulary "
                f"({drift.count} essays)"
            )
    else:
        _list(found.problems, len(found.problems))
        for drift in found.drift:
            click.echo(
                f"{drift.facet} “{drift.value}” has no percentage, for the vocabulary lacks it: "
                f"{_count(drift.count, 'essay')} ({', '.join(drift.paths)}"
                f"{', …' if drift.count > len(drift.paths) else ''})"
            )
        click.echo(
            f"{_count(found.files, 'file')}: {_count(found.essays, 'essay')}, "
            f"{_count(found.drafts, 'draft')}, {_count(len(found.problems), 'problem')}."
        )
    if found.problems:
        sys.exit(1)


@main.command()
@index_option
@click.option("--content", type=click.Path(path_type=Path), help="Folder of the essays.")
@json_option
def stats(index_dir: Path | None, content: Path | None, as_json: bool) -> None:
    """Say what the index holds."""
    settings = load(content, index_dir)
    counts = _engine(settings).counts(params.parse(MultiDict()))
    pointer = generation.current(settings.index)
    state = generation.manifest(settings.index, pointer)
    problems = sum(len(known.problems) for known in state.files)
    size = sum(file.stat().st_size for file in settings.index.rglob("*") if file.is_file())
    if as_json:
        _print_json(
            {
                "essays": counts.total,
                "files": len(state.files),
                "drafts": sum(known.draft for known in state.files),
                "problems": problems,
                "generation": counts.generation,
                "bytes": size,
                "facets": counts.facets,
                "ranges": counts.ranges,
            }
        )
        return
    click.echo(f"{_count(counts.total, 'essay')} from {_count(len(state.files), 'file')}, "
               f"{_count(problems, 'problem')}; generation {counts.generation}, "
               f"{size / 1_000_000:.1f} MB")  # fmt: skip
    for facet, values in counts.facets.items():
        shown = ", ".join(f"{v.value} {v.count}" for v in values[:12])
        more = f", and {len(values) - 12} more" if len(values) > 12 else ""
        click.echo(f"{facet:>12}  {shown or '–'}{more}")


# -- telling ------------------------------------------------------------------------------------


@contextmanager
def _progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, plain lines elsewhere, silence for programs."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        spoken = [time.monotonic()]

        def line(done: int, of: int) -> None:
            if time.monotonic() - spoken[0] >= 5 or (done == of and of >= 1000):
                spoken[0] = time.monotonic()
                click.echo(f"{label}: {done:,} of {of:,} files", err=True)

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


def _told(report: Report) -> str:
    drafts = f", {_count(report.drafts, 'draft')} left out" if report.drafts else ""
    return (
        f"{_count(report.essays, 'essay')}: {report.added} added, {report.changed} changed, "
        f"{report.removed} removed, {report.unchanged} unchanged{drafts}, "
        f"{_count(len(report.problems), 'problem')}, {report.seconds:.2f} s"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _list(problems: tuple[Problem, ...], most: int) -> None:
    for problem in problems[:most]:
        click.echo(f"  {problem}")
    if len(problems) > most:
        click.echo(f"  … and {len(problems) - most} more: essays check")


def _annotation(problem: Problem, content: Path) -> str:
    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    try:
        path = str((content / problem.path).relative_to(Path.cwd()))
    except ValueError:
        path = str(content / problem.path)
    place = escaped(path).replace(",", "%2C").replace(":", "%3A")
    told = escaped(f"{problem.what} {problem.hint}".strip())
    return f"::error file={place},line={problem.line or 1}::{told}"


def _print_json(content: object) -> None:
    click.echo(payload.encode(content).decode())


def _engine(settings: Settings) -> LocalEngine:
    return LocalEngine(settings.index, settings.rules, settings.limits)


def _print_results(found: SearchResults) -> None:
    for note in found.notes:
        click.secho(f"Note: {note.message}", fg="yellow")
    if not found.total:
        click.echo("Nothing found.")
        return
    for place, hit in enumerate(found.hits, found.first):
        click.echo(f"{place:>3}. {_hit(hit)}")
    if found.hits:
        click.echo(
            f"{found.first}–{found.first + len(found.hits) - 1} of {_count(found.total, 'essay')}, "
            f"by {found.sort}, {found.took_ms:.1f} ms"
        )
    else:
        click.echo(f"Page {found.request.page} is past the last of {_count(found.pages, 'page')}.")


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


if __name__ == "__main__":
    main()
