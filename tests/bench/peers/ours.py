"""How does this project answer? ``EmbeddedEngine`` over an index made by
``indexer.build.build``."""

from __future__ import annotations

import hashlib
from pathlib import Path

import indexer
from app.search.embedded.engine import EmbeddedEngine
from app.search.embedded.ranking import ranking
from app.search.request import SearchRequest
from app.search.results import Hit as OurHit
from indexer.build.build import build as build_index
from indexer.essay import Moment, Rating
from indexer.parsing.rules import Rules
from tests.bench.shape import FACETS, HITS, UNRATED, Answer, Hit, Query

NAME = "essay-search"
#: Unix time 0 on the index's own clock, which starts in year 1.
_EPOCH = Moment("1970-01-01").instant


def _code() -> str:
    """What tells this version of the indexer from others."""
    code = hashlib.sha256()
    for file in sorted(Path(indexer.__file__).parent.rglob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()


def _stamp(index: Path) -> Path:
    return index.with_name(index.name + ".code")


def stamp(index: Path) -> None:
    """Note that an index was built by the code that is here."""
    _stamp(index).write_text(_code())


def build(content: Path, index: Path) -> None:
    """Build in full, unless the code that built this index is the code that is here."""
    noted = _stamp(index)
    same = noted.exists() and noted.read_text() == _code()
    noted.unlink(missing_ok=True)
    report = build_index(content, index, Rules(), full=not same)
    if report.problems:
        raise ValueError(f"The generated essays have problems: {report.problems[:3]}")
    stamp(index)


class Engine:
    def __init__(self, index: Path) -> None:
        # Whole answers are remembered for who turns a page or chooses a facet. Here nobody does,
        # and the few common words that there are come again with other filters.
        ranking.MAX_REMEMBERED_OF_ONE = 0
        self.engine = EmbeddedEngine(index, Rules())

    def search(self, query: Query) -> Answer:
        found = self.engine.search(
            SearchRequest(q=query.text, filters=query.filters, page=query.page, per_page=HITS)
        )
        counts = found.counts
        return Answer(
            found.total,
            {facet: {v.value: v.count for v in counts.facets[facet]} for facet in FACETS},
            {name: [bar.count for bar in each.histogram] for name, each in counts.ranges.items()},
            [_hit(hit) for hit in found.hits],
        )


def _hit(hit: OurHit) -> Hit:
    essay = hit.essay
    marked = [
        "".join(f"<mark>{f.text}</mark>" if f.match else f.text for f in snippet.fragments)
        for snippet in hit.snippets
    ]
    return Hit(
        essay.slug,
        essay.title,
        _seconds(essay.published),
        _seconds(essay.updated),
        (_label(essay.status), _label(essay.certainty), _label(essay.importance)),
        " ".join(marked) or essay.excerpt,
    )


def _seconds(moment: Moment | None) -> int:
    return moment.instant - _EPOCH if moment else 0


def _label(rating: Rating | None) -> str:
    return rating.label if rating else UNRATED


def open(index: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(index)
