"""Whole-array evaluation against its oracle: Whoosh's own searcher on the same segments."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.matching import ReadTooFar
from whoosh.searching import SearchContext

from app.search.embedded.matching.evaluate import evaluate
from app.search.embedded.reader.segments import IndexReader
from app.search.embedded.snapshot import WEIGHTING
from indexer.analysis import analyzer, folding, stemming
from indexer.schema import whoosh_schema
from indexer.storage.codec import ArrayCodec

WORDS = ["map", "mapl", "maple", "tide", "tidal", "ocean", "clock", "clock", "clock", "moon", "été"]
DAYS = ["2020-01-01", "2020-06-15", "2021-03-03", "2022-12-31"]


def archive(folder: Path, seed: int) -> IndexReader:
    """A few segments of random documents, some deleted, written by Whoosh's own writer."""
    draw = random.Random(seed)
    index = FileIndex.create(FileStorage(str(folder)), whoosh_schema.schema(), "essays")
    number = 0
    for _ in range(draw.randint(1, 4)):
        writer = index.writer(codec=ArrayCodec())
        for _ in range(draw.randint(1, 30)):
            text = [" ".join(draw.choices(WORDS, k=draw.randint(0, 40))) for _ in range(2)]
            document = {
                "path": [f"{number}.md"],
                "title": analyzer.positions([" ".join(draw.choices(WORDS, k=draw.randint(1, 4)))]),
                "body": analyzer.positions(text),
                "words": analyzer.positions(text, stemmed=False),
                "tag": draw.sample(WORDS[:5], k=draw.randint(0, 3)),
            }
            if draw.random() < 0.8:
                document["published"] = [draw.choice(DAYS)]
            writer.add_document(**document)
            number += 1
        if draw.random() < 0.5 and number > 3:
            for path in draw.sample(range(number), k=2):
                writer.delete_by_term("path", f"{path}.md")
        writer.commit(merge=draw.random() < 0.2)
    toc = TOC.read(FileStorage(str(folder)), "essays")
    return IndexReader(folder, toc, WEIGHTING)


@pytest.fixture(scope="module")
def archives() -> Iterator[list[IndexReader]]:
    with tempfile.TemporaryDirectory() as root:
        made = []
        for seed in range(8):
            folder = Path(root) / str(seed)
            folder.mkdir()
            made.append(archive(folder, seed))
        yield made


def oracle(tree: wq.Query, leaves: IndexReader) -> dict[int, float]:
    """What Whoosh's matchers find, one posting at a time; live documents only, for its inverse of
    a matcher that ends early lets a deleted one through."""
    found: dict[int, float] = {}
    context = SearchContext(weighting=WEIGHTING)
    for leaf, base in leaves.searcher.leaf_searchers():
        matcher = tree.matcher(leaf, context)
        try:
            while matcher.is_active():
                found[matcher.id() + base] = matcher.score()
                matcher.next()
        except ReadTooFar:
            continue
    deleted = leaves.searcher.reader().is_deleted
    return {doc: score for doc, score in found.items() if not deleted(doc)}


def ours(tree: wq.Query, leaves: IndexReader) -> dict[int, float]:
    docs, scores = evaluate(tree, leaves)
    assert docs.tolist() == sorted(set(docs.tolist()))
    return dict(zip(docs.tolist(), scores.tolist(), strict=True))


words = st.sampled_from([*sorted({stemming.stem(folding.fold(w)) for w in WORDS}), "nowhere"])
names = st.sampled_from(["title", "body"])
boosts = st.sampled_from([1.0, 2.5])


def constant(query: wq.Query) -> wq.Query:
    """Whoosh weighs the terms behind a pattern differently by how many there are and how large
    the index is; the query language gives them one score, and so is compared."""
    return wq.ConstantScoreQuery(query, 1.5)


folded = st.just("words")
terms = st.builds(wq.Term, names, words, boost=boosts)
leaves_of_trees = st.one_of(
    terms,
    st.builds(
        wq.Phrase, names, st.lists(words, min_size=2, max_size=4), slop=st.integers(1, 4),
        boost=boosts,
    ),
    st.builds(constant, st.builds(wq.Prefix, folded, st.sampled_from(["m", "map", "ti", "é"]))),
    st.builds(constant, st.builds(wq.Wildcard, folded, st.sampled_from(["*a*", "m?p*", "t*l"]))),
    st.builds(
        constant,
        st.builds(
            wq.FuzzyTerm, st.just("words"), st.sampled_from(["mapel", "tdie", "clok"]),
            maxdist=st.integers(1, 2), prefixlength=st.integers(0, 1),
        ),
    ),
    st.builds(
        constant,
        st.builds(
            wq.TermRange, st.just("published"), st.sampled_from(DAYS), st.sampled_from(DAYS),
            startexcl=st.booleans(), endexcl=st.booleans(),
        ),
    ),
    st.builds(constant, st.builds(wq.Term, st.just("tag"), st.sampled_from(WORDS[:5]))),
    st.just(wq.Every()),
)  # fmt: skip


def branches(trees: st.SearchStrategy[wq.Query]) -> st.SearchStrategy[wq.Query]:
    some = st.lists(trees, min_size=2, max_size=4)
    return st.one_of(
        st.builds(wq.And, some),
        st.builds(wq.Or, some),
        st.builds(lambda wanted, unwanted: wq.And([wanted, wq.Not(unwanted)]), trees, trees),
        st.builds(lambda tree: constant(wq.Not(tree)), trees),
    )


trees = st.recursive(leaves_of_trees, branches, max_leaves=8)


@settings(max_examples=400, deadline=None)
# AndMaybe at the root alone: below an And, Whoosh's skips its optional side too little and loses
# the score of it.
@given(tree=st.one_of(trees, st.builds(wq.AndMaybe, trees, trees)), seed=st.integers(0, 7))
def test_any_tree_finds_what_whoosh_finds(
    archives: list[IndexReader], tree: wq.Query, seed: int
) -> None:
    leaves = archives[seed]
    expected = oracle(tree, leaves)
    assert ours(tree, leaves) == pytest.approx(expected, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(wanted=terms, unwanted=terms, seed=st.integers(0, 7))
def test_and_not_is_a_difference(
    archives: list[IndexReader], wanted: wq.Query, unwanted: wq.Query, seed: int
) -> None:
    """Not compared with Whoosh's AndNot: that lets a first document through whenever something
    that is to be excluded comes before it."""
    leaves = archives[seed]
    found, excluded = ours(wanted, leaves), ours(unwanted, leaves)
    expected = {doc: score for doc, score in found.items() if doc not in excluded}
    assert ours(wq.AndNot(wanted, unwanted), leaves) == expected


def test_what_only_whoosh_knows_falls_back_to_it(archives: list[IndexReader]) -> None:
    tree = wq.DisjunctionMax([wq.Term("title", "map"), wq.Term("body", "map")])
    for leaves in archives:
        found = ours(tree, leaves)
        assert found == pytest.approx(oracle(tree, leaves), abs=1e-4)
    assert any(ours(tree, leaves) for leaves in archives)


@pytest.mark.parametrize(
    "tree",
    [
        wq.Term("body", "nowhere"),
        wq.Term("no_such_field", "map"),
        wq.Phrase("body", ["map", "nowhere"]),
        wq.Phrase("tag", ["map", "tide"]),
        wq.Prefix("no_such_field", "m"),
        wq.Wildcard("no_such_field", "m*"),
        wq.FuzzyTerm("no_such_field", "map"),
        wq.TermRange("no_such_field", "a", "b"),
        wq.Every("no_such_field"),
        wq.NullQuery,
    ],
    ids=str,
)
def test_what_is_not_there_finds_nothing(archives: list[IndexReader], tree: wq.Query) -> None:
    assert all(ours(tree, leaves) == {} for leaves in archives)
