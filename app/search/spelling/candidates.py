"""The words of a query that may be misspelt, and the words of the archive that they may be."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from app.search.budget import FREE, SPELLINGS, Budget
from app.search.query import grammar
from app.search.query.parser import QueryParser
from app.search.spelling import edit_cost
from app.search.spelling.archive import Archive, Words
from indexer.analysis import folding
from indexer.analysis.folding import RUN
from indexer.schema import field_names

#: Shorter words are left alone: everything is one slip from them. Nor does anybody mistype words
#: longer than this.
MIN_LETTERS, MAX_LETTERS = 3, 40
#: From this length on two slips are thought of, not one.
TWO_SLIPS_LETTERS = 5
#: Letters that an unfinished word must have, and one that is misspelt as well.
BEGUN_LETTERS, BEGUN_WRONG_LETTERS = 4, 6
#: Candidates of one word, and the terms that are aligned letter by letter to find them.
MAX_CANDIDATES, MAX_ALIGNED = 12, 40

#: What a word costs that was not finished, beside what each letter does that is missing; a space
#: left out between words that stand together, and between others; a space too many.
UNFINISHED, MISSING, MAX_MISSING = 0.6, 0.06, 10
SPLIT, SPLIT_APART, JOINED = 0.8, 1.9, 0.8
#: How much cheaper a word is that ten times as many essays have.
COMMON_DISCOUNT = 0.17

#: A word of at most so many essays may be one slip from a word that so many times as many have.
RARE_ESSAYS, FAR_COMMONER = 2, 100

#: Figures, pictographs, and scripts that put no spaces between words.
_LEFT_ALONE = re.compile(rf"[\d\u2600-\u27bf\U0001f000-\U0001faff]|{RUN.pattern}")


class Place(NamedTuple):
    """Where a word stands in the query."""

    start: int
    end: int


class Candidate(NamedTuple):
    """What a word may stand for: one word of the archive, or two. ``cost`` is in slips."""

    words: tuple[str, ...]
    cost: float


def places(q: str, language: QueryParser, archive: Words) -> list[Place]:
    """Where the words of a query stand that may be misspelt: those that are searched for as they
    are. Fields, exclusions, patterns and operators are as their reader wants them; a run of letters
    without spaces is no word."""
    if not grammar.words_alone(q):
        q = _meant(tuple(language.fields)).sub(lambda match: " " * len(match[0]), q)
    pieces = archive.analyzer.pieces(q)
    return [Place(piece.start, piece.end) for piece in pieces if not piece.run]


@lru_cache(maxsize=8)
def _meant(fields: tuple[str, ...]) -> re.Pattern[str]:
    quoted = r'"(?:\\.|[^"\\])*"(?:~\d+)?'
    field = rf"(?i:{'|'.join(map(re.escape, fields))}):[<>=]*"
    taken = rf'(?:{quoted}|\([^)]*\)|[^\s()"]+)'
    return re.compile(
        rf"(?<![^\s(\-]){field}{taken}"
        rf"|(?<![^\s(])(?:-(?![\s\-])|NOT\s+)(?:{field})?{taken}"
        r"|\b(?:AND|OR|NOT)\b"
        # Looked for from where a token begins: from every letter of it would take its square.
        r'|(?<![^\s"()])[^\s"()]*(?:\*|\w~|\w\?\w)[^\s"()]*'
    )


def correctable(word: str) -> bool:
    """Whether a folded word is one whose spelling can be judged."""
    if not MIN_LETTERS <= len(word) <= MAX_LETTERS:
        return False
    return (word.isascii() and word.isalpha()) or not _LEFT_ALONE.search(word)


def known(word: str, archive: Archive, budget: Budget = FREE) -> bool:
    """Whether any essay has a word, in any form."""
    return exists(folding.fold(word), archive) or archive.has(word, budget)


def exists(folded: str, archive: Words) -> bool:
    """Whether any essay has exactly this folded word."""
    return archive.having(field_names.WORDS, folded) > 0


def candidates(
    word: str,
    away: int,
    unfinished: bool,
    archive: Archive,
    budget: Budget = FREE,
) -> list[Candidate]:
    """The likeliest meanings of a folded word that no essay has, the likeliest first.

    They are at most ``away`` slips away; ``unfinished`` says that the word may go on.
    """
    if budget.over(SPELLINGS):
        return []
    with budget.apart():
        archive.ready(field_names.WORDS)
    found: dict[tuple[str, ...], float] = {}

    def offer(words: tuple[str, ...], cost: float, count: int) -> None:
        weighed = cost - COMMON_DISCOUNT * math.log10(1 + count)
        if not any(map(_LEFT_ALONE.search, words)):
            found[words] = min(weighed, found.get(words, math.inf))

    most = away if len(word) >= TWO_SLIPS_LETTERS else 1
    for near in archive.near(field_names.WORDS, word, most)[:MAX_ALIGNED]:
        if len(near.term) > 1:
            offer((near.term,), edit_cost.cost(word, near.term), near.having)
    if unfinished and len(word) >= BEGUN_LETTERS:
        counts = archive.prefixed(field_names.WORDS, word)
        for term in sorted(counts, key=lambda term: (-counts[term], term))[:MAX_CANDIDATES]:
            offer((term,), UNFINISHED + _missing(word, term), counts[term])
        if not found and len(word) >= BEGUN_WRONG_LETTERS:
            for near in archive.begun(field_names.WORDS, word)[:MAX_ALIGNED]:
                offer((near.term,), 1 + UNFINISHED + _missing(word, near.term), near.having)
    for left, right, cost, count in _splits(word, archive, budget):
        offer((left, right), cost, count)
    ordered = sorted(found.items(), key=lambda each: (each[1], each[0]))
    return [Candidate(words, cost) for words, cost in ordered[:MAX_CANDIDATES]]


def _missing(word: str, term: str) -> float:
    return MISSING * min(len(term) - len(word), MAX_MISSING)


def _splits(word: str, archive: Archive, budget: Budget) -> list[tuple[str, str, float, int]]:
    """Two words that were typed as one, with cost and frequency."""
    found = []
    for at in range(2, len(word) - 1):
        left, right = word[:at], word[at:]
        count = archive.having(field_names.WORDS, left)
        count = count and min(count, archive.having(field_names.WORDS, right))
        if count:
            found.append((count, left, right))
    made = []
    for count, left, right in sorted(found, reverse=True)[:3]:
        if archive.has(f'"{left} {right}"', budget):
            made.append((left, right, SPLIT, count))
        elif min(len(left), len(right)) > 3:
            made.append((left, right, SPLIT_APART, count))
    return made


def commoner(word: str, language: QueryParser, archive: Archive) -> Candidate | None:
    """A word one slip away that far more essays have than have this folded one, which few do."""
    own = archive.having(field_names.WORDS, word)
    if not 0 < own <= RARE_ESSAYS or len(word) < TWO_SLIPS_LETTERS:
        return None
    for near in archive.commoner(field_names.WORDS, word, FAR_COMMONER * own):
        if (
            not _LEFT_ALONE.search(near.term)
            # Another form of the same word is no other word.
            and language.parse(near.term, archive.analyzer).marks
            != language.parse(word, archive.analyzer).marks
        ):
            return Candidate((near.term,), edit_cost.cost(word, near.term))
    return None
