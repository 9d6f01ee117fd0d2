"""A large archive of somebody's own, where one is at hand: nothing crashes, every file is accounted
for, and whole-array evaluation finds what Whoosh finds for queries of the archive's own words.

It is no part of the project: ``ESSAYS_ARCHIVE`` names its folder, of a thousand essays or more.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from app.search.binding.binding import Binding
from app.search.binding.clauses import Clause, TermPrefix
from app.search.embedded.matching.evaluate import evaluate
from app.search.embedded.snapshot import Snapshot
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.parser import QueryParser
from app.search.query.tree import Fuzzy, Prefix, Wildcard
from indexer.build.build import build
from indexer.build.report import Report
from indexer.parsing import corpus
from indexer.parsing.rules import Rules
from indexer.storage import generation
from tests.app.search.embedded import whoosh_oracle

ARCHIVE = os.environ.get("ESSAYS_ARCHIVE", "")
CORPORA = Path(ARCHIVE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ARCHIVE, reason="ESSAYS_ARCHIVE names no archive"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    index = tmp_path_factory.mktemp("real") / "index"
    return build(CORPORA, index, Rules(), jobs=2), index


def test_every_file_is_an_essay_a_draft_or_a_problem(built: tuple[Report, Path]) -> None:
    report, index = built
    files, _ = corpus.scan(CORPORA, Rules())
    assert len(files) > 1000
    state = generation.manifest(index, generation.current(index))
    assert {known.path for known in state} == {file.path for file in files}
    lost = [k.path for k in state if not (k.indexed or k.draft or k.problems)]
    assert lost == []
    assert report.essays == sum(known.indexed for known in state) > 1000


SHAPES = [
    "{a}", "{a} {b}", "{a} OR {b}", '"{a} {b}"', '"{p}"', '"{a} {b}"~6', "{a} -{b}", "title:{a}",
    "{t}*", "({a} OR {b}) {c}", "author:{a} OR body:{b}", "{a} certainty:>=50", "date:2020 {a}",
]  # fmt: skip


def test_two_hundred_queries_find_what_whoosh_finds(built: tuple[Report, Path]) -> None:
    _, index = built
    snapshot = Snapshot(index, generation.current(index), Rules())
    language, searcher = QueryParser(Rules()), whoosh_oracle.opened(index)
    counts = snapshot.leaves.prefixed("words", "")
    often = [word for word, count in counts.items() if count > 20]
    draw = random.Random(200)
    somewhere = 0
    for _ in range(200):
        a, b, c = (draw.choice(often if draw.random() < 0.7 else list(counts)) for _ in range(3))
        pair = phrase(snapshot, draw)
        query = draw.choice(SHAPES).format(a=a, b=b, c=c, t=a[:3], p=pair)
        tree = language.parse(query).tree
        # As an English archive has its words; all of those that a prefix stands for.
        clause = Binding(QueryAnalyzer(), prefixes, 1).clause(tree)
        found = set(evaluate(clause, snapshot.leaves).docs.tolist())
        assert found == whoosh_oracle.found(tree, searcher), query
        somewhere += bool(found)
    assert somewhere > 100


def prefixes(node: Prefix | Wildcard | Fuzzy, field: str) -> Clause:
    assert isinstance(node, Prefix)
    return TermPrefix(field, node.text)


def phrase(snapshot: Snapshot, draw: random.Random) -> str:
    """Two words that stand together somewhere."""
    while True:
        sections = snapshot.sections(draw.randrange(snapshot.size))
        words = [w for section in sections for w in section.text.split() if w.isalpha()]
        if len(words) > 2:
            at = draw.randrange(len(words) - 1)
            return f"{words[at]} {words[at + 1]}"
