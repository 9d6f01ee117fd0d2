"""The words that prefixes, patterns and misspelt words stand for.

In fields of whole words they are looked up, so that a reader can be told how many there are and
shown where they stand. In fields of running text, where they are the terms of inflected words, the
cluster finds them by itself, however many there are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from app.search.binding.binding import Binding
from app.search.binding.clauses import NOTHING, Clause, EveryDocument, TermPrefix
from app.search.budget import FREE, Budget
from app.search.opensearch import dsl
from app.search.opensearch.cluster import Dsl
from app.search.opensearch.dsl import AnyTerm
from app.search.opensearch.lexicon import MAX_EXPRESSION, listing
from app.search.opensearch.snapshot import Snapshot
from app.search.query.tree import Fuzzy, Prefix, Tree, Wildcard
from app.search.results import Note
from indexer.schema import field_names

#: Terms of a pattern that are counted; there may be more.
MAX_COUNTED = 20_000

_RUNNING = frozenset((*field_names.TEXT, *field_names.NAMES))


class Standing(NamedTuple):
    """The terms that something stands for, the commonest of them, and how many there are."""

    terms: tuple[str, ...]
    many: int


def bound(
    tree: Tree, snapshot: Snapshot, limit: int, notes: list[Note], budget: Budget = FREE
) -> Clause:
    """The clause of a tree, its patterns and misspelt words as the terms they stand for, and none
    of them for more than ``limit``: the commonest do, and a note says so. One for which there is no
    time is left out: it stands for every essay, as if it had not been asked for."""

    def expand(node: Prefix | Wildcard | Fuzzy, field: str) -> Clause:
        if budget.over():
            return EveryDocument()
        if field in _RUNNING:
            return AnyTerm(field, "", 0, _found_by_cluster(node, field, limit), frozenset())
        text, distance = _asked(node)
        found = standing(snapshot, field, text, distance, limit)
        if found.many > limit:
            what = f"“{text if isinstance(node, Wildcard) else node_text(node)}” stands for "
            # Words of titles are looked up a second time, in a field of their own.
            if not any(note.message.startswith(what) for note in notes):
                rest = f"{found.many:,} words; the commonest {limit:,} were searched."
                notes.append(Note(what + rest, 0, 0))
        elif isinstance(node, Prefix):
            return TermPrefix(field, node.text)
        if not found.terms:
            return NOTHING
        query = dsl.having(field, found.terms)
        return AnyTerm(field, text, distance, query, frozenset(found.terms))

    return Binding(snapshot.analyzer, expand, limit).clause(tree)


def node_text(node: Prefix | Wildcard | Fuzzy) -> str:
    """What was typed, without the sign behind it."""
    return node.pattern if isinstance(node, Wildcard) else node.text


def _asked(node: Prefix | Wildcard | Fuzzy) -> tuple[str, int]:
    """A node as a pattern, or as a word with its distance."""
    match node:
        case Prefix(text):
            return f"{text}*", 0
        case Wildcard(pattern):
            return pattern, 0
        case Fuzzy(text, distance):
            return text, distance


def standing(snapshot: Snapshot, field: str, text: str, distance: int, limit: int) -> Standing:
    """The commonest ``limit`` terms that a pattern (``distance`` 0) or a misspelt word stands for
    in a field of whole words."""
    key = ("standing", field, text, distance, limit)
    found: Standing | None = snapshot.known.get(key)
    if found is None:
        found = snapshot.known[key] = _standing(snapshot, field, text, distance, limit)
    return found


def _standing(snapshot: Snapshot, field: str, text: str, distance: int, limit: int) -> Standing:
    if distance:
        near = snapshot.lexicon.near(field, text, distance)
        counts = {each.term: each.having for each in near}
    elif text.endswith("*") and not set("*?") & set(text[:-1]):
        counts = snapshot.lexicon.prefixed(field, text[:-1])
    else:
        counts = _matching(snapshot, field, text)
    terms = sorted(counts, key=lambda term: (-counts[term], term))
    return Standing(tuple(terms[:limit]), len(terms))


def _matching(snapshot: Snapshot, field: str, pattern: str) -> dict[str, int]:
    """The terms that a pattern matches, each with the number of its essays."""
    expression = _expression(pattern)
    if len(expression) > MAX_EXPRESSION:
        return {}  # no word is as long
    asked = {"field": dsl.field_of(field), "include": expression, "size": MAX_COUNTED}
    body = listing(asked, _of_pattern(dsl.field_of(field), pattern))
    buckets = snapshot.search(body)["aggregations"]["t"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _expression(pattern: str) -> str:
    """A pattern as an expression of Lucene.

    >>> _expression("m?p*"), _expression("a.b*")
    ('m.p.*', 'a\\\\.b.*')
    """
    signs = {"*": ".*", "?": "."}
    parts = re.split(r"([*?])", re.sub(r"\*+", "*", pattern))
    escape = re.compile(r'([.+|{}\[\]()"\\#@&<>~])')
    return "".join(signs.get(part) or escape.sub(r"\\\1", part) for part in parts)


def _found_by_cluster(node: Prefix | Wildcard | Fuzzy, field: str, limit: int) -> Dsl:
    name = dsl.field_of(field)
    match node:
        case Prefix(text):
            return {"prefix": {name: {"value": text}}}
        case Wildcard(pattern):
            return _of_pattern(name, pattern)
        case Fuzzy(text, distance):
            return {
                "fuzzy": {
                    name: {
                        "value": text, "fuzziness": distance, "prefix_length": 0,
                        "transpositions": True, "max_expansions": limit,
                        "rewrite": "constant_score",
                    }
                }
            }  # fmt: skip


def _of_pattern(name: str, pattern: str) -> Dsl:
    return {"wildcard": {name: {"value": pattern.replace("\\", "\\\\")}}}
