"""The query that a reader meant whose words the archive does not have.

Candidates for every unknown word (:mod:`app.search.spelling.candidates`) are weighed
together (:mod:`app.search.spelling.combinations`). A correction always finds something.
Only words that no essay has in any form are replaced, and by itself only where no essay has all
that was typed and one has all that is meant, which is nearer than essays with most of the words; or
where nothing was found at all and no word stays unknown. A word that English has was not misspelt:
where essays are found by what it means, another one is only asked about, as it is where a word that
is unknown stands between quotes. Words that were typed apart may be joined then. A rare word that
is one slip from a far commoner one is asked about, never replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

from msgspec.structs import replace

from app.search.budget import FREE, SEARCH, SPELLINGS, Budget
from app.search.query import grammar
from app.search.query.parser import QueryParser
from app.search.query.tree import Exact, wanted
from app.search.request import SearchRequest
from app.search.results import Correction
from app.search.spelling import candidates, combinations
from app.search.spelling.archive import Archive, Essays
from app.search.spelling.candidates import Candidate, Place
from app.search.spelling.combinations import Slot
from app.search.spelling.english import is_english
from indexer.analysis import folding
from indexer.schema import field_names

#: Words of a query that are looked at; with more unknown ones than MAX_UNKNOWN nothing is meant.
MAX_WORDS, MAX_UNKNOWN = 64, 6
#: Whole queries that are tried, and pairs of words that may be one.
MAX_TRIES, MAX_JOINS = 5, 6


class Meant(NamedTuple):
    """The request to answer, and the correction to show."""

    request: SearchRequest
    correction: Correction | None = None


class Corrected(NamedTuple):
    """A query that finds so many ``essays``: ``narrowed``, under the same filters; ``whole``, with
    everything that is asked for, not with most of it; ``sure``, without replacing a word that the
    archive has, nor answering half of a query whose other words stay unknown."""

    query: str
    essays: int
    narrowed: bool
    whole: bool
    sure: bool


def correct(
    request: SearchRequest, language: QueryParser, archive: Archive, budget: Budget = FREE
) -> Meant:
    """The request that is answered in the place of one, and the correction to show.

    A request that finds something is answered as it is, whatever is offered beside it. What a
    budget cut short is remembered for this request alone.
    """
    if not request.q:
        return Meant(request)
    key = (
        language.edition,
        request.q,
        tuple(sorted((name, values) for name, values in request.filters.items() if values)),
        tuple(sorted((name, r.min, r.max) for name, r in request.ranges.items() if r)),
        request.where,
    )
    known = archive.corrections
    try:
        found = known[key]
    except KeyError:
        found = budget.once(
            ("meant", id(known), key), lambda: _correct(request, language, archive, budget)
        )
        if not budget.left_out & {SEARCH, SPELLINGS}:
            known[key] = found
    if found is None or not found.applied:
        return Meant(request, found)
    return Meant(replace(request, q=found.query), found)


def _correct(
    request: SearchRequest, language: QueryParser, archive: Archive, budget: Budget
) -> Correction | None:
    if language.curation.pinned(request.q):
        return None
    asked = _Asked(request, language, archive, budget)
    for better in asked.corrections(1):
        if better.narrowed and (not asked.found or (better.whole and better.essays > asked.found)):
            # What no essay has all of may still be answered by those that have most of it.
            nearer = better.whole or not asked.answered(request)
            applied = better.sure and nearer and not (asked.found or asked.exact or asked.meant)
            return Correction(better.query, applied=applied)
    return None


def correction(request: SearchRequest, language: QueryParser, archive: Archive) -> str | None:
    """The best corrected query that finds something, under the filters of the request if any
    does; None where there is nothing to correct or nothing is found that way."""
    return next((each.query for each in corrections(request, language, archive, 1)), None)


def corrections(
    request: SearchRequest,
    language: QueryParser,
    archive: Archive,
    most: int,
    budget: Budget = FREE,
) -> list[Corrected]:
    """Up to ``most`` corrected queries that find something, the likeliest first."""
    return _Asked(request, language, archive, budget).corrections(most)


@dataclass
class _Asked:
    """One request, looked at once."""

    request: SearchRequest
    language: QueryParser
    archive: Archive
    budget: Budget

    def __post_init__(self) -> None:
        self.q = grammar.straight(self.request.q[: self.language.limits.length])
        self.places = candidates.places(self.q, self.language, self.archive)[:MAX_WORDS]
        folded = [folding.fold(self.q[slice(*place)]) for place in self.places]
        self.words = dict(zip(self.places, folded, strict=True))
        joined = [one + other for one, other in pairwise(folded)]
        self.archive.expect(field_names.WORDS, [*folded, *joined])
        self.correctable = [p for p in self.places if candidates.correctable(self.words[p])]

    @cached_property
    def found(self) -> int:
        """How many essays have all of the query as it was typed."""
        return len(self._docs(self.request))

    @property
    def meant(self) -> bool:
        """Whether a word that no essay has is a word all the same, and essays are found by what the
        query means."""
        words = (self.words[place] for place in self.unknown)
        return any(map(is_english, words)) and self.archive.means(self.request, self.budget)

    @property
    def exact(self) -> bool:
        """Whether a word that no essay has stands between quotes, and so is meant as it is."""
        tree = self.language.parse(self.request.q, self.archive.analyzer).tree
        written = {folding.fold(each.text) for each in wanted(tree) if isinstance(each, Exact)}
        return any(self.words[place] in written for place in self.unknown)

    def answered(self, request: SearchRequest) -> int:
        """How many essays answer a request, those counted that have most of it."""
        return self.archive.answered(request, self.budget)

    def _docs(self, request: SearchRequest) -> Essays:
        """The essays with everything that a request asks for."""
        return self.archive.all_of(request, self.budget)

    @cached_property
    def unknown(self) -> list[Place]:
        """The words that no essay has; one more than can be meant, at the most."""
        found: list[Place] = []
        for place in self.correctable:
            if len(found) > MAX_UNKNOWN or self.budget.over(SPELLINGS):
                break
            if candidates.exists(self.words[place], self.archive):
                continue
            if not self.archive.has(self.q[slice(*place)], FREE):
                found.append(place)
        return found

    def corrections(self, most: int) -> list[Corrected]:
        """See :func:`corrections`."""
        unknown = self.unknown
        if len(unknown) > MAX_UNKNOWN or self.budget.over(SPELLINGS):
            return []
        joins = self._joins()
        sure = bool(unknown or joins)
        # Two slips in a word are thought of where one explains nothing, and essays with most of
        # what is meant where none has all.
        tries = ((1, True), (2, True), (2, False)) if unknown else ((1, True),)
        texts: dict[int, list[str]] = {}
        for narrowed in (True, False) if self.request.narrowed else (True,):
            for away, whole in tries:
                if self.budget.over(SPELLINGS):
                    return []
                if away not in texts:
                    ways = self._ways(unknown, joins, away) if sure else self._commoner()
                    texts[away] = combinations.texts(
                        self.q, ways, self._docs_of, self.archive, MAX_TRIES, self.budget
                    )
                if not whole:
                    # What is left of the query may be little, if some words stay unknown.
                    sure = all(self._slot(place, away).candidates for place in unknown)
                tried = (self._tried(text, narrowed, whole, sure) for text in texts[away])
                if made := list(islice(filter(None, tried), most)):
                    return made
        return []

    def _ways(self, unknown: list[Place], joins: list[Slot], away: int) -> list[list[Slot]]:
        """The stretches of the query that may be something else, in each way they may be."""
        slots = [slot for place in unknown if (slot := self._slot(place, away)).candidates]
        ways = [slots] if slots else []
        for join in joins:
            apart = [s for s in slots if s.end <= join.start or s.start >= join.end]
            ways.append(sorted([join, *apart]))
        return ways

    def _docs_of(self, rest: str) -> Essays:
        """The essays with the rest of the query, under its filters if any are."""
        docs = self._docs(replace(self.request, q=rest))
        if not len(docs) and self.request.narrowed:
            docs = self._docs(replace(self.request.widened(), q=rest))
        return docs

    def _tried(self, text: str, narrowed: bool, whole: bool, sure: bool) -> Corrected | None:
        if self.budget.over(SPELLINGS):
            return None
        asked = replace(self.request, q=text)
        if not narrowed:
            asked = asked.widened()
        essays = len(self._docs(asked)) if whole else self.answered(asked)
        return Corrected(text, essays, narrowed, whole, sure) if essays else None

    def _slot(self, place: Place, away: int) -> Slot:
        unfinished = place[1] == len(self.q)
        found = candidates.candidates(
            self.words[place], away, unfinished, self.archive, self.budget
        )
        return Slot(*place, tuple(found))

    def _joins(self) -> list[Slot]:
        """Words that stand together and are one word of the archive, where nothing was found."""
        found = []
        for one, other in pairwise(self.places):
            joined = self.words[one] + self.words[other]
            if (
                self.q[one.end : other.start].isspace()
                and candidates.correctable(joined)
                and candidates.exists(joined, self.archive)
            ):
                found.append(Slot(one.start, other.end, (Candidate((joined,), candidates.JOINED),)))
        return found[:MAX_JOINS] if found and not self.found else []

    def _commoner(self) -> list[list[Slot]]:
        """A rare word of the query that may be a far commoner one."""
        for place in self.correctable:
            if self.budget.over(SPELLINGS):
                break
            better = candidates.commoner(self.words[place], self.language, self.archive)
            if better is not None:
                return [[Slot(*place, (better,))]]
        return []
