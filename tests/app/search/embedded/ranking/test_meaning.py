"""What a query means beside its words: which essays it adds, where they come, what they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.search.embedded.engine import EmbeddedEngine
from app.search.embedded.ranking import meaning
from app.search.request import SearchRequest
from indexer.analysis import embedding, glosses
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

pytestmark = pytest.mark.skipif(embedding.folder() is None, reason="no word vectors installed")

TEXTS = {
    "cars": ("Vehicles", "Four wheels.\n\n## Driving\n\nCars need petrol and a driver.",
             ["Travel"]),
    "bread": ("Baking", "Flour, water and salt become a loaf in a hot oven.", ["Food"]),
    "whales": ("At sea", "Whales sing to one another across the whole ocean.", ["Animals"]),
    "doctors": ("On call", "A physician sees patients at the hospital every morning.", ["Work"]),
    "rivers": ("Downhill", "A river carries its stones slowly to the coast.", ["Water"]),
    "chess": ("Openings", "The queen's gambit offers a pawn to win the centre.", ["Games"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return filled(tmp_path_factory.mktemp("meaning") / "home", Rules())


def filled(home: object, rules: Rules) -> Archive:
    from tests.conftest import Archive

    made = Archive(Path(str(home)), rules)
    for slug, (title, body, tags) in TEXTS.items():
        made.write(f"{slug}.md", body, title=title, tags=tags)
    made.build()
    return made


def test_what_is_near_comes_in_the_place_of_words_that_most_essays_have(tmp_path: Path) -> None:
    archive = filled(tmp_path / "home", Rules())
    for number in range(24):
        archive.write(f"minutes/{number}.md", "The chair and the board agreed.", title="Minutes")
    archive.build()
    found = archive.search("the automobiles and the xyzzies")
    assert [hit.essay.slug for hit in found.hits] == ["cars"]
    assert [note.message for note in found.notes] == [
        "No essay has “automobiles” or “xyzzies”.",
        "These are near in meaning.",
    ]
    # Where nothing is near, essays with the words that there are.
    assert archive.search("the xyzzies and the plughs").total >= 24


@pytest.mark.parametrize(
    ("q", "slug"),
    [
        ("automobiles", "cars"),
        ("surgeon", "doctors"),
        ("medical treatment of sick people", "doctors"),
        ("big mammals that live in the water", "whales"),
        ("pastry and dough", "bread"),
    ],
)
def test_an_essay_is_found_by_what_it_means(archive: Archive, q: str, slug: str) -> None:
    assert archive.slugs(q)[0] == slug


@pytest.mark.parametrize(
    ("q", "slug"),
    [("orthopedics", "doctors"), ("limousines", "cars"), ("rapids and cataracts", "rivers")],
)
def test_rare_words_are_read_by_what_a_dictionary_says_of_them(
    archive: Archive, q: str, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their pieces alone lead to other essays, or to none."""
    assert archive.slugs(q)[0] == slug
    monkeypatch.setattr(meaning, "GLOSS_SHARE_OF_UNKNOWN", 0)
    engine = EmbeddedEngine(archive.index, archive.rules)
    assert slug not in [hit.essay.slug for hit in engine.search(SearchRequest(q=q)).hits[:1]]


@pytest.mark.parametrize(
    ("q", "shares"),
    [
        ("orthopedics of limousines", {"GLOSS_SHARE_OF_UNKNOWN"}),
        ("gambit of the physician", {"GLOSS_SHARE"}),
        ("physician without limousines", {"GLOSS_SHARE", "GLOSS_SHARE_OF_UNKNOWN"}),
        ("hospital, river and coast", set()),
        ("A physician was asked about limousines. He drove one to the coast each morning.", set()),
    ],
)
def test_glosses_count_for_rare_words_of_questions_and_not_in_prose(
    archive: Archive, q: str, shares: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """“gambit” and “physician” stand in an essay, “limousines” in none; the others are words of
    which the word vectors have more than pieces."""

    def scores() -> list[tuple[str, float]]:
        engine = EmbeddedEngine(archive.index, archive.rules)
        found = engine.search(SearchRequest(q=q, explain=True)).hits
        return [(hit.essay.slug, hit.score) for hit in found]

    usual = scores()
    assert usual
    for share in ("GLOSS_SHARE", "GLOSS_SHARE_OF_UNKNOWN"):
        with monkeypatch.context() as changed:
            changed.setattr(meaning, share, 0)
            assert (scores() != usual) == (share in shares)


@pytest.mark.parametrize("q", ["automobiles", "surgeon"])
def test_a_hit_by_meaning_says_so_and_marks_nothing(archive: Archive, q: str) -> None:
    first = archive.search(q).hits[0]
    fragments = [*first.title, *(each for one in first.snippets for each in one.fragments)]
    assert first.by == "meaning"
    assert fragments
    assert not any(fragment.match for fragment in fragments)


def test_the_nearest_section_is_shown(archive: Archive) -> None:
    (snippet, *_) = archive.search("automobiles fuel").hits[0].snippets
    assert snippet.section is not None
    assert snippet.section.title == "Driving"


def test_what_has_the_words_comes_before_what_only_means_them(archive: Archive) -> None:
    found = archive.search("river stones")
    assert (found.hits[0].essay.slug, found.hits[0].by) == ("rivers", "words")
    kinds = [hit.by for hit in found.hits]
    assert kinds == sorted(kinds, key=["words", "meaning"].index)


def test_one_word_by_chance_does_not_say_what_is_meant(archive: Archive) -> None:
    """Only the essay on cars has petrol; that is little of what is asked."""
    assert archive.slugs("does an orca sing about petrol")[0] == "whales"


def test_few_words_do_not_outweigh_what_the_rest_means(archive: Archive) -> None:
    """Whales alone sing; that is the smaller part of what is asked."""
    found = archive.slugs("do motorists sing in the morning")
    assert found.index("cars") < found.index("whales")


def test_the_less_words_answer_the_more_meaning_counts(archive: Archive) -> None:
    def share(q: str) -> float:
        found = archive.engine.search(SearchRequest(q=q, explain=True))
        parts = found.hits[0].parts or ()
        return sum(part.score for part in parts if part.kind == "meaning") / found.hits[0].score

    answered = share("cars need petrol and a driver")
    partly = share("do automobiles need petrol and motorists")
    assert answered < 0.4 < partly < share("automobiles and motorists")


@pytest.mark.parametrize(
    "q",
    ['"automobiles"', "automobiles AND surgeon", "automobil*", "automobiles~", "title:automobiles",
     "zxqvb", "1234567"],
)  # fmt: skip
def test_operators_and_what_means_nothing_leave_meaning_out(archive: Archive, q: str) -> None:
    assert all(hit.by == "words" for hit in archive.search(q).hits)


def test_filters_choose_among_what_is_listed_and_add_nothing(archive: Archive) -> None:
    q = "medical treatment of sick people"
    listed = set(archive.slugs(q))
    facets = archive.search(q).counts.facets["tag"]
    assert facets
    for value in facets:
        chosen = archive.engine.search(SearchRequest(q=q, filters={"tag": (value.value,)}))
        assert chosen.total == value.count
        assert {hit.essay.slug for hit in chosen.hits} <= listed
    assert archive.slugs(f"{q} tag:Work") == ["doctors"]
    assert "doctors" not in archive.slugs(f"{q} -tag:Work")


def test_the_parts_of_a_score_say_what_meaning_added(archive: Archive) -> None:
    found = archive.engine.search(SearchRequest(q="sick people at the hospital", explain=True))
    for hit in found.hits:
        assert hit.parts is not None
        assert sum(part.score for part in hit.parts) == pytest.approx(hit.score, abs=1e-4)
    assert any(part.kind == "meaning" for part in found.hits[0].parts or ())


def test_the_api_and_the_page_say_how_a_hit_was_found(archive: Archive) -> None:
    client = archive.app().test_client()
    hits = client.get("/api/v1/search?q=automobiles").get_json()["hits"]
    assert hits[0]["by"] == "meaning"
    assert "by" not in client.get("/api/v1/search?q=whales").get_json()["hits"][0]
    assert "Near in meaning" in client.get("/search?q=automobiles").text


def test_no_reader_waits_for_the_vectors_to_be_loaded(archive: Archive) -> None:
    embedding.model.cache_clear()
    glosses._listed.cache_clear()
    engine = EmbeddedEngine(archive.index, archive.rules)
    engine.generation()
    assert embedding.model.cache_info().currsize == 1
    assert glosses._listed.cache_info().currsize == 1


def test_without_meaning_words_alone_decide(tmp_path_factory: pytest.TempPathFactory) -> None:
    words = filled(tmp_path_factory.mktemp("words") / "home", Rules(meaning=False))
    assert words.slugs("automobiles") == []
    assert words.slugs("river stones") == ["rivers"]


def test_a_filled_page_of_a_short_query_stays_as_it_is(make: Callable[..., Archive]) -> None:
    archive, alone = make("near", Rules()), make("alone", Rules(meaning=False))
    for each in (archive, alone):
        for number in range(30):
            each.write(f"{number:02}.md", f"A garden wall, number {number}. " + "Grass. " * number)
        each.write("cars.md", TEXTS["cars"][1], title="Vehicles")
        each.build()
    assert archive.slugs("garden wall") == alone.slugs("garden wall")


def test_words_of_all_subjects_do_not_decide_in_a_small_archive(
    make: Callable[..., Archive],
) -> None:
    """“should” and “dentist” are each in one essay of five: the rarer in general is meant."""
    archive, alone = make("near", Rules()), make("alone", Rules(meaning=False))
    for each in (archive, alone):
        each.write("advice.md", "You should ask, and you should listen.")
        each.write("teeth.md", "A dentist looks at mouths, and a great many people fear it.")
        for number in range(3):
            each.write(f"{number}.md", f"Stones and rivers, part {number}.")
        each.build()
    question = "should any dentist"
    assert alone.slugs(question)[0] == "advice"
    assert archive.slugs(question)[0] == "teeth"


def test_the_best_answers_tell_what_else_belongs_to_a_question(
    make: Callable[..., Archive],
) -> None:
    """Nothing in the question is of taxes, but what answers it is."""
    archive = make("feedback", Rules())
    wages = "The government takes money from wages."
    for number in range(3):
        archive.write(f"{number}.md", f"{wages} {wages} {wages} Krill near the ice. {number}")
    archive.write("taxes.md", f"{wages} A glacier.")
    archive.write("concert.md", "Violins, cellos and flutes in an orchestra.")
    archive.build()
    by = {hit.essay.slug: hit.by for hit in archive.search("krill near ice").hits}
    assert by == {"0": "words", "1": "words", "2": "words", "taxes": "meaning"}


def test_a_word_that_all_essays_have_counts_those_that_answer(
    make: Callable[..., Archive],
) -> None:
    """Three edits later its postings are of more documents than there are essays."""
    archive, anew = make("edited", Rules()), make("anew", Rules())
    for each in (archive, anew):
        for slug, (title, body, tags) in TEXTS.items():
            each.write(f"{slug}.md", f"{body} Said twice.", title=title, tags=tags)
        each.build()
    for slug in ("cars", "bread", "whales"):
        title, body, tags = TEXTS[slug]
        for each in (archive, anew):
            each.write(f"{slug}.md", f"{body} Said thrice. Said.", title=title, tags=tags)
        archive.build()
    anew.build(full=True)
    question = "what was said of patients and their physician"
    found, expected = archive.search(question).hits, anew.search(question).hits
    assert [(hit.essay.slug, hit.by) for hit in found] == [
        (hit.essay.slug, hit.by) for hit in expected
    ]
