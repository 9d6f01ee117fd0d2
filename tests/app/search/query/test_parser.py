"""What a reader may type, and what it finds: one table for the language, one for its notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.search.embedded.engine import EmbeddedEngine
from app.search.query.grammar import quote, unquote
from app.search.query.limits import Limits
from app.search.query.parser import QueryParser
from app.search.request import SearchRequest
from indexer.essay import value_key

if TYPE_CHECKING:
    from tests.conftest import Archive

ML = "machine-learning-interpretability"
SERIAL = [f"series/part-{number}" for number in range(1, 7)]

#: Kind of query, what is typed, what it finds in the small archive.
FOUND = [
    ("one word", "denning", ["caches"]),
    ("all words", "owl ear", ["birds/owls"]),
    ("all words, AND", "owl AND ear", ["birds/owls"]),
    ("no essay has all words", "owl AND sparrow AND shapley", []),
    ("words in different fields", "finch census", ["birds/sparrows"]),
    ("stemmed", "interpreting", [ML, "newton"]),
    ("case does not tell", "zanzibar OR DENNING", ["caches"]),
    ("a stop word is a word", '"of a motorcycle"', ["anime/akira"]),
    ("accents folded in the text", "naive", ["garden"]),
    ("accents folded in the query", "dénning", ["caches"]),
    ("sharp s", "strasse", ["strasse"]),
    ("umlaut", "apfel", ["strasse"]),
    ("French apostrophe", "homme", ["traduire"]),
    ("English apostrophe", "didn’t", ["newton"]),
    ("possessive", "newtons", ["newton"]),
    ("hyphenated", "far-fall", ["newton"]),
    ("in a title", "paint wood", ["box"]),
    ("in a tag", "sprache", ["strasse"]),
    ("in a heading", "unification", ["shap"]),
    ("in a description", "division", ["shap"]),
    ("in an excerpt", "policy", ["caches"]),
    ("in the bibliography", "principia", ["newton"]),
    ("in a footnote", "people denning", ["caches"]),
    ("in code", "evict", ["caches"]),
    ("a pictograph", "🦉", ["birds/owls"]),
    ("number", "1687", ["newton"]),
    ("phrase", '"black box"', [ML]),
    ("phrase in order only", '"box black"', []),
    ("phrase, stemmed", '"black boxes"', [ML]),
    ("phrase not across sections", '"black box of"', []),
    ("phrase not across tags", '"birds statistics"', []),
    ("phrase with slop", '"explanations black"~4', [ML]),
    ("phrase with too little slop", '"explanations black"~2', []),
    ("a word between quotes", '"denning"', ["caches"]),
    ("a word between quotes, in no other form", '"sparrow"', ["birds/sparrows"]),
    ("a word between quotes, without case and accents", '"BRULEE"', ["garden"]),
    ("a word between quotes with slop, in any form", '"interpretation"~2', [ML, "newton"]),
    ("a word between quotes beside a word", 'models "explanations"', [ML]),
    ("minus a word between quotes", 'sparrow -"sparrow"', ["birds/owls"]),
    ("title, a word between quotes", 'title:"sparrows"', ["birds/sparrows"]),
    ("phrase beside a word", 'judge "black box"', [ML]),
    ("typographic quotes", "“black box”", [ML]),
    ("German quotes", "„black box“", [ML]),
    ("French quotes", "«black box»", [ML]),
    ("OR", "denning OR census", ["birds/sparrows", "caches"]),
    ("OR said twice", "denning OR OR census", ["birds/sparrows", "caches"]),
    ("OR of three", "denning OR census OR lime", [ML, "birds/sparrows", "caches"]),
    ("or in lower case is a word", "denning AND or AND zzz", []),
    ("OR of fields", "tag:birds OR tag:physics", ["birds/owls", "birds/sparrows", "impossible",
                                                  "newton"]),
    ("OR of phrases", '"black box" OR "every additive"', [ML, "shap"]),
    ("OR with an exclusion", "denning OR -date:..2024-12", ["boredom", "caches", "hello"]),
    ("minus", "motorcycle -anime", ["log"]),
    ("NOT", "motorcycle NOT anime", ["log"]),
    ("minus a phrase", 'model -"black box"', ["hello"]),
    ("minus a field", "category:nature -tag:birds", ["garden"]),
    ("minus a group", "category:nature -(owl OR sparrow)", ["garden"]),
    ("minus alone", "-date:..2024", ["boredom", "hello"]),
    ("two exclusions", "-date:..2024 -boredom", ["hello"]),
    ("exclusion of an exclusion", "motorcycle -(-anime)", ["anime/akira"]),
    ("a hyphen in a word is no minus", "crème-brûlée", ["garden"]),
    ("grouping", "(owl OR sparrow) census", ["birds/sparrows"]),
    ("grouping, nested", "((owl OR (sparrow)) census)", ["birds/sparrows"]),
    ("group not closed", "(owl OR sparrow", ["birds/owls", "birds/sparrows"]),
    ("group not opened", "owl) ear", ["birds/owls"]),
    ("prefix", "interp*", [ML, "newton"]),
    ("prefix is of the word as written", "interpretat*", ["newton"]),
    ("prefix folds accents", "brûl*", ["garden"]),
    ("prefix beside a word", "interp* gravity", ["newton"]),
    ("pattern", "s?arrow", ["birds/sparrows"]),
    ("pattern with a star inside", "sh*ley", ["shap"]),
    ("fuzzy, letters swapped", "modle~", [ML, "hello"]),
    ("fuzzy, letter dropped", "cenus~", ["birds/sparrows"]),
    ("fuzzy, letter added", "dennning~", ["caches"]),
    ("fuzzy, letter replaced", "denming~", ["caches"]),
    ("fuzzy, first letter wrong", "xenning~", ["caches"]),
    ("fuzzy, two errors are too many", "dxxning~", []),
    ("fuzzy, two errors asked for", "dxxning~2", ["caches"]),
    ("fuzzy, in a field", "title:quotign~", ["quotes"]),
    ("title", "title:shap", ["shap"]),
    ("title, phrase", 'title:"ghost and shell"', ["anime/ghost"]),
    ("title, group", "title:(owl night)", ["birds/owls"]),
    ("title, group with OR", "title:(owl OR ghost)", ["anime/ghost", "birds/owls"]),
    ("title, prefix", "title:perp*", ["impossible"]),
    ("title only", "title:census", []),
    ("body", "body:census", ["birds/sparrows"]),
    ("body only", "body:sprache", []),
    ("heading", "heading:method", [ML, "birds/sparrows"]),
    ("description", "description:division", ["shap"]),
    ("description has the excerpt", "description:policy", ["caches"]),
    ("tag", "tag:XAI", [ML, "shap"]),
    ("tag, case", "tag:BIRDS", ["birds/owls", "birds/sparrows"]),
    ("tag, quoted", 'tag:"deep learning"', [ML, "shap"]),
    ("tag, whole value", "tag:deep", []),
    ("tag, group", "tag:(xai OR birds)", [ML, "birds/owls", "birds/sparrows", "shap"]),
    ("tag, prefix", "tag:deep*", [ML, "shap"]),
    ("tag, ampersand", "tag:R&D", ["caches"]),
    ("tag, plus", "tag:C++", ["caches"]),
    ("tag, slash", "tag:a/b", ["caches"]),
    ("tag, colon and space", 'tag:"layers: two"', ["caches"]),
    ("tag, quotes", 'tag:"say \\"hi\\""', ["quotes"]),
    ("tag, backslash", 'tag:"back\\\\slash"', ["quotes"]),
    ("tag, brackets", 'tag:"(round)"', ["quotes"]),
    ("tag, star quoted", 'tag:"wild*card"', ["quotes"]),
    ("tag, minus", 'tag:"-minus"', ["quotes"]),
    ("tag, pictograph", "tag:🦉", ["birds/owls"]),
    ("tag, typographic quotes", "tag:“deep learning”", [ML, "shap"]),
    ("tag, angle brackets", 'tag:"<b>bold</b>"', ["markup"]),
    ("category", "category:anime", [ML, "anime/ghost"]),
    ("category, quoted", 'category:"machine learning"', [ML]),
    ("a facet of the archive's own", "mood:calm", ["birds/sparrows", "shap"]),
    ("status", "status:notes", [ML, "anime/ghost"]),
    ("status of two words", 'status:"in progress"', ["birds/sparrows"]),
    ("status, a word of the author's", "status:log", ["log"]),
    ("status, comparison", "status:<notes", ["anime/akira"]),
    ("status, range of words", "status:notes..draft", [ML, "anime/ghost", "birds/owls"]),
    ("author", "author:finch", ["birds/sparrows"]),
    ("author, several", "author:wren", ["birds/sparrows"]),
    ("author, phrase", 'author:"jane chen"', ["shap"]),
    ("author is not stemmed", "author:wrens", []),
    ("cites", "cites:ribeiro", [ML]),
    ("cites, phrase", 'cites:"Ribeiro, M."', [ML]),
    ("cites, both of two", "cites:chen", [ML, "newton"]),
    ("slug", "slug:birds/owls", ["birds/owls"]),
    ("path", "path:birds/owls.md", ["birds/owls"]),
    ("path, prefix", "path:birds/*", ["birds/owls", "birds/sparrows"]),
    ("certainty, a word", "certainty:likely", [ML, "newton", "traduire"]),
    ("certainty, case", "certainty:LIKELY", [ML, "newton", "traduire"]),
    ("certainty, two words", 'certainty:"highly likely"', ["shap"]),
    ("certainty, outside the vocabulary", "certainty:speculative", ["log"]),
    ("certainty, a number", "certainty:75", [ML, "traduire"]),
    ("certainty, a percentage", "certainty:70%", ["newton"]),
    ("certainty, a fraction", "certainty:62.5", ["garden"]),
    ("certainty >=", "certainty:>=70", [ML, "caches", "hello", "newton", "shap", "traduire"]),
    ("certainty >", "certainty:>75", ["caches", "hello", "shap"]),
    ("certainty <", "certainty:<30", ["anime/akira", "impossible"]),
    ("certainty <=", "certainty:<=30", ["anime/akira", "birds/owls", "impossible"]),
    ("certainty =", "certainty:=75", [ML, "traduire"]),
    ("certainty >= per cent", "certainty:>=90%", ["caches", "hello", "shap"]),
    ("certainty >= a word", "certainty:>=likely", [ML, "caches", "hello", "shap", "traduire"]),
    ("certainty > a word", "certainty:>likely", ["caches", "hello", "shap"]),
    ("certainty >= two words", 'certainty:>="highly likely"', ["caches", "hello", "shap"]),
    ("certainty, range", "certainty:70..80", [ML, "newton", "traduire"]),
    ("certainty, range of words", "certainty:remote..unlikely", ["anime/akira", "birds/owls"]),
    ("certainty, open below", "certainty:..20", ["anime/akira", "impossible"]),
    ("certainty, open above", "certainty:90..", ["caches", "hello", "shap"]),
    ("certainty, range the wrong way round", "certainty:80..70", []),
    ("certainty, off the scale", "certainty:>=150", []),
    ("importance", "importance:7", [ML, "newton"]),
    ("importance 10 is not 1", "importance:10", ["caches"]),
    ("importance 0", "importance:0", ["anime/akira"]),
    ("importance, a fraction", "importance:6.5", ["impossible"]),
    ("importance, a part", "importance:6", ["garden", "series/part-6"]),
    ("importance, per cent", "importance:70%", [ML, "newton"]),
    ("importance >=", "importance:>=7", [ML, "caches", "newton", "shap"]),
    ("importance >= per cent", "importance:>=80%", ["caches", "shap"]),
    ("importance <", "importance:<1", ["anime/akira"]),
    ("importance, range", "importance:7..8", [ML, "newton", "shap"]),
    ("date, year", "date:2024", [ML, "anime/akira", "caches", "quotes", "shap"]),
    ("date, month", "date:2024-01", [ML, "anime/akira"]),
    ("date, day", "date:2024-01-30", [ML]),
    ("date, last of February", "date:2024-02", ["caches", "shap"]),
    ("date, the author's day", "date:2020-12-31", ["strasse"]),
    ("date, single digits", "date:2024-3-1", ["quotes"]),
    ("date, a month given", "date:2021-06", ["garden"]),
    ("date >=", "date:>=2024-02-29", ["caches", "hello", "quotes"]),
    ("date > a day", "date:>2024-02-29", ["hello", "quotes"]),
    ("date > a month", "date:>2024-02", ["hello", "quotes"]),
    ("date > a year", "date:>2024", ["hello"]),
    ("date < a year", "date:<2014", ["links"]),
    ("date < a month", "date:<2015-05", ["links", *SERIAL]),
    ("date <= a month", "date:<=2015-05", ["links", "markup", *SERIAL]),
    ("date <= a day", "date:<=2013-03-03", ["links"]),
    ("date, range of months", "date:2023-12..2024-01", [ML, "anime/akira", "anime/ghost"]),
    ("date, range of days", "date:2023-12-31..2024-01-01", ["anime/akira", "anime/ghost"]),
    ("date, range of years", "date:2016..2017", ["box", "newton"]),
    ("date, open above", "date:2025..", ["hello"]),
    ("date, open below", "date:..2013", ["links"]),
    ("updated", "updated:2024-03", [ML, "shap"]),
    ("updated >=", "updated:>=2024-02-01", [ML, "hello", "shap"]),
    ("updated, day of a time", "updated:2024-01-15", ["log"]),
    ("year", "year:2020", ["strasse", "traduire"]),
    ("year, range", "year:2016..2017", ["box", "newton"]),
    ("is:featured", "is:featured", ["hello"]),
    ("is:complete", "is:complete", ["anime/ghost", "hello"]),
    ("is:draft", "is:draft", []),
    ("not a flag", "is:complete -is:featured", ["anime/ghost"]),
    ("has:bibliography", "has:bibliography", [ML, "newton"]),
    ("has:excerpt", "has:excerpt", [ML, "caches"]),
    ("has:description", "has:description", [ML, "markup", "shap"]),
    ("has:author", "has:author", ["birds/sparrows", "shap"]),
    ("has:updated", "has:updated", [ML, "hello", "log", "shap"]),
    ("has:date", "-has:date", ["boredom"]),
    ("has:tags", "-has:tags -boredom", ["log"]),
    ("has:categories", "has:categories category:film", ["anime/akira"]),
    ("has:links", "has:links", ["birds/owls", "links"]),
    ("has:footnotes", "has:footnotes", ["caches"]),
    ("has:code", "has:code", ["caches"]),
    ("has:tables, singular", "has:table", ["caches"]),
    ("unrated:certainty", "unrated:certainty", ["boredom", "links", "markup", "quotes"]),
    ("unrated:importance", "unrated:importance", ["boredom", "links", "log", "markup", "quotes",
                                                  "traduire"]),
    ("unrated:status", "unrated:status status:unrated date:2024", ["quotes", ]),
    ("field name in capitals", "TAG:xai", [ML, "shap"]),
    ("field name in mixed case", "Certainty:>75", ["caches", "hello", "shap"]),
    ("field, group, capitals", "Title:(owl night)", ["birds/owls"]),
    ("alias tags", "tags:xai", [ML, "shap"]),
    ("alias keyword", "keyword:xai", [ML, "shap"]),
    ("alias categories", "categories:film", ["anime/akira"]),
    ("alias confidence", "confidence:>75", ["caches", "hello", "shap"]),
    ("alias belief", "belief:remote", ["anime/akira"]),
    ("alias authors", "authors:finch", ["birds/sparrows"]),
    ("alias cite", "cite:ribeiro", [ML]),
    ("alias bibliography", "bibliography:ribeiro", [ML]),
    ("alias references", "references:ribeiro", [ML]),
    ("alias published", "published:2025", ["hello"]),
    ("alias publishdate", "publishdate:2025", ["hello"]),
    ("alias lastmod", "lastmod:2025", ["hello"]),
    ("alias modified", "modified:2025", ["hello"]),
    ("alias headings", "headings:unification", ["shap"]),
    ("alias section", "section:unification", ["shap"]),
    ("alias text", "text:census", ["birds/sparrows"]),
    ("alias excerpt", "excerpt:policy", ["caches"]),
    ("alias summary", "summary:policy", ["caches"]),
    ("alias in unrated:", "unrated:belief category:language", ["quotes"]),
    ("field beside words", "tag:xai shapley", ["shap"]),
    ("field in a group", "(tag:birds) night", ["birds/owls"]),
    ("spaces around", "   denning   ", ["caches"]),
    ("tabs and lines", "owl\t\near", ["birds/owls"]),
    ("punctuation", "denning, people!", ["caches"]),
    ("a lone operator is a word", "NOT", []),
    ("an operator at the end", "denning AND", ["caches"]),
    ("an operator at the start", "OR denning", ["caches"]),
    ("a minus by itself", "denning - people", ["caches"]),
    ("a star by itself", "denning *", ["caches"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "slugs"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND]
)
def test_what_a_query_finds(small: Archive, query: str, slugs: list[str]) -> None:
    found = small.search(query)
    if not slugs and found.hits:
        # Nothing has all of it: then what was asked is loosened, and a note says so.
        assert found.nearest
        assert found.notes
        return
    assert sorted(hit.essay.slug for hit in found.hits) == sorted(slugs)
    assert found.notes == ()


def test_an_empty_query_is_every_essay(small: Archive) -> None:
    found = small.search("")
    assert found.total == len(found.hits) == 25
    assert found.notes == ()


#: Kind, query, the words of the note, the part of the query that it marks, what is found.
NOTED = [
    ("unknown field", "colour:red", "There is no field “colour”", "colour:red", []),
    (
        "unknown field among words",
        "denning colour:people x",
        "“colour”",
        "colour:people",
        ["caches"],
    ),
    ("unknown field, minus", "denning -colour:red", "“colour”", "colour:red", ["caches"]),
    (
        "unknown field in brackets",
        "(denning colour:people)",
        "“colour”",
        "colour:people",
        ["caches"],
    ),
    (
        "unmeant rating",
        "certainty:>=green",
        "“green” is not a known certainty",
        "certainty:>=green",
        [],
    ),
    (
        "unmeant range",
        "certainty:10..green",
        "“green” is not a known certainty",
        "certainty:10..green",
        [],
    ),
    ("unmeant date", "date:2024-13", "not a date", "date:2024-13", [ML]),
    ("unmeant day", "denning date:2023-02-29", "not a date", "date:2023-02-29", ["caches", ML]),
    ("unmeant words behind a date", "date:denning", "not a date", "date:denning", ["caches"]),
    ("unmeant date comparison", "updated:>=soon", "not a date", "updated:>=soon", []),
    ("unmeant year", "year:green", "not a date", "year:green", []),
    (
        "unmeant flag",
        "is:nice",
        "“is:” knows draft",
        "is:nice",
        ["caches", "birds/sparrows", "shap"],
    ),
    ("unmeant has", "has:teeth", "“has:” knows bibliography", "has:teeth", []),
    ("unmeant unrated", "unrated:tag", "“unrated:” knows status", "unrated:tag", ["markup"]),
    ("quote not closed", 'denning "people', "not closed", '"people', ["caches"]),
    ("quote not opened", 'denning people"', "not closed", 'people"', ["caches"]),
    ("no word at all", "...", "no word", "...", None),
    ("brackets alone", "(())", "no word", "(())", None),
    ("operators alone", "AND OR", "no word", "AND OR", None),
    ("a star alone", "*", "no word", "*", None),
]


@pytest.mark.parametrize(
    ("query", "message", "marked", "slugs"), [row[1:] for row in NOTED], ids=[r[0] for r in NOTED]
)
def test_what_a_query_is_told(
    small: Archive, query: str, message: str, marked: str, slugs: list[str] | None
) -> None:
    """``None``: nothing could be asked, so every essay answers."""
    found = small.search(query)
    # What words find that were meant as something else is told without a place.
    (note,) = (note for note in found.notes if note.end)
    assert message in note.message
    assert query[note.start : note.end] == marked
    assert found.total == 25 if slugs is None else small.slugs(query) == slugs


def test_every_note_of_a_query_in_the_order_of_the_text(small: Archive) -> None:
    query = "date:soon colour:red is:nice"
    marked = [query[n.start : n.end] for n in small.search(query).notes if n.end]
    assert marked == ["date:soon", "colour:red", "is:nice"]


def test_unmeant_values_are_searched_as_words(small: Archive) -> None:
    assert small.slugs("mode:denning OR colour:denning") == []
    # "A layer: many" has both words, so the note's promise is kept.
    assert small.slugs("layer:many") == ["caches"]
    # Both words are sought, "is" and "nothing".
    (note,) = (n.message for n in small.search("is:nothing").notes if not n.end)
    assert note == "No essay has all these words; these have most of them."
    assert small.slugs("has:forgets") == ["caches"]  # no essay has "has"
    assert small.slugs("-has:forgets denning") == ["caches"]


@pytest.fixture
def limited(small: Archive) -> Callable[..., EmbeddedEngine]:
    def made(**limits: int) -> EmbeddedEngine:
        return EmbeddedEngine(small.index, small.rules, Limits(**{"milliseconds": 60_000} | limits))

    return made


def ask(engine: EmbeddedEngine, q: str) -> tuple[list[str], list[str]]:
    found = engine.search(SearchRequest(q=q))
    for note in found.notes:
        assert 0 <= note.start <= note.end <= len(q)
    return sorted(h.essay.slug for h in found.hits), [note.message for note in found.notes]


def test_a_long_query_is_cut_at_a_space(limited: Callable[..., EmbeddedEngine]) -> None:
    engine = limited(length=18)
    assert ask(engine, "denning people xyzzy plugh") == (
        ["caches"],
        ["Only the first 14 characters were searched."],
    )
    (note,) = engine.search(SearchRequest(q="denning people xyzzy plugh")).notes
    assert (note.start, note.end) == (14, 26)
    assert ask(engine, "denning people")[1] == []


def test_a_long_word_is_cut_at_the_limit(limited: Callable[..., EmbeddedEngine]) -> None:
    slugs, notes = ask(limited(length=7), "denningxxxx")
    assert (slugs, len(notes)) == (["caches"], 1)


def test_clauses_past_the_limit_are_left_out(limited: Callable[..., EmbeddedEngine]) -> None:
    engine = limited(clauses=2)
    assert ask(engine, "denning people") == (["caches"], [])
    slugs, notes = ask(engine, "denning people xyzzy tag:plugh")
    assert (slugs, notes) == (["caches"], ["Only the first 2 words and fields were searched."])


def test_deep_brackets_are_left_out(limited: Callable[..., EmbeddedEngine]) -> None:
    engine = limited(nesting=2)
    assert ask(engine, "((denning OR census))") == (["birds/sparrows", "caches"], [])
    slugs, notes = ask(engine, "(((denning people)))")
    assert (slugs, notes) == (["caches"], ["Too many brackets; they were left out."])


@pytest.mark.parametrize("query", ["s*", "s?*", "*s*", "an~2"])
def test_wide_patterns_stand_for_the_commonest_words(
    limited: Callable[..., EmbeddedEngine], query: str
) -> None:
    slugs, notes = ask(limited(expansions=3), query)
    assert slugs
    assert len(notes) == 1
    assert "the commonest 3 were searched" in notes[0]
    assert ask(limited(), query)[1] == []


def test_the_default_limits_bear_a_hostile_query(small: Archive) -> None:
    for hostile in ("(" * 5000, "a* " * 700, "-" * 3000, '"' * 2001, "a OR " * 1000, "NOT " * 900):
        found = small.search(hostile)
        assert all(0 <= n.start <= n.end <= len(hostile) for n in found.notes)


# -- quoting ----------------------------------------------------------------------------------

TYPICAL = ["R&D", "a b", 'say "hi"', "back\\slash", "a..b", "-x", "x*", "a~", "(x)", "🦉", "=x", ""]


@pytest.mark.parametrize("value", TYPICAL)
def test_quoted_typical(value: str) -> None:
    _is_quoted(value)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=30) | st.text('"\\“” ()*~:', max_size=12))
def test_quote_and_unquote_are_inverse(value: str) -> None:
    _is_quoted(value)


def _is_quoted(value: str) -> None:
    quoted = quote(value)
    if quoted.startswith('"'):
        assert quoted.endswith('"')
        assert unquote(quoted[1:-1]) == value
    else:
        assert quoted == value
        assert not set(' "()') & set(value)


VALUES = st.text(min_size=1, max_size=12) | st.text(
    "\"\\“”„«» ()*?~:;.,-<>=/&+#'abAB", min_size=1, max_size=8
)


@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
@given(values=st.lists(VALUES, min_size=20, max_size=40))
@example(values=["“typographic”", "«a", 'b"', "AND", "a:b", "tag:x", "..", "<5", "\\", '\\"'])
def test_a_quoted_tag_finds_exactly_that_tag(
    tmp_path_factory: pytest.TempPathFactory, small: Archive, values: list[str]
) -> None:
    archive = type(small)(tmp_path_factory.mktemp("tags"))
    for number, value in enumerate(values):
        archive.write(f"{number:02}.md", "Text.", title="T", tags=[value])
    archive.build()
    having: dict[str, set[str]] = {}
    spelled: dict[str, str] = {}
    for hit in archive.search().hits:
        for tag in hit.essay.tags:
            having.setdefault(value_key(tag), set()).add(hit.essay.slug)
            spelled[value_key(tag)] = tag
    for key, tag in spelled.items():
        found = archive.search(f"tag:{quote(tag)}")
        assert {hit.essay.slug for hit in found.hits} == having[key], tag
        assert (found.notes, found.corrected) == ((), None)


# -- any text at all --------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["tag", "certainty", "date", "is", "colour", ":", ":", ">=", "<", "..", "(", ")", '"', "“", "-",
     "NOT", "AND", "OR", "*", "?", "~", "~2", " ", " ", " ", "model", "xai", "75", "2024-02", "'",
     "\\", "title:", "unrated:", "\n", "é", "🦉", "/", "//", "%", "&&", "||", "+", "^2", "[", "TO"]
)  # fmt: skip
HEAPS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40)


@settings(deadline=None, max_examples=500, suppress_health_check=list(HealthCheck))
@given(query=HEAPS)
@example(query="(a) ~2 NOT")
@example(query="NOT NOT NOT a")
@example(query='tag:"')
@example(query="OR" * 50)
@example(query="_~1")
@example(query='AAL"_~1')
@example(query="title:_~ -__~2")
@example(query="title:(tag:x) OR -(is:(")
def test_any_text_searches(small: Archive, query: str) -> None:
    found = small.search(query)
    assert found.total <= 25
    for note in found.notes:
        assert 0 <= note.start <= note.end <= len(query), note
        assert note.message
    parsed = QueryParser(small.rules).parse(query)
    assert parsed.notes == found.notes or len(found.notes) > len(parsed.notes)


WHOLE = ["model", "xyzzy", "tag:xai", '"black box"', "interp*", "date:2024", "modle~", "-owl"]


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(st.sampled_from(WHOLE), min_size=1, max_size=4), either=st.booleans())
def test_an_exclusion_finds_the_rest(small: Archive, parts: list[str], either: bool) -> None:
    query = (" OR " if either else " AND ").join(parts)
    if small.search(query).nearest:
        return  # what no essay has all of is loosened; an exclusion never is
    inside, outside = small.slugs(f"({query})"), small.slugs(f"-({query})")
    assert sorted(inside) == sorted(small.slugs(query))
    assert sorted(inside + outside) == sorted(small.slugs())
