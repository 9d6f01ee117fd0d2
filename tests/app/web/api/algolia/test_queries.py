"""Queries as the clients of Algolia send them, in every form, against the small archive, on each
engine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.search.engine_contract.archives import in_cluster

if TYPE_CHECKING:
    from tests.conftest import Archive

Ask = Callable[..., Any]


@pytest.fixture(
    scope="module", params=["local", pytest.param("opensearch", marks=pytest.mark.cluster)]
)
def answering(request: pytest.FixtureRequest, app: Flask, small: Archive) -> Iterator[Flask]:
    """The app over each engine."""
    if request.param == "local":
        yield app
        return
    with in_cluster(small, request.getfixturevalue("opensearch_url")) as engine:
        other = small.app()
        other.extensions["engine"] = engine
        yield other


@pytest.fixture
def client(answering: Flask) -> Iterator[FlaskClient]:
    with answering.test_client() as client:
        yield client


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """The answer to one query; ``status`` is the one to expect."""

    def asked(index: str = "essays", status: int = 200, **parameters: Any) -> Any:
        answer = client.post(f"/1/indexes/{index}/query", data=json.dumps(parameters))
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    return asked


def slugs(answer: Any) -> list[str]:
    return [hit["objectID"] for hit in answer["hits"]]


def test_an_answer_has_what_clients_read(ask: Ask) -> None:
    found = ask(query="sparrow", hitsPerPage=5, facets=["tags", "certainty_pct"])
    assert {key: found[key] for key in ("nbHits", "page", "nbPages", "hitsPerPage")} == {
        "nbHits": 2, "page": 0, "nbPages": 1, "hitsPerPage": 5,
    }  # fmt: skip
    assert found["query"] == "sparrow"
    assert found["index"] == "essays"
    assert dict(p.split("=") for p in found["params"].split("&"))["query"] == "sparrow"
    assert type(found["processingTimeMS"]) is int
    assert found["exhaustiveNbHits"] is found["exhaustiveFacetsCount"] is True
    assert found["exhaustive"] == {"nbHits": True, "facetsCount": True, "typo": True}
    assert found["facets"]["tags"] == {"Birds": 2, "Statistics": 1, "🦉": 1}
    assert found["facets_stats"] == {"certainty_pct": {"min": 30, "max": 50, "avg": 40, "sum": 80}}


def test_a_record_is_flat(ask: Ask) -> None:
    (hit,) = ask(facetFilters=["objectID:shap"])["hits"]
    assert hit["title"] == "SHAP, explained slowly"
    assert hit["tags"] == ["xai", "Deep Learning"]
    assert hit["url"] == "/essay/shap"
    assert (hit["certainty"], hit["certainty_pct"]) == ("Highly likely", 90)
    assert (hit["importance"], hit["importance_pct"]) == (8, 80)
    assert (hit["published"], hit["published_timestamp"]) == ("2024-02-10", 1707523200)
    assert (hit["year"], hit["mood"], hit["authors"]) == (2024, ["calm"], ["Jane Chen"])
    for value in (v for name, v in hit.items() if not name.startswith("_")):
        assert not isinstance(value, dict)


@pytest.mark.parametrize(
    "sent",
    [
        {"query": "owl", "facetFilters": [["tags:Birds"]], "hitsPerPage": 1},
        {"params": {"query": "owl", "facetFilters": [["tags:Birds"]], "hitsPerPage": 1}},
        {"params": urlencode({"query": "owl", "facetFilters": '["tags:Birds"]', "hitsPerPage": 1})},
        {"query": "other", "params": "query=owl&facetFilters=tags%3ABirds&hitsPerPage=1"},
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "application/x-www-form-urlencoded", None],
)
def test_parameters_in_every_form(client: FlaskClient, sent: Any, content_type: str | None) -> None:
    address = "/1/indexes/essays/query?x-algolia-agent=JS&x-algolia-api-key=k"
    answer = client.post(address, data=json.dumps(sent), content_type=content_type).get_json()
    assert answer["query"] == "owl"
    assert slugs(answer) == ["birds/owls"]
    assert answer["hitsPerPage"] == 1


def test_a_compressed_body(client: FlaskClient) -> None:
    def post(data: bytes) -> Any:
        return client.post(
            "/1/indexes/essays/query", data=data, headers={"Content-Encoding": "gzip"}
        )

    assert slugs(post(gzip.compress(b'{"query": "owl"}')).get_json())[0] == "birds/owls"
    assert post(b"no gzip").status_code == 400
    assert post(gzip.compress(b" " * 1_000_000)).status_code == 413


FILTERED = [
    ({"facetFilters": ["tags:Birds", "tags:Statistics"]}, "birds/sparrows"),
    ({"facetFilters": [["tags:Statistics", "tags:Anime"]]}, "akira ghost sparrows"),
    ({"facetFilters": "tags:Statistics"}, "sparrows"),
    ({"facetFilters": "(tags:Statistics,tags:Anime),certainty:Remote"}, "akira"),
    ({"facetFilters": '["tags:Birds","tags:-Statistics"]'}, "owls"),
    ({"facetFilters": ["tag:layers: two"]}, "caches"),
    ({"facetFilters": ["tags:\\-minus"]}, "quotes"),
    ({"facetFilters": ["tags:(round)"]}, "quotes"),
    ({"facetFilters": ['tags:say "hi"']}, "quotes"),
    ({"facetFilters": "tags:(round)"}, "quotes"),
    ({"facetFilters": ["tags:no such"]}, ""),
    ({"facetFilters": ["nothing:x"]}, ""),
    ({"facetFilters": ["categories:Nature", "nothing:-x"]}, "garden owls sparrows"),
    ({"facetFilters": [["tags:-Birds", "certainty:Unlikely"], "categories:Nature"]}, "garden owls"),
    ({"facetFilters": ["certainty:62.5%"]}, "garden"),
    ({"facetFilters": ["mood:merry"]}, "sparrows"),
    ({"facetFilters": ["featured:true"]}, "hello"),
    ({"facetFilters": ["complete:true"]}, "ghost hello"),
    ({"facetFilters": ["year:2017"]}, "box"),
    ({"tagFilters": ["Birds", "-Statistics"]}, "owls"),
    ({"numericFilters": ["certainty_pct>=90"]}, "caches hello shap"),
    ({"numericFilters": ["certainty_pct > 90", "importance<=5"]}, "hello"),
    ({"numericFilters": "certainty_pct>90,importance>5"}, "caches"),
    ({"numericFilters": [["importance=0", "importance=10"]]}, "akira caches"),
    ({"numericFilters": ["importance:6 TO 7"]}, "garden impossible machine newton part-6"),
    ({"numericFilters": ["importance_pct:65"]}, "impossible"),
    ({"numericFilters": ["year<2015", "certainty_pct!=50"]}, "links"),
    ({"numericFilters": ["year>=2025"]}, "hello"),
    ({"numericFilters": ["year=2020.5"]}, ""),
    ({"numericFilters": ["published_timestamp=1709164800"]}, "caches"),
    ({"filters": "published_timestamp>1709164800 AND published_timestamp<=1709251200"}, "quotes"),
    ({"numericFilters": ["published_timestamp<=1356998400"]}, ""),
    ({"numericFilters": "updated_timestamp<1e99,certainty_pct>-5,importance=1"}, "hello"),
    ({"numericFilters": ["certainty_pct<0"]}, ""),
    ({"numericFilters": ["nothing>0"]}, ""),
    ({"filters": "tags:Birds AND NOT tags:Statistics"}, "owls"),
    ({"filters": "tags:Statistics OR tags:Anime AND certainty:Remote"}, "akira"),
    ({"filters": "(tags:Statistics OR tags:Anime) AND year:2023"}, "ghost sparrows"),
    ({"filters": "NOT (tags:Birds OR NOT categories:Nature)"}, "garden"),
    ({"filters": '"tags:layers: two" OR tags:"say \\"hi\\""'}, "caches quotes"),
    ({"filters": "tags:'back\\\\slash'"}, "quotes"),
    ({"filters": 'certainty:"Highly likely"<score=2> OR certainty:Remote<score=3>'}, "akira shap"),
    ({"filters": "certainty_pct >= 90 AND importance:1 TO 9"}, "hello shap"),
    ({"filters": "importance!=1 AND certainty_pct=100"}, "caches"),
    ({"filters": "Statistics"}, "sparrows"),
    ({"filters": "_tags:Statistics"}, "sparrows"),
    ({"filters": "  "}, "everything"),
    ({"filters": "tag:Birds", "facetFilters": ["mood:-calm"], "numericFilters": "year>1"}, "owls"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), FILTERED)
def test_filters(ask: Ask, sent: Any, expected: str) -> None:
    found = ask(hitsPerPage=100, **sent)
    ends = {slug.split("/")[-1].split("-learn")[0] for slug in slugs(found)}
    if expected == "everything":
        assert found["nbHits"] == 25
    else:
        assert ends == set(" ".join(expected.split("/")[-1:]).split())
    assert ask(hitsPerPage=0, **sent)["nbHits"] == found["nbHits"]


WRONG = [
    ({"filters": "tags:"}, "expected a value at column 6, found the end"),
    ({"filters": "AND tags:a"}, "expected a condition at column 1"),
    ({"filters": "(tags:a"}, "expected “)”"),
    ({"filters": "tags:a tags:b"}, "expected AND, OR or the end at column 8"),
    ({"filters": "year > old"}, "expected a number"),
    ({"filters": "year:1 TO old"}, "expected a number"),
    ({"filters": "(" * 100 + "tags:a" + ")" * 100}, "brackets"),
    ({"filters": " OR ".join(["tags:a"] * 300)}, "at most 200 filters"),
    ({"facetFilters": ["Birds"]}, "expected attribute:value"),
    ({"facetFilters": {"tags": "Birds"}}, "must be a list"),
    ({"facetFilters": [[["tags:a"]]]}, "lists of texts"),
    ({"facetFilters": "[["}, "facetFilters"),
    ({"numericFilters": ["year"]}, "expected attribute>=number"),
    ({"numericFilters": ["year>nan"]}, "expected attribute>=number"),
    ({"hitsPerPage": "many"}, 'Invalid value for "hitsPerPage" parameter'),
    ({"page": -1}, 'Invalid value for "page" parameter'),
    ({"query": ["a"]}, 'Invalid value for "query" parameter, expected string'),
    ({"facets": [1]}, "expected array of strings"),
    ({"params": 7}, "params must be an object"),
]


@pytest.mark.parametrize(("sent", "message"), WRONG)
def test_what_cannot_be_meant_is_told(ask: Ask, sent: Any, message: str) -> None:
    answer = ask(status=400, **sent)
    assert answer["status"] == 400
    assert message in answer["message"]


def test_pages(ask: Ask) -> None:
    first = ask(query="serial", hitsPerPage=4)
    second = ask(query="serial", hitsPerPage="4", page="1")
    assert (first["nbHits"], first["nbPages"], second["page"]) == (6, 2, 1)
    assert len(slugs(first)) == 4
    assert len({*slugs(first), *slugs(second)}) == 6
    assert ask(query="serial", hitsPerPage=4, page=7)["hits"] == []
    nothing = ask(query="serial", hitsPerPage=0)
    assert (nothing["hits"], nothing["nbHits"], nothing["nbPages"]) == ([], 6, 0)
    assert ask(hitsPerPage=5000)["hitsPerPage"] == 100
    window = ask(query="serial", offset=3, length=2)
    assert slugs(window) == (slugs(first) + slugs(second))[3:5]
    assert (window["offset"], window["length"]) == (3, 2)
    assert "page" not in window


def test_an_index_is_an_order(ask: Ask) -> None:
    newest = ask("essays_newest", hitsPerPage=3)
    assert slugs(newest) == ["hello", "quotes", "caches"]
    assert newest["index"] == "essays_newest"
    numbers = [hit["certainty_pct"] for hit in ask("essays_certainty", hitsPerPage=8)["hits"]]
    assert numbers == sorted(numbers, reverse=True)
    titles = [hit["title"] for hit in ask("essays_title", hitsPerPage=4)["hits"]]
    assert titles[:3] == ["A log", "Akira, revisited", "Caches all the way down"]
    assert ask("others", status=404) == {"message": "Index others does not exist", "status": 404}


def test_the_name_of_the_index_is_a_setting(small: Archive) -> None:
    with small.app(api_index="blog").test_client() as client:
        assert client.post("/1/indexes/blog_newest/query").status_code == 200
        assert client.post("/1/indexes/essays/query").status_code == 404


def test_facets(ask: Ask) -> None:
    assert "facets" not in ask()
    listed = ask(facets="tags, year,nothing")
    assert list(listed["facets"]) == ["tags", "year"]
    assert listed["facets_stats"]["year"]["min"] == 2013
    some = ask(facets=["tags"], maxValuesPerFacet=2)["facets"]["tags"]
    assert list(some.items()) == [("Serial", 6), ("anime", 2)]
    alpha = ask(facets=["tags"], sortFacetValuesBy="alpha")["facets"]["tags"]
    assert list(alpha) == sorted(alpha, key=str.lower)
    everything = ask(facets=["*"])
    assert list(everything["facets"]) == [
        "tags", "categories", "status", "certainty", "importance", "year", "mood",
        "status_pct", "certainty_pct", "importance_pct",
    ]  # fmt: skip
    assert ask(facets='["tag"]')["facets"]["tag"]["Birds"] == 2
    assert everything["facets"]["importance_pct"]["65"] == 1
    assert everything["facets_stats"]["importance"] == {
        "min": 0, "max": 10, "avg": everything["facets_stats"]["importance"]["avg"],
        "sum": everything["facets_stats"]["importance"]["sum"],
    }  # fmt: skip


def test_flags_are_counted_where_they_are_named(ask: Ask) -> None:
    found = ask(facets=["complete", "featured"], filters="year >= 2023")
    assert found["facets"] == {
        "complete": {"false": found["nbHits"] - 2, "true": 2},
        "featured": {"false": found["nbHits"] - 1, "true": 1},
    }
    assert ask(query="robots", facets="complete")["facets"] == {"complete": {"true": 1}}


def test_facets_that_nothing_has_are_there(ask: Ask) -> None:
    found = ask(query="zzzzzzzz", facets=["tags", "certainty_pct"])
    assert found["facets"] == {"tags": {}, "certainty_pct": {}}
    assert found["facets_stats"] == {"certainty_pct": {"min": 0, "max": 0, "avg": 0, "sum": 0}}


def test_counts_are_under_all_filters_and_those_of_one_facet_are_asked_for(
    client: FlaskClient,
) -> None:
    """The queries that InstantSearch sends for two refined facets, answered in order."""
    shared = {"query": "", "facets": ["tags", "categories"], "maxValuesPerFacet": 10}
    nature, birds = ["categories:Nature"], ["tags:Birds"]
    requests = [
        {"indexName": "essays", "params": shared | {"facetFilters": [nature, birds]}},
        {"indexName": "essays", "params": shared | {
            "facets": "tags", "hitsPerPage": 0, "facetFilters": [nature]}},
        {"indexName": "essays_newest", "params": shared | {
            "facets": "categories", "hitsPerPage": 0, "facetFilters": [birds]}},
    ]  # fmt: skip
    answer = client.post("/1/indexes/*/queries", data=json.dumps({"requests": requests})).get_json()
    main, tags, categories = answer["results"]
    assert main["facets"] == {
        "tags": {"Birds": 2, "Statistics": 1, "🦉": 1}, "categories": {"Nature": 2},
    }  # fmt: skip
    assert tags["facets"] == {"tags": {"Birds": 2, "Gardens": 1, "Statistics": 1, "🦉": 1}}
    assert categories["facets"] == {"categories": {"Nature": 2}}
    assert (tags["hits"], tags["nbHits"], categories["index"]) == ([], 3, "essays_newest")


def test_many_queries(client: FlaskClient) -> None:
    def post(**sent: Any) -> Any:
        return client.post("/1/indexes/*/queries", data=json.dumps(sent))

    one = {"indexName": "essays", "params": "hitsPerPage=1"}
    assert post(requests=[]).get_json() == {"results": []}
    assert len(post(requests=[one] * 50).get_json()["results"]) == 50
    assert post(requests=[one] * 51).status_code == 400
    assert post(requests=[one, {"indexName": "others"}]).status_code == 404
    assert post(requests=[{"params": ""}]).status_code == 400
    assert post(requests=["essays"]).status_code == 400
    assert post(other=[]).status_code == 400
    first, second = post(requests=[one, one], strategy="stopIfEnoughMatches").get_json()["results"]
    assert (len(first["hits"]), second["processed"], second["hits"]) == (1, False, [])


def test_values_of_a_facet_are_searched(client: FlaskClient) -> None:
    def search(facet: str, **sent: Any) -> Any:
        return client.post(f"/1/indexes/essays/facets/{facet}/query", data=json.dumps(sent))

    found = search("tags", params="facetQuery=lear&maxFacetHits=5").get_json()
    assert found["facetHits"] == [
        {"value": "Deep Learning", "highlighted": "Deep <em>Lear</em>ning", "count": 2},
        {"value": "Machine Learning", "highlighted": "Machine <em>Lear</em>ning", "count": 1},
    ]
    assert found["exhaustiveFacetsCount"] is True
    two = search(
        "tags", facetQuery="LEAR mach", highlightPreTag="<", highlightPostTag=">"
    ).get_json()
    assert two["facetHits"][0]["highlighted"] == "<Mach>ine <Lear>ning"
    narrowed = search("tag", facetQuery="", facetFilters=["categories:Nature"]).get_json()
    assert [(hit["value"], hit["count"]) for hit in narrowed["facetHits"]] == [
        ("Birds", 2), ("Gardens", 1), ("Statistics", 1), ("🦉", 1),
    ]  # fmt: skip
    assert search("tags", facetQuery="birds", query="owl").get_json()["facetHits"][0]["count"] == 1
    assert search("tags", facetQuery="c++").get_json()["facetHits"][0]["value"] == "C++"
    assert len(search("tags", maxFacetHits=3).get_json()["facetHits"]) == 3
    assert search("title", facetQuery="a").status_code == 400
    within = {
        "indexName": "essays",
        "type": "facet",
        "facet": "tags",
        "params": {"facetQuery": "xa"},
    }
    body = json.dumps({"requests": [within, {"indexName": "essays", "query": "owl"}]})
    values, hits = client.post("/1/indexes/*/queries", data=body).get_json()["results"]
    assert values["facetHits"][0]["value"] == "xai"
    assert slugs(hits)[0] == "birds/owls"


def test_matches_are_marked(ask: Ask) -> None:
    found = ask(query="sparrow counting", attributesToSnippet=["content:5", "description"])
    marked = found["hits"][0]["_highlightResult"]
    assert marked["title"] == {
        "value": "<em>Counting</em> <em>sparrows</em>", "matchLevel": "full",
        "matchedWords": ["sparrow", "counting"], "fullyHighlighted": True,
    }  # fmt: skip
    assert marked["tags"] == [
        {"value": "Birds", "matchLevel": "none", "matchedWords": []},
        {"value": "Statistics", "matchLevel": "none", "matchedWords": []},
    ]
    assert marked["description"] == {"value": "", "matchLevel": "none", "matchedWords": []}
    cut = found["hits"][0]["_snippetResult"]["content"]
    assert cut["matchLevel"] in ("full", "partial")
    assert cut["value"].count("<em>") >= 1
    assert len(cut["value"].replace("…", "").split()) == 5
    assert found["hits"][0]["_snippetResult"]["description"]["value"] == ""


def test_tags_are_echoed_and_nothing_is_escaped(ask: Ask) -> None:
    pre, post = "__ais-highlight__", "__/ais-highlight__"
    found = ask(query="friends", highlightPreTag=pre, highlightPostTag=post)
    (hit,) = (hit for hit in found["hits"] if hit["slug"] == "markup")
    value = hit["_highlightResult"]["title"]["value"]
    assert value == f"<script>alert(1)</script> & {pre}friends{post}"
    assert hit["_highlightResult"]["description"]["value"] == 'A "quoted" <i>description</i>'


def test_every_leaf_is_a_full_object(ask: Ask) -> None:
    found = ask(query="a", attributesToHighlight=["*", "certainty", "year", "mood", "nothing"],
                attributesToSnippet=["*:7"], hitsPerPage=100)  # fmt: skip

    def leaves(value: Any) -> list[Any]:
        if isinstance(value, list):
            return [leaf for each in value for leaf in leaves(each)]
        return [value] if "value" in value else leaves(list(value.values()))

    assert found["nbHits"] > 3
    for hit in found["hits"]:
        for leaf in leaves([hit["_highlightResult"], hit["_snippetResult"]]):
            assert type(leaf["value"]) is str
            assert leaf["matchLevel"] in ("none", "partial", "full")
            assert type(leaf["matchedWords"]) is list
            assert ("fullyHighlighted" in leaf) <= (leaf["matchLevel"] != "none")
        assert "nothing" not in hit["_highlightResult"]
        assert hit["_highlightResult"]["certainty"]["value"] == str(hit["certainty"])


def test_of_lists_only_what_matches_where_a_client_wants_that(ask: Ask) -> None:
    asked = {"query": "birds", "attributesToHighlight": ["tags", "title"], "filters": "tags:Birds"}
    every = ask(**asked)["hits"][0]["_highlightResult"]
    some = ask(**asked, restrictHighlightAndSnippetArrays=True)["hits"][0]["_highlightResult"]
    assert len(every["tags"]) == 2
    assert [leaf["value"] for leaf in some["tags"]] == ["<em>Birds</em>"]
    assert some["title"] == every["title"]


def test_only_what_is_asked_for_is_sent(ask: Ask) -> None:
    def keys(**sent: Any) -> set[str]:
        return set(ask(query="owl", hitsPerPage=1, **sent)["hits"][0])

    assert keys(attributesToRetrieve=["title", "tag", "nothing"], attributesToHighlight=[]) == {
        "objectID", "title", "tag",
    }  # fmt: skip
    assert "_highlightResult" in keys(attributesToRetrieve="title")
    assert "title" not in keys(attributesToRetrieve=["*", "-title"])
    assert "title" not in keys(attributesToRetrieve=["-title"])
    assert keys(attributesToRetrieve=[], attributesToHighlight=[]) == {"objectID"}
    assert set(ask(responseFields=["hits", "nbHits"])) == {"hits", "nbHits"}


def test_a_word_that_is_not_finished_finds_what_it_begins(client: FlaskClient, ask: Ask) -> None:
    found = ask(query="counting sparr")
    assert slugs(found) == ["birds/sparrows"]
    assert found["query"] == "counting sparr"
    assert "<em>sparrows</em>" in found["hits"][0]["_highlightResult"]["title"]["value"]
    assert slugs(ask(query="SPARR")) == slugs(ask(query="sparr"))
    typed = ask(query="sparr", queryType="prefixNone")
    assert typed["corrected"]["applied"] is True
    # A word that there is stays as it is, and one that nothing begins with is corrected.
    assert ask(query="model")["nbHits"] == ask(query='"model"')["nbHits"]
    assert ask(query="motorcicle")["corrected"] == {"query": "motorcycle", "applied": True}
    requests = [
        {"indexName": "essays", "query": "sparr", "hitsPerPage": 0, "facetFilters": filters}
        for filters in (["tags:Statistics"], ["tags:Physics"], [])
    ]
    answer = client.post("/1/indexes/*/queries", data=json.dumps({"requests": requests}))
    assert [each["nbHits"] for each in answer.get_json()["results"]] == [1, 0, 2]


def test_what_was_not_taken_as_typed_is_told(ask: Ask) -> None:
    assert "There is no field" in ask(query="colour:red owl")["message"]
    assert "message" not in ask(query="owl")


@pytest.mark.parametrize("data", [b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object(client: FlaskClient, data: bytes) -> None:
    answer = client.post("/1/indexes/essays/query", data=data)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("Invalid JSON")


def test_failures_have_the_shape_that_clients_read(client: FlaskClient) -> None:
    for method, address, status in (
        ("GET", "/1/indexes/essays/query", 405),
        ("POST", "/1/indexes/essays/settings", 404),
        ("POST", "/1/other", 404),
    ):
        answer = client.open(address, method=method)
        assert answer.status_code == answer.get_json()["status"] == status
        assert set(answer.get_json()) == {"message", "status"}
    large = client.post("/1/indexes/essays/query", data=b" " * 300_000)
    assert large.status_code == large.get_json()["status"] == 413


def test_an_index_that_is_not_there_yet(make: Callable[..., Archive]) -> None:
    with make().app().test_client() as client:
        answer = client.post("/1/indexes/essays/query")
        assert answer.get_json() == {"message": "There is no index yet.", "status": 503}
        assert answer.status_code == 503


def test_an_address_of_the_site_makes_addresses_of_essays_whole(small: Archive) -> None:
    with small.app(site_url="https://essays.example.org").test_client() as client:
        data = json.dumps({"query": "shapley unification"})
        hit = client.post("/1/indexes/essays/query", data=data).get_json()["hits"][0]
    assert hit["url"] == "https://essays.example.org/essay/shap"
    assert hit["section_url"].startswith(hit["url"])
