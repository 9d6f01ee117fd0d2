"""The description of the API, for programs and for people: ``openapi.json`` and a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from app.search import payload
from app.web.api.openapi import Object, describe
from app.web.context import settings
from app.web.problem import KINDS

docs = Blueprint("docs", __name__)

_CODE = re.compile(r"``?([^`]+)``?")


class Field(NamedTuple):
    """One member of a record: its type as (text, name of the record that it is)."""

    name: str
    type: tuple[tuple[str, str], ...]
    always: bool
    description: str


def description() -> Object:
    """The description of this app's API; it is the same as long as the app lives."""
    known: Object | None = current_app.extensions.get("openapi")
    if known is None:
        known = describe(current_app, settings())
        current_app.extensions["openapi"] = known
    return known


@docs.get("/api/v1/openapi.json")
def openapi() -> BaseResponse:
    """The description for programs."""
    response = current_app.response_class(
        payload.encode(description()), content_type="application/json"
    )
    response.add_etag()
    return response.make_conditional(request)


@docs.get("/api/v1/docs")
def page() -> str:
    """The description for people."""
    found = description()
    schemas = found["components"]["schemas"]
    return render_template(
        "pages/api.html",
        description=found,
        records={name: list(fields(schema)) for name, schema in schemas.items()},
        type_of=type_of,
        errors=KINDS,
        spans=spans,
        pretty=partial(json.dumps, indent=2, ensure_ascii=False),
        resolved=lambda answer: _resolved(answer, found),
    )


@docs.get("/api")
def moved() -> BaseResponse:
    """The page that describes the API, from the address where one looks first."""
    return redirect(url_for("docs.page"), 302)


def _resolved(answer: Object, whole: Object) -> Object:
    """A part of the description, looked up where only its place is said."""
    if "$ref" not in answer:
        return answer
    found: Any = whole
    for name in answer["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found  # type: ignore[no-any-return]


def spans(text: str) -> Markup:
    """A description with what stands between backticks as code.

    >>> spans("With ``<1>`` or `2`.")
    Markup('With <code>&lt;1&gt;</code> or <code>2</code>.')
    """
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped


def fields(schema: Object) -> Iterator[Field]:
    """The members of a record."""
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        about = each.get("description", "")
        yield Field(name, tuple(type_of(each)), name in required, about)


def type_of(schema: Object) -> Iterator[tuple[str, str]]:
    """A type as words and, where a word is a record, its name.

    >>> list(type_of({"type": "array", "items": {"$ref": "#/components/schemas/Note"}}))
    [('list of ', ''), ('Note', 'Note')]
    >>> list(type_of({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}))
    [('integer, 1 to 100, 20 unless given', '')]
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield name, name
    elif "anyOf" in schema:
        for number, each in enumerate(schema["anyOf"]):
            if number:
                yield " or ", ""
            yield from type_of(each)
    elif schema.get("type") == "array":
        yield "list of ", ""
        yield from type_of(schema.get("items", {}))
    elif isinstance(schema.get("additionalProperties"), dict):
        yield "by name: ", ""
        yield from type_of(schema["additionalProperties"])
    else:
        yield _plain(schema), ""


def _plain(schema: Object) -> str:
    if "enum" in schema:
        words = " or ".join(json.dumps(each) for each in schema["enum"])
    else:
        words = schema.get("type", "anything")
    if "minimum" in schema:
        words += f", {schema['minimum']}"
        words += f" to {schema['maximum']}" if "maximum" in schema else " or more"
    if "default" in schema:
        words += f", {schema['default']} unless given"
    return str(words)
