"""What is asked? Seeded queries of every kind, none of them asked twice where that can be.

Words are chosen by how many essays have them: common in 20–50 %, mid in 5–15 %, rare in 5–50 of
10,000. A phrase is two words that stand together somewhere; of a phrase of common words the first
is one of the hundred commonest, the second is another or the word that follows it most. A question
is forty words in a row, of which any may be lacking: others are asked for the same words joined by
OR. Every query but those for all essays is narrowed to two certainties and two categories. It is
made from some essay, which answers it: a query that finds nothing is answered soon by everybody.
All essays are asked for page by page.
"""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import Stemmer

from tests.bench.generator import CERTAINTY
from tests.bench.shape import HITS, KINDS, Query, Record, records
from tests.bench.words import SEED, language

#: Pages of all essays that are asked for; archives may be small.
PAGES = 50
#: Repetitions after which the next page is taken for another question.
TRIES = 5000
_LOOKED_AT = 1000
#: Words that a phrase of common words is made of, and words of a question.
COMMONEST, QUESTION_WORDS = 100, 40

Words = tuple[str, ...]


class Bands(NamedTuple):
    """The words of an archive by how many essays have them."""

    common: frozenset[str]
    mid: frozenset[str]
    rare: frozenset[str]
    #: The commonest words, and for each the word that follows it most.
    commonest: dict[str, str]


def questions(content: Path, many: int, seed: int = SEED) -> dict[str, list[Query]]:
    """``many`` queries of every kind for a generated folder."""
    rng = Random(seed)
    lang = language()
    having = np.load(content.with_suffix(".npy"))
    count = int(content.name.rsplit("-", 1)[1])

    def band(low: float, high: float) -> frozenset[str]:
        chosen = (having >= max(1.0, low * count)) & (having <= high * count)
        return frozenset(lang.words[chosen].tolist())

    first = np.argsort(-having, kind="stable")[:COMMONEST]
    following = lang.words[lang.companion[first]]
    commonest = dict(zip(lang.words[first].tolist(), following.tolist(), strict=True))
    bands = Bands(band(0.2, 0.5), band(0.05, 0.15), band(0.0005, 0.005), commonest)
    some = [
        (record, _choices(record, bands))
        for record in islice(records(content), _LOOKED_AT)
        if record.certainty
    ]
    asked: dict[str, list[Query]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        seen: set[tuple[object, ...]] = set()
        repeated = 0
        while len(asked[kind]) < many:
            if kind == "all":
                page = 1 + len(asked[kind]) % min(PAGES, max(1, count // HITS))
                asked[kind].append(Query(kind, (), {}, page))
                continue
            record, choices = rng.choice(some)
            if not choices[kind]:
                continue
            words = rng.choice(choices[kind])
            filters = _filters(record, lang.categories, rng)
            page = 1 + repeated // TRIES
            key = (words, *map(frozenset, filters.values()), page)
            if key in seen:
                repeated += 1
            else:
                seen.add(key)
                asked[kind].append(Query(kind, words, filters, page))
    return asked


def _filters(record: Record, categories: list[str], rng: Random) -> dict[str, Words]:
    """Two certainties and two categories, one of each the record's own."""
    assert record.certainty
    filters: dict[str, Words] = {}
    for facet, own, known in (
        ("certainty", record.certainty[0], list(CERTAINTY)),
        ("category", rng.choice(record.categories), categories),
    ):
        other = rng.choice([value for value in known if value != own])
        filters[facet] = (own, other)
    return filters


def _choices(record: Record, bands: Bands) -> dict[str, list[Words]]:
    """The words of every kind of query that this record answers, in a stable order."""
    both = bands.common | bands.mid
    words: list[str] = []
    phrases: dict[Words, None] = {}
    together: dict[Words, None] = {}
    for sentence in record.body.lower().replace("\n", " ").split("."):
        run = sentence.split()
        words += run
        phrases |= dict.fromkeys((a, b) for a, b in pairwise(run) if {a, b} <= both and a != b)
        together |= dict.fromkeys(
            (a, b) for a, b in pairwise(run)
            if a in bands.commonest and a != b and (b in bands.commonest or b == bands.commonest[a])
        )  # fmt: skip
    each = list(dict.fromkeys(words))
    # Signs of code are no words; others read some of them as commands.
    read = [word for word in words if word.isalnum()]
    mid = [word for word in each if word in bands.mid]
    rare = [word for word in each if word in bands.rare]
    starts = [word[: 3 + len(word) % 2] for word in mid + rare]
    # SQLite stems a prefix too, so it is one that Porter leaves alone.
    porter = Stemmer.Stemmer("porter")
    return {
        "common": [(word,) for word in each if word in bands.common],
        "rare": [(word,) for word in rare],
        "and": list(pairwise(mid)),
        "or": list(pairwise(mid)),
        "phrase": list(phrases),
        "common phrase": list(together),
        "question": [
            tuple(read[at : at + QUESTION_WORDS])
            for at in range(0, len(read) - QUESTION_WORDS, QUESTION_WORDS)
        ],
        "prefix": [(start,) for start in starts if porter.stemWord(start) == start],
        "filters": [()],
    }
