"""Which words of this archive does a pattern, a misspelt word or a stem stand for?

What a query leaves open is settled here, against the terms of one generation: for evaluation as
bounded lists of terms, for snippets as words to look for.
"""

from __future__ import annotations

import re

from whoosh import query as wq

from app.search.compiler import Wanted
from app.search.request import Note
from app.search.snapshot import Snapshot
from app.search.snippets import Finder, Phrase, spellings
from indexer import analysis, schema

#: Of so many words those are not marked that so great a part of all essays has.
MANY, COMMON = 5, 0.6


def bounded(tree: wq.Query, snapshot: Snapshot, limit: int, notes: list[Note]) -> wq.Query:
    """The tree with its misspelt words spelled out, and no pattern that stands for more than
    ``limit`` terms: its commonest do, and a note says so."""

    def bound(query: wq.Query) -> wq.Query:
        if isinstance(query, wq.FuzzyTerm):
            terms = near(snapshot, query.fieldname, query.text, query.maxdist)
        elif isinstance(query, wq.Prefix):
            if snapshot.leaves.spread(query.fieldname, query.text) <= limit:
                return query
            terms = list(snapshot.leaves.prefixed(query.fieldname, query.text))
            if len(terms) <= limit:
                return query
        elif isinstance(query, wq.Wildcard):
            terms = _matching(snapshot, query.fieldname, query.text)
        else:
            return query if query.is_leaf() else query.apply(bound)
        if len(terms) > limit:
            what = f"“{query.text}” stands for "
            # Words of titles are looked up a second time, in a field of their own.
            if not any(note.message.startswith(what) for note in notes):
                rest = f"{len(terms):,} words; the commonest {limit:,} were searched."
                notes.append(Note(what + rest, 0, 0))
            counts = snapshot.leaves.prefixed(query.fieldname, _fixed(query.text))
            terms = sorted(terms, key=lambda term: (-counts.get(term, 0), term))[:limit]
        spelled = [wq.Term(query.fieldname, term) for term in terms]
        return wq.Or(spelled) if spelled else wq.NullQuery

    return bound(tree)


def near(snapshot: Snapshot, field: str, word: str, distance: int) -> list[str]:
    """The terms at most ``distance`` edits away: letters dropped, added, replaced or swapped.

    Whoosh's own automaton counts a swap, the commonest typing error, as two edits.
    """
    return [found.term for found in snapshot.lexicon(field).near(word, distance)]


def _fixed(pattern: str) -> str:
    """What every match of a pattern begins with."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def _matching(snapshot: Snapshot, field: str, pattern: str) -> list[str]:
    body = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    whole = re.compile(body, re.DOTALL)
    return [
        term for term in snapshot.leaves.prefixed(field, _fixed(pattern)) if whole.fullmatch(term)
    ]


def finder(wanted: Wanted, snapshot: Snapshot) -> Finder:
    """What to look for in texts to show where the wanted words stand."""
    words = [(word, word) for word in sorted(wanted.words)]
    for word, distance in wanted.fuzzy:
        words += [(term, word) for term in near(snapshot, schema.WORDS, word, distance)]
    for stem in sorted(_telling(wanted.stems, snapshot)):
        words += [(word, stem) for word in snapshot.words_of(stem)]
    return Finder(
        tuple((spelled, what) for word, what in words for spelled in spellings(word)),
        tuple(_in_text(pattern) for pattern in wanted.patterns),
        tuple(_phrase(phrase, snapshot) for phrase in wanted.phrases),
        tuple(sorted(wanted.runs)),
        snapshot.tongues.langs,
    )


def _telling(stems: frozenset[str], snapshot: Snapshot) -> frozenset[str]:
    """The words of a question that are worth marking: not every "of" and "how" of a text, if the
    question says more than those."""
    if len(stems) < MANY:
        return stems
    most = COMMON * snapshot.leaves.size
    kept = {s for s in stems if snapshot.leaves.frequency("body", s.encode()) <= most}
    return frozenset(kept or stems)


def _phrase(phrase: tuple[tuple[str, ...], ...], snapshot: Snapshot) -> Phrase:
    """How a phrase may begin in a text, and for each of its words its terms; and the words of
    those terms that a word alone does not tell, because they are of a language."""
    forms = [
        frozenset(
            [
                *terms,
                *(w for term in terms if analysis.OF in term for w in snapshot.words_of(term)),
            ]
        )
        for terms in phrase
    ]
    begins = dict.fromkeys(
        spelled
        for term in phrase[0]
        for word in snapshot.words_of(term)
        for spelled in spellings(word)
    )
    return Phrase(tuple(begins), tuple(forms))


def _in_text(pattern: str) -> re.Pattern[str]:
    """A pattern of ``*`` and ``?`` over words as it stands in running text."""
    letter = r"[^\W_]"
    return re.compile(
        "".join({"*": f"{letter}*", "?": letter}.get(c, re.escape(c)) for c in pattern)
    )
