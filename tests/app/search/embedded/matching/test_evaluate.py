"""What a query tree finds against its oracle, Whoosh's own searcher on the same segments; and what
clauses weigh together against sums over dictionaries."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.searching import Searcher

from app.search.binding import clauses
from app.search.binding.clauses import (
    FILTER,
    BoundPhrase,
    BoundSynonyms,
    BoundWord,
    Clause,
    Complement,
    Conjunction,
    Constant,
    Disjunction,
    EveryDocument,
    Term,
    TermPrefix,
    TermRange,
    TermSequence,
)
from app.search.embedded.matching.evaluate import evaluate
from app.search.embedded.ranking import expansion
from app.search.embedded.snapshot import Snapshot
from app.search.query.tree import (
    And,
    Every,
    Exact,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Run,
    Synonyms,
    Tree,
    Value,
    Wildcard,
    Word,
)
from tests.app.search.embedded import whoosh_oracle

if TYPE_CHECKING:
    from tests.conftest import Archive

WORDS = [
    "map", "maps", "mapl", "maple", "tide", "tidal", "ocean", "clock", "clock", "clock", "moon",
    "été", "東京都", "京都",
]  # fmt: skip
DAYS = ["2020-01-01", "2020-06-15", "2021-03-03", "2022-12-31"]
RATINGS = ["likely", "75", "30", "remote"]


class Generation(NamedTuple):
    """One generation of an index: as it is searched, and as Whoosh opens it."""

    snapshot: Snapshot
    searcher: Searcher


def write(archive: Archive, number: int, draw: random.Random) -> None:
    def some(low: int, high: int) -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(low, high)))

    meta: dict[str, Any] = {"title": some(1, 4), "lang": "en", "tags": draw.sample(WORDS[:6], k=2)}
    if draw.random() < 0.8:
        meta["date"] = draw.choice(DAYS)
    if draw.random() < 0.6:
        meta["certainty"] = draw.choice(RATINGS)
    if draw.random() < 0.3:
        meta["author"] = draw.choice(["Moon Maple", "Ocean Clock"])
    archive.write(f"{number}.md", f"{some(0, 40)}\n\n## {some(1, 2)}\n\n{some(0, 40)}", **meta)


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory, small: Archive) -> list[Generation]:
    """A few segments each of random essays, some withdrawn."""
    made = []
    for seed in range(6):
        draw = random.Random(seed)
        archive = type(small)(tmp_path_factory.mktemp(f"archive-{seed}"))
        for _ in range(draw.randint(1, 3)):
            for number in draw.sample(range(60), k=draw.randint(1, 30)):
                write(archive, number, draw)
            archive.build_apart()
        made.append(Generation(archive.engine._current(), whoosh_oracle.opened(archive.index)))
    return made


def bound(tree: Tree, snapshot: Snapshot) -> Clause:
    return expansion.bound(tree, snapshot, 1_000, [])


def ours(clause: Clause, snapshot: Snapshot) -> dict[int, float]:
    docs, scores = evaluate(clause, snapshot.leaves)
    assert docs.tolist() == sorted(set(docs.tolist()))
    return dict(zip(docs.tolist(), scores.tolist(), strict=True))


words = st.sampled_from(sorted({word for word in WORDS if word.isascii()} | {"été", "nowhere"}))
texts = st.lists(words, min_size=2, max_size=4).map(" ".join)
fields = st.sampled_from(["", "", "title", "heading", "body", "description", "author", "cites"])
leaves_of_trees: st.SearchStrategy[Tree] = st.one_of(
    st.builds(Word, words, fields),
    st.builds(Exact, words, st.sampled_from(["", "title"])),
    st.builds(Run, st.sampled_from(["東京都", "京都", "都"]), fields),
    st.builds(Phrase, texts, st.integers(1, 4), fields),
    st.builds(Prefix, st.sampled_from(["m", "map", "ti", "e", "x"]), fields),
    st.builds(Prefix, st.sampled_from(["m", "map"]), st.just("tag")),
    st.builds(Wildcard, st.sampled_from(["*a*", "m?p*", "t*l", "?ap"]), fields),
    st.builds(Wildcard, st.sampled_from(["*a*", "m*e"]), st.just("tag")),
    st.builds(Fuzzy, st.sampled_from(["mapel", "tdie", "clok"]), st.integers(1, 2), fields),
    st.builds(Value, st.just("tag"), st.sampled_from(WORDS[:6])),
    st.builds(Value, st.just("certainty"), st.just("75"), st.just(75.0)),
    st.builds(Value, st.just("certainty"), st.sampled_from(["likely", "unrated"])),
    st.builds(Value, st.just("has"), st.sampled_from(["date", "author"])),
    st.builds(Range, st.just("date"), st.sampled_from(DAYS), st.sampled_from([*DAYS, None])),
    st.builds(Range, st.just("date"), st.none(), st.sampled_from(DAYS), exclusive=st.booleans()),
    st.builds(Range, st.just("certainty"), st.sampled_from([30.0, 75.0]), exclusive=st.booleans()),
)


def branches(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    some = st.lists(trees, min_size=2, max_size=4).map(tuple)
    typed = st.lists(st.builds(Word, words), min_size=1, max_size=2).map(tuple)
    others = st.lists(st.builds(Word, words) | st.builds(Phrase, texts), max_size=2).map(tuple)
    return st.one_of(
        st.builds(And, some),
        st.builds(Or, some),
        st.builds(Not, trees),
        st.builds(Synonyms, typed, others),
    )


trees = st.recursive(leaves_of_trees, branches, max_leaves=8) | st.just(Every())


@settings(max_examples=600)
@given(tree=trees, number=st.integers(0, 5))
def test_any_tree_finds_what_whoosh_finds(
    generations: list[Generation], tree: Tree, number: int
) -> None:
    snapshot, searcher = generations[number]
    assert set(ours(bound(tree, snapshot), snapshot)) == whoosh_oracle.found(tree, searcher)


def test_the_archives_tell_trees_apart(generations: list[Generation]) -> None:
    """The oracle would prove little where everything or nothing is found."""
    assert any(len(each.snapshot.leaves.leaves) > 1 for each in generations)
    assert any(not leaf.whole for each in generations for leaf in each.snapshot.leaves.leaves)
    for tree in (Word("tide"), Run("東京都"), Phrase("clock moon"), Value("certainty", "75", 75.0)):
        counts = [len(whoosh_oracle.found(tree, each.searcher)) for each in generations]
        assert any(0 < n < each.snapshot.size for n, each in zip(counts, generations, strict=True))


# -- what clauses weigh together ------------------------------------------------------------------


def bound_word(text: str) -> BoundWord:
    return BoundWord(text, (("title", text), ("body", text)))


plain = st.sampled_from(["map", "tide", "clock", "nowhere"])
bound_words = st.builds(bound_word, plain)
clauses_of_terms: st.SearchStrategy[Clause] = st.one_of(
    bound_words,
    st.builds(Term, st.just("tag"), plain),
    st.builds(TermPrefix, st.just("words"), st.sampled_from(["m", "zz"])),
    st.builds(TermRange, st.just("published"), st.sampled_from(DAYS), st.none()),
    st.just(EveryDocument()),
)


def joined(parts: st.SearchStrategy[Clause]) -> st.SearchStrategy[Clause]:
    some = st.lists(parts, min_size=1, max_size=3).map(tuple)
    others = st.lists(st.tuples(parts, st.sampled_from([0.7, 1.4])), max_size=2).map(tuple)
    return st.one_of(
        st.builds(Conjunction, some),
        st.builds(Disjunction, some),
        st.builds(Constant, parts, st.sampled_from([FILTER, 1.0, 2.5])),
        st.builds(Complement, parts),
        st.builds(BoundSynonyms, st.just("typed"), parts, others),
    )


def weighed(clause: Clause, snapshot: Snapshot) -> dict[int, float]:
    """What a clause of others finds, by the rules alone; its terms as they are evaluated."""

    def of(part: Clause) -> dict[int, float]:
        return weighed(part, snapshot)

    match clause:
        case Conjunction(parts):
            every = [of(part) for part in parts]
            docs = set.intersection(*map(set, every))
            return {doc: sum(one[doc] for one in every) for doc in docs}
        case Disjunction(parts):
            total: Counter[int] = Counter()
            for part in parts:
                for doc, score in of(part).items():
                    total[doc] += score  # type: ignore[assignment]
            return dict(total)
        case Constant(part, score):
            return dict.fromkeys(of(part), score)
        case Complement(part, score):
            return dict.fromkeys(set(ours(EveryDocument(), snapshot)) - set(of(part)), score)
        case BoundSynonyms(_, typed, others):
            best = of(typed)
            for other, weight in others:
                for doc, score in of(other).items():
                    best[doc] = max(best.get(doc, 0.0), score * weight)
            return best
        case _:
            return ours(clause, snapshot)


@settings(max_examples=300)
@given(clause=st.recursive(clauses_of_terms, joined, max_leaves=8), number=st.integers(0, 5))
def test_scores_are_those_of_the_parts_together(
    generations: list[Generation], clause: Clause, number: int
) -> None:
    snapshot = generations[number].snapshot
    assert ours(clause, snapshot) == pytest.approx(weighed(clause, snapshot), abs=1e-9)


@settings(max_examples=60)
@given(texts=st.lists(plain, min_size=2, max_size=3), number=st.integers(0, 5))
def test_a_phrase_weighs_what_its_words_do(
    generations: list[Generation], texts: list[str], number: int
) -> None:
    snapshot = generations[number].snapshot
    words = tuple(map(bound_word, texts))
    found = ours(BoundPhrase("", (TermSequence("body", tuple(texts)),), words), snapshot)
    apart = ours(Conjunction(words), snapshot)
    assert found == pytest.approx({doc: apart[doc] for doc in found}, abs=1e-9)


@pytest.mark.parametrize(
    "clause",
    [
        Term("body", "nowhere"),
        Term("no_such_field", "map"),
        BoundPhrase("", (TermSequence("body", ("map", "nowhere")),), ()),
        BoundPhrase("", (TermSequence("tag", ("map", "tide")),), ()),
        TermPrefix("no_such_field", "m"),
        TermRange("no_such_field", "a", "b"),
        clauses.NOTHING,
    ],
    ids=str,
)
def test_what_is_not_there_finds_nothing(generations: list[Generation], clause: Clause) -> None:
    assert all(ours(clause, each.snapshot) == {} for each in generations)


@pytest.mark.parametrize(
    "tree", [Prefix("m", "mood"), Wildcard("*m", "mood"), Fuzzy("mapel", 2, "cites")], ids=str
)
def test_a_field_that_no_essay_has_finds_nothing(generations: list[Generation], tree: Tree) -> None:
    assert all(ours(bound(tree, each.snapshot), each.snapshot) == {} for each in generations)
