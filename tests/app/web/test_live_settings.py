"""Synonyms and pins of essays.toml hold from the request after the edit, without a build."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import NAME, load

if TYPE_CHECKING:
    from tests.conftest import Archive


@pytest.fixture
def edited(make: Callable[..., Archive]) -> tuple[FlaskClient, Callable[[str], None]]:
    """A client, and a way to write the settings of its archive."""
    archive = make()
    archive.write("cars.md", "A car has four wheels.", title="Wheels")
    archive.write("steam.md", "Engines of the old kind.", title="Steam")
    archive.build()
    file = archive.content / NAME
    file.write_text('title = "Garage"\n')
    app = create_app(load(archive.content, archive.index, environ={}, cwd=archive.home))
    times = iter(range(1, 100))

    def write(text: str) -> None:
        file.write_text(text)
        # Two edits within one tick of the clock are two edits.
        moment = file.stat().st_mtime_ns + next(times) * 10**9
        os.utime(file, ns=(moment, moment))

    return app.test_client(), write


def slugs(client: FlaskClient, q: str) -> list[str]:
    answer = client.get("/api/v1/search", query_string={"q": q}).get_json()
    return [hit["slug"] for hit in answer["hits"]]


def test_an_edit_holds_at_the_next_request(
    edited: tuple[FlaskClient, Callable[[str], None]],
) -> None:
    client, write = edited
    assert slugs(client, "automobile") == []
    write('synonyms = [["car", "automobile"]]\n')
    assert slugs(client, "automobile") == ["cars"]
    write('[pins]\nautomobile = ["steam"]\n')
    assert slugs(client, "automobile") == ["steam"]
    assert "Pinned by the author" in client.get("/search?q=automobile").text
    write("")
    assert slugs(client, "automobile") == []


def test_a_broken_file_changes_nothing_until_it_is_mended(
    edited: tuple[FlaskClient, Callable[[str], None]], caplog: pytest.LogCaptureFixture
) -> None:
    client, write = edited
    write('synonyms = [["car", "automobile"]]\n')
    assert slugs(client, "automobile") == ["cars"]
    for broken in ("synonyms = [[\n", "synonyms = 7\n", "colour = 1\n"):
        caplog.clear()
        write(broken)
        assert slugs(client, "automobile") == ["cars"]
        assert slugs(client, "automobile") == ["cars"]
        assert [record.getMessage()[:31] for record in caplog.records] == [
            "Synonyms and pins are unchanged"
        ]
    write('synonyms = [["car", "coach"]]\n')
    assert slugs(client, "coach") == ["cars"]


def test_a_file_that_was_not_there_and_goes_again(tmp_path: Path, small: Archive) -> None:
    app = create_app(load(small.content, small.index, environ={}, cwd=tmp_path))
    client = app.test_client()
    assert slugs(client, "zzqx") == []
    (tmp_path / NAME).write_text('[pins]\n"zzqx" = ["garden"]\n')
    assert slugs(client, "zzqx") == ["garden"]
    (tmp_path / NAME).unlink()
    assert slugs(client, "zzqx") == []
