"""Synonyms and pins: what an author decides holds for the next search, over the index as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.search.embedded.engine import EmbeddedEngine
from app.search.query.curation import Curation
from app.search.request import SearchRequest
from app.settings import load

if TYPE_CHECKING:
    from tests.conftest import Archive

CURATION = Curation(
    synonyms=(("car", "automobile"), ("ML", "machine learning"), ("heart attack", "infarction")),
    pins={
        "start here": ("about", "gone", "cars"),
        "car": ("steam",),
        "zeppelin": ("steam",),
    },
)


@pytest.fixture(scope="module")
def garage(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    from tests.conftest import Archive

    archive = Archive(tmp_path_factory.mktemp("garage"))
    archive.write("cars.md", "A car has four wheels.", title="Wheels", tags=["Transport"])
    archive.write("automobiles.md", "The automobile came later.", title="Later")
    archive.write("learning.md", "Machine learning is statistics.", title="Guessing")
    archive.write("ml.md", "Much ML is engineering.", title="Pipes")
    archive.write("machines.md", "A machine for learning Latin.", title="Latin")
    archive.write("heart.md", "A heart attack is sudden.", title="Sudden")
    archive.write("infarction.md", "An infarction can be seen.", title="Seen")
    archive.write("steam.md", "Engines of the old kind.", title="Steam", tags=["Transport"])
    archive.write("about.md", "What all of this is.", title="About")
    archive.write("start.md", "Here we start, and start here again.", title="Start")
    archive.build()
    return archive


def engine(archive: Archive, curation: Curation = CURATION) -> EmbeddedEngine:
    return EmbeddedEngine(archive.index, archive.rules, archive.limits, curation)


def slugs(archive: Archive, q: str, curation: Curation = CURATION, **asked: object) -> list[str]:
    request = SearchRequest(q=q, per_page=100, **asked)  # type: ignore[arg-type]
    return [hit.essay.slug for hit in engine(archive, curation).search(request).hits]


#: Kind, query, what it finds; without synonyms it would find only what is typed.
FOUND = [
    ("the word itself first", "automobile", ["automobiles", "cars"]),
    ("stemmed", "automobiles", ["automobiles", "cars"]),
    ("a short form stands for a phrase", "ml", ["ml", "learning"]),
    ("case does not tell", "ML", ["ml", "learning"]),
    ("words together stand for a short form", "machine learning", ["learning", "machines", "ml"]),
    ("not words apart", "learning machine", ["learning", "machines"]),
    ("among other words", "sudden heart attack", ["heart"]),
    ("with another word", "infarction seen", ["infarction"]),
    ("either", "infarction OR car", ["cars", "automobiles", "heart", "infarction"]),
    ("a phrase is what it says", '"heart attack"', ["heart"]),
    ("a field is what it says", "title:automobile OR title:steam", ["steam"]),
    ("an exclusion is what it says", "automobile -car", ["automobiles"]),
]


@pytest.mark.parametrize(("q", "expected"), [row[1:] for row in FOUND], ids=[r[0] for r in FOUND])
def test_synonyms(garage: Archive, q: str, expected: list[str]) -> None:
    found = slugs(garage, q)
    assert sorted(found) == sorted(expected)
    assert found[:1] == expected[:1] or "OR" in q


def test_without_synonyms_only_what_is_typed(garage: Archive) -> None:
    assert slugs(garage, "automobile", Curation()) == ["automobiles"]


def test_a_table_of_synonyms_goes_one_way(garage: Archive) -> None:
    one_way = Curation(synonyms={"car": ("automobile",)})
    assert sorted(slugs(garage, "car", one_way)) == ["automobiles", "cars"]
    assert slugs(garage, "automobile", one_way) == ["automobiles"]


def test_synonyms_are_marked(garage: Archive) -> None:
    found = engine(garage).search(SearchRequest(q="ml"))
    marks = {
        fragment.text
        for hit in found.hits
        for snippet in hit.snippets
        for fragment in snippet.fragments
        if fragment.match
    }
    assert marks == {"ML", "Machine learning"}


def test_pins_come_first_in_the_authors_order(garage: Archive) -> None:
    found = engine(garage).search(SearchRequest(q="  Start HERE "))
    assert [hit.essay.slug for hit in found.hits] == ["about", "cars", "start"]
    assert [hit.pinned for hit in found.hits] == [True, True, False]
    assert found.total == 3
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_pin_is_found_under_its_words_alone(garage: Archive) -> None:
    assert slugs(garage, "zeppelin") == ["steam"]
    assert slugs(garage, "zeppelins") == []
    assert slugs(garage, "car")[0] == "steam"


def test_filters_hold_for_pins_and_counts_know_them(garage: Archive) -> None:
    found = engine(garage).search(SearchRequest(q="car"))
    (transport,) = found.counts.facets["tag"]
    assert transport.count == 2
    assert slugs(garage, "car", filters={"tag": ("Transport",)}) == ["steam", "cars"]
    assert slugs(garage, "start here", filters={"tag": ("Transport",)}) == ["cars"]


def test_pins_are_explained(garage: Archive) -> None:
    first = engine(garage).search(SearchRequest(q="car", explain=True)).hits[0]
    assert [part.kind for part in first.parts or ()] == ["pin"]


def test_the_settings_file_says_both(tmp_path: Path) -> None:
    (tmp_path / "essays.toml").write_text(
        'synonyms = [["ML", "machine learning"]]\n[pins]\n"start here" = ["about"]\n'
    )
    curation = load(cwd=tmp_path, environ={}).curation
    assert curation.others[("ml",)] == ("machine learning",)
    assert curation.pinned("Start here!") == ("about",)
    (tmp_path / "essays.toml").write_text('[synonyms]\ncar = ["automobile"]\n')
    assert load(cwd=tmp_path, environ={}).curation.others == {("car",): ("automobile",)}
