"""Documents that can drift: whatever path, command, option or query they name, there is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import click
import pytest
from werkzeug.datastructures import MultiDict

from app import create_app
from app.cli.commands import main
from app.search.query.parser import Language
from app.settings import Settings, load
from app.web import params
from indexer.parsing import corpus
from indexer.parsing.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md")

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
#: A name in backticks that can only be a path of this project: it has a slash or a known ending.
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
_TOPS = ("app", "indexer", "content", "templates", "tests", ".ci")
_ENDINGS = (".py", ".toml", ".html", ".css", ".yml", ".yaml", "Makefile", "LICENSE", ".md")


def text(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def spans(document: str) -> Iterator[str]:
    """What stands in backticks within a line."""
    yield from (match[1] for match in _CODE.finditer(_FENCE.sub("", text(document))))


def paths(document: str) -> Iterator[str]:
    for span in spans(document):
        below = "/" in span and span.split("/")[0] in _TOPS
        if _PATH.fullmatch(span) and (below or (span.endswith(_ENDINGS) and span[0] != ".")):
            yield span


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths(document: str) -> None:
    """A path may be given from the root, or by the name it has in its own room."""
    names = {file.name for top in _TOPS for file in (ROOT / top).rglob("*")}
    tails = {str(file.relative_to(ROOT)) for top in _TOPS for file in (ROOT / top).rglob("*")}
    known = {"essays.toml"}  # an archive's own
    missing = [
        path
        for path in paths(document)
        if not (ROOT / path).exists()
        and path not in names | known
        and not any(tail.endswith("/" + path.rstrip("/")) for tail in tails)
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents(document: str) -> None:
    for target in re.findall(r"\]\(([^)\s#]+)", text(document)):
        assert "://" in target or (ROOT / target).exists(), target


def options(name: str) -> set[str]:
    return {
        option
        for parameter in main.commands[name].params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"-h", "--help"}


def commands(document: str) -> Iterator[tuple[str, str]]:
    """Every command that is named, with all that is said in code about it.

    In a table's row that begins with a command, the options are of that command.
    """
    for line in text(document).splitlines():
        named = [span for span in _CODE.findall(line) if span.startswith("essays ")]
        if line.startswith("    essays "):
            named = [line.strip().split("  #")[0]]
        for span in named:
            rest = " ".join(_CODE.findall(line)) if line.startswith("| `essays ") else span
            yield span.split()[1], rest


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands(document: str) -> None:
    for name, rest in commands(document):
        assert name in main.commands, f"essays {name}"
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rest):
            assert option in options(name), f"essays {name} {option}"


def test_every_command_is_in_the_readme() -> None:
    for name in main.commands:
        assert f"essays {name}" in text("README.md"), name


def queries() -> Iterator[str]:
    """Everything in backticks in the README's section on the query language, cell by cell."""
    section = re.search(
        r"^##+ [^\n]*(?:quer|search|ask)[^\n]*\n(.*?)(?=^##+ |\Z)",
        _FENCE.sub("", text("README.md")), re.MULTILINE | re.DOTALL | re.IGNORECASE,
    )  # fmt: skip
    assert section, "the README has a section on searching"
    for line in section[1].splitlines():
        if line.startswith("|"):
            yield from (match[1] for match in _CODE.finditer(line.replace("\\|", "¦")))


def test_queries_of_the_readme_are_understood() -> None:
    """Every operator that the README shows means what it says: no note, something to search."""
    language = Language(Rules())
    shown = [query for query in queries() if not query.endswith(":")]
    assert len(shown) > 10
    for query in shown:
        parsed = language.parse(query)
        assert parsed.notes == (), query


def example(heading: str) -> str:
    """The indented block of a section of the README."""
    section = re.search(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", text("README.md"), re.MULTILINE | re.DOTALL
    )
    assert section, heading
    blocks = re.findall(r"(?:^    [^\n]*\n)+", section[1], re.MULTILINE)
    assert blocks, heading
    return textwrap.dedent(blocks[0])


def test_the_settings_that_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "essays.toml").write_text(example("Settings"), "utf-8")
    settings = load(environ={}, cwd=tmp_path)
    assert settings.rules.facets
    assert settings.rules != Rules()


def test_the_essay_that_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(example("Writing"), "utf-8")
    reading = corpus.read(tmp_path, "a.md", Rules())
    assert reading.problems == ()
    assert reading.essay is not None
    assert reading.essay.title
    assert reading.essay.certainty is not None


def test_addresses_that_the_readme_names_answer() -> None:
    app = create_app(Settings(content=ROOT / "content", index=ROOT / "nowhere"))
    rules = {re.sub(r"<\w+:", "<", rule.rule) for rule in app.url_map.iter_rules()}
    named = {span.split("?")[0] for span in spans("README.md") if re.match(r"/(?!usr/)[a-z]", span)}
    assert {"/healthz", "/api/v1/search"} <= named
    assert named <= rules


def test_parameters_that_the_readme_shows_are_parameters() -> None:
    for span in spans("README.md"):
        if span.startswith("/api/") and "=" in span:
            query = span.split("?", 1)[1].replace("…", "x")
            request = params.parse(MultiDict(parse_qsl(query)))
            assert len(params.pairs(request)) == query.count("=")


def test_settings_of_the_readme_are_settings() -> None:
    """Every ESSAYS_ variable that a document names is one that the settings read."""
    source = (ROOT / "app/settings.py").read_text("utf-8")
    for document in DOCUMENTS:
        for name in set(re.findall(r"\bESSAYS_[A-Z_]+\b", text(document))) - {"ESSAYS_BROWSER"}:
            assert name in source, name


def test_targets_of_make_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        named = {span.split()[1] for span in spans(document) if re.match(r"make [a-z]", span)}
        assert named <= targets
