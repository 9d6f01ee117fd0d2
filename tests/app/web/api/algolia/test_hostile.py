"""Bodies that no client sends: each is answered, or refused in the shape that clients read."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import chain
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.query.tree import And, Not, Or, Range, Tree, Value
from app.web.api.algolia import filters
from app.web.api.algolia.attributes import Attributes
from app.web.api.algolia.refusal import Refused

NAMES = (
    "query", "page", "hitsPerPage", "offset", "length", "facets", "maxValuesPerFacet",
    "sortFacetValuesBy", "facetFilters", "numericFilters", "tagFilters", "filters",
    "attributesToRetrieve", "attributesToHighlight", "attributesToSnippet", "highlightPreTag",
    "highlightPostTag", "snippetEllipsisText", "restrictHighlightAndSnippetArrays",
    "responseFields", "queryType", "facetQuery", "maxFacetHits", "params", "unknown",
)  # fmt: skip

words = st.sampled_from([
    "owl", "the", "tags:Birds", "tags:-Birds", "a:b:c", "certainty_pct>=50", "year:1 TO 3000",
    "importance!=1e99", "published_timestamp>-1e30", "*", "content:3", "-title", "tags", "_tags",
    "NOT (a:b)", 'tags:"', "(", "[[", '["a"', "%", "&=", "\\", "'", "\ud800", "\x00", "🦉", "東京",
    "prefixNone", "alpha", "x" * 3_000, "7", "-1", "1e5", "true", "é" * 50,
])  # fmt: skip
texts = words | st.text(max_size=30) | st.lists(words, min_size=2, max_size=4).map(" ".join)
scalars = st.one_of(
    texts, st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(), st.none(),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
queries = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)


@given(index=st.sampled_from(["essays", "essays_newest", "e/s", "*"]), query=queries)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_query(client: FlaskClient, index: str, query: Any) -> None:
    answer = client.post(f"/1/indexes/{index}/query", data=json.dumps(query))
    assert answer.status_code in (200, 400, 404)
    found = json.loads(answer.get_data())
    if answer.status_code == 200:
        assert len(found.get("hits", [])) <= 100
    else:
        assert set(found) == {"message", "status"}


@given(facet=st.sampled_from(["tags", "certainty_pct", "title", "🦉"]), query=queries)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_facet(client: FlaskClient, facet: str, query: Any) -> None:
    sent = {"requests": [{"indexName": "essays", "type": "facet", "facet": facet, **query}]}
    answer = client.post("/1/indexes/*/queries", data=json.dumps(sent))
    assert answer.status_code in (200, 400, 404)


names = st.sampled_from(["tags", "certainty", "year", "objectID", "certainty_pct", "nothing"])
conditions = st.one_of(
    st.builds(
        Value, st.just("tag"), st.sampled_from(["a", "b c", 'say "hi"', "(x)", "it's", "a:b"])
    ),
    st.builds(Range, st.just("certainty"), st.sampled_from([0.0, 50.0, 62.5])),
)
trees = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def written(tree: Tree) -> str:
    """A condition as a text that says it, every part in brackets."""
    match tree:
        case Value(_, value):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'tags:"{escaped}"'
        case Range(_, low):
            return f"certainty_pct >= {low}"
        case Not(part):
            return f"NOT ({written(part)})"
        case And(parts):
            return " AND ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " OR ".join(f"({written(part)})" for part in parts)
    raise AssertionError(tree)


def flat(tree: Tree) -> Tree:
    """A condition without an And in an And or an Or in an Or, as the parser makes it."""
    match tree:
        case Not(part):
            return Not(flat(part))
        case And(parts) | Or(parts):
            kind = type(tree)
            inner = [flat(part) for part in parts]
            pieces = [part.parts if isinstance(part, kind) else (part,) for part in inner]
            return kind(tuple(chain.from_iterable(pieces)))
        case _:
            return tree


@given(tree=trees)
def test_filters_mean_what_they_say(tree: Tree) -> None:
    assert filters.parse(written(tree), Attributes()) == flat(tree)


@given(text=texts | st.lists(words, max_size=6).map("".join))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    with suppress(Refused):
        filters.parse(text, Attributes())
