"""What a query that finds nothing may ask for instead, step by step.

Where everything that was demanded finds nothing, one kind of demand after another becomes weaker,
in a fixed order: a word between quotes becomes any of its forms, patterns become words, phrases
first words near one another and then words, words of a field words of any field, and all of the
words most of them. What is excluded and what is
filtered stays as it is: whoever leaves something out does not want to see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.search.query.analyzer import QueryAnalyzer
from app.search.query.fields import TEXT_FIELDS
from app.search.query.parser import ParsedQuery
from app.search.query.tree import (
    And,
    Exact,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Run,
    Tree,
    Value,
    Wildcard,
    Word,
    all_of,
    any_of,
)
from app.search.results import Note
from indexer.analysis import tokenizer

#: Words of a phrase that is loosened may be so many places apart.
NEAR = 8

Change = Callable[[Tree], Tree]


class Looser(NamedTuple):
    """A query that demands less, and the notes that say what was done to it."""

    query: ParsedQuery
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Loosening:
    """The steps for queries of an archive whose languages ``analyzer`` knows. ``unknown`` says of a
    facet's value that no essay has it."""

    analyzer: QueryAnalyzer
    unknown: Callable[[Value], bool] = lambda _: False

    def steps(self, parsed: ParsedQuery) -> Iterator[Looser]:
        """What a query may be taken to mean, each time by a weaker demand than before; nothing for
        one that demands nothing but words.

        >>> from app.search.query.parser import QueryParser
        >>> from indexer.parsing.rules import Rules
        >>> parsed = QueryParser(Rules()).parse('"box black" -title:cat')
        >>> for step in Loosening(QueryAnalyzer()).steps(parsed):
        ...     print(step.notes[-1].message)
        No essay has this phrase; its words were searched near one another.
        No essay has this phrase; its words were searched.
        """
        for tree, messages, strict in self._trees(parsed.tree, parsed.strict):
            query = replace(parsed.with_tree(tree, self.analyzer), strict=strict)
            yield Looser(query, tuple(Note(message, 0, 0) for message in messages))

    def _trees(self, tree: Tree, strict: bool) -> Iterator[tuple[Tree, tuple[str, ...], bool]]:
        """Every tree with what was done to it, and whether all of its words are still meant."""
        done: tuple[str, ...] = ()
        forms = _changed(tree, _any_form)
        if forms != tree:
            done = ("Nothing has exactly this word; it was searched in any form.",)
            yield forms, done, strict
        words = _changed(forms, self._words_of_pattern)
        if words != forms:
            done = (*done, "No word matches; what was typed was searched as words.")
            yield words, done, strict
        near, tree = _changed(words, self._near), _changed(words, self._words_of_phrase)
        if near != words:
            message = "No essay has this phrase; its words were searched near one another."
            yield near, (*done, message), strict
        if tree != words:
            done = (*done, "No essay has this phrase; its words were searched.")
            yield tree, done, strict
        anywhere = _changed(tree, self._any_field(alone=not isinstance(tree, And)))
        if anywhere != tree:
            message = "No essay has this in that field; the words were searched everywhere."
            done = (*done, message)
            yield anywhere, done, strict
        if strict:
            message = "No essay has all of this; those with most of it are listed."
            yield anywhere, (*done, message), False

    def _words_of_pattern(self, tree: Tree) -> Tree:
        match tree:
            case Prefix(text, field) | Wildcard(text, field) | Fuzzy(text, _, field):
                if field and field not in TEXT_FIELDS:
                    return tree
                words = [Word(word, field) for word in tokenizer.words(text)]
                return all_of(words) or tree
        return tree

    def _near(self, tree: Tree) -> Tree:
        """A phrase as its words within some places of one another, two words in either order."""
        match tree:
            case Phrase(text, slop, field) if slop < NEAR:
                pieces = list(self.analyzer.pieces(text))
                if len(pieces) > 2 or any(piece.run for piece in pieces):
                    return Phrase(text, NEAR, field)
                turned = " ".join(piece.text for piece in reversed(pieces))
                return any_of([Phrase(text, NEAR, field), Phrase(turned, NEAR, field)]) or tree
        return tree

    def _words_of_phrase(self, tree: Tree) -> Tree:
        match tree:
            case Phrase(text, _, field):
                pieces = self.analyzer.pieces(text)
                return (
                    all_of(
                        Run(piece.text, field) if piece.run else Word(piece.text, field)
                        for piece in pieces
                    )
                    or tree
                )
        return tree

    def _any_field(self, *, alone: bool) -> Change:
        """Words of a field as words of any; a value that no essay has as words, if it is not
        ``alone``: then it was chosen, not typed."""

        def change(tree: Tree) -> Tree:
            match tree:
                case Word() | Run() | Phrase() | Prefix() | Wildcard() | Fuzzy():
                    return replace(tree, field="") if tree.field in TEXT_FIELDS else tree
                case Value(_, value) if not alone and self.unknown(tree):
                    words = (
                        Run(piece.text) if piece.run else Word(piece.text)
                        for piece in self.analyzer.pieces(value)
                    )
                    return all_of(words) or tree
            return tree

        return change


def _any_form(tree: Tree) -> Tree:
    return Word(tree.text, tree.field) if isinstance(tree, Exact) else tree


def _changed(tree: Tree, change: Change) -> Tree:
    """A tree with each of its wanted nodes changed; what is excluded stays."""
    changed = change(tree)
    if changed is not tree:
        return changed
    match tree:
        case And(parts):
            return all_of(_changed(part, change) for part in parts) or tree
        case Or(parts):
            return any_of(_changed(part, change) for part in parts) or tree
        case Not():
            return tree
    return tree
