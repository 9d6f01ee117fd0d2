"""What is known of every file, through any edits, against a dictionary."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.essay import Problem
from indexer.storage import manifest
from indexer.storage.arrays import Arrays
from indexer.storage.file_columns import Columns
from indexer.storage.manifest import Known, Listed, Manifest, ManifestBuilder

texts = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=4)
#: Folders whose files stand between those of others in the order of paths.
folders = st.sampled_from(["", "a", "a/b", "a-", "ä"])
names = st.one_of(st.sampled_from(["b", "b.md", "c.md"]), texts)
paths = st.tuples(folders, names).map(lambda both: "/".join(filter(None, both)))
digests = st.one_of(st.just(""), st.binary(min_size=16, max_size=16).map(bytes.hex), texts)
slugs = st.sampled_from(["one", "one-2", "two", "ä", ""])
problems = st.lists(st.builds(Problem, texts, st.integers(0, 9), texts), max_size=1).map(tuple)
known = st.builds(
    Known, paths, st.integers(0, 2**40), st.integers(-(2**62), 2**62), digests, slugs, slugs,
    st.booleans(), st.booleans(), problems,
)  # fmt: skip
#: For each build what becomes known, and which of the files before it are gone.
builds = st.lists(
    st.tuples(st.lists(known, max_size=9, unique_by=lambda k: k.path), st.sets(st.integers(0, 20))),
    max_size=5,
)


def reread(folder: Path, listed: Listed) -> Manifest:
    listed = manifest.decode(manifest.encode(listed))
    if not listed.columns:
        return Manifest(listed)
    return Manifest(listed, Columns(Arrays(folder / listed.columns)))


@given(builds, st.integers(0, 6))
def test_any_edits(steps: list[tuple[list[Known], set[int]]], most: int) -> None:
    expected: dict[str, Known] = {}
    last = Manifest()
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "MOST_LISTED", most)
        folder = Path(made)
        for told, gone in steps:
            building = ManifestBuilder(last)
            missing = [known for number, known in enumerate(expected.values()) if number in gone]
            told_paths = {each.path for each in told}
            for each in missing:
                if each.path not in told_paths:
                    building.remove(each)
                    del expected[each.path]
            before = dict(expected)
            for each in told:
                building.add(each)
                expected[each.path] = each
            assert sorted(map(str, building.problems())) == sorted(
                str(problem) for each in expected.values() for problem in each.problems
            )
            last = reread(folder, building.written(folder, "rules", "essays_"))
            if not missing and before == expected:
                assert building.unchanged
            compare(last, expected)


def compare(found: Manifest, expected: dict[str, Known]) -> None:
    assert found.rules == "rules"
    assert {each.path: each for each in found} == expected
    assert {path: found.get(path) for path in expected} == expected
    for path in {"nothing.md", "a/nothing", "", "a"} - expected.keys():
        assert found.get(path) is None
    indexed = [each for each in expected.values() if each.indexed]
    for slug in ("one", "one-2", "two", "ä", "", "nobody's"):
        owners = {each.path for each in indexed if each.slug == slug}
        assert found.owner(slug) in owners or (found.owner(slug), owners) == (None, set())
    assert sorted(found.conflicts()) == sorted(
        each.path for each in indexed if each.slug != each.wanted
    )
    counts = found.counts
    assert (counts.files, counts.essays) == (len(expected), len(indexed))
    assert counts.drafts == sum(each.draft for each in expected.values())
    assert counts.left_out == sum(e.draft and not e.indexed for e in expected.values())
    assert len(found.problems()) == sum(len(each.problems) for each in expected.values())


def test_columns_lie_by_folder_and_name(tmp_path: Path) -> None:
    building = ManifestBuilder(Manifest())
    paths = ["b.md", "a/z.md", "a-x.md", "a/b/c.md", "a/b.md", "a/c.md"]
    for number, path in enumerate(paths):
        building.add(Known(path, number, -number, "0" * 32, "x" * number, "x" * number, True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "MOST_LISTED", 0)
        found = reread(tmp_path, building.written(tmp_path, "", "essays_")).columns
    assert found is not None
    assert found.folders == ["", "a", "a/b"]
    assert found.names(found.span("a")) == b"b.md\0c.md\0z.md\0"
    assert [found.path(n) for n in found.span("a")] == ["a/b.md", "a/c.md", "a/z.md"]
    assert found.sizes.tolist() == [2, 0, 4, 5, 1, 3]
    assert [found.find(path) for path in sorted(paths)] == [0, 2, 5, 3, 4, 1]
    assert found.span("a-") == range(0)
