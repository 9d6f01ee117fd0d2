"""The lock files hold what pyproject.toml asks for, each file by its hash."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: The Pythons that the lock files are for.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: What can be installed besides; an image has all of it.
EXTRAS = ("mcp", "metrics", "opensearch", "rate-limit")


def locked(path: Path) -> list[tuple[Requirement, list[str]]]:
    """The requirements of a lock file, each with the hashes of its files."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    entries = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [
        (Requirement(entry.split(" --hash=")[0]), re.findall(r"--hash=(\S+)", entry))
        for entry in entries
        if entry.strip()
    ]


def asked(project: dict[str, Any], *groups: str) -> list[Requirement]:
    """What the project and some of its dependency groups and extras ask for."""
    found = list(project["project"]["dependencies"])
    named = project["dependency-groups"] | project["project"]["optional-dependencies"]
    waiting = list(groups)
    while waiting:
        for entry in named[waiting.pop()]:
            if isinstance(entry, dict):
                waiting.append(entry["include-group"])
            else:
                found.append(entry)
    return [Requirement(each) for each in found]


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("requirements.txt", ("build",)),
        ("requirements-image.txt", ("build", *EXTRAS)),
        ("requirements-dev.txt", ("dev", *EXTRAS)),
    ],
)
@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_asked_for_is_locked(
    root: Path, name: str, groups: tuple[str, ...], python: str
) -> None:
    environment: dict[str, Any] = dict(default_environment())
    environment |= {"python_version": python, "python_full_version": f"{python}.0"}
    versions = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each, _ in locked(root / name)
        if each.marker is None or each.marker.evaluate(environment)
    }
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    for wanted in asked(project, *groups):
        found = versions.get(canonicalize_name(wanted.name), "nothing")
        assert wanted.specifier.contains(found), f"{wanted} is locked as {found}: make lock"


def test_every_extra_is_locked(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert set(project["project"]["optional-dependencies"]) == set(EXTRAS)


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-image.txt", "requirements-dev.txt"]
)
def test_every_file_is_known_by_its_hash_and_no_place_is_named(root: Path, name: str) -> None:
    entries = locked(root / name)
    assert len(entries) > 20
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement
    assert "://" not in (root / name).read_text("utf-8")


def test_tests_run_with_the_versions_that_are_served(root: Path) -> None:
    served, image, tested = (
        {(requirement.name, str(requirement.specifier)) for requirement, _ in locked(root / name)}
        for name in ("requirements.txt", "requirements-image.txt", "requirements-dev.txt")
    )
    assert served <= image <= tested


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-image.txt", "requirements-dev.txt"]
)
def test_what_is_needed_with_extras_is_locked_with_them(root: Path, name: str) -> None:
    """An older pip takes `a[b]` for another requirement than `a`: unlocked, it wants the newest."""
    entries = [requirement for requirement, _ in locked(root / name)]
    extras = {canonicalize_name(each.name): each.extras for each in entries}
    for package in entries:
        try:
            needed = [Requirement(each) for each in requires(package.name) or ()]
        except PackageNotFoundError:  # of another system or Python
            continue
        for each in needed:
            if any(
                each.marker is None or each.marker.evaluate({"extra": extra})
                for extra in ("", *package.extras)
            ):
                found = extras.get(canonicalize_name(each.name), each.extras)
                assert each.extras <= found, f"{package.name} needs {each}: make lock"
