"""What each front-matter key means, how it may be written, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.essay import Moment, Problem, Rating
from indexer.parsing import frontmatter, metadata
from indexer.parsing.metadata import Fields, moment, slug
from indexer.parsing.rules import Rules


def read(given: Mapping[str, Any], rules: Rules | None = None) -> tuple[Fields, list[Problem]]:
    return metadata.read_fields("a.md", given, lambda *_: 3, rules or Rules())


def written(block: str, fence: str = "---") -> tuple[Fields, list[Problem]]:
    top = frontmatter.parse(f"{fence}\n{block}\n{fence}\nText.")
    return metadata.read_fields("a.md", top.metadata, top.line_of, Rules())


def clean(given: Mapping[str, Any], rules: Rules | None = None) -> Fields:
    fields, problems = read(given, rules)
    assert problems == []
    return fields


ALIASES = {
    "title": ["title"],
    "description": ["description", "subtitle", "preview"],
    "excerpt": ["excerpt", "summary", "abstract"],
    "published": ["publishdate", "date", "created", "start_date"],
    "updated": ["lastmod", "updated", "modified", "end_date"],
    "tags": ["tags", "tag", "keywords"],
    "categories": ["categories", "category"],
    "status": ["status"],
    "certainty": ["certainty", "confidence", "belief"],
    "importance": ["importance"],
    "bibliography": ["bibliography", "references"],
    "slug": ["slug", "permalink"],
    "authors": ["author", "authors"],
    "lang": ["lang"],
    "draft": ["draft"],
    "complete": ["is_post_complete"],
    "featured": ["homepage_featured", "featured"],
}
SAMPLES: dict[str, list[tuple[Any, Any]]] = {
    "published": [("2024-01-01", Moment("2024-01-01")), ("2024-02-02", Moment("2024-02-02"))],
    "updated": [("2024-01-01", Moment("2024-01-01")), ("2024-02-02", Moment("2024-02-02"))],
    "tags": [("one", ("one",)), ("two", ("two",))],
    "categories": [("one", ("one",)), ("two", ("two",))],
    "bibliography": [("one", ("one",)), ("two", ("two",))],
    "authors": [("one", ("one",)), ("two", ("two",))],
    "status": [("notes", Rating("notes", 25)), ("log", Rating("log"))],
    "certainty": [("likely", Rating("likely", 75)), ("remote", Rating("remote", 5))],
    "importance": [(7, Rating(7, 70)), (8, Rating(8, 80))],
    "draft": [(True, True), (False, False)],
    "complete": [(True, True), (False, False)],
    "featured": [(True, True), (False, False)],
}
TEXTS = [("one", "one"), ("two", "two")]
EVERY_KEY = [(field, key) for field, keys in ALIASES.items() for key in keys]


@pytest.mark.parametrize(("field", "key"), EVERY_KEY, ids=[key for _, key in EVERY_KEY])
def test_every_alias(field: str, key: str) -> None:
    value, meant = SAMPLES.get(field, TEXTS)[0]
    for spelled in (key, key.upper(), f" {key.title()} "):
        fields = clean({spelled: value})
        assert fields[field] == meant
        assert fields["extra"] == {}


@pytest.mark.parametrize("field", [field for field, keys in ALIASES.items() if len(keys) > 1])
def test_the_first_alias_that_says_something_counts(field: str) -> None:
    (first, meant), (other, later) = SAMPLES.get(field, TEXTS)
    preferred, *others = ALIASES[field]
    for other_key in others:
        assert clean({other_key: other, preferred: first})[field] == meant
        for empty in (None, "", "  ", [], {}, [""], {"value": None}):
            assert clean({preferred: empty, other_key: other})[field] == later


def test_keys_of_the_archives_own() -> None:
    rules = Rules(aliases={"published": ("written",), "tags": ("subjects",)})
    fields = clean({"written": "2024-01-01", "subjects": "a, b", "date": ""}, rules)
    assert fields["published"] == Moment("2024-01-01")
    assert fields["tags"] == ("a", "b")
    assert fields["extra"] == {}


def test_unknown_keys_are_kept_as_they_were_written() -> None:
    fields = clean(
        {
            "Mood": "calm",
            "series": {"name": "x", 7: [1, None]},
            "when": date(2024, 1, 2),
            "at": datetime(2024, 1, 2, 3, 4),
            "big": 2**70,
            "half": 0.5,
            "yes": True,
            "bad": "a\x00b\ud800",
        }
    )
    assert fields["extra"] == {
        "mood": "calm",
        "series": {"name": "x", "7": [1, None]},
        "when": "2024-01-02",
        "at": "2024-01-02T03:04:00",
        "big": str(2**70),
        "half": 0.5,
        "yes": True,
        "bad": "a\ufffdb\ufffd",
    }


def test_grav_keeps_its_lists_under_taxonomy() -> None:
    fields = clean({"taxonomy": {"tag": ["a", "b"], "Category": "c", "season": "winter"}})
    assert (fields["tags"], fields["categories"]) == (("a", "b"), ("c",))
    assert fields["extra"] == {"season": "winter"}
    assert clean({"tags": "own", "taxonomy": {"tags": "grav"}})["tags"] == ("own",)
    assert clean({"taxonomy": "plants"})["extra"] == {"taxonomy": "plants"}


LISTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "list": (["a", "b c"], ("a", "b c")),
    "text": ("b c", ("b c",)),
    "comma-text": ("a, b c ,d,", ("a", "b c", "d")),
    "list-keeps-commas": (["a, b", "c"], ("a, b", "c")),
    "nested": ([["a"], ["b", ["c"]]], ("a", "b", "c")),
    "numbers": ([1, 2.5, True], ("1", "2.5", "true")),
    "number": (2024, ("2024",)),
    "case-twins": (["XAI", "xai", "Xai "], ("XAI",)),
    "gaps": (["", None, " "], ()),
    "spaces": (["  deep \n learning "], ("deep learning",)),
    "empty": ("", ()),
    "null": (None, ()),
    "unicode": ("Ästhetik, 音楽", ("Ästhetik", "音楽")),
}


@pytest.mark.parametrize("key", ["tags", "category"])
@pytest.mark.parametrize(("value", "meant"), LISTS.values(), ids=LISTS.keys())
def test_lists(key: str, value: Any, meant: tuple[str, ...]) -> None:
    assert clean({key: value})[{"category": "categories"}.get(key, key)] == meant


AUTHORS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "text": ("Ada Lovelace", ("Ada Lovelace",)),
    "comma-text": ("Ada Lovelace, Charles Babbage", ("Ada Lovelace", "Charles Babbage")),
    "list-keeps-commas": (
        ["Lovelace, Ada", "Babbage, Charles"],
        ("Lovelace, Ada", "Babbage, Charles"),
    ),
    "mapping": ({"name": "Ada", "url": "x"}, ("Ada",)),
    "list-of-mappings": ([{"name": "Ada"}, {"url": "x"}, "Bo"], ("Ada", "Bo")),
    "twice": (["Ada", "ADA"], ("Ada",)),
}


@pytest.mark.parametrize(("value", "meant"), AUTHORS.values(), ids=AUTHORS.keys())
def test_authors(value: Any, meant: tuple[str, ...]) -> None:
    assert clean({"author": value})["authors"] == meant


SOURCES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "list": (["Chen, J. (2024). X, 5(1).", "b"], ("Chen, J. (2024). X, 5(1).", "b")),
    "text-keeps-commas": ("Chen, J. (2024).", ("Chen, J. (2024).",)),
    "lines": ("Chen, J.\n\n  Ito, K.\n", ("Chen, J.", "Ito, K.")),
    "mapping": ({"author": "Chen", "year": 2024}, ("Chen, 2024",)),
    "list-of-mappings": ([{"author": "Chen"}, {}, {"title": ""}], ("Chen",)),
    "twice-stays-twice": (["a", "a"], ("a", "a")),
}


@pytest.mark.parametrize(("value", "meant"), SOURCES.values(), ids=SOURCES.keys())
def test_bibliography(value: Any, meant: tuple[str, ...]) -> None:
    assert clean({"bibliography": value})["bibliography"] == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        pytest.param("  On\n maps ", "On maps", id="spaces"),
        pytest.param(["On maps"], "On maps", id="list-of-one"),
        pytest.param(1984, "1984", id="number"),
        pytest.param(None, "", id="null"),
        pytest.param("no", "no", id="no-is-a-word"),
    ],
)
def test_texts(value: Any, meant: str) -> None:
    assert clean({"title": value})["title"] == meant


TRUE = [True, "true", "True", "yes", "on", "1", 1, "y", ["true"]]
FALSE = [False, "false", "FALSE", "no", "off", "0", 0, "n", "", None, []]


@pytest.mark.parametrize("key", ["draft", "is_post_complete", "homepage_featured", "featured"])
@pytest.mark.parametrize(
    ("value", "meant"),
    [(v, True) for v in TRUE] + [(v, False) for v in FALSE],
    ids=[repr(v) for v in TRUE + FALSE],
)
def test_flags(key: str, value: Any, meant: bool) -> None:
    field = {"is_post_complete": "complete", "draft": "draft"}.get(key, "featured")
    assert clean({key: value})[field] is meant


@pytest.mark.parametrize("value", ["ture", "maybe", {"a": 1}, ["true", "false"], 2])
def test_an_unclear_draft_is_a_draft_and_nothing_else_is(value: Any) -> None:
    fields, problems = read({"draft": value, "featured": value, "is_post_complete": value})
    assert fields["draft"] is True
    assert fields["featured"] is fields["complete"] is False
    assert [p.what.split(" ", 1)[0] for p in problems] == ["draft", "is_post_complete", "featured"]
    assert all("neither true nor false" in p.what and p.line == 3 and p.hint for p in problems)


@pytest.mark.parametrize(
    ("value", "draft"),
    [
        pytest.param(False, True, id="false"),
        pytest.param("no", True, id="quoted-no"),
        pytest.param(True, False, id="true"),
        pytest.param("2024-01-01", False, id="a-date"),
        pytest.param(None, False, id="empty-means-absent"),
        pytest.param("", False, id="blank-means-absent"),
    ],
)
def test_published_false_is_a_draft(value: Any, draft: bool) -> None:
    assert clean({"published": value})["draft"] is draft


MOMENTS = {
    "2024-01-30": "2024-01-30",
    "2024-1-5": "2024-01-05",
    "2024/01/30": "2024-01-30",
    "2024.01.30": "2024-01-30",
    "20240130": "2024-01-30",
    "2024-01": "2024-01-01",
    "2024": "2024-01-01",
    "0001-01-01": "0001-01-01",
    "9999-12-31": "9999-12-31",
    "2024-02-29": "2024-02-29",
    "2024-01-30T05:00:00Z": "2024-01-30T05:00:00Z",
    "2024-01-30t05:00:00z": "2024-01-30T05:00:00Z",
    "2024-01-30 05:00": "2024-01-30T05:00:00",
    "2024-01-30 5:00:07": "2024-01-30T05:00:07",
    "2024-01-30T05:00:00.123456+00:00": "2024-01-30T05:00:00Z",
    "2024-01-30T05:00:00,5-04:00": "2024-01-30T05:00:00-04:00",
    "2020-12-02 23:24:03 -0400": "2020-12-02T23:24:03-04:00",
    "2020-12-02 23:24:03 +5": "2020-12-02T23:24:03+05:00",
    "2020-12-02 23:24:03 +05": "2020-12-02T23:24:03+05:00",
    "2020-12-02 23:24:03 +5:30": "2020-12-02T23:24:03+05:30",
    "2020-12-02 23:24:03 +530": "2020-12-02T23:24:03+05:30",
    "2020-12-02 23:24:03 +05:45": "2020-12-02T23:24:03+05:45",
    "0001-01-01T00:00:00+05:00": "0001-01-01T00:00:00+05:00",
    "  2024-01-30\n": "2024-01-30",
}


@pytest.mark.parametrize(("text", "iso"), MOMENTS.items(), ids=[t.strip() for t in MOMENTS])
def test_moments(text: str, iso: str) -> None:
    assert moment(text).iso == iso


IMPOSSIBLE = [
    "2024-13-01", "2024-02-30", "2023-02-29", "0000-01-01", "24-01-30", "30.01.2024", "soon",
    "January 30, 2024", "2024-01-30T25:00:00", "2024-01-30T05:60", "2024-01-30T05:00+99:00",
    "1706590800", "99999999", "2024-01-30 05", "2024-W05", "True",
]  # fmt: skip


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_an_impossible_date_is_a_problem_and_the_essay_stays(text: str) -> None:
    fields, problems = written(f"title: Maps\ndate: {text}\nlastmod: 2024-01-01")
    assert (fields["title"], fields["published"], fields["updated"]) == (
        "Maps",
        None,
        Moment("2024-01-01"),
    )
    assert [(p.path, p.line, p.what) for p in problems] == [
        ("a.md", 3, f"date is not a date: {text}.")
    ]
    assert "2024-01-30" in problems[0].hint


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        pytest.param("2024-01-30", "2024-01-30", id="date"),
        pytest.param("2024-01-30T05:00:00Z", "2024-01-30T05:00:00Z", id="utc"),
        pytest.param("2024-01-30T05:00:00-04:00", "2024-01-30T05:00:00-04:00", id="zone"),
        pytest.param("2024-01-30 05:00:00", "2024-01-30T05:00:00", id="local"),
        pytest.param('"2024-01-30"', "2024-01-30", id="text"),
        pytest.param("2024", "2024-01-01", id="year"),
        pytest.param("0001-01-01", "0001-01-01", id="first-day"),
        pytest.param('["2024-01-30"]', "2024-01-30", id="list-of-one"),
    ],
)
def test_dates_of_yaml_and_toml_mean_the_same(value: str, iso: str) -> None:
    for fields, problems in (
        written(f"date: {value}"),
        written(f"date = {value}", "+++"),
    ):
        assert problems == []
        assert fields["published"] == Moment(iso)


def test_an_impossible_date_of_toml() -> None:
    fields, problems = written('title = "Maps"\ndate = 2024-02-30', "+++")
    assert (fields["title"], fields["published"]) == ("Maps", None)
    assert [(p.line, p.what) for p in problems] == [(3, "date is not a date: 2024-02-30.")]


zones = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(), zones, st.sampled_from(("T", " ")))
def test_any_moment_is_read_back_with_its_day_and_instant(
    value: datetime, zone: timezone | None, separator: str
) -> None:
    value = value.replace(microsecond=0, tzinfo=zone)
    found = moment(value.isoformat(separator))
    assert found == moment(found.iso) == Moment.of(value)
    assert (found.day, found.year) == (value.date().isoformat(), value.year)
    offset = value.utcoffset() or timedelta()
    assert (
        found.instant
        == (value.replace(tzinfo=None) - datetime(1, 1, 1) - offset) // timedelta(seconds=1)
        + 86_400
    )


@given(st.dates())
def test_any_day_is_read_back(day: date) -> None:
    assert moment(day.isoformat()) == Moment.of(day)
    assert Moment.of(day).instant == day.toordinal() * 86_400


SLUGS = {
    "a-b": "a-b",
    "/2020/some-post/": "2020/some-post",
    "https://example.org//2020/some-post/": "2020/some-post",
    "http://example.org": "",
    "https://example.org/a?x=1#y": "a",
    "http://[broken/a": "a",
    "../../etc/passwd": "etc/passwd",
    "a/./b/../c": "a/b/c",
    "..\\..\\a": "a",
    "/": "",
    "": "",
    " a / b ": "a/b",
    "Ästhetik/音楽": "Ästhetik/音楽",
}


@pytest.mark.parametrize(("given_slug", "meant"), SLUGS.items(), ids=[s or "empty" for s in SLUGS])
def test_slugs(given_slug: str, meant: str) -> None:
    assert slug(given_slug) == meant
    assert slug(meant) == meant


@given(st.text(st.sampled_from("a./\\: ?#[]") | st.characters(codec="utf-8")))
def test_no_slug_climbs_or_ends_in_nothing(text: str) -> None:
    parts = slug(text).split("/")
    assert parts == [""] or all(p.strip() == p and p not in ("", ".", "..") for p in parts)


WRONG: dict[str, tuple[str, str, int, str, str, Any]] = {
    "title-list": (
        "title: [a, b]", "title is a list where one text is expected.", 2, "one line",
        "title", "a b",
    ),
    "title-mapping": (
        "x: 1\ntitle: {a: b}", "title is a mapping where one text is expected.", 3, "one line",
        "title", "",
    ),
    "subtitle-list": (
        "subtitle: [a, b]", "subtitle is a list where one text is expected.", 2, "subtitle",
        "description", "a b",
    ),
    "title-long": (
        f"x: 1\ntitle: {'x' * 301}", "The title has 301 characters.", 3, "under 300",
        "title", "x" * 301,
    ),
    "tags-mapping": (
        "keywords: {a: b}", "keywords is a mapping where a list is expected.", 2, "[one, two]",
        "tags", (),
    ),
    "percentage-140": (
        "status:\n  value: Notes\n  percentage: 140", "status is outside 0–100: 140", 4, "0 to 100",
        "status", Rating("Notes", 25),
    ),
    "certainty-alias": (
        "x: 1\nbelief: 140%", "certainty is outside 0–100: 140%", 3, "0 % to 100 %",
        "certainty", None,
    ),
    "importance-11": (
        "importance: 11", "importance is outside 0–10: 11", 2, "0 to 10",
        "importance", Rating(11),
    ),
    "certainty-list": (
        "certainty: [likely, certain]", "certainty is a list where one word", 2, "Likely or 75%",
        "certainty", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("block", "what", "line", "hint", "field", "kept"), WRONG.values(), ids=WRONG.keys()
)
def test_a_wrong_value_costs_itself(
    block: str, what: str, line: int, hint: str, field: str, kept: Any
) -> None:
    fields, problems = written(block)
    assert len(problems) == 1
    assert what in problems[0].what
    assert (problems[0].path, problems[0].line) == ("a.md", line)
    assert hint in problems[0].hint
    assert fields[field] == kept


def test_a_file_may_have_many_problems() -> None:
    _, problems = written("draft: perhaps\ndate: soon\ntags: {a: b}\nimportance: 99")
    assert sorted(p.line for p in problems) == [2, 3, 4, 5]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.dates()
    | st.sampled_from(("2024-01-30", "likely", "http://[", "7/10", "75%", "a, b")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from([key for _, key in EVERY_KEY] + ["published", "taxonomy", "mood"]), values
    )
)
def test_any_values_at_all_give_fields_and_problems(tree: dict[str, Any]) -> None:
    fields, problems = read(tree)
    assert set(fields) == {*ALIASES, "extra"}
    assert all(p.what and p.hint and p.path == "a.md" for p in problems)
