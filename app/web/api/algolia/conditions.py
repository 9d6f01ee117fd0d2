"""``facetFilters``, ``numericFilters``, ``tagFilters`` and ``filters`` as one condition."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from app.search.query.tree import And, Not, Or, Tree, all_of, any_of
from app.web.api.algolia import filters
from app.web.api.algolia.attributes import Attributes, comparison, finite
from app.web.api.algolia.parameters import Parameters
from app.web.api.algolia.refusal import Refused

#: Values and comparisons of one query.
MAX_CONDITIONS = 200

_COMPARED = re.compile(r"\s*([^<>=!]+?)\s*(<=|>=|!=|==|=|<|>)\s*(\S+)\s*")
_BETWEEN = re.compile(r"\s*([^:]+?)\s*:\s*(\S+)\s+TO\s+(\S+)\s*")
#: What is between commas, and what is in brackets, of a list that is written in one text.
_GROUPS = re.compile(r"\(([^()]*)\)|([^,()]+(?:\([^()]*\)[^,()]*)*)")


def condition(parameters: Parameters, attributes: Attributes) -> Tree | None:
    """What a query narrows by; None for nothing. Raises
    :class:`~app.web.api.algolia.refusal.Refused`."""
    parts = [
        _listed(parameters.tree(name), partial(made, attributes=attributes), name)
        for name, made in (("facetFilters", facet), ("numericFilters", number), ("tagFilters", tag))
        if name in parameters
    ]
    parts.append(filters.parse(parameters.text("filters"), attributes))
    found = all_of(part for part in parts if part is not None)
    if found is not None and _size(found) > MAX_CONDITIONS:
        raise Refused(f"A query can have at most {MAX_CONDITIONS} filters")
    return found


def _listed(value: Any, made: Callable[[str], Tree], name: str) -> Tree | None:
    """All of a list, and any of each list in it; a text is such a list, or one condition."""
    if isinstance(value, str):
        value = [
            match[1].split(",") if match[1] is not None else match[2]
            for match in _GROUPS.finditer(value)
        ]
    if not isinstance(value, list):
        raise Refused(f"{name} must be a list")
    found = []
    for each in value:
        any_ = each if isinstance(each, list) else [each]
        if not all(isinstance(text, str) for text in any_):
            raise Refused(f"{name} must have texts, and lists of texts")
        found.append(any_of(made(text) for text in any_ if text.strip()))
    return all_of(part for part in found if part is not None)


def facet(text: str, attributes: Attributes) -> Tree:
    """``attribute:value``, or ``attribute:-value`` for all without it; a value that begins with a
    minus has a backslash before it.

    >>> facet("tags:-a:b", Attributes()), facet(r"tags:\\-a", Attributes())
    (Not(part=Value(field='tag', value='a:b', percent=None)), Value(field='tag', value='-a', percent=None))
    """  # noqa: E501
    name, colon, value = text.partition(":")
    if not colon:
        raise Refused(f"facetFilters: expected attribute:value, found {text[:40]}")
    name, value = name.strip(), value.strip()
    if without := value.startswith("-"):
        value = value[1:]
    if name.startswith("-"):
        name, without = name[1:], not without
    if value.startswith("\\-"):
        value = value[1:]
    found = attributes.equal(name, value)
    return Not(found) if without else found


def number(text: str, attributes: Attributes) -> Tree:
    """A comparison, ``attribute:number``, or ``attribute:low TO high``."""
    if match := _BETWEEN.fullmatch(text):
        low, high = finite(match[2]), finite(match[3])
        if low is not None and high is not None:
            return And(attributes.between(match[1], low, high))
    elif match := _COMPARED.fullmatch(text):
        if (right := finite(match[3])) is not None:
            return attributes.compared(match[1], comparison(match[2]), right)
    else:
        name, _, value = text.partition(":")
        if (right := finite(value)) is not None:
            return attributes.compared(name.strip(), "=", right)
    raise Refused(f"numericFilters: expected attribute>=number, found {text[:40]}")


def tag(text: str, attributes: Attributes) -> Tree:
    """A tag, or with a minus before it all without it."""
    found = attributes.equal("_tags", text.removeprefix("-"))
    return Not(found) if text.startswith("-") else found


def _size(tree: Tree) -> int:
    match tree:
        case And(parts) | Or(parts):
            return sum(map(_size, parts))
        case Not(part):
            return _size(part)
        case _:
            return 1
