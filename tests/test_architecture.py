"""The house keeps its own rules: who may import whom, who may look at the environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for package in ("app", "indexer")
    for file in sorted((ROOT / package).rglob("*.py"))
}
TREES = {name: ast.parse(file.read_text("utf-8")) for name, file in MODULES.items()}

#: A module longer than this asks to become two.
LONGEST = 330

#: Where imports of a room begin -> what they must not reach.
FORBIDDEN = {
    "indexer": ("app", "flask", "werkzeug", "jinja2", "click"),
    "app.search": ("app.web", "app.cli", "app.server", "app.settings", "flask", "werkzeug",
                   "jinja2", "click"),
    "app.web": ("app.cli", "app.server", "app.search.embedded", "click"),
    "app.cli": ("app.search.embedded",),
    "app.search.query": ("app.search.embedded",),
    "app.search.highlight": ("app.search.embedded", "app.search.query"),
    "app.search.embedded.reader": ("app.search.embedded.ranking", "app.search.embedded.spelling"),
    "app.search.embedded.matching": ("app.search.embedded.ranking", "app.search.embedded.spelling"),
    "app.search.embedded.discovery": ("app.search.embedded.ranking",),
    "indexer.analysis": ("indexer.parsing", "indexer.schema", "indexer.storage", "indexer.build"),
    "indexer.parsing": ("indexer.schema", "indexer.storage", "indexer.build"),
    "indexer.schema": ("indexer.parsing", "indexer.storage", "indexer.build"),
    "indexer.storage": ("indexer.parsing", "indexer.build"),
    "app.settings": ("app.web", "app.cli", "app.server", "flask"),
}  # fmt: skip


def below(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def imported(name: str) -> Iterator[str]:
    """Everything that a module imports, anywhere in it, by full name."""
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def test_the_reading_of_imports_reads() -> None:
    assert "indexer.errors" in set(imported("app.search.embedded.latest"))
    assert "flask" in set(imported("app.web.pages.search"))
    assert len(MODULES) > 25


@pytest.mark.parametrize(
    "package", [name for name, file in MODULES.items() if file.name == "__init__.py"]
)
def test_a_package_says_what_is_in_it(package: str) -> None:
    """Its docstring has a line for each of its modules and packages, and for no other."""
    folder = MODULES[package].parent
    inside = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    inside |= {file.parent.name for file in folder.glob("*/__init__.py")}
    docstring = ast.get_docstring(TREES[package]) or ""
    assert set(re.findall(r"^``(\w+)``  ", docstring, re.MULTILINE)) == inside


@pytest.mark.parametrize("room", FORBIDDEN)
def test_rooms_import_only_what_they_may(room: str) -> None:
    reached = {
        (name, target)
        for name in MODULES
        if below(name, room)
        for target in imported(name)
        if any(below(target, forbidden) for forbidden in FORBIDDEN[room])
    }
    assert reached == set()


def environment(tree: ast.Module) -> Iterator[ast.AST]:
    """The places where a module touches the environment of its process."""
    names = ("environ", "environb", "getenv", "putenv", "unsetenv")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "os" and node.attr in names:
                yield node
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node for alias in node.names if alias.name in names)


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"app.settings", "app.server"}))
def test_only_the_settings_look_at_the_environment(name: str) -> None:
    assert list(environment(TREES[name])) == []


def test_the_server_hands_settings_to_its_workers_and_reads_none() -> None:
    tree = TREES["app.server"]
    written = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]
    assert all(node in written for node in environment(tree))


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short(name: str) -> None:
    length = MODULES[name].read_text("utf-8").count("\n")
    assert length <= LONGEST


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Public classes and functions at the top of a module without a docstring.

    A method says with its class what it does; only those of a port or of a library's interface
    would repeat themselves.
    """
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or ast.get_docstring(node):
            continue
        yield node.name


#: Views are documented by their address, ``init_app`` by what every Flask extension calls so.
SPEAKING = ("init_app",)


def routed(tree: ast.Module) -> set[str]:
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute)
        if mark.func.attr in ("get", "post", "route")
    }


@pytest.mark.parametrize("name", MODULES)
def test_what_is_public_says_what_it_is(name: str) -> None:
    tree = TREES[name]
    assert ast.get_docstring(tree), "a module answers a question, and says which"
    assert set(undocumented(tree)) - routed(tree) - set(SPEAKING) == set()


def test_the_tests_know_nothing_of_the_machine_they_were_written_on() -> None:
    for file in (ROOT / "tests").rglob("*.py"):
        assert "/work" + "/" not in file.read_text("utf-8"), file


def circles(package: str) -> list[list[str]]:
    """The groups of a package's modules that import one another, directly or by others."""
    inside = {name for name in MODULES if below(name, package)}
    reached = {
        name: {
            target
            for target in imported(name)
            if target in inside and target != name and MODULES[target].name != "__init__.py"
        }
        for name in inside
    }
    for _ in inside:  # the longest way has no more steps than there are modules
        grown = {
            name: targets.union(*(reached[each] for each in targets))
            for name, targets in reached.items()
        }
        if grown == reached:
            break
        reached = grown
    return [
        sorted(each for each in targets if name in reached[each])
        for name, targets in sorted(reached.items())
        if name in targets
    ]


def test_no_modules_of_the_indexer_import_one_another() -> None:
    assert circles("indexer") == []
