"""Three hundred requests drawn by lot: both engines find as many essays, and count every facet
alike.

``ESSAYS_ARCHIVE`` names another folder than this checkout's own; its requests are drawn the same
way. What is compared is exact but for order: scores of the cluster have seven figures, and words
that stand together are looked at in more essays there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.search.opensearch.engine import OpenSearchEngine
from app.search.request import SearchRequest
from app.search.results import SearchResults
from indexer.parsing.rules import Rules
from tests.app.search.engine_contract.archives import in_cluster
from tests.app.search.engine_contract.requests import drawn
from tests.conftest import ROOT, Archive

pytestmark = pytest.mark.cluster

MANY, SEED = 300, 13
#: The least share of the first page that both engines have to list; of all requests together.
LEAST_OVERLAP = 0.98


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    home = tmp_path_factory.mktemp("random")
    made = Archive(home, Rules(meaning=False))
    made.content = Path(os.environ.get("ESSAYS_ARCHIVE") or ROOT / "content")
    made.build(jobs=2)
    return made


@pytest.fixture(scope="module")
def engine(archive: Archive, opensearch_url: str) -> Iterator[OpenSearchEngine]:
    with in_cluster(archive, opensearch_url) as engine:
        yield engine


def differences(one: SearchResults, other: SearchResults) -> Iterator[str]:
    """What two answers do not say alike, but for the order of hits and their scores."""
    for name in ("total", "pages", "sort", "notes", "corrected", "nearest"):
        if getattr(one, name) != getattr(other, name):
            yield f"{name}: {getattr(one, name)} and {getattr(other, name)}"
    if one.counts.ranges != other.counts.ranges:
        yield f"ranges: {one.counts.ranges} and {other.counts.ranges}"
    for facet, values in one.counts.facets.items():
        if values != other.counts.facets[facet]:
            yield f"{facet}: {values[:9]} and {other.counts.facets[facet][:9]}"
    shown = {hit.essay.slug: hit for hit in other.hits}
    for hit in one.hits:
        same = shown.get(hit.essay.slug)
        if same and (same.essay, same.title, same.snippets) != (hit.essay, hit.title, hit.snippets):
            yield f"{hit.essay.slug} is shown otherwise"


def test_both_engines_count_alike(archive: Archive, engine: OpenSearchEngine) -> None:
    requests = drawn(SEED, MANY, archive.engine._current(), archive.rules)
    listed, shared, found, spent = 0, 0, 0, {"local": 0.0, "cluster": 0.0}
    apart: list[tuple[SearchRequest, list[str]]] = []
    orders = 0
    for request in requests:
        began = time.perf_counter()
        one = archive.engine.search(request)
        between = time.perf_counter()
        other = engine.search(request)
        spent["local"] += between - began
        spent["cluster"] += time.perf_counter() - between
        if told := list(differences(one, other)):
            apart.append((request, told))
        slugs = [[hit.essay.slug for hit in each.hits] for each in (one, other)]
        listed += len(slugs[0])
        shared += len(set(slugs[0]) & set(slugs[1]))
        orders += slugs[0] == slugs[1]
        found += bool(one.total)
    print(f"{MANY} requests, {found} found something, {orders} in the same order, "
          f"{shared} of {listed} hits shared, {len(apart)} not alike; {spent}")  # fmt: skip
    for request, told in apart[:20]:
        print(request, *told, sep="\n    ")
    assert apart == []
    assert shared >= LEAST_OVERLAP * listed
    assert found > MANY / 3
