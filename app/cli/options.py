"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

content_argument = click.argument("content", required=False, type=click.Path(path_type=Path))
index_option = click.option(
    "--index", "index_dir", type=click.Path(path_type=Path), help="Folder of the index."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Worker processes (default: one per processor)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
