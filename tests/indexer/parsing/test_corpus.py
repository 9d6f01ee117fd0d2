"""Which files are essays, and that no file costs more than itself."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.errors import ContentMissing
from indexer.essay import Essay, Moment, Problem, Rating
from indexer.parsing import corpus
from indexer.parsing.corpus import Reading
from indexer.parsing.rules import Rules
from indexer.parsing.walk import File
from indexer.parsing.yaml_text import MAX_VALUES
from indexer.schema import document


def write(folder: Path, path: str, data: str | bytes = "Text.") -> Path:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data if isinstance(data, bytes) else data.encode())
    return place


def scan(folder: Path, **rules: object) -> list[str]:
    files, problems = corpus.scan(folder, Rules(**rules))  # type: ignore[arg-type]
    assert problems == []
    return [file.path for file in files]


def read(folder: Path, data: str | bytes, rules: Rules | None = None) -> Reading:
    write(folder, "a.md", data)
    return corpus.read_file(folder, "a.md", rules or Rules())


def essay(folder: Path, data: str | bytes, rules: Rules | None = None) -> Essay:
    reading = read(folder, data, rules)
    assert reading.problems == ()
    assert reading.essay is not None
    return reading.essay


LISTED = {
    "a.md": True,
    "b.markdown": True,
    "c.mdx": True,
    "D.MD": True,
    "x/y/z/deep.md": True,
    "x/README.md": True,
    "größe/音楽 🙂.md": True,
    "x.md/inner.md": True,
    "a b/c d.md": True,
    "..md": False,
    "README.md": False,
    ".hidden.md": False,
    ".git/a.md": False,
    "x/.obsidian/a.md": False,
    "a.txt": False,
    "md": False,
    "a.md.bak": False,
}


def test_which_files_are_essays(tmp_path: Path) -> None:
    for path in LISTED:
        write(tmp_path, path)
    assert scan(tmp_path) == sorted(path for path, listed in LISTED.items() if listed)


@pytest.mark.parametrize("name", ["README.md", "readme.md", "ReadMe.MD"])
def test_the_readme_at_the_root_is_not_an_essay(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    write(tmp_path, f"x/{name}")
    assert scan(tmp_path) == [f"x/{name}"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("drafts", ["a.md", "b.mdx", "x/drafts/d.md"]),
        ("drafts/", ["a.md", "b.mdx", "x/drafts/d.md"]),
        ("drafts/*", ["a.md", "b.mdx", "x/drafts/d.md"]),
        ("*/drafts", ["a.md", "b.mdx", "drafts/c.md"]),
        ("*.mdx", ["a.md", "drafts/c.md", "x/drafts/d.md"]),
        ("[ab].md*", ["drafts/c.md", "x/drafts/d.md"]),
        ("*", []),
        ("nothing", ["a.md", "b.mdx", "drafts/c.md", "x/drafts/d.md"]),
    ],
)
def test_settings_can_leave_out_more(tmp_path: Path, pattern: str, left: list[str]) -> None:
    for path in ("a.md", "b.mdx", "drafts/c.md", "x/drafts/d.md"):
        write(tmp_path, path)
    assert scan(tmp_path, exclude=(pattern,)) == left


def test_a_file_is_known_by_size_and_time(tmp_path: Path) -> None:
    place = write(tmp_path, "a.md", "12345")
    os.utime(place, ns=(1, 1_700_000_000_000_000_007))
    assert corpus.scan(tmp_path, Rules())[0] == [File("a.md", 5, place.stat().st_mtime_ns)]


def test_an_empty_folder_has_no_essays(tmp_path: Path) -> None:
    assert scan(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "what"), [("gone", "does not exist"), ("a.md", "is not a folder")]
)
def test_no_content_folder(tmp_path: Path, name: str, what: str) -> None:
    write(tmp_path, "a.md")
    with pytest.raises(ContentMissing, match=what) as caught:
        corpus.scan(tmp_path / name, Rules())
    assert str(tmp_path / name) in str(caught.value)
    assert "argument" in caught.value.hint


def test_symbolic_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    content = tmp_path / "content"
    write(content, "x/a.md")
    write(tmp_path, "elsewhere/b.md")
    (content / "x/up").symlink_to(content)
    (content / "x/self").symlink_to(content / "x")
    (content / "other").symlink_to(tmp_path / "elsewhere")
    (content / "c.md").symlink_to(tmp_path / "elsewhere/b.md")
    (content / "d.md").symlink_to(content / "x/a.md")
    assert scan(content, follow_links=True) == ["c.md", "d.md", "other/b.md", "x/a.md"]


def problems(folder: Path) -> list[tuple[str, int, str, str]]:
    files, found = corpus.scan(folder, Rules())
    assert [file.path for file in files] == ["good.md"]
    return [(p.path, p.line, p.what, p.hint) for p in found]


def test_what_cannot_be_listed_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "good.md")
    (tmp_path / "dangling.md").symlink_to(tmp_path / "gone")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    os.mkfifo(tmp_path / "pipe.md")
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "another.txt")
    (tmp_path / "device.md").symlink_to("another.txt")
    found = sorted(problems(tmp_path))
    assert [(path, line) for path, line, *_ in found] == [
        ("dangling.md", 0),
        ("device.md", 0),
        ("loop.md", 0),
        ("pipe.md", 0),
    ]
    whats = {path: what for path, _, what, _ in found}
    assert whats["dangling.md"] == "The file cannot be read: No such file or directory."
    assert whats["loop.md"].startswith("The file cannot be read: Too many levels")
    assert whats["pipe.md"] == whats["device.md"] == "This is not a regular file."
    assert all(hint for *_, hint in found)


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    write(tmp_path, "good.md")
    os.close(os.open(os.fsencode(tmp_path) + b"/caf\xe9.md", os.O_CREAT | os.O_WRONLY))
    os.close(os.open(os.fsencode(tmp_path) + b"/caf\xe9.png", os.O_CREAT | os.O_WRONLY))
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    assert sorted(problems(tmp_path)) == [
        ("caf?", 0, "The file's name is not UTF-8.", "Give it a new name."),
        ("caf?.md", 0, "The file's name is not UTF-8.", "Give it a new name."),
    ]


WHOLE = """---
title: On maps
description: d
publishdate: 2024-01-30T05:00:00Z
tags: [a, b]
status: {value: Notes, percentage: 35}
certainty: log
importance: 7
author: Ada
draft: "true"
mood: calm
---

Before.

## Part one

See [b](b.md).
"""


def test_an_essay_is_everything_its_file_says(tmp_path: Path) -> None:
    found = essay(tmp_path, WHOLE)
    assert (found.path, found.slug, found.title, found.description) == ("a.md", "a", "On maps", "d")
    assert found.published == Moment("2024-01-30T05:00:00Z")
    assert (found.tags, found.authors, found.extra) == (("a", "b"), ("Ada",), {"mood": "calm"})
    assert (found.status, found.certainty) == (Rating("Notes", 35), Rating("log"))
    assert (found.importance, found.draft, found.lang) == (Rating(7, 70), True, "en")
    assert [(s.title, s.text) for s in found.sections] == [("", "Before."), ("Part one", "See b.")]
    assert (found.links, found.words) == (("b.md",), 5)
    assert 'href="essay:b.md"' in found.html


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("---\ntitle: Given\n---\n# Heading", "Given", id="given"),
        pytest.param("---\ntitle:\n---\n# Heading\n\n## b", "Heading", id="empty-then-heading"),
        pytest.param("Text.\n\n### Later *one*", "Later one", id="any-first-heading"),
        pytest.param("# \n\nText.", "a", id="empty-heading-then-file"),
        pytest.param("Text.", "a", id="file"),
        pytest.param("", "a", id="empty-file"),
    ],
)
def test_where_a_title_comes_from(tmp_path: Path, text: str, title: str) -> None:
    assert essay(tmp_path, text).title == title


@pytest.mark.parametrize(
    ("path", "text", "slug"),
    [
        ("x/a b.md", "Text.", "x/a b"),
        ("x/a.b.markdown", "Text.", "x/a.b"),
        ("größe/音楽.md", "Text.", "größe/音楽"),
        ("x/a.md", "---\nslug: /y/z/\n---", "y/z"),
        ("x/a.md", "---\npermalink: https://e.org/y/\n---", "y"),
        ("x/a.md", "---\nslug: ../..\n---", "x/a"),
        (" .md", "Text.", "untitled"),
    ],
)
def test_where_a_slug_comes_from(tmp_path: Path, path: str, text: str, slug: str) -> None:
    write(tmp_path, path, text)
    found = corpus.read_file(tmp_path, path, Rules()).essay
    assert found is not None
    assert found.slug == slug


SAME = {
    "utf8": "---\ntitle: Größe\n---\n\nÄ b.".encode(),
    "bom": b"\xef\xbb\xbf" + "---\ntitle: Größe\n---\n\nÄ b.".encode(),
    "crlf": "---\r\ntitle: Größe\r\n---\r\n\r\nÄ b.\r\n".encode(),
    "decomposed": "---\ntitle: Gro\u0308ße\n---\n\nA\u0308 b.".encode(),
    "blanks-above": "\n\n---\ntitle: Größe\n---\nÄ b.".encode(),
}


@pytest.mark.parametrize("data", SAME.values(), ids=SAME.keys())
def test_one_text_however_it_is_stored(tmp_path: Path, data: bytes) -> None:
    found = essay(tmp_path, data)
    assert (found.title, found.sections[0].text) == ("Größe", "Ä b.")


def test_control_characters_become_visible(tmp_path: Path) -> None:
    found = essay(tmp_path, '---\ntitle: "a\x00b\\0c"\n---\nd\x00e\x01f')
    assert found.title == "a\ufffdb\ufffdc"
    assert found.sections[0].text == "d\ufffde\ufffdf"
    assert essay(tmp_path, '{"title": "\\ud800", "tags": ["\\udfff"]}\n').tags == ("\ufffd",)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(b)}: &{chr(b)} [*{chr(b - 1)}, *{chr(b - 1)}]\n" for b in range(ord("b"), ord("z"))
)
BROKEN: dict[str, tuple[str | bytes, int, str, str]] = {
    "not-utf8": (b"one\ntwo\nthr\xe9e\n", 3, "The file is not UTF-8.", "UTF-8"),
    "not-utf8-first": (b"\xff\xfeo\x00", 1, "The file is not UTF-8.", "UTF-8"),
    "not-utf8-bom": (b"\xef\xbb\xbfone\n\xff", 2, "The file is not UTF-8.", "UTF-8"),
    "cut-in-a-letter": ("a\nö".encode()[:-1], 2, "The file is not UTF-8.", "UTF-8"),
    "unclosed": ("\n---\ntitle: a\n", 2, "YAML front matter is opened here and never", "Close it"),
    "yaml": ("---\nb: 1\na: b: c\n---\n", 3, "The front matter is not valid YAML", "quotes"),
    "bomb": (f"---\n{BOMB}---\n", 1, f"expands to more than {MAX_VALUES:,}", "aliases"),
    "deep": ("---\na: " + "[" * 99_999 + "\n---\n", 2, "nested too deeply", "Flatten"),
    "python": ("---\na: !!python/object:os.x {}\n---\n", 2, "an unknown tag", ""),
    "toml": ("+++\na = 1\nb\n+++\n", 3, "The front matter is not valid TOML", "quotes"),
    "json": ('{\n"a": 1\n"b": 2\n}\n', 3, "The front matter is not valid JSON", "commas"),
}


@pytest.mark.parametrize(("data", "line", "what", "hint"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_a_problem_and_no_essay(
    tmp_path: Path, data: str | bytes, line: int, what: str, hint: str
) -> None:
    reading = read(tmp_path, data)
    assert reading.essay is None
    (problem,) = reading.problems
    assert (problem.path, problem.line) == ("a.md", line)
    assert what in problem.what
    assert hint in problem.hint
    assert reading.digest == corpus.digest((tmp_path / "a.md").read_bytes())


def test_a_file_too_large_is_never_read(tmp_path: Path) -> None:
    rules = Rules(max_bytes=10)
    assert read(tmp_path, "x" * 10, rules).essay is not None
    with (tmp_path / "a.md").open("wb") as file:
        file.truncate(100_000_000)  # a hole: takes no space
    reading = corpus.read_file(tmp_path, "a.md", rules)
    assert reading == Reading(
        path="a.md",
        problems=(
            Problem(
                "a.md",
                1,
                "The file has 100,000,000 bytes; the limit is 10.",
                "Split it, or raise max_bytes in essays.toml.",
            ),
        ),
    )


def test_a_file_that_vanished(tmp_path: Path) -> None:
    (problem,) = corpus.read_file(tmp_path, "gone.md", Rules()).problems
    assert problem.what == "The file disappeared while the index was built."


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    (problem,) = corpus.read_file(tmp_path, "a.md", Rules()).problems
    assert problem.what == "The file cannot be read: Is a directory."


def test_a_known_file_is_not_parsed(tmp_path: Path) -> None:
    first = read(tmp_path, "---\nbroken")
    assert first.problems
    again = corpus.read_file(tmp_path, "a.md", Rules(), first.digest)
    assert again == Reading(path="a.md", digest=first.digest)


def test_a_file_that_takes_too_long(tmp_path: Path) -> None:
    text = "---\ntitle: a\n---\n\n" + "<a " * 20_000 + "end"
    rules = Rules(deadline=0.3)
    started = time.process_time()
    reading = read(tmp_path, text, rules)
    assert time.process_time() - started < 10
    assert reading.essay is not None
    assert reading.essay.sections[0].text.endswith("end")
    (problem,) = reading.problems
    seconds = f"{rules.seconds(len(text)):g}"
    assert problem.what == f"The text takes more than {seconds} seconds to render."
    assert (problem.line, problem.hint[:26]) == (5, "It is shown as plain text;")
    assert read(tmp_path, "Text.", rules).problems == ()


def test_reading_works_outside_the_main_thread(tmp_path: Path) -> None:
    found: list[Reading] = []
    thread = threading.Thread(target=lambda: found.append(read(tmp_path, "Text.")))
    thread.start()
    thread.join()
    assert found[0].essay is not None


def test_markup_that_cannot_be_rendered_is_shown_as_it_is(tmp_path: Path) -> None:
    reading = read(tmp_path, "---\ntitle: a\n---\n\n" + "<div>" * 3_000 + "words & more")
    assert reading.essay is not None
    assert "words & more" in reading.essay.sections[0].text
    assert reading.essay.html.endswith("words &amp; more</pre>")
    (problem,) = reading.problems
    assert (problem.line, problem.hint) == (5, "It is shown as plain text; simplify its markup.")


def test_a_wrong_value_and_the_essay(tmp_path: Path) -> None:
    reading = read(tmp_path, "---\ntitle: a\ndate: 2024-02-30\n---\nText.")
    assert reading.essay is not None
    assert [(p.line, p.what) for p in reading.problems] == [(3, "date is not a date: 2024-02-30.")]


pieces = st.sampled_from(
    "---\n|+++\n|;;;\n|{\n|}\n|# ==========\n|title: |date: "
    "|draft: |slug: |tags: |http://[|[|]|{|\"|'"
    "|&a |*a|!!int |!!set |<<: |- |\n|\r\n|\t|  |\x00"
    "|\x85|\u2028|\ufeff|<div>|[x](a.md#|```\n".split("|")
)


@given(st.lists(pieces | st.text(max_size=8), max_size=16).map("".join))
@example("---\ndate: !!timestamp x\n---\n")
@example('{"a": "\\ud800"}\n')
@example("---\n? a\n: !!binary =\n---\n")
def test_any_text_gives_an_essay_or_a_problem(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read(Path(folder), text)
    if reading.essay is None:
        assert reading.problems
    else:
        assert all(
            value.encode() for values in document.values(reading.essay).values() for value in values
        )
        assert all(document.stored(reading.essay).values())
        assert reading.essay.title
        assert reading.essay.slug
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(p.what and p.hint and 0 <= p.line <= lines for p in reading.problems)


@given(st.binary(max_size=60))
def test_any_bytes_give_an_essay_or_a_problem(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = read(Path(folder), data)
    assert (reading.essay is None) <= bool(reading.problems)
    assert reading.digest == corpus.digest(data)
