"""What was ranked lately is remembered: nobody sees it but by the time that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.budget import Budget
from app.search.embedded.ranking import ranking
from app.search.query.curation import Curation
from app.search.request import SearchRequest
from app.search.results import SearchResults
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive


@pytest.fixture(scope="module")
def shelf(shared: Callable[..., Archive]) -> Archive:
    archive = shared("shelf", Rules())
    subjects = ["maps of the sea", "the sea at night", "maps and clocks", "clocks", "old maps"]
    for number in range(30):
        archive.write(
            f"{number}.md", f"About {subjects[number % 5]}, {number} of them.",
            title=f"{subjects[number % 5].title()} {number}", importance=number % 10,
            status=("Draft", "Finished")[number % 2], tags=["sea"] if number % 3 else ["land"],
        )  # fmt: skip
    archive.build()
    return archive


def said(results: SearchResults) -> Any:
    """What an answer says, but for the time that it took."""
    return msgspec.structs.replace(results, took_ms=0.0)


requests = st.builds(
    SearchRequest,
    q=st.sampled_from(["maps", "old maps", '"the sea"', "mapz", "why are maps of clocks at night?",
                       "cl*", "maps xyzzy", "maps AND clocks AND night", "sea or clocks", ""]),
    filters=st.sampled_from([{}, {"status": ("Finished",)}, {"tag": ("land",)}]),
    page=st.integers(1, 2),
    sort=st.sampled_from([None, "importance", "title"]),
    prefer=st.sampled_from([None, "importance"]),
    explain=st.booleans(),
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(requests, max_size=6))
def test_an_answer_is_the_same_whatever_was_asked_before(
    monkeypatch: pytest.MonkeyPatch, shelf: Archive, asked: list[SearchRequest]
) -> None:
    monkeypatch.setattr(ranking, "MAX_REMEMBERED_OF_ONE", 0)
    alone = [said(shelf.engine.search(request)) for request in asked]
    monkeypatch.setattr(ranking, "MAX_REMEMBERED_OF_ONE", 1_000_000)
    assert [said(shelf.engine.search(request)) for request in asked] == alone
    assert [said(shelf.engine.search(request)) for request in asked] == alone


@pytest.fixture
def ranked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that were ranked and not remembered."""
    asked: list[str] = []
    own = ranking._rank

    def noted(q: str, *others: Any) -> ranking.Ranked:
        asked.append(q)
        return own(q, *others)

    monkeypatch.setattr(ranking, "_rank", noted)
    return asked


def test_another_page_and_another_filter_rank_nothing_anew(
    make: Callable[..., Archive], ranked: list[str]
) -> None:
    archive = make()
    archive.write("a.md", "Old maps.", tags=["x"])
    archive.build()
    archive.search("maps")
    assert ranked == ["maps"]
    archive.search("maps", filters={"tag": ("x",)})
    archive.search("maps", page=2)
    archive.engine.facet_counts(SearchRequest(q="maps"))
    assert archive.engine.neighbours(SearchRequest(q="maps"), "a") is not None
    assert ranked == ["maps"]
    archive.search("maps", explain=True)
    assert archive.search("maps", explain=True).hits[0].parts
    assert ranked == ["maps"] * 3
    archive.write("b.md", "New maps.")
    archive.build()
    assert len(archive.search("maps").hits) == 2


def test_other_synonyms_are_another_question(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "Old charts.")
    archive.build()
    assert archive.slugs("maps") == []
    archive.engine.curate(Curation(synonyms=(("maps", "charts"),)))
    assert archive.slugs("maps") == ["a"]


def test_what_a_budget_cut_short_is_not_remembered(shelf: Archive) -> None:
    cut = Budget(60_000.0)
    cut.leave_out("some of it")
    shelf.engine.search(SearchRequest(q="night maps of old clocks"), cut)
    snapshot = shelf.engine._current()
    assert not any("night maps of old clocks" in key for key in ranking._known[snapshot])
    shelf.engine.search(SearchRequest(q="night maps of old clocks"), Budget(60_000.0))
    assert any("night maps of old clocks" in key for key in ranking._known[snapshot])


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch, shelf: Archive) -> None:
    snapshot = shelf.engine._current()
    monkeypatch.setattr(ranking, "MAX_REMEMBERED", 50_000)
    monkeypatch.setattr(ranking, "MAX_REMEMBERED_OF_ONE", 50_000)
    ranking._known.pop(snapshot, None)
    for number in range(40):
        shelf.engine.search(SearchRequest(q=f"maps {number}"))
        known = ranking._known[snapshot]
        assert sum(each.taken for each in known.values()) <= 50_000
    assert known
    long = "maps " * 1_000
    shelf.engine.search(SearchRequest(q=long))
    assert not any(long in key for key in known)
