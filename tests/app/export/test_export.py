"""A whole export of the small archive: every page, every link, and what a second one changes."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from app.cli.commands import main
from app.export.addresses import Addresses, relative
from app.export.export import export
from app.export.folder import LIST
from indexer.errors import IndexMissing, UsageError
from indexer.parsing.rules import Rules

if TYPE_CHECKING:
    from tests.conftest import Archive

LINK = re.compile(r'<([a-z]+)[^<>]*?\s(?:href|src|action|data-search)="([^"]*)"')


@pytest.fixture(scope="module")
def out(small: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    made = export(small.settings(rules=small.rules, title="The Small Archive"), folder)
    assert made.pages > 60
    assert made.written == made.files
    return folder


def pages(out: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(out.rglob("*.html")):
        yield file.relative_to(out).as_posix(), file.read_text("utf-8")


def test_no_link_is_broken(out: Path) -> None:
    """Every link leads to a file of the export, an anchor to a place on its page."""
    seen = 0
    texts = dict(pages(out))
    hits = "".join(file.read_text("utf-8") for file in out.glob("search/data/hits-*.js"))
    texts["search/hits.html"] = "".join(json.loads(f"[{part}]")[0] for part in re.findall(
        r'"(?:[^"\\]|\\.)*"', hits))  # fmt: skip
    for name, text in texts.items():
        for _, link in LINK.findall(text):
            parts = urlsplit(unescape(link))
            if parts.scheme or (name == "404.html" and link.startswith("/")):
                continue
            target = posixpath.normpath(
                posixpath.join(posixpath.dirname(name), unquote(parts.path))
            )
            target = target if parts.path else name
            assert (out / target).is_file(), (name, link)
            if parts.fragment:
                place = re.escape(unquote(parts.fragment))
                assert re.search(rf'id="{place}"', unescape(texts[target])), (name, link)
            seen += 1
    assert seen > 1000


def test_every_essay_is_there_and_nothing_of_drafts(out: Path, small: Archive) -> None:
    for slug in small.slugs():
        text = (out / "essay" / slug / "index.html").read_text("utf-8")
        assert "<h1" in text
    everything = "".join(
        file.read_text("utf-8") for file in out.rglob("*") if file.suffix in (".html", ".js")
    )
    assert "zanzibar" not in everything.lower()
    assert str(small.home) not in everything


def test_pages_are_those_of_the_site(out: Path) -> None:
    home = (out / "index.html").read_text("utf-8")
    assert "<title>The Small Archive</title>" in home
    assert 'href="static/style.css"' in home
    assert 'action="search/index.html"' in home
    assert 'href="changes/index.html"' in home
    # Nothing that pages lead to in their frame is left out.
    assert not re.search(r"<a>", home)
    owls = (out / "essay/birds/owls/index.html").read_text("utf-8")
    assert 'href="../sparrows/index.html#method"' in owls
    assert 'src="../../../media/birds/owl.png"' in owls
    assert (out / "media/birds/owl.png").is_file()
    assert not (out / "media/birds/.hidden.png").exists()
    links = (out / "essay/links/index.html").read_text("utf-8")
    assert "<a>nowhere</a>" in links
    assert "<a>a draft</a>" in links
    assert 'href="https://example.org/"' in links
    assert 'type="module"' not in home
    assert "suggest" not in home
    assert not (out / "sitemap.xml").exists()
    assert "localhost" not in home


def test_subjects_of_any_name_have_a_page(out: Path) -> None:
    names = [file.parent.name for file in out.glob("tag/*/index.html")]
    assert {"C++", "R&D"} & set(names) == {"C++"}
    assert len(names) == len(set(map(str.casefold, names)))
    titles = "".join((out / "tag" / name / "index.html").read_text("utf-8") for name in names)
    for tag in ("R&amp;D", "C++", "layers: two", "back\\slash", "wild*card", "🦉", "-minus"):
        assert f">{tag}</h1>" in titles


def test_the_page_for_wrong_addresses_begins_at_its_base(small: Archive, tmp_path: Path) -> None:
    export(small.settings(), tmp_path, base="/essays")
    text = (tmp_path / "404.html").read_text("utf-8")
    links = [link for _, link in LINK.findall(text) if not link.startswith("#")]
    assert links
    assert all(link.startswith("/essays/") for link in links), links


def test_feeds_are_there_where_the_site_has_an_address(small: Archive, tmp_path: Path) -> None:
    settings = small.settings(site_url="https://essays.example.org")
    export(settings, tmp_path)
    assert "https://essays.example.org/essay/shap" in (tmp_path / "search.atom").read_text("utf-8")
    home = (tmp_path / "index.html").read_text("utf-8")
    assert 'href="search.atom"' in home
    assert 'href="search.json"' in home
    assert "https://essays.example.org/essay/shap" in (tmp_path / "sitemap.xml").read_text("utf-8")
    assert (tmp_path / "robots.txt").exists()
    assert "search.atom?" not in (tmp_path / "tag/Birds/index.html").read_text("utf-8")


def test_a_second_export_writes_what_changed(make: Callable[..., Archive], tmp_path: Path) -> None:
    archive = make()
    archive.write("one.md", "Of kelp.", title="One", tags=["Sea"])
    archive.write("two.md", "Of moss.", title="Two", tags=["Wood"])
    archive.build()
    out = tmp_path / "out"
    export(archive.settings(), out)
    again = export(archive.settings(), out)
    assert (again.written, again.removed) == (0, 0)
    (archive.content / "two.md").unlink()
    archive.build()
    (out / "CNAME").write_text("essays.example.org")
    less = export(archive.settings(), out)
    assert less.removed >= 2
    assert not (out / "essay/two").exists()
    assert not (out / "tag/Wood").exists()
    assert (out / "CNAME").exists()


def test_drafts_are_refused(make: Callable[..., Archive], tmp_path: Path) -> None:
    archive = make(rules=Rules(meaning=False, drafts=True))
    archive.write("one.md", "Of kelp.", title="One", draft=True)
    archive.build()
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="drafts = true"):
        export(archive.settings(), out)
    with pytest.raises(UsageError, match="The index has drafts"):
        export(archive.settings(rules=Rules(meaning=False)), out)
    assert not out.exists()


@pytest.mark.parametrize("place", ["content", "content/site", "index/site"])
def test_folders_of_the_archive_are_refused(make: Callable[..., Archive], place: str) -> None:
    archive = make()
    with pytest.raises(UsageError, match="is in the folder of the"):
        export(archive.settings(), archive.home / place)


def test_without_an_index_nothing_is_written(make: Callable[..., Archive], tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        export(make().settings(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def run(*arguments: object, status: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == status, result.output
    return result


def test_the_command(make: Callable[..., Archive], tmp_path: Path) -> None:
    archive = make()
    archive.write("one.md", "Of kelp.", title="One")
    archive.build()
    places = ("--content", archive.content, "--index", archive.index)
    said = run("export", tmp_path / "out", *places).stdout
    assert said.startswith("1 essay in ")
    made = json.loads(run("export", tmp_path / "out", *places, "--json").stdout)
    assert (made["essays"], made["written"]) == (1, 0)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/mine").write_text("")
    refused = run("export", tmp_path / "other", *places, status=2)
    assert "--beside" in refused.stderr
    run("export", tmp_path / "other", *places, "--beside")
    assert (tmp_path / "other" / LIST).exists()


def test_no_two_addresses_have_one_file() -> None:
    addresses = Addresses()
    given = ["/tag/A", "/tag/a", "/tag/ａ", "/tag/A/index.html", "/tag?value=A", "/tag/a:b",
             "/tag/a?b", "/", "/..", "/tag/" + "x" * 500, "/tag/con"]  # fmt: skip
    files = [addresses.add(each) for each in given]
    assert len({file.casefold() for file in files}) == len(given)
    assert [addresses.find(each) for each in given] == files
    for file in files:
        assert ".." not in file.split("/")
        assert all(len(part.encode()) < 255 for part in file.split("/"))
    assert relative("tag/C++/index.html", "index.html") == "tag/C++/index.html"
