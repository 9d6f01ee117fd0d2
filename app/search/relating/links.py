"""What the target of a link may mean, and the targets that may mean an essay.

A target is a content path, with or without its ending, a slug, or a name (``wiki//Owls at night``,
see :mod:`indexer.parsing.wikilinks`).
"""

from __future__ import annotations

from indexer.essay import WIKI_PREFIX, Essay, linked_name, value_key
from indexer.parsing.markup import SUFFIXES
from indexer.schema import document, field_names


def meanings(target: str) -> list[tuple[str, str]]:
    """The fields and terms that a target means, the first that an essay has: a name means the essay
    of that title, else of that slug, else of that file name.

    >>> meanings("wiki//Owls")[0], meanings("owls.md")[0]
    (('title-name', 'owls'), ('path', 'owls.md'))
    """
    name = linked_name(target)
    if name is None:
        return [*(("path", target + ending) for ending in ("", *SUFFIXES)), ("slug", target)]
    return [(field, name) for field in (field_names.CALLED, "slug", field_names.FILED)]


def names_of(essay: Essay) -> set[str]:
    """The targets that may mean an essay."""
    return {
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
