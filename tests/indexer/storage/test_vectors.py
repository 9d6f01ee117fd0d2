"""Vectors as they lie in a segment, against plain lists of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis.embedding import DIMENSIONS, Quantised
from indexer.storage.arrays import Arrays, write
from indexer.storage.vectors import EssayVectors, VectorsBuilder, read_vectors, signs

#: Documents, each as the first number of its vector and of those of its sections.
documents = st.lists(
    st.tuples(st.integers(-127, 127), st.lists(st.integers(-127, 127), max_size=4)), max_size=6
)


def quantised(firsts: list[int]) -> Quantised:
    numbers = np.zeros((len(firsts), DIMENSIONS), np.int8)
    numbers[:, 0] = firsts
    return Quantised(numbers, np.array(firsts, np.float32))


def vectors(docs: list[tuple[int, list[int]]], model: str = "m") -> EssayVectors:
    return EssayVectors(
        model,
        quantised([essay for essay, _ in docs]),
        quantised([first for _, sections in docs for first in sections]),
        np.cumsum([0, *(len(sections) for _, sections in docs)]),
    )


def plain(found: EssayVectors) -> list[tuple[int, list[int]]]:
    for rows in (found.essays, found.sections):
        assert np.array_equal(rows.scales, rows.numbers[:, 0].astype(np.float32))
        assert not rows.numbers[:, 1:].any()
    firsts, starts = found.sections.numbers[:, 0].tolist(), found.starts.tolist()
    return [
        (essay, firsts[start:end])
        for essay, start, end in zip(
            found.essays.numbers[:, 0].tolist(), starts, starts[1:], strict=False
        )
    ]


@given(documents, st.data())
def test_some_documents_keep_their_vectors(
    docs: list[tuple[int, list[int]]], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(range(len(docs))))) if docs else []
    found = vectors(docs).chosen(np.array(kept, np.int64))
    assert plain(found) == [docs[doc] for doc in kept]


@given(st.lists(st.tuples(documents, st.booleans()), max_size=4))
def test_what_was_put_into_a_segment_is_read_from_its_file(
    batches: list[tuple[list[tuple[int, list[int]]], bool]],
) -> None:
    builder = VectorsBuilder()
    for docs, has in batches:
        builder.add(vectors(docs) if has else None, len(docs))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "x"
        write(place, builder.arrays())
        found = read_vectors(Arrays(place))
    if not any(has for _, has in batches):
        assert found is None
        return
    assert found is not None
    none: list[int] = []
    expected = [doc if has else (0, none) for docs, has in batches for doc in docs]
    assert plain(found.of_essays) == expected
    assert np.array_equal(found.signs, signs(found.of_essays.essays.numbers))
    assert found.of_essays.model == "m"


def test_vectors_of_two_models_are_not_mixed() -> None:
    builder = VectorsBuilder()
    builder.add(vectors([(1, [2])], "first"), 1)
    builder.add(vectors([(3, [4])], "second"), 1)
    made = dict(builder.arrays())
    made = {name: np.asarray(array) for name, array in made.items()}
    found = read_vectors(made)
    assert found is not None
    assert (found.of_essays.model, plain(found.of_essays)) == ("first", [(1, [2]), (0, [])])
