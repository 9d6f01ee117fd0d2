"""What may a reader be about to type: an essay, a tag, a category, or the end of a word?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh import query as wq

from app.search import evaluate
from app.search.grammar import quote
from app.search.request import Suggestion
from indexer import schema
from indexer.essay import fold

if TYPE_CHECKING:
    from app.search.snapshot import Snapshot

#: Suggestions of each kind at the most, so that none crowds out another.
SHARE = 5
#: The same for ends of the last word.
COMPLETIONS = 3


def suggest(text: str, limit: int, snapshot: Snapshot) -> tuple[Suggestion, ...]:
    """Suggestions for the text of a search box, the likeliest first.

    Words before the last are taken as they are; the last may be unfinished. A text that ends in
    a space has no unfinished word.
    """
    typed = fold(text)
    words = snapshot.tongues.typed(text)
    if not words:
        return ()
    found = [*_values(typed, snapshot), *_essays(text, words, snapshot)]
    if not text[-1:].isspace() and (completed := _completions(text, words[-1], snapshot)):
        found[SHARE:SHARE] = completed
    return tuple(found[:limit])


def _values(typed: str, snapshot: Snapshot) -> list[Suggestion]:
    found: list[tuple[bool, int, str, Suggestion]] = []
    for kind in ("tag", "category"):
        column = snapshot.columns.facets[kind]
        counts = snapshot.columns.totals(kind)
        for key, number in column.keys.items():
            begins = key.startswith(typed)
            # A value that only essays withdrawn since had is still in the segments.
            if counts[number] and (begins or f" {typed}" in key):
                value, count = column.values[number], int(counts[number])
                query = f"{kind}:{quote(value)}"
                made = Suggestion(kind, value, query, count)
                found.append((not begins, -count, key, made))
    found.sort(key=lambda each: each[:3])
    return [each[3] for each in found[:SHARE]]


def _essays(text: str, words: list[str], snapshot: Snapshot) -> list[Suggestion]:
    *whole, last = words
    clauses: list[wq.Query] = [wq.Term(schema.TITLE_WORDS, word) for word in whole]
    ended = text[-1:].isspace()
    clauses.append((wq.Term if ended else wq.Prefix)(schema.TITLE_WORDS, last))
    docs, scores = evaluate.evaluate(wq.And(clauses), snapshot.leaves)
    order = snapshot.ordered("newest", docs, scores, 4 * SHARE)
    cards = [snapshot.card(doc) for doc in order.tolist()]
    begins = " ".join(words)
    typed = snapshot.tongues.typed
    cards.sort(key=lambda card: not " ".join(typed(card.title)).startswith(begins))
    return [Suggestion("essay", card.title, card.title, 1, card.slug) for card in cards[:SHARE]]


def _completions(text: str, last: str, snapshot: Snapshot) -> list[Suggestion]:
    counts = snapshot.leaves.prefixed(schema.WORDS, last)
    counted = sorted((-count, word) for word, count in counts.items() if word != last)
    head = text[: text.lower().rfind(last)] if last in text.lower() else ""
    found: list[Suggestion] = []
    for _, word in counted:
        # These counts are of the segments; words that only withdrawn essays had are not said.
        live = len(evaluate.evaluate(wq.Term(schema.WORDS, word), snapshot.leaves).docs)
        if live:
            found.append(Suggestion("word", head + word, head + word, live))
        if len(found) == COMPLETIONS:
            break
    return found
