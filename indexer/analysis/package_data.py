"""Words and vectors that lie inside installed packages whose code is not imported."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def package_file(package: str, name: str) -> Path | None:
    """A file by its path inside a package; None where the package is missing, or has no such file.

    >>> package_file("no_such_package", "words.txt") is None
    True
    """
    found = importlib.util.find_spec(package)
    places = [] if found is None else list(found.submodule_search_locations or ())
    return next((file for place in places if (file := Path(place, name)).is_file()), None)
