"""From the tags of a query to its tree.

One walk over the syntax tree. What cannot be meant as a field becomes words and a note; of more
clauses than are allowed the first are taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from whoosh.qparser import syntax

from app.search.query.analyzer import QueryAnalyzer
from app.search.query.fields import EXACT, Selector, TextField, Unmeant
from app.search.query.grammar import FieldedNode, PhraseNode
from app.search.query.tree import (
    Exact,
    Fuzzy,
    Not,
    Phrase,
    Prefix,
    Run,
    Tree,
    Wildcard,
    Word,
    all_of,
    any_of,
)
from app.search.results import Note
from indexer.analysis import folding, tokenizer
from indexer.analysis.tokenizer import Piece

_QUOTED = re.compile(r'"([^"]*)"')
_UNKNOWN_FIELD = re.compile(r"([A-Za-z_]{2,}):(?!//)(?=\S)")
_FUZZY = re.compile(r"(.*\w)~([12])?")
#: A star anywhere, or a question mark between letters: one at the end asks a question.
_PATTERN = re.compile(r"\*|\w\?\w")
#: What addresses, paths and code have, and no pattern of a word.
_NO_PATTERN = re.compile(r"[:/@=()<>]")


class Compiler:
    """The trees of one query, with the notes on it and the clauses that were counted."""

    def __init__(
        self,
        known: Mapping[str, TextField | Selector],
        max_clauses: int,
        analyzer: QueryAnalyzer,
    ) -> None:
        """``known`` are the names that may stand before a colon."""
        self.known = known
        self.max_clauses = max_clauses
        self.analyzer = analyzer
        self.notes: list[Note] = []
        self.clauses = 0

    def tree(self, node: Any) -> Tree | None:
        """The tree of a syntax node; None where it says nothing."""
        if isinstance(node, syntax.NotGroup):
            part = self.tree(node.nodes[0]) if node.nodes else None
            return None if part is None else Not(part)
        if isinstance(node, syntax.GroupNode):
            parts = [part for child in node.nodes if (part := self.tree(child)) is not None]
            return any_of(parts) if isinstance(node, syntax.OrGroup) else all_of(parts)
        if isinstance(node, syntax.FieldnameNode):
            return self.words(node.original, node.startchar, node.endchar)
        if isinstance(node, FieldedNode):
            return self._field(node, node.name, node.op, node.value, node.quoted, node.slop)
        if isinstance(node, PhraseNode):
            if name := node.fieldname:
                return self._field(node, name, "", node.value, True, node.slop)
            return self._clause(lambda: _quoted(node.value, node.slop, "", self.analyzer), node)
        if isinstance(node, syntax.WordNode):
            if name := node.fieldname:
                return self._field(node, name, "", node.text, False, 1)
            return self._word(node)
        return None  # operators left without operands

    def words(self, text: str, start: int, end: int) -> Tree | None:
        """Every word of a text that was meant as something else and stands at a place."""
        place = _Span(start, end)
        pieces = self.analyzer.pieces(text)
        return _all(self._clause(partial(_piece, piece, ""), place) for piece in pieces)

    def plain(self, text: str) -> Tree | None:
        """Every word of a text that is words alone."""
        pieces = self.analyzer.pieces(text)
        return all_of([_piece(each, "") for each in pieces if self._counted(each.start, each.end)])

    def phrases_and_words(self, text: str) -> Tree | None:
        """The phrases of a text that are closed, and every other word, without any operator."""
        trees: list[Tree | None] = []
        for number, stretch in enumerate(_QUOTED.split(text)):
            trees.append(self.phrase(stretch) if number % 2 else self.plain(stretch))
        return _all(trees)

    def phrase(self, text: str) -> Tree | None:
        """A text that stands between quotes, alone."""
        return self._clause(lambda: _quoted(text, 1, "", self.analyzer), _Span(0, len(text) + 2))

    def _clause(self, make: Callable[[], Tree | None], node: Any) -> Tree | None:
        return make() if self._counted(node.startchar, node.endchar) else None

    def _counted(self, start: int, end: int) -> bool:
        """Whether one more clause, which stands at a place, is still allowed."""
        self.clauses += 1
        if self.clauses == self.max_clauses + 1:
            message = f"Only the first {self.max_clauses} words and fields were searched."
            self.notes.append(Note(message, start, end))
        return self.clauses <= self.max_clauses

    def _field(
        self, node: Any, name: str, op: str, value: str, quoted: bool, slop: int
    ) -> Tree | None:
        meant = self.known[name.lower()]
        if isinstance(meant, TextField):
            field = meant.field
            if quoted:
                return self._clause(lambda: _quoted(value, slop, field, self.analyzer), node)
            return self._clause(
                lambda: _all(_token(op + part, field, self.analyzer) for part in value.split()),
                node,
            )
        try:
            selected = meant.tree(op, value, quoted)
        except Unmeant as error:
            start, end = node.startchar, node.endchar
            self.notes.append(Note(f"{error} Searched as words.", start, end))
            return self.words(f"{name} {value}", start, end)
        return self._clause(lambda: selected, node)

    def _word(self, node: syntax.WordNode) -> Tree | None:
        text: str = node.text
        start = node.startchar
        if unknown := _UNKNOWN_FIELD.match(text):
            message = f"There is no field “{unknown[1]}”; searched as words."
            self.notes.append(Note(message, start, start + len(text)))
        elif text.count('"') % 2:
            message = "A quotation mark is not closed; searched as words."
            self.notes.append(Note(message, start, node.endchar))
        return self._clause(lambda: _token(text, "", self.analyzer), node)


class _Span(NamedTuple):
    """A stretch of the text of a query."""

    startchar: int
    endchar: int


def _all(trees: Any) -> Tree | None:
    return all_of(tree for tree in trees if tree is not None)


def _piece(piece: Piece, field: str) -> Tree:
    return Run(piece.text, field) if piece.run else Word(piece.text, field)


def _quoted(text: str, slop: int, field: str, analyzer: QueryAnalyzer) -> Tree | None:
    """A text that stands between quotes; None where it has no word. A lone word is meant as it is
    written, unless words may stand between it and others."""
    found = phrase(text, slop, field, analyzer)
    if isinstance(found, Word) and slop == 1 and field in EXACT:
        return Exact(found.text, field)
    return found


def phrase(text: str, slop: int, field: str, analyzer: QueryAnalyzer) -> Tree | None:
    """Words in a row; None where a text has none."""
    pieces = list(analyzer.pieces(text))
    if len(pieces) < 2:
        return _piece(pieces[0], field) if pieces else None
    last = pieces[-1]
    if last.run and len(folding.run(last.text)) == 1:
        # A single letter may be the first of a longer word: no term says where it stands.
        head = phrase(text[: last.start], slop, field, analyzer)
        return _all([head, _piece(last, field)])
    return Phrase(text, slop, field)


def _token(text: str, field: str, analyzer: QueryAnalyzer) -> Tree | None:
    """One run of characters without spaces: a word or several, a prefix, a pattern, fuzzy."""
    pieces = list(analyzer.pieces(text))
    if not any(piece.run for piece in pieces):
        # Where no spaces are written, a word is found within others anyway.
        match = _FUZZY.fullmatch(text)
        if match and (spelled := list(analyzer.pieces(match[1]))):
            *before, last = spelled
            near = Fuzzy(folding.fold(last.text), int(match[2] or 1), field)
            return _all([*(_piece(piece, field) for piece in before), near])
        bare = text.strip("\"'.,;:!()[]{}")
        if _PATTERN.search(bare) and _PATTERN.search(folded := _folded_pattern(bare)):
            return _pattern(folded, field)
    return _all(_piece(piece, field) for piece in pieces)


def _folded_pattern(text: str) -> str:
    pieces = [
        piece if piece in "*?" else "".join(tokenizer.words(piece))
        for piece in re.split(r"([*?])", text)
    ]
    return re.sub(r"\*+", "*", "".join(pieces))


def _pattern(folded: str, field: str) -> Tree | None:
    if not folded.strip("*?"):
        return None
    if folded.endswith("*") and not set("*?") & set(folded[:-1]):
        return Prefix(folded[:-1], field)
    return Wildcard(folded, field)
