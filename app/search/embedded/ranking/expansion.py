"""The words of an archive that a pattern, a misspelt word or a stem stands for.

What a query leaves open is settled here, against the terms of one generation: for evaluation as
bounded lists of terms, for snippets as words to look for. What a pattern stands for is found once
in a generation.
"""

from __future__ import annotations

import numpy as np

from app.search import marking
from app.search.binding.binding import Binding
from app.search.binding.clauses import (
    NOTHING,
    Clause,
    EveryDocument,
    TermPrefix,
)
from app.search.budget import FREE, MARKS, SEARCH, Budget
from app.search.embedded.matching.any_term import AnyTerm
from app.search.embedded.snapshot import Snapshot
from app.search.highlight.matcher import Finder
from app.search.query.limits import Limits
from app.search.query.marks import Marks
from app.search.query.tree import Fuzzy, Prefix, Tree, Wildcard
from app.search.results import Note
from indexer.schema import field_names
from indexer.storage.arrays import Array


def bound(
    tree: Tree, snapshot: Snapshot, limit: int, notes: list[Note], budget: Budget = FREE
) -> Clause:
    """The clause of a tree, its patterns and misspelt words as the terms they stand for, and none
    of them for more than ``limit``: the commonest do, and a note says so. One for which there is no
    time is left out: it stands for every essay, as if it had not been asked for."""

    def expand(node: Prefix | Wildcard | Fuzzy, field: str) -> Clause:
        if isinstance(node, Prefix) and _few(field, node.text, snapshot, limit):
            return TermPrefix(field, node.text)
        distance = node.distance if isinstance(node, Fuzzy) else 0
        named = node.pattern if isinstance(node, Wildcard) else node.text
        text = f"{named}*" if isinstance(node, Prefix) else named
        made = expanded(snapshot, field, text, distance, limit, budget)
        if made is None:
            return EveryDocument()
        found, count = made
        if count > limit:
            what = f"“{named}” stands for "
            # Words of titles are looked up a second time, in a field of their own.
            if not any(note.message.startswith(what) for note in notes):
                rest = f"{count:,} words; the commonest {limit:,} were searched."
                notes.append(Note(what + rest, 0, 0))
        return found if count else NOTHING

    return Binding(snapshot.analyzer, expand, limit).clause(tree)


def _few(field: str, prefix: str, snapshot: Snapshot, limit: int) -> bool:
    """Whether a prefix stands for ``limit`` terms at the most; they are neighbours then."""
    if snapshot.leaves.spread(field, prefix) <= limit:
        return True
    if len(snapshot.leaves.leaves) == 1:
        return False
    return len(snapshot.leaves.prefixed(field, prefix)) <= limit


def expanded(
    snapshot: Snapshot,
    field: str,
    text: str,
    distance: int,
    limit: int,
    budget: Budget = FREE,
    what: str = SEARCH,
) -> tuple[AnyTerm, int] | None:
    """The terms that a pattern (``distance`` 0) or a misspelt word stands for, the commonest
    ``limit`` of them; and how many there are. Found once in a generation; None where there is no
    time."""
    key = (field, text, distance, limit)
    known = snapshot.expansions.get(key)
    if known is None:
        if budget.over(what):
            return None
        with budget.apart():
            snapshot.fuzzy_terms(field)
        numbers = (
            _nearly(snapshot, field, text, distance) if distance
            else _matching(snapshot, field, text)
        )  # fmt: skip
        kept, count = _commonest(snapshot, field, numbers, limit)
        fields = [leaf.fields.get(field) for leaf in snapshot.leaves.leaves]
        known = AnyTerm(field, text, distance, tuple(fields), tuple(kept)), count
        snapshot.expansions[key] = known
    return known


def _matching(snapshot: Snapshot, field: str, pattern: str) -> list[Array]:
    """For every segment the numbers of the terms that a pattern matches."""
    found = iter(snapshot.fuzzy_terms(field).matching(pattern))
    fields = (leaf.fields.get(field) for leaf in snapshot.leaves.leaves)
    return [next(found) if each is not None and len(each) else _NONE for each in fields]


_NONE = np.empty(0, np.int64)


def _nearly(snapshot: Snapshot, field: str, word: str, distance: int) -> list[Array]:
    terms = [term.encode() for term in near(snapshot, field, word, distance)]
    found = []
    for leaf in snapshot.leaves.leaves:
        own = leaf.fields.get(field)
        numbers = [own.find(term) for term in terms] if own is not None else []
        found.append(np.array([number for number in numbers if number >= 0], np.int64))
    return found


def _commonest(
    snapshot: Snapshot, field: str, numbers: list[Array], limit: int
) -> tuple[list[Array], int]:
    """Of the terms of every segment the commonest ``limit`` in all, and how many terms there
    are; of each segment the commonest first."""
    fields = [leaf.fields.get(field) for leaf in snapshot.leaves.leaves]
    counts = [
        each.starts[own + 1].astype(np.int64) - each.starts[own] if each is not None else _NONE
        for each, own in zip(fields, numbers, strict=True)
    ]
    if sum(len(own) > 0 for own in numbers) > 1:
        total: dict[bytes, int] = {}
        named: list[list[bytes]] = []
        for each, own, having in zip(fields, numbers, counts, strict=True):
            terms = [each.terms[n] for n in own.tolist()] if each is not None else []
            named.append(terms)
            for term, count in zip(terms, having.tolist(), strict=True):
                total[term] = total.get(term, 0) + count
        kept = set(sorted(total, key=lambda term: (-total[term], term))[:limit])
        chosen = [np.array([t in kept for t in terms], np.bool_) for terms in named]
        numbers = [own[mask] for own, mask in zip(numbers, chosen, strict=True)]
        counts = [having[mask] for having, mask in zip(counts, chosen, strict=True)]
        return _ordered(numbers, counts), len(total)
    count = sum(map(len, numbers))
    return [own[:limit] for own in _ordered(numbers, counts)], count


def _ordered(numbers: list[Array], counts: list[Array]) -> list[Array]:
    return [
        own[np.argsort(-having, kind="stable")] for own, having in zip(numbers, counts, strict=True)
    ]


def near(snapshot: Snapshot, field: str, word: str, distance: int) -> list[str]:
    """The terms at most ``distance`` edits away: letters dropped, added, replaced or swapped.

    Whoosh's own automaton counts a swap, the commonest typing error, as two edits.
    """
    return [found.term for found in snapshot.fuzzy_terms(field).near(word, distance)]


class _SnapshotWords:
    """A generation, asked for the words that are marked."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.analyzer = snapshot.analyzer
        self.size = snapshot.size
        self.words_by_stem = snapshot.words_by_stem

    def beginning(self, field: str, prefix: str) -> list[str]:
        return self._snapshot.leaves.beginning(field, prefix)

    def having(self, field: str, term: str) -> int:
        return self._snapshot.leaves.frequency(field, term.encode())

    def standing_for(
        self, text: str, distance: int, limit: int, budget: Budget
    ) -> frozenset[str] | None:
        made = expanded(self._snapshot, field_names.WORDS, text, distance, limit, budget, MARKS)
        return None if made is None else made[0].words


def finder(
    marks: Marks, snapshot: Snapshot, limit: int = Limits().expansions, budget: Budget = FREE
) -> Finder:
    """What to look for in texts to show where the wanted words stand; ``limit`` is that of
    :func:`bound`."""
    return marking.finder(marks, _SnapshotWords(snapshot), limit, budget)
