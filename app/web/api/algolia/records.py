"""An essay found as a record, with what to mark in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from app.search.budget import Budget
from app.search.engine import Engine
from app.search.results import Hit
from app.web.api.algolia import marking
from app.web.api.algolia.attributes import LISTS, timestamp
from app.web.api.algolia.marking import Marked, Tags
from app.web.api.algolia.parameters import Parameters
from app.web.urls import address, canonical
from indexer.essay import RATINGS, Rating

#: The attributes with words of the query, which are marked unless a client names others.
TEXTS = ("title", "description", "excerpt", "content", "authors", "tags", "categories")

#: Words of an excerpt of which a client does not say how many.
SNIPPET_WORDS = 10

_CUT = re.compile(r"^… | …$")


def record(hit: Hit, facets: Iterable[str]) -> dict[str, Any]:
    """All attributes of an essay found; ``facets`` are the archive's own.

    ``content`` is the passage that shows best why it was found, ``section`` the heading above it.
    """
    essay = hit.essay
    where = hit.snippets[0].section if hit.snippets else None
    url = canonical(address(essay.slug))
    found: dict[str, Any] = {
        "objectID": essay.slug,
        "slug": essay.slug,
        "path": essay.path,
        "url": url,
        "title": essay.title,
        "description": essay.description,
        "excerpt": essay.excerpt,
        "content": _passage(hit),
        "section": where.title if where else "",
        "section_url": f"{url}#{where.anchor}" if where and where.anchor else url,
        "authors": essay.authors,
        "tags": essay.facet("tag"),
        "categories": essay.facet("category"),
        "lang": essay.lang,
        "words": essay.words,
        "featured": essay.featured,
        "complete": essay.complete,
        "year": essay.published.year if essay.published else None,
    }
    for name in RATINGS:
        found |= _flat_rating(name, getattr(essay, name))
    for name, moment in (("published", essay.published), ("updated", essay.updated)):
        found[name] = moment.iso if moment else None
        found[f"{name}_timestamp"] = timestamp(moment.day) if moment else None
    return found | {name: essay.facet(name) for name in facets if name not in found}


def _passage(hit: Hit) -> str:
    if not hit.snippets:
        return hit.essay.excerpt or hit.essay.description
    return _CUT.sub("", "".join(each.text for each in hit.snippets[0].fragments))


def _flat_rating(name: str, rating: Rating | None) -> dict[str, Any]:
    """A rating flat: its facet value, a number where it is one, and its percentage."""
    label: str | float = "unrated" if rating is None else rating.label
    if rating is not None and isinstance(rating.value, float):
        label = whole(rating.value)
    percentage = None if rating is None else rating.percentage
    return {name: label, f"{name}_pct": None if percentage is None else whole(percentage)}


def whole(number: float) -> int | float:
    """A number without a point where it needs none."""
    return int(number) if float(number).is_integer() else number


def records(
    hits: Sequence[Hit],
    q: str,
    parameters: Parameters,
    facets: Iterable[str],
    engine: Engine,
    budget: Budget,
) -> list[dict[str, Any]]:
    """Some essays found, with the attributes that a client asks for and their marks."""
    every = [record(hit, facets) for hit in hits]
    tags = Tags(
        parameters.text("highlightPreTag", Tags().before),
        parameters.text("highlightPostTag", Tags().after),
        parameters.text("snippetEllipsisText", Tags().ellipsis),
    )
    full = _all_of(parameters.names("attributesToHighlight", ("*",)))
    cut = _cut(parameters.names("attributesToSnippet"))
    wanted = parameters.names("attributesToRetrieve", ("*",))
    only = parameters.values.get("restrictHighlightAndSnippetArrays") in (True, "true")
    texts = [text for each in every for name in (*full, *cut)
             for text in _texts_of(_value(each, name))]  # fmt: skip
    texts = list(dict.fromkeys(texts))
    known = dict(zip(texts, marking.find(q, texts, engine, budget), strict=True))
    answers = []
    for each in every:
        answer = _retrieved(each, wanted)
        if full:
            answer["_highlightResult"] = {
                name: leaves
                for name in full
                if (leaves := _leaves(_value(each, name), partial(_marked, known, tags), only))
                is not None
            }
        if cut:
            answer["_snippetResult"] = {
                name: leaves
                for name, count in cut.items()
                if (
                    leaves := _leaves(
                        _value(each, name), partial(_excerpt, known, count, tags), only
                    )
                )
                is not None
            }
        answers.append(answer)
    return answers


_Known = Mapping[str, Marked]


def _marked(known: _Known, tags: Tags, text: str) -> dict[str, Any]:
    return marking.highlight(known[text], tags)


def _excerpt(known: _Known, count: int, tags: Tags, text: str) -> dict[str, Any]:
    return marking.snippet(known[text], count, tags)


def _leaves(value: Any, leaf: Callable[[str], dict[str, Any]], only: bool) -> Any:
    """What stands for an attribute among the marks: a leaf, or a list of them, ``only`` of those
    that match; None for an attribute that is not there."""
    leaves = [leaf(text) for text in _texts_of(value)]
    if isinstance(value, tuple):
        return [each for each in leaves if not only or each["matchLevel"] != "none"]
    return leaves[0] if leaves else None


def _value(found: Mapping[str, Any], name: str) -> Any:
    """An attribute by its name or that of its facet; None where there is none."""
    names = {facet: name for name, facet in LISTS.items()}
    return found.get(name, found.get(names.get(name, "")))


def _texts_of(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, tuple) else [str(value)]


def _all_of(names: Iterable[str]) -> list[str]:
    return [one for name in names for one in (TEXTS if name == "*" else (name,))]


def _cut(asked: Iterable[str]) -> dict[str, int]:
    """Attributes as ``name`` or ``name:words``, with their numbers of words."""
    found: dict[str, int] = {}
    for each in asked:
        name, _, count = each.partition(":")
        number = int(count) if count.isascii() and count.isdigit() and len(count) < 6 else None
        for one in _all_of([name]):
            found[one] = SNIPPET_WORDS if number is None else number
    return found


def _retrieved(found: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The attributes that are asked for, or all but those with a minus; always ``objectID``."""
    without = {name[1:] for name in names if name.startswith("-")}
    kept: dict[str, Any] = {"objectID": found["objectID"]}
    if "*" in names or (without and len(without) == len(names)):
        return kept | {name: value for name, value in found.items() if name not in without}
    for name in names:
        value = _value(found, name)
        if value is not None or name in found:
            kept[name] = value
    return kept
