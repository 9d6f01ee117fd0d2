"""What needs the author's attention in an archive, read off its index on the cluster.

Numbers and first names come from searches. Who links to whom, and which texts are nearly the same,
is told by going once through all essays at one point in time: it takes as long as reading them, and
is done once a day in a generation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import msgspec
import numpy as np

from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.filters import column
from app.search.opensearch.snapshot import Found, Snapshot, found_of
from app.search.opensearch.sorting import order_of
from app.search.relating.links import meanings
from app.search.report import (
    MAX_LISTED,
    MAX_NAMED_ESSAYS,
    SECONDS_A_DAY,
    STALE_DAYS,
    AuthorReport,
    BrokenLink,
    Listing,
    Named,
    SameText,
    Spellings,
    StrayPin,
    UnknownWord,
)
from app.search.spelling import similar_names
from indexer.analysis import shingles
from indexer.essay import RATINGS, UNRATED, WIKI_PREFIX, Essay
from indexer.schema import field_names
from indexer.schema.opensearch_mapping import CHANGED, SLUG, number_field

#: Slugs that one query names.
MAX_SLUGS = 10_000


@dataclass
class _Archive:
    """What one walk through all essays gathers, by slug."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    owners: list[int] = field(default_factory=list)
    hashes: list[int] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)


def report(snapshot: Snapshot, today: date, pins: Mapping[str, tuple[str, ...]]) -> AuthorReport:
    """What needs attention in a generation on the day ``today``; ``pins`` are the archive's."""
    known: AuthorReport | None = snapshot.known.get(("report", today))
    if known is None:
        known = snapshot.known["report", today] = _found(snapshot, today)
    pinned = [(query, slug) for query, slugs in pins.items() for slug in slugs]
    counts = snapshot.counts([dsl.having(SLUG, [slug]) for _, slug in pinned])
    stray_pins = tuple(
        StrayPin(query, slug)
        for (query, slug), count in zip(pinned, counts, strict=True)
        if not count
    )
    return msgspec.structs.replace(known, stray_pins=stray_pins) if stray_pins else known


def _found(snapshot: Snapshot, today: date) -> AuthorReport:
    archive = _walked(snapshot)
    linked, linking, broken = _links(archive, snapshot)
    before = (today.toordinal() - STALE_DAYS) * SECONDS_A_DAY
    stale = dsl.all_of(
        [
            {"range": {number_field("status"): {"gt": 0, "lt": 100}}},
            {"range": {number_field(CHANGED): {"gte": 0, "lt": before}}},
        ]
    )
    oldest = [{number_field(CHANGED): {"order": "asc"}}, SLUG]
    first = snapshot.first(stale, MAX_LISTED, "card", sort=oldest)
    unrated = snapshot.counts([dsl.having(facet, [UNRATED]) for facet in RATINGS])
    return AuthorReport(
        generation=snapshot.number,
        essays=snapshot.size,
        used_once=_once(snapshot),
        spellings=tuple(_spellings(snapshot)),
        drift=tuple(_drift(snapshot)),
        orphans=_but(archive.slugs, linked, snapshot),
        without_links=_but(archive.slugs, linking, snapshot),
        broken=broken,
        copies=tuple(_copies(archive, snapshot)),
        unrated=dict(zip(RATINGS, unrated, strict=True)),
        stale=Listing(
            snapshot.count(stale), tuple(_named(each.card, _left(each.card)) for each in first)
        ),
    )


def _walked(snapshot: Snapshot) -> _Archive:
    archive = _Archive()
    wanted = ("path", field_names.CALLED, field_names.FILED, field_names.LINKS)
    names = {name: dsl.field_of(name) for name in wanted}
    for number, hit in enumerate(snapshot.each(dsl.EVERY, list(names.values()), "sections")):
        found, fields = found_of(hit), hit["fields"]
        archive.slugs.append(found.slug)
        archive.names.setdefault(("slug", found.slug), found.slug)
        for name in wanted[:3]:
            for term in fields.get(names[name], ()):
                archive.names.setdefault((name, term), found.slug)
        for target in fields.get(names[field_names.LINKS], ()):
            archive.links.setdefault(target, []).append(found.slug)
        own = shingles.sketch(found.shingles)
        archive.owners += [number] * len(own)
        archive.hashes += own.tolist()
    return archive


def _links(
    archive: _Archive, snapshot: Snapshot
) -> tuple[set[str], set[str], tuple[BrokenLink, ...]]:
    """The essays that others link to, those that link to others, and the broken links, those that
    most essays have first."""
    linked: set[str] = set()
    linking: set[str] = set()
    broken: list[tuple[str, list[str]]] = []
    for target, slugs in sorted(archive.links.items()):
        ways = (archive.names.get(way) for way in meanings(target))
        to = next((slug for slug in ways if slug is not None), None)
        if to is None:
            broken.append((target, slugs))
            continue
        others = [slug for slug in slugs if slug != to]
        linking.update(others)
        if others:
            linked.add(to)
    broken.sort(key=lambda it: (-len(it[1]), it[0]))
    found = tuple(
        BrokenLink(
            target.removeprefix(WIKI_PREFIX),
            target.startswith(WIKI_PREFIX),
            len(slugs),
            _listing(dsl.having(SLUG, slugs[:MAX_NAMED_ESSAYS]), snapshot).essays,
        )
        for target, slugs in broken[:MAX_LISTED]
    )
    return linked, linking, found


def _copies(archive: _Archive, snapshot: Snapshot) -> Iterator[SameText]:
    owners = np.array(archive.owners, np.int64)
    hashes = np.array(archive.hashes, np.uint64)

    @lru_cache(maxsize=512)
    def read(number: int) -> shingles.Array:
        found = snapshot.find("slug", archive.slugs[number], "sections")
        return found.shingles if found is not None else shingles.shingles(())

    pairs = {
        (one, other): shingles.resemblance(read(one), read(other))
        for one, other in shingles.candidates(owners, hashes)
    }
    for family in shingles.families(pairs)[:MAX_LISTED]:
        slugs = [archive.slugs[member] for member in family.members]
        found = snapshot.first(dsl.having(SLUG, slugs), len(slugs), "card")
        yield SameText(tuple(_named(each.card) for each in found), round(family.share, 4))


def _once(snapshot: Snapshot) -> Listing:
    own, counts = column("tag", snapshot), snapshot.lexicon.prefixed("tag", "")
    keys = [key for key in sorted(counts) if counts[key] == 1]
    shown = keys[:MAX_LISTED]
    essays = {
        key: each.card for key, each in zip(shown, _each_first("tag", shown, snapshot), strict=True)
    }
    return Listing(
        len(keys), tuple(_named(essays[key], own.values[own.keys[key]]) for key in shown)
    )


def _each_first(name: str, terms: Sequence[str], snapshot: Snapshot) -> list[Found]:
    """The first essay that has each of some terms."""
    bodies = [
        {
            "size": 1, "query": dsl.having(name, [term]), "sort": [SLUG],
            "stored_fields": ["card"], "docvalue_fields": [SLUG],
        }
        for term in terms
    ]  # fmt: skip
    answers = snapshot.search_all(bodies) if bodies else []
    return [found_of(answer["hits"]["hits"][0]) for answer in answers]


def _spellings(snapshot: Snapshot) -> Iterator[Spellings]:
    for facet in ("tag", "category"):
        counts = snapshot.lexicon.prefixed(field_names.spelling(facet), "")
        for values in similar_names.near(counts)[:MAX_LISTED]:
            yield Spellings(facet, values)


def _drift(snapshot: Snapshot) -> Iterator[UnknownWord]:
    for facet in RATINGS:
        own = column(facet, snapshot)
        keys = [key for key in sorted(own.keys) if key != UNRATED]
        bare = dsl.none_of({"exists": {"field": number_field(facet)}})
        counts = snapshot.counts([dsl.all_of([dsl.having(facet, [key]), bare]) for key in keys])
        for key, count in zip(keys, counts, strict=True):
            if count:
                yield UnknownWord(facet, own.values[own.keys[key]], count)


def _but(slugs: Sequence[str], some: set[str], snapshot: Snapshot) -> Listing:
    """The essays that are not among some, the most important first."""
    others = [slug for slug in slugs if slug not in some]
    found: list[Essay] = []
    if len(others) <= MAX_SLUGS:
        return _listing(dsl.having(SLUG, others) if others else dsl.NOTHING, snapshot)
    # So many cannot be named in a query: they are looked for in the order of the listing.
    wanted, start = set(others), 0
    while len(found) < MAX_LISTED:
        body = {"query": dsl.EVERY, "track_total_hits": False}
        page = snapshot.at(body, order_of("importance"), start, MAX_SLUGS)
        if not page:
            break
        shown = [each.slug for each in page if each.slug in wanted][: MAX_LISTED - len(found)]
        found += [each.card for each in _each_first("slug", shown, snapshot)]
        start += len(page)
    return Listing(len(others), tuple(map(_named, found)))


def _listing(query: Dsl, snapshot: Snapshot) -> Listing:
    """Essays, the most important first."""
    found = snapshot.first(query, MAX_LISTED, "card", sort=order_of("importance"))
    return Listing(snapshot.count(query), tuple(_named(each.card) for each in found))


def _named(card: Essay, note: str = "") -> Named:
    return Named(card.slug, card.title, note)


def _left(card: Essay) -> str:
    moment = card.updated or card.published
    said: Iterable[str] = (
        card.status.label if card.status else "", moment.day if moment else ""
    )  # fmt: skip
    return " · ".join(filter(None, said))
