"""The archive from above, against the essays themselves: read from their files, counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from app.search.discovery import LEAST, MAX_POINTS, STAGES, Points, stage
from app.search.request import Range, SearchRequest
from indexer.essay import Essay, value_key
from indexer.parsing import corpus

if TYPE_CHECKING:
    from tests.conftest import Archive

REQUESTS = [
    SearchRequest(),
    SearchRequest(q="model OR owl OR serial"),
    SearchRequest(q="certainty:>=50"),
    SearchRequest(filters={"tag": ("birds",)}),
    SearchRequest(filters={"category": ("Nature", "Fiction")}, sort="title"),
    SearchRequest(ranges={"importance": Range(3, 7)}, sort="certainty"),
    SearchRequest(q="nature -owl", filters={"year": ("2022", "2023")}, sort="updated"),
    SearchRequest(filters={"tag": ("nobody",)}),
    SearchRequest(q="zanzibar"),
]


def essays(archive: Archive) -> dict[str, Essay]:
    """What lies in the folder, drafts left out."""
    files, _ = corpus.scan(archive.content, archive.rules)
    read = [corpus.read_file(archive.content, file.path, archive.rules).essay for file in files]
    return {essay.slug: essay for essay in read if essay is not None and not essay.draft}


def expected(archive: Archive, request: SearchRequest) -> list[Essay]:
    """The essays that the search finds, as they lie in the folder."""
    everything = essays(archive)
    found = archive.search(request.q, filters=request.filters, ranges=request.ranges)
    assert found.pages <= 1
    return [everything[hit.essay.slug] for hit in found.hits]


def percentage(essay: Essay, name: str) -> float | None:
    rating = getattr(essay, name)
    return None if rating is None else rating.percentage


def rated(essay: Essay) -> bool:
    return None not in (percentage(essay, "certainty"), percentage(essay, "importance"))


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_every_essay_is_a_point_or_without_a_place(small: Archive, request_: SearchRequest) -> None:
    found = small.engine.map_points(request_)
    wanted = expected(small, request_)
    assert found.total == len(wanted)
    assert found.placed == sum(map(rated, wanted)) == len(found.points)
    assert found.without == found.total - found.placed == len(found.unplaced)
    assert {p.slug for p in found.points} == {e.slug for e in wanted if rated(e)}
    assert {p.slug for p in found.unplaced} == {e.slug for e in wanted if not rated(e)}
    by_slug = {essay.slug: essay for essay in wanted}
    for point in (*found.points, *found.unplaced):
        essay = by_slug[point.slug]
        importance = percentage(essay, "importance")
        assert point.title == essay.title
        assert point.certainty == percentage(essay, "certainty")
        assert point.importance == (None if importance is None else pytest.approx(importance / 10))
        assert point.status == (essay.status.label if essay.status else "")
        assert point.progress == percentage(essay, "status")
        assert point.published == (essay.published.day if essay.published else "")
        assert point.updated == (essay.updated.day if essay.updated else "")


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_squares_count_all_that_have_a_place(small: Archive, request_: SearchRequest) -> None:
    found = small.engine.map_points(request_, 0)
    assert found.points == found.unplaced == ()
    counted: Counter[tuple[int, int]] = Counter()
    for essay in filter(rated, expected(small, request_)):
        certainty, importance = (percentage(essay, n) or 0.0 for n in ("certainty", "importance"))
        counted[min(int(importance // 10), 9), min(int(certainty // 10), 9)] += 1
    got = {(i, c): n for i, row in enumerate(found.squares) for c, n in enumerate(row) if n}
    assert got == dict(counted)
    assert sum(got.values()) == found.placed


@pytest.mark.parametrize("sort", ["newest", "updated", "importance", "certainty", "title"])
def test_points_come_in_the_order_of_the_search(small: Archive, sort: Any) -> None:
    order = small.slugs(sort=sort)
    placed = [point.slug for point in small.engine.map_points(SearchRequest(sort=sort)).points]
    assert placed == [slug for slug in order if slug in placed]
    assert len(placed) > 10


def test_the_most_important_come_first(small: Archive) -> None:
    points = small.engine.map_points(SearchRequest(q="model")).points
    importance = [point.importance or 0 for point in points]
    assert importance == sorted(importance, reverse=True)


def crowd(archive: Archive, many: int) -> Archive:
    for n in range(many):
        archive.write(
            f"{n:03}.md", "text", title=f"Number {n}", certainty=n * 100 / (many - 1),
            importance={"percentage": (n * 37) % 101}, date=f"{1990 + n % 20}-{n % 12 + 1:02}-03",
            status={"percentage": n},
        )  # fmt: skip
    archive.build()
    return archive


def test_more_than_can_be_drawn_are_sampled_evenly(make: Callable[..., Archive]) -> None:
    archive = crowd(make(), 90)
    found: Points = archive.engine.map_points(SearchRequest(), 30)
    assert (found.total, found.placed, len(found.points)) == (90, 90, 30)
    assert len({point.slug for point in found.points}) == 30
    assert sum(map(sum, found.squares)) == 90
    # Every third by importance, with both ends.
    everything = sorted(
        p.importance or 0 for p in archive.engine.map_points(SearchRequest()).points
    )
    drawn = sorted(p.importance or 0 for p in found.points)
    assert (drawn[0], drawn[-1]) == (everything[0], everything[-1])
    assert max(abs(d - everything[n * 3]) for n, d in enumerate(drawn)) < 0.5
    assert found == archive.engine.map_points(SearchRequest(), 30)
    assert MAX_POINTS > 90


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_the_timeline_counts_every_date(small: Archive, request_: SearchRequest) -> None:
    found = small.engine.timeline(request_)
    wanted = expected(small, request_)
    dated = [essay for essay in wanted if essay.published]
    assert found.undated == len(wanted) - len(dated)
    size = {"month": 7, "year": 4, "decade": 3}[found.unit]
    counted = Counter(
        (essay.published.day[:size], stage(percentage(essay, "status")))
        for essay in dated
        if essay.published
    )
    got = {
        (span.start[:size], n): count
        for span in found.spans
        for n, count in enumerate(span.counts)
        if count
    }
    assert got == dict(counted)
    starts = [span.start for span in found.spans]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("dates", "unit", "starts"),
    [
        ([], "year", []),
        (["2024-02-29"], "month", ["2024-02"]),
        (["2023-11-30", "2024-02-01"], "month", ["2023-11", "2023-12", "2024-01", "2024-02"]),
        # The author's day: in the world's time this is January.
        (["2023-12-31T23:30:00-04:00", "2023-11-01"], "month", ["2023-11", "2023-12"]),
        (["2019-01-01", "2023-12-31"], "year", ["2019", "2020", "2021", "2022", "2023"]),
        (["1951-06-01", "2024-01-01"], "decade",
         ["1950", "1960", "1970", "1980", "1990", "2000", "2010", "2020"]),
    ],
)  # fmt: skip
def test_the_time_chooses_its_unit(
    make: Callable[..., Archive], dates: list[str], unit: str, starts: list[str]
) -> None:
    archive = make()
    archive.write("undated.md", "text", title="Undated")
    for n, day in enumerate(dates):
        archive.write(f"{n}.md", "text", title=f"T{n}", date=day)
    archive.build()
    found = archive.engine.timeline(SearchRequest())
    assert (found.unit, [span.start for span in found.spans], found.undated) == (unit, starts, 1)


def test_three_years_are_months_and_a_month_more_is_years(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.write("a.md", "one", title="A", date="2021-01-15")
    archive.write("b.md", "two", title="B", date="2023-12-15")
    archive.write("c.md", "three", title="C", date="2024-01-15")
    archive.build()
    assert archive.engine.timeline(SearchRequest(q="one OR two")).unit == "month"
    assert archive.engine.timeline(SearchRequest()).unit == "year"


@pytest.mark.parametrize("facet", ["tag", "category"])
@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_what_goes_together(small: Archive, request_: SearchRequest, facet: str) -> None:
    found = small.engine.co_occurring(request_, facet)
    asked = {value_key(value) for value in request_.filters.get(facet, ())}
    counted = Counter(
        value_key(value) for essay in expected(small, request_) for value in essay.facet(facet)
    )
    got = {value_key(each.value): each.count for each in found}
    assert got == {key: count for key, count in counted.items() if key not in asked}
    assert [each.count for each in found] == sorted((e.count for e in found), reverse=True)


def test_drafts_are_in_no_picture(small: Archive) -> None:
    engine = small.engine
    points = engine.map_points(SearchRequest())
    assert "secret" not in {point.slug for point in (*points.points, *points.unplaced)}
    assert points.total == 25
    assert "2026" not in {span.start[:4] for span in engine.timeline(SearchRequest()).spans}
    assert "Secret" not in {
        v.value for v in engine.co_occurring(SearchRequest(filters={"tag": ("Birds",)}), "tag")
    }


def test_what_was_deleted_or_changed_is_in_no_picture(make: Callable[..., Archive]) -> None:
    archive = crowd(make(), 12)
    (archive.content / "003.md").unlink()
    archive.write("004.md", "text", title="Moved", certainty=1, importance=10, date="2001-01-01")
    archive.build()
    found = archive.engine.map_points(SearchRequest())
    assert found.total == len(found.points) == 11
    assert "003" not in {point.slug for point in found.points}
    (moved,) = [point for point in found.points if point.slug == "004"]
    assert (moved.certainty, moved.importance) == (1, 10)
    assert sum(s.total for s in archive.engine.timeline(SearchRequest()).spans) == 11


def test_an_empty_archive_has_empty_pictures(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    assert archive.engine.map_points(SearchRequest()).total == 0
    assert archive.engine.timeline(SearchRequest()).spans == ()
    assert archive.engine.co_occurring(SearchRequest(), "tag") == ()


def test_stages_are_told_apart_by_percentage() -> None:
    assert len(STAGES) == len(LEAST) + 1
    assert list(LEAST) == sorted(LEAST, reverse=True)
    assert [stage(p) for p in (100, 95, 94.9, 60, 59, 40, 39, 1, 0, None)] == [
        0, 0, 1, 1, 2, 2, 3, 3, 4, 5
    ]  # fmt: skip
