"""What to look for in texts to show where the words of a query stand.

A query marks stems and patterns; the words of the archive that they stand for are looked up here,
the same for every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from typing import Protocol

from app.search.budget import FREE, MARKS, Budget
from app.search.highlight import matcher, snippets
from app.search.highlight.matcher import Finder, Phrase, spellings
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.limits import Limits
from app.search.query.marks import Marks
from app.search.results import Hit, Place, Snippet
from indexer.analysis import stemming
from indexer.essay import Essay, Section
from indexer.schema import field_names

#: Of so many words those are not marked that so great a part of all essays has.
MANY_WORDS, COMMON_SHARE = 5, 0.6

#: Letters that English stemming writes at the end of a stem in the place of others.
STEM_ENDINGS = frozenset("eiyl")


class Marked(Protocol):
    """One generation of ``size`` essays, whose texts are marked; ``words_by_stem`` remembers the
    words of its stems."""

    @property
    def analyzer(self) -> QueryAnalyzer: ...

    @property
    def size(self) -> int: ...

    @property
    def words_by_stem(self) -> MutableMapping[str, tuple[str, ...]]: ...

    def beginning(self, field: str, prefix: str) -> Iterable[str]:
        """The terms of a field that begin in a way, each once."""
        ...

    def having(self, field: str, term: str) -> int:
        """How many essays have a term."""
        ...

    def standing_for(
        self, text: str, distance: int, limit: int, budget: Budget
    ) -> Iterable[str] | None:
        """The words that a pattern (``distance`` 0) or a misspelt word stands for, ``limit`` of
        them at the most; None where there is no time."""
        ...


def shown(
    essay: Essay,
    sections: Callable[[], Sequence[Section]],
    score: float,
    finder: Finder,
    budget: Budget,
    *,
    pinned: bool,
) -> Hit:
    """An essay that was found, with the stretches of its ``sections`` that show why."""
    found: tuple[Snippet, ...] = ()
    if finder and not budget.over(MARKS):
        found = snippets.snippets(sections(), finder, budget)
    if not found and not essay.excerpt and not essay.description:
        found = snippets.opening(sections())
    return Hit(essay, round(score, 6), snippets.marked(essay.title, finder, budget), found, pinned)


def places(finder: Finder, texts: Sequence[str], budget: Budget) -> list[list[Place]]:
    """Where in each of some texts what is looked for stands; past the budget nowhere."""
    found: list[list[Place]] = []
    for text in texts:
        looked_at = finder and not budget.over(MARKS)
        every = matcher.matches(text, finder, budget) if looked_at else ()
        found.append([Place(each.start, each.end) for each in every])
    return found


def finder(
    marks: Marks, archive: Marked, limit: int = Limits().expansions, budget: Budget = FREE
) -> Finder:
    """What to look for in texts to show where the wanted words stand; ``limit`` is that of
    the words that a pattern or a misspelt word may stand for."""
    words = [(word, word) for word in sorted(marks.words)]
    for stem in sorted(_worth_marking(marks.stems, archive)):
        if budget.over(MARKS):
            break
        words += [(word, stem) for word in words_of(stem, archive)]
    return Finder(
        tuple((spelled, what) for word, what in words for spelled in spellings(word)),
        tuple(sorted(marks.prefixes)),
        tuple(_phrase(phrase, archive) for phrase in marks.phrases if not budget.over(MARKS)),
        tuple(sorted(marks.runs)),
        archive.analyzer.langs,
        dict(_among(marks, archive, limit, budget)),
    )


def words_of(stem: str, archive: Marked) -> tuple[str, ...]:
    """The words of the archive that have a stem.

    An English stem begins its words, but for its last letter where that is one that stemming
    writes ("happy" has "happi", "hoping" "hope"); of other languages the index has them.
    """
    known = archive.words_by_stem.get(stem)
    if known is None:
        known = archive.words_by_stem[stem] = _words_of(stem, archive)
    return known


def beginning_of(stem: str) -> str:
    """What every word begins with that has an English stem.

    >>> beginning_of("happi"), beginning_of("map")
    ('happ', 'map')
    """
    written = stem[-1:] in STEM_ENDINGS
    shared = stem[: max(len(stem) - written, min(2, len(stem)))]
    return shared[:1] if stem in ("die", "lie", "tie") else shared  # "dying"


def _words_of(stem: str, archive: Marked) -> tuple[str, ...]:
    if stemming.OF in stem:
        inflected = archive.beginning(field_names.INFLECTED, stem + stemming.OF)
        return tuple(each.rsplit(stemming.OF, 1)[1] for each in inflected)
    words = archive.beginning(field_names.WORDS, beginning_of(stem))
    return tuple([word for word in words if stemming.stem(word) == stem]) or (stem,)


def _among(marks: Marks, archive: Marked, limit: int, budget: Budget) -> Iterator[tuple[str, str]]:
    """The words that patterns and misspelt words stand for, and what each counts as."""
    patterns = [(pattern, 0, "*") for pattern in marks.patterns]
    for text, distance, what in [*patterns, *((w, d, w) for w, d in marks.fuzzy)]:
        words = archive.standing_for(text, distance, limit, budget)
        if words is None:
            return
        for word in words:
            yield word, what


def _worth_marking(stems: frozenset[str], archive: Marked) -> frozenset[str]:
    """The words of a question that are worth marking: not every "of" and "how" of a text, if the
    question says more than those."""
    if len(stems) < MANY_WORDS:
        return stems
    most = COMMON_SHARE * archive.size
    kept = {s for s in stems if archive.having("body", s) <= most}
    return frozenset(kept or stems)


def _phrase(phrase: tuple[tuple[str, ...], ...], archive: Marked) -> Phrase:
    """How a phrase may begin in a text, and for each of its words its terms; and the words of
    those terms that a word alone does not tell, because they are of a language."""
    forms = [
        frozenset(
            [
                *terms,
                *(w for term in terms if stemming.OF in term for w in words_of(term, archive)),
            ]
        )
        for terms in phrase
    ]
    begins = dict.fromkeys(
        spelled
        for term in phrase[0]
        for word in words_of(term, archive)
        for spelled in spellings(word)
    )
    return Phrase(tuple(begins), tuple(forms))
