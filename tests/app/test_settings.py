"""Where settings come from, which goes first, and what is said of those that cannot be meant."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from app.search.query.curation import Curation
from app.search.query.limits import Limits
from app.settings import Settings, load
from indexer.errors import UsageError
from indexer.parsing.rules import Rules
from indexer.storage.opensearch.connection import Connection


def written(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "essays.toml").write_text(text, "utf-8")


def test_nothing_at_all(tmp_path: Path) -> None:
    assert load(environ={}, cwd=tmp_path) == Settings(
        content=tmp_path / "content", index=tmp_path / ".index"
    )


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(environ={}, cwd=tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.title = "Other"  # type: ignore[misc]


ALL = """
content = "texts"
index = "made/index"
engine = "local"
opensearch_url = "http://search:9200"
title = "Ein Archiv – für alle"
description = "Of everything"
per_page = 7
drafts = true
lang = "de"
exclude = ["old/*", "*.draft.md"]
facets = ["mood", "series_name"]
max_bytes = 1000
deadline = 2.5
synonyms = [["car", "automobile"]]
[pins]
"start here" = ["about"]
[site]
url = "https://essays.example.org/"
[aliases]
published = ["written"]
[vocabulary.certainty]
Sure = 95
Unsure = 20.5
[opensearch]
name = "mine"
shards = 3
replicas = 2
verify = false
timeout = 5
patience = 30
[search]
meaning = false
[limits]
length = 100
clauses = 5
nesting = 2
expansions = 10
[author]
remember_searches = true
[mcp]
min_certainty = 60
[hooks]
pull = true
"""


def test_every_key(tmp_path: Path) -> None:
    written(tmp_path, ALL)
    assert load(environ={}, cwd=tmp_path) == Settings(
        content=tmp_path / "texts",
        index=tmp_path / "made/index",
        opensearch=Connection(
            urls=("http://search:9200",),
            name="mine",
            shards=3,
            replicas=2,
            verify=False,
            timeout=5,
            patience=30,
        ),
        title="Ein Archiv – für alle",
        description="Of everything",
        site_url="https://essays.example.org",
        per_page=7,
        rules=Rules(
            aliases={"published": ("written",)},
            vocabulary={"certainty": {"Sure": 95, "Unsure": 20.5}},
            facets=("mood", "series_name"),
            exclude=("old/*", "*.draft.md"),
            drafts=True,
            lang="de",
            meaning=False,
            max_bytes=1000,
            deadline=2.5,
        ),
        limits=Limits(length=100, clauses=5, nesting=2, expansions=10),
        remember_searches=True,
        mcp_min_certainty=60,
        hook_pull=True,
        curation=Curation(synonyms=(("car", "automobile"),), pins={"start here": ("about",)}),
    )


def test_the_archives_own_file_goes_first(tmp_path: Path) -> None:
    written(tmp_path, 'title = "Here"\ndescription = "Here too"\nper_page = 5')
    written(tmp_path / "content", 'title = "Archive"\nper_page = 9')
    settings = load(environ={}, cwd=tmp_path)
    assert (settings.title, settings.description, settings.per_page) == ("Archive", "Here too", 9)


def test_an_archive_says_neither_where_it_is_nor_where_its_index_is(tmp_path: Path) -> None:
    written(tmp_path / "content", 'content = "/etc"\nindex = "/etc"\ntitle = "Archive"')
    settings = load(environ={}, cwd=tmp_path)
    assert settings == Settings(
        content=tmp_path / "content", index=tmp_path / ".index", title="Archive"
    )


def test_the_archive_may_be_where_the_command_runs(tmp_path: Path) -> None:
    written(tmp_path, 'content = "."\nindex = "made"\ntitle = "Here"')
    settings = load(environ={}, cwd=tmp_path)
    assert settings == Settings(content=tmp_path, index=tmp_path / "made", title="Here")


#: What is given -> where content and index are looked for, below the working folder.
PLACES: list[tuple[str, str, dict[str, str], str | None, str | None, str, str]] = [
    ("defaults", "", {}, None, None, "content", ".index"),
    ("file", 'content = "a"\nindex = "b"', {}, None, None, "a", "b"),
    ("variables before the file", 'content = "a"\nindex = "b"',
     {"ESSAYS_CONTENT": "c", "ESSAYS_INDEX": "d"}, None, None, "c", "d"),
    ("options before variables", 'content = "a"\nindex = "b"',
     {"ESSAYS_CONTENT": "c", "ESSAYS_INDEX": "d"}, "e", "f", "e", "f"),
    ("one option, one variable", "", {"ESSAYS_INDEX": "d"}, "e", None, "e", "d"),
    ("an empty variable is none", 'content = "a"', {"ESSAYS_CONTENT": "", "ESSAYS_INDEX": ""},
     None, None, "a", ".index"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "environ", "content", "index", "there", "made"),
    [row[1:] for row in PLACES],
    ids=[row[0] for row in PLACES],
)
def test_precedence(
    tmp_path: Path,
    file: str,
    environ: dict[str, str],
    content: str | None,
    index: str | None,
    there: str,
    made: str,
) -> None:
    written(tmp_path, file)
    settings = load(content, index, environ=environ, cwd=tmp_path)
    assert (settings.content, settings.index) == (tmp_path / there, tmp_path / made)


def test_the_content_that_a_variable_names_brings_its_own_file(tmp_path: Path) -> None:
    written(tmp_path / "elsewhere", 'title = "Elsewhere"')
    settings = load(environ={"ESSAYS_CONTENT": str(tmp_path / "elsewhere")}, cwd=tmp_path)
    assert settings.title == "Elsewhere"


def test_paths_are_absolute_and_options_may_be(tmp_path: Path) -> None:
    settings = load(tmp_path / "x" / ".." / "y", str(tmp_path / "z"), environ={}, cwd=Path("/"))
    assert (settings.content, settings.index) == (tmp_path / "y", tmp_path / "z")


def test_other_variables(tmp_path: Path) -> None:
    written(tmp_path, 'opensearch_url = "http://file"')
    environ = {
        "ESSAYS_ENGINE": "opensearch", "ESSAYS_OPENSEARCH_URL": "https://a:9200,https://b/os/",
        "ESSAYS_OPENSEARCH_USER": "me", "ESSAYS_OPENSEARCH_PASSWORD": "secret",
        "ESSAYS_OPENSEARCH_CA": "/ca.pem", "ESSAYS_OPENSEARCH_NAME": "other",
    }  # fmt: skip
    settings = load(environ=environ, cwd=tmp_path)
    assert settings.engine == "opensearch"
    assert settings.opensearch == Connection(
        urls=("https://a:9200", "https://b/os"), name="other", user="me", password="secret",
        ca="/ca.pem",
    )  # fmt: skip
    assert "secret" not in repr(settings)
    assert load(environ={}, cwd=tmp_path).opensearch.urls == ("http://file",)
    assert load(engine="local", environ=environ, cwd=tmp_path).engine == "local"


@pytest.mark.parametrize(
    ("said", "shown"),
    [("1", True), ("true", True), ("Yes", True), ("", False), ("0", False), ("no", False)],
)
def test_the_authors_page_is_asked_for_by_a_variable(
    tmp_path: Path, said: str, shown: bool
) -> None:
    assert load(environ={"ESSAYS_AUTHOR": said}, cwd=tmp_path).author_page == shown


def test_the_environment_of_the_process_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESSAYS_CONTENT", str(tmp_path / "from variable"))
    monkeypatch.chdir(tmp_path)
    assert load().content == tmp_path / "from variable"
    assert load().index == tmp_path / ".index"


#: What is wrong, the file, the words of the error.
WRONG = [
    ("a default that is no language", 'lang = "the usual"', "'the usual'"),
    ("not TOML", "title = ", "cannot be read"),
    ("not UTF-8", 'title = "\udcff"', "cannot be read"),
    ("unknown key", 'titel = "x"', "titel"),
    ("title is a number", "title = 7", "title"),
    ("content is a number", "content = 7", "content"),
    ("content is a list", 'content = ["a"]', "content"),
    ("index is a number", "index = 7", "index"),
    ("per_page is a word", 'per_page = "many"', "per_page"),
    ("per_page is nothing", "per_page = 0", "per_page is outside 1–100: 0"),
    ("per_page is too much", "per_page = 101", "per_page is outside 1–100: 101"),
    ("drafts is a word", 'drafts = "yes"', "drafts"),
    ("exclude is a word", 'exclude = "x"', "exclude"),
    ("an unknown engine", 'engine = "solr"', "'solr'"),
    ("a cluster that is no address", 'opensearch_url = "search"', "'search'"),
    ("a cluster with a port that is none", 'opensearch_url = "http://a:http"', "'http://a:http'"),
    ("a password in a file", 'opensearch_url = "https://me:secret@a"', "has a user in it"),
    ("a password by key", '[opensearch]\npassword = "x"', "password"),
    ("an index that is no name", '[opensearch]\nname = "Essays"', "'Essays'"),
    ("no shards", "[opensearch]\nshards = 0", "opensearch.shards"),
    ("replicas less than none", "[opensearch]\nreplicas = -1", "opensearch.replicas"),
    ("an unknown alias", '[aliases]\nbody = ["text"]', "aliases.body"),
    ("an alias that is no list", '[aliases]\ntitle = "name"', "aliases"),
    ("an unknown vocabulary", "[vocabulary.mood]\nsad = 1", "vocabulary.mood"),
    ("a vocabulary of words", '[vocabulary.certainty]\nlikely = "much"', "vocabulary"),
    ("the author's page, which no file asks for", "[author]\npage = true", "page"),
    ("remembering is a word", '[author]\nremember_searches = "yes"', "remember_searches"),
    ("a site without a scheme", '[site]\nurl = "essays.example.org"', "'essays.example.org'"),
    ("a site with a path", '[site]\nurl = "https://example.org/essays"', "site.url"),
    ("a site with a name", '[site]\nurl = "https://me@example.org"', "site.url"),
    (
        "a site with a slash that turns",
        r"""[site]
url = 'https://a\b.org'""",
        "site.url",
    ),
    ("a site that runs", '[site]\nurl = "javascript:alert(1)"', "site.url"),
    ("an unknown key of the site", '[site]\nurl_root = "x"', "url_root"),
    ("a contact without a scheme", '[site]\nsecurity = ["me@example.org"]', "'me@example.org'"),
    ("a contact that runs", '[site]\nsecurity = ["javascript:alert(1)"]', "site.security"),
    (
        "a contact of two lines",
        '[site]\nsecurity = ["mailto:a@b.org\\nContact: x"]',
        "site.security",
    ),
    ("an unknown limit", "[limits]\nhits = 3", "hits"),
    ("a limit that is a word", '[limits]\nlength = "long"', "length"),
    ("a facet that is a parameter", 'facets = ["page"]', "'page'"),
    ("a facet that is a range", 'facets = ["certainty_min"]', "'certainty_min'"),
    ("a facet that is there already", 'facets = ["tag"]', "'tag'"),
    ("a facet with a space", 'facets = ["my mood"]', "'my mood'"),
    ("a facet without a name", 'facets = [""]', "''"),
]


#: In either place; an archive's own file does not say where it is.
PLACED = [
    pytest.param(place, file, message, id=f"{name}-{place}")
    for name, file, message in WRONG
    for place in (".", "content")
    if place == "." or not file.startswith(("content", "index"))
]


@pytest.mark.parametrize(("place", "file", "message"), PLACED)
def test_what_cannot_be_meant(tmp_path: Path, place: str, file: str, message: str) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / place / "essays.toml").write_bytes(file.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as caught:
        load(environ={}, cwd=tmp_path)
    assert message in str(caught.value)


def test_an_unknown_engine_in_a_variable(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="solr") as caught:
        load(environ={"ESSAYS_ENGINE": "solr"}, cwd=tmp_path)
    assert "local" in caught.value.hint


def test_a_settings_file_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "essays.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load(environ={}, cwd=tmp_path)


@pytest.mark.parametrize("name", ["words", "url", "slug", "format"])
def test_other_names_may_be_facets(tmp_path: Path, name: str) -> None:
    written(tmp_path, f'facets = ["{name}"]')
    assert load(environ={}, cwd=tmp_path).rules.facets == (name,)


def test_the_secret_of_hooks_is_of_the_environment_alone(tmp_path: Path) -> None:
    settings = load(environ={"ESSAYS_HOOK_SECRET": " s3cret "}, cwd=tmp_path)
    assert settings.hook_secret == "s3cret"
    assert "s3cret" not in repr(settings)
    written(tmp_path, '[hooks]\nsecret = "s3cret"')
    with pytest.raises(UsageError, match="secret"):
        load(environ={}, cwd=tmp_path)
