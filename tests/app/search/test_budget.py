"""What a request may cost: the clock, places for long requests, answers that are cut short."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from fnmatch import translate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.search.budget import FREE, OWN, SPELLINGS, Budget, Slots
from app.search.embedded.engine import EmbeddedEngine
from app.search.embedded.ranking import expansion
from app.search.embedded.reader import wildcards
from app.search.embedded.reader.fuzzy import FuzzyTerms
from app.search.highlight.matcher import Finder, matches
from app.search.query.limits import Limits
from app.search.query.parser import QueryParser
from app.search.request import Narrowing, Range, SearchRequest
from indexer.parsing.rules import Rules
from indexer.schema import field_names
from tests.conftest import Archive


def work(milliseconds: float) -> None:
    """Take a processor for so long."""
    ends = time.thread_time() + milliseconds / 1000
    while time.thread_time() < ends:
        pass


# -- the clock ------------------------------------------------------------------------------------


def test_a_budget_is_over_after_its_time() -> None:
    budget = Budget(1)
    assert not budget.over()
    assert budget.notes() == ()
    work(OWN + 5)
    assert budget.over()
    assert budget.left_out == {"search"}
    assert "stopped" in budget.notes()[0].message


def test_waiting_takes_nobodys_own_work_away() -> None:
    budget = Budget(1)
    time.sleep(0.05)
    assert not budget.over()


def test_without_an_end_nothing_is_left_out() -> None:
    work(OWN + 1)
    assert not FREE.over()
    assert FREE.notes() == ()


def test_a_part_shares_the_account() -> None:
    budget = Budget(10_000)
    part = budget.until(0.0001)
    work(OWN + 5)
    assert part.over(SPELLINGS)
    assert not budget.over()
    assert budget.left_out == {SPELLINGS}
    assert "other spellings" in budget.notes()[0].message


def test_what_was_made_once_is_known_to_this_request_alone() -> None:
    numbers = iter(range(1, 9))
    budget = Budget(1000)
    for _ in range(2):
        assert budget.once("key", lambda: next(numbers)) == 1
    assert Budget(1000).once("key", lambda: 7) == 7
    assert FREE.once("key", lambda: 8) == 8
    assert not FREE.knows("key")


def test_work_for_all_is_on_nobodys_account() -> None:
    budget = Budget(0)
    with budget.apart():
        work(OWN + 30)
    assert not budget.over()


def test_few_long_requests_at_a_time() -> None:
    """One that finds no place in its time is over; its place is free again after it."""
    slots = Slots(1)
    first, second = Budget(10_000), Budget(60)
    with first.among(slots):
        work(OWN + 5)
        assert not first.over()
        over: list[bool] = []

        def other() -> None:
            mine = Budget(60)
            with mine.among(slots):
                work(OWN + 5)
                over.append(mine.over())

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert over == [True]
    with second.among(slots):
        assert slots.take(0)
        slots.leave()


# -- answers that are cut short -------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd(shared: Callable[..., Archive]) -> Archive:
    """A few hundred essays of many words, so that a heap of patterns is work."""
    archive = shared("crowd")
    letters = "abcdefghij"
    words = [a + b + c + d for a in letters for b in letters for c in letters for d in letters]
    for number in range(300):
        some = words[number * 30 : number * 30 + 400]
        archive.write(
            f"{number}.md", " ".join(some), title=f"{some[0]} {some[1]}", tags=[f"t{number % 7}"],
            certainty=number % 100, importance=number % 10, date=f"{2000 + number % 20}-05-05",
        )  # fmt: skip
    archive.build()
    return archive


HEAP = " ".join(f"*{a}*{b}*" for a in "abcdefgh" for b in "abcdefgh")


def hurried(archive: Archive, milliseconds: int = 0) -> EmbeddedEngine:
    """An engine that has no time beyond what every request may take."""
    return EmbeddedEngine(archive.index, archive.rules, Limits(milliseconds=milliseconds))


QUESTIONS: dict[str, Callable[[EmbeddedEngine, SearchRequest, Budget], object]] = {
    "search": lambda e, r, b: e.search(r, b),
    "facet_counts": lambda e, r, b: e.facet_counts(r, b),
    "map_points": lambda e, r, b: e.map_points(r, budget=b),
    "totals": lambda e, r, b: e.totals(r, [Narrowing(SearchRequest(q="is:complete"), r)], b),
    "timeline": lambda e, r, b: e.timeline(r, b),
    "co_occurring": lambda e, r, b: e.co_occurring(r, "tag", b),
    "neighbours": lambda e, r, b: e.neighbours(r, "1", b),
    "highlights": lambda e, r, b: e.highlights(r.q, ["abcd " * 50], b),
    "alternatives": lambda e, r, b: e.alternatives(r, b),
    "suggest": lambda e, r, b: e.suggest(r.q, 10, b),
    "related": lambda e, r, b: e.related("1", 5, b),
    "duplicates": lambda e, r, b: e.duplicates("1", b),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize(
    "q", [HEAP, " OR ".join(HEAP.split()), " ".join(f"abx{n}~2" for n in range(60)), "abcd bcde"]
)
def test_every_question_ends_without_time(
    crowd: Archive, question: Callable[[EmbeddedEngine, SearchRequest, Budget], object], q: str
) -> None:
    engine = hurried(crowd)
    budget = Budget(0)
    work(OWN + 5)
    asked = SearchRequest(q=q, filters={"tag": ("t1",)})
    began = time.thread_time()
    question(engine, asked, budget)
    assert time.thread_time() - began < 2  # opening the generation included


def test_an_answer_cut_short_says_so_and_counts_what_it_lists(crowd: Archive) -> None:
    engine = hurried(crowd)
    engine.search(SearchRequest())
    found = engine.search(SearchRequest(q=HEAP, per_page=100))
    assert any("stopped early" in note.message for note in found.notes)
    assert sum(value.count for value in found.counts.facets["tag"]) == found.total
    assert found.counts.total == found.total


def test_what_was_cut_short_is_not_taken_for_the_truth(crowd: Archive) -> None:
    """The same engine answers the same query in full once there is time."""
    whole = EmbeddedEngine(crowd.index, crowd.rules, Limits(milliseconds=600_000))
    wanted = whole.search(SearchRequest(q=HEAP, per_page=100))
    engine = hurried(crowd)
    short = engine.search(SearchRequest(q=HEAP, per_page=100))
    assert any("stopped early" in note.message for note in short.notes)
    engine.language = QueryParser(Rules(), Limits(milliseconds=600_000))
    again = engine.search(SearchRequest(q=HEAP, per_page=100))
    assert [hit.essay.slug for hit in again.hits] == [hit.essay.slug for hit in wanted.hits]
    assert again.total == wanted.total
    assert again.notes == wanted.notes


def test_a_correction_that_was_cut_short_is_not_remembered(crowd: Archive) -> None:
    q = " ".join(f"abcdx{letter}" for letter in "qrst")
    engine = hurried(crowd)
    budget = Budget(0)
    work(OWN + 5)
    assert engine.search(SearchRequest(q=q), budget).corrected is None
    later = engine.search(SearchRequest(q=q), Budget(600_000))
    assert later.corrected is not None


PARTS = [
    SearchRequest(ranges={"importance": Range(7, None), "certainty": Range(75, None)}),
    SearchRequest(q="updated:<2010", ranges={"importance": Range(7, None)}),
    SearchRequest(q="(updated:<2005 OR (date:<2005 -has:updated))"),
    SearchRequest(q="tag:t3"),
    SearchRequest(q="tag:nothing"),
]


@pytest.mark.parametrize(
    "q",
    ["", "abcd", "abcd abce", "abcd abce abcf bcde", "ab* -abcd", '"abcd abce"', "abcd OR bcde",
     "abcd AND abce AND bcde", "abxd", "abcd xyzzy", "tag:t1 ab*", "xyzzy", "abcd~ abce"],
)  # fmt: skip
@pytest.mark.parametrize("filters", [{}, {"tag": ("t1", "t2")}])
def test_the_parts_of_a_request_are_what_their_searches_find(
    crowd: Archive, q: str, filters: dict[str, tuple[str, ...]]
) -> None:
    asked = SearchRequest(q=q, filters=filters)
    parts = []
    for alone in PARTS:
        text = f"({q})" if "OR" in q else q
        inside = SearchRequest(q=f"{alone.q} {text}".strip(), filters=filters, ranges=alone.ranges)
        parts.append(Narrowing(alone, inside))
    counts = crowd.engine.totals(asked, parts)
    assert list(counts) == [crowd.engine.facet_counts(part.inside).total for part in parts]


# -- patterns -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=300)
@given(pattern=st.text("ab*?é東", min_size=1, max_size=9), text=st.text("abé東", max_size=9))
def test_a_pattern_is_what_fnmatch_says(pattern: str, text: str) -> None:
    wanted = bool(re.compile(translate(pattern)).match(text))
    assert bool(wildcards.compiled(pattern).fullmatch(text)) == wanted


@pytest.fixture(scope="module")
def terms(shared: Callable[..., Archive]) -> FuzzyTerms:
    archive = shared("terms")
    letters = ["a", "b", "ab", "é", "я", "z"]
    words = {a + b + c + d for a in letters for b in letters for c in letters for d in letters}
    some = sorted(words)
    for number in range(3):
        archive.write(f"{number}.md", " ".join(some[number::2]) + " " + "ab" * 200, title="x")
    archive.build()
    return archive.engine._current().fuzzy_terms(field_names.WORDS)


@settings(deadline=None, max_examples=200)
@given(pattern=st.text("ab*?яz", min_size=1, max_size=8))
def test_patterns_over_all_terms_at_once(terms: FuzzyTerms, pattern: str) -> None:
    whole = re.compile(translate(pattern))
    (found,) = terms.matching(pattern)
    (part,) = terms._parts
    wanted = [n for n in range(len(part.field)) if whole.match(part.field.terms[n].decode())]
    assert found.tolist() == wanted


def test_a_pattern_of_many_stars_takes_no_longer_for_a_long_word() -> None:
    began = time.thread_time()
    assert not wildcards.compiled("*a*a*a*a*a*a*a*b").fullmatch("a" * 1_000_000)
    assert time.thread_time() - began < 2


@pytest.mark.parametrize("q", ["*a*a*a*a*a*b", "a*", "aa*a?a*", "aaaa~2", '"a b"', "a"])
def test_marks_in_a_text_of_one_long_word(crowd: Archive, q: str) -> None:
    snapshot = crowd.engine._current()
    wanted = crowd.engine.language.parse(q, snapshot.analyzer).marks
    finder = expansion.finder(wanted, snapshot)
    began = time.thread_time()
    for text in ("a" * 1_000_000, "a " * 500_000, "a" * 1_000_000 + "b"):
        matches(text, finder)
    assert time.thread_time() - began < 5


def test_words_are_marked_however_many_they_are() -> None:
    finder = Finder(among={"dont": "x", "newton": "y"})
    text = "Newton’s dont, don't; newtons; 東京newton東京"
    assert [text[m.start : m.end] for m in matches(text, finder)] == [
        "Newton’s", "dont", "don't", "newton",
    ]  # fmt: skip
