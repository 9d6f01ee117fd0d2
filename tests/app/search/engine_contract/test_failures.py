"""What is said where nothing can answer, or only a part of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.search.budget import SEARCH, Budget
from app.search.embedded.engine import EmbeddedEngine
from app.search.engine import Engine
from app.search.opensearch import cluster as cluster_
from app.search.opensearch.engine import OpenSearchEngine
from app.search.request import SearchRequest
from indexer.errors import IndexMissing, IndexUnavailable, IndexUnreachable
from indexer.parsing.rules import Rules
from indexer.storage.opensearch.connection import Connection
from tests.app.search.engine_contract.test_port import QUESTIONS
from tests.conftest import PATIENT, free_port


@pytest.fixture(params=["local", pytest.param("opensearch", marks=pytest.mark.cluster)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine, where nothing was built yet."""
    if request.param == "local":
        yield EmbeddedEngine(tmp_path / "index", Rules(), PATIENT)
        return
    urls = request.getfixturevalue("opensearch_url").split(",")
    engine = OpenSearchEngine(Connection(urls=tuple(urls), name="test-nothing"), Rules(), PATIENT)
    yield engine
    engine.close()


@pytest.mark.parametrize(("question", "asked"), QUESTIONS)
def test_nothing_was_built(empty: Engine, question: str, asked: tuple[Any, ...]) -> None:
    with pytest.raises(IndexMissing):
        getattr(empty, question)(*asked)


@pytest.mark.parametrize(("question", "asked"), QUESTIONS)
def test_a_cluster_that_is_not_there(question: str, asked: tuple[Any, ...]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    engine = OpenSearchEngine(Connection(urls=(url,)), Rules(), PATIENT)
    with pytest.raises(IndexUnreachable, match="does not answer"):
        getattr(engine, question)(*asked)
    engine.close()


WHOLE: dict[str, Any] = {
    "_shards": {"total": 2, "successful": 2, "skipped": 0, "failed": 0}, "timed_out": False,
    "hits": {"total": {"value": 1}},
}  # fmt: skip


def test_a_whole_answer_is_taken() -> None:
    budget = Budget(1000)
    assert cluster_._checked(WHOLE, budget) == WHOLE
    assert budget.notes() == ()


@pytest.mark.parametrize(
    "shards",
    [{"total": 2, "successful": 1, "failed": 1}, {"total": 2, "successful": 1, "failed": 0}],
)
def test_a_part_of_the_index_that_fails_is_no_answer(shards: dict[str, int]) -> None:
    with pytest.raises(IndexUnavailable, match="do not answer"):
        cluster_._checked({**WHOLE, "_shards": shards}, Budget(1000))


def test_an_answer_that_was_stopped_says_so() -> None:
    budget = Budget(1000)
    cluster_._checked({**WHOLE, "timed_out": True}, budget)
    assert SEARCH in budget.left_out
    assert "stopped early" in budget.notes()[0].message


def test_an_error_in_an_answer_is_one() -> None:
    error = {"root_cause": [{"reason": "too many clauses"}], "reason": "all shards failed"}
    with pytest.raises(IndexUnavailable, match="too many clauses"):
        cluster_._checked({"error": error, "status": 400}, Budget(1000))
    with pytest.raises(IndexMissing):
        cluster_._checked({"error": error, "status": 404}, Budget(1000))


def test_no_shard_is_given_longer_than_the_question() -> None:
    assert cluster_._limit(cluster_._seconds(Budget(5_000))) <= "5000ms"
    assert cluster_._seconds(Budget(0)) == cluster_.LEAST_SECONDS
    assert cluster_._seconds(Budget(None)) == cluster_.FREE_SECONDS


@pytest.mark.cluster
def test_a_question_while_a_build_changes_the_index(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered at one point in time, and nothing of it is remembered."""
    if not isinstance(engine, OpenSearchEngine):
        pytest.skip("segments do not change")
    expected = engine.search(SearchRequest(q="black box", explain=True))
    pointed = engine._cluster.pointed()
    monkeypatch.setattr(engine._cluster, "pointed", lambda: pointed._replace(changing=True))
    before = engine._snapshot
    found = engine.search(SearchRequest(q="black box", explain=True))
    assert engine._snapshot is before
    assert [hit.essay for hit in found.hits] == [hit.essay for hit in expected.hits]
    assert found.counts == expected.counts
