"""Documents that can drift: whatever path, command, option or query they name, there is."""

from __future__ import annotations

import ast
import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import click
import msgspec
import pytest
from werkzeug.datastructures import MultiDict

from app import create_app
from app.cli.commands import main
from app.search.query.parser import QueryParser
from app.settings import Settings, _File, load
from app.web import params
from indexer.parsing import corpus
from indexer.parsing.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (
    "README.md", "ARCHITECTURE.md", "RELIABILITY.md", "SECURITY.md",
    *(f"docs/{file.name}" for file in sorted((ROOT / "docs").glob("*.md"))),
)  # fmt: skip

#: What reads settings.
SETTINGS = ("app/settings.py", "app/opensearch_settings.py", "app/serving_settings.py")

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
    # An archive's own, the tour's, and those of an export.
    known = {"essays.toml", "content/on-ferries.md", "index.html", "404.html"}
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
    for target in re.findall(r"\]\(([\w./:-][^)\s#]*)", text(document)):
        assert "://" in target or (ROOT / document).parent.joinpath(target).exists(), target


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


def test_every_command_is_documented() -> None:
    for name in main.commands:
        assert f"essays {name}" in text("docs/settings.md"), name


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_is_documented(name: str) -> None:
    (row,) = re.findall(rf"^\| `essays {name}[ `].*", text("docs/settings.md"), re.MULTILINE)
    assert options(name) - set(re.findall(r"--?[a-z-]+", row)) <= {"-h", "--help", "--index"}


def keys(table: type[msgspec.Struct], before: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of essays.toml with its default, those within its tables included."""
    for field in msgspec.structs.fields(table):
        made = field.default_factory
        default = made() if made is not msgspec.NODEFAULT else field.default
        if isinstance(default, msgspec.Struct):
            yield from keys(type(default), f"{before}{field.encode_name}.")
        else:
            yield f"{before}{field.encode_name}", msgspec.to_builtins(default)


def settings_rows() -> list[list[str]]:
    """The rows of the table of all settings, cell by cell, without backticks; empty for a dash."""
    section = text("docs/settings.md").split("## All settings")[1].split("\n## ")[0]
    rows = [line.strip("| \n").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip("`–") for cell in row[:4]] for row in rows[2:]]


def test_the_table_has_every_setting_with_its_default() -> None:
    shown = {
        key: tomllib.loads(f"x = {default}")["x"] if default else None
        for key, default, _, _ in settings_rows()
        if key
    }
    known = {key: list(it) if isinstance(it, tuple) else it for key, it in keys(_File)}
    assert shown == known


def test_the_table_has_every_variable() -> None:
    """``ESSAYS_WATCHED`` is what a server tells its own workers."""
    sources = "".join((ROOT / file).read_text("utf-8") for file in SETTINGS)
    read = set(re.findall(r"\"(ESSAYS_[A-Z_]+)\"", sources)) - {"ESSAYS_WATCHED"}
    assert sorted(variable for _, _, variable, _ in settings_rows() if variable) == sorted(read)


def test_the_table_names_options_that_there_are() -> None:
    there = {option for name in main.commands for option in options(name)}
    named = {option for _, _, _, option in settings_rows() if option.startswith("--")}
    assert named
    assert named <= there


def test_every_address_of_the_api_is_documented() -> None:
    app = create_app(Settings(content=ROOT / "content", index=ROOT / "nowhere"))
    shown = {span.split("?")[0] for span in spans("docs/api.md")}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api.") or rule.rule.endswith("z"):
            assert re.sub(r"<\w+:", "<", rule.rule) in shown, rule.rule


def queries() -> Iterator[str]:
    """Everything in backticks in the section on the query language, cell by cell."""
    section = re.search(
        r"^## The query language\n(.*?)(?=^##+ |\Z)", text("docs/searching.md"),
        re.MULTILINE | re.DOTALL,
    )  # fmt: skip
    assert section
    for line in section[1].splitlines():
        if line.startswith("|"):
            yield from (match[1] for match in _CODE.finditer(line.replace("\\|", "¦")))


def test_queries_that_are_shown_are_understood() -> None:
    """Every operator that is shown means what it says: no note, something to search."""
    language = QueryParser(Rules())
    shown = [query for query in queries() if not query.endswith(":")]
    assert len(shown) > 10
    for query in shown:
        parsed = language.parse(query)
        assert parsed.notes == (), query


def example(document: str, heading: str) -> str:
    """The first indented block of a section."""
    section = re.search(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", text(document), re.MULTILINE | re.DOTALL
    )
    assert section, heading
    blocks = re.findall(r"(?:^    [^\n]*\n)+", section[1], re.MULTILINE)
    assert blocks, heading
    return textwrap.dedent(blocks[0])


def test_the_settings_that_are_shown(tmp_path: Path) -> None:
    (tmp_path / "essays.toml").write_text(example("docs/settings.md", "essays.toml"), "utf-8")
    settings = load(environ={}, cwd=tmp_path)
    assert settings.rules.facets
    assert settings.rules != Rules()


def test_the_essay_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(example("docs/writing.md", "Front matter"), "utf-8")
    reading = corpus.read_file(tmp_path, "a.md", Rules())
    assert reading.problems == ()
    assert reading.essay is not None
    assert reading.essay.title
    assert reading.essay.certainty is not None


def test_addresses_that_are_named_answer() -> None:
    app = create_app(Settings(content=ROOT / "content", index=ROOT / "nowhere"))
    rules = {re.sub(r"<\w+:", "<", rule.rule) for rule in app.url_map.iter_rules()}
    named = {
        span.split("?")[0]
        for document in DOCUMENTS
        if document not in ("ARCHITECTURE.md", "RELIABILITY.md")
        for span in spans(document)
        if re.match(r"/(?!(?:etc|srv|state|tmp|usr|var)\b)[a-z]", span)
    }
    assert {"/healthz", "/api/v1/search"} <= named
    assert named <= rules


def test_parameters_that_are_shown_are_parameters() -> None:
    for span in spans("docs/api.md"):
        if span.startswith("/api/") and "=" in span:
            query = span.split("?", 1)[1].replace("…", "x")
            request = params.parse(MultiDict(parse_qsl(query)))
            assert len(params.pairs(request)) == query.count("=")


def test_variables_that_are_named_are_settings() -> None:
    """Every ESSAYS_ variable that a document names is one that the settings read."""
    source = "".join((ROOT / file).read_text("utf-8") for file in SETTINGS)
    for document in DOCUMENTS:
        for name in set(re.findall(r"\bESSAYS_[A-Z_]+\b", text(document))) - {"ESSAYS_BROWSER"}:
            assert name in source, name


def test_a_newcomer_finds_ten_answers() -> None:
    """Each question of the guide has an answer that names a file, given in full."""
    section = text("docs/contributing.md").split("## Ten questions")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 10
    for question, _, answer in rows:
        named = [span for span in _CODE.findall(answer) if _PATH.fullmatch(span)]
        assert named, question
        assert all((ROOT / each).exists() for each in named), question


def test_what_the_guide_says_to_edit_is_there() -> None:
    """In the numbered lists, a path is one from the root, and a name stands in that file."""
    steps = re.findall(r"^\d\. .*", text("docs/contributing.md"), re.MULTILINE)
    assert len(steps) > 15
    for step in steps:
        spans = _CODE.findall(step)
        assert all((ROOT / span).exists() for span in spans if "/" in span), step
        files = [span for span in spans if span.endswith(".py")]
        for name in (span for span in spans if re.fullmatch(r"[A-Z]{2,}", span)):
            assert name in (ROOT / files[0]).read_text("utf-8"), step


def test_targets_of_make_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        named = {span.split()[1] for span in spans(document) if re.match(r"make [a-z]", span)}
        assert named <= targets


def steps() -> Iterator[tuple[str, str]]:
    """The commands of the tour with their output, and the essay that it writes, in order: of an
    essay the command is empty."""
    tour = re.search(
        r"^## A tour[^\n]*\n(.*?)(?=^## )", text("README.md"), re.MULTILINE | re.DOTALL
    )
    assert tour
    for block in re.findall(r"(?:^    [^\n]*\n|^\n(?=    ))+", tour[1], re.MULTILINE):
        lines = textwrap.dedent(block).strip("\n")
        if not lines.lstrip().startswith("$"):
            yield "", lines + "\n"
            continue
        for part in re.split(r"^\$ ", lines, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip("\n") + "\n"


def test_the_tour(tmp_path: Path) -> None:
    """Every command of the README's tour says what is printed there; "..." stands for anything."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    # What a busy machine leaves out of an answer is not what the tour is about.
    (tmp_path / "essays.toml").write_text("[limits]\nmilliseconds = 60000\n")
    essays = f"{shlex.quote(sys.executable)} -m app.cli.commands"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ESSAYS_")}
    ran = 0
    for command, shown in steps():
        if not command:
            (tmp_path / "content/on-ferries.md").write_text(shown, "utf-8")
            continue
        if " check " in command:
            file = tmp_path / "content/on-ferries.md"
            file.write_text(file.read_text("utf-8").replace("Time]", "Time"), "utf-8")
        done = subprocess.run(
            shlex.split(re.sub(r"^essays", essays, command)), cwd=tmp_path, capture_output=True,
            text=True, check=False, env=environment | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        same = doctest.OutputChecker().check_output(shown, done.stdout, doctest.ELLIPSIS)
        assert same, done.stdout + done.stderr
        ran += 1
    assert ran > 5


#: Private words of earlier pages and messages, whose meaning a reader had to guess.
PRIVATE = (
    "see to", "ways on", "way on", "left lying", "leads nowhere", "lead nowhere", "nobody foresaw",
    "wander", "perhaps you want", "how to ask", "let it count", "also weigh", "mend",
    "the process lives", "what these say", "holds nothing", "is no date", "is no language",
    "is no folder", "is no path", "so too", "whoever reaches", "without a place",
)  # fmt: skip


def prose() -> Iterator[tuple[str, str]]:
    """What people read in pages, messages and documents, with the file that has it."""
    for file in (ROOT / "templates").rglob("*.html"):
        template = file.read_text("utf-8")
        yield file.name, re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", template, flags=re.DOTALL)
    for package in ("app", "indexer"):
        for file in (ROOT / package).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
            docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
            for node in nodes:
                if isinstance(node, ast.Constant) and node not in docstrings:
                    yield file.name, str(node.value)
    for document in DOCUMENTS:
        yield document, text(document)


def test_nothing_that_people_read_has_private_words() -> None:
    found = {
        (name, word)
        for name, passage in prose()
        for word in PRIVATE
        if re.search(rf"\b{word}\b", " ".join(passage.lower().split()))
    }
    assert found == set()
