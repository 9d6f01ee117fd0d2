"""A link shows what could be shown at its own place, and folders that link round cost nothing."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.errors import FileRefused
from indexer.parsing import corpus, symlinks
from indexer.parsing.corpus import Reading
from indexer.parsing.markup import SUFFIXES
from indexer.parsing.rules import Rules
from tests.conftest import Archive

FOLLOW = Rules(follow_links=True)


def write(place: Path, text: str = "Text.") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


@pytest.fixture(params=["folder", "link"])
def content(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A content folder, also by a link to it; beside it a folder of others."""
    real = tmp_path / "real"
    real.mkdir()
    write(tmp_path / "outside/secret.md", "The secret.")
    write(tmp_path / "outside/secret.txt", "The secret.")
    write(tmp_path / "outside/deep/more.md", "More.")
    if request.param == "folder":
        return real
    (tmp_path / "by-link").symlink_to(real)
    return tmp_path / "by-link"


def scan(content: Path, rules: Rules | None = None) -> tuple[list[str], dict[str, tuple[str, str]]]:
    files, problems = corpus.scan(content, rules or Rules())
    return [file.path for file in files], {p.path: (p.what, p.hint) for p in problems}


def outside(content: Path) -> Path:
    return content.parent / "outside"


def test_a_link_out_of_the_content_folder_is_a_problem_and_no_essay(content: Path) -> None:
    write(content / "good.md")
    (content / "passwd.md").symlink_to("/etc/passwd")
    (content / "file.md").symlink_to(outside(content) / "secret.md")
    (content / "folder").symlink_to(outside(content))
    (content / "picture.png").symlink_to(outside(content) / "x.png")
    write(outside(content) / "x.png")
    (content / "by-way.md").symlink_to(content / "folder/secret.md")
    files, problems = scan(content)
    assert files == ["good.md"]
    assert set(problems) == {"passwd.md", "file.md", "folder", "picture.png", "by-way.md"}
    for what, hint in problems.values():
        assert what == "This link leads out of the content folder."
        assert "follow_links = true" in hint


def test_who_wants_them_gets_them(content: Path) -> None:
    write(content / "good.md")
    (content / "file.md").symlink_to(outside(content) / "secret.md")
    (content / "folder").symlink_to(outside(content))
    assert scan(content, FOLLOW) == (
        ["file.md", "folder/deep/more.md", "folder/secret.md", "good.md"], {},
    )  # fmt: skip
    assert corpus.read_file(content, "folder/deep/more.md", FOLLOW).essay is not None
    assert Rules().fingerprint() != FOLLOW.fingerprint()


def test_links_within_the_content_folder_are_followed(content: Path) -> None:
    write(content / "x/a.md", "Of kelp.")
    (content / "b.md").symlink_to(content / "x/a.md")
    (content / "c.md").symlink_to("b.md")
    (content / "y").symlink_to("x")
    assert scan(content) == (["b.md", "c.md", "x/a.md"], {})
    for path in ("b.md", "c.md", "y/a.md"):
        essay = corpus.read_file(content, path, Rules()).essay
        assert essay is not None
        assert "kelp" in essay.html


def test_a_link_is_no_way_around_what_is_left_out(content: Path) -> None:
    rules = Rules(exclude=("private", "drafts/*"))
    for place in ("private/a.md", "drafts/x/b.md", ".hidden/c.md", "x/.d.md", "e.toml"):
        write(content / place)
    for name, target in {
        "1.md": "private/a.md", "2.md": "drafts/x/b.md", "3.md": ".hidden/c.md", "4.md": "x/.d.md",
        "5.md": "e.toml", "6": "private", "7": ".hidden", "8": "drafts/x",
    }.items():  # fmt: skip
        (content / name).symlink_to(content / target)
    for each in (rules, Rules(exclude=rules.exclude, follow_links=True)):
        files, problems = scan(content, each)
        assert files == []
        assert sorted(problems) == "1.md 2.md 3.md 4.md 5.md 6 7 8".split()


def test_a_link_that_was_put_in_place_since_the_scan(content: Path) -> None:
    place = write(content / "x/a.md")
    for swap in (place, place.parent):
        write(content / "x/a.md")
        assert scan(content)[0] == ["x/a.md"]
        place.unlink()
        if swap == place:
            place.symlink_to(outside(content) / "secret.md")
        else:
            write(outside(content) / "a.md")
            swap.rmdir()
            swap.symlink_to(outside(content))
        reading = corpus.read_file(content, "x/a.md", Rules())
        assert reading.essay is None
        assert "leads out" in reading.problems[0].what
        swap.unlink()


@pytest.mark.parametrize("swap", ["fifo", "device", "socket"])
def test_a_file_that_became_something_else_never_holds_up_the_reader(
    content: Path, swap: str
) -> None:
    if swap == "fifo":
        os.mkfifo(content / "a.md")
    elif swap == "device":
        (content / "a.md").symlink_to("/dev/zero")
    else:
        os.mknod(content / "a.md", 0o140600)
    rules = FOLLOW if swap == "device" else Rules()
    reading = corpus.read_file(content, "a.md", rules)
    assert isinstance(reading, Reading)
    assert reading.essay is None
    assert len(reading.problems) == 1


def test_a_file_moved_about_while_it_is_opened_is_never_another(tmp_path: Path) -> None:
    """Whatever the moment: what is opened is the essay, or nothing."""
    content = tmp_path / "content"
    good = write(content / "x/a.md", "good")
    write(tmp_path / "out/a.md", "secret")
    stop = threading.Event()

    def juggle() -> None:
        while not stop.is_set():
            (content / "x").rename(content / "y")
            (content / "x").symlink_to(tmp_path / "out")
            (content / "x").unlink()
            (content / "y").rename(content / "x")

    thread = threading.Thread(target=juggle)
    thread.start()
    seen = set()
    try:
        ends = time.monotonic() + 2
        while time.monotonic() < ends:
            try:
                with symlinks.open_file(content, "x/a.md", Rules(), SUFFIXES) as file:
                    seen.add(file.read())
            except (FileRefused, OSError):
                seen.add(b"-")
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"good", b"-"}
    assert good.read_text() == "good"


# -- folders that link to one another -------------------------------------------------------------


@pytest.mark.parametrize("rules", [Rules(), FOLLOW], ids=["inside", "follow"])
def test_folders_that_link_to_one_another_are_walked_once(content: Path, rules: Rules) -> None:
    names = [f"f{number}" for number in range(8)]
    for name in names:
        write(content / name / "a.md")
        for other in names:
            (content / name / f"to-{other}").symlink_to(content / other)
        (content / name / "up").symlink_to(content)
    started = time.perf_counter()
    assert scan(content, rules) == ([f"{name}/a.md" for name in names], {})
    assert time.perf_counter() - started < 5


def test_folders_outside_that_link_to_one_another_are_walked_once(content: Path) -> None:
    for number in range(8):
        folder = content.parent / f"g{number}"
        write(folder / "a.md")
        (content / f"z{number}").symlink_to(folder)
        for other in range(8):
            (folder / f"to-{other}").symlink_to(content.parent / f"g{other}")
        (folder / "home").symlink_to(content)
    assert scan(content, FOLLOW) == ([f"z{number}/a.md" for number in range(8)], {})


def test_the_real_place_goes_before_a_link_whatever_they_are_called(content: Path) -> None:
    for real, link in (("zz", "aa"), ("b/c/d", "0")):
        write(content / real / "essay.md")
        (content / link).symlink_to(content / real)
    assert scan(content) == (["b/c/d/essay.md", "zz/essay.md"], {})


def test_of_two_links_to_one_folder_the_first_by_name_counts(content: Path) -> None:
    (content / "second").symlink_to(outside(content))
    (content / "first").symlink_to(outside(content))
    assert scan(content, FOLLOW)[0] == ["first/deep/more.md", "first/secret.md"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
@pytest.mark.parametrize("rules", [Rules(), FOLLOW], ids=["inside", "follow"])
def test_a_link_to_processes_ends(content: Path, rules: Rules) -> None:
    write(content / "good.md")
    (content / "proc").symlink_to("/proc/self")
    started = time.perf_counter()
    files, problems = scan(content, rules)
    assert files == ["good.md"]
    assert problems
    assert time.perf_counter() - started < 20


def test_very_deep_folders_are_walked_or_named(tmp_path: Path) -> None:
    """Deeper than Python calls itself, and deeper than the system lets a path be."""
    here = os.open(tmp_path, os.O_RDONLY)
    deepest = 0
    try:
        for deepest in range(2_500):
            os.mkdir("d", dir_fd=here)
            down = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = down
            if deepest == 1_200:
                os.close(os.open("a.md", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    finally:
        os.close(here)
    files, problems = scan(tmp_path)
    assert len(files) == 1
    assert len(problems) == 1  # what is too deep to be reached
    remove_deep(tmp_path / "d")


def remove_deep(top: Path) -> None:
    subprocess.run(["rm", "-rf", str(top)], check=True)  # shutil calls itself once a folder


# -- pictures and attachments ---------------------------------------------------------------------


@pytest.fixture
def archive(make: Callable[..., Archive]) -> Archive:
    archive = make()
    write(archive.content / "x/picture.png", "a picture")
    write(archive.content / "x/.secret.txt", "secret")
    write(archive.content / "private/kept.txt", "secret")
    write(archive.content / "essays.toml", "")
    write(archive.home / "outside/secret.txt", "secret")
    write(archive.home / "outside/secret.conf", "secret")
    targets: dict[str, str | Path] = {
        "out.txt": archive.home / "outside/secret.txt",
        "passwd.txt": "/etc/passwd",
        "folder": archive.home / "outside",
        "hidden.txt": "x/.secret.txt",
        "left.txt": "private/kept.txt",
        "kind.txt": "essays.toml",
        "far.txt": archive.home / "outside/secret.conf",
        "zero.txt": "/dev/zero",
        "root": "/",
        "inside.png": "x/picture.png",
        "y": "x",
    }
    for name, target in targets.items():
        (archive.content / name).symlink_to(target)
    os.mkfifo(archive.content / "pipe.txt")
    return archive


PRIVATE = ["passwd.txt", "hidden.txt", "left.txt", "kind.txt", "far.txt", "zero.txt",
           "root/etc/passwd.txt", "root/proc/self/environ.txt", "pipe.txt"]  # fmt: skip
LED_OUT = ["out.txt", "folder/secret.txt"]


@pytest.mark.parametrize("follow", [False, True])
def test_media_shows_no_more_by_a_link(archive: Archive, follow: bool) -> None:
    rules = Rules(exclude=("private",), follow_links=follow)
    client = archive.app(rules=rules).test_client()

    def status(path: str) -> int:
        with client.get(f"/media/{path}") as response:
            return response.status_code

    for path in PRIVATE:
        assert status(path) == 404, path
    for path in LED_OUT:
        assert status(path) == (200 if follow else 404), path
    for path in ("x/picture.png", "inside.png", "y/picture.png"):
        assert status(path) == 200, path


def test_media_is_still_sent_in_parts_and_not_twice(archive: Archive) -> None:
    client = archive.app().test_client()
    with client.get("/media/inside.png") as whole:
        tag = whole.headers["ETag"]
        assert whole.headers["Content-Length"] == "9"
        assert whole.headers["Last-Modified"]
        assert whole.mimetype == "image/png"
    with client.get("/media/inside.png", headers={"If-None-Match": tag}) as known:
        assert (known.status_code, known.get_data()) == (304, b"")
    with client.get("/media/inside.png", headers={"Range": "bytes=2-4"}) as part:
        assert (part.status_code, part.get_data()) == (206, b"pic")
        assert part.headers["Content-Range"] == "bytes 2-4/9"
    with client.get("/media/inside.png", headers={"Range": "bytes=20-"}) as beyond:
        assert beyond.status_code == 416
    with client.head("/media/inside.png") as head:
        assert (head.status_code, head.get_data()) == (200, b"")
