"""The headers of every route in one table; what is answered 304; what a proxy may say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient
from lxml import html

from app.search.budget import SEARCH, Budget
from app.serving_settings import Serving
from app.web import caching
from app.web.caching import TAGGED
from app.web.headers import ALL

if TYPE_CHECKING:
    from tests.conftest import Archive


class Row(NamedTuple):
    """One address of a route, and what its answer says. ``tag`` is whether it can be asked for
    again with what the browser has; ``loaded`` whether pages of other sites may load it."""

    address: str
    status: int = 200
    kind: str = "text/html"
    cache: str | None = "no-cache"
    tag: bool = True
    loaded: bool = False
    method: str = "GET"


JSON = "application/json"
PROBLEM = "application/problem+json"

#: Every route, by the name of its view.
ROUTES = {
    "pages.home": Row("/"),
    "pages.search": Row("/search?q=owls"),
    "pages.essay": Row("/essay/birds/owls?q=owl"),
    "pages.browse": Row("/browse"),
    "pages.browse_facet": Row("/browse/tag"),
    "pages.subject": Row("/tag?value=Birds"),
    "pages.subject_at": Row("/category/Nature"),
    "pages.map": Row("/map"),
    "pages.changes": Row("/changes"),
    "pages.random": Row("/random", 302, cache="no-store", tag=False),
    "pages.author": Row("/author", cache="no-store", tag=False),
    "pages.media": Row("/media/birds/owl.png", kind="image/png", cache="no-cache", loaded=True),
    "static": Row("/static/search.js", kind="text/javascript", cache="no-cache"),
    "api.search": Row("/api/v1/search?q=owls", kind=JSON, loaded=True),
    "api.facets": Row("/api/v1/facets", kind=JSON, loaded=True),
    "api.essay": Row("/api/v1/essays/birds/owls", kind=JSON, loaded=True),
    "api.suggest": Row("/api/v1/suggest?q=ow", kind=JSON, loaded=True),
    "docs.moved": Row("/api", 302, cache=None, tag=False),
    "docs.page": Row("/api/v1/docs", loaded=True),
    "docs.openapi": Row("/api/v1/openapi.json", kind=JSON, cache=None, loaded=True),
    "algolia.query": Row("/1/indexes/essays/query", kind=JSON, cache=None, tag=False, loaded=True,
                         method="POST"),
    "algolia.queries": Row("/1/indexes/*/queries", 400, JSON, None, tag=False, loaded=True,
                           method="POST"),
    "algolia.facet_query": Row("/1/indexes/essays/facets/tag/query", kind=JSON, cache=None,
                               tag=False, loaded=True, method="POST"),
    "feeds.as_atom": Row("/search.atom", kind="application/atom+xml", cache="private, no-cache",
                         loaded=True),
    "feeds.as_json": Row("/search.json", kind="application/feed+json", cache="private, no-cache",
                         loaded=True),
    "feeds.changes_as_atom": Row("/changes.atom", kind="application/atom+xml",
                                 cache="private, no-cache", loaded=True),
    "feeds.changes_as_json": Row("/changes.json", kind="application/feed+json",
                                 cache="private, no-cache", loaded=True),
    "browsers.opensearch": Row("/opensearch.xml", kind="application/opensearchdescription+xml",
                               cache="private", tag=False, loaded=True),
    "browsers.suggestions": Row("/suggest.json?q=ow", kind="application/x-suggestions+json",
                                cache="private", tag=False),
    "crawlers.robots": Row("/robots.txt", kind="text/plain", cache=None, tag=False),
    "crawlers.security": Row("/.well-known/security.txt", kind="text/plain", cache=None, tag=False),
    "crawlers.sitemap": Row("/sitemap.xml", kind="application/xml", cache="private, no-cache"),
    "crawlers.sitemap_part": Row("/sitemap-1.xml", kind="application/xml",
                                 cache="private, no-cache"),
    "health.healthz": Row("/healthz", kind=JSON, cache="no-store", tag=False),
    "health.readyz": Row("/readyz", kind=JSON, cache="no-store", tag=False),
    "metrics.numbers": Row("/metrics", kind="text/plain", cache="no-store", tag=False),
    "hooks.rebuild": Row("/hooks/rebuild", 403, PROBLEM, None, tag=False, method="POST"),
    "hooks.rebuild_status": Row("/hooks/rebuild", 403, PROBLEM, None, tag=False),
}  # fmt: skip

#: What is answered where nothing is right.
FAILURES = {
    "nowhere": Row("/nowhere", 404, cache=None, tag=False),
    "no essay": Row("/essay/nothing", 404, cache=None, tag=False),
    "no essay of the API": Row("/api/v1/essays/nothing", 404, PROBLEM, None, False, loaded=True),
    "a wrong parameter": Row("/search?page=0", 400, cache=None, tag=False),
    "a wrong method": Row("/search", 405, cache=None, tag=False, method="DELETE"),
    "too long": Row("/search?q=" + "a" * 25_000, 414, cache=None, tag=False),
}


@pytest.fixture(scope="module")
def everything(small: Archive) -> Flask:
    """The app with all that can be turned on."""
    return small.app(
        serving=Serving(metrics=True), author_page=True, hook_secret="a secret",
        security_contacts=("mailto:security@example.org",),
    )  # fmt: skip


def test_every_route_is_in_the_table(everything: Flask) -> None:
    assert {rule.endpoint for rule in everything.url_map.iter_rules()} == set(ROUTES)
    assert {name for name, row in ROUTES.items() if row.tag} >= TAGGED


@pytest.mark.parametrize("row", [*ROUTES.values(), *FAILURES.values()], ids=[*ROUTES, *FAILURES])
def test_headers(everything: Flask, row: Row) -> None:
    client = everything.test_client()
    with client.open(row.address, method=row.method) as answer:
        said = answer.headers
        assert answer.status_code == row.status
        assert said["Content-Type"].startswith(row.kind)
        own = {"Content-Security-Policy"} if row.address.startswith("/media") else set()
        assert {name: said[name] for name in ALL if name not in own} == {
            name: value for name, value in ALL.items() if name not in own
        }
        assert said["Cross-Origin-Resource-Policy"] == (
            "cross-origin" if row.loaded else "same-origin"
        )
        assert ("Access-Control-Allow-Origin" in said) <= row.loaded
        assert said.get("Cache-Control") == row.cache
        assert ("ETag" in said) == row.tag
        assert "X-Request-ID" in said
        assert {"Set-Cookie", "Server", "X-Powered-By"}.isdisjoint(said)
        assert ("Accept-Encoding" in said.get("Vary", "")) == (row.kind != "image/png")
    if row.tag:
        again = {"If-None-Match": said["ETag"]}
        with client.open(row.address, headers=again) as same:
            assert (same.status_code, same.data) == (304, b"")
            for name in ("ETag", "Content-Security-Policy", "X-Content-Type-Options"):
                assert name in same.headers
            assert same.headers.get("Cache-Control") == row.cache
        with client.open(row.address, headers={"If-None-Match": '"another"'}) as other:
            assert other.status_code == 200


def test_no_policy_has_a_way_around_it(everything: Flask) -> None:
    for row in ROUTES.values():
        with everything.test_client().open(row.address, method=row.method) as answer:
            policy = answer.headers["Content-Security-Policy"]
        rules = dict(
            rule.strip().split(" ", 1) for rule in policy.split(";") if " " in rule.strip()
        )
        # A drawing has its style within, and is shown by itself in a sandbox.
        assert "unsafe" not in policy or (row.address.startswith("/media") and "sandbox" in policy)
        assert rules["default-src"] in ("'self'", "'none'")
        assert rules.get("script-src", "'self'") == "'self'"


# -- what a browser has ---------------------------------------------------------------------------


def tag_of(client: FlaskClient, address: str) -> str:
    return client.get(address).headers["ETag"]


def test_a_tag_changes_with_whatever_a_page_shows(make: Callable[..., Archive]) -> None:
    archive = make()
    settings = archive.content / "essays.toml"
    archive.write("a.md", "Owls.", title="A")
    archive.build()
    client = archive.app(files=(settings,)).test_client()
    tags = [tag_of(client, "/search")]
    archive.write("b.md", "Kelp.", title="B")
    archive.build()
    tags.append(tag_of(client, "/search"))
    settings.write_text('synonyms = [["owl", "kelp"]]\n')
    tags.append(tag_of(client, "/search"))
    (archive.index / "history.sqlite").write_bytes(b"")
    tags.append(tag_of(client, "/search"))
    tags.append(tag_of(archive.app(files=(settings,), title="Other").test_client(), "/search"))
    assert len(set(tags)) == len(tags)
    # And with nothing else: another process says the same.
    assert tag_of(archive.app(files=(settings,), title="Other").test_client(), "/") == tags[-1]
    # An index that was made again begins to count anew.
    before = client.get("/api/v1/search?q=owls").headers["ETag"]
    for file in sorted(archive.index.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    archive.build()
    assert client.get("/search", headers={"If-None-Match": before}).status_code == 200


def test_what_was_cut_short_is_not_kept(small: Archive) -> None:
    with small.app().test_request_context("/search"):
        g.tag, g.budget = "x", Budget(250)
        assert "ETag" in caching._tagged(Response("whole")).headers
        g.budget.leave_out(SEARCH)
        answer = caching._tagged(Response("in part"))
        assert ("ETag" in answer.headers, answer.headers["Cache-Control"]) == (False, "no-store")


def test_searches_that_are_remembered_are_made(
    small: Archive, make: Callable[..., Archive]
) -> None:
    archive = make()
    archive.write("a.md", "Owls.")
    archive.build()
    app = archive.app(remember_searches=True)
    client = app.test_client()
    tag = tag_of(client, "/search?q=zebra")
    assert client.get("/search?q=zebra", headers={"If-None-Match": tag}).status_code == 304
    app.extensions["remembered"].settle(10)
    assert [each.query for each in app.extensions["remembered"].all()] == ["zebra"]
    # A script tells with HEAD that its reader wants to know.
    assert client.head("/search?q=yak", headers={"If-None-Match": tag}).status_code == 200


def test_no_index_has_no_tag(make: Callable[..., Archive]) -> None:
    client = make().app().test_client()
    answer = client.get("/search")
    assert answer.status_code == 503
    assert "ETag" not in answer.headers


# -- proxies --------------------------------------------------------------------------------------

FORWARDED = {
    "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "essays.example.org", "X-Forwarded-Prefix": "/archive",
}  # fmt: skip


def links_of(tree: html.HtmlElement) -> list[str]:
    names = ("href", "src", "action", "data-suggest")
    return [value for element in tree.iter() for name in names if (value := element.get(name))]


def test_what_a_proxy_says_is_believed_where_it_is_ours(small: Archive) -> None:
    client = small.app(serving=Serving(proxies=1)).test_client()
    feed = client.get("/search.json?q=owls", headers=FORWARDED).json
    assert feed is not None
    assert feed["feed_url"].startswith("https://essays.example.org/archive/search.json")
    for row in ROUTES.values():
        if row.kind != "text/html" or row.status != 200 or row.address == "/author":
            continue
        tree = html.fromstring(client.get(row.address, headers=FORWARDED).data)
        for link in links_of(tree):
            inside = link.startswith("/") and not link.startswith("//")
            assert not inside or link.startswith("/archive/") or link == "/archive", (row, link)
    moved = client.get("/random", headers=FORWARDED)
    assert moved.headers["Location"].startswith("/archive/essay/")


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_what_others_say_is_not(small: Archive, proxies: int) -> None:
    """With two proxies one value is from whoever asks; with one, the last of two is the proxy's."""
    client = small.app(serving=Serving(proxies=proxies)).test_client()
    lies = (
        {name: f"{value}, {value}" for name, value in FORWARDED.items()}
        if proxies == 1
        else FORWARDED
    )
    lies = {
        **lies,
        "X-Forwarded-Host": "evil.example" + (", essays.example.org" if proxies == 1 else ""),
    }
    feed = client.get("/search.json", headers=lies).json
    assert feed is not None
    assert "evil.example" not in str(feed)
    if proxies != 1:
        assert feed["feed_url"].startswith("http://localhost/search.json")


@pytest.mark.parametrize(
    "prefix",
    ["//evil.example", "/\\evil.example", "/a//b", "/../x", "javascript:x", "/a b", "/<b>", "/."],
)
def test_a_prefix_leads_nowhere_else(small: Archive, prefix: str) -> None:
    client = small.app(serving=Serving(proxies=1)).test_client()
    headers = {"X-Forwarded-Prefix": prefix, "X-Forwarded-Proto": "gopher"}
    page = client.get("/search?q=owls", headers=headers).text
    assert "evil.example" not in page
    assert 'href="/essay/birds/owls' in page
    assert "gopher" not in client.get("/search.json", headers=headers).text


# -- whom to tell ---------------------------------------------------------------------------------


def test_security_txt(everything: Flask, small: Archive) -> None:
    text = everything.test_client().get("/.well-known/security.txt").text
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=7) < expires - datetime.now(UTC) < timedelta(days=365)
    assert "Canonical" not in fields
    assert small.app().test_client().get("/.well-known/security.txt").status_code == 404
    whole = small.app(
        site_url="https://essays.example.org",
        security_contacts=("https://example.org/report", "mailto:me@example.org"),
    )
    lines = whole.test_client().get("/.well-known/security.txt").text.splitlines()
    assert lines[:2] == ["Contact: https://example.org/report", "Contact: mailto:me@example.org"]
    assert "Canonical: https://essays.example.org/.well-known/security.txt" in lines
