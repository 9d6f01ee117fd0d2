"""An essay found as a record, with what to mark in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    whole_ = dict.fromkeys(_all_of(parameters.names("attributesToHighlight", ("*",))), 0)
    cut = _cut(parameters.names("attributesToSnippet"))
    texts = {
        text: None
        for each in every
        for name in whole_ | cut
        for text in _texts_of(_value(each, name))
    }
    known = dict(zip(texts, marking.find(q, [*texts], engine, budget), strict=True))
    arrays = parameters.values.get("restrictHighlightAndSnippetArrays") in (True, "true")

    def marks(
        each: Mapping[str, Any], names: Mapping[str, int], leaf: Callable[[Marked, int], Any]
    ) -> dict[str, Any]:
        found = {}
        for name, count in names.items():
            value = _value(each, name)
            leaves = [leaf(known[text], count) for text in _texts_of(value)]
            if isinstance(value, tuple):
                matched = [one for one in leaves if one["matchLevel"] != "none"]
                found[name] = matched if arrays else leaves
            elif leaves:
                found[name] = leaves[0]
        return found

    answers = []
    for each in every:
        answer = _retrieved(each, parameters.names("attributesToRetrieve", ("*",)))
        if whole_:
            answer["_highlightResult"] = marks(
                each, whole_, lambda text, _: marking.highlight(text, tags)
            )
        if cut:
            answer["_snippetResult"] = marks(
                each, cut, lambda text, count: marking.snippet(text, count, tags)
            )
        answers.append(answer)
    return answers


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
