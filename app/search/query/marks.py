"""What to mark in the texts that a query finds, read off its finished tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.search.query import fields
from app.search.query.analyzer import QueryAnalyzer, WordTerms
from app.search.query.fields import WordNode
from app.search.query.tree import Exact, Fuzzy, Phrase, Prefix, Run, Tree, Wildcard, Word, wanted
from indexer.analysis import folding
from indexer.schema import field_names


@dataclass(frozen=True)
class Marks:
    """The words to mark: by term (``stems``), by folded word, by their beginning, by pattern, in
    sequence (for each word of a phrase its terms), within some edits of a folded word, and runs of
    letters of scripts without spaces.

    >>> read(Phrase("black boxes"), QueryAnalyzer()).phrases
    ((('black',), ('box',)),)
    """

    stems: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    phrases: tuple[tuple[tuple[str, ...], ...], ...] = ()
    fuzzy: tuple[tuple[str, int], ...] = ()
    runs: frozenset[str] = frozenset()


def read(tree: Tree, analyzer: QueryAnalyzer) -> Marks:
    """What a tree marks, in an archive of these languages: all that an essay is to have."""
    found = [node for node in wanted(tree) if fields.weighs(node)]
    stems: set[str] = set()
    words: set[str] = set()
    for node in found:
        for word in _marked_words(node, analyzer):
            if _stemmed(node.field) and not isinstance(node, Exact):
                stems.update(word.forms)
            else:
                words.update(word.folded)
    if all(isinstance(node, Word) for node in found):  # most queries are words alone
        return Marks(frozenset(stems), frozenset(words))
    phrases = [each for each in found if isinstance(each, Phrase) and each.slop == 1]
    return Marks(
        stems=frozenset(stems),
        words=frozenset(words),
        prefixes=frozenset(each.text for each in found if isinstance(each, Prefix)),
        patterns=tuple(each.pattern for each in found if isinstance(each, Wildcard)),
        phrases=tuple(
            tuple(_terms(word, each.field) for word in analyzer.phrase(each.text).words)
            for each in phrases
        ),
        fuzzy=tuple((each.text, each.distance) for each in found if isinstance(each, Fuzzy)),
        runs=frozenset(
            run for each in found if isinstance(each, Run | Phrase) for run in _runs(each, analyzer)
        ),
    )


def _marked_words(node: WordNode, analyzer: QueryAnalyzer) -> list[WordTerms]:
    """The words of a node that are marked one by one. Words that may stand apart are marked
    wherever they are."""
    if isinstance(node, Word | Exact):
        return [analyzer.word(node.text)]
    if isinstance(node, Phrase) and node.slop != 1:
        return [analyzer.word(piece.text) for piece in analyzer.pieces(node.text) if not piece.run]
    return []


def _runs(node: Tree, analyzer: QueryAnalyzer) -> Iterator[str]:
    match node:
        case Run(text):
            yield folding.run(text)
        case Phrase(text, slop) if slop != 1:
            yield from (folding.run(piece.text) for piece in analyzer.pieces(text) if piece.run)


def _terms(word: WordTerms, field: str) -> tuple[str, ...]:
    return tuple(sorted(set(word.forms if _stemmed(field) else word.folded)))


def _stemmed(field: str) -> bool:
    """Whether words are stemmed in a field of a tree; of all fields those of running text are."""
    return not field or bool(set(fields.TEXT_FIELDS[field].names) & set(field_names.TEXT))
