"""The two engines, over one archive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.search.engine import Engine
from tests.app.search.engine_contract.archives import in_cluster, library
from tests.conftest import Archive


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A small archive of several languages; tests leave it as it is."""
    return library(tmp_path_factory.mktemp("contract"))


@pytest.fixture(
    scope="session", params=["local", pytest.param("opensearch", marks=pytest.mark.cluster)]
)
def engine(request: pytest.FixtureRequest, shelf: Archive) -> Iterator[Engine]:
    """Each engine, over the same archive."""
    if request.param == "local":
        yield shelf.engine
        return
    with in_cluster(shelf, request.getfixturevalue("opensearch_url")) as engine:
        yield engine
