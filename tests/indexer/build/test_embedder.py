"""Vectors in an index: which essays have them; after edits they are those of a full build."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import embedding
from indexer.build import embedder
from indexer.build.build import build
from indexer.build.report import Report
from indexer.parsing.rules import Rules
from indexer.storage import generation
from indexer.storage.documents import DOCUMENTS, DocumentsReader
from indexer.storage.segment import open_arrays
from indexer.storage.vectors import read_vectors

if embedding.folder() is None:
    pytest.skip("the packages of word vectors are not installed", allow_module_level=True)

#: Cosines to their own direction that eight bits keep.
NEAR = 0.999


def indexed(home: Path, rules: Rules | None = None, *, full: bool = False, jobs: int = 1) -> Report:
    return build(home / "content", home / "index", rules or Rules(), full=full, jobs=jobs)


def written(home: Path, path: str, text: str) -> None:
    place = home / "content" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")


def by_slug(home: Path) -> dict[str, list[list[float]]]:
    """The vectors of every live essay that has any: its own and those of its sections."""
    pointer = generation.current(home / "index")
    folder = home / "index" / pointer.folder
    found = {}
    for segment in generation.segments_of(home / "index", pointer):
        files = open_arrays(segment.path(folder, DOCUMENTS))
        read = read_vectors(files)
        for doc in range(segment.size if read is not None else 0):
            assert read is not None
            if segment.is_deleted(doc) or not read.of_essays.essays.scales[doc]:
                continue
            one = read.of_essays.chosen(np.array([doc]))
            rows = np.concatenate([one.essays.numbers, one.sections.numbers]) * np.concatenate(
                [one.essays.scales, one.sections.scales]
            ).reshape(-1, 1)
            found[DocumentsReader(files, segment).stored("slug", doc)] = rows.round(5).tolist()
    return found


def alike(left: dict[str, list[list[float]]], right: dict[str, list[list[float]]]) -> bool:
    """Whether two builds made the same vectors. The order in which a processor adds depends on
    where numbers lie in memory, so a last bit may differ."""
    return set(left) == set(right) and all(
        len(left[slug]) == len(right[slug])
        and bool((np.einsum("nd,nd->n", left[slug], right[slug]) > NEAR).all())
        for slug in left
    )


OWLS = "# Owls\n\nBefore.\n\n## At night\n\nOwls hunt mice.\n\n## By day\n\nThey sleep in barns.\n"


def test_an_essay_has_a_vector_and_one_for_each_section(tmp_path: Path) -> None:
    written(tmp_path, "owls.md", OWLS)
    indexed(tmp_path)
    model = embedding.model()
    assert model is not None
    essay, *sections = np.array(by_slug(tmp_path)["owls"])
    texts = ["Owls Before.", "Owls At night Owls hunt mice.", "Owls By day They sleep in barns."]
    expected = model.vectors([embedding.lower_words(text) for text in texts])
    assert np.einsum("nd,nd->n", np.array(sections), expected).min() > NEAR
    front = model.vectors([embedding.lower_words("Owls Before. Owls hunt mice.")])
    assert essay @ embedding.unit((expected.sum(0) + front).astype(np.float32))[0] > 0.95


def test_an_essay_in_a_language_without_vectors_has_none(tmp_path: Path) -> None:
    written(tmp_path, "de.md", "---\nlang: de\n---\n# Eulen\n\nEulen jagen Mäuse.")
    indexed(tmp_path)
    assert by_slug(tmp_path) == {}
    written(tmp_path, "en.md", OWLS)
    indexed(tmp_path)
    assert set(by_slug(tmp_path)) == {"en"}


def test_who_asks_for_no_meaning_gets_no_vectors_and_may_change_their_mind(tmp_path: Path) -> None:
    written(tmp_path, "owls.md", OWLS)
    indexed(tmp_path, Rules(meaning=False))
    assert by_slug(tmp_path) == {}
    assert indexed(tmp_path).full
    assert set(by_slug(tmp_path)) == {"owls"}
    assert indexed(tmp_path, Rules(meaning=False)).full
    assert by_slug(tmp_path) == {}


def test_other_word_vectors_make_a_full_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "owls.md", OWLS)
    indexed(tmp_path)
    before = by_slug(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(embedding, "identity", lambda: "of another package")
        assert indexed(tmp_path).full
    assert indexed(tmp_path).full
    assert alike(by_slug(tmp_path), before)


def test_the_vectors_of_an_essay_of_many_sections_are_bounded(tmp_path: Path) -> None:
    many = embedder.MAX_SECTIONS + 5
    written(tmp_path, "long.md", "\n\n".join(f"## Part {n}\n\nTide {n}." for n in range(many)))
    indexed(tmp_path)
    assert len(by_slug(tmp_path)["long"]) == 1 + embedder.MAX_SECTIONS


def test_workers_make_the_vectors_that_one_process_makes(tmp_path: Path) -> None:
    for number in range(120):
        written(tmp_path, f"{number}.md", f"{OWLS}\n## Tide {number}\n\nMaps of {number} seas.")
    indexed(tmp_path, jobs=2)
    workers = by_slug(tmp_path)
    indexed(tmp_path, full=True)
    assert len(workers) == 120
    assert alike(by_slug(tmp_path), workers)


NAMES = [f"{name}.md" for name in "abcdefghijkl"]
TEXTS = [OWLS, "# Tides\n\nThe moon.", "---\nlang: de\n---\nEulen jagen.", "---\nslug: b\n---\nX."]

edits = st.tuples(st.sampled_from(NAMES), st.sampled_from([*TEXTS, ""]))


@settings(max_examples=30)
@given(st.lists(st.lists(edits, max_size=8), max_size=12))
def test_after_any_edits_vectors_are_those_of_a_full_build(
    rounds: list[list[tuple[str, str]]],
) -> None:
    with tempfile.TemporaryDirectory() as root:
        home = Path(root)
        (home / "content").mkdir()
        for changes in [[], *rounds]:
            for path, text in changes:
                if text:
                    written(home, path, text)
                else:
                    (home / "content" / path).unlink(missing_ok=True)
            indexed(home)
        found = by_slug(home)
        shutil.rmtree(home / "index")
        indexed(home)
        assert alike(found, by_slug(home))
