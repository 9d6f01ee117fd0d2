"""Which essay does a link mean, and which essays link to one?

A target is a content path, with or without its ending, a slug, or a name (``wiki//Owls at night``,
see :mod:`indexer.parsing.wikilinks`). The same rules answer in both directions, so an essay is
linked from exactly those whose links lead to it.
"""

from __future__ import annotations

import numpy as np
from whoosh import query as wq

from app.search.embedded.matching import evaluate
from app.search.embedded.snapshot import Snapshot
from indexer.essay import WIKI_PREFIX, linked_name, value_key
from indexer.parsing.markup import SUFFIXES
from indexer.schema import document, field_names
from indexer.storage.arrays import Array


def resolve(target: str, snapshot: Snapshot) -> int | None:
    """The document of the essay that a link's target means.

    A name means the essay of that title, else of that slug, else of that file name; of several,
    the first in the order of slugs.
    """
    name = linked_name(target)
    if name is None:
        for ending in ("", *SUFFIXES):
            if (doc := snapshot.find("path", target + ending)) is not None:
                return doc
        return snapshot.find("slug", target)
    for field in (field_names.CALLED, "slug", field_names.FILED):
        docs = postings(field, name, snapshot)
        if len(docs):
            return snapshot.first_by_slug(docs)
    return None


def backlinks(doc: int, snapshot: Snapshot) -> Array:
    """The documents of the essays that link to one, in ascending order, itself left out."""
    essay = snapshot.card(doc)
    targets = {
        essay.path,
        essay.path.rsplit(".", 1)[0],
        essay.slug,
        *(
            WIKI_PREFIX + name
            for name in (
                value_key(essay.title),
                value_key(essay.slug),
                *document.filed(essay.path, essay.slug),
            )
        ),
    }
    # A name that two essays have leads to one of them only.
    found = [
        postings(field_names.LINKS, target, snapshot)
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


def postings(field: str, term: str, snapshot: Snapshot) -> Array:
    """The live documents that have a term."""
    docs: Array = evaluate.evaluate(wq.Term(field, term), snapshot.leaves).docs
    return docs
