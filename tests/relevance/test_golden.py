"""Golden questions: what readers of the sample archive should be shown, and what they are shown."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.relevance import golden
from tests.relevance.golden import Asked, Figures, Query

QUERIES = golden.queries()
KINDS = ("word", "name", "phrase", "form", "question", "concept", "tag", "german", "french",
         "accents", "typo", "meaning")  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    return golden.ask(QUERIES, golden.searcher(tmp_path_factory.mktemp("golden")))


def test_no_figure_is_lower_than_it_was(asked: list[Asked]) -> None:
    now = golden.figures(asked)
    said = golden.fallen(now, golden.read())
    short = golden.shortfalls(asked)
    assert not said, "\n".join(["", *said, "", golden.table(asked), "", "These fall short:", short])


def test_there_are_questions_of_every_kind() -> None:
    many = Counter(each.kind for each in QUERIES)
    assert len(QUERIES) >= 60
    assert set(many) == set(KINDS)
    assert min(many.values()) >= 5


@pytest.mark.parametrize("query", QUERIES, ids=[each.q for each in QUERIES])
def test_a_question_expects_essays_that_exist_and_says_why(query: Query) -> None:
    assert 1 <= len(query.expect) <= golden.FIRST
    assert len(set(query.expect)) == len(query.expect)
    for slug in query.expect:
        assert (golden.CONTENT / f"{slug}.md").exists()
    assert query.why.endswith(".")
    assert len(query.why.split()) >= 3


def test_no_question_is_asked_twice() -> None:
    assert Counter(each.q for each in QUERIES).most_common(1)[0][1] == 1


def query(kind: str, *expect: str) -> Query:
    return Query(kind, "q", expect, "Because.")


#: Reciprocal ranks 1, 1/2 and 0; recalls 1, 1/2 and 0.
THREE = [
    Asked(query("word", "a"), ["a", "b"]),
    Asked(query("word", "a", "f"), ["b", "a", "c", "d", "e", "f"]),
    Asked(query("typo", "a"), []),
]


def test_figures() -> None:
    assert golden.figures(THREE) == {
        "total": Figures(3, 0.5, 0.5),
        "word": Figures(2, 0.75, 0.75),
        "typo": Figures(1, 0.0, 0.0),
    }


def test_success_is_the_share_of_questions_with_an_expected_essay_among_the_first_five() -> None:
    sixth = Asked(query("typo", "f", "z"), list("abcdef"))
    fifth = Asked(query("typo", "e", "z"), list("abcdef"))
    asked = [*THREE, sixth, fifth, fifth]
    assert golden.success(asked, "word") == 1.0
    assert golden.success(asked, "typo") == 0.5
    assert golden.success(asked) == 4 / 6


def test_the_table_shows_every_figure() -> None:
    head, total, *kinds = golden.table(THREE).splitlines()
    assert head.split() == ["queries", "MRR", "recall@5", "success@5"]
    assert total.split() == ["total", "3", "0.5000", "0.5000", "0.6667"]
    assert [line.split()[0] for line in kinds] == ["word", "typo"]


def test_figures_are_rounded_down() -> None:
    thirds = [Asked(query("word", "a"), ["b", "c", "a"])] * 7
    assert golden.figures(thirds)["word"] == Figures(7, 0.3333, 1.0)
    tenths = [Asked(query("word", "a"), ["a"])] * 3 + [Asked(query("word", "a"), [])] * 7
    assert golden.figures(tenths)["word"] == Figures(10, 0.3, 0.3)


@pytest.mark.parametrize(
    ("found", "expect", "short"),
    [
        ("a", "a", False),
        ("abcdef", "ac", False),
        ("ba", "a", True),  # another is first
        ("abcdef", "af", True),  # one is not among the first five
        ("a", "ab", True),
        ("", "a", True),
    ],
)
def test_which_questions_fall_short(found: str, expect: str, short: bool) -> None:
    assert Asked(query("word", *expect), list(found)).short is short


def test_what_is_said_of_questions_that_fall_short() -> None:
    told = golden.shortfalls(THREE)
    assert told.count("\n") == 5
    assert "a 2, f 6; first of 6: b" in told
    assert "a not found; first of 0: nothing" in told


NOW = {"total": Figures(2, 0.5, 0.75), "word": Figures(2, 0.5, 0.75)}


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (NOW, []),
        ({**NOW, "word": Figures(2, 0.4, 0.7)}, []),
        ({**NOW, "word": Figures(2, 0.6, 0.7)}, ["word: MRR 0.6000 -> 0.5000"]),
        ({**NOW, "word": Figures(2, 0.5, 0.8)}, ["word: recall@5 0.8000 -> 0.7500"]),
        ({**NOW, "word": Figures(3, 0.1, 0.1)}, ["word: other questions than those"]),
        ({"total": NOW["total"]}, ["word: other questions than those"]),
        ({**NOW, "typo": Figures(1, 0.0, 0.0)}, ["typo: other questions than those"]),
    ],
)
def test_what_fell(kept: dict[str, Figures], said: list[str]) -> None:
    told = golden.fallen(NOW, kept)
    assert len(told) == len(said)
    assert all(line.startswith(start) for line, start in zip(told, said, strict=True))


def test_figures_survive_being_kept(tmp_path: Path) -> None:
    golden.keep(NOW, tmp_path / "kept.toml")
    assert golden.read(tmp_path / "kept.toml") == NOW
    assert golden.read(tmp_path / "missing.toml") == {}


@pytest.mark.parametrize(
    ("mrr", "lower", "code", "kept"),
    [(0.0, [], 0, True), (1.5, [], 1, False), (1.5, ["--lower"], 0, True)],
)
def test_keeping(tmp_path: Path, mrr: float, lower: list[str], code: int, kept: bool) -> None:
    """Figures that fell are kept only by someone who says so."""
    file = tmp_path / "kept.toml"
    golden.keep({k: f._replace(mrr=mrr, recall=0.0) for k, f in golden.read().items()}, file)
    before = file.read_text()
    command = [sys.executable, golden.__file__, "--keep", "--file", str(file), *lower]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert (file.read_text() != before) is kept
    assert ("MRR 1.5000 ->" in done.stdout) is (mrr > 1)
