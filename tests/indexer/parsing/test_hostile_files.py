"""No file, whatever it holds, may break a build, a check, or a later search.

Every row is a file that did so once, or is of its kind. Beside it lies an ordinary essay, which
must be found whatever the other one holds.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.search.request import SORTS, Range
from indexer.build.batch import BatchBuilder
from indexer.build.check import Findings, check
from indexer.essay import RATINGS, Essay, Rating, Section
from indexer.parsing import bounds, corpus, deadline
from indexer.parsing.deadline import OutOfTime
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

GOOD = (
    "---\ntitle: An ordinary essay\ncertainty: Likely\nimportance: 5\ndate: 2024-01-01\n---\n"
    "\nquiet.\n"
)


def searched(archive: Archive) -> None:
    """Ask everything that reads what is stored."""
    for sort in SORTS:
        assert "good" in archive.slugs("quiet", sort=sort)
    for facet in RATINGS:
        archive.search(ranges={"certainty": Range(0, 100)}, filters={facet: ("unrated", "~80%")})
    archive.search("certainty:>=50 OR importance:<3 OR year:1900..2100")


def percentages(archive: Archive, facet: str) -> npt.NDArray[np.float64]:
    """The column of a rating, as a search sees it."""
    return archive.engine._current().columns.percentages[facet]


def shown(archive: Archive) -> None:
    """Ask for the pages that show what is stored."""
    client = archive.app(author_page=True).test_client()
    for path in ("/", "/search?q=quiet", "/api/v1/search?q=quiet", "/readyz", "/author", "/map"):
        assert client.get(path).status_code == 200, path


def built(archive: Archive, text: str | bytes) -> tuple[list[str], Findings]:
    """What is said of a file with an ordinary one beside it, by the build and by the check."""
    archive.content.mkdir(exist_ok=True)
    (archive.content / "good.md").write_text(GOOD)
    file = archive.content / "hostile.md"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = archive.build()
    searched(archive)
    shown(archive)
    found = check(archive.content, archive.rules, jobs=1)
    assert found.problems == report.problems
    assert report.essays >= 1
    file.unlink()
    archive.build()
    searched(archive)  # the terms of what is gone stay in the segment
    return [problem.what for problem in report.problems if problem.path == "hostile.md"], found


WORDS = {
    "about": ("~80%", None),
    "about-word": ("about 80%", None),
    "range": ("60-70%", None),
    "above": (">90%", None),
    "half": ("½%", None),
    "letter": ("x%", None),
    "sign-alone": ("%", None),
    "two-signs": ("80%%", None),
    "exponent": ("1e400%", None),
    "nan": ("nan%", None),
    "comma": ("80,5%", 80.5),
    "spaced": ("80 %", 80.0),
    "narrow-space": ("80\u202f%", 80.0),
    "comma-number": ("80,5", 80.5),
    "thousands": ("1,000", None),
    "wide-sign": ("80％", 80.0),
    "arabic": ("٨٠٪", 80.0),
    "minus-nothing": ("-0%", 0.0),
}


@pytest.mark.parametrize(("written", "meant"), WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("facet", ["status", "certainty"])
def test_a_rating_is_a_percentage_or_a_word(
    facet: str, written: str, meant: float | None, make: Callable[..., Archive]
) -> None:
    said, found = built(make(), f'---\ntitle: a\n{facet}: "{written}"\n---\nquiet.')
    assert said == []
    told = [(each.facet, each.value) for each in found.drift]
    assert told == ([] if meant is not None else [(facet, " ".join(written.split()))])
    archive = make("alone")
    archive.write("a.md", "x", **{facet: written})
    archive.build()
    column = percentages(archive, facet)
    assert column.tolist() == [
        pytest.approx(meant, nan_ok=True)
        if meant is not None
        else pytest.approx(float("nan"), nan_ok=True)
    ]


RATED = [
    "nan", "inf", "-inf", "1e400", "9" * 400, "-" + "9" * 400, "٣", "²", "½", "1_0", "0x10", "7,5",
    "11", "-3", "999", "1e-9", "infinity", "None", "true", "[]", "{}", "''", "7/0", "0/0", "१०",
    "x" * 100_000, "\u0000", "{value: .inf, percentage: .nan}", "{percentage: -5}", "10.000", "𝟕",
]  # fmt: skip


@pytest.mark.parametrize("facet", RATINGS)
def test_values_of_a_scale_are_in_an_order(facet: str, make: Callable[..., Archive]) -> None:
    archive = make()
    (archive.content / "good.md").write_text(GOOD)
    for number, written in enumerate(RATED):
        (archive.content / f"r{number}.md").write_text(f"---\n{facet}: {written}\n---\nquiet.\n")
    archive.build()
    searched(archive)
    column = percentages(archive, facet)
    assert ((column >= 0) & (column <= 100) | (column != column)).all()
    listed = [value.value for value in archive.search().counts.facets[facet]]
    assert listed[-1] == "unrated"
    assert len(set(listed)) == len(listed)


def stored(archive: Archive, rating: Rating) -> None:
    """An index whose essay has a rating that no file can give."""
    from indexer.build.segment_writer import SegmentBuilder
    from indexer.storage import generation
    from indexer.storage.manifest import Listed

    builder = BatchBuilder()
    for facet in RATINGS:
        essay = Essay(
            path=f"{facet}.md", slug=facet, title=facet, sections=(Section(0, "", "", "quiet"),)
        )
        builder.add(
            Essay(
                **{
                    **{
                        name: getattr(essay, name) for name in ("path", "slug", "title", "sections")
                    },
                    facet: rating,
                }
            )
        )
    with generation.lock(archive.index):
        pointer = generation.fresh(archive.index, 0)
        segments = SegmentBuilder()
        segments.add(builder.finish(), list(RATINGS))
        segment = segments.write(archive.index / pointer.folder, generation.NAME)
        generation.commit(archive.index, pointer, [segment], Listed())


@pytest.mark.parametrize(
    "value", ["~80%", "nan", "inf", "1e999", "²", None, float("nan"), float("inf"), 7.0]
)
@pytest.mark.parametrize("percentage", [None, float("nan"), float("inf"), -1.0, 1e9, 50.0])
def test_no_stored_value_makes_a_search_fail(
    value: str | float | None, percentage: float | None, make: Callable[..., Archive]
) -> None:
    if value is None and percentage is None:
        return
    archive = make()
    stored(archive, Rating(value, percentage))
    for sort in SORTS:
        assert sorted(archive.slugs("quiet", sort=sort)) == sorted(RATINGS)
    column = percentages(archive, "status")
    assert ((column >= 0) & (column <= 100) | (column != column)).all()
    shown(archive)
    assert archive.app().test_client().get("/readyz").status_code == 200


LONG_NUMBER = "0x" + "f" * 4_000
TOP = {
    "toml-hexadecimal": f"+++\nx = {LONG_NUMBER}\n+++\n",
    "toml-octal": f"+++\nx = 0o{'7' * 5_000}\n+++\n",
    "toml-binary": f"+++\nx = 0b{'1' * 20_000}\n+++\n",
    "toml-rating": f"+++\nimportance = {LONG_NUMBER}\ncertainty = {LONG_NUMBER}\n+++\n",
    "toml-title": f"+++\ntitle = {LONG_NUMBER}\ntags = [{LONG_NUMBER}]\n+++\n",
    "toml-date": f"+++\ndate = {LONG_NUMBER}\ndraft = {LONG_NUMBER}\nlang = {LONG_NUMBER}\n+++\n",
    "toml-authors": f"+++\nauthor = {LONG_NUMBER}\nreferences = {LONG_NUMBER}\n+++\n",
    "toml-slug": f"+++\nslug = {LONG_NUMBER}\n+++\n",
    "toml-strange": "+++\nx = [nan, -inf, 1979-05-27, 07:32:00]\n+++\n",
    "yaml-integer": f"---\nx: !!int {LONG_NUMBER}\n---\n",
    "yaml-key": f"---\n? !!int {LONG_NUMBER}\n: 1\n---\n",
    "yaml-inner-key": f"---\nx: {{? !!int {LONG_NUMBER} : 1}}\n---\n",
    "yaml-rating": f"---\ncertainty: {{value: !!int {LONG_NUMBER}}}\n---\n",
    "yaml-percentage": f"---\nstatus: {{percentage: !!int {LONG_NUMBER}}}\n---\n",
    "yaml-set": "---\nx: !!set {b, a, c}\ntags: !!set {b, a}\n---\n",
    "yaml-keys": "---\n? !!null ''\n: 1\n? !!float .nan\n: 2\n? !!timestamp 2024-01-01\n: 3\n---\n",
    "yaml-binary": "---\nx: !!binary aGVsbG8=\n? !!binary aGVsbG8=\n: 1\n---\n",
    "yaml-omap": "---\nx: !!omap [a: 1, b: 2]\ny: !!pairs [a: 1]\n---\n",
    "json-numbers": '{"x": [1e999, -1e999, NaN, 123456789012345678901234567890]}\n',
    "json-surrogate": '{"title": "\\ud800", "\\udfff": "\\udc00", "tags": ["\\ud800"]}\n',
}


@pytest.mark.parametrize("top", TOP.values(), ids=TOP.keys())
def test_no_value_of_a_front_matter_stops_a_build(top: str, make: Callable[..., Archive]) -> None:
    archive = make()
    said, found = built(archive, f"{top}\nquiet.\n")
    assert found.essays == 2 or (found.essays == 1 and said)


REPEATED = {
    "wiki-links": "[[" * 5_000,
    "brackets": "[" * 10_000,
    "brackets-in-text": "a [b " * 5_000,
    "pictures": "![" * 5_000,
    "links": "[a](" * 5_000,
    "links-in-angles": "[a](<" * 5_000,
    "rules": "***\n" * 12_500,
    "character-data": "<![CDATA[" * 3_000,
    "headings": "# a\n" * 5_000,
}
HEAVY = {
    "definitions": "a\n: " * 20_000,
    "bold-tags": "<b>" * 50_000,
    "open-tags": "<a " * 20_000,
    "addresses": "<http://" * 10_000,
    "one-word": "x" * 1_000_000,
    "one-word-of-pairs": "語" * 300_000,
    "spaces": " " * 1_000_000 + "x",
    "tables": "a|b\n-|-\n" + "c|d\n" * 20_000,
    "footnotes": "[^1]" * 20_000 + "\n\n[^1]: x\n" * 2_000,
    "quotes": ">" * 20_000,
    "underlines": "a\n=\n" * 20_000,
}


@pytest.mark.parametrize("body", REPEATED.values(), ids=REPEATED.keys())
def test_markup_that_is_never_closed_takes_no_time(body: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(body)
    started = time.process_time()
    found = corpus.read_file(tmp_path, "a.md", Rules())
    assert time.process_time() - started < 2
    assert found.problems == ()


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY.keys())
def test_a_file_takes_no_more_than_its_time(body: str, make: Callable[..., Archive]) -> None:
    archive = make(rules=Rules(deadline=0.5))
    (archive.content / "a.md").write_text(f"{body}\n\nquiet")
    started = time.process_time()
    archive.build()
    assert time.process_time() - started < 3 * archive.rules.seconds(len(body)) + 3
    assert archive.slugs() == ["a"]


def test_the_time_grows_with_the_file() -> None:
    assert [Rules().seconds(size) for size in (0, 100_000, 5_000_000)] == [2.0, 3.0, 52.0]
    assert Rules(deadline=10.0).seconds(200_000) == 20.0


def spend(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        pass


class Lasting:
    """An object that takes long to go."""

    def __del__(self) -> None:
        spend(0.4)


def slow_to_go() -> None:
    Lasting()


def slow_to_collect() -> None:
    def wait(_phase: str, _info: dict[str, int]) -> None:
        spend(0.2)

    gc.callbacks.append(wait)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(wait)


@pytest.mark.parametrize("slow", [slow_to_go, slow_to_collect])
def test_time_that_runs_out_while_an_object_goes_is_over_after_it(slow: Callable[[], None]) -> None:
    went: list[bool] = []

    def work() -> None:
        with deadline.limit(0.1):
            slow()
            went.append(True)
            spend(3)

    with pytest.raises(deadline.OutOfTime):
        work()
    assert went


def run(seconds: float, found: list[bool]) -> None:
    try:
        with deadline.limit(seconds):
            with suppress(TimeoutError):  # what a library may do, once
                spend(10)
            spend(10)
    except OutOfTime:
        found.append(True)
    else:
        found.append(False)


def test_a_deadline_holds_in_threads_too() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=run, args=(0.2, found))
    started = time.process_time()
    thread.start()
    thread.join()
    assert found == [True]
    assert time.process_time() - started < 15
    run(0.2, found)
    assert found == [True, True]
    with deadline.limit(5):  # nothing of the last one is left
        time.sleep(0.3)


HANGING = """
import re
from indexer.build import workers as reading
reading.SLACK_SECONDS = 0.5
reading._start()
with reading._ended_if_stuck(0.1):
    pass
print("read", flush=True)
with reading._ended_if_stuck(0.1):
    re.match("(a|a)+$", "a" * 60 + "b")
print("never")
"""


def test_a_worker_that_hangs_in_a_library_is_ended(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGING], cwd=root, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("read\n", 1), done.stderr


BOUNDS: dict[str, tuple[str, str]] = {
    "title": (f"title: {'x' * 1_000_000}", "title has 1,000,000 characters; 1,000 are kept."),
    "description": (f"subtitle: {'x' * 9_000}", "subtitle has 9,000 characters"),
    "excerpt": (f"summary: {'x' * 90_000}", "summary has 90,000 characters"),
    "tags": (f"tags: [{', '.join(f't{n}' for n in range(5_000))}]", "5,000 values; the first 200"),
    "tag": (f"keywords: [{'x' * 300}]", "keywords has values of more than 200 characters"),
    "category": (f"category: {'x' * 300}", "category has values of more than 200"),
    "authors": (f"authors: [{', '.join(f'a{n}' for n in range(5_000))}]", "has 5,000 values"),
    "bibliography": (f"references: [{'x' * 9_000}]", "references has values of more than 5,000"),
    "entries": (f"bibliography: [{', '.join(f'a{n}' for n in range(9_000))}]", "has 9,000 values"),
    "status": (f"status: {'x' * 9_000}", "status has 9,000 characters; 200 are kept."),
    "lang": (f"lang: {'x' * 9_000}", "lang has 9,000 characters"),
    "date": (f"date: {'x' * 9_000}", "date is not a date"),
    "draft": (f"draft: {'x' * 9_000}", "draft is neither true nor false"),
    "slug": (f"slug: {'ö' * 9_000}", "The slug has 18,000 bytes; 1,000 are kept."),
    "permalink": (f"permalink: {'a/' * 9_000}b", "The slug has 18,001 bytes"),
    "unknown": (f"x: {'x' * 200_000}", "Keys without a meaning here hold more than 100,000"),
    "unknown-key": (f"{'x' * 900}: [{'1, ' * 9_000}1]", "or 2,000 values; left out: x"),
    "mood": (f"mood: [{', '.join(f'm{n}' for n in range(500))}]", "mood has 500 values"),
}  # fmt: skip


@pytest.mark.parametrize(("top", "what"), BOUNDS.values(), ids=BOUNDS.keys())
def test_every_field_has_a_bound_and_the_problem_says_it(
    top: str, what: str, make: Callable[..., Archive]
) -> None:
    archive = make(rules=Rules(facets=("mood",)))
    said, _ = built(archive, f"---\na: 1\n{top}\n---\nquiet.\n")
    assert any(what in each for each in said), said
    assert all(len(each) <= bounds.MESSAGE for each in said)
    (archive.content / "a.md").write_text(f"---\na: 1\n{top}\n---\nquiet.\n")
    report = archive.build()
    assert [problem.line for problem in report.problems if what in problem.what] == [3]
    client = archive.app().test_client()
    assert len(client.get("/search?q=quiet").data) < 400_000
    hits = archive.search("quiet").hits
    assert len(hits) == (1 if "draft" in top else 2)
    assert all(len(hit.essay.slug.encode()) <= bounds.SLUG for hit in hits)
    assert all(client.get(f"/api/v1/essays/{hit.essay.slug}").status_code == 200 for hit in hits)


def test_a_long_heading_is_cut_and_its_words_stay(make: Callable[..., Archive]) -> None:
    archive = make()
    long = "word " * 2_000 + "lastly"
    archive.write("a.md", f"# {long}\n\nText.\n\n## {long}\n\nMore.")
    (problem,) = archive.build().problems
    assert problem.what == "2 of the headings have more than 1,000 characters and are cut."
    assert archive.slugs("lastly") == ["a"]
    essay = archive.engine.essay("a")
    assert essay is not None
    assert len(essay.title) == bounds.TITLE
    assert all(len(s.title) <= bounds.HEADING and len(s.anchor) < 200 for s in essay.sections)
    assert len({s.anchor for s in essay.sections}) == len(essay.sections)
    assert all(f'id="{s.anchor}"' in essay.html for s in essay.sections if s.anchor)


def test_honest_essays_are_not_touched(root: Path) -> None:
    files, _ = corpus.scan(root / "content", Rules())
    assert not any(
        corpus.read_file(root / "content", file.path, Rules()).problems for file in files
    )


class Broken(BaseException):
    """What ends a program."""


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """What goes wrong, by the path of the essay, when it is analysed."""
    wrong: dict[str, BaseException] = {}
    add = BatchBuilder.add

    def adding(self: BatchBuilder, essay: Essay) -> None:
        if essay.path in wrong:
            self._size += 1  # broken off half-way
            raise wrong[essay.path]
        add(self, essay)

    monkeypatch.setattr(BatchBuilder, "add", adding)
    return wrong


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ValueError("some words"), "Reading this file failed (ValueError: some words)."),
        (MemoryError(), "Reading this file takes more memory than there is."),
        (RecursionError(), "The file is nested too deeply."),
        (OutOfTime(), "The file takes more than 2 seconds to read."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_wrong_with_one_file_is_its_problem(
    error: BaseException, what: str, failing: dict[str, BaseException], make: Callable[..., Archive]
) -> None:
    archive = make()
    for name in "abcde":
        archive.write(f"{name}.md", f"Words of {name} are quiet.")
    failing["b.md"] = failing["d.md"] = error
    report = archive.build()
    assert [(each.path, each.what[:20]) for each in report.problems] == [
        ("b.md", what[:20]), ("d.md", what[:20]),
    ]  # fmt: skip
    assert archive.slugs("quiet", sort="title") == ["a", "c", "e"]
    failing.clear()
    assert archive.build(full=True).problems == ()
    assert archive.slugs("quiet", sort="title") == list("abcde")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), Broken()])
def test_what_ends_a_program_ends_it(
    error: BaseException, failing: dict[str, BaseException], make: Callable[..., Archive]
) -> None:
    archive = make()
    archive.write("a.md", "quiet")
    failing["a.md"] = error
    with pytest.raises(type(error)):
        archive.build()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.from_regex(r"\A[~<>≈+-]?\d{1,5}([.,]\d{1,4})?(e\d{1,3})?( ?/ ?\d{1,3}| ?%)?\Z"),
    lambda inner: st.lists(inner, max_size=3)
    | st.fixed_dictionaries({}, optional={"value": inner, "percentage": inner, "x": inner}),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rated=st.lists(
        st.fixed_dictionaries({}, optional=dict.fromkeys(RATINGS, values)), min_size=8, max_size=20
    )
)
def test_any_rating_can_be_searched(
    rated: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    import json

    from tests.conftest import Archive

    archive = Archive(tmp_path_factory.mktemp("rated"))
    (archive.content / "good.md").write_text(GOOD)
    for number, each in enumerate(rated):
        (archive.content / f"{number}.md").write_text(
            json.dumps({"title": "x", **each}) + "\n\nquiet\n"
        )
    archive.build()
    searched(archive)
    counts = archive.search().counts
    for facet in RATINGS:
        placed = [value.value for value in counts.facets[facet]]
        assert "unrated" not in placed[:-1]
        assert sum(value.count for value in counts.facets[facet]) == counts.total
