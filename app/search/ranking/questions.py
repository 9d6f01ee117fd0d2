"""The words of a query that an essay may lack, and what is told of essays that lack some.

A query finds what has all of it. Where a long question would find less than a page, those essays
follow that have most of its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from app.search.binding.clauses import BoundSynonyms, BoundWord
from app.search.query.parser import ParsedQuery
from app.search.request import DEFAULT_PER_PAGE, SearchRequest, Sort

#: Essays that have all words of a question are enough, if they fill a page.
ENOUGH_ESSAYS = DEFAULT_PER_PAGE
#: A query of so many words is a question, and to have all of its words is much to ask; one of twice
#: as many is a long one.
QUESTION_WORDS = 3
#: All essays follow that have at least this share of the weight of a question.
MOST_OF_WEIGHT = 0.5
#: And those that weigh at least this share of what the best does. Of a long question less is
#: enough: who writes whole sentences looks for what is nearest, and no essay has most of them.
NEAR_BEST, NEAR_BEST_LONG = 0.5, 0.15
#: Of a text the words that tell most are looked for, so many of them: the rarest, and those that it
#: says most often.
MAX_WORDS = 24
#: How soon a word that is said again stops to count more: BM25's third constant. In a sentence the
#: second "cells" is mostly grammar, in a text of more than MAX_WORDS words it tells the subject.
K3, K3_TEXT = 1, 8
#: Words that are named which no essay has.
MAX_NAMED_WORDS = 5

LooseWord: TypeAlias = BoundWord | BoundSynonyms


class Reading(NamedTuple):
    """How a query is read: with ``strict`` those essays alone are meant that have all of it; of
    ``prose`` the words that tell most are looked for, and an essay may lack any. ``meant`` says
    that essays may be found by what the words mean."""

    strict: bool = False
    prose: bool = False
    meant: bool = True


class CountedWord(NamedTuple):
    """A word of a question, and how often the question has it."""

    word: LooseWord
    times: int

    def again(self) -> CountedWord:
        """The same word once more."""
        return self._replace(times=self.times + 1)

    def factor(self, k3: float) -> float:
        """What the word counts against one that comes once.

        >>> word = BoundWord("map", ())
        >>> [round(CountedWord(word, times).factor(8), 2) for times in (1, 2, 10)]
        [1.0, 1.8, 5.0]
        """
        return (k3 + 1) * self.times / (k3 + self.times)


def counted_words(typed: Sequence[LooseWord]) -> list[CountedWord]:
    """The words of a question in the order in which they come first, each once, in whichever form
    it comes."""
    once: dict[frozenset[str], CountedWord] = {}
    for word in typed:
        known = once.get(word.stems)
        once[word.stems] = CountedWord(word, 1) if known is None else known.again()
    return list(once.values())


def too_few(complete: int, words: Sequence[int]) -> bool:
    """Whether other essays follow those that have all words, of which there are ``complete``;
    ``words`` says how many essays have each word of the question.

    >>> too_few(5, [10, 20, 30]), too_few(5, [10, 20]), too_few(0, [10, 0]), too_few(0, [0, 0])
    (True, False, True, False)
    """
    if complete:
        return complete < ENOUGH_ESSAYS and len(words) >= QUESTION_WORDS
    return len(words) > 1 and any(words)


def near_best(words: int) -> float:
    """The share of the best score from which on an essay follows, for a question of so many
    words.

    >>> near_best(3), near_best(6)
    (0.5, 0.15)
    """
    return NEAR_BEST_LONG if words >= 2 * QUESTION_WORDS else NEAR_BEST


def says_little(having: int, live: int) -> bool:
    """Whether a word that ``having`` of ``live`` essays have makes none of them an answer by
    itself: more than half have it, so that to lack it tells more than to have it (Robertson and
    Spärck Jones 1976), and they are more than a page.

    >>> says_little(40, 47), says_little(23, 47), says_little(9, 10)
    (True, False, False)
    """
    return 2 * having > live and having > ENOUGH_ESSAYS


def note(
    words: int, lacking: Sequence[str], complete: int, listed: int, *, cut_short: bool
) -> str | None:
    """What the reader has to know of a list of ``listed`` essays that has more than what was asked,
    or None.

    The question has so many ``words``, of which no essay has the ``lacking``; ``complete`` essays
    have all; ``cut_short`` says that there was no time for all.

    >>> note(3, ["heron"], 0, 4, cut_short=False)
    'No essay has “heron”; these have most of the rest.'
    """
    if lacking:
        others = " and others" if len(lacking) > MAX_NAMED_WORDS else ""
        named = " or ".join(f"“{word}”" for word in lacking[:MAX_NAMED_WORDS]) + others
        rest = len(lacking) < words - 1 and listed
        return f"No essay has {named}{'; these have most of the rest' if rest else ''}."
    if listed == complete or (complete and cut_short):
        return None
    if complete:
        have = "1 essay has" if complete == 1 else f"{complete:,} essays have"
        return f"{have} all these words; those with most of them follow."
    return "No essay has all these words; these have most of them."


def order(request: SearchRequest, parsed: ParsedQuery) -> Sort:
    """The order of the results of a request: without words to weigh, the newest come first."""
    sort: Sort = request.sort or "relevance"
    return "newest" if sort == "relevance" and not parsed.scoring else sort
