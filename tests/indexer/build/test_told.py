"""A build that is told what changed makes what one that looks at everything makes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.build import told as told_
from indexer.build.build import bring_up_to_date, build
from indexer.build.report import Built
from indexer.build.stored_versions import cards
from indexer.build.told import Told, plan_told
from indexer.errors import ContentMissing
from indexer.parsing.rules import Rules
from indexer.storage import generation, manifest

if TYPE_CHECKING:
    from tests.conftest import Archive

RULES = Rules(meaning=False, exclude=("left-out",))
BROKEN = "---\ntitle: [\n---\n"
names = st.sampled_from(["a.md", "b.md", "d/a.md", "d/e/f.md", "left-out/x.md", ".h.md", "n.txt"])
whats = st.sampled_from(
    ["one", "two", "broken", "draft", "remove", "touch", "rename", "move folder", "remove folder",
     "link", "hard link", "chmod"],
)  # fmt: skip


def edit(content: Path, what: str, name: str) -> Iterator[Path]:
    """Change something, and tell of it as a watch of every folder would."""
    place = content / name
    texts = {"one": "---\nslug: s\n---\nOne.", "two": "---\nslug: s-2\n---\nTwo.",
             "broken": BROKEN, "draft": "---\ndraft: true\n---\n"}  # fmt: skip
    if what in texts:
        for folder in reversed([p for p in place.parents if not p.exists()]):
            folder.mkdir()
            yield folder
        place.write_text(texts[what])
        yield place
        return
    if not place.exists():
        return
    if what == "remove":
        place.unlink()
    elif what == "touch":
        os.utime(place, (1, 1))
    elif what == "rename":
        place.rename(place.with_name("renamed.md"))
        yield place.with_name("renamed.md")
    elif what == "move folder" and (content / "d").exists():
        place = content / "d"
        target = content / "moved"
        if not target.exists():
            place.rename(target)
            yield target
    elif what == "remove folder":
        shutil.rmtree(content / "d", ignore_errors=True)
        place = content / "d"
    elif what == "link" and not (content / "link.md").exists():
        (content / "link.md").symlink_to(place)
        place = content / "link.md"
    elif what == "hard link" and not (content / "hard.md").exists():
        os.link(place, content / "hard.md")
        place = content / "hard.md"
    elif what == "chmod":
        place.chmod(0o600)
    yield place


def state(built: Built, index: Path) -> tuple[object, ...]:
    """What answers, and what the report says; of broken files only that they are, since the last
    good version of each answers where there was one."""
    report = built.report
    broken = {problem.path for problem in report.problems if "YAML" in problem.what}
    if broken:
        return sorted(broken), report.drafts, report.files
    essays = {each.path: (each.slug, each.title) for each in cards(index)}
    return essays, report.problems, report.essays, report.drafts, report.files


@settings(max_examples=40)
@given(st.lists(st.lists(st.tuples(whats, names), max_size=3), max_size=6), st.integers(0, 3))
def test_after_any_edits_it_equals_a_full_build(
    steps: list[list[tuple[str, str]]], most: int
) -> None:
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "MOST_LISTED", most)
        content, index = Path(root, "content"), Path(root, "index")
        content.mkdir()
        built = bring_up_to_date(content, index, RULES, jobs=1)
        for step in steps:
            told = {str(place) for what, name in step for place in edit(content, what, name)}
            built = bring_up_to_date(
                content, index, RULES, jobs=1, told=Told(frozenset(told), built.seen)
            )
            shutil.rmtree(Path(root, "fresh"), ignore_errors=True)
            fresh = bring_up_to_date(content, Path(root, "fresh"), RULES, jobs=1)
            assert state(built, index) == state(fresh, Path(root, "fresh"))


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    made = make()
    made.write("a.md", "Of a.")
    made.write("d/b.md", "Of b.")
    return made


def planned(archive: Archive, seen: told_.Seen, *paths: str) -> list[str] | None:
    """What a build would read or forget; None where it looks at the whole folder."""
    known = generation.manifest(archive.index, generation.current(archive.index))
    told = Told(frozenset(str(archive.content / path) for path in paths), seen)
    plan = plan_told(archive.content, told, known, archive.rules)
    if plan is None:
        return None
    return [each.path for each in plan.suspects] + [f"-{each.path}" for each in plan.missing]


def test_plain_files_take_no_look_at_the_folder(archive: Archive) -> None:
    seen = bring_up_to_date(archive.content, archive.index, archive.rules, jobs=1).seen
    archive.write("a.md", "Of a, edited.")
    archive.write("c.md", "Of c.")
    (archive.content / "d" / "b.md").unlink()
    (archive.content / "x.txt").write_text("No essay.")
    assert planned(archive, seen, "a.md", "c.md", "d/b.md", "x.txt", ".hidden.md", "gone.md") == [
        "a.md", "c.md", "-d/b.md",
    ]  # fmt: skip


def test_what_is_not_beyond_question_takes_a_look(archive: Archive) -> None:
    seen = bring_up_to_date(archive.content, archive.index, archive.rules, jobs=1).seen
    content = archive.content
    assert planned(archive, seen, "a.md") is not None
    (content / "link.md").symlink_to("a.md")
    os.link(content / "a.md", content / "hard.md")
    (content / "new").mkdir()
    for path in ("link.md", "hard.md", "a.md", "d", "new", "new/x.md", "d/deep/x.md"):
        assert planned(archive, seen, path) is None, path
    (content / "hard.md").unlink()
    assert planned(archive, seen, "a.md") is not None
    assert planned(archive, seen._replace(links=True), "a.md") is None
    assert planned(archive, seen, *(f"{n}.md" for n in range(told_.MOST + 1))) is None
    shutil.rmtree(content / "d")
    assert planned(archive, seen, "d") is None
    assert planned(archive, seen, "d/b.md") is None


def test_another_state_of_the_index_takes_a_look(archive: Archive) -> None:
    content, index, rules = archive.content, archive.index, archive.rules
    seen = bring_up_to_date(content, index, rules, jobs=1).seen
    archive.write("a.md", "Of a, edited.")
    build(content, index, rules, jobs=1)
    archive.write("c.md", "Nobody told of this.")
    built = bring_up_to_date(content, index, rules, jobs=1, told=Told(frozenset(), seen))
    assert built.report.added == 1
    archive.write("e.md", "Nor of this.")
    told = Told(frozenset(), built.seen)
    assert bring_up_to_date(content, index, rules, jobs=1, told=told).report.added == 0
    other = Rules(meaning=False, lang="de")
    assert bring_up_to_date(content, index, other, jobs=1, told=told).report.essays == 4
    shutil.rmtree(content)
    with pytest.raises(ContentMissing):
        bring_up_to_date(content, index, other, jobs=1, told=told)
