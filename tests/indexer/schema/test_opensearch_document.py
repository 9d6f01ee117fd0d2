"""What OpenSearch is given of an essay: the terms of the embedded index, and all of the essay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opensearchpy import OpenSearch

from indexer.analysis import analyzer, languages
from indexer.analysis.languages import ENGLISH
from indexer.build.batch import BatchBuilder
from indexer.essay import RATINGS, Essay, Moment, Section
from indexer.schema import document, field_names, opensearch_document, opensearch_mapping
from indexer.schema.opensearch_mapping import ANYWHERE, CUT, NAME_MARK, SEPARATOR, bounded
from tests.indexer.schema.test_document import BARE, ESSAY, essays

FACETS = ("mood",)
#: Letters that fold to several words, to a space, to signs; elisions; runs; what is too long.
ODD = ["ﷺ", "ͺ", "⑴", "L’été", "東京都 GPT模型", "Straße", "ｶﾞｲﾄﾞ", "½", "don't", "🦉", "a" * 9_000]
LANGS = ["", "de", "fr", "ru", "tr", "ja", "xx"]

words = st.lists(st.sampled_from([*ODD, "Häuser", "книгами", "maps"]) | st.text(max_size=9))
texts = words.map(" ".join)
spoken = st.builds(
    Essay,
    path=st.just("a.md"),
    slug=st.just("a"),
    title=texts,
    lang=st.sampled_from(LANGS),
    tags=st.lists(texts, max_size=3).map(tuple),
    authors=st.lists(texts, max_size=2).map(tuple),
    sections=st.lists(st.builds(Section, st.just(2), texts, st.just("x"), texts), max_size=3).map(
        tuple
    ),
)


def positions(parts: Iterable[str]) -> analyzer.Positions:
    """The positions of the terms of a field, as OpenSearch counts them."""
    found: analyzer.Positions = {}
    last = None
    for part in parts:
        base = 0 if last is None else last + analyzer.GAP
        for last, term in enumerate(part.split(SEPARATOR), base):
            found.setdefault(term, []).append(last)
    return found


def expected(essay: Essay) -> dict[str, analyzer.Positions]:
    """The positions of the terms of every field of text, by the analysis itself."""
    lang = languages.code(essay.lang) or ENGLISH
    found = {}
    for name, parts in document.texts(essay).items():
        made = (
            analyzer.positions(parts, stemmed=False)
            if name in field_names.NAMES
            else analyzer.positions(parts, lang=lang)
        )
        if made:
            found[name] = {bounded(term): places for term, places in made.items()}
    return found


def texts_of(fields: dict[str, Any]) -> dict[str, list[str]]:
    """The fields of text, without those of words that are listed once."""
    listed = (field_names.WORDS, field_names.TITLE_WORDS, field_names.INFLECTED, ANYWHERE)
    return {name: parts for name, parts in fields["text"].items() if name not in listed}


@given(spoken)
def test_the_terms_and_their_positions_are_those_of_the_analysis(essay: Essay) -> None:
    fields = opensearch_document.fields(essay, FACETS)
    assert {name: positions(parts) for name, parts in texts_of(fields).items()} == expected(essay)
    builder = BatchBuilder(FACETS)
    builder.add(essay)
    batch = builder.finish()
    # A name that is cut is cut together with its mark.
    anywhere = {
        NAME_MARK * (name in field_names.NAMES) + term
        for name, made in expected(essay).items()
        for term in made
        if CUT not in term
    }
    found = {term for term in fields["text"].get(ANYWHERE, ()) if CUT not in term}
    assert found == anywhere
    assert fields["length"] == {name: counted[0] for name, counted in batch.lengths.items()}
    runs = {name: {*map(bounded, run.terms)} for name, run in batch.fields if run.terms}
    for name in (field_names.WORDS, field_names.TITLE_WORDS, field_names.INFLECTED):
        assert set(fields["text"].get(name, ())) == runs.get(name, set()), name
    assert {name: set(listed) for name, listed in fields["value"].items()} == {
        name: runs[name] for name in document.values(essay, ("tag", *RATINGS, *FACETS))
    }


@given(essays)
def test_any_essay_comes_back_whole(essay: Essay) -> None:
    body = opensearch_document.with_slug(opensearch_document.encoded(essay, FACETS), "given")
    fields = json.loads(body)
    assert fields.pop("slug") == "given"
    assert fields == json.loads(json.dumps(opensearch_document.fields(essay, FACETS)))
    hit = {name: [fields[name]] for name in field_names.STORED}
    found = opensearch_document.essay(hit, essay.slug)
    assert found == essay
    card = document.card(opensearch_document.stored_fields({"card": hit["card"]}, essay.slug))
    assert (card.slug, card.title, card.extra) == (essay.slug, essay.title, essay.extra)


@given(st.text(), st.text())
def test_terms_that_are_too_long_are_cut_and_still_tell_one_from_another(a: str, b: str) -> None:
    long = "é" * opensearch_mapping.MAX_TERM_BYTES
    assert (bounded(long + a) == bounded(long + b)) == (a == b)
    assert len(bounded(long + a).encode()) <= opensearch_mapping.MAX_TERM_BYTES
    assert bounded(a) == a


def test_numbers_are_left_out_where_there_are_none() -> None:
    fields = opensearch_document.fields(ESSAY)
    assert fields["number"] == {
        "status": 35.0, "certainty": 7.5, "month": 2020 * 12 + 11,
        "published": Moment("2021-01-01T03:30:00Z").instant,
        "changed": Moment("2024-02-29").instant,
    }  # fmt: skip
    assert opensearch_document.fields(BARE)["number"] == {}


def test_every_field_is_of_the_mapping() -> None:
    mapped = opensearch_mapping.mapping(FACETS)["properties"]
    fields = opensearch_document.fields(ESSAY, FACETS)
    for name, value in fields.items():
        if isinstance(value, dict):
            assert set(value) <= set(mapped[name]["properties"]), name
        else:
            assert name in mapped
    assert set(mapped["value"]["properties"]) >= set(document.values(ESSAY, ("tag", *FACETS)))


def test_the_layout_tells_other_facets_from_these() -> None:
    assert opensearch_mapping.layout() == opensearch_mapping.layout()
    assert opensearch_mapping.layout() != opensearch_mapping.layout(FACETS)


@pytest.fixture
def index(opensearch_url: str) -> Iterator[tuple[OpenSearch, str]]:
    """An empty index of essays."""
    name = "osa-documents"
    with OpenSearch(opensearch_url.split(",")) as client:
        client.indices.delete(index=name, ignore=[404])
        client.indices.create(
            index=name,
            body={
                "settings": opensearch_mapping.settings(FACETS) | {"number_of_shards": 1},
                "mappings": opensearch_mapping.mapping(FACETS),
            },
        )
        yield client, name
        client.indices.delete(index=name)


@pytest.mark.cluster
def test_opensearch_has_the_terms_at_the_positions_that_the_analysis_gives(
    index: tuple[OpenSearch, str],
) -> None:
    client, name = index
    told = " ".join([*ODD, "Häuser", "книгами"])
    made = [ESSAY, BARE] + [
        Essay(
            path=f"{lang}.md", slug=lang or "en", title=told, lang=lang, tags=("a b", "c"),
            authors=("Zoë Ng", "Ng"), sections=(Section(0, "", "", told), Section(2, "B", "b", "")),
        )
        for lang in LANGS
    ]  # fmt: skip
    for essay in made:
        body = opensearch_document.with_slug(opensearch_document.encoded(essay, FACETS), essay.slug)
        client.index(index=name, id=essay.slug, body=body)
    client.indices.refresh(index=name)
    for essay in made:
        found: dict[str, analyzer.Positions] = {}
        for field, parts in texts_of(opensearch_document.fields(essay, FACETS)).items():
            asked = {"field": opensearch_mapping.text_field(field), "text": parts}
            places = found.setdefault(field, {})
            for token in client.indices.analyze(index=name, body=asked)["tokens"]:
                places.setdefault(token["token"], []).append(token["position"])
        assert found == expected(essay), essay.lang
        hit = client.search(
            index=name, body={"query": {"term": {"slug": essay.slug}}, "stored_fields": [
                "_source", *field_names.STORED]},
        )["hits"]["hits"][0]  # fmt: skip
        assert hit["_source"] == {"slug": essay.slug, "value": {"path": [essay.path]}}
        assert opensearch_document.essay(hit["fields"], essay.slug) == essay
