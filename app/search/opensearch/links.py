"""The essay that a link means, and the essays that link to one; the rules are those of
:mod:`app.search.relating.links`."""

from __future__ import annotations

from collections.abc import Sequence

from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.snapshot import Snapshot
from app.search.relating.links import meanings, names_of
from indexer.essay import Essay
from indexer.schema import document, field_names
from indexer.schema.opensearch_mapping import SLUG, bounded

#: Targets that are looked up in one request.
AT_ONCE = 200


def resolved(targets: Sequence[str], snapshot: Snapshot) -> dict[str, str]:
    """The slugs of the essays that some targets mean; of several essays, the first by slug."""
    found: dict[str, str] = {}
    listed = list(dict.fromkeys(targets))
    for start in range(0, len(listed), AT_ONCE):
        some = listed[start : start + AT_ONCE]
        ways = [(target, field, term) for target in some for field, term in meanings(target)]
        bodies = [
            {
                "size": 1, "track_total_hits": False, "sort": [SLUG], "stored_fields": "_none_",
                "docvalue_fields": [SLUG], "query": dsl.having(field, [term]),
            }
            for _, field, term in ways
        ]  # fmt: skip
        answers = snapshot.search_all(bodies) if bodies else []
        for (target, _, _), answer in zip(ways, answers, strict=True):
            for hit in answer["hits"]["hits"]:
                found.setdefault(target, hit["fields"][SLUG][0])
    return found


def backlinks(essay: Essay, snapshot: Snapshot) -> Dsl:
    """What selects the essays that link to one, itself left out."""
    targets = sorted(names_of(essay))
    meant = resolved(targets, snapshot)
    # A name that two essays have leads to one of them only.
    own = [bounded(target) for target in targets if meant.get(target) == essay.slug]
    if not own:
        return dsl.NOTHING
    itself = dsl.none_of(dsl.having(SLUG, [essay.slug]))
    return dsl.all_of([dsl.having(field_names.LINKS, own), itself])


def linked(essay: Essay, most: int, snapshot: Snapshot) -> list[str]:
    """The slugs of the essays that one links to, by its first ``most`` links."""
    targets = list(dict.fromkeys(map(document.linked, essay.links[:most])))
    slugs = resolved(targets, snapshot).values()
    return sorted({slug for slug in slugs if slug != essay.slug})
