"""How URLs say requests: malformed ones are refused by name, and writing is reading backwards."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.search.query.visible_text import visible
from app.search.request import DEFAULT_PER_PAGE, PREFERENCES, SORTS, Range, SearchRequest, Sort
from app.web.params import BadParameter, Links, pairs, parse
from indexer.essay import FACETS, value_key


def asked(query: str, facets: tuple[str, ...] = ()) -> SearchRequest:
    """The request of a query string, as Flask would hand it on."""
    return parse(MultiDict(parse_qsl(query.removeprefix("?"), keep_blank_values=True)), facets)


READ = [
    ("nothing", "", SearchRequest()),
    ("words", "q=black+box", SearchRequest(q="black box")),
    ("words are trimmed", "q=++a++", SearchRequest(q="a")),
    ("one value", "tag=XAI", SearchRequest(filters={"tag": ("XAI",)})),
    ("several values", "tag=XAI&tag=Birds", SearchRequest(filters={"tag": ("XAI", "Birds")})),
    ("a value twice", "tag=XAI&tag=xai", SearchRequest(filters={"tag": ("XAI",)})),
    ("several facets", "status=Notes&year=2024",
     SearchRequest(filters={"status": ("Notes",), "year": ("2024",)})),
    ("a value with everything in it", "tag=R%26D%2F%3F%20%23%22",
     SearchRequest(filters={"tag": ('R&D/? #"',)})),
    ("a lower end", "certainty_min=50", SearchRequest(ranges={"certainty": Range(50, None)})),
    ("an upper end", "importance_max=7.5", SearchRequest(ranges={"importance": Range(None, 7.5)})),
    ("both ends", "importance_min=1&importance_max=2",
     SearchRequest(ranges={"importance": Range(1, 2)})),
    ("nought is an end", "certainty_max=0", SearchRequest(ranges={"certainty": Range(None, 0)})),
    ("what shows nothing", "q=%E2%80%AEca%E2%80%8Bf%C3%A9%00", SearchRequest(q="café")),
    ("a joiner between letters", "q=%D9%85%DB%8C%E2%80%8C%D8%B1%D9%88%D9%85",
     SearchRequest(q="می\u200cروم")),
    ("a sort", "sort=title", SearchRequest(sort="title")),
    ("a preference", "prefer=recent", SearchRequest(prefer="recent")),
    ("an explanation", "explain=1", SearchRequest(explain=True)),
    ("no explanation", "explain=0", SearchRequest()),
    ("a number of values", "max_values=10000", SearchRequest(max_values=10_000)),
    ("a page", "page=3&per_page=100", SearchRequest(page=3, per_page=100)),
    ("unknown parameters", "utm_source=x&lang=de", SearchRequest()),
    ("an unknown facet", "mood=calm", SearchRequest()),
    ("blanks", "q=&tag=&tag=+&certainty_min=&certainty_max=+&sort=&page=&per_page=&max_values=",
     SearchRequest()),
    ("blanks among values", "tag=&tag=XAI", SearchRequest(filters={"tag": ("XAI",)})),
    ("spaces around", "page=+2+&sort=+title+&importance_min=+3",
     SearchRequest(page=2, sort="title", ranges={"importance": Range(3, None)})),
]  # fmt: skip


@pytest.mark.parametrize(("query", "request_"), [r[1:] for r in READ], ids=[r[0] for r in READ])
def test_what_a_url_asks(query: str, request_: SearchRequest) -> None:
    assert asked(query) == request_


def test_a_facet_of_the_archives_own() -> None:
    assert asked("mood=calm", ("mood",)) == SearchRequest(filters={"mood": ("calm",)})


def test_per_page_comes_from_the_settings() -> None:
    assert parse(MultiDict(), (), 7).per_page == 7
    assert parse(MultiDict({"per_page": "8"}), (), 7).per_page == 8


BAD = [
    ("prefer", "title"), ("prefer", "Recent"), ("explain", "yes"), ("explain", "2"),
    ("sort", "best"), ("sort", "Title"), ("sort", "newest,title"),
    ("page", "0"), ("page", "-1"), ("page", "1.5"), ("page", "one"), ("page", "1e3"),
    ("page", "9" * 10), ("page", "٣"), ("page", "0x1"), ("page", "+1"), ("page", "NaN"),
    ("max_values", "0"), ("max_values", "10001"), ("max_values", "all"), ("max_values", "1.0"),
    ("per_page", "0"), ("per_page", "101"), ("per_page", "many"), ("per_page", "-5"),
    ("certainty_min", "high"), ("certainty_max", "50%"), ("certainty_min", "nan"),
    ("certainty_max", "inf"), ("certainty_max", "-Infinity"), ("certainty_min", "1,5"),
    ("importance_min", "7/10"), ("importance_max", "1e999"), ("importance_max", "--1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{n}={v}" for n, v in BAD])
def test_malformed(name: str, value: str) -> None:
    with pytest.raises(BadParameter) as caught:
        parse(MultiDict([("q", "x"), (name, value)]))
    assert caught.value.name == name
    assert name in str(caught.value)
    assert value[:40] in str(caught.value)


def test_a_long_malformed_value_is_cut() -> None:
    with pytest.raises(BadParameter) as caught:
        parse(MultiDict({"sort": "x" * 10_000}))
    assert len(str(caught.value)) < 200


VALUE = st.text(min_size=1, max_size=12).filter(str.strip)
ENDS = st.none() | st.integers(-5, 120).map(float) | st.sampled_from([0.5, 62.5, 33.25, 0.0])
REQUESTS = st.builds(
    SearchRequest,
    q=st.text(max_size=20).map(lambda text: visible(text).strip()),
    filters=st.dictionaries(
        st.sampled_from((*FACETS, "mood")),
        st.lists(VALUE, min_size=1, max_size=3, unique_by=value_key).map(tuple),
    ),
    ranges=st.dictionaries(
        st.sampled_from(["certainty", "importance"]), st.builds(Range, ENDS, ENDS).filter(bool)
    ),
    sort=st.none() | st.sampled_from(SORTS),
    prefer=st.none() | st.sampled_from(PREFERENCES),
    explain=st.booleans(),
    page=st.integers(1, 999),
    per_page=st.integers(1, 100),
    max_values=st.none() | st.integers(1, 10_000),
)


@settings(deadline=None, max_examples=200)
@given(request=REQUESTS)
def test_what_is_written_is_read(request: SearchRequest) -> None:
    assert parse(MultiDict(pairs(request)), ("mood",)) == request
    assert asked(Links(request).page(request.page), ("mood",)) == request


@settings(deadline=None, max_examples=100)
@given(request=REQUESTS)
def test_what_is_read_is_written_again(request: SearchRequest) -> None:
    written = pairs(request)
    assert sorted(pairs(parse(MultiDict(written), ("mood",)))) == sorted(written)


@settings(deadline=None, max_examples=100)
@given(request=REQUESTS, value=VALUE)
def test_links(request: SearchRequest, value: str) -> None:
    links = Links(request)

    def read(query: str) -> SearchRequest:
        assert query.startswith("?")
        assert not urlsplit(query).fragment
        return asked(query, ("mood",))

    there = read(links.toggle("tag", value))
    was = any(value_key(value) == value_key(v) for v in request.filters.get("tag", ()))
    now = any(value_key(value) == value_key(v) for v in there.filters.get("tag", ()))
    assert now is not was
    assert (there.q, there.page, there.sort) == (request.q, 1, request.sort)
    assert read(Links(there).toggle("tag", value)).filters.get("tag", ()) == tuple(
        v for v in request.filters.get("tag", ()) if not was or value_key(v) != value_key(value)
    ) + ((value,) if was else ())
    assert "tag" not in read(links.without("tag")).filters
    assert read(links.without("tag")).ranges == request.ranges
    sure = read(links.without("certainty"))
    assert "certainty" not in (*sure.filters, *sure.ranges)
    assert read(links.between("certainty", 10, 20)).ranges["certainty"] == Range(10, 20)
    assert "certainty" not in read(links.between("certainty")).ranges
    cleared = read(links.clear())
    assert (cleared.q, cleared.narrowed) == (request.q, False)
    assert read(links.words("other")).q == "other"
    assert read(links.words("other")).filters == request.filters
    for sort in SORTS:
        assert read(links.sort(sort)).sort == sort
    for prefer in PREFERENCES:
        chosen = request.prefer == prefer
        assert read(links.prefer(prefer)).prefer == (None if chosen else prefer)
    assert read(links.values(500)).max_values == 500
    assert read(links.trail() or "?").max_values is None
    assert there.max_values == request.max_values


def test_hidden_fields_carry_everything_else() -> None:
    request = SearchRequest(
        q="a", filters={"tag": ("x", "y")}, ranges={"certainty": Range(1, 2)}, sort="title", page=4
    )
    assert Links(request).hidden("q", "sort") == [
        ("tag", "x"), ("tag", "y"), ("certainty_min", "1"), ("certainty_max", "2"),
    ]  # fmt: skip


@pytest.mark.parametrize("sort", [None, *SORTS])
def test_pairs_say_only_what_is_not_the_default(sort: Sort | None) -> None:
    said = pairs(SearchRequest(sort=sort, per_page=DEFAULT_PER_PAGE))
    assert said == ([("sort", sort)] if sort else [])
