"""The essay that a link means, and the essays that link to one.

A target is a content path, with or without its ending, a slug, or a name (``wiki//Owls at night``,
see :mod:`indexer.parsing.wikilinks`). The same rules answer in both directions, so an essay is
linked from exactly those whose links lead to it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.search.embedded.snapshot import Snapshot
from app.search.relating.links import meanings, names_of
from indexer.schema import document, field_names
from indexer.storage.arrays import Array

#: The live documents that have a term in a field: int64, ascending.
Lookup = Callable[[str, str], Array]


def resolve(target: str, snapshot: Snapshot, lookup: Lookup | None = None) -> int | None:
    """The document of the essay that a link's target means.

    A name means the essay of that title, else of that slug, else of that file name; of several,
    the first in the order of slugs. Who resolves very many targets gives a ``lookup`` of its own;
    without one the index is asked.
    """
    lookup = lookup or snapshot.leaves.live_docs
    for field, term in meanings(target):
        docs = lookup(field, term)
        if len(docs):
            return snapshot.sorting.first_by_slug(docs)
    return None


def backlinks(doc: int, snapshot: Snapshot) -> Array:
    """The documents of the essays that link to one, in ascending order, itself left out."""
    essay = snapshot.card(doc)
    targets = names_of(essay)
    # A name that two essays have leads to one of them only.
    found = [
        snapshot.leaves.live_docs(field_names.LINKS, target)
        for target in sorted(targets)
        if resolve(target, snapshot) == doc
    ]
    linking: Array = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    others: Array = linking[linking != doc]
    return others


def links(doc: int, snapshot: Snapshot, most: int) -> Array:
    """The documents of the essays that one links to, by its first ``most`` links."""
    targets = dict.fromkeys(map(document.linked, snapshot.card(doc).links[:most]))
    found = {resolve(target, snapshot) for target in targets} - {None, doc}
    return np.array(sorted(each for each in found if each is not None), np.int64)
