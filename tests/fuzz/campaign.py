"""Check a property on made-up inputs for as long as asked, and count them.

Hypothesis makes the inputs and shrinks a failing one. It stops after a number of examples; a
campaign goes on, round after round with new seeds, until its time is over::

    ESSAYS_FUZZ_SECONDS=600 ESSAYS_FUZZ_SEED=7 python -m pytest tests/fuzz
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

#: Examples of one seed.
ROUND = 200
#: Seconds that a campaign takes where nobody says, as in the suite.
USUAL_SECONDS = 10.0


def seconds() -> float:
    """How long each campaign runs: ``ESSAYS_FUZZ_SECONDS``, or the usual time."""
    return float(os.environ.get("ESSAYS_FUZZ_SECONDS") or USUAL_SECONDS)


def run(check: Callable[[T], None], examples: SearchStrategy[T]) -> int:
    """Check examples until the time is over; returns how many were checked.

    ``check`` raises for an example that breaks the property; Hypothesis then looks for the
    simplest one that does, and that is what is raised here. The first seed is
    ``ESSAYS_FUZZ_SEED`` (1 where nobody says), each round takes the next.
    """
    ends = time.monotonic() + seconds()
    seed = int(os.environ.get("ESSAYS_FUZZ_SEED") or 1)
    checked = 0
    broken = False  # then Hypothesis tries simpler examples, which the clock must not let through

    def one(example: T) -> None:
        nonlocal checked, broken
        if broken or time.monotonic() < ends:
            checked += 1
            try:
                check(example)
            except BaseException:
                broken = True
                raise

    settings = hypothesis.settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    while time.monotonic() < ends:
        hypothesis.seed(seed)(settings(hypothesis.given(examples)(one)))()
        seed += 1
    return checked
