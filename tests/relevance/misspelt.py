"""Is an essay found by its title, though one word of it is misspelt?

One slip in one word of four letters or more: two letters swapped, one dropped, doubled or
replaced, seeded. The whole title is the query, as a reader would type it. Found means among the
first five.

    python tests/relevance/misspelt.py FOLDER [--many 500] [--seed 1] [--list]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from app.search.embedded.engine import EmbeddedEngine
from app.search.request import SearchRequest
from indexer.analysis import folding, tokenizer
from indexer.build.build import build
from indexer.parsing.rules import Rules

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

LETTERS = "abcdefghijklmnopqrstuvwxyz"
KINDS = ("swap", "drop", "double", "replace")
LEAST = 4
FIRST = 5


class Trial(NamedTuple):
    """A misspelt title: ``word`` became ``slip``. ``place`` is that of the essay among the
    results, counted from 1; 0 where it is not among the first :data:`FIRST`."""

    slug: str
    title: str
    query: str
    kind: str
    word: str
    slip: str
    place: int = 0
    answered: str = ""


def misspell(word: str, kind: str, rng: Random) -> str:
    """A word with one slip; itself where that kind of slip changes nothing.

    >>> misspell("letter", "drop", Random(3)) in {"etter", "ltter", "leter", "lettr", "lette"}
    True
    """
    at = rng.randrange(len(word) - (kind == "swap"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    return word[:at] + rng.choice(LETTERS) + word[at + 1 :]


def slips(titles: dict[str, str], many: int, seed: int) -> Iterator[Trial]:
    """``many`` misspelt titles out of those of all slugs; kinds take turns."""
    rng = Random(seed)
    slugs = sorted(titles)
    rng.shuffle(slugs)
    made = 0
    # Archives with fewer titles have some of them misspelt twice.
    for slug in slugs * (1 + many // max(1, len(slugs))):
        if made == many:
            return
        title, kind = titles[slug], KINDS[made % len(KINDS)]
        words = [m for m in tokenizer.WORD.finditer(title) if len(m[0]) >= LEAST and m[0].isalpha()]
        if not words:
            continue
        chosen = rng.choice(words)
        slip = misspell(chosen[0], kind, rng)
        if folding.fold(slip) == folding.fold(chosen[0]):
            continue
        query = title[: chosen.start()] + slip + title[chosen.end() :]
        made += 1
        yield Trial(slug, title, query, kind, chosen[0], slip)


def ask(content: Path, index: Path, many: int, seed: int = 1) -> list[Trial]:
    """Build an index of a folder and look for its essays by their misspelt titles."""
    build(content, index, Rules())
    engine = EmbeddedEngine(index, Rules())
    titles: dict[str, str] = {}
    page = 1
    while hits := engine.search(SearchRequest(sort="title", page=page, per_page=100)).hits:
        titles |= {hit.essay.slug: hit.essay.title for hit in hits}
        page += 1
    asked = []
    for trial in slips(titles, many, seed):
        found = engine.search(SearchRequest(q=trial.query, per_page=FIRST))
        listed = [hit.essay.slug for hit in found.hits]
        place = listed.index(trial.slug) + 1 if trial.slug in listed else 0
        applied = found.corrected and found.corrected.applied
        answered = found.corrected.query if found.corrected and applied else ""
        asked.append(trial._replace(place=place, answered=answered))
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("content", type=Path)
    parser.add_argument("--many", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="list the titles that were not found")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        asked = ask(given.content, Path(home) / "index", given.many, given.seed)
    found = [trial for trial in asked if trial.place]
    print(f"{len(found)} of {len(asked)} among the first {FIRST}: {len(found) / len(asked):.1%}; "
          f"{sum(trial.place == 1 for trial in asked) / len(asked):.1%} come first")  # fmt: skip
    kinds, got = Counter(t.kind for t in asked), Counter(t.kind for t in found)
    print(", ".join(f"{kind} {got[kind]} of {kinds[kind]}" for kind in KINDS if kinds[kind]))
    if given.list:
        for trial in asked:
            if not trial.place:
                print(f"{trial.kind:8}{trial.word} → {trial.slip}: {trial.query}\n"
                      f"        {trial.answered or 'not corrected'}")  # fmt: skip


if __name__ == "__main__":
    main()
