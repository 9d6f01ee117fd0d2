"""After any build the index answers what the folder says, and says what was wrong with it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.build import segment_writer, workers
from indexer.build.build import build
from indexer.build.opensearch import build as cluster_build
from indexer.build.report import Report
from indexer.errors import ContentMissing, IndexDamaged, IndexLocked, IndexMissing
from indexer.essay import FACETS, Essay
from indexer.parsing.rules import Rules
from indexer.schema import document, opensearch_document
from indexer.storage import generation, manifest
from indexer.storage.opensearch import generations
from indexer.storage.opensearch.connection import Connection, opened, translated
from tests.indexer.storage import whoosh_reader


class Archive:
    """A content folder and its index, each edit with a file time of its own in the past."""

    def __init__(self, root: Path) -> None:
        self.content = root / "content"
        self.index = root / "index"
        self.content.mkdir()
        self.clock = 1_600_000_000

    def write(self, path: str, text: str | bytes = "Text.", *, fresh: bool = False) -> None:
        place = self.content / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        if not fresh:
            self.clock += 1
            os.utime(place, (self.clock, self.clock))

    def remove(self, path: str) -> None:
        (self.content / path).unlink()

    def build(self, rules: Rules | None = None, **options: Any) -> Report:
        return build(self.content, self.index, rules or Rules(), **{"jobs": 1, **options})

    def essays(self) -> dict[str, Essay]:
        return answers(self.index)

    def titles(self) -> dict[str, str]:
        """What answers: slug to title."""
        return {essay.slug: essay.title for essay in self.essays().values()}


def answers(index: Path) -> dict[str, Essay]:
    """Every stored essay by its path, read as a server would read it."""
    with whoosh_reader.opened(index) as reader:
        cards = [document.card(stored) for stored in reader.all_stored_fields()]
        for card in cards:
            assert reader.doc_frequency("slug", card.slug) >= 1
    assert len({card.path for card in cards}) == len(cards)
    assert len({card.slug for card in cards}) == len(cards)
    return {card.path: card for card in cards}


class ClusterArchive(Archive):
    """The same, its index in a cluster."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root)
        self.connection = Connection(
            urls=tuple(url.split(",")), name=f"test-{secrets.token_hex(6)}", replicas=0
        )

    def build(self, rules: Rules | None = None, **options: Any) -> Report:
        rules = rules or Rules(meaning=False)
        return cluster_build.build(self.content, self.connection, rules, **{"jobs": 1, **options})

    def essays(self) -> dict[str, Essay]:
        return cluster_answers(self.connection)

    def forget(self) -> None:
        """Delete all of it in the cluster."""
        with opened(self.connection) as client:
            client.indices.delete(index=f"{self.connection.name}-*")


def cluster_answers(connection: Connection) -> dict[str, Essay]:
    """Every stored essay by its path, read as a server would read it."""
    with translated(connection), opened(connection) as client:
        found = client.search(
            index=connection.name,
            body={"query": {"match_all": {}}, "size": 10_000,
                  "stored_fields": ["_source", "card"]},
        )  # fmt: skip
    assert found["_shards"]["failed"] == 0
    cards = [
        document.card(opensearch_document.stored_fields(hit["fields"], hit["_source"]["slug"]))
        for hit in found["hits"]["hits"]
    ]
    assert len({card.path for card in cards}) == len(cards)
    assert len({card.slug for card in cards}) == len(cards)
    return {card.path: card for card in cards}


@pytest.fixture
def archive(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    """An archive of the embedded engine, or of the one that a test is `of_each`."""
    if getattr(request, "param", "local") == "local":
        yield Archive(tmp_path)
        return
    # What answered before may go at once: nobody else asks.
    monkeypatch.setattr(generations, "GRACE", 0)
    archive = ClusterArchive(tmp_path, request.getfixturevalue("opensearch_url"))
    yield archive
    archive.forget()


of_each = pytest.mark.parametrize(
    "archive",
    ["local", pytest.param("opensearch", marks=pytest.mark.cluster)],
    indirect=True,
)


#: More files than are read before the first word of progress.
MANY = [f"{number:03}" for number in range(150)]


def counts(report: Report) -> tuple[int, int, int, int]:
    return (report.added, report.changed, report.removed, report.unchanged)


def complaints(report: Report) -> list[tuple[str, int]]:
    return [(problem.path, problem.line) for problem in report.problems]


BROKEN = "---\ntitle: a: b\n---\n"


def titled(title: str, slug: str = "", more: str = "") -> str:
    return f"---\ntitle: {title}\n{f'slug: {slug}' if slug else ''}\n{more}\n---\nText."


@of_each
def test_the_first_build(archive: Archive) -> None:
    archive.write("a.md", titled("A", more="tags: [x]\ndate: 2024-01-30"))
    archive.write("x/b.md", titled("B", more="draft: true"))
    archive.write("c.md", BROKEN)
    report = archive.build()
    assert counts(report) == (1, 0, 0, 0)
    assert (report.essays, report.drafts, report.files) == (1, 1, 3)
    assert (report.full, report.generation) == (True, 1)
    assert complaints(report) == [("c.md", 2)]
    assert archive.titles() == {"a": "A"}
    assert archive.essays()["a.md"].tags == ("x",)


@of_each
def test_an_empty_folder_is_an_empty_index(archive: Archive) -> None:
    assert archive.build().full
    assert archive.titles() == {}
    archive.write("a.md", titled("A"))
    assert counts(archive.build()) == (1, 0, 0, 0)


@of_each
def test_no_content_folder_touches_no_index(archive: Archive) -> None:
    archive.write("a.md")
    archive.build()
    shutil.rmtree(archive.content)
    with pytest.raises(ContentMissing):
        archive.build()
    assert list(archive.titles()) == ["a"]


@of_each
def test_counts_over_edits(archive: Archive) -> None:
    for name in "abcd":
        archive.write(f"{name}.md", titled(name))
    assert counts(archive.build()) == (4, 0, 0, 0)
    archive.write("b.md", titled("B, edited"))
    archive.write("e.md", titled("e"))
    archive.remove("c.md")
    (archive.content / "d.md").rename(archive.content / "f.md")
    report = archive.build()
    assert counts(report) == (2, 1, 2, 1)
    assert (report.essays, report.full) == (4, False)
    assert archive.titles() == {"a": "a", "b": "B, edited", "e": "e", "f": "d"}


@pytest.mark.parametrize("fresh", [True, False], ids=["just-written", "written-long-ago"])
def test_no_change_is_the_same_generation(archive: Archive, fresh: bool) -> None:
    archive.write("a.md", titled("A"), fresh=fresh)
    archive.write("b.md", BROKEN, fresh=fresh)
    first = archive.build()
    before = sorted(p.name for p in archive.index.rglob("*"))
    again = archive.build()
    assert counts(again) == (0, 0, 0, 1)
    assert again.problems == first.problems
    assert again.generation == first.generation
    assert not again.full
    assert sorted(p.name for p in archive.index.rglob("*")) == before


@of_each
def test_a_touched_file_is_unchanged(archive: Archive) -> None:
    archive.write("a.md", titled("A"))
    first = archive.build()
    archive.write("a.md", titled("A"))
    again = archive.build()
    assert counts(again) == (0, 0, 0, 1)
    assert again.generation == first.generation


@of_each
def test_an_edit_within_the_clocks_grain_is_seen(archive: Archive) -> None:
    archive.write("b.md", titled("B"))
    archive.build()  # what is loaded for the first essay may take longer than the grain
    archive.write("a.md", titled("One"), fresh=True)
    times = (archive.content / "a.md").stat()
    archive.build()
    archive.write("a.md", titled("Two"), fresh=True)
    os.utime(archive.content / "a.md", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert counts(archive.build()) == (0, 1, 0, 1)
    assert archive.titles() == {"a": "Two", "b": "B"}


@of_each
def test_every_change_is_a_new_generation(archive: Archive) -> None:
    numbers = []
    for step in range(4):
        archive.write("a.md", titled(f"A {step}"))
        numbers.append(archive.build().generation)
    archive.remove("a.md")
    numbers.append(archive.build().generation)
    numbers.append(archive.build(full=True).generation)
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(BROKEN, id="yaml"),
        pytest.param("---\ntitle", id="unclosed"),
        pytest.param(b"\n\xff", id="not-utf8"),
    ],
)
def test_a_broken_file_keeps_its_last_good_version(archive: Archive, broken: str | bytes) -> None:
    archive.write("a.md", titled("Good"))
    archive.write("b.md", titled("B"))
    archive.build()
    archive.write("a.md", broken)
    report = archive.build()
    assert [problem.path for problem in report.problems] == ["a.md"]
    assert archive.titles() == {"a": "Good", "b": "B"}
    archive.write("b.md", titled("B, edited"))
    again = archive.build()
    assert again.problems == report.problems
    assert archive.titles() == {"a": "Good", "b": "B, edited"}
    archive.write("a.md", titled("Mended"))
    assert archive.build().problems == ()
    assert archive.titles() == {"a": "Mended", "b": "B, edited"}


@of_each
def test_a_broken_file_that_is_deleted_is_forgotten(archive: Archive) -> None:
    archive.write("a.md", titled("Good"))
    archive.build()
    archive.write("a.md", BROKEN)
    archive.build()
    archive.remove("a.md")
    report = archive.build()
    assert (report.removed, report.problems, archive.titles()) == (1, (), {})


def test_a_file_that_was_never_good(archive: Archive) -> None:
    archive.write("a.md", BROKEN)
    assert complaints(archive.build()) == complaints(archive.build()) == [("a.md", 2)]
    assert archive.titles() == {}
    archive.write("a.md", titled("Mended"))
    archive.build()
    assert archive.titles() == {"a": "Mended"}


@of_each
def test_a_full_build_forgets_what_no_file_says(archive: Archive) -> None:
    archive.write("a.md", titled("Good"))
    archive.build()
    archive.write("a.md", BROKEN)
    archive.build(full=True)
    assert archive.titles() == {}


def test_a_problem_of_a_value_is_reported_until_it_is_mended(archive: Archive) -> None:
    archive.write("a.md", titled("A", more="date: 2024-02-30"))
    assert complaints(archive.build()) == complaints(archive.build()) == [("a.md", 4)]
    archive.write("a.md", titled("A", more="date: 2024-02-29"))
    assert complaints(archive.build()) == []


@of_each
def test_a_file_grown_too_large_keeps_its_last_good_version(archive: Archive) -> None:
    rules = Rules(max_bytes=100)
    archive.write("a.md", titled("Good"))
    archive.build(rules)
    archive.write("a.md", "x" * 200)
    for _ in range(2):
        assert complaints(archive.build(rules)) == [("a.md", 1)]
        assert archive.titles() == {"a": "Good"}
    archive.write("a.md", titled("Mended"))
    assert archive.build(rules).problems == ()
    assert archive.titles() == {"a": "Mended"}


@of_each
def test_a_file_that_vanishes_while_the_index_is_built(archive: Archive) -> None:
    for name in MANY:
        archive.write(f"{name}.md", titled(name))
    archive.build()
    for name in MANY:
        archive.write(f"{name}.md", titled(f"{name}, edited"))

    def delete_the_last(done: int, of: int) -> None:
        assert of == len(MANY)
        if done < of:
            (archive.content / f"{MANY[-1]}.md").unlink(missing_ok=True)

    report = archive.build(progress=delete_the_last)
    left = {name: f"{name}, edited" for name in MANY[:-1]}
    assert archive.titles() == left
    assert complaints(report) == [(f"{MANY[-1]}.md", 0)]
    assert (report.changed, report.removed) == (len(left), 1)
    again = archive.build()
    assert (again.problems, again.files) == ((), len(left))
    assert archive.titles() == left


@of_each
def test_two_files_with_one_slug_are_both_reachable(archive: Archive) -> None:
    archive.write("a.md", titled("A", "one"))
    archive.write("b.md", titled("B", "one"))
    archive.write("c.md", titled("C", "one"))
    report = archive.build()
    assert archive.titles() == {"one": "A", "one-2": "B", "one-3": "C"}
    assert [(p.path, p.what) for p in report.problems] == [
        ("b.md", "The slug one is taken by a.md."),
        ("c.md", "The slug one is taken by a.md."),
    ]
    assert [p.hint.endswith(f"at one-{n}.") for n, p in enumerate(report.problems, 2)] == [True] * 2
    assert archive.build().problems == report.problems


@pytest.mark.parametrize(
    "free",
    [
        pytest.param(lambda archive: archive.remove("a.md"), id="deleted"),
        pytest.param(lambda archive: archive.write("a.md", titled("A", "other")), id="renamed"),
        pytest.param(
            lambda archive: archive.write("a.md", titled("A", "one", "draft: true")), id="drafted"
        ),
    ],
)
def test_a_freed_slug_is_regained(archive: Archive, free: Callable[[Archive], None]) -> None:
    archive.write("a.md", titled("A", "one"))
    archive.write("b.md", titled("B", "one"))
    archive.build()
    free(archive)
    report = archive.build()
    assert archive.titles()["one"] == "B"
    assert report.problems == ()
    assert archive.build().generation == report.generation


@of_each
def test_a_newcomer_ahead_of_two_takes_the_slug_as_a_full_build_would(archive: Archive) -> None:
    archive.write("b.md", titled("B", "one"))
    archive.write("c.md", titled("C", "one"))
    archive.build()
    archive.write("a.md", titled("A", "one"))
    archive.build()
    assert archive.titles() == {"one": "A", "one-2": "B", "one-3": "C"}


def test_a_slug_that_looks_like_a_numbered_one(archive: Archive) -> None:
    archive.write("a.md", titled("A", "one"))
    archive.write("b.md", titled("B", "one"))
    archive.write("c.md", titled("C", "one-2"))
    archive.build()
    assert archive.titles() == {"one": "A", "one-2": "B", "one-2-2": "C"}


@of_each
def test_a_broken_file_and_a_newcomer_want_one_slug(archive: Archive) -> None:
    archive.write("b.md", titled("B", "one"))
    archive.build()
    archive.write("b.md", BROKEN)
    archive.write("a.md", titled("A", "one"))
    archive.build()
    assert sorted(archive.titles().values()) == ["A", "B"]
    archive.build()
    assert sorted(archive.titles().values()) == ["A", "B"]


@of_each
def test_drafts_are_left_out_unless_the_rules_say_so(archive: Archive) -> None:
    archive.write("a.md", titled("A", more="draft: true"))
    archive.write("b.md", titled("B", more="draft: perhaps"))
    report = archive.build()
    assert (archive.titles(), report.drafts, report.essays) == ({}, 2, 0)
    report = archive.build(Rules(drafts=True))
    assert archive.titles() == {"a": "A", "b": "B"}
    assert (report.full, report.drafts, report.essays) == (True, 0, 2)
    archive.build()
    assert archive.titles() == {}


@of_each
def test_an_essay_made_a_draft_leaves_and_comes_back(archive: Archive) -> None:
    archive.write("a.md", titled("A"))
    archive.build()
    archive.write("a.md", titled("A", more="draft: true"))
    report = archive.build()
    assert (archive.titles(), report.drafts) == ({}, 1)
    archive.write("a.md", titled("A", more="draft: false"))
    archive.build()
    assert archive.titles() == {"a": "A"}


def test_a_draft_that_breaks_stays_out(archive: Archive) -> None:
    archive.write("a.md", titled("A", more="draft: true"))
    archive.build()
    archive.write("a.md", BROKEN)
    archive.build()
    assert archive.titles() == {}


@pytest.mark.parametrize(
    "rules",
    [
        Rules(facets=("mood",)),
        Rules(lang="de"),
        Rules(aliases={"title": ("name",)}),
        Rules(vocabulary={"status": {"x": 1.0}}),
    ],
    ids=["facets", "lang", "aliases", "vocabulary"],
)
def test_other_rules_make_a_full_build(archive: Archive, rules: Rules) -> None:
    archive.write("a.md", "---\nname: Named\nmood: Calm\n---\n")
    first = archive.build()
    report = archive.build(rules)
    assert (report.full, report.generation > first.generation) == (True, True)
    assert archive.titles() == {"a": "Named" if rules.aliases else "a"}
    assert archive.build(rules).generation == report.generation


def damage(name: str) -> Callable[[Path], object]:
    """One way to damage an index, given its generation folder."""

    def toc(folder: Path) -> Path:
        (found,) = folder.glob("_essays_*.toc")
        return found

    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2 :] = b"\xff" * (len(data) - len(data) // 2)
        path.write_bytes(bytes(data))

    def manifest(folder: Path) -> Path:
        (found,) = folder.glob("manifest-*")
        return found

    def cut(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:-9])

    def segment(folder: Path, ending: str) -> Path:
        (found,) = folder.glob(f"*{ending}")
        return found

    def moved(folder: Path) -> None:
        """Lead the pointer out of the index folder, to a generation that is whole."""
        pointer = generation.current(folder.parent)
        folder.rename(folder.parent.parent / "g1")
        astray = msgspec.structs.replace(pointer, folder="../g1").sealed()
        (folder.parent / current).write_bytes(msgspec.json.encode(astray))

    current = "current"
    ways: dict[str, Callable[[Path], object]] = {
        "toc-removed": lambda f: toc(f).unlink(),
        "toc-empty": lambda f: toc(f).write_bytes(b""),
        "toc-truncated": lambda f: cut(toc(f)),
        "toc-garbage": lambda f: flip(toc(f)),
        "folder-removed": shutil.rmtree,
        "current-garbage": lambda f: (f.parent / current).write_bytes(b"\x00garbage"),
        "current-empty": lambda f: (f.parent / current).write_bytes(b""),
        "current-removed": lambda f: (f.parent / current).unlink(),
        "current-of-another-format": lambda f: (f.parent / current).write_text(
            '{"format": 999999, "folder": "g1", "commit": 1, "number": 1}'
        ),
        "current-of-another-time": lambda f: (f.parent / current).write_bytes(
            (f.parent / current).read_bytes().replace(b'"number":1', b'"number":2')
        ),
        "current-names-nothing": lambda f: (f.parent / current).write_bytes(
            msgspec.json.encode(generation.Current(folder="g77", commit=1, number=77).sealed())
        ),
        "current-leads-out": moved,
        "manifest-removed": lambda f: manifest(f).unlink(),
        "manifest-truncated": lambda f: manifest(f).write_bytes(manifest(f).read_bytes()[:20]),
        "manifest-garbage": lambda f: flip(manifest(f)),
        "postings-removed": lambda f: segment(f, ".post").unlink(),
        "postings-cut": lambda f: cut(segment(f, ".post")),
        "postings-empty": lambda f: segment(f, ".post").write_bytes(b""),
        "postings-garbage": lambda f: flip(segment(f, ".post")),
        "documents-removed": lambda f: segment(f, ".docs").unlink(),
        "documents-cut": lambda f: cut(segment(f, ".docs")),
        "documents-garbage": lambda f: flip(segment(f, ".docs")),
    }
    return ways[name]


DAMAGES = [
    "toc-removed", "toc-empty", "toc-truncated", "toc-garbage", "folder-removed",
    "current-garbage", "current-empty", "current-removed", "current-of-another-format",
    "current-of-another-time", "current-names-nothing", "current-leads-out", "manifest-removed",
    "manifest-truncated", "manifest-garbage", "postings-removed", "postings-cut", "postings-empty",
    "postings-garbage", "documents-removed", "documents-cut", "documents-garbage",
]  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_index_is_built_anew(archive: Archive, name: str) -> None:
    archive.write("a.md", titled("A"))
    first = archive.build()
    damage(name)(archive.index / generation.current(archive.index).folder)
    archive.write("b.md", titled("B"))
    report = archive.build()
    assert report.full
    assert archive.titles() == {"a": "A", "b": "B"}
    assert report.generation > first.generation or name.startswith(("current", "folder"))
    assert not archive.build().full


def test_an_index_whose_list_of_files_has_another_form_is_built_anew(archive: Archive) -> None:
    archive.write("a.md", titled("A"))
    archive.build()
    pointer = generation.current(archive.index)
    known = [*generation.manifest(archive.index, pointer)]
    data = msgspec.msgpack.encode({"rules": Rules().fingerprint(), "files": known})
    pointer = msgspec.structs.replace(pointer, manifest=xxhash.xxh3_64_hexdigest(data)).sealed()
    folder = archive.index / pointer.folder
    (folder / generation.manifest_name(pointer)).write_bytes(data)
    (archive.index / "current").write_bytes(msgspec.json.encode(pointer))
    assert archive.titles() == {"a": "A"}  # readers need no list
    assert archive.build().full
    assert archive.titles() == {"a": "A"}
    assert not archive.build().full


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("toc-removed", IndexDamaged),
        ("toc-garbage", IndexDamaged),
        ("current-garbage", IndexDamaged),
        ("current-of-another-format", IndexDamaged),
        ("current-removed", IndexMissing),
    ],
)
def test_a_reader_of_a_damaged_index_is_told(
    archive: Archive, name: str, error: type[Exception]
) -> None:
    archive.write("a.md")
    archive.build()
    folder = archive.index / generation.current(archive.index).folder
    damage(name)(folder)
    with pytest.raises(error, match=str(archive.index)):
        answers(archive.index)


class Interrupted(Exception):
    pass


def interrupt(done: int, of: int) -> None:
    if done < of:
        raise Interrupted


@of_each
@pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])
def test_an_interrupted_build_leaves_the_last_generation(archive: Archive, full: bool) -> None:
    for name in MANY:
        archive.write(f"{name}.md", titled(name))
    first = archive.build()
    for name in MANY:
        archive.write(f"{name}.md", titled(f"{name}, edited"))
    with pytest.raises(Interrupted):
        archive.build(full=full, progress=interrupt)
    assert archive.titles() == {name: name for name in MANY}
    report = archive.build()
    assert counts(report) == (0, len(MANY), 0, 0)
    assert report.generation > first.generation
    assert archive.titles() == {name: f"{name}, edited" for name in MANY}


@of_each
def test_an_interrupted_first_build_leaves_nothing(archive: Archive) -> None:
    for name in MANY:
        archive.write(f"{name}.md")
    with pytest.raises(Interrupted):
        archive.build(progress=interrupt)
    with pytest.raises(IndexMissing):
        archive.essays()
    assert archive.build().full
    assert list(archive.titles()) == MANY


def test_a_reader_of_the_last_generation_keeps_it(archive: Archive) -> None:
    archive.write("a.md", titled("One"))
    archive.build()
    with whoosh_reader.opened(archive.index) as reader:
        archive.write("a.md", titled("Two"))
        archive.build()
        archive.build(full=True)
        assert [document.card(s).title for s in reader.all_stored_fields()] == ["One"]
    assert archive.titles() == {"a": "Two"}


def test_a_folder_of_one_generation_stays(archive: Archive) -> None:
    archive.write("a.md")
    for _ in range(3):
        archive.build(full=True)
    assert [p.name for p in archive.index.glob("g*")] == [generation.current(archive.index).folder]


def test_only_one_build_at_a_time(archive: Archive) -> None:
    archive.write("a.md")
    archive.build()
    with generation.lock(archive.index):
        with pytest.raises(IndexLocked, match=str(archive.index)) as caught:
            archive.build()
        assert caught.value.hint
    assert counts(archive.build()) == (0, 0, 0, 1)


HOLD = """
import sys, pathlib
from indexer.storage import generation
with generation.lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_dies_with_its_process(archive: Archive) -> None:
    archive.write("a.md")
    archive.build()
    root = Path(generation.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(archive.index)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexLocked):
            archive.build()
        holder.kill()
        holder.wait()
    assert counts(archive.build()) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("limit", "value", "sizes"),
    [("MAX_DOCUMENTS", 9, [8, 8, 4]), ("MAX_DOCUMENTS", 8, [8, 8, 4]), ("MAX_WORDS", 24, [12, 8])],
)
def test_no_batch_goes_past_the_limits_of_a_segment(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(workers, "MAX_BATCH", 4)
    monkeypatch.setattr(segment_writer, limit, value)
    for number in range(20):  # two words each: one of the title, one of the text
        archive.write(f"{number:02}.md", titled(f"E{number}"))
    archive.build()
    assert segment_sizes(archive) == sizes
    assert len(archive.essays()) == 20


def test_essays_that_only_get_another_slug_stay_within_the_limits_of_a_segment(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        archive.write(f"b/{number}.md", titled(f"B{number}", f"slug-{number}"))
    archive.build()
    monkeypatch.setattr(workers, "MAX_BATCH", 2)
    monkeypatch.setattr(segment_writer, "MAX_DOCUMENTS", 4)
    for number in range(6):
        archive.write(f"a/{number}.md", titled(f"A{number}", f"slug-{number}"))
        archive.write(f"b/{number}.md", BROKEN)
    archive.build()
    assert segment_sizes(archive) == [4, 4, 4]
    assert sorted(archive.titles().values()) == [f"{x}{n}" for x in "AB" for n in range(6)]


def segment_sizes(archive: Archive) -> list[int]:
    segments = generation.segments_of(archive.index, generation.current(archive.index))
    return [segment.size for segment in segments]


@of_each
def test_many_workers_build_what_one_builds(archive: Archive) -> None:
    for n in range(200):
        archive.write(f"{n % 7}/{n}.md", titled(f"Essay {n}", f"slug-{n % 150}"))
    archive.write("broken.md", BROKEN)
    archive.write("draft.md", titled("D", more="draft: true"))
    seen: list[tuple[int, int]] = []
    one = archive.build()
    first = archive.essays()
    two = archive.build(full=True, jobs=2, progress=lambda done, of: seen.append((done, of)))
    assert archive.essays() == first
    assert counts(two) == counts(one)
    assert two.problems == one.problems
    assert len(first) == 200
    assert seen == sorted(set(seen))
    assert seen[-1] == (202, 202)


names = st.sampled_from(["a.md", "b.md", "c.md", "d/a.md", "d/e.md"])
edits = st.one_of(
    st.tuples(
        st.just("write"),
        names,
        st.tuples(
            st.sampled_from(["", "one", "one-2", "two"]),
            st.sampled_from(["One", "Two"]),
            st.sampled_from(["", "draft: true", "tags: [x, Y]", "date: 2024-02-30", "status: log"]),
        ),
    ),
    st.tuples(st.just("remove"), names, st.none()),
    st.tuples(st.just("touch"), names, st.none()),
    st.tuples(st.just("rename"), names, names),
    st.tuples(st.just("build"), st.none(), st.none()),
)


def apply(archive: Archive, what: str, path: str | None, with_: object) -> None:
    if what == "build":
        archive.build()
        return
    assert path is not None
    place = archive.content / path
    if what == "write":
        assert isinstance(with_, tuple)
        slug, title, more = with_
        archive.write(path, titled(title, slug, more))
    elif place.exists():
        if what == "remove":
            archive.remove(path)
        elif what == "touch":
            archive.write(path, place.read_bytes())
        elif what == "rename":
            target = archive.content / str(with_)
            target.parent.mkdir(exist_ok=True)
            place.rename(target)


def facets(essays: dict[str, Essay]) -> dict[str, object]:
    return {
        path: (essay.slug, essay.title, [essay.facet(name) for name in FACETS])
        for path, essay in essays.items()
    }


@settings(max_examples=40)
@given(st.lists(edits, min_size=1, max_size=10), st.sampled_from([0, 2, 256]))
def test_after_any_edits_an_incremental_build_equals_a_full_one(
    sequence: list[tuple[str, str | None, object]], most: int
) -> None:
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "MOST_LISTED", most)
        archive = Archive(Path(root))
        archive.build()
        for edit in sequence:
            apply(archive, *edit)
        step = archive.build()
        assert step.added + step.changed + step.unchanged == step.essays
        incremental = archive.essays()
        fresh = build(archive.content, Path(root) / "fresh", Rules(), jobs=1)
        expected = answers(Path(root) / "fresh")
    assert facets(incremental) == facets(expected)
    assert incremental == expected
    assert step.problems == fresh.problems
    assert (step.essays, step.drafts, step.files) == (fresh.essays, fresh.drafts, fresh.files)


def versions() -> Iterator[str]:
    yield from (titled("One", "one"), BROKEN, "---\ntitle", titled("Two", "one"))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a.md", "b.md", "c.md"]), st.sampled_from(list(versions()))),
        max_size=8,
    )
)
def test_files_that_break_and_mend_answer_under_slugs_of_their_own(
    sequence: list[tuple[str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as root:
        archive = Archive(Path(root))
        archive.build()
        good: dict[str, str] = {}
        for path, text in sequence:
            archive.write(path, text)
            if text in (titled("One", "one"), titled("Two", "one")):
                good[path] = "One" if "One" in text else "Two"
            report = archive.build()
            found = archive.essays()
            assert {p: essay.title for p, essay in found.items()} == good
            assert report.essays == len(good)
