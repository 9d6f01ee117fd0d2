"""What an audit of the locked packages comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit import one_of, verdict

ROOT = Path(__file__).resolve().parent.parent
GOOD: dict[str, Any] = {"name": "click", "version": "8.1", "vulns": []}
SKIPPED = {"name": "flask", "skip_reason": "not found"}
WEAK = {
    "name": "lxml", "version": "5.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.1"]}, {"id": "GHSA-2", "fix_versions": []}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ([GOOD], 0, "1 packages checked, 0 known weaknesses."),
        ([GOOD, SKIPPED], 0, "0 known weaknesses; 1 of the packages could not be looked up."),
        ([GOOD, WEAK], 1, "lxml 5.0: PYSEC-1, fixed in 5.1\nlxml 5.0: GHSA-2\n2 packages"),
        ([SKIPPED], 0, "NOT CHECKED"),
        ([], 0, "NOT CHECKED"),
    ],
)
def test_verdict(found: list[object], status: int, said: str) -> None:
    made = verdict(json.dumps({"dependencies": found, "fixes": []}))
    assert made[0] == status
    assert said in made[1]


@pytest.mark.parametrize("output", ["", "no JSON", "[]", "{}", "null"])
def test_an_audit_that_came_to_nothing(output: str) -> None:
    assert verdict(output)[1].startswith("NOT CHECKED")


def test_one_package_of_the_lock_file() -> None:
    alone = one_of((ROOT / "requirements.txt").read_text("utf-8"))
    assert alone.count("==") == 1
    assert "--hash=sha256:" in alone
