"""A tree with the author's synonyms in it."""

from __future__ import annotations

from collections.abc import Sequence

from app.search.query.analyzer import QueryAnalyzer
from app.search.query.compiler import phrase
from app.search.query.curation import Curation
from app.search.query.tree import And, Or, Synonyms, Tree, Word, all_of
from indexer.analysis import analyzer as analysis


def widened(tree: Tree, curation: Curation, analyzer: QueryAnalyzer) -> Tree:
    """The same tree; words that have synonyms, alone or in a row, stand for those too.

    Words of a phrase, of a field, or that are excluded are what they say.
    """
    if not curation.others:
        return tree
    match tree:
        case And(parts):
            made = all_of(_in_a_row(parts, curation, analyzer))
            assert made is not None
            return made
        case Or(parts):
            return Or(tuple(widened(part, curation, analyzer) for part in parts))
        case Word():
            (one,) = _in_a_row([tree], curation, analyzer)
            return one
        case _:
            return tree


def _in_a_row(parts: Sequence[Tree], curation: Curation, analyzer: QueryAnalyzer) -> list[Tree]:
    """The parts of an ``And``, of the words in a row as many as possible together."""
    found: list[Tree] = []
    at = 0
    while at < len(parts):
        for end in range(min(at + curation.longest, len(parts)), at, -1):
            if (made := _synonyms(parts[at:end], curation, analyzer)) is not None:
                found.append(made)
                at = end
                break
        else:
            part = parts[at]
            found.append(part if isinstance(part, Word) else widened(part, curation, analyzer))
            at += 1
    return found


def _synonyms(
    parts: Sequence[Tree], curation: Curation, analyzer: QueryAnalyzer
) -> Synonyms | None:
    """What some words in a row stand for together; None where that is nothing but themselves."""
    words = [part for part in parts if isinstance(part, Word) and not part.field]
    if len(words) < len(parts):
        return None
    meant = curation.others.get(tuple(analysis.terms(" ".join(word.text for word in words))))
    if not meant:
        return None
    others = (phrase(other, 1, "", analyzer) for other in meant)
    return Synonyms(tuple(words), tuple(other for other in others if other is not None))
