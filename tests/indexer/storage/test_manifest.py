"""What is known of every file, packed one by one and read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.essay import Problem
from indexer.storage import manifest
from indexer.storage.manifest import Known, Manifest, ManifestBuilder

paths = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
problems = st.lists(st.builds(Problem, paths, st.integers(0, 9), paths), max_size=2).map(tuple)
files = st.lists(
    st.builds(
        Known, paths, st.integers(0, 2**40), st.integers(0, 2**62), paths, paths, paths,
        st.booleans(), st.booleans(), problems,
    ),
    max_size=20,
    unique_by=lambda known: known.path,
)  # fmt: skip


def built(known: list[Known]) -> ManifestBuilder:
    made = ManifestBuilder()
    for each in known:
        made.add(each)
    return made


@given(files, st.booleans())
def test_files_come_back_in_the_order_of_their_paths(known: list[Known], sort: bool) -> None:
    ordered = sorted(known, key=lambda each: each.path)
    made = built(ordered if sort else known)
    whole = Manifest("rules", tuple(ordered))
    assert made.encoded("rules") == whole.encoded()
    assert manifest.decode(made.encoded("rules")) == whole
    assert made.files == len(known)
    assert made.essays == sum(each.indexed for each in known)
    assert made.drafts == sum(each.draft and not each.indexed for each in known)
    assert sorted(map(str, made.problems)) == sorted(
        str(problem) for each in known for problem in each.problems
    )


@pytest.mark.parametrize("count", [0, 15, 16, 65_535, 65_536])
def test_any_number_of_files(count: int) -> None:
    known = [Known(f"{n:05}.md", n, n, "") for n in range(count)]
    assert built(known).encoded("") == Manifest("", tuple(known)).encoded()
