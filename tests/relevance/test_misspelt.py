"""An essay is found by its title, though one word of it is misspelt: over the sample essays."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.conftest import ROOT
from tests.relevance.misspelt import FIRST, KINDS, ask, misspell

#: At least this share of misspelt titles finds its essay among the first :data:`FIRST`. What is
#: missed has a slip that is a word of another essay ("What", "hat"), which is never replaced.
SHARE = 0.9


@pytest.mark.parametrize("seed", [1, 2])
def test_misspelt_titles_find_their_essays(tmp_path: Path, seed: int) -> None:
    asked = ask(ROOT / "content", tmp_path / "index", 200, seed)
    assert len(asked) == 200
    missed = [(trial.query, trial.answered) for trial in asked if not trial.place]
    assert len(missed) <= (1 - SHARE) * len(asked), missed
    assert all(0 <= trial.place <= FIRST for trial in asked)
    assert {trial.kind for trial in asked} == set(KINDS)


SLIPS = {
    "swap": {"lback", "balck", "blcak", "blakc"},
    "drop": {"lack", "back", "blck", "blak", "blac"},
    "double": {"bblack", "bllack", "blaack", "blacck", "blackk"},
}


@pytest.mark.parametrize("kind", SLIPS)
def test_a_slip_is_one_of_its_kind(kind: str) -> None:
    assert {misspell("black", kind, Random(seed)) for seed in range(200)} == SLIPS[kind]


def test_a_replaced_letter_leaves_the_others() -> None:
    for seed in range(100):
        slip = misspell("black", "replace", Random(seed))
        assert sum(a != b for a, b in zip(slip, "black", strict=True)) <= 1
