"""The ``essays`` command: its subcommands, options and exit statuses.

Exit status: 0 good; 1 problems (in ``check``, and in ``index --strict``) or a failure that is not
the caller's; 2 wrong use.
"""

from __future__ import annotations

import errno
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec
from werkzeug.datastructures import MultiDict

from app import server, watcher
from app.building import build_index, holdings, verify_index
from app.cli import output
from app.cli.migrate import migrate
from app.cli.options import content_argument, index_option, jobs_option, json_option
from app.cli.servers import mcp, serve
from app.engines import open_engine
from app.export.export import export
from app.query_log import QueryLog
from app.search import payload
from app.search.request import MAX_PER_PAGE, SORTS
from app.settings import ENGINES, Settings, load
from app.web import params
from indexer.build import check as check_
from indexer.errors import EssaysError, UsageError
from indexer.essay import valid_text


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
            if error.errno == errno.EPIPE:  # whoever reads has seen enough; click ends quietly
                raise
            click.echo(f"essays: {error.strerror or error}: {error.filename or ''}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="essay-search", prog_name="essays")
def main() -> None:
    """Search and discover an archive of Markdown essays."""


@main.command()
@content_argument
@index_option
@click.option("--full", is_flag=True, help="Read every file again.")
@click.option("--engine", type=click.Choice(ENGINES), help="The engine whose index is meant.")
@jobs_option
@click.option("--strict", is_flag=True, help="Exit with 1 if any file has a problem.")
@click.option(
    "--verify", is_flag=True, help="Build nothing; exit with 1 if the index is damaged or differs."
)
@json_option
def index(
    content: Path | None,
    index_dir: Path | None,
    full: bool,
    engine: str | None,
    jobs: int | None,
    strict: bool,
    verify: bool,
    as_json: bool,
) -> None:
    """Bring the index up to date with the folder CONTENT."""
    settings = load(content, index_dir, engine=engine)
    if verify:
        if full or strict or jobs:
            raise UsageError("--verify builds nothing.", "Leave out --full, --strict and --jobs.")
        _verify(settings, as_json=as_json)
        return
    with output.progress("Reading", quiet=as_json) as progress:
        report = build_index(settings, full=full, jobs=jobs, progress=progress)
    if as_json:
        output.print_json(report)
    else:
        click.echo(output.describe_build(report))
        output.list_problems(report.problems, watcher.LISTED)
    if strict and report.problems:
        sys.exit(1)


def _verify(settings: Settings, *, as_json: bool) -> None:
    """Say what is damaged, and where index and folder differ."""
    found = verify_index(settings)
    if as_json:
        output.print_json({"agrees": found.agrees, **msgspec.structs.asdict(found)})
    else:
        output.print_verification(found)
    if not found.agrees:
        sys.exit(1)


@main.command("watch")
@content_argument
@index_option
def watch_(content: Path | None, index_dir: Path | None) -> None:
    """Update the index whenever files in CONTENT change."""
    watcher.keep_up(content, index_dir)


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
    """Search the index for QUERY (quote it); without a query, filter by facets alone."""
    settings = load(content, index_dir)
    # A terminal can hand over bytes that are no text.
    asked: MultiDict[str, str] = MultiDict({"q": valid_text(query)})
    for name, value in given.items():
        for each in value if isinstance(value, tuple) else (value,):
            if each is not None:
                asked.add(name, valid_text(str(each)))
    found = open_engine(settings).search(params.parse(asked))
    if as_json:
        output.print_json(payload.results(found, server.essay_path))
        return
    output.print_results(found)


@main.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--content", type=click.Path(path_type=Path), help="Folder of the essays.")
@index_option
@click.option("--base", default="/", show_default=True, help="Path at which it will be served.")
@click.option("--beside", is_flag=True, help="Write beside files that are not of an export.")
@json_option
def export_(
    folder: Path,
    content: Path | None,
    index_dir: Path | None,
    base: str,
    beside: bool,
    as_json: bool,
) -> None:
    """Write the site as files to DIR, for hosts that serve nothing else."""
    settings = load(content, index_dir)
    with output.progress("Exporting", quiet=as_json, unit="pages") as progress:
        made = export(settings, folder, base=base, beside=beside, progress=progress)
    if as_json:
        output.print_json(made)
    else:
        click.echo(output.describe_export(made))


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
    """List the problems of the files in CONTENT, and rating words without a percentage."""
    settings = load(content)
    with output.progress("Checking", quiet=form != "text") as progress:
        found = check_.check(settings.content, settings.rules, jobs, progress)
    if form == "json":
        output.print_json(found)
    elif form == "github":
        output.annotate(found, settings.content)
    else:
        output.print_findings(found)
    if found.problems:
        sys.exit(1)


for _command in (migrate, serve, mcp):
    main.add_command(_command)


@main.command()
@index_option
@click.option("--content", type=click.Path(path_type=Path), help="Folder of the essays.")
@click.option("--forget", is_flag=True, help="Delete the log of searches that found nothing.")
@json_option
def stats(index_dir: Path | None, content: Path | None, forget: bool, as_json: bool) -> None:
    """Show what is in the index, and what needs the author's attention."""
    settings = load(content, index_dir)
    remembered = QueryLog(settings.index)
    if forget:
        deleted = remembered.forget()
        click.echo("Search log deleted." if deleted else "There is no search log.", err=as_json)
    engine = open_engine(settings)
    counts = engine.facet_counts(params.parse(MultiDict()))
    held = holdings(settings)
    report = engine.author_report(date.today())
    searches = remembered.all()
    if as_json:
        output.print_json(
            {
                "essays": counts.total,
                "files": held.files,
                "drafts": held.drafts,
                "problems": held.problems,
                "generation": counts.generation,
                "bytes": held.size,
                "facets": counts.facets,
                "ranges": counts.ranges,
                "upkeep": report,
                "searches": searches,
            }
        )
        return
    output.print_holdings(counts, held.files, held.problems, held.size)
    output.print_author_report(report, searches)


if __name__ == "__main__":
    main()
