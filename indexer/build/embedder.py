"""The vectors of essays and their sections, made of their texts.

A section has the vector of its text under its heading and the essay's title; an essay the mean of
its sections and of what its front matter says of it. So both say what a text is about, the one in
a place, the other as a whole.
"""

from __future__ import annotations

import numpy as np

from indexer.analysis import embedding, languages
from indexer.analysis.embedding import DIMENSIONS, LANGUAGES
from indexer.analysis.languages import ENGLISH
from indexer.essay import Essay
from indexer.storage.vectors import EssayVectors

#: Sections of an essay that have a vector, from its beginning.
MAX_SECTIONS = 256


def passages(essay: Essay) -> list[list[str]]:
    """The words of each vector of an essay: of its sections in order, and at the end of what its
    front matter says of it. None at all for an essay in a language without vectors.

    >>> passages(Essay(path="a.md", slug="a", title="On maps", tags=("Paper",)))
    [['on', 'maps', 'paper']]
    """
    if (languages.code(essay.lang) or ENGLISH) not in LANGUAGES:
        return []
    title = essay.title
    texts = [f"{title}\n{s.title}\n{s.text}" for s in essay.sections[:MAX_SECTIONS]]
    topics = (*essay.tags, *essay.categories)
    texts.append("\n".join([title, essay.description, essay.excerpt, *topics]))
    return [embedding.lower_words(text) for text in texts]


def embed(essays: list[list[list[str]]]) -> EssayVectors | None:
    """The vectors of essays, each given as its :func:`passages`; None where none has any, or where
    the packages of the word vectors are missing."""
    model = embedding.model() if any(essays) else None
    if model is None:
        return None
    counts = np.array([len(each) for each in essays], np.int64)
    vectors = model.vectors(words for each in essays for words in each)
    # The last of each essay is of its front matter, and no section.
    ends = np.cumsum(counts)
    section = np.ones(len(vectors), np.bool_)
    section[ends[counts > 0] - 1] = False
    means = np.zeros((len(essays), DIMENSIONS), np.float32)
    means[counts > 0] = np.add.reduceat(vectors, (ends - counts)[counts > 0])
    return EssayVectors(
        embedding.identity(),
        embedding.quantise(embedding.unit(means)),
        embedding.quantise(vectors[section]),
        np.append(0, np.cumsum(np.maximum(counts - 1, 0))),
    )
