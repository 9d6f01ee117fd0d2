"""What lies in the index for an essay, and that all of it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.query import Every, Phrase, Prefix, Query, Term
from whoosh.reading import IndexReader
from whoosh.searching import Searcher

from indexer.build.build import build
from indexer.essay import FACETS, RATINGS, Essay, Moment, Rating, Section
from indexer.parsing.rules import Rules
from indexer.schema import document, field_names, whoosh_schema
from tests.indexer.storage import whoosh_reader

ESSAY = Essay(
    path="x/maps.md",
    slug="maps",
    title="On the Making of Maps",
    description="Surveyors",
    excerpt="What a map leaves out",
    published=Moment("2020-12-31T23:30:00-04:00"),
    updated=Moment("2024-02-29"),
    tags=("Machine  Learning", "XAI", "xai"),
    categories=("Craft",),
    status=Rating("Notes", 35.0),
    certainty=Rating(None, 7.5),
    importance=Rating("log"),
    bibliography=("Ribeiro, M. (2023).", "Chen, J."),
    authors=("Zoë Ng",),
    featured=True,
    extra={"mood": ["Calm", "CALM", "wry"], "n": 7},
    html='<p>a</p><pre>b</pre><div class="footnote">c</div>',
    sections=(Section(0, "", "", "The black"), Section(2, "Boxes", "boxes", "box maps")),
    links=("b.md", "wiki//On  Maps"),
    words=6,
)
BARE = Essay(path="b.md", slug="b", title="Bare")


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("path", ["x/maps.md"]),
        ("tag", ["machine learning", "xai"]),
        ("tag_spelling", ["Machine  Learning", "XAI"]),
        ("category", ["craft"]),
        ("status", ["notes"]),
        ("status_percent", ["035.00"]),
        ("certainty", ["7.5%"]),
        ("certainty_percent", ["007.50"]),
        ("importance", ["log"]),
        ("year", ["2020"]),
        ("published", ["2020-12-31"]),
        ("updated", ["2024-02-29"]),
        ("mood", ["calm", "wry"]),
        ("mood_spelling", ["Calm", "wry"]),
        (field_names.CALLED, ["on the making of maps"]),
        (field_names.TITLE_EXACT, ["on the making of maps"]),
        (field_names.FILED, ["maps", "x/maps.md", "x/maps", "maps.md"]),
        (field_names.LINKS, ["b.md", "wiki//on maps"]),
        (field_names.WORKS, ["ribeiro m 2023", "chen j"]),
    ],
)
def test_values(field: str, terms: list[str]) -> None:
    assert document.values(ESSAY, (*FACETS, "mood"))[field] == terms


FLAGS = [
    "featured", "bibliography", "excerpt", "description", "tags", "categories", "date", "updated",
    "author", "links", "footnotes", "code",
]  # fmt: skip


def test_flags() -> None:
    assert document.flags(ESSAY) == FLAGS
    assert document.flags(BARE) == []
    assert set(FLAGS) <= {*field_names.IS_FLAGS, *field_names.HAS_FLAGS}


@pytest.mark.parametrize(
    ("field", "parts"),
    [
        ("title", ["On the Making of Maps"]),
        ("headings", ["Boxes"]),
        ("topics", ["Machine  Learning", "XAI", "xai", "Craft"]),
        ("summary", ["Surveyors", "What a map leaves out"]),
        ("body", ["The black", "box maps"]),
        ("cites", ["Ribeiro, M. (2023).", "Chen, J."]),
        ("author", ["Zoë Ng"]),
    ],
)
def test_texts(field: str, parts: list[str]) -> None:
    assert document.texts(ESSAY)[field] == parts


def test_every_field_is_of_the_schema() -> None:
    names = set(whoosh_schema.schema(("mood",)).names())
    assert set(document.texts(ESSAY)) == {*field_names.TEXT, *field_names.NAMES}
    assert {*document.texts(ESSAY), *document.values(ESSAY, (*FACETS, "mood"))} < names
    assert {*document.stored(ESSAY), field_names.WORDS, field_names.TITLE_WORDS, "slug"} < names


def test_a_bare_essay_is_unrated_and_has_nothing_else() -> None:
    named = {
        "path": ["b.md"], field_names.CALLED: ["bare"], field_names.TITLE_EXACT: ["bare"],
        field_names.FILED: ["b", "b.md"], field_names.LANG: ["en"],
    }  # fmt: skip
    assert document.values(BARE) == named | {
        name: ["unrated"] for rating in RATINGS for name in (rating, field_names.spelling(rating))
    }


def test_a_percentage_sorts_like_its_number() -> None:
    numbers = [0.0, 0.4, 5.0, 33.33, 62.5, 75.0, 99.99, 100.0]
    assert sorted(map(field_names.PERCENT.format, reversed(numbers))) == [
        field_names.PERCENT.format(n) for n in numbers
    ]


def stored(essay: Essay) -> dict[str, Any]:
    """The stored values of an essay as a reader gives them."""
    values = {name: msgspec.msgpack.decode(raw) for name, raw in document.stored(essay).items()}
    return values | {"slug": essay.slug}


texts = st.text(max_size=20)
names = st.lists(texts, max_size=3).map(tuple)
ratings = st.none() | st.builds(
    Rating, texts.filter(bool) | st.floats(0, 10), st.none() | st.floats(0, 100)
)
moments = st.none() | st.dates().map(Moment.of) | st.datetimes().map(Moment.of)
essays = st.builds(
    Essay,
    path=texts,
    slug=texts,
    title=texts,
    description=texts,
    excerpt=texts,
    published=moments,
    updated=moments,
    tags=names,
    categories=names,
    status=ratings,
    certainty=ratings,
    importance=ratings,
    bibliography=names,
    authors=names,
    lang=texts,
    draft=st.booleans(),
    complete=st.booleans(),
    featured=st.booleans(),
    extra=st.dictionaries(
        texts, texts | st.integers(-(2**63), 2**63 - 1) | st.none() | names.map(list)
    ),
    html=texts,
    links=names,
    words=st.integers(0, 10_000),
    sections=st.lists(st.builds(Section, st.integers(0, 6), texts, texts, texts), max_size=3).map(
        tuple
    ),
)


@given(essays)
def test_any_essay_comes_back_whole(essay: Essay) -> None:
    fields = stored(essay)
    assert document.whole(fields) == essay
    assert document.sections(fields) == essay.sections
    card = document.card({name: fields[name] for name in ("card", "slug")})
    assert (card.html, card.sections) == ("", ())
    assert (card.slug, card.title, card.extra) == (essay.slug, essay.title, essay.extra)
    found = document.values(essay, (*FACETS, "mood"))
    assert all(len(found[facet]) == 1 for facet in RATINGS)
    assert all(
        len(found.get(facet, ())) == len(found.get(field_names.spelling(facet), ()))
        for facet in (*FACETS, "mood")
    )


FILE = """---
title: On the Making of Maps
slug: maps
description: Surveyors
tags: [Machine Learning, XAI]
author: Zoë Ng
status: {value: Notes, percentage: 35}
date: 2020-12-31T23:30:00-04:00
mood: Calm
---

The black

## Boxes

box maps
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexReader]:
    root = tmp_path_factory.mktemp("schema")
    (root / "maps.md").write_text(FILE)
    (root / "bare.md").write_text("Nothing of it.")
    build(root, root / ".index", Rules(facets=("mood",)), jobs=1)
    with whoosh_reader.opened(root / ".index", ("mood",)) as reader:
        yield reader


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Every(), ["bare", "maps"]),
        (Term("path", "maps.md"), ["maps"]),
        (Term("slug", "maps"), ["maps"]),
        (Term("title", "make"), ["maps"]),
        (Term("title_words", "making"), ["maps"]),
        (Term(field_names.TITLE_EXACT, "on the making of maps"), ["maps"]),
        (Term("headings", "box"), ["maps"]),
        (Term("topics", "machin"), ["maps"]),
        (Term("tag", "machine learning"), ["maps"]),
        (Term("tag_spelling", "Machine Learning"), ["maps"]),
        (Term("mood", "calm"), ["maps"]),
        (Term("certainty", "unrated"), ["bare", "maps"]),
        (Term("status", "unrated"), ["bare"]),
        (Term("status_percent", "035.00"), ["maps"]),
        (Term("published", "2020-12-31"), ["maps"]),
        (Term("year", "2020"), ["maps"]),
        (Term("flag", "author"), ["maps"]),
        (Term("author", "zoe"), ["maps"]),
        (Term("summary", "surveyor"), ["maps"]),
        (Term("words", "surveyors"), ["maps"]),
        (Prefix("words", "surv"), ["maps"]),
        (Phrase("body", ["box", "map"]), ["maps"]),
        (Phrase("body", ["black", "box"]), []),
        (Term("body", "noth"), ["bare"]),
    ],
    ids=str,
)
def test_whoosh_finds_every_field(reader: IndexReader, query: Query, found: list[str]) -> None:
    hits = [document.card(hit.fields()).slug for hit in Searcher(reader).search(query)]
    assert sorted(hits) == found


def test_columns(reader: IndexReader) -> None:
    slugs = [document.card(fields).slug for _, fields in reader.iter_docs()]
    columns = {
        name: dict(zip(slugs, (reader.column_reader(name)[n] for n in range(2)), strict=True))
        for name in ("status_column", "published_at", "updated_at", "title_key")
    }
    assert columns == {
        "status_column": {"bare": -1.0, "maps": 35.0},
        "published_at": {"bare": -1, "maps": Moment("2021-01-01T03:30:00Z").instant},
        "updated_at": {"bare": -1, "maps": -1},
        "title_key": {"bare": b"bare", "maps": b"on the making of maps"},
    }
