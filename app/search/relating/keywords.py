"""The words that are typical of an essay.

Words weigh by tf·idf, as in a cosine between documents (Salton and Buckley 1988, "Term-weighting
approaches in automatic text retrieval": 1 + ln tf on one side, idf on both).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log
from typing import NamedTuple

from indexer.analysis import analyzer, languages, stemming
from indexer.analysis.languages import ENGLISH
from indexer.essay import Essay

#: What a word is looked for in, and what it counts there: more than where a reader's words are
#: sought (:mod:`indexer.schema.field_weights`), for a title is chosen to say what an essay is
#: about. Tags are compared by themselves.
FIELDS = {"title": 6.0, "headings": 2.5, "summary": 2.0, "body": 1.0}

#: Words that stand for an essay: more of them add hardly anything (Lucene's MoreLikeThis takes as
#: many).
MAX_KEYWORDS = 25
#: Words whose documents are counted, those said most often and the longest first: what long texts
#: say once is looked up no further.
MAX_LOOKED_UP = 200
#: A word that more than this share of the essays have is typical of none of them.
COMMON_SHARE = 0.5
#: What is said once by the way is not what an essay is about; once in its title or summary is.
MIN_COUNT = 2.0


class Keyword(NamedTuple):
    """A word typical of an essay: its ``term``, the ``word`` as the essay mostly spells it, its
    ``idf``, and its ``weight`` in the essay."""

    term: str
    word: str
    idf: float
    weight: float


class Said(NamedTuple):
    """For each term of an essay, how often it says it, by weight of the place, and how it spells
    it."""

    counts: Mapping[str, float]
    spelled: Mapping[str, Counter[str]]


def typical(
    said: Said, having: Callable[[Sequence[str]], Sequence[int]], live: int
) -> tuple[Keyword, ...]:
    """The words typical of an essay, the heaviest first: no numbers and contractions, no
    words that only this essay has, none that most have. ``having`` tells how many of the ``live``
    essays have each of some terms in their text."""
    counts = said.counts
    repeated = [term for term, count in counts.items() if count >= MIN_COUNT]
    first = sorted(repeated, key=lambda term: (-counts[term], -len(term), term))[:MAX_LOOKED_UP]
    found = []
    for term, many in zip(first, having(first), strict=True):
        if 2 <= many <= COMMON_SHARE * live:
            idf = log((live + 1) / many)
            weight = (1 + log(counts[term])) * idf
            found.append(Keyword(term, _spelling(said.spelled[term]), idf, weight))
    return tuple(sorted(found, key=lambda each: (-round(each.weight, 9), each.term))[:MAX_KEYWORDS])


def heaviest(added: Iterable[tuple[float, str]]) -> list[str]:
    """The words that add something, the heaviest first, down to those of a third of the weight of
    the first.

    >>> heaviest([(1.0, "maps"), (4.0, "owls"), (0.0, "moths"), (2.0, "tides")])
    ['owls', 'tides']
    """
    found = [(-round(weight, 9), word) for weight, word in added if weight]
    least = min(found, default=(0.0, ""))[0] / 3
    return [word for weight, word in sorted(found) if weight <= least]


def words_said(card: Essay, sections: Sequence[tuple[str, str]]) -> Said:
    """The terms of an essay, of which ``sections`` are headings with their texts."""
    counts: dict[str, float] = {}
    spelled: dict[str, Counter[str]] = {}
    lang = languages.code(card.lang) or ENGLISH
    for weight, text in _parts(card, sections):
        for _, start, end in analyzer.spans(text, (lang,)):
            term = stemming.term_of(text[start:end], lang)
            written = text[start:end].replace("’", "'").removesuffix("'s")
            if len(term) > 1 and not term[0].isdigit() and "'" not in written:
                counts[term] = counts.get(term, 0.0) + weight
                spelled.setdefault(term, Counter())[written] += 1
    return Said(counts, spelled)


def _parts(card: Essay, sections: Sequence[tuple[str, str]]) -> Iterator[tuple[float, str]]:
    yield FIELDS["title"], card.title
    for heading, text in sections:
        yield FIELDS["headings"], heading
        yield FIELDS["body"], text
    yield FIELDS["summary"], card.description
    yield FIELDS["summary"], card.excerpt


def _spelling(written: Counter[str]) -> str:
    """How an essay mostly spells a word, not counting capitals that begin a sentence or title.

    >>> _spelling(Counter({"Forecast": 3, "forecast": 1, "forecasts": 2}))
    'forecasts'
    >>> _spelling(Counter({"Bayes": 2, "Bayesian": 1}))
    'Bayes'
    """
    inside = {word: count for word, count in written.items() if not word[0].isupper()}
    counts = inside or dict(written)
    return min(counts, key=lambda each: (-counts[each], each))
