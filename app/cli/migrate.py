"""The command ``essays migrate``: other sites' front matter in the form that is read here.

The diff goes to standard output, as ``git apply`` takes it; all that is said of it to standard
error. Nothing is written without ``--write``, or a yes at a terminal.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from app.cli.output import count
from app.settings import load
from indexer.errors import FileRefused
from indexer.migrate.kinds import KINDS
from indexer.migrate.replace import replace_file
from indexer.migrate.rewrite import Rewritten, rewrites

_ANSWERS = "y: rewrite this file · n: leave it · a: rewrite this and all others · q: leave the rest"


@click.command()
@click.argument("content", required=False, type=click.Path(path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice([*KINDS, "auto"]),
    default="auto",
    show_default=True,
    help="The program that the files were written for.",
)
@click.option("--write", is_flag=True, help="Rewrite the files, without asking.")
def migrate(content: Path | None, kind: str, write: bool) -> None:
    """Show how the front matter in CONTENT would be rewritten, as a diff to be approved."""
    settings = load(content)
    asking = not write and sys.stdin.isatty() and sys.stdout.isatty()
    shown = written = notes = broken = 0
    for each in rewrites(settings.content, settings.rules, kind):
        broken += each.broken
        notes += 0 if each.broken else len(each.notes)
        for note in each.notes:
            click.echo(str(note), err=True)
        if each.new == each.old:
            continue
        shown += 1
        click.echo(diff(each), nl=False)
        answer = "y" if write else _ask(each.path) if asking else "n"
        if answer == "q":
            break
        if answer == "a":
            write, asking = True, False
        if answer in ("y", "a"):
            try:
                replace_file(settings.content, each.path, each.old, each.new)
                written += 1
            except FileRefused as refused:
                broken += 1
                click.echo(f"{each.path}: {refused} {refused.hint}", err=True)
    click.echo(
        f"{count(shown, 'file')} to rewrite, {written:,} rewritten, "
        f"{count(notes, 'note')}, {broken:,} left because they cannot be read or written.",
        err=True,
    )
    if shown and not write and not asking:
        click.echo("Nothing is written without --write.", err=True)
    if broken:
        sys.exit(1)


def diff(each: Rewritten) -> str:
    """The change of one file as a unified diff.

    >>> print(diff(Rewritten("a.md", b"date: 2024", b"publishdate: 2024")), end="")
    --- a/a.md
    +++ b/a.md
    @@ -1 +1 @@
    -date: 2024
    \\ No newline at end of file
    +publishdate: 2024
    \\ No newline at end of file
    """
    old, new = (_lines(data.decode()) for data in (each.old, each.new))
    made = difflib.unified_diff(old, new, f"a/{each.path}", f"b/{each.path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in made
    )


def _lines(text: str) -> list[str]:
    """Lines with their ends; only ``\\n`` ends one, as in git."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        line for line in text.split("\n")[-1:] if line
    ]


def _ask(path: str) -> str:
    while True:
        answer = click.prompt(f"Rewrite {path} [y,n,a,q,?]", default="n", show_default=False)
        answer = str(answer).strip().lower()
        if answer in ("y", "n", "a", "q"):
            return answer
        click.echo(_ANSWERS)
