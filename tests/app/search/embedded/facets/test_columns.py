"""Every number that narrows a search, against a computation that anyone can check by reading.

The reference reads the same files and knows nothing of indexes: a list of essays, one predicate
per filter, ``sum`` for every count.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.search.request import SCALES, Range, SearchRequest
from app.search.results import FacetValue, SearchResults
from indexer.essay import FACETS, RATINGS, UNRATED, Essay, Rating, value_key
from indexer.parsing import corpus
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

RULES = Rules(facets=("mood",), meaning=False)
NAMES = (*FACETS, "mood")

#: Words that no stemmer touches and no facet value has, so that "has the word" is plain to see.
WORDS = ["alpha", "beta", "gamma", "delta"]
TAGS = [
    "Birds",
    "birds",
    "BIRDS",
    "Map Making",
    "map making",
    "R&D",
    "🦉",
    "Straße",
    "STRASSE",
    "x",
]
CATEGORIES = ["Nature", "nature", "Art", "Computing"]
MOODS = ["calm", "Calm", "merry"]
DATES = ["2019-12-31", "2020-01-01", "2024-02-29", "2024-01-30T05:00:00Z", "1850-06-01"]
STATUSES: list[Any] = ["Finished", "finished", "Notes", "In progress", "Log",
                       {"value": "Notes", "percentage": 35}, {"percentage": 10}]  # fmt: skip
CERTAINTIES: list[Any] = ["Likely", "likely", "LIKELY", "Certain", "Remote", "speculative", 62.5,
                          {"value": "Likely", "percentage": 80}, {"percentage": 30}, 0, 100, "29%",
                          {"value": "speculative", "percentage": 57}]  # fmt: skip
IMPORTANCES: list[Any] = [0, 1, 3, 5, 6, 7, 10, "6/10", "3.5", {"percentage": 65}, "67%",
                          {"value": "high"}, {"value": 7, "percentage": 55}, 1.4,
                          "29%"]  # fmt: skip

Made = dict[str, Any]


def some(values: list[Any], most: int) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), max_size=most)


ESSAYS: st.SearchStrategy[Made] = st.fixed_dictionaries(
    {"body": some(WORDS, 3).map(" ".join)},
    optional={
        "tags": some(TAGS, 4),
        "categories": some(CATEGORIES, 2),
        "mood": some(MOODS, 2),
        "publishdate": st.sampled_from(DATES),
        "status": st.sampled_from(STATUSES),
        "certainty": st.sampled_from(CERTAINTIES),
        "importance": st.sampled_from(IMPORTANCES),
    },
)

#: What readers may choose, in any spelling, with values that no essay has.
CHOICES = {
    "tag": [*TAGS, "strasse", "nobody"],
    "category": [*CATEGORIES, "Void"],
    "mood": [*MOODS, "grim"],
    "status": ["Finished", "notes", "Log", "10%", UNRATED, "lost"],
    "certainty": ["likely", "Certain", "Speculative", "62.5%", "29%", UNRATED, "never"],
    "importance": ["0", "7", "10", "6", "65%", "6.7", "high", UNRATED, "11"],
    "year": ["2019", "2024", "1850", "1999"],
}
ENDS = {
    "certainty": st.none() | st.sampled_from([0, 5, 29, 30, 57, 62.5, 75, 80, 100, 130, -3]),
    "importance": st.none() | st.sampled_from([0, 1, 1.4, 2.9, 3, 3.5, 6.7, 7, 10, 12, -1]),
}
QUERIES = ["", "", "", "alpha", "alpha AND -beta", "alpha OR beta", "-alpha", "gamma -delta",
           "delta (alpha OR gamma)"]  # fmt: skip

REQUESTS = st.builds(
    SearchRequest,
    q=st.sampled_from(QUERIES),
    filters=st.fixed_dictionaries(
        {}, optional={
            name: st.lists(
                st.sampled_from(values), min_size=1, max_size=3, unique_by=value_key
            ).map(tuple)
            for name, values in CHOICES.items()
        },
    ),
    ranges=st.fixed_dictionaries(
        {}, optional={name: st.builds(Range, end, end) for name, end in ENDS.items()}
    ),
    per_page=st.just(100),
)  # fmt: skip


# -- the reference ----------------------------------------------------------------------------

Filter = Callable[[Essay], bool]


def has_words(q: str) -> Filter:
    """The queries above, spelled out, and the one that "delta" is a slip of where nobody has it."""
    has: dict[str, Callable[[set[str]], bool]] = {
        "": lambda w: True,
        "alpha": lambda w: "alpha" in w,
        "alpha AND -beta": lambda w: "alpha" in w and "beta" not in w,
        "alpha OR beta": lambda w: bool({"alpha", "beta"} & w),
        "-alpha": lambda w: "alpha" not in w,
        "gamma -delta": lambda w: "gamma" in w and "delta" not in w,
        "delta (alpha OR gamma)": lambda w: "delta" in w and bool({"alpha", "gamma"} & w),
        "beta (alpha OR gamma)": lambda w: "beta" in w and bool({"alpha", "gamma"} & w),
    }
    return lambda essay: has[q]({word for s in essay.sections for word in s.text.split()})


def chosen(facet: str, values: Iterable[str]) -> Filter:
    wanted = {value_key(value) for value in values}
    return lambda essay: bool(wanted & {value_key(value) for value in essay.facet(facet)})


def scaled(essay: Essay, facet: str) -> Fraction | None:
    """The rating's percentage on the facet's own scale, without the rounding of floats."""
    rating: Rating | None = getattr(essay, facet)
    if rating is None or rating.percentage is None:
        return None
    return Fraction(str(rating.percentage)) * SCALES[facet] / 100


def between(facet: str, wanted: Range) -> Filter:
    def inside(essay: Essay) -> bool:
        at = scaled(essay, facet)
        if at is None:
            return False
        return (wanted.min is None or at >= Fraction(str(wanted.min))) and (
            wanted.max is None or at <= Fraction(str(wanted.max))
        )

    return inside


class Reference:
    def __init__(self, essays: list[Essay]) -> None:
        self.essays = essays

    def filters(self, request: SearchRequest) -> dict[tuple[str, str], Filter]:
        made: dict[tuple[str, str], Filter] = {("words", ""): has_words(request.q)}
        for facet, values in request.filters.items():
            made["value", facet] = chosen(facet, values)
        for facet, wanted in request.ranges.items():
            if wanted:
                made["range", facet] = between(facet, wanted)
        return made

    def found(self, request: SearchRequest, own: tuple[str, str] = ("", "")) -> list[Essay]:
        """The essays that every filter lets through, but for one's own."""
        filters = [f for key, f in self.filters(request).items() if key != own]
        return [essay for essay in self.essays if all(f(essay) for f in filters)]

    def counts(self, request: SearchRequest, facet: str) -> dict[str, tuple[int, bool]]:
        """For each value that is listed: essays, and whether it is chosen."""
        counted = Counter(
            value_key(v) for e in self.found(request, ("value", facet)) for v in set(e.facet(facet))
        )
        selected = {value_key(value) for value in request.filters.get(facet, ())}
        return {key: (counted[key], key in selected) for key in counted.keys() | selected}

    def histogram(self, request: SearchRequest, facet: str) -> list[int]:
        width = Fraction(SCALES[facet], 10)
        bars = [0] * 10
        for essay in self.found(request, ("range", facet)):
            at = scaled(essay, facet)
            if at is not None:
                bars[min(int(at / width), 9)] += 1
        return bars

    def unrated(self, request: SearchRequest, facet: str) -> int:
        return sum(getattr(e, facet) is None for e in self.found(request, ("range", facet)))

    def spellings(self, facet: str, key: str) -> set[str]:
        """The commonest spellings of a value in the whole archive; several where they tie."""
        used = Counter(v for e in self.essays for v in e.facet(facet) if value_key(v) == key)
        return {v for v, count in used.items() if count == max(used.values(), default=0)}


def agrees(archive: Archive, reference: Reference, request: SearchRequest) -> None:
    """One answer, all of it, against the reference."""
    answer = archive.engine.search(request)
    answered = request
    if answer.corrected and answer.corrected.applied:
        assert reference.found(request) == [], "what finds something is answered as it is"
        answered = replace(request, q=answer.corrected.query)
    expected = reference.found(answered)
    assert sorted(all_slugs(archive, request)) == sorted(essay.slug for essay in expected)
    assert answer.total == answer.counts.total == len(expected)
    assert set(answer.counts.facets) == set(NAMES)
    for facet in NAMES:
        listed = answer.counts.facets[facet]
        got = {value_key(value.value): (value.count, value.selected) for value in listed}
        assert got == reference.counts(answered, facet), facet
        assert len(got) == len(listed)
        for value in listed:
            if used := reference.spellings(facet, value_key(value.value)):
                assert value.value in used
        # Where a choice stands that no essay of the archive has is nobody's business.
        ordered(facet, tuple(v for v in listed if reference.spellings(facet, value_key(v.value))))
    assert set(answer.counts.ranges) == set(SCALES)
    for facet, counted in answer.counts.ranges.items():
        wanted = request.ranges.get(facet, Range())
        assert (counted.min, counted.max) == (wanted.min, wanted.max)
        assert [bar.count for bar in counted.histogram] == reference.histogram(answered, facet)
        assert counted.unrated == reference.unrated(answered, facet)
    assert archive.engine.facet_counts(request) == answer.counts


def all_slugs(archive: Archive, request: SearchRequest) -> list[str]:
    found: list[str] = []
    page = 1
    while True:
        answer: SearchResults = archive.engine.search(
            SearchRequest(q=request.q, filters=request.filters, ranges=request.ranges,
                          per_page=100, page=page)
        )  # fmt: skip
        found += [hit.essay.slug for hit in answer.hits]
        page += 1
        if page > answer.pages:
            return found


def ordered(facet: str, listed: tuple[FacetValue, ...]) -> None:
    """Unrated last; by count where only counts order; by place on the scale where there is one."""
    if any(value_key(value.value) == UNRATED for value in listed[:-1]):
        raise AssertionError("unrated is the last value")
    rated = [value for value in listed if value_key(value.value) != UNRATED]
    if facet not in (*RATINGS, "year"):
        keys = [(-value.count, value_key(value.value)) for value in rated]
        assert keys == sorted(keys)
        return
    table = RULES.percentages(facet)
    places = [
        float(v.value) if facet != "certainty" and v.value.replace(".", "").isdigit()
        else table[value_key(v.value)]
        for v in rated
        if v.value.replace(".", "").isdigit() or value_key(v.value) in table
    ]  # fmt: skip
    assert places == sorted(places, reverse=True), facet


def read(archive: Archive) -> Reference:
    files, problems = corpus.scan(archive.content, RULES)
    assert not problems
    essays = [corpus.read_file(archive.content, file.path, RULES).essay for file in files]
    return Reference([essay for essay in essays if essay is not None])


def fill(archive: Archive, made: Iterable[Made]) -> Reference:
    for number, essay in enumerate(made):
        meta = {"title": f"Number {number}", **essay}
        archive.write(f"{number:03}.md", meta.pop("body"), **meta)
    archive.build()
    return read(archive)


def drawn(seed: int) -> list[Made]:
    """150 essays like those of ``ESSAYS``, from a seed: an archive where values pile up."""
    dice = random.Random(seed)
    made = []
    for _ in range(150):
        essay: Made = {"body": " ".join(dice.choices(WORDS, k=dice.randrange(4)))}
        for key, values, most in (("tags", TAGS, 4), ("categories", CATEGORIES, 2),
                                  ("mood", MOODS, 2)):  # fmt: skip
            if dice.random() < 0.8:
                essay[key] = dice.choices(values, k=dice.randrange(most + 1))
        for key, values in (("publishdate", DATES), ("status", STATUSES),
                            ("certainty", CERTAINTIES), ("importance", IMPORTANCES)):  # fmt: skip
            if dice.random() < 0.8:
                essay[key] = dice.choice(values)
        made.append(essay)
    return made


# -- the properties ---------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 2, 3], ids="seed {}".format)
def large(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, small: Archive
) -> tuple[Archive, Reference]:
    archive = type(small)(tmp_path_factory.mktemp("large"), RULES)
    return archive, fill(archive, drawn(request.param))


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS)
def test_every_count_of_a_large_archive(
    large: tuple[Archive, Reference], request: SearchRequest
) -> None:
    agrees(*large, request)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(made=st.lists(ESSAYS, max_size=8), requests=st.lists(REQUESTS, min_size=1, max_size=4))
def test_every_count_of_any_archive(
    tmp_path_factory: pytest.TempPathFactory,
    small: Archive,
    made: list[Made],
    requests: list[SearchRequest],
) -> None:
    archive = type(small)(tmp_path_factory.mktemp("any"), RULES)
    reference = fill(archive, made)
    for request in requests:
        agrees(archive, reference, request)


@settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(ESSAYS, min_size=3, max_size=8),
    after=st.lists(ESSAYS, min_size=1, max_size=8),
    requests=st.lists(REQUESTS, min_size=2, max_size=4),
)
@example(
    before=[{"body": ""}] * 3,
    after=[{"body": "alpha beta"}],
    requests=[SearchRequest(q="delta (alpha OR gamma)", per_page=100)],
)
def test_every_count_after_essays_changed_and_went(
    tmp_path_factory: pytest.TempPathFactory,
    small: Archive,
    before: list[Made],
    after: list[Made],
    requests: list[SearchRequest],
) -> None:
    """Deleted and replaced essays lie in the segments still; nothing may count them."""
    archive = type(small)(tmp_path_factory.mktemp("changing"), RULES)
    fill(archive, before)
    archive.search()
    for number in range(len(after), len(before)):
        (archive.content / f"{number:03}.md").unlink()
    reference = fill(archive, after)
    for request in requests:
        agrees(archive, reference, request)


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS)
def test_filters_take_essays_away_and_leave_the_others_their_scores(
    large: tuple[Archive, Reference], request: SearchRequest
) -> None:
    engine = large[0].engine
    pages = (SearchRequest(q=request.q, page=page, per_page=100) for page in (1, 2))
    free = {hit.essay.slug: hit.score for page in pages for hit in engine.search(page).hits}
    narrowed = engine.search(request).hits
    assert {hit.essay.slug: hit.score for hit in narrowed}.items() <= free.items()


# -- examples, where the reference might share a misunderstanding -----------------------------


def values(archive: Archive, facet: str, **asked: Any) -> list[tuple[str, int, bool]]:
    listed = archive.search(**asked).counts.facets[facet]
    return [(value.value, value.count, value.selected) for value in listed]


def test_a_choice_leaves_its_own_facet_as_it_was(small: Archive) -> None:
    free = values(small, "category")
    under = values(small, "category", filters={"category": ("nature",)})
    assert [(v, n) for v, n, _ in under] == [(v, n) for v, n, _ in free]
    assert [v for v, _, selected in under if selected] == ["Nature"]


def test_a_choice_narrows_the_other_facets(small: Archive) -> None:
    tags = values(small, "tag", filters={"category": ("Nature",)})
    assert tags == [("Birds", 2, False), ("Gardens", 1, False), ("Statistics", 1, False),
                    ("🦉", 1, False)]  # fmt: skip


def test_choices_of_one_facet_are_either_and_of_two_are_both(small: Archive) -> None:
    either = small.slugs(filters={"tag": ("physics", "XAI")}, sort="title")
    assert sorted(either) == ["impossible", "machine-learning-interpretability", "newton", "shap"]
    both = small.slugs(filters={"tag": ("physics", "XAI"), "category": ("mathematics",)})
    assert sorted(both) == ["newton", "shap"]


def test_a_chosen_value_without_essays_stays_listed(small: Archive) -> None:
    asked: dict[str, Any] = {"filters": {"tag": ("Robots", "Nobody")}, "q": "census"}
    listed = {v: (n, s) for v, n, s in values(small, "tag", **asked)}
    assert listed == {
        "Robots": (0, True), "Nobody": (0, True), "Birds": (1, False), "Statistics": (1, False),
    }  # fmt: skip
    assert small.search(**asked).total == 0


def test_spellings_are_counted_over_the_archive_not_the_answer(small: Archive) -> None:
    """One essay says "XAI", one "xai": either is fine, but the same one everywhere."""
    everywhere = {v for v, _, _ in values(small, "tag") if value_key(v) == "xai"}
    for q in ("shapley", "lime"):
        assert {v for v, _, _ in values(small, "tag", q=q) if value_key(v) == "xai"} == everywhere


def test_orders(small: Archive) -> None:
    assert [v for v, _, _ in values(small, "year")][:3] == ["2025", "2024", "2023"]
    importance = [v for v, _, _ in values(small, "importance")]
    assert importance == ["10", "8", "7", "6.5", "6", "5", "4", "3", "2", "1", "0", "unrated"]
    certainty = [v for v, _, _ in values(small, "certainty")]
    assert certainty[:4] == ["Certain", "Highly likely", "Likely", "62.5%"]
    assert set(certainty[4:6]) == {"possible", "50%"}
    assert certainty[-1] == "unrated"
    assert set(certainty[-3:-1]) == {"Speculative", "Emotional"}
    status = [v for v, _, _ in values(small, "status")]
    assert set(status[:2]) == {"Finished", "Published"}
    assert status[2:] == ["In progress", "Draft", "Notes", "Abandoned", "Log", "unrated"]


def test_a_word_outside_the_vocabulary_stands_where_its_essays_do(
    make: Callable[..., Archive],
) -> None:
    archive = make()
    for number, rating in enumerate(
        ({"value": "Hunch", "percentage": 90}, {"value": "hunch", "percentage": 70}, "Certain",
         "Possible", "Gut", "Remote")
    ):  # fmt: skip
        archive.write(f"{number}.md", "Text.", title="T", certainty=rating)
    archive.build()
    listed = [value_key(value) for value, _, _ in values(archive, "certainty")]
    assert listed == ["certain", "hunch", "possible", "remote", "gut"]


def test_unrated_is_a_value(small: Archive) -> None:
    found = small.slugs(filters={"certainty": ("Unrated", "remote")})
    assert sorted(found) == ["anime/akira", "boredom", "links", "markup", "quotes"]


def test_a_word_outside_the_vocabulary_is_neither_unrated_nor_in_the_histogram(
    small: Archive,
) -> None:
    counted = small.search("motorcycle -anime").counts.ranges["certainty"]
    assert counted.unrated == 0
    assert sum(bar.count for bar in counted.histogram) == 0


@pytest.mark.parametrize(
    ("facet", "low", "high", "slugs"),
    [
        ("importance", 7, 7, ["machine-learning-interpretability", "newton"]),
        ("importance", 8, None, ["caches", "shap"]),
        ("importance", None, 0, ["anime/akira"]),
        ("certainty", 70, 75, ["machine-learning-interpretability", "newton", "traduire"]),
        ("certainty", 62.5, 62.5, ["garden"]),
        ("certainty", 101, None, []),
    ],
)
def test_ranges_include_both_ends(
    small: Archive, facet: str, low: float | None, high: float | None, slugs: list[str]
) -> None:
    assert sorted(small.slugs(ranges={facet: Range(low, high)})) == slugs


def test_every_decimal_is_within_a_range_from_itself_to_itself(
    make: Callable[..., Archive],
) -> None:
    """29 per cent is 2.9 of 10, whatever binary fractions make of it."""
    archive = make()
    for tenths in range(101):
        archive.write(f"{tenths:03}.md", "Text.", title="T", importance=f"{tenths}%")
    archive.build()
    for tenths in range(101):
        asked = {"importance": Range(tenths / 10, tenths / 10)}
        assert archive.slugs(ranges=asked) == [f"{tenths:03}"]


def test_a_range_the_wrong_way_round_finds_nothing_and_says_so(small: Archive) -> None:
    found = small.search(ranges={"certainty": Range(80, 20)})
    assert (found.total, len(found.notes)) == (0, 1)
    assert "certainty" in found.notes[0].message


def test_bars(small: Archive) -> None:
    for facet, top in SCALES.items():
        bars = small.search().counts.ranges[facet].histogram
        assert [(bar.low, bar.high) for bar in bars] == [
            (top * n / 10, top * (n + 1) / 10) for n in range(10)
        ]


def test_the_facets_of_an_empty_archive(make: Callable[..., Archive]) -> None:
    archive = make()
    archive.build()
    found = archive.search()
    assert (found.total, found.pages, found.hits) == (0, 0, ())
    assert all(values == () for values in found.counts.facets.values())
    assert [bar.count for bar in found.counts.ranges["importance"].histogram] == [0] * 10
    assert archive.search("word", filters={"tag": ("x",)}).total == 0
