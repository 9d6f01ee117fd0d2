"""How similar essays are: against vectors worked out one by one, over segments and removals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search.embedded.semantic.similarity import DIGITS, OTHERS
from app.search.embedded.snapshot import Snapshot
from indexer.analysis import embedding
from indexer.analysis.embedding import DIMENSIONS
from indexer.parsing.rules import Rules
from indexer.storage import generation
from indexer.storage.vectors import read_vectors

if TYPE_CHECKING:
    from tests.conftest import Archive

if embedding.folder() is None:
    pytest.skip("the packages of word vectors are not installed", allow_module_level=True)

TEXTS = {
    "engines": "Automobiles burn petrol, and their tyres wear out.",
    "cars": "Motorists drive a vehicle to the garage.",
    "bread": "Dough rises with yeast before it is baked in an oven.",
    "birds": "Geese fly south, and swallows build nests.",
    "taxes": "The government takes money from wages.",
    "empty": "",
}


def opened(archive: Archive) -> Snapshot:
    return Snapshot(archive.index, generation.current(archive.index), archive.rules)


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    """Two segments, a language without vectors, and an essay that is gone."""
    archive = make(rules=Rules())
    for name, text in TEXTS.items():
        archive.write(f"{name}.md", text, title="---" if name == "empty" else name, lang="en")
    archive.write("gone.md", "Gone with the wind.", lang="en")
    archive.build()
    for n in range(4):
        archive.write(f"ship-{n}.md", f"Ships sail the sea, {n} of them.", lang="en")
    archive.write("de.md", "Der Motor verbrennt Benzin.", lang="de")
    (archive.content / "gone.md").unlink()
    archive.build()
    return archive


def centred(snapshot: Snapshot) -> dict[str, embedding.Vectors]:
    """Every live essay's vector, less the common one, at unit length."""
    found = {}
    for leaf in snapshot.leaves.leaves:
        vectors = read_vectors(leaf.documents.files)
        assert vectors is not None
        numbers, scales = vectors.of_essays.essays
        for local in range(leaf.size):
            if leaf.live[local] and scales[local]:
                wide = numbers[local].astype(np.float64) * float(scales[local])
                found[snapshot.slug(leaf.base + local)] = wide
    common = sum(found.values(), np.zeros(DIMENSIONS)) / (len(found) + OTHERS)
    return {
        slug: (vector - common) / np.linalg.norm(vector - common) for slug, vector in found.items()
    }


def test_it_is_the_cosine_without_what_all_have_in_common(archive: Archive) -> None:
    snapshot = opened(archive)
    assert len(snapshot.leaves.leaves) > 1
    expected = centred(snapshot)
    assert {"engines", "ship-3"} <= set(expected)
    assert not {"gone", "de", "empty"} & set(expected)
    for doc in range(snapshot.size):
        one = snapshot.slug(doc)
        for other, similar in enumerate(snapshot.similarity.to(doc).tolist()):
            slug = snapshot.slug(other)
            if snapshot.columns.live[[doc, other]].all() and {one, slug} <= set(expected):
                assert similar == pytest.approx(expected[one] @ expected[slug], abs=10**-DIGITS)
            else:
                assert np.isnan(similar)


def test_two_subjects_are_told_apart(archive: Archive) -> None:
    snapshot = opened(archive)
    doc = snapshot.find("slug", "cars")
    assert doc is not None
    near = snapshot.similarity.to(doc)
    slugs = [snapshot.slug(other) for other in np.argsort(-near)[:2].tolist()]
    assert slugs == ["cars", "engines"]
    assert near[doc] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("count", [0, 1])
def test_an_archive_of_hardly_any_essays(make: Callable[..., Archive], count: int) -> None:
    archive = make(rules=Rules())
    for n in range(count):
        archive.write(f"{n}.md", "Ships sail the sea.", lang="en")
    archive.build()
    snapshot = opened(archive)
    assert [snapshot.similarity.to(doc).tolist() for doc in range(count)] == [[1.0]] * count


def test_without_vectors_nothing_is_known(make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules(meaning=False))
    archive.write("one.md", "Ships sail the sea.", lang="en")
    archive.build()
    assert np.isnan(opened(archive).similarity.to(0)).all()
