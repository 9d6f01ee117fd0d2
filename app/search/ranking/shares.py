"""What is added to scores for more than words, as shares of them."""

from __future__ import annotations

from indexer.analysis import analyzer
from indexer.essay import value_key

#: What it counts to be filed under what was typed, and to have it as a title, as shares of the
#: highest score.
SUBJECT_SHARE, TITLE_SHARE = 0.5, 1.0
#: How much a preference can add to a score, as a share of it.
PREFERENCE_SHARE = 0.5
#: What standing together counts, against being there at all.
TOGETHER_SHARE = 0.2
#: The fields that are looked at. Of a tag or a heading its words alone say as much.
TOGETHER_FIELDS = ("title", "body")
#: Words further apart than this do not stand together.
MAX_DISTANCE = 5
#: A pair of words that nearly every essay has says nothing.
MIN_RARITY = 0.5


def names(asked: str, typed: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a query may name: the keys of a subject, and those of a whole title.

    The words alone (``typed``) are without what only joins them, and without elided articles.

    >>> names("Owls & moths", "Owls moths")[1] == {"owls moths"}
    True
    """
    texts = dict.fromkeys((typed, asked))
    return (
        frozenset(filter(None, map(value_key, texts))),
        frozenset(filter(None, map(analyzer.title_key, texts))),
    )
