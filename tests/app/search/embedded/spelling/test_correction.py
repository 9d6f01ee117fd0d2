"""What a misspelt query is corrected to, why, and what is never touched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.search.embedded.snapshot import MAX_CORRECTIONS
from app.search.embedded.spelling.archive import SnapshotArchive
from app.search.query.curation import Curation
from app.search.request import Range, SearchRequest
from app.search.results import Correction
from app.search.spelling import candidates, correction
from indexer.analysis import tokenizer
from indexer.parsing.rules import Rules
from tests.conftest import Archive

if TYPE_CHECKING:
    from app.search.embedded.snapshot import Snapshot


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Essays whose words are easily taken for each other."""
    archive = Archive(tmp_path_factory.mktemp("shelf"), Rules(meaning=False))
    for path, title, body, meta in SHELF:
        archive.write(path, body, title=title, **meta)
    for number in range(120):
        archive.write(f"many/{number}.md", f"Receive number{number} of letters.", title="Post")
    archive.write("secret.md", "The xylograph is a secret.", title="Secret", draft=True)
    archive.build()
    return archive


SHELF: list[tuple[str, str, str, dict[str, Any]]] = [
    ("learning.md", "Machine learning, slowly", "A database of interpretability.",
     {"tags": ["ML"]}),
    ("leaning.md", "The leaning tower", "Stone leans; nobody minds the lessons.", {}),
    ("box.md", "Opening the black box", "The black box is opened. Interpretability again.", {}),
    ("weather.md", "Weather and harvest", "Rain came late to the barley.", {"certainty": 90}),
    ("leather.md", "Leather", "The tanner keeps hides; hides keep.", {"certainty": 20}),
    ("coffee.md", "Le café noir", "Une crème brûlée au café. Don't wait.", {}),
    ("музей.md", "Музей изящных искусств", "Картины висят в музее, йод хранят в аптеке.", {}),
    ("数学.md", "数学の歴史", "数学は長い歴史を持つ。", {}),
    ("rare.md", "On typing", "They will recieve nothing; a hydrangea blooms.", {}),
    ("quiet.md", "Quiet rooms", "Silence has rooms. Accommodation is quiet.", {}),
]  # fmt: skip

CORRECTED = [
    ("a letter dropped", "lerning tower", "leaning tower"),
    ("two letters swapped", "opennig", "opening"),
    ("a letter doubled", "harvesst", "harvest"),
    ("a letter replaced", "marvest", "harvest"),
    ("two slips, where one explains nothing", "acomodation", "accommodation"),
    ("the word that stands with the rest", "machine lerning", "machine learning"),
    ("the same word with another rest", "tower lerning", "tower leaning"),
    ("a word of a title before one of a text", "lether", "leather"),
    ("several words at once", "machne lerning", "machine learning"),
    ("known words stay beside it", "weather harvst rain", "weather harvest rain"),
    ("an unfinished last word", "interpretab", "interpretability"),
    ("an unfinished misspelt last word", "interpertabil", "interpretability"),
    ("two words typed as one", "blackbox", "black box"),
    ("one word typed as two", "data base", "database"),
    ("one word typed as two among others", "machine data base", "machine database"),
    ("inside a phrase", '"blakc box"', '"black box"'),
    ("inside a phrase with slop", '"opening blakc"~3', '"opening black"~3'),
    ("in curly quotes", "“blakc box”", '"black box"'),
    ("beside a field", "title:machine lerning", "title:machine learning"),
    ("beside an exclusion", "-tower lerning", "-tower learning"),
    ("inside brackets", "(machne OR zzzzqq) lerning", "(machine OR zzzzqq) learning"),
    ("before a question mark", "barly?", "barley?"),
    ("with a capital where it was typed with one", "Lerning machine", "Learning machine"),
    ("in small letters where all were capitals", "LERNING MACHINE", "learning MACHINE"),
    ("with the accents of the archive", "creme brlée", "creme brûlée"),
    ("in Cyrillic", "музеи изящнх", "музеи изящных"),
    ("in Cyrillic, spelled in full", "изщяных музей", "изящных музей"),
    ("with an apostrophe", "dno't wait", "don't wait"),
]


def meant(archive: Archive, q: str, **asked: Any) -> Correction | None:
    return archive.search(q, **asked).corrected


@pytest.mark.parametrize(
    ("q", "expected"), [row[1:] for row in CORRECTED], ids=[row[0] for row in CORRECTED]
)
def test_what_is_meant(shelf: Archive, q: str, expected: str) -> None:
    found = shelf.search(q)
    assert found.corrected == Correction(expected, applied=True)
    assert found.request.q == q
    as_typed = shelf.search(expected)
    assert found.hits == as_typed.hits
    assert found.counts == as_typed.counts
    assert as_typed.corrected is None


LEFT = [
    ("what is found", "learning"),
    ("a known word beside one that contradicts it", "tower barley"),
    ("a form of a known word", "opens"),
    ("a field's value", "tag:lerning"),
    ("words of a field in brackets", "title:(lerning machine)"),
    ("a field's phrase", 'title:"blakc box"'),
    ("an exclusion", "machine -lerning NOT twoer"),
    ("a pattern", "lern* b?rly"),
    ("a fuzzy word", "zzzearning~"),
    ("numbers", "number999 2o24"),
    ("a script without spaces", "数字"),
    ("two letters", "lx"),
    ("nothing like any word", "qwxyzzy"),
    ("a word that only a draft has", "xylograp"),
    ("no words", "?! ()"),
]


@pytest.mark.parametrize("q", [row[1] for row in LEFT], ids=[row[0] for row in LEFT])
def test_what_is_left_alone(shelf: Archive, q: str) -> None:
    assert meant(shelf, q) is None


@pytest.mark.parametrize(
    ("q", "asked", "slugs"),
    [
        ('"lerning" tower', '"leaning" tower', ["leaning"]),
        ('"machine" "lerning"', '"machine" "learning"', ["learning"]),
        ('"harvets"', '"harvest"', []),
    ],
)
def test_a_word_between_quotes_is_asked_about_and_not_replaced(
    shelf: Archive, q: str, asked: str, slugs: list[str]
) -> None:
    found = shelf.search(q)
    assert found.corrected == Correction(asked, applied=False)
    assert [hit.essay.slug for hit in found.hits] == slugs


def test_beside_a_known_word_between_quotes_others_are_replaced(shelf: Archive) -> None:
    assert meant(shelf, 'lerning "tower"') == Correction('leaning "tower"', applied=True)


def test_what_finds_something_is_asked_about_and_not_replaced(shelf: Archive) -> None:
    found = shelf.search("lerning OR barley")
    assert found.corrected == Correction("learning OR barley", applied=False)
    assert [hit.essay.slug for hit in found.hits] == ["weather"]


def test_where_no_essay_has_all_that_is_meant(shelf: Archive) -> None:
    """Most of it is asked about where the query is answered, and searched where it is not."""
    found = shelf.search("lerning machine blakc")
    assert found.corrected == Correction("learning machine black", applied=False)
    assert [hit.essay.slug for hit in found.hits] == ["learning"]
    found = shelf.search("lerning blakc harvst")
    assert found.corrected == Correction("learning black harvest", applied=True)
    assert {hit.essay.slug for hit in found.hits} == {"learning", "box", "weather"}
    assert [note.message for note in found.notes] == [
        "No essay has all these words; these have most of them."
    ]


def test_half_a_query_is_not_applied(shelf: Archive) -> None:
    found = shelf.search("lerning qwxyzzy")
    assert (found.total, found.corrected) == (0, Correction("learning qwxyzzy", applied=False))


def test_notes_have_their_places_in_what_was_typed(shelf: Archive) -> None:
    q = "slwoly machine:learning"
    found = shelf.search(q)
    (note,) = found.notes
    assert found.corrected == Correction("slowly machine:learning", applied=True)
    assert q[note.start : note.end] == "machine:learning"


def test_what_the_author_pinned_is_meant_as_it_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pins = Curation(pins={"lerning": ("typos",)})
    archive = Archive(tmp_path_factory.mktemp("pins"), Rules(meaning=False), pins)
    archive.write("typos.md", "Of slips.", title="Slips")
    archive.write("learning.md", "Of learning.", title="Learning")
    archive.build()
    found = archive.search("lerning")
    assert ([hit.essay.slug for hit in found.hits], found.corrected) == (["typos"], None)


def test_a_far_commoner_spelling_is_asked_about(shelf: Archive) -> None:
    found = shelf.search("recieve")
    assert found.corrected == Correction("receive", applied=False)
    assert [hit.essay.slug for hit in found.hits] == ["rare"]
    assert meant(shelf, "hydrangea") is None
    assert meant(shelf, "recieve tower") is None


def test_the_essays_under_the_filters_decide(shelf: Archive) -> None:
    """Weather and leather are both one slip from “eather”."""
    high, low = {"certainty": Range(80, None)}, {"certainty": Range(None, 30)}
    assert meant(shelf, "xeather", ranges=high) == Correction("weather", applied=True)
    assert meant(shelf, "xeather", ranges=low) == Correction("leather", applied=True)


def test_under_filters_that_let_none_through_the_words_alone_are_corrected(shelf: Archive) -> None:
    asked = SearchRequest(q="lerning machine", filters={"tag": ("Nobody",)})
    found = shelf.engine.search(asked)
    assert (found.total, found.corrected) == (0, None)
    language = shelf.engine.language
    archive = SnapshotArchive(shelf.engine._current(), language)
    assert correction.correction(asked, language, archive) == "learning machine"
    (way,) = [way for way in shelf.engine.alternatives(asked).ways if way.kind == "spelling"]
    assert (way.request, way.count) == (SearchRequest(q="learning machine"), 1)


def test_every_answer_is_of_the_corrected_query(shelf: Archive) -> None:
    typed, right = SearchRequest(q="lerning machine"), SearchRequest(q="learning machine")
    engine = shelf.engine
    assert engine.facet_counts(typed) == engine.facet_counts(right)
    assert engine.map_points(typed) == engine.map_points(right)
    assert engine.timeline(typed) == engine.timeline(right)
    assert engine.co_occurring(typed, "tag") == engine.co_occurring(right, "tag")
    assert engine.neighbours(typed, "learning") == engine.neighbours(right, "learning")
    assert engine.neighbours(typed, "learning") is not None
    texts = ["Machine learning, slowly"]
    assert engine.highlights(typed.q, texts) == engine.highlights(right.q, texts) != [[]]
    assert any(f.match for f in engine.search(typed).hits[0].title)


def test_words_of_essays_that_went_are_not_meant(tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = Archive(tmp_path_factory.mktemp("gone"), Rules(meaning=False))
    archive.write("a.md", "The zucchini grows.", title="A")
    archive.write("b.md", "Nothing.", title="B")
    archive.build()
    assert meant(archive, "zuchini") == Correction("zucchini", applied=True)
    (archive.content / "a.md").unlink()
    archive.build()
    assert meant(archive, "zuchini") is None


# -- whatever is typed ----------------------------------------------------------------------------

_PIECES = [
    "lerning", "machine", "blakc", "box", '"', "(", ")", "tag:ML", 'title:"black bx"', "-tower",
    "OR", "AND", "NOT", "lern*", "interpretab", "data", "base", "музеи", "数学", "quiet~", "café",
    "certainty:>=50", "recieve", "twoer", "?", "~2", "-", "colour:red",
]  # fmt: skip
queries = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=7).map(" ".join)


def snapshot_of(archive: Archive) -> Snapshot:
    return archive.engine._current()


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(q=queries | st.text(max_size=30) | st.text('aeilrnst "():-*~', max_size=25))
@example(q='-tag:"black bx" lerning')
@example(q="lerning \\")
def test_a_correction_finds_something_and_changes_unknown_words_alone(
    shelf: Archive, q: str
) -> None:
    found = shelf.search(q)
    if found.corrected is None:
        return
    language = shelf.engine.language
    snapshot = snapshot_of(shelf)
    archive = SnapshotArchive(snapshot, language)
    right = shelf.search(found.corrected.query)
    assert right.total > 0
    if found.corrected.applied:
        assert (found.total, found.hits) == (right.total, right.hits)
        before, after = tokenizer.words(q), tokenizer.words(found.corrected.query)
        kept = [word for word in before if candidates.known(word, archive)]
        letters = "".join(after)
        assert all(word in letters for word in kept)
    fixed = [piece for piece in _PIECES if set(":-*~()") & set(piece)]
    for piece in fixed:
        assert found.corrected.query.count(piece) == q.count(piece)


LARGE = {
    "one long word": "lerning" * 300,
    "many unknown words": "qlerning " * 64,
    "many known words and one unknown": "machine " * 63 + "lerning",
    "many joins": "data base " * 32,
    "sixty-four misspelt words": " ".join(f"lern{'abcdefgh'[n % 8]}ng" for n in range(64)),
    "brackets": "(" * 500 + "lerning" + ")" * 500,
    "quotes": '"lerning ' * 200,
    "colons": "title:" * 300 + "lerning",
    "hyphens": "lerning-" * 250,
    "backslashes": '"' + "\\" * 1999,
    "apostrophes": "l'" * 900,
    "letters of all scripts": "".join(chr(0x100 + n) for n in range(1900)),
    "null": "\x00lerning\x00 machine",
}


@pytest.mark.parametrize("q", LARGE.values(), ids=LARGE)
def test_limits_keep_it_fast(shelf: Archive, q: str) -> None:
    shelf.search("lerning")
    started = time.process_time()
    language = shelf.engine.language
    archive = SnapshotArchive(snapshot_of(shelf), language)
    correction.correct(SearchRequest(q=q), language, archive)
    assert time.process_time() - started < 0.25


def test_what_was_meant_is_remembered_within_bounds(shelf: Archive) -> None:
    snapshot = snapshot_of(shelf)
    for number in range(MAX_CORRECTIONS + 10):
        archive = SnapshotArchive(snapshot, shelf.engine.language)
        correction.correct(SearchRequest(q=f"q{number}"), shelf.engine.language, archive)
    assert 0 < len(snapshot.corrections) <= MAX_CORRECTIONS
