"""The description of the API (OpenAPI 3.1), made from the routes, their docstrings and the records
that they answer with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from flask import Flask
from msgspec import Struct
from werkzeug.routing import Rule

from app.search.answers import (
    EssayAnswer,
    FacetsAnswer,
    ProblemDetails,
    SearchAnswer,
    SuggestAnswer,
)
from app.search.request import DEFAULT_VALUES, MAX_PER_PAGE, MAX_VALUES, PREFERENCES, SORTS
from app.settings import Settings
from app.web import problem
from app.web.api import examples
from app.web.api.health import NotReady, Ready, Running
from app.web.params import MAX_FILTERS
from indexer.essay import FACETS

#: The most suggestions that can be asked for, and how many come unasked.
MAX_SUGGESTIONS, SUGGESTIONS = 20, 10
#: The greatest whole number that a parameter may be: nine digits.
MAX_WHOLE = 999_999_999

Object = dict[str, Any]

_REF = "#/components/schemas/{name}"


class Operation(NamedTuple):
    """What is not in a route itself: the record of its answer, an example of it, parameters, and
    the statuses of errors. ``other`` are records of answers that are no problem details."""

    answer: type[Struct]
    example: Callable[[], Struct]
    parameters: Callable[[Settings], list[Object]] = lambda _: []
    errors: tuple[int, ...] = ()
    other: tuple[tuple[int, type[Struct]], ...] = ()


def _query(name: str, description: str, schema: Object, **more: Any) -> Object:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


_TEXTS = {
    "tag": "Essays with this tag",
    "category": "Essays of this category",
    "status": "Essays of this status, as in `Finished`",
    "certainty": "Essays of this certainty, as in `Likely`",
    "importance": "Essays of this importance, as in `7`",
    "year": "Essays published in this year",
}


def _narrowing(settings: Settings) -> Iterator[Object]:
    yield _query("q", "Words, phrases, fields and operators; without it, every essay.",
                 {"type": "string"}, example="black box")  # fmt: skip
    for facet in (*FACETS, *settings.rules.facets):
        text = _TEXTS.get(facet, f"Essays whose `{facet}` is this")
        words = f"{text}, or `unrated`" if facet in ("status", "certainty", "importance") else text
        yield _query(
            facet,
            f"{words}; several are OR.",
            {"type": "array", "items": {"type": "string"}},
            style="form", explode=True,
        )  # fmt: skip
    for name, scale in (("certainty", "per cent, 0–100"), ("importance", "0–10")):
        for end, word in (("min", "least"), ("max", "greatest")):
            yield _query(f"{name}_{end}", f"The {word} {name} ({scale}), included.",
                         {"type": "number"})  # fmt: skip


def facet_parameters(settings: Settings) -> list[Object]:
    """The parameters of a search that say which essays it finds, and how many values are listed."""
    return [*_narrowing(settings), _max_values("without it, all")]


def _max_values(unasked: str, **schema: object) -> Object:
    return _query(
        "max_values",
        "Values of each facet that are listed, the commonest, beside those that are chosen; "
        f"{unasked}. `more` says how many more there are.",
        {"type": "integer", "minimum": 1, "maximum": MAX_VALUES, **schema},
    )


def search_parameters(settings: Settings) -> list[Object]:
    """The parameters of a search."""
    return [
        *_narrowing(settings),
        _query("sort", "The order; without it, relevance where the query has words to weigh, else "
               "newest.", {"type": "string", "enum": list(SORTS)}),
        _query("prefer", "What counts more in the order of relevance.",
               {"type": "string", "enum": list(PREFERENCES)}),
        _query("page", "The page of hits, counted from 1; one past the last has no hits.",
               {"type": "integer", "minimum": 1, "maximum": MAX_WHOLE, "default": 1}),
        _query("per_page", "Hits on a page.",
               {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE,
                "default": settings.per_page}),
        _max_values(f"without it, {DEFAULT_VALUES}", default=DEFAULT_VALUES),
        _query("explain", "With 1, each hit says what each part of its score added.",
               {"type": "string", "enum": ["0", "1"], "default": "0"}),
        _query("typing", "There where a reader still types: what finds nothing is not remembered.",
               {"type": "string"}),
    ]  # fmt: skip


def _suggest_parameters(_: Settings) -> list[Object]:
    return [
        _query("q", "A query as far as it is typed.", {"type": "string"}, example="sparr"),
        _query("limit", "Suggestions at the most.",
               {"type": "integer", "minimum": 1, "maximum": MAX_SUGGESTIONS,
                "default": SUGGESTIONS}),
    ]  # fmt: skip


def _essay_parameters(_: Settings) -> list[Object]:
    return [{
        "name": "slug", "in": "path", "required": True, "schema": {"type": "string"},
        "description": "The slug of the essay; its slashes may stand as they are.",
        "example": "birds/sparrows",
    }]  # fmt: skip


#: By the name of its endpoint, every address that is described.
OPERATIONS = {
    "api.search": Operation(
        SearchAnswer, examples.search_example, search_parameters, (400, 414, 503)
    ),
    "api.facets": Operation(
        FacetsAnswer, examples.facets_example, facet_parameters, (400, 414, 503)
    ),
    "api.essay": Operation(EssayAnswer, examples.essay_example, _essay_parameters, (404, 414, 503)),
    "api.suggest": Operation(
        SuggestAnswer, examples.suggest_example, _suggest_parameters, (400, 414, 503)
    ),
    "health.healthz": Operation(Running, Running),
    "health.readyz": Operation(Ready, lambda: Ready(generation=12), other=((503, NotReady),)),
}


def describe(app: Flask, settings: Settings) -> Object:
    """The description of the API of one archive: its facets are among the parameters."""
    records = [*(each.answer for each in OPERATIONS.values()),
               *(record for each in OPERATIONS.values() for _, record in each.other),
               ProblemDetails]  # fmt: skip
    _, schemas = msgspec.json.schema_components(records, ref_template=_REF)
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.title}: search",
            "version": "1",
            "description": f"{settings.description}\n\n{_ABOUT}".strip(),
        },
        "servers": [{"url": settings.site_url or "/"}],
        "paths": {
            _path(rules[name]): {"get": _operation(app, settings, name)} for name in OPERATIONS
        },
        "components": {
            "schemas": schemas,
            "responses": {kind.code: _problem(status) for status, kind in problem.KINDS.items()},
        },
    }


_ABOUT = (
    "Search, facets, essays and suggestions of one archive, as JSON. A blank parameter is an "
    "absent one, and an unknown one is ignored. Values of one facet are OR, facets are AND; a "
    f"value that no essay has finds nothing, and a search can have at most {MAX_FILTERS} "
    "different ones. No request changes anything, and drafts are in no answer."
)


def _path(rule: Rule) -> str:
    """The address of a route as OpenAPI writes it: ``/essays/{slug}``."""
    return "".join(f"{{{text}}}" if variable else text for variable, text in _parts(rule))


def _parts(rule: Rule) -> Iterator[tuple[bool, str]]:
    """Its texts and variables in turn."""
    for number, part in enumerate(rule.rule.replace(">", "<").split("<")):
        yield bool(number % 2), part.rpartition(":")[2]


def _operation(app: Flask, settings: Settings, name: str) -> Object:
    operation = OPERATIONS[name]
    summary, _, rest = (app.view_functions[name].__doc__ or "").partition("\n")
    found: Object = {"operationId": name.rpartition(".")[2], "summary": summary.strip()}
    if rest.strip():
        found["description"] = " ".join(rest.split())
    if parameters := operation.parameters(settings):
        found["parameters"] = parameters
    responses: Object = {
        "200": {
            "description": _about(operation.answer),
            "content": {"application/json": {
                "schema": _ref(operation.answer),
                "example": msgspec.to_builtins(operation.example(), str_keys=True),
            }},
        }
    }  # fmt: skip
    for status, record in operation.other:
        responses[str(status)] = {
            "description": _about(record),
            "content": {"application/json": {"schema": _ref(record)}},
        }
    for status in operation.errors:
        code = problem.KINDS[status].code
        responses[str(status)] = {"$ref": f"#/components/responses/{code}"}
    return {**found, "responses": responses}


def _about(record: type[Struct]) -> str:
    return " ".join((record.__doc__ or "").split())


def _ref(record: type[Struct]) -> Object:
    return {"$ref": _REF.format(name=record.__name__)}


def _problem(status: int) -> Object:
    kind = problem.KINDS[status]
    found: Object = {
        "description": kind.when,
        "content": {problem.MEDIA_TYPE: {
            "schema": _ref(ProblemDetails),
            "example": msgspec.to_builtins(problem.details(
                status, kind.example, parameter="page" if status == 400 else "",
                path="/api/v1/search",
            )),
        }},
    }  # fmt: skip
    return found
