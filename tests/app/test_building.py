"""The command builds where the settings say, and says what it found there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner

from app.building import Holdings, build_index, holdings, must_answer, verify_index
from app.cli.commands import main
from app.settings import Settings, load
from indexer.errors import IndexMissing
from indexer.storage.opensearch.connection import opened
from tests.conftest import Archive


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    archive = make()
    archive.write("a.md", "Maps.", title="A")
    archive.write("b.md", "Maps.", title="B", draft=True)
    archive.write("c.md", "Maps.", title="C", date="2024-13-01")
    return archive


def test_the_index_of_a_folder(archive: Archive) -> None:
    settings = archive.settings()
    with pytest.raises(IndexMissing):
        must_answer(settings)
    assert build_index(settings).added == 2
    must_answer(settings)
    held = holdings(settings)
    assert held == Holdings(files=3, drafts=1, problems=1, size=held.size)
    assert held.size > 1_000


@pytest.fixture
def environ(opensearch_url: str) -> Iterator[dict[str, str]]:
    environ = {
        "ESSAYS_OPENSEARCH_URL": opensearch_url,
        "ESSAYS_OPENSEARCH_NAME": f"test-{secrets.token_hex(6)}",
    }
    yield environ
    with opened(load(environ=environ).opensearch) as client:
        client.indices.delete(index=f"{environ['ESSAYS_OPENSEARCH_NAME']}-*")


@pytest.mark.cluster
def test_the_same_in_a_cluster(archive: Archive, environ: dict[str, str]) -> None:
    settings: Settings = load(archive.content, engine="opensearch", environ=environ)
    with pytest.raises(IndexMissing) as caught:
        must_answer(settings)
    assert "--engine opensearch" in caught.value.hint
    run = CliRunner(env=environ)
    line = ["index", str(archive.content), "--engine", "opensearch", "--json"]
    first = run.invoke(main, line)
    assert first.exit_code == 0, first.output
    report = json.loads(first.stdout)
    assert (report["added"], report["drafts"], report["files"], report["full"]) == (2, 1, 3, True)
    assert not archive.index.exists()
    again = json.loads(run.invoke(main, line).stdout)
    assert (again["unchanged"], again["generation"]) == (2, report["generation"])
    must_answer(settings)
    held = holdings(settings)
    assert held == Holdings(files=3, drafts=1, problems=1, size=held.size)
    assert held.size > 1_000
    nowhere = replace(settings, opensearch=replace(settings.opensearch, name="test-nowhere"))
    with pytest.raises(IndexMissing):
        holdings(nowhere)


def test_a_cluster_that_is_not_there_is_an_error_with_a_hint(archive: Archive) -> None:
    environ = {"ESSAYS_OPENSEARCH_URL": "http://127.0.0.1:9"}
    line = ["index", str(archive.content), "--engine", "opensearch"]
    done = CliRunner(env=environ).invoke(main, line)
    assert done.exit_code == 1
    assert "OpenSearch at http://127.0.0.1:9 does not answer." in done.stderr
    assert "ESSAYS_OPENSEARCH_URL" in done.stderr


@pytest.mark.cluster
def test_a_cluster_is_compared_with_its_folder(archive: Archive, environ: dict[str, str]) -> None:
    settings: Settings = load(archive.content, engine="opensearch", environ=environ)
    report = build_index(settings)
    found = verify_index(settings)
    assert (found.agrees, found.generation, found.essays) == (True, report.generation, 2)
    archive.write("a.md", "Tides.", title="A")
    archive.write("d.md", "Kelp.", title="D")
    (archive.content / "b.md").unlink()
    found = verify_index(settings)
    assert {each.path: each.kind for each in found.differences} == {
        "a.md": "changed", "b.md": "gone", "d.md": "new",
    }  # fmt: skip
    build_index(settings)
    assert verify_index(settings).agrees
