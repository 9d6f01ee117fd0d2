"""What a word in each field counts, by BM25F (:mod:`app.search.embedded.matching.bm25f`).

Part of the schema, since an engine may want the numbers where its index is made.
"""

from __future__ import annotations

from typing import NamedTuple

#: How fast more of the same word stops to count.
K1 = 1.2


class Weight(NamedTuple):
    """What one occurrence in a field counts, against one in the text of average length; and how
    far a field longer than others is held against it (0 not at all, 1 in full)."""

    weight: float
    b: float


#: A title says in a few words what an essay is about; a tag does too, but is chosen from a list,
#: and an essay is not less about it for having more of them. Summaries and headings are the
#: author's own digest. Names that are cited are about others' works.
WEIGHTS = {
    "title": Weight(2.0, 0.75),
    "topics": Weight(2.0, 0.3),
    "summary": Weight(1.5, 0.5),
    "headings": Weight(1.5, 0.5),
    "body": Weight(1.0, 0.75),
    "author": Weight(1.5, 0.2),
    "cites": Weight(0.5, 0.5),
}
