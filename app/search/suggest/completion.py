"""What a reader may be about to type: an essay, a tag, a category, or the end of a word.

Where few have the words as they are typed, those follow that have words one slip away.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rapidfuzz.distance import OSA

from app.search.budget import FREE, WAYS, Budget
from app.search.query.grammar import quote
from app.search.results import Suggestion
from app.search.spelling import candidates, edit_cost
from app.search.spelling.archive import Archive
from app.search.spelling.edit_cost import beginning
from indexer.analysis import folding, tokenizer
from indexer.essay import Essay, value_key
from indexer.schema import field_names

if TYPE_CHECKING:
    from app.search.query.parser import QueryParser

#: Suggestions of each kind at the most, so that none crowds out another.
MAX_OF_A_KIND = 5
#: The same for ends of the last word.
MAX_COMPLETIONS = 3
#: With fewer that have the words as typed, slips are thought of, in words of so many letters;
#: half a shorter word is one slip from half of too many.
ENOUGH_AS_TYPED, LONG_WORD = 3, 5
#: A text of more words is taken as it is typed.
MAX_WORDS = 8
#: Words that a misspelt one may be, the nearest and commonest.
MAX_NEAR_WORDS = 20

_PLAIN = re.compile(r"[\w\s'’\-]*")


class Subject(NamedTuple):
    """A value of a facet: its folded ``key``, how it is shown, and the essays that have it."""

    key: str
    shown: str
    essays: int


class Subjects:
    """The values of one facet that an essay has, and the words of them, each with the numbers of
    the values that have it."""

    def __init__(self, listed: list[Subject]) -> None:
        self.listed = listed
        self.words: dict[str, list[int]] = {}
        for number, subject in enumerate(listed):
            for word in dict.fromkeys(tokenizer.words(subject.key)):
                self.words.setdefault(word, []).append(number)


class Shelf(Archive, Protocol):
    """One generation, asked for its subjects and titles too."""

    def subjects(self, facet: str) -> Subjects:
        """The values of a facet, gathered once in a generation."""
        ...

    def titled(self, meant: list[list[str]], ended: bool, most: int) -> list[Essay]:
        """The newest essays whose titles have one of each of some words; where the text has not
        ``ended``, the last may go on."""
        ...


def suggest(
    text: str, limit: int, language: QueryParser, shelf: Shelf, budget: Budget = FREE
) -> tuple[Suggestion, ...]:
    """Suggestions for the text of a search box, the likeliest first.

    Words before the last may be misspelt; the last may be unfinished as well. A text that ends in
    a space has no unfinished word. Past the budget, what was found until then.
    """
    words = shelf.analyzer.typed(text)
    if not words:
        return ()
    ended = text[-1:].isspace()
    values = _values(value_key(text), shelf)
    tolerant = len(words) <= MAX_WORDS and any(len(word) >= LONG_WORD for word in words)
    if tolerant and len(values) < ENOUGH_AS_TYPED and not budget.over(WAYS):
        values = _joined(values, _near_values(words, ended, shelf, budget))
    if budget.over(WAYS):
        return tuple(values[:limit])
    essays = _essays([[word] for word in words], ended, words, shelf)
    if (
        tolerant
        and len(essays) < ENOUGH_AS_TYPED
        and (meant := _meant(words, ended, shelf, budget))
    ):
        essays = _joined(essays, _essays(meant, ended, words, shelf))
    found = [*values, *essays]
    if (
        not ended
        and not budget.over(WAYS)
        and (completed := _completions(text, words[-1], language, shelf))
    ):
        found[MAX_OF_A_KIND:MAX_OF_A_KIND] = completed
    return tuple(found[:limit])


def _joined(exact: list[Suggestion], near: list[Suggestion]) -> list[Suggestion]:
    known = {(each.kind, each.query, each.slug) for each in exact}
    others = [each for each in near if (each.kind, each.query, each.slug) not in known]
    return [*exact, *others][:MAX_OF_A_KIND]


# -- values ---------------------------------------------------------------------------------------


def _values(typed: str, shelf: Shelf) -> list[Suggestion]:
    found: list[tuple[bool, int, str, Suggestion]] = []
    for kind in ("tag", "category"):
        for key, shown, count in shelf.subjects(kind).listed:
            begins = key.startswith(typed)
            if begins or f" {typed}" in key:
                found.append((not begins, -count, key, _value(kind, shown, count)))
    found.sort(key=lambda each: each[:3])
    return [each[3] for each in found[:MAX_OF_A_KIND]]


def _value(kind: str, value: str, count: int) -> Suggestion:
    query = f"{kind}:{quote(value)}"
    return Suggestion("tag" if kind == "tag" else "category", value, query, count)


def _near_values(words: list[str], ended: bool, shelf: Shelf, budget: Budget) -> list[Suggestion]:
    """Values that have every word, as it is or one slip away; the commonest first."""
    found: list[Suggestion] = []
    for kind in ("tag", "category"):
        if budget.over(WAYS):
            break
        subjects = shelf.subjects(kind)
        spoken = subjects.words
        having = [
            {n for other in _alike(word, not ended and place == len(words), spoken)
             for n in spoken[other]}
            for place, word in enumerate(words, 1)
        ]  # fmt: skip
        found += [
            _value(kind, subjects.listed[number].shown, subjects.listed[number].essays)
            for number in reduce(set.intersection, having)
        ]
    return sorted(found, key=lambda each: (-each.count, each.query))


def _alike(word: str, unfinished: bool, among: dict[str, list[int]]) -> list[str]:
    """Of some words, those that a typed one may be."""
    if len(word) < LONG_WORD:
        return [
            other for other in among if (other.startswith(word) if unfinished else other == word)
        ]
    if unfinished:
        return [other for other in among if other[0] == word[0] and beginning(word, other) <= 1]
    return [other for other in among if OSA.distance(word, other, score_cutoff=1) <= 1]


# -- essays ---------------------------------------------------------------------------------------


def _meant(words: list[str], ended: bool, shelf: Shelf, budget: Budget) -> list[list[str]]:
    """For each word, those of the titles that it may be; nothing where that is itself alone."""
    with budget.apart():
        shelf.ready(field_names.TITLE_WORDS)
    found = []
    for place, word in enumerate(words, 1):
        if budget.over(WAYS):
            return []
        if len(word) < LONG_WORD:
            found.append([word])
            continue
        near = (
            shelf.near(field_names.TITLE_WORDS, word, 1)
            if ended or place < len(words)
            else shelf.begun(field_names.TITLE_WORDS, word)
        )
        found.append([each.term for each in near[:MAX_NEAR_WORDS]])
    return found if all(found) and found != [[word] for word in words] else []


def _essays(
    meant: list[list[str]], ended: bool, typed: list[str], shelf: Shelf
) -> list[Suggestion]:
    """Essays whose titles have one of each of these words; the last may go on."""
    cards = shelf.titled(meant, ended, 4 * MAX_OF_A_KIND)
    begins, words_of = " ".join(typed), shelf.analyzer.typed
    cards.sort(key=lambda card: not " ".join(words_of(card.title)).startswith(begins))
    return [
        Suggestion("essay", card.title, card.title, 1, card.slug) for card in cards[:MAX_OF_A_KIND]
    ]


# -- words ----------------------------------------------------------------------------------------


def _completions(text: str, last: str, language: QueryParser, shelf: Shelf) -> list[Suggestion]:
    counts = shelf.prefixed(field_names.WORDS, last)
    words = [word for _, word in sorted((-n, word) for word, n in counts.items() if word != last)]
    at = text.lower().rfind(last)
    if not words and len(last) >= LONG_WORD and not candidates.known(last, shelf):
        words = [near.term for near in shelf.begun(field_names.WORDS, last)]
    head = _spelled(text[:at], language, shelf) if at > 0 else ""
    found: list[Suggestion] = []
    for word in words:
        # These counts are of the segments; words that only withdrawn essays had are not said.
        live = shelf.having(field_names.WORDS, word)
        if live:
            found.append(Suggestion("word", head + word, head + word, live))
        if len(found) == MAX_COMPLETIONS:
            break
    return found


def _spelled(head: str, language: QueryParser, shelf: Shelf) -> str:
    """The words before the last, those that no essay has as the archive spells the likeliest."""
    places = candidates.places(head, language, shelf)
    if not _PLAIN.fullmatch(head) or len(places) >= MAX_WORDS:
        return head
    for start, end in reversed(places):
        word = folding.fold(head[start:end])
        if len(word) >= LONG_WORD and not candidates.known(word, shelf):
            near = shelf.near(field_names.WORDS, word, 1)[:MAX_NEAR_WORDS]
            alive = [each for each in near if candidates.exists(each.term, shelf)]
            if alive:
                best = min(alive, key=lambda n: (edit_cost.cost(word, n.term), -n.having, n.term))
                head = head[:start] + best.term + head[end:]
    return head
