"""Known weaknesses of the locked packages, by pip-audit: `make audit`.

Ends with 1 where there is one. Where the advisory service cannot be asked nothing was checked, and
that is said; it stops nobody's work.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

#: Seconds that the whole may take.
PATIENCE = 300
_NOT_CHECKED = "NOT CHECKED for known weaknesses: the advisory service cannot be reached."


def verdict(output: str) -> tuple[int, str]:
    """The exit status for what pip-audit printed as JSON, and what to say."""
    try:
        found: list[dict[str, Any]] = msgspec.json.decode(output)["dependencies"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return 0, _NOT_CHECKED
    checked = [each for each in found if "vulns" in each]
    if not checked:
        return 0, _NOT_CHECKED
    weak = [
        f"{each['name']} {each['version']}: {one['id']}"
        + (f", fixed in {', '.join(one['fix_versions'])}" if one.get("fix_versions") else "")
        for each in checked
        for one in each["vulns"]
    ]
    skipped = len(found) - len(checked)
    more = f"; {skipped} of the packages could not be looked up" if skipped else ""
    said = f"{len(checked)} packages checked, {len(weak)} known weaknesses{more}."
    return int(bool(weak)), "\n".join((*weak, said))


def audit(requirements: Path) -> str:
    """What pip-audit prints for a lock file; empty where it came to no end."""
    line = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--timeout", "10",
        "--progress-spinner", "off", "--format", "json", "--requirement", str(requirements),
    ]  # fmt: skip
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def one_of(requirements: str) -> str:
    """The first package of a lock file, with its hashes."""
    lines = requirements.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line[0].isalpha())
    last = next(n for n in range(first, len(lines)) if not lines[n].rstrip().endswith("\\"))
    return "".join(lines[first : last + 1])


def main() -> None:
    """Audit the lock file that is named; one package of it first, to see whether that works."""
    requirements = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "requirements.txt"
        alone.write_text(one_of(requirements.read_text("utf-8")), "utf-8")
        status, said = verdict(audit(alone))
    if said != _NOT_CHECKED:
        status, said = verdict(audit(requirements))
    print(f"{requirements.name}: {said}")
    sys.exit(status)


if __name__ == "__main__":
    main()
