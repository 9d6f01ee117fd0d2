"""The layout keeps its rules: who may import whom, how long things are, how they are named.

A rule is a function that yields every place that breaks it, as ``file: what is wrong``.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for package in ("app", "indexer")
    for file in sorted((ROOT / package).rglob("*.py"))
}
TREES = {name: ast.parse(file.read_text("utf-8")) for name, file in MODULES.items()}
PACKAGES = [name for name, file in MODULES.items() if file.name == "__init__.py"]

#: Lines of a module and of a function; a longer one becomes two.
MAX_MODULE, MAX_FUNCTION = 330, 60


class Arrow(NamedTuple):
    """Modules below ``source`` import nothing below any of ``never``, for a reason."""

    source: str
    never: tuple[str, ...]
    reason: str


WEB_FRAMEWORK = ("flask", "werkzeug", "jinja2")
EMBEDDED, OPENSEARCH = "app.search.embedded", "app.search.opensearch"

#: The parts of the embedded engine, lowest first: none imports one of a later group.
LAYERS = (
    ("reader",), ("facets", "matching", "semantic", "term_order"), ("sorting",), ("snapshot",),
    ("latest", "ranking", "discovery"), ("spelling",), ("search", "hits", "report"),
    ("suggest",), ("engine",),
)  # fmt: skip

ARROWS = (
    Arrow("indexer", ("app", *WEB_FRAMEWORK, "click"), "the index is built without the app"),
    Arrow("app.search", ("app.web", "app.cli", "app.server", "app.settings", "app.engines",
                         "click", *WEB_FRAMEWORK), "a search knows no page, command or settings"),
    Arrow("app.client", ("app.web", "app.cli", "app.server", "app.settings", "app.engines",
                         "app.search.engine", EMBEDDED, OPENSEARCH, "click", *WEB_FRAMEWORK),
          "a client of the API needs nothing of a server"),
    Arrow("app.settings", ("app.web", "app.cli", "app.server", "app.engines", EMBEDDED, OPENSEARCH,
                           "flask"),
          "settings are read before anything that they set"),
    Arrow("app.web", ("app.cli", "app.server", "app.mcp", "app.export", "click"),
          "a page is the same under any server"),
    Arrow("app.mcp", ("app.cli", "app.web.pages", "app.web.api", "flask"),
          "what models are shown is no page"),
    Arrow("app.export", ("app.cli", "app.server", "app.web.pages", "app.web.api"),
          "an export asks for pages as readers do"),
    Arrow("app.web.api", ("app.web.pages",), "the API is independent of the pages"),
    Arrow("app.web.pages", ("app.web.api",), "the pages are independent of the API"),
    *(Arrow(f"app.web.{part}", ("app.web.pages", "app.web.api"), "pages and API build on it")
      for part in ("params", "urls", "context", "live_settings", "compression")),
    *(Arrow(part, (EMBEDDED, OPENSEARCH), "only app/engines.py names an engine's class; all others "
            "take the port, app/search/engine.py")
      for part in ("app.web", "app.mcp", "app.export", "app.cli", "app.server", "app.watcher",
                   "app.settings")),
    Arrow("app.search.query", (EMBEDDED, OPENSEARCH, "app.search.highlight", "app.search.engine"),
          "a query is read without an engine"),
    *(Arrow(f"app.search.{part}", (EMBEDDED, OPENSEARCH, "app.search.engine"), "engines share it")
      for part in ("facets", "marking", "relating", "binding", "ranking", "spelling", "suggest")),
    Arrow("app.search.highlight", (EMBEDDED, OPENSEARCH, "app.search.query", "app.search.engine"),
          "words are marked without an engine"),
    *(Arrow(f"app.search.{part}", (EMBEDDED, OPENSEARCH, "app.search.highlight",
                                   "app.search.engine"), "records name no engine")
      for part in ("request", "results", "discovery", "report", "answers", "payload",
                   "budget")),
    *(Arrow(f"{EMBEDDED}.{lower}", tuple(f"{EMBEDDED}.{each}" for group in LAYERS[n + 1:]
                                         for each in group), "it is a lower layer of the engine")
      for n, layer in enumerate(LAYERS) for lower in layer),
    Arrow(EMBEDDED, (OPENSEARCH, "opensearchpy"), "no engine knows another"),
    Arrow(OPENSEARCH, (EMBEDDED, "app.search.engine", "whoosh"), "no engine knows another"),
    Arrow(f"{EMBEDDED}.discovery", (f"{EMBEDDED}.ranking",), "what is found has no rank there"),
    Arrow("indexer.analysis", ("indexer.parsing", "indexer.schema", "indexer.storage",
                               "indexer.build"), "text becomes terms without files or an index"),
    Arrow("indexer.parsing", ("indexer.schema", "indexer.storage", "indexer.build"),
          "a file is read without an index"),
    Arrow("indexer.migrate", ("indexer.schema", "indexer.storage", "indexer.build"),
          "a file is rewritten without an index"),
    Arrow("indexer.schema", ("indexer.storage", "indexer.build"), "fields name no files"),
    Arrow("indexer.storage", ("indexer.build", "indexer.parsing"), "storage knows no content"),
)  # fmt: skip

#: What query and highlight may import of the indexer, and where Whoosh may be imported.
INDEXER_FOR_QUERIES = ("indexer.essay", "indexer.errors", "indexer.cache", "indexer.analysis",
                       "indexer.schema", "indexer.parsing.rules")  # fmt: skip
WHOOSH = ("indexer.schema.whoosh_schema", "indexer.storage", "app.search.query.parser",
          "app.search.query.grammar", "app.search.query.compiler")  # fmt: skip

#: Every Flask extension is started by a function of this name.
SHARED_NAMES = {"init_app"}


def below(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


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
            yield from (f"{source}.{alias.name}" for alias in node.names)


def module_of(name: str) -> str | None:
    """The module of ours that an imported name is, or is in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None


def path(name: str) -> str:
    return MODULES[name].relative_to(ROOT).as_posix()


def arrows() -> Iterator[str]:
    for name in MODULES:
        for target in sorted(set(imported(name))):
            for arrow in ARROWS:
                if below(name, arrow.source) and any(below(target, n) for n in arrow.never):
                    shown = module_of(target) or target.split(".")[0]
                    yield f"{path(name)}: imports {shown}, but {arrow.reason}"


def queries_of_the_indexer() -> Iterator[str]:
    for name in MODULES:
        if below(name, "app.search.query") or below(name, "app.search.highlight"):
            for target in set(imported(name)):
                allowed = any(below(target, each) for each in INDEXER_FOR_QUERIES)
                if below(target, "indexer") and not allowed:
                    yield f"{path(name)}: imports {module_of(target)}, which queries do without"


def whoosh() -> Iterator[str]:
    for name in MODULES:
        used = any(below(target, "whoosh") for target in imported(name))
        if used and not any(below(name, each) for each in WHOOSH):
            yield f"{path(name)}: imports whoosh, which only {', '.join(WHOOSH)} may"


#: What makes objects of the bytes of a file by running what the file says.
UNPICKLING = ("pickle", "marshal", "shelve", "dill", "joblib", "whoosh.index")


def unpickling() -> Iterator[str]:
    for name in MODULES:
        for target in set(imported(name)):
            if any(below(target, each) for each in UNPICKLING):
                yield f"{path(name)}: imports {target}; no file may run code in who reads it"


def circles() -> Iterator[str]:
    """Modules from which imports lead back to themselves, wherever in a module they stand."""
    edges = {
        name: {found for each in imported(name) if (found := module_of(each))} - {name}
        for name in MODULES
    }

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            for each in edges[ahead.pop()] - seen:
                seen.add(each)
                ahead.append(each)
        return seen

    reach = {name: reached(name) for name in MODULES}
    for name in MODULES:
        if name in reach[name]:
            others = sorted(each for each in reach[name] if name in reach[each] and each != name)
            yield f"{path(name)}: in an import circle with {', '.join(map(path, others))}"


def long_modules() -> Iterator[str]:
    for name, file in MODULES.items():
        if (length := file.read_text("utf-8").count("\n")) > MAX_MODULE:
            yield f"{path(name)}: {length} lines, more than {MAX_MODULE}"


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(name: str) -> Iterator[Function]:
    yield from (node for node in ast.walk(TREES[name]) if isinstance(node, Function))


def long_functions() -> Iterator[str]:
    for name in MODULES:
        for node in functions(name):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION:
                yield f"{path(name)}: {node.name} has more than {MAX_FUNCTION} lines"


def shared_names() -> Iterator[str]:
    """Names that two modules of one package give to two functions or classes at their top."""
    for package in PACKAGES:
        owners: defaultdict[str, list[str]] = defaultdict(list)
        for name in MODULES:
            if name == package or name.rpartition(".")[0] == package:
                for node in TREES[name].body:
                    if isinstance(node, ast.ClassDef | Function):
                        owners[node.name].append(path(name))
        for thing, files in owners.items():
            if len(files) > 1 and thing not in SHARED_NAMES:
                yield f"{files[0]}: {thing} is also in {', '.join(files[1:])}"


def documented(name: str) -> Iterator[tuple[str, str]]:
    """The module and what is in it, each with its docstring where it has one."""
    for node in ast.walk(TREES[name]):
        if not isinstance(node, ast.Module | ast.ClassDef | Function):
            continue
        if docstring := ast.get_docstring(node):
            yield getattr(node, "name", "its docstring"), docstring


def questions() -> Iterator[str]:
    for name in MODULES:
        for thing, docstring in documented(name):
            first = docstring.split("\n\n")[0].strip()
            if "?" in re.sub(r"``.*?``|“.*?”|\".*?\"", "", first, flags=re.DOTALL):
                yield f"{path(name)}: {thing} begins with a question instead of a statement"
            elif first[-1] not in ".:":
                yield f"{path(name)}: {thing} begins with a sentence without a full stop"


def undocumented() -> Iterator[str]:
    """Public classes and functions at the top of a module without a docstring.

    A method says with its class what it does; views are documented by their address.
    """
    for name in MODULES:
        if not ast.get_docstring(TREES[name]):
            yield f"{path(name)}: has no docstring"
        for node in TREES[name].body:
            if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
                continue
            if not (ast.get_docstring(node) or node.name in SHARED_NAMES or routed(node)):
                yield f"{path(name)}: {node.name} is public and has no docstring"


def routed(node: ast.AST) -> bool:
    return any(
        isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Attribute)
        and mark.func.attr in ("get", "post", "route")
        for mark in getattr(node, "decorator_list", ())
    )


RULES: Mapping[str, Callable[[], Iterator[str]]] = {
    "arrows": arrows,
    "queries of the indexer": queries_of_the_indexer,
    "whoosh": whoosh,
    "unpickling": unpickling,
    "circles": circles,
    "long modules": long_modules,
    "long functions": long_functions,
    "shared names": shared_names,
    "questions": questions,
    "undocumented": undocumented,
}


@pytest.mark.parametrize("rule", RULES)
def test_rules_are_kept(rule: str) -> None:
    broken = sorted(set(RULES[rule]()))
    assert not broken, "\n" + "\n".join(broken)


def test_imports_are_read() -> None:
    assert "indexer.errors.IndexDamaged" in set(imported("app.search.embedded.latest"))
    assert "flask.render_template" in set(imported("app.web.pages.search"))
    assert module_of("indexer.errors.IndexDamaged") == "indexer.errors"
    assert len(MODULES) > 100


def test_every_part_that_an_arrow_names_exists() -> None:
    """A part that was renamed would have no rules any more."""
    for arrow in ARROWS:
        named = [n for n in (arrow.source, *arrow.never) if n.split(".")[0] in ("app", "indexer")]
        assert [part for part in named if not any(below(m, part) for m in MODULES)] == []


def test_every_part_of_the_embedded_engine_has_a_layer() -> None:
    folder = MODULES[EMBEDDED].parent
    parts = {each.stem for each in folder.iterdir() if each.suffix == ".py" or each.is_dir()}
    layered = {part for layer in LAYERS for part in layer}
    assert parts - {"__init__", "__pycache__"} == layered, "give each part a place in LAYERS"


def test_only_the_factory_names_an_engine() -> None:
    """Outside of its own package one module alone imports anything of an engine."""
    for engine in (EMBEDDED, OPENSEARCH):
        importers = {
            name
            for name in MODULES
            if not below(name, engine) and any(below(each, engine) for each in imported(name))
        }
        assert importers == {"app.engines"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_is_in_it(package: str) -> None:
    """Its docstring has a line for each of its modules and packages, and for no other."""
    folder = MODULES[package].parent
    inside = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    inside |= {file.parent.name for file in folder.glob("*/__init__.py")}
    docstring = ast.get_docstring(TREES[package]) or ""
    assert set(re.findall(r"^``(\w+)``  ", docstring, re.MULTILINE)) == inside


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


def test_the_tests_know_nothing_of_the_machine_they_were_written_on() -> None:
    for file in (ROOT / "tests").rglob("*.py"):
        assert "/work" + "/" not in file.read_text("utf-8"), file


def test_every_template_is_used() -> None:
    """Pages are rendered by a view, partials are imported or included by another template."""
    folder = ROOT / "templates"
    # What an export calls its files are no names of templates.
    modules = [file for name, file in MODULES.items() if not below(name, "app.export")]
    sources = [file.read_text("utf-8") for file in [*modules, *folder.rglob("*.html")]]
    named = set(re.findall(r'"((?:pages/|partials/)?\w+\.html)"', "".join(sources)))
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*.html")}
    assert named == there
    assert {name for name in there if "/" not in name} == {"base.html", "error.html"}
