"""What the archive's words mean: rating words as percentages, and other names of keys.

:class:`Rules` is everything of an archive's own that decides how its files are read. Two builds
under different rules are different indexes (see :meth:`Rules.fingerprint`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from indexer.analysis import embedding
from indexer.essay import RATINGS, on_scale, value_key

#: Certainty follows the words of estimative probability that gwern.net uses; status is how far
#: the writing has come. The archive's settings can replace a table as a whole.
CERTAINTY = {
    "certain": 100.0,
    "highly likely": 90.0,
    "likely": 75.0,
    "possible": 50.0,
    "unlikely": 30.0,
    "highly unlikely": 15.0,
    "remote": 5.0,
    "impossible": 0.0,
}
STATUS = {
    "finished": 100.0,
    "published": 100.0,
    "in progress": 75.0,
    "draft": 50.0,
    "notes": 25.0,
    "abandoned": 0.0,
}
IMPORTANCE = {str(step): step * 10.0 for step in range(11)}

#: The key that a field is read from; of several in one file the first in this order counts.
ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "description": ("description", "subtitle", "preview"),
    "excerpt": ("excerpt", "summary", "abstract"),
    "published": ("publishdate", "date", "created", "start_date"),
    "updated": ("lastmod", "updated", "modified", "end_date"),
    "tags": ("tags", "tag", "keywords"),
    "categories": ("categories", "category"),
    "status": ("status",),
    "certainty": ("certainty", "confidence", "belief"),
    "importance": ("importance",),
    "bibliography": ("bibliography", "references"),
    "slug": ("slug", "permalink"),
    "authors": ("author", "authors"),
    "lang": ("lang",),
    "draft": ("draft",),
    "complete": ("is_post_complete",),
    "featured": ("homepage_featured", "featured"),
}


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How the files of one archive are read. The defaults suit an archive without settings.

    ``aliases`` adds keys to fields (``{"published": ["written"]}``), ``vocabulary`` replaces whole
    rating tables, ``facets`` names front-matter keys that readers narrow by, ``exclude`` is a list
    of glob patterns over content paths, ``follow_links`` lets links lead out of the content folder
    (:mod:`indexer.parsing.symlinks`), ``meaning`` makes vectors of essays
    (:mod:`indexer.analysis.embedding`), ``max_bytes`` is the largest file that is read and
    ``deadline`` the seconds that a small file may take to render; a file of 200 kB may take twice
    as long, and so on.
    """

    aliases: Mapping[str, tuple[str, ...]] = {}
    vocabulary: Mapping[str, Mapping[str, float]] = {}
    facets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    follow_links: bool = False
    drafts: bool = False
    lang: str = "en"
    meaning: bool = True
    max_bytes: int = 5_000_000
    deadline: float = 2.0

    def seconds(self, size: int) -> float:
        """The seconds that reading a file of so many bytes may take.

        >>> Rules().seconds(0), Rules().seconds(100_000)
        (2.0, 3.0)
        """
        return self.deadline * (1 + size / 200_000)

    def fingerprint(self) -> str:
        """What rules make of a file, as a short text: two rules with one fingerprint read every
        file alike, by the same word vectors if by any."""
        text = msgspec.json.encode(self, order="deterministic")
        if self.meaning:
            text += embedding.identity().encode()
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def keys(self, field: str) -> tuple[str, ...]:
        """Every front-matter key that ``field`` may be given by, the preferred first.

        >>> Rules(aliases={"published": ("written",)}).keys("published")[-1]
        'written'
        """
        return (*ALIASES[field], *self.aliases.get(field, ()))

    def percentages(self, facet: str) -> Mapping[str, float]:
        """The table of one rating: folded word to percentage.

        >>> Rules().percentages("certainty")["likely"]
        75.0
        """
        return _percentages_of(facet, self.vocabulary.get(facet))


_DEFAULTS = dict(zip(RATINGS, (STATUS, CERTAINTY, IMPORTANCE), strict=True))


def _percentages_of(facet: str, own: Mapping[str, float] | None) -> Mapping[str, float]:
    if own is None:
        return _DEFAULTS.get(facet, {})
    table = {value_key(str(word)): float(percentage) for word, percentage in own.items()}
    return {word: percentage for word, percentage in table.items() if on_scale(percentage)}
