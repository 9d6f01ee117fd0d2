"""What needs the author's attention in an archive, read off its index.

Everything is read off whole fields of one generation: no essay is asked by itself who links to
it. The rules of links are those of :mod:`app.search.embedded.discovery.links`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from app.search.embedded.discovery import duplicates
from app.search.embedded.discovery.links import Lookup, resolve
from app.search.embedded.snapshot import Snapshot
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
from indexer.essay import RATINGS, UNRATED, WIKI_PREFIX
from indexer.schema import field_names
from indexer.storage.arrays import Array

#: Comparing all texts takes seconds in a large archive; a generation has one answer a day.
_known: WeakKeyDictionary[Snapshot, tuple[date, AuthorReport]] = WeakKeyDictionary()
_asking = threading.Lock()


def report(snapshot: Snapshot, today: date, pins: Mapping[str, tuple[str, ...]]) -> AuthorReport:
    """What needs attention in a generation on the day ``today``; ``pins`` are the archive's."""
    with _asking:
        known = _known.get(snapshot)
        if known is None or known[0] != today:
            known = _known[snapshot] = today, _found(snapshot, today)
    stray_pins = tuple(
        StrayPin(query, slug)
        for query, slugs in pins.items()
        for slug in slugs
        if snapshot.find("slug", slug) is None
    )
    return msgspec.structs.replace(known[1], stray_pins=stray_pins) if stray_pins else known[1]


def _found(snapshot: Snapshot, today: date) -> AuthorReport:
    live = np.flatnonzero(snapshot.columns.live)
    linked, linking, broken = _links(snapshot)
    progress = snapshot.columns.percentages["status"]
    touched = snapshot.sorting.updated
    before = (today.toordinal() - STALE_DAYS) * SECONDS_A_DAY
    stale = live[
        (progress[live] > 0) & (progress[live] < 100) & (touched[live] >= 0)
        & (touched[live] < before)
    ]  # fmt: skip
    return AuthorReport(
        generation=snapshot.number,
        essays=len(live),
        used_once=_once(snapshot),
        spellings=tuple(_spellings(snapshot)),
        drift=tuple(_drift(snapshot)),
        orphans=_listing(np.setdiff1d(live, linked), snapshot),
        without_links=_listing(np.setdiff1d(live, linking), snapshot),
        broken=broken,
        copies=tuple(
            SameText(tuple(_named(doc, snapshot) for doc in each.members), round(each.share, 4))
            for each in duplicates.families(snapshot)[:MAX_LISTED]
        ),
        unrated=_unrated(snapshot),
        stale=Listing(
            len(stale),
            tuple(
                _named(doc, snapshot, _left(doc, snapshot))
                for doc in sorted(
                    stale.tolist(), key=lambda doc: (touched[doc], snapshot.slug(doc))
                )[:MAX_LISTED]
            ),
        ),
    )


def _named(doc: int, snapshot: Snapshot, note: str = "") -> Named:
    card = snapshot.card(doc)
    return Named(card.slug, card.title, note)


def _listing(docs: Array, snapshot: Snapshot) -> Listing:
    """Essays, the most important first."""
    first = snapshot.sorting.ordered("importance", docs, np.zeros(len(docs)), MAX_LISTED)
    return Listing(len(docs), tuple(_named(doc, snapshot) for doc in first.tolist()))


def _left(doc: int, snapshot: Snapshot) -> str:
    card = snapshot.card(doc)
    moment = card.updated or card.published
    return " · ".join(
        filter(None, [card.status.label if card.status else "", moment.day if moment else ""])
    )


def _terms(field: str, snapshot: Snapshot) -> Iterator[tuple[str, list[int]]]:
    """Every term of a field with its live documents, in the order of terms; without such, none."""
    found: dict[str, list[int]] = {}
    for leaf in snapshot.leaves.leaves:
        own = leaf.fields.get(field)
        for place in range(len(own)) if own is not None else ():
            assert own is not None
            docs = leaf.living(own.docs[own.span(place)]) + np.int64(leaf.base)
            if len(docs):
                found.setdefault(own.terms[place].decode(), []).extend(docs.tolist())
    return iter(sorted(found.items()))


def _once(snapshot: Snapshot) -> Listing:
    column = snapshot.columns.facets["tag"]
    spelled = dict(zip(column.keys, column.values, strict=True))
    found = [(key, docs[0]) for key, docs in _terms("tag", snapshot) if len(docs) == 1]
    first = tuple(_named(doc, snapshot, spelled[key]) for key, doc in found[:MAX_LISTED])
    return Listing(len(found), first)


def _spellings(snapshot: Snapshot) -> Iterator[Spellings]:
    for facet in ("tag", "category"):
        counts = {term: len(docs) for term, docs in _terms(field_names.spelling(facet), snapshot)}
        for values in similar_names.near(counts)[:MAX_LISTED]:
            yield Spellings(facet, values)


def _drift(snapshot: Snapshot) -> Iterator[UnknownWord]:
    for facet in RATINGS:
        column = snapshot.columns.facets[facet]
        bare = snapshot.columns.live & np.isnan(snapshot.columns.percentages[facet])
        for key, value in sorted(zip(column.keys, column.values, strict=True)):
            if key != UNRATED and (count := int(np.count_nonzero(column.mask((key,)) & bare))):
                yield UnknownWord(facet, value, count)


def _unrated(snapshot: Snapshot) -> dict[str, int]:
    live = snapshot.columns.live
    masks = {facet: snapshot.columns.facets[facet].mask((UNRATED,)) for facet in RATINGS}
    return {facet: int(np.count_nonzero(mask & live)) for facet, mask in masks.items()}


def _links(snapshot: Snapshot) -> tuple[Array, Array, tuple[BrokenLink, ...]]:
    """The documents that others link to, those that link to others, and the broken links, those
    that most essays have first."""
    lookup = lookup_in_memory(snapshot)
    linked: set[int] = set()
    linking: set[int] = set()
    broken = []
    for target, docs in _terms(field_names.LINKS, snapshot):
        to = resolve(target, snapshot, lookup)
        if to is None:
            broken.append((target, docs))
            continue
        others = [doc for doc in docs if doc != to]
        linking.update(others)
        if others:
            linked.add(to)
    broken.sort(key=lambda it: (-len(it[1]), it[0]))
    found = tuple(
        BrokenLink(
            target.removeprefix(WIKI_PREFIX),
            target.startswith(WIKI_PREFIX),
            len(docs),
            _listing(np.array(docs[:MAX_NAMED_ESSAYS], np.int64), snapshot).essays,
        )
        for target, docs in broken[:MAX_LISTED]
    )
    return _array(linked), _array(linking), found


def _array(docs: Iterable[int]) -> Array:
    return np.array(sorted(docs), np.int64)


def lookup_in_memory(snapshot: Snapshot) -> Lookup:
    """A lookup for :func:`~app.search.embedded.discovery.links.resolve` that has the fields it
    needs in dictionaries: an archive has a hundred thousand links."""
    fields = ("path", "slug", field_names.CALLED, field_names.FILED)
    tables = {field: dict(_terms(field, snapshot)) for field in fields}
    return lambda field, term: np.array(tables[field].get(term, ()), np.int64)
