"""The nearest in meaning: over real essays, and against comparing all with all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search.embedded.semantic import vectors
from app.search.embedded.semantic.vectors import (
    cosines,
    general_weights,
    mean,
    nearest,
    query_vector,
)
from app.search.embedded.snapshot import Snapshot
from indexer.analysis import embedding
from indexer.parsing.rules import Rules
from indexer.storage import generation

if TYPE_CHECKING:
    from tests.conftest import Archive

if embedding.folder() is None:
    pytest.skip("the packages of word vectors are not installed", allow_module_level=True)

ESSAYS = {
    "engines": "# Engines\n\n## Motors\n\nAutomobiles burn petrol.\n\n## Wheels\n\nTyres wear out.",
    "bread": "# Bread\n\nDough rises with yeast before it is baked in an oven.",
    "birds": "# Birds\n\n## Autumn\n\nGeese fly south.\n\n## Spring\n\nSwallows build nests.",
    "taxes": "# Taxes\n\nThe government takes money from wages.",
    "empty": "# ---\n",
}


def opened(archive: Archive) -> Snapshot:
    return Snapshot(archive.index, generation.current(archive.index), archive.rules)


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    archive = make(rules=Rules())
    for name, text in ESSAYS.items():
        archive.write(f"{name}.md", text)
    archive.write("de.md", "# Autos\n\nDer Motor verbrennt Benzin.", lang="de")
    archive.build()
    return archive


def asked(text: str) -> embedding.Vectors:
    found = query_vector(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "slug", "section"),
    [
        ("cars", "engines", "Motors"),
        ("bakery loaf", "bread", ""),
        ("migration in october", "birds", "Autumn"),
        ("income paid to the state", "taxes", ""),
    ],
)
def test_what_means_the_same_is_found_without_its_words(
    archive: Archive, query: str, slug: str, section: str
) -> None:
    snapshot = opened(archive)
    found = nearest(snapshot.leaves, asked(query), 2)
    doc = int(found.docs[0])
    assert (snapshot.slug(doc), len(found.docs)) == (slug, 2)
    assert snapshot.sections(doc)[found.sections[0]].title == section
    assert found.cosines[0] > found.cosines[1]


@pytest.mark.parametrize("text", ["", " ?! ", "книги", "猫", "كتاب"])
def test_what_has_no_words_of_its_languages_has_no_vector(text: str) -> None:
    assert query_vector(text) is None


def test_words_in_other_scripts_count_nothing() -> None:
    assert asked("the β of книги").tolist() == pytest.approx(asked("the of").tolist(), abs=1e-6)


def test_the_cosines_of_some_are_those_of_all(archive: Archive) -> None:
    reader = opened(archive).leaves
    vector = asked("geese")
    all_ = cosines(reader, vector, np.arange(reader.size))
    some = cosines(reader, vector, np.array([4, 0, 2]))
    assert some.docs.tolist() == [4, 0, 2]
    assert some.cosines.tolist() == pytest.approx(all_.cosines[[4, 0, 2]].tolist(), abs=1e-6)
    assert some.sections.tolist() == all_.sections[[4, 0, 2]].tolist()
    assert len(cosines(reader, vector, np.empty(0, np.int64)).docs) == 0


def test_what_is_in_another_language_is_near_to_nothing(archive: Archive) -> None:
    snapshot = opened(archive)
    german = snapshot.find("slug", "de")
    found = cosines(snapshot.leaves, asked("motor"), np.array([german]))
    assert (found.cosines.tolist(), found.sections.tolist()) == ([0], [-1])
    assert german not in nearest(snapshot.leaves, asked("motor"), 50).docs


def test_what_was_removed_is_not_found(archive: Archive) -> None:
    (archive.content / "engines.md").unlink()
    archive.build()
    snapshot = opened(archive)
    found = nearest(snapshot.leaves, asked("cars"), 50)
    assert "engines" not in {snapshot.slug(doc) for doc in found.docs.tolist()}


def test_an_index_without_vectors_has_nothing_near(make: Callable[..., Archive]) -> None:
    archive = make("words", Rules(meaning=False))
    archive.write("cars.md", "# Cars")
    archive.build()
    reader = opened(archive).leaves
    assert len(nearest(reader, asked("cars"), 5).docs) == 0
    assert cosines(reader, asked("cars"), np.array([0])).cosines.tolist() == [0]


def test_an_empty_index_has_nothing_near(make: Callable[..., Archive]) -> None:
    archive = make("empty", Rules())
    archive.build()
    assert len(nearest(opened(archive).leaves, asked("cars"), 5).docs) == 0


def test_vectors_of_another_model_are_not_compared(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "identity", lambda: "of another package")
    assert len(nearest(opened(archive).leaves, asked("cars"), 5).docs) == 0


def test_signs_leave_out_only_what_is_far(
    make: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make("many", Rules())
    things = "owls bread tides taxes trains music stars paint bees bridges".split()
    for one in things:
        for other in things:
            archive.write(f"{one}-{other}.md", f"# {one} and {other}\n\n## {one}\n\nAbout {other}.")
    archive.build()
    reader = opened(archive).leaves
    everything = {thing: nearest(reader, asked(thing), 10) for thing in things}
    monkeypatch.setattr(vectors, "EXACT", 10)
    monkeypatch.setattr(vectors, "MIN_CANDIDATES", 40)
    monkeypatch.setattr(vectors, "MIN_SHORTLIST", 20)
    monkeypatch.setattr(vectors, "SHORTLIST", 2)
    same = 0
    for thing, exact in everything.items():
        found = nearest(reader, asked(thing), 10)
        assert found.docs[0] == exact.docs[0]
        same += len(np.intersect1d(found.docs, exact.docs))
    assert same >= 0.95 * 10 * len(things)


def test_the_mean_is_that_of_the_vectors_of_those_documents(archive: Archive) -> None:
    snapshot = opened(archive)
    docs = np.array([4, 0, 2])
    found = mean(snapshot.leaves, docs)
    alone = [mean(snapshot.leaves, docs[at : at + 1]) for at in range(3)]
    assert found == pytest.approx(sum(alone) / 3, abs=1e-6)
    assert mean(snapshot.leaves, docs[:0]).tolist() == [0.0] * embedding.DIMENSIONS


@pytest.mark.parametrize(
    ("common", "special"),
    [("the", "whale"), ("should", "dentist"), ("without", "daydreaming"), ("HOW", "SLANG")],
)
def test_words_of_all_subjects_weigh_less_than_those_of_one(common: str, special: str) -> None:
    weights = general_weights([common, special, f"{common}-{special}"])
    assert 0 < weights[common] < weights[special] <= weights[f"{common}-{special}"] <= 1
    assert general_weights([special]) == {special: weights[special]}


@pytest.mark.parametrize("word", ["", "1984", "книги", "猫"])
def test_a_word_that_the_vectors_do_not_know_keeps_its_weight(word: str) -> None:
    assert general_weights([word]) == {word: 1}
