"""How long does it take to correct a query, and to suggest over a misspelt word?

An archive of essays whose words are drawn from so many distinct ones, by Zipf. Words of it are
misspelt by one slip, seeded, so that the archive does not have them.

    python tests/bench/spelling.py [--terms 100000 500000] [--essays 5000] [--many 200]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import numpy as np

from app.search.embedded.reader.fuzzy import FuzzyTerms
from app.search.embedded.snapshot import Snapshot
from app.search.embedded.suggest.shelf import SnapshotShelf
from app.search.query.parser import QueryParser
from app.search.request import SearchRequest
from app.search.spelling import correction
from app.search.suggest.completion import suggest
from indexer.build.build import build
from indexer.parsing.rules import Rules
from indexer.schema import field_names
from indexer.storage import generation
from tests.bench.words import SEED, language
from tests.relevance.misspelt import KINDS, misspell

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def vocabulary(terms: int) -> list[str]:
    """So many distinct words: those of the benchmarks, then such as share their syllables."""
    rng = Random(SEED)
    known: list[str] = language().words.tolist()
    words = dict.fromkeys(known[:terms])
    while len(words) < terms:
        one, other = rng.choice(known), rng.choice(known)
        words[one[: len(one) // 2 + 1] + other[len(other) // 2 :]] = None
    return list(words)


def write(content: Path, words: list[str], essays: int) -> None:
    """Essays that have every word once and common words often."""
    rng = np.random.default_rng(SEED)
    weight = 1 / (np.arange(len(words)) + 2.7)
    listed = np.array(words, dtype=object)
    for number, own in enumerate(np.array_split(rng.permutation(len(words)), essays)):
        often = rng.choice(len(words), 300, p=weight / weight.sum())
        body = " ".join(listed[np.concatenate([own, often])])
        title = " ".join(listed[often[:5]]).capitalize()
        (content / f"{number}.md").write_text(f"---\ntitle: {title}\n---\n\n{body}\n", "utf-8")


def slipped(words: list[str], many: int) -> list[str]:
    """Misspelt words that are no words."""
    rng = Random(SEED)
    known = set(words)
    found: list[str] = []
    while len(found) < many:
        slip = misspell(rng.choice(words), KINDS[len(found) % len(KINDS)], rng)
        if slip not in known and len(slip) > 4:
            found.append(slip)
    return found


def timed(name: str, ask: Callable[[str], object], queries: Iterable[str]) -> None:
    """Each query is asked three times, and the fastest is taken: other work on the machine only
    ever adds."""
    took = []
    for query in queries:
        runs = []
        for _ in range(3):
            started = time.perf_counter()
            ask(query)
            runs.append((time.perf_counter() - started) * 1000)
        took.append(min(runs))
    median, late = np.percentile(took, [50, 99])
    print(f"  {name:34} p50 {median:6.2f} ms, p99 {late:6.2f} ms")


def run(home: Path, terms: int, essays: int, many: int) -> None:
    content, index = home / f"{terms}" / "content", home / f"{terms}" / "index"
    content.mkdir(parents=True)
    words = vocabulary(terms)
    write(content, words, essays)
    build(content, index, Rules())
    snapshot, asking = Snapshot(index, generation.current(index), Rules()), QueryParser(Rules())
    shelf = SnapshotShelf(snapshot, asking)

    def correct(query: str) -> object:
        snapshot.corrections.clear()
        return correction.correct(SearchRequest(q=query), asking, shelf)

    started = time.perf_counter()
    lexicon = FuzzyTerms(snapshot.leaves, field_names.WORDS)
    took = time.perf_counter() - started
    having = len(snapshot.leaves.prefixed(field_names.WORDS, ""))
    print(f"{having:,} terms, {essays:,} essays: terms prepared in {took * 1000:.0f} ms, "
          f"{lexicon.nbytes / 1e6:.1f} MB")  # fmt: skip
    snapshot.fuzzy_terms(field_names.WORDS)
    slips = slipped(words, 6 * many)
    rng = Random(SEED)
    groups = [slips[start : start + many] for start in range(0, len(slips), many)]
    timed("terms near a word", lambda word: lexicon.near(word, 2), groups[0])
    timed("one word corrected", correct, groups[1])
    timed("one of four words corrected", correct,
          [f"{' '.join(rng.choices(words[:300], k=3))} {slip}" for slip in groups[2]])  # fmt: skip
    timed("three of six words corrected", correct,
          [" ".join([*groups[3][n : n + 3], *rng.choices(words[:300], k=3)])
           for n in range(0, many - 3, 3)])  # fmt: skip
    timed("six known words, nothing to correct", correct,
          [" ".join(rng.choices(words, k=6)) for _ in range(many)])  # fmt: skip
    suggest("warmed", 8, asking, shelf)
    timed("suggestions for a misspelt word", lambda q: suggest(q, 8, asking, shelf), groups[4])
    timed("suggestions for half a misspelt word", lambda q: suggest(q, 8, asking, shelf),
          [slip[:5] for slip in groups[5]])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--terms", nargs="+", type=int, default=[100_000, 500_000])
    parser.add_argument("--essays", type=int, default=5_000)
    parser.add_argument("--many", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for terms in given.terms:
            run(Path(home), terms, given.essays, given.many)


if __name__ == "__main__":
    main()
