"""The harness over a collection small enough to know by heart, with the real engines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.embedded.semantic.fusion import WEIGHT
from indexer.analysis import embedding
from indexer.parsing import corpus
from indexer.parsing.markup import render
from indexer.parsing.rules import Rules
from tests.relevance import (
    archive,
    asking,
    collection,
    compare,
    forms,
    measures,
    peers,
    report,
    run,
)
from tests.relevance.collection import Document

HERE = Path(__file__).resolve().parent
TINY = HERE / "tiny"


# -- reading a collection ---------------------------------------------------------------------


def test_a_question_that_nothing_answers_is_left_out() -> None:
    read = collection.read(TINY)
    assert [each.id for each in read.questions] == ["1", "2", "3", "4", "5", "6"]
    assert len(read.documents) == 12
    assert read.judgements["5"] == {"bread/wheat": 2, "bread/rye": 1}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("docs.jsonl", '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', "given once"),
        ("docs.jsonl", '{"id": "", "text": "x"}\n', "none is empty"),
        ("docs.jsonl", '{"id": "a"}\n', "docs.jsonl:1: "),
        ("queries.jsonl", '{"id": "1", "text": "x"}\nnot JSON\n', "queries.jsonl:2: "),
        ("qrels.tsv", "1\tkettle\t1\n1\tkettle\n", "qrels.tsv:2: "),
        ("qrels.tsv", "1\tkettle\t0\n", "no question has a relevant document"),
    ],
)
def test_a_collection_that_does_not_hold_together(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    for file in TINY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=said):
        collection.read(tmp_path)


# -- documents as essays ----------------------------------------------------------------------

#: Texts that Markdown would take for markup.
SEEMING = [
    "# heading", "Heading\n===", "Heading\n---", "* a\n* b", "- a", "+ a", "1. a\n2) b", "> said",
    "    code", "\tcode", "```\ncode\n```", "~~~\ncode\n~~~", "a\n:   defined", "[^1]: note[^1]",
    "[a]: b.md\n[a]", "[[Link]]", "[a](b.md) ![c](d.png)", "*a* **b** _c_ __d__", "a_b_c", "`x`",
    "<b>x</b> <!-- gone? -->", "<script>x</script>", "<http://a.org>", "AT&amp;T &copy; &#65;",
    "a | b\n--- | ---\n1 | 2", "| a |\n|---|", "\\* \\\\", "***", "___", "[TOC]", "{: .a } {#b}",
    "x < 3 & y > 4", "$a_1$ ^2^ ~3~", "10. August", "2011) no", "a  \nb", "---\nno: metadata\n---",
]  # fmt: skip


def said(text: str) -> list[str]:
    """The words that an index would hold of a document's text."""
    sections = render(archive.escape(text)).sections
    assert [(each.level, each.title) for each in sections] == [(0, "")] * len(sections)
    return "".join(each.text + "\n" for each in sections).split()


@pytest.mark.parametrize("text", SEEMING)
def test_what_seems_markup_stays_text(text: str) -> None:
    assert said(text) == text.split()


LINES = st.text(st.sampled_from("ab1.)(#*_-+=>|:`~[]<&;!\\^$ \t\n"), max_size=30)
#: All but control characters, which no text has, and those that no file can carry.
ANY = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"], include_characters="\n\t")
)


@given(LINES | ANY)
def test_any_text_stays_text(text: str) -> None:
    assert said(text) == text.split()


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_an_id_survives_being_a_slug(identifier: str) -> None:
    slug = archive.slug_of(identifier)
    assert archive.id_of(slug) == identifier
    assert "/" not in slug
    assert slug not in (".", "..")


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Why: a *star*", "Why: a *star*"),
        ("two\n lines", "two lines"),
        ("null", "null"),
        ("", archive.UNTITLED),
        ('"quoted" # not a comment', '"quoted" # not a comment'),
    ],
)
def test_a_title_and_an_id_as_front_matter(tmp_path: Path, title: str, read: str) -> None:
    archive.write([Document("a/B.1", "text", title)], tmp_path)
    file = next(tmp_path.rglob("*.md")).relative_to(tmp_path)
    reading = corpus.read_file(tmp_path, str(file), Rules())
    assert reading.problems == ()
    assert reading.essay is not None
    assert reading.essay.title == read
    assert archive.id_of(reading.essay.slug) == "a/B.1"


# -- asking -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("relevance")


def test_the_command_offers_every_engine() -> None:
    assert run.NAMES == peers.NAMES


def needs(name: str) -> None:
    """Skip a test of an engine whose packages are not installed."""
    if name in ("tantivy", "tantivy-vectors"):
        pytest.importorskip("tantivy")
    if name in ("vectors", "tantivy-vectors") and embedding.folder() is None:
        pytest.skip("the packages of word vectors are not installed")


@pytest.mark.parametrize("name", peers.NAMES)
def test_every_engine_finds_what_the_tiny_collection_hides(name: str, home: Path) -> None:
    needs(name)
    result, rankings = asking.ask(collection.read(TINY), [name], home)
    (outcome,) = result.outcomes
    assert outcome.nothing == 0
    assert outcome.quality.recall == 1.0
    assert outcome.quality.mrr == 1.0
    assert 0.9 < outcome.quality.ndcg <= 1.0
    assert 0 < outcome.p50 <= outcome.p95
    best = {each.query: each.found[0].id for each in rankings}
    assert best["3"] == "owl.1"
    assert best["5"] == "bread/wheat"
    assert best["6"] == "stars"
    for each in rankings:
        scores = [found.score for found in each.found]
        assert scores == sorted(scores, reverse=True), "higher is better, the best first"


def test_an_index_is_kept_until_documents_change(tmp_path: Path) -> None:
    documents = collection.read(TINY).documents
    first = peers.prepare("sqlite", documents, tmp_path)
    written = (tmp_path / "sqlite/index.db").stat().st_mtime_ns
    assert peers.prepare("sqlite", documents, tmp_path) == pytest.approx(first, abs=0.01)
    assert (tmp_path / "sqlite/index.db").stat().st_mtime_ns == written
    peers.prepare("sqlite", documents[1:], tmp_path)
    assert peers.peer("sqlite").open(tmp_path / "sqlite").search("bubbles") == []


def test_vectors_find_what_has_none_of_the_words(home: Path) -> None:
    needs("vectors")
    documents = collection.read(TINY).documents
    peers.prepare("vectors", documents, home)
    engine = peers.peer("vectors").open(home / "vectors")
    assert engine.search("automobiles corroding", 1)[0].id == "rust"
    best = engine.search("automobiles corroding", 3)
    assert best == engine.search("automobiles corroding")[:3]
    assert all(0 < each.score <= 1 for each in best)
    assert engine.search("?") == []


@pytest.mark.parametrize("text", ["wheat", "why do owls hear mice", "zinc automobiles", "cereals"])
def test_words_and_vectors_are_fused_by_shares_of_their_best(text: str, home: Path) -> None:
    needs("tantivy-vectors")
    documents = collection.read(TINY).documents
    found = {}
    for name in ("tantivy", "vectors", "tantivy-vectors"):
        peers.prepare(name, documents, home)
        found[name] = dict(peers.peer(name).open(home / name).search(text))
    expected = dict.fromkeys([*found["tantivy"], *found["vectors"]], 0.0)
    for name, weight in (("tantivy", 1.0), ("vectors", WEIGHT)):
        for each, score in found[name].items():
            expected[each] += weight * score / max(found[name].values())
    assert found["tantivy-vectors"] == pytest.approx(expected, abs=1e-6)


def test_vectors_are_made_again_when_the_model_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("vectors")
    documents = collection.read(TINY).documents
    peers.prepare("vectors", documents, tmp_path)
    written = (tmp_path / "vectors/ids.json").stat().st_mtime_ns
    peers.prepare("vectors", documents, tmp_path)
    assert (tmp_path / "vectors/ids.json").stat().st_mtime_ns == written
    monkeypatch.setattr(embedding, "identity", lambda: "another model")
    peers.prepare("vectors", documents, tmp_path)
    assert (tmp_path / "vectors/ids.json").stat().st_mtime_ns > written


def test_text_is_asked_as_it_was_typed(home: Path) -> None:
    """Ours reads a query language; the harness takes nothing away from what was typed."""
    peers.prepare("ours", collection.read(TINY).documents, home)
    engine = peers.peer("ours").open(home / "ours")
    assert [each.id for each in engine.search("north -compass")] == ["moss"]
    assert len(engine.search("north OR water OR salt", 2)) == 2


def test_the_command(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "run.py"), str(TINY), "--engine", "ours", "sqlite",
               "--forms", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "R.md"),
               "--dump", str(tmp_path / "dump.jsonl")]  # fmt: skip
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    written = (tmp_path / "R.md").read_text()
    assert "| SQLite FTS5 |" in shown
    assert shown.strip().partition("\n| nDCG@10, questions")[0] in written
    assert "| three as a paragraph (2) |" in written
    assert str(tmp_path) not in written
    lines = [json.loads(line) for line in (tmp_path / "dump.jsonl").read_text().splitlines()]
    assert len(lines) == 2 * 6
    assert {line["engine"] for line in lines} == {"ours", "sqlite"}
    first = next(line for line in lines if (line["engine"], line["query"]) == ("ours", "1"))
    assert first["ranked"][0][0] == "kettle"


def test_questions_in_other_forms_are_the_same_questions() -> None:
    read = collection.read(TINY)
    for form, change in forms.FORMS.items():
        changed = change(read)
        assert changed.documents == read.documents, form
        asked = {one for each in changed.questions for one in each.id.split("+")}
        assert asked == {each.id for each in read.questions}, form


def test_a_paragraph_is_answered_by_what_answers_any_of_its_sentences() -> None:
    read = collection.read(TINY)
    first, second = forms.paragraphs(read).questions
    assert first.text == "Bubbles collapse. Magnetic north. Owls hear."
    answers = forms.paragraphs(read).judgements
    assert answers[first.id].keys() == set().union(*(read.judgements[each] for each in "123"))
    assert answers[second.id]["bread/wheat"] == 2


def test_the_report_names_the_forms_in_which_nothing_was_found(home: Path) -> None:
    outcomes = asking.ask_forms(collection.read(TINY), ["ours", "sqlite"], home)
    outcomes[-1] = outcomes[-1]._replace(nothing=1)
    table = report.forms_section(outcomes)
    assert "| nDCG@10, questions | essay-search | SQLite FTS5 |" in table
    assert "| in capitals (6) | **1.0000** | **1.0000** |" in table
    assert table.endswith("1 without results |")
    assert table.count("without results") == 1


def test_the_report_says_which_is_best() -> None:
    def outcome(name: str, *quality: float) -> asking.Outcome:
        return asking.Outcome(name, measures.Quality(*quality), 0, 1.0, 2.0, 3.0)

    outcomes = [outcome("one", 0.5, 0.4, 0.9, 0.1), outcome("two", 0.25, 0.4, 1.0, 0.2)]
    table = report.section(asking.Result("tiny", 1234, 5, outcomes, (1.0, 2.0), "2026-11-22"))
    assert "| one | **0.5000** | **0.4000** | 0.9000 | 0.1000 | 0 | 1.0 | 2.0 | 3.0 |" in table
    assert "| two | 0.2500 | **0.4000** | **1.0000** | **0.2000** | 0 | 1.0 | 2.0 | 3.0 |" in table
    assert "1,234 documents, 5 questions" in table


# -- comparing --------------------------------------------------------------------------------


def test_what_a_change_helped_and_harmed(tmp_path: Path) -> None:
    def dump(name: str, **ranked: str) -> Path:
        lines = [
            {"engine": "ours", "query": query, "ranked": [[each, 1.0] for each in found.split()]}
            for query, found in ranked.items()
        ]
        file = tmp_path / name
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return file

    read = collection.read(TINY)
    before = dump("before", **{"1": "kettle", "2": "moss compass", "3": "owl.1"})
    after = dump("after", **{"1": "rust tides kettle", "2": "compass moss", "3": "owl.1"})
    told = compare.compare(read, before, after)
    assert "nDCG@10  0.4385 -> 0.4167" in told
    assert "2  0.631 -> 1.000  magnetic north" in told
    assert "1  1.000 -> 0.500  bubbles collapse" in told
    assert "owls hear" not in told
