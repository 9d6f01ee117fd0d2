"""The JSON that programs rely on, key by key and type by type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.answers import EssayAnswer, FacetsAnswer, SearchAnswer, SuggestAnswer

if TYPE_CHECKING:
    from tests.conftest import Archive

ML = "machine-learning-interpretability"


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.get_data(as_text=True)
    kind = "json" if status < 400 or path == "/readyz" else "problem+json"
    assert response.content_type == f"application/{kind}"
    return json.loads(response.get_data())


# A shape is a type, None, a value in a set, a list of one shape, a mapping, or a choice of these.
INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?")

RATING = (None, {"value": (None, str, int, float), "percentage": (None, int, float)})
CARD = {
    "slug": str, "url": str, "title": str, "description": str, "excerpt": str,
    "published": (None, INSTANT), "updated": (None, INSTANT), "tags": [str], "categories": [str],
    "status": RATING, "certainty": RATING, "importance": RATING,
}  # fmt: skip
VALUES = [{"value": str, "count": int, "selected": bool}]
FACETS = dict.fromkeys(("tag", "category", "status", "certainty", "importance", "year"), VALUES)
RANGE = {
    "min": (None, float, int), "max": (None, float, int), "unrated": int,
    "histogram": [{"from": (float, int), "to": (float, int), "count": int}],
}  # fmt: skip
RANGES = {"certainty": RANGE, "importance": RANGE}
SNIPPET = {
    "section": (None, {"title": str, "anchor": str}),
    "fragments": [{"text": str, "match": bool}],
}
HIT = {**CARD, "score": (float, int), "snippets": [SNIPPET]}
SEARCH = {
    "query": str, "total": int, "page": int, "pages": int, "per_page": int, "sort": str,
    "took_ms": (float, int), "generation": int,
    "notes": [{"message": str, "start": int, "end": int}],
    "corrected": (None, {"query": str, "applied": bool}),
    "facets": FACETS | {"mood": VALUES}, "ranges": RANGES,
    "hits": [HIT],
}  # fmt: skip
ESSAY = {
    **CARD,
    "path": str, "authors": [str], "bibliography": [str], "lang": str, "complete": bool,
    "featured": bool, "words": int, "extra": dict, "html": str,
    "duplicates": [{"slug": str, "url": str, "title": str, "resemblance": (float, int)}],
    "sections": [{"level": int, "title": str, "anchor": str, "text": str}],
}  # fmt: skip

PROBLEM = {"type": str, "title": str, "status": int, "detail": str, "instance": str}


def fits(value: Any, shape: Any, where: str = "") -> None:
    if isinstance(shape, tuple):
        errors = []
        for choice in shape:
            try:
                fits(value, choice, where)
            except AssertionError as error:
                errors.append(str(error))
            else:
                return
        raise AssertionError("; ".join(errors))
    if shape is None:
        assert value is None, f"{where} is {value!r}, not null"
    elif isinstance(shape, dict):
        assert isinstance(value, dict), f"{where} is no object"
        assert set(value) == set(shape), f"{where} has other keys: {set(value) ^ set(shape)}"
        for key, inner in shape.items():
            fits(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{where} is no list"
        for place, item in enumerate(value):
            fits(item, shape[0], f"{where}[{place}]")
    elif isinstance(shape, re.Pattern):
        assert isinstance(value, str), f"{where} is no text"
        assert shape.fullmatch(value), f"{where} is {value!r}"
    else:
        assert isinstance(value, shape), f"{where} is {value!r}, no {shape.__name__}"
        assert shape is bool or not isinstance(value, bool), f"{where} is a truth value"


@pytest.mark.parametrize(
    "query",
    ["", "?q=model", "?q=colour:red&tag=XAI&tag=nobody", "?q=%22black+box%22&sort=title",
     "?certainty_min=50&importance_max=7.5&per_page=3&page=2", "?q=xyzzy", "?page=99", "?q=sparow",
     "?mood=calm", "?q=" + quote("tag:🦉 OR naïve")],
)  # fmt: skip
def test_the_shape_of_a_search(client: FlaskClient, query: str) -> None:
    fits(get(client, f"/api/v1/search{query}"), SEARCH)


@pytest.mark.parametrize(
    ("path", "record"),
    [("search?q=model", SearchAnswer), ("search?q=black+box&explain=1&prefer=recent", SearchAnswer),
     ("facets?tag=Birds", FacetsAnswer), (f"essays/{ML}", EssayAnswer),
     ("suggest?q=sparr", SuggestAnswer)],
)  # fmt: skip
def test_an_answer_is_its_record_to_the_byte(
    client: FlaskClient, path: str, record: type[msgspec.Struct]
) -> None:
    body = client.get(f"/api/v1/{path}").get_data()
    assert msgspec.json.encode(msgspec.json.decode(body, type=record)) == body


def test_an_explanation_is_there_when_it_is_asked_for(client: FlaskClient) -> None:
    part = {"kind": str, "text": str, "score": (float, int), "fields": dict}
    hits = get(client, "/api/v1/search?q=black+box&prefer=certainty&explain=1")["hits"]
    assert hits
    fits(hits, [{**HIT, "explain": [part]}])
    for hit in hits:
        parts = [each["score"] for each in hit["explain"]]
        assert sum(parts) == pytest.approx(hit["score"], abs=1e-4)
    assert {part["kind"] for part in hits[0]["explain"]} >= {"word", "prefer"}


def test_a_misspelt_query_is_corrected_and_stays_what_was_typed(client: FlaskClient) -> None:
    found = get(client, "/api/v1/search?q=sparow+cencus")
    assert (found["query"], found["total"]) == ("sparow cencus", 1)
    assert found["corrected"] == {"query": "sparrow census", "applied": True}
    assert found["hits"] == get(client, "/api/v1/search?q=sparrow+census")["hits"]
    counted = get(client, "/api/v1/facets?q=sparow+cencus")
    assert (counted["total"], counted["facets"]) == (1, found["facets"])
    offered = get(client, "/api/v1/search?q=sparow+OR+owl")["corrected"]
    assert offered == {"query": "sparrow OR owl", "applied": False}


def test_the_values_of_a_search(client: FlaskClient) -> None:
    found = get(client, "/api/v1/search?q=tag:XAI+interpretability&status=notes&importance_min=5")
    assert (found["query"], found["sort"]) == ("tag:XAI interpretability", "relevance")
    assert (found["total"], found["page"], found["pages"], found["per_page"]) == (1, 1, 1, 20)
    assert found["notes"] == []
    assert found["corrected"] is None
    assert found["facets"]["status"] == [{"value": "Notes", "count": 1, "selected": True}]
    assert {"value": "Anime", "count": 1, "selected": False} in found["facets"]["category"]
    importance = found["ranges"]["importance"]
    assert (importance["min"], importance["max"], importance["unrated"]) == (5, None, 0)
    assert [bar["from"] for bar in importance["histogram"]] == list(range(10))
    assert [bar["count"] for bar in importance["histogram"]] == [0] * 7 + [1, 0, 0]
    assert [bar["to"] for bar in found["ranges"]["certainty"]["histogram"]][-1] == 100
    (hit,) = found["hits"]
    assert hit["score"] > 0
    assert {key: hit[key] for key in CARD} == {
        "slug": ML,
        "url": f"/essay/{ML}",
        "title": "Machine Learning Interpretability: Opening the Box",
        "description": "What an explanation of a model owes to its reader",
        "excerpt": "On opening what was closed.",
        "published": "2024-01-30T05:00:00Z",
        "updated": "2024-03-23T05:00:00Z",
        "tags": ["Machine Learning", "Interpretability", "XAI", "Deep Learning"],
        "categories": ["Anime", "Machine Learning"],
        "status": {"value": "Notes", "percentage": 35},
        "certainty": {"value": "Likely", "percentage": 75},
        "importance": {"value": 7, "percentage": 70},
    }
    fragments = [f for snippet in hit["snippets"] for f in snippet["fragments"]]
    assert {"text": "Interpretability", "match": True} in fragments


def test_ratings_in_every_form(client: FlaskClient) -> None:
    hits = {h["slug"]: h for h in get(client, "/api/v1/search?per_page=100")["hits"]}
    assert hits["boredom"]["certainty"] is None
    assert hits["log"]["certainty"] == {"value": "Speculative", "percentage": None}
    assert hits["garden"]["certainty"] == {"value": None, "percentage": 62.5}
    assert hits["garden"]["importance"] == {"value": 6, "percentage": 60}
    assert hits["impossible"]["importance"] == {"value": 6.5, "percentage": 65}
    assert hits["birds/sparrows"]["published"] == "2023-05-17"
    assert hits["strasse"]["published"] == "2020-12-31T23:30:00-04:00"
    assert hits["boredom"]["published"] is hits["boredom"]["updated"] is None


def test_numbers_that_are_whole_are_written_so(client: FlaskClient) -> None:
    body = client.get("/api/v1/essays/shap").get_data(as_text=True)
    assert '"importance":{"value":8,"percentage":80}' in body.replace(" ", "")


def test_unicode_goes_in_and_out(client: FlaskClient) -> None:
    found = get(client, "/api/v1/search?q=" + quote("naïve 日本 🦉"))
    assert found["query"] == "naïve 日本 🦉"
    body = client.get("/api/v1/search?tag=" + quote("🦉")).get_data()
    assert "🦉".encode() in body


def test_bytes_that_are_no_text(client: FlaskClient) -> None:
    fits(get(client, "/api/v1/search?q=%FF%FE&tag=%C3%28"), SEARCH)


def test_a_value_that_no_essay_has_finds_nothing(client: FlaskClient) -> None:
    found = get(client, "/api/v1/search?tag=Nobody&year=1066&certainty=quite")
    assert (found["total"], found["pages"], found["hits"]) == (0, 0, [])
    assert {"value": "Nobody", "count": 0, "selected": True} in found["facets"]["tag"]


def test_a_page_past_the_end(client: FlaskClient) -> None:
    found = get(client, "/api/v1/search?q=serial&page=7")
    assert (found["total"], found["page"], found["pages"], found["hits"]) == (6, 7, 1, [])


def test_pages_follow_each_other(client: FlaskClient) -> None:
    slugs = []
    for page in (1, 2, 3):
        found = get(client, f"/api/v1/search?q=serial&per_page=2&sort=importance&page={page}")
        slugs += [hit["slug"] for hit in found["hits"]]
    assert slugs == [f"series/part-{number}" for number in (6, 5, 4, 3, 2, 1)]


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/facets"])
@pytest.mark.parametrize(
    ("query", "parameter"),
    [("sort=best", "sort"), ("page=0", "page"), ("per_page=101", "per_page"), ("page=x", "page"),
     ("certainty_min=high", "certainty_min"), ("importance_max=nan", "importance_max"),
     ("sort=%3Cb%3E%FF", "sort"), ("max_values=0", "max_values"),
     ("max_values=10001", "max_values"), ("max_values=all", "max_values")],
)  # fmt: skip
def test_malformed(client: FlaskClient, path: str, query: str, parameter: str) -> None:
    error = get(client, f"{path}?q=model&{query}", 400)
    fits(error, PROBLEM | {"error": {"code": str, "message": str, "parameter": str}})
    assert error["error"]["code"] == "bad_parameter"
    assert error["error"]["parameter"] == parameter
    assert parameter in error["error"]["message"]


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(
    asked=st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "tag", "category", "status", "certainty", "importance", "year", "mood",
                 "certainty_min", "importance_max", "sort", "page", "per_page", "max_values",
                 "limit"]
            ),
            st.text(max_size=12)
            | st.sampled_from(["1", "7", "50", "-1", "1e400", "title", "relevance", "unrated"]),
        ),
        max_size=6,
    ),
    path=st.sampled_from(["/api/v1/search", "/api/v1/facets", "/api/v1/suggest", "/search"]),
)  # fmt: skip
def test_no_address_breaks_anything(
    client: FlaskClient, asked: list[tuple[str, str]], path: str
) -> None:
    response = client.get(path, query_string=asked)
    assert response.status_code in (200, 400)
    if path != "/search":
        fits(json.loads(response.get_data()), dict)


def test_facets_alone(client: FlaskClient) -> None:
    counted = get(client, "/api/v1/facets?category=nature&certainty_min=40")
    fits(counted, {"total": int, "generation": int, "facets": SEARCH["facets"], "ranges": RANGES})
    found = get(client, "/api/v1/search?category=nature&certainty_min=40")
    assert {key: found[key] for key in counted} == counted


def test_an_essay(client: FlaskClient) -> None:
    essay = get(client, f"/api/v1/essays/{ML}")
    fits(essay, ESSAY)
    assert essay["path"] == f"{ML}.md"
    assert [entry.split(" (")[0] for entry in essay["bibliography"]] == ["Ribeiro, M.", "Chen, J."]
    assert essay["extra"] == {"meta_title": ""}
    assert [section["anchor"] for section in essay["sections"]] == [
        "", "why-it-matters", "methods", "what-stays-closed",
    ]  # fmt: skip
    assert '<h2 id="methods">' in essay["html"]
    assert essay["words"] > 60


def test_an_essay_has_its_links_resolved(client: FlaskClient) -> None:
    html = get(client, "/api/v1/essays/birds/owls")["html"]
    assert 'href="/essay/birds/sparrows#method"' in html
    assert 'src="/media/birds/owl.png"' in html


@pytest.mark.parametrize("slug", ["missing", "secret", "secret.md", "birds", "a/../shap", "🦉"])
def test_no_such_essay(client: FlaskClient, slug: str) -> None:
    error = get(client, f"/api/v1/essays/{quote(slug)}", 404)
    fits(error, PROBLEM | {"error": {"code": str, "message": str}})
    assert error["error"]["code"] == "not_found"


def test_no_such_address(client: FlaskClient) -> None:
    error = get(client, "/api/v1/nothing", 404)
    assert error["error"]["code"] == "not_found"


def test_a_wrong_method(client: FlaskClient) -> None:
    response = client.post("/api/v1/search")
    assert response.status_code == 405
    assert json.loads(response.get_data())["error"]["code"] == "method_not_allowed"


SUGGESTION = {"kind": str, "text": str, "query": str, "count": int, "url": (None, str)}


def test_suggestions(client: FlaskClient) -> None:
    found = get(client, "/api/v1/suggest?q=sparr")
    fits(found, {"query": str, "suggestions": [SUGGESTION]})
    assert {
        "kind": "essay", "text": "Counting sparrows", "query": "Counting sparrows", "count": 1,
        "url": "/essay/birds/sparrows",
    } in found["suggestions"]  # fmt: skip
    tags = get(client, "/api/v1/suggest?q=deep")["suggestions"]
    assert {
        "kind": "tag", "text": "Deep Learning", "query": 'tag:"Deep Learning"', "count": 2,
        "url": None,
    } in tags  # fmt: skip


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?q=xyzzy", "?q=%FF"])
def test_no_suggestions(client: FlaskClient, query: str) -> None:
    assert get(client, f"/api/v1/suggest{query}")["suggestions"] == []


def test_a_very_long_text_to_complete(client: FlaskClient) -> None:
    fits(get(client, "/api/v1/suggest?q=" + "ab+" * 2500), dict)


@pytest.mark.parametrize("limit", ["1", "3", "20", ""])
def test_suggest_limits(client: FlaskClient, limit: str) -> None:
    found = get(client, f"/api/v1/suggest?q=s&limit={limit}")["suggestions"]
    assert 1 <= len(found) <= int(limit or 10)


@pytest.mark.parametrize("limit", ["0", "21", "-1", "many", "1.5", "٣", "1" * 5000])
def test_malformed_suggest_limits(client: FlaskClient, limit: str) -> None:
    error = get(client, f"/api/v1/suggest?q=a&limit={quote(limit)}", 400)
    assert error["error"]["parameter"] == "limit"


def test_drafts_leak_nowhere(client: FlaskClient) -> None:
    for path in ("search?per_page=100", "facets", "suggest?q=zan", "search?q=zanzibar&tag=x",
                 "essays/links", "search?q=is:featured"):  # fmt: skip
        body = client.get(f"/api/v1/{path}").get_data(as_text=True)
        assert "Zanzibar" not in body
        assert '"Secret"' not in body
        assert '"Hidden"' not in body


def test_health(client: FlaskClient) -> None:
    assert get(client, "/healthz") == {"status": "ok"}
    ready = get(client, "/readyz")
    fits(ready, {"status": str, "generation": int})


def test_health_without_an_index(make: Callable[..., Archive]) -> None:
    client = make().app().test_client()
    assert get(client, "/healthz") == {"status": "ok"}
    fits(get(client, "/readyz", 503), {"status": str, "message": str, "hint": str})
    for path in ("search?q=x", "facets", "suggest?q=x", "essays/x"):
        error = get(client, f"/api/v1/{path}", 503)
        fits(error, PROBLEM | {"error": {"code": str, "message": str, "hint": str}})
        assert error["error"]["code"] == "unavailable"
        assert "essays index" in error["error"]["hint"]
    assert client.get("/api/v1/search").headers["Retry-After"]
    assert get(client, "/api/v1/search?sort=best", 400)


def test_an_index_that_comes_later_answers(make: Callable[..., Archive]) -> None:
    archive = make()
    client = archive.app().test_client()
    get(client, "/api/v1/search", 503)
    archive.write("one.md", "Text.", title="Uno")
    archive.build()
    assert get(client, "/api/v1/search")["total"] == 1
    assert get(client, "/readyz")["status"] == "ok"


@pytest.fixture(scope="module")
def tagged(shared: Callable[..., Archive]) -> FlaskClient:
    """An archive of 250 tags: `common` is everywhere, `tag 7` in seven essays."""
    archive = shared("tagged")
    for number in range(25):
        some = [f"tag {n}" for n in range(number * 10, number * 10 + 10)]
        seven = ["tag 7"] if 1 <= number <= 6 else []
        archive.write(f"{number}.md", "Text.", title="T", tags=["common", *seven, *some])
    archive.build()
    return archive.app().test_client()


def test_the_commonest_values_are_listed(tagged: FlaskClient) -> None:
    found = get(tagged, "/api/v1/search")
    fits(found, {key: value for key, value in SEARCH.items() if key != "facets"}
         | {"facets": FACETS, "more": {"tag": int}})  # fmt: skip
    tags = found["facets"]["tag"]
    assert [(each["value"], each["count"]) for each in tags[:2]] == [("common", 25), ("tag 7", 7)]
    assert (len(tags), found["more"]) == (100, {"tag": 151})
    few = get(tagged, "/api/v1/search?max_values=2")
    assert (few["facets"]["tag"], few["more"]["tag"]) == (tags[:2], 249)
    every = get(tagged, "/api/v1/search?max_values=251")
    assert (len(every["facets"]["tag"]), "more" in every) == (251, False)


def test_chosen_values_are_always_listed(tagged: FlaskClient) -> None:
    found = get(tagged, "/api/v1/search?q=text&tag=tag+249&tag=nobody&max_values=1")
    assert found["facets"]["tag"] == [
        {"value": "common", "count": 25, "selected": False},
        {"value": "tag 249", "count": 1, "selected": True},
        {"value": "nobody", "count": 0, "selected": True},
    ]
    assert found["more"] == {"tag": 249}


def test_the_list_of_facets_is_whole(tagged: FlaskClient) -> None:
    every = get(tagged, "/api/v1/facets")
    assert (len(every["facets"]["tag"]), "more" in every) == (251, False)
    some = get(tagged, "/api/v1/facets?max_values=50")
    assert some["facets"]["tag"] == every["facets"]["tag"][:50]
    assert some["more"] == {"tag": 201}


def test_per_page_of_the_settings(make: Callable[..., Archive]) -> None:
    archive = make()
    for number in range(5):
        archive.write(f"{number}.md", "Text.", title="T")
    archive.build()
    found = get(archive.app(per_page=2).test_client(), "/api/v1/search")
    assert (found["per_page"], len(found["hits"]), found["pages"]) == (2, 2, 3)
