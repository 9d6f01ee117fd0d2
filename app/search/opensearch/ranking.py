"""The essays that the text of a query finds, and the query that scores them.

What is found is what the query selects (:mod:`app.search.opensearch.selection`). A score is the sum
of named parts: what words weigh, and what is added for more than words, by the shares of
:mod:`app.search.ranking.shares`. Those that are shares of the best score are known once that has
been asked for. Words that stand together are looked at in all essays that are found, where the
engine in this process looks at the best 200: the index has the places at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.search.binding.clauses import BoundWord, EveryDocument
from app.search.budget import FREE, ORDER, Budget
from app.search.opensearch import dsl, expanding, scoring
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.selection import Selection, best_scores, select
from app.search.opensearch.snapshot import Snapshot
from app.search.query.parser import ParsedQuery, QueryParser
from app.search.query.prose import Kind
from app.search.ranking.questions import Reading
from app.search.ranking.shares import (
    MIN_RARITY,
    PREFERENCE_SHARE,
    SUBJECT_SHARE,
    TITLE_SHARE,
    names,
)
from app.search.ranking.weights import rarity
from app.search.request import Prefer
from app.search.results import Note
from indexer.schema import field_names
from indexer.schema.opensearch_mapping import CHANGED, SLUG, number_field

#: Conditions of one query: OpenSearch takes 1,024, and each page adds filters.
MAX_CONDITIONS = 900
#: Dates of an archive by which "recent" is told; of more, as many at equal distances.
MAX_PLACES = 1_000


@dataclass(frozen=True)
class Ranked:
    """What a query finds: ``found`` selects all of it, so many essays ``listed``; ``scored`` finds
    and scores it.

    The other values are those of the same name in the engine in this process
    (:class:`app.search.embedded.ranking.ranking.Ranked`), ``pinned`` as slugs.
    """

    found: Dsl
    listed: int
    scored: Dsl
    parsed: ParsedQuery
    notes: tuple[Note, ...]
    every: bool = False
    pinned: tuple[str, ...] = ()
    nearest: bool = False
    word_count: int = 0
    followed: bool = False

    def loosened(self, notes: Sequence[Note]) -> Ranked:
        """The same, found by a query that demands less, with what was done to it."""
        return replace(self, notes=(*notes, *self.notes), nearest=True)


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
    Never fails but for the cluster; without ``weigh`` the query does not score, with
    ``explain`` the parts of its scores have names."""
    looser = None if parsed is None else (parsed.tree, parsed.strict)
    key = ("rank", snapshot, language.edition, q, looser, prefer, weigh, explain)
    meant = language.parse(q, snapshot.analyzer) if parsed is None else parsed
    return budget.once(
        key, lambda: _Ranking(q, meant, language, snapshot, prefer, explain, budget).ranked(weigh)
    )


@dataclass
class _Ranking:
    """The ranking of one query."""

    q: str
    parsed: ParsedQuery
    language: QueryParser
    snapshot: Snapshot
    prefer: Prefer | None
    explain: bool
    budget: Budget

    def ranked(self, weigh: bool) -> Ranked:
        notes: list[Note] = []
        limit = self.language.limits.expansions
        query = expanding.bound(self.parsed.tree, self.snapshot, limit, notes, self.budget)
        if isinstance(query, EveryDocument):
            size = self.snapshot.size
            unscored: Dsl = {"bool": {"filter": [dsl.EVERY]}}
            return Ranked(dsl.EVERY, size, unscored, self.parsed, tuple(notes), every=True)
        parsed = self.parsed
        form = Reading(parsed.strict, parsed.kind is Kind.PROSE, parsed.meant)
        selection = select(query, self.snapshot, form, self.budget)
        if selection.taken_apart:
            pairs = frozenset(each.word.text for each in selection.words)
            parsed = replace(parsed, marks=replace(parsed.marks, runs=pairs))
        if selection.note is not None:
            notes.append(Note(selection.note, 0, 0))
        found, listed, pinned = selection.found, selection.listed, self._pinned()
        if pinned:
            found = dsl.any_of([found, dsl.having(SLUG, pinned)])
            listed = self.snapshot.count(found, self.budget)
        scored = self._scored(selection, found, pinned) if weigh else found
        return Ranked(
            found,
            listed,
            scored,
            parsed,
            tuple(notes),
            pinned=pinned,
            nearest=not (selection.whole and not selection.taken_apart) and not pinned,
            word_count=len(selection.words),
            followed=selection.taken_apart or selection.followed,
        )

    def _pinned(self) -> tuple[str, ...]:
        slugs = self.language.curation.pinned(self.q)
        counts = self.snapshot.counts([dsl.having(SLUG, [slug]) for slug in slugs], self.budget)
        return tuple(slug for slug, count in zip(slugs, counts, strict=True) if count)

    def _scored(self, selection: Selection, found: Dsl, pinned: Sequence[str]) -> Dsl:
        """The query that finds and scores, each part of a score under its name."""
        parts = self._parts(selection) if self.parsed.scoring else self._base(selection)
        highest = 0.0
        if self.parsed.scoring and selection.followed and selection.whole:
            complete, rest = self._best(selection, parts)
            parts.append(self._named(dsl.constant(selection.complete, rest), "all words"))
            highest = max(complete + rest, rest)
        added = self._titles(selection) if self.parsed.scoring and selection.bare else []
        if (added or pinned) and not highest:
            (highest,) = best_scores([_sum(selection.found, parts)], self.snapshot, self.budget)
        for kind, share, query in added:
            parts.append(self._named(dsl.constant(query, share * highest), kind))
        most = sum(share for _, share, _ in added)
        highest = max(highest * (1 + most), 1.0)
        parts = self._bounded(parts, dsl.conditions(found))
        for place, slug in enumerate(dict.fromkeys(pinned)):
            # No other essay has more than the highest, and own words count beside it.
            wanted = highest * (2 + 2 * (len(pinned) - place))
            parts.append(self._named(dsl.constant(dsl.having(SLUG, [slug]), wanted), "pin"))
        return _sum(found, parts)

    def _parts(self, selection: Selection) -> list[Dsl]:
        """What words weigh, raised by what the reader prefers; and what standing together adds."""
        parts = self._base(selection)
        if self.prefer is not None:
            base: Dsl = {"bool": {"should": parts}}
            if self.prefer == "recent":
                field, places = number_field(CHANGED), self._places()
                raised = scoring.raised_by_place(base, field, places, PREFERENCE_SHARE)
            else:
                raised = scoring.raised(base, number_field(self.prefer), PREFERENCE_SHARE)
            parts = [self._named(raised, "prefer", self.prefer)]
        return [*parts, *self._together(selection)]

    def _base(self, selection: Selection) -> list[Dsl]:
        """What words and clauses weigh."""
        parts = [
            self._named(query, kind, text, number)
            for number, (kind, text, query) in enumerate(selection.named_parts())
        ]
        if not self.explain:
            return parts
        # What each field has of a word is told beside it, and adds nothing.
        fields = [
            self._named(query, "field", name, number)
            for number, each in enumerate(selection.words)
            if isinstance(each.word, BoundWord)
            for name, query in selection.weighing.by_field(each.word).items()
        ]
        told: Dsl = {"constant_score": {"filter": dsl.any_of(fields), "boost": 0.0}}
        return [*parts, told] if fields else parts

    def _named(self, query: Dsl, kind: str, text: str = "", number: int = 0) -> Dsl:
        """A query whose score can be told by itself, where that was asked."""
        if not self.explain:
            return query
        ((form, made),) = query.items()
        return {form: {**made, "_name": f"{kind}\x1f{number}\x1f{text}"}}

    def _bounded(self, parts: list[Dsl], taken: int) -> list[Dsl]:
        """As many parts of the scores as one query can have; what is left out is said."""
        kept: list[Dsl] = []
        for part in parts:
            taken += dsl.conditions(part)
            if taken > MAX_CONDITIONS:
                self.budget.leave_out(ORDER)
                break
            kept.append(part)
        return kept

    def _together(self, selection: Selection) -> list[Dsl]:
        if len(selection.words) < 2:
            return []
        live = self.snapshot.size
        rare = {each.word.stems: rarity(each.having, live) for each in selection.words}
        found = []
        for one, other in pairwise(selection.typed):
            weight = min(rare[one.stems], rare[other.stems])
            words = isinstance(one, BoundWord) and isinstance(other, BoundWord)
            if weight >= MIN_RARITY and one.stems != other.stems and words:
                assert isinstance(one, BoundWord)
                assert isinstance(other, BoundWord)
                near = selection.weighing.together(one, other, weight)
                found += [near] if near != dsl.NOTHING else []
        if not found:
            return []
        both: Dsl = {"bool": {"should": found, "minimum_should_match": 1}}
        return [self._named(both, "together")]

    def _best(self, selection: Selection, parts: list[Dsl]) -> tuple[float, float]:
        """The best score of the essays that have all words, and of those that lack some."""
        rest = dsl.all_of([selection.found, dsl.none_of(selection.complete)])
        queries = [_sum(selection.complete, parts), _sum(rest, parts)]
        complete, others = best_scores(queries, self.snapshot, self.budget)
        return complete, others

    def _titles(self, selection: Selection) -> list[tuple[str, float, Dsl]]:
        """The essays whose title or subject is what was typed, with the share that it counts."""
        typed = " ".join(word.text for word in selection.typed)
        folded, keys = names(self.q, typed)
        ways = [
            ("subject", SUBJECT_SHARE, dsl.any_of(
                dsl.having(facet, sorted(folded)) for facet in ("tag", "category") if folded
            )),
            ("title", TITLE_SHARE, dsl.having(field_names.TITLE_EXACT, sorted(keys))
             if keys else dsl.NOTHING),
        ]  # fmt: skip
        counts = self.snapshot.counts([query for _, _, query in ways], self.budget)
        return [way for way, count in zip(ways, counts, strict=True) if count]

    def _places(self) -> list[int]:
        """The dates of the archive, each once, ascending; of very many some at equal distances."""
        known: list[int] | None = self.snapshot.known.get("places")
        if known is None:
            known = self.snapshot.known["places"] = self._dates()
        return known

    def _dates(self) -> list[int]:
        field = number_field(CHANGED)
        asked = {"field": field, "size": MAX_PLACES + 1, "order": {"_key": "asc"}}
        body = {"size": 0, "track_total_hits": False, "aggs": {"d": {"terms": asked}}}
        found = self.snapshot.search(body)["aggregations"]["d"]
        dates = [int(bucket["key"]) for bucket in found["buckets"]]
        if len(dates) <= MAX_PLACES:
            return dates
        percents = [100 * (n + 1) / MAX_PLACES for n in range(MAX_PLACES)]
        asked = {"field": field, "percents": percents, "keyed": False}
        body = {"size": 0, "track_total_hits": False, "aggs": {"d": {"percentiles": asked}}}
        values = self.snapshot.search(body)["aggregations"]["d"]["values"]
        return sorted({int(each["value"]) for each in values})


def _sum(found: Dsl, parts: Sequence[Dsl]) -> Dsl:
    """What a query selects, scored by the sum of some parts."""
    return {"bool": {"filter": [found], "should": list(parts), "minimum_should_match": 0}}
