"""How large is an install? What pip puts into an empty environment, but pip itself.

    python tests/bench/install.py

The files of each distribution that the project needs, by pyproject.toml and by what those say that
they need; an extra counts with what it adds. Bytecode, which Python makes later, is left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def sizes() -> dict[str, dict[str, int]]:
    """The number of distributions and the bytes of the core install, and what each extra adds.

    >>> found = sizes()
    >>> found["core"]["distributions"] > 10, found["mcp"]["bytes"] > 0
    (True, True)
    """
    project: dict[str, Any] = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    core = needed(project["dependencies"])
    made = {"core": _sized(core)}
    for name, requirements in project["optional-dependencies"].items():
        made[name] = _sized(needed(requirements) - core)
    return made


def needed(requirements: Iterable[str]) -> set[str]:
    """The names of all distributions that some requirements lead to, as they are installed here."""
    found: set[str] = set()
    waiting = [(Requirement(each), "") for each in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in {"", *requirement.extras}:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                found.add(name)
                told = metadata.requires(name) or []
                waiting += [(Requirement(each), wanted) for each in told]
    return found


def _sized(names: Iterable[str]) -> dict[str, int]:
    names = list(names)
    return {"distributions": len(names), "bytes": sum(map(_bytes, names))}


def _bytes(name: str) -> int:
    files = metadata.files(name) or []
    places = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
    return sum(place.stat().st_size for place in places if place.is_file())


if __name__ == "__main__":
    for name, size in sizes().items():
        print(f"{name}: {size['distributions']} distributions, {size['bytes'] / 1e6:.0f} MB")
