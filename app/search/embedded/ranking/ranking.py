"""The essays that the text of a query finds, and their scores.

What is found is what the query selects (:mod:`app.search.embedded.ranking.selection`). A score is
the sum of parts: what its words weigh, and what boosts add
(:mod:`app.search.embedded.ranking.boosts`).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from app.search.binding.clauses import EveryDocument
from app.search.budget import FREE, Budget
from app.search.embedded.matching.docset import DocSet
from app.search.embedded.ranking import expansion
from app.search.embedded.ranking.boosts import Question, boosted, pinned_first
from app.search.embedded.ranking.meaning import Meaning, meaning, with_added
from app.search.embedded.ranking.parts import ScorePart
from app.search.embedded.ranking.selection import Selection, select, without_common
from app.search.embedded.snapshot import Snapshot
from app.search.query.parser import ParsedQuery, QueryParser
from app.search.query.prose import Kind
from app.search.ranking.questions import Reading
from app.search.request import Prefer
from app.search.results import Note
from indexer.cache import BoundedCache

_ONLY_NEAR = Note("No essay has these words; these are near in meaning.", 0, 0)
_NEAR = Note("These are near in meaning.", 0, 0)

#: Bytes of answers that are remembered in one generation, and of one of them at the most.
MAX_REMEMBERED, MAX_REMEMBERED_OF_ONE = 8_000_000, 1_000_000
#: What an answer takes beside its documents and scores, and what each letter of its query does.
BYTES_OF_ONE, BYTES_OF_LETTER = 10_000, 20


class Ranked(NamedTuple):
    """What a query finds: ``found`` are all its live documents with their scores, which are the
    sums of ``parts``.

    ``notes`` tell the reader what was not searched as it was asked, beside those of the parsed
    query. ``every`` where the query asks for every essay; ``pinned`` are the documents that the
    author gave as its answer; ``nearest`` where no essay has all that was asked. ``word_count``
    words are such as an essay may lack, and ``followed`` says whether others come after those
    essays that lack none; ``near`` how near essays are in meaning, where that takes part.
    """

    found: DocSet
    parsed: ParsedQuery
    notes: tuple[Note, ...]
    parts: tuple[ScorePart, ...] = ()
    every: bool = False
    pinned: tuple[int, ...] = ()
    nearest: bool = False
    word_count: int = 0
    followed: bool = False
    near: Meaning | None = None


class _Remembered(NamedTuple):
    """What a query finds, without the parts of scores, and about the bytes that it takes."""

    ranked: Ranked
    taken: int


#: What was ranked lately: who turns a page, chooses a facet or opens a hit asks the same again.
_known: WeakKeyDictionary[Snapshot, BoundedCache[tuple[Hashable, ...], _Remembered]] = (
    WeakKeyDictionary()
)


def rank(
    q: str,
    language: QueryParser,
    snapshot: Snapshot,
    prefer: Prefer | None = None,
    *,
    parsed: ParsedQuery | None = None,
    weigh: bool = True,
    explain: bool = False,
    budget: Budget = FREE,
) -> Ranked:
    """What the text of a query finds in one generation, taken to mean ``parsed`` if that is given.
    Never fails; without ``weigh`` only the documents are sure, not their scores; the parts of the
    scores are there where they are to ``explain`` them. Asked again it is found once: within one
    budget, and in one generation what no budget cut short."""
    known = _known.setdefault(snapshot, BoundedCache(MAX_REMEMBERED, _taken))
    looser = None if parsed is None else (parsed.tree, parsed.strict)
    key = (language.edition, q, looser, prefer)
    if not explain:
        lately = known.get((*key, True)) or (None if weigh else known.get((*key, False)))
        if lately is not None:
            return lately.ranked
    here = ("rank", snapshot, *key)
    if not weigh and budget.knows((*here, True)):
        weigh = True
    meant = language.parse(q, snapshot.analyzer) if parsed is None else parsed

    def ranked() -> Ranked:
        found = _rank(q, meant, language, snapshot, prefer, weigh, budget)
        if not budget.left_out:
            _remember(known, (*key, weigh), found, len(q))
        return found

    return budget.once((*here, weigh), ranked)


def _remember(
    known: BoundedCache[tuple[Hashable, ...], _Remembered],
    key: tuple[Hashable, ...],
    found: Ranked,
    letters: int,
) -> None:
    taken = BYTES_OF_ONE + BYTES_OF_LETTER * letters + sum(each.nbytes for each in found.found)
    if taken <= MAX_REMEMBERED_OF_ONE:
        own = DocSet(*(each.copy() for each in found.found))  # not a view of something large
        known[key] = _Remembered(found._replace(found=own, parts=()), taken)


def _taken(remembered: _Remembered) -> int:
    return remembered.taken


def _rank(
    q: str,
    parsed: ParsedQuery,
    language: QueryParser,
    snapshot: Snapshot,
    prefer: Prefer | None,
    weigh: bool,
    budget: Budget,
) -> Ranked:
    notes: list[Note] = []
    query = expansion.bound(parsed.tree, snapshot, language.limits.expansions, notes, budget)
    if isinstance(query, EveryDocument):
        docs = snapshot.columns.everything.docs
        return Ranked(DocSet(docs, np.zeros(len(docs))), parsed, tuple(notes), every=True)
    form = Reading(parsed.strict, parsed.kind is Kind.PROSE, parsed.meant)
    selection = select(query, snapshot, form, budget)
    selection, near = _with_meaning(selection, form, snapshot, budget)
    only_near = near is not None and not len(selection.found.docs)
    if near is not None:
        selection = with_added(selection, near, snapshot)
    if selection.apart:
        pairs = frozenset(word.text for word, _ in selection.words)
        parsed = replace(parsed, marks=replace(parsed.marks, runs=pairs))
    found, parts = selection.found, selection.parts
    if weigh and parsed.scoring:
        found, added = boosted(Question(q, selection, snapshot, prefer, budget, near))
        parts += added
    docs_or_none = [snapshot.find("slug", slug) for slug in language.curation.pinned(q)]
    pinned = tuple(doc for doc in docs_or_none if doc is not None)
    if pinned:
        found, part = pinned_first(found, pinned, snapshot)
        parts += (part,)
    near_note = _NEAR if selection.only_common else _ONLY_NEAR
    whole = len(selection.complete) and not selection.apart
    return Ranked(
        found,
        parsed,
        (*notes, *selection.notes, *([near_note] if only_near and len(found.docs) else [])),
        parts,
        pinned=pinned,
        nearest=not whole and not pinned,
        word_count=len(selection.words),
        followed=selection.apart or selection.followed,
        near=near,
    )


def _with_meaning(
    selection: Selection, form: Reading, snapshot: Snapshot, budget: Budget
) -> tuple[Selection, Meaning | None]:
    """A selection, and what its query means. Documents that have nothing but words that say little
    give way to those that are near in meaning."""
    if selection.only_common:
        telling = without_common(selection, budget)
        near = meaning(telling, form, snapshot, budget)
        if near is not None and len(near.added):
            return telling, near
    return selection, meaning(selection, form, snapshot, budget)
