"""The commands that serve until they are interrupted: pages and API, and language models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from app import server
from app.building import build_index, must_answer
from app.cli.options import content_argument, index_option
from app.serving_settings import LogFormat
from app.settings import load
from indexer.errors import IndexUnavailable, of_extra


@click.command()
@content_argument
@index_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--watch", "watched", is_flag=True, help="Update the index when files change.")
@click.option(
    "--author", is_flag=True, help="Show the author's report to every visitor, at /author."
)
@click.option("--metrics", is_flag=True, help="Show numbers for Prometheus, at /metrics.")
@click.option(
    "--log-format", type=click.Choice(get_args(LogFormat)), help="json: one for each request too."
)
@click.option("--rate-limit", help="How often one client may ask, as in 60/minute.")
@click.option("--proxies", type=click.IntRange(0, 99), help="How many proxies before it are yours.")
def serve(
    content: Path | None,
    index_dir: Path | None,
    host: str,
    port: int,
    workers: int,
    watched: bool,
    author: bool,
    **chosen: Any,
) -> None:
    """Serve pages and API over the index of CONTENT."""
    settings = replace(load(content, index_dir), watched=watched)
    serving = {k: value for k, value in chosen.items() if value is not None and value is not False}
    settings = replace(settings, serving=replace(settings.serving, **serving))
    if author:
        settings = replace(settings, author_page=True)
    if watched and not settings.content.is_dir():
        build_index(settings)  # says what is wrong
    try:
        must_answer(settings)
    except IndexUnavailable as error:
        if not watched:
            click.echo(f"essays: {error} {error.hint}", err=True)
    server.serve(settings, host, port, workers)


@click.command()
@content_argument
@index_option
@click.option("--http", is_flag=True, help="Serve over HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535))
@click.option("--allow-host", "names", multiple=True, help="A host that requests may name.")
@click.option(
    "--min-certainty",
    type=click.FloatRange(0, 100),
    help="Show only essays of at least this certainty, in per cent.",
)
def mcp(
    content: Path | None,
    index_dir: Path | None,
    http: bool,
    host: str,
    port: int,
    names: tuple[str, ...],
    min_certainty: float | None,
) -> None:
    """Let language models search and read the essays, by the Model Context Protocol."""
    with of_extra("mcp", "essays mcp"):
        from app.mcp.server import serve_http, serve_stdio
    settings = load(content, index_dir)
    if min_certainty is not None:
        settings = replace(settings, mcp_min_certainty=min_certainty)
    if http:
        server.must_be_free(host, port)
        serve_http(settings, host, port, names)
    else:
        serve_stdio(settings)
