"""The nodes that users are given are those that the tests ask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from app.settings import load


def services(root: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((root / "compose.yaml").read_text())
    return found["services"]


def test_the_nodes_are_of_the_version_that_is_tested(root: Path) -> None:
    pom = (root / "tests/cluster/pom.xml").read_text()
    (version,) = re.findall(r"<artifactId>opensearch</artifactId>\s*<version>(.*?)<", pom)
    nodes = {name: each for name, each in services(root).items() if name != "site"}
    assert {each["image"] for each in nodes.values()} == {f"opensearchproject/opensearch:{version}"}
    for name, each in nodes.items():
        said = each["environment"]
        assert said["node.name"] == name
        assert said["discovery.seed_hosts"] == said["cluster.initial_cluster_manager_nodes"]
        assert said["discovery.seed_hosts"].split(",") == [*nodes]


def test_the_site_asks_these_nodes(root: Path, tmp_path: Path) -> None:
    told = services(root)
    settings = load(environ=told["site"]["environment"], cwd=tmp_path)
    assert settings.engine == "opensearch"
    nodes = [f"http://{name}:9200" for name in told if name != "site"]
    assert list(settings.opensearch.urls) == nodes
