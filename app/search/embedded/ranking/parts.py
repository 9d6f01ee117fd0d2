"""The parts that a score is the sum of."""

from __future__ import annotations

from typing import NamedTuple

from app.search.binding.clauses import BoundWord
from app.search.embedded.matching.docset import DocSet
from indexer.storage.postings import located


class ScorePart(NamedTuple):
    """One part of the scores of a query.

    ``kind`` is "word", "clause", "prefer", "together", "all words", "subject", "title" or "pin";
    ``text`` what the part is of, where it is of something. ``matches`` says what it adds to which
    documents; there may be others than the query finds, which get nothing. ``word`` is the word
    that weighs, for a part of that kind.
    """

    kind: str
    text: str
    matches: DocSet
    word: BoundWord | None = None


def plus(found: DocSet, part: ScorePart) -> DocSet:
    """The same documents, with what a part adds to their scores.

    >>> import numpy as np
    >>> found = DocSet(np.array([1, 4]), np.array([0.5, 2.0]))
    >>> plus(found, ScorePart("title", "", DocSet(np.array([4, 6]), np.ones(2)))).scores.tolist()
    [0.5, 3.0]
    """
    at, known = located(found.docs, part.matches.docs)
    scores = found.scores.copy()
    scores[at[known]] += part.matches.scores[known]
    return DocSet(found.docs, scores)
