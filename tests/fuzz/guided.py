"""Made-up bytes that a fuzzer chooses by the code which they reach (Atheris, libFuzzer).

``python -m tests.fuzz.guided TARGET [SECONDS]`` tries one target until the time is over and ends
with 0, or stops at the first input that breaks its rule, which is then kept in the folder it is run
in. ``make guided-fuzz`` tries each. Where :mod:`tests.fuzz.campaign` makes inputs by rules of ours,
this one finds those that nobody thought of.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

#: The packages whose code leads the fuzzer.
LEADING = ["app", "indexer", "frontmatter", "markdown", "yaml"]


def main(name: str, seconds: str = "60") -> None:
    """Try one target for so many seconds; the process ends with that."""
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

    # Code is prepared as it is imported, so nothing of it may have been before.
    with atheris.instrument_imports(include=LEADING):
        targets = importlib.import_module("tests.fuzz.targets")
    home = Path(tempfile.mkdtemp(prefix="essays-guided-"))
    make, beginnings = targets.TARGETS[name]
    seeds = home / "seeds"
    seeds.mkdir()
    for number, data in enumerate(beginnings()):
        (seeds / str(number)).write_bytes(data)
    longest = f"-max_len={targets.LONGEST}"
    options = [f"-max_total_time={seconds}", longest, "-timeout=30", str(seeds)]
    atheris.Setup([sys.argv[0], *options], make(home))
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
