"""What do the tags of a query mean: the query tree, and which words to mark in a text?

One walk over the syntax tree. A clause either weighs (words, over all fields of text) or selects
(facets, ratings, dates, flags); what cannot be meant becomes words and a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from whoosh import query as wq
from whoosh.qparser import syntax

from app.search.query import fields
from app.search.query.analyzer import QueryAnalyzer
from app.search.query.curation import Curation
from app.search.query.fields import Selector, Text, Unmeant
from app.search.query.grammar import FieldedNode, PhraseNode
from app.search.query.limits import Limits
from app.search.query.tree import FILTER, Synonyms, Word, all_of, any_of
from app.search.results import Note
from indexer.analysis import analyzer, folding, tokenizer
from indexer.analysis.tokenizer import Piece
from indexer.schema import field_names

#: What a synonym counts, against what was typed.
SYNONYM = 0.7

_UNKNOWN_FIELD = re.compile(r"([A-Za-z_]{2,}):(?!//)(?=\S)")


@dataclass(frozen=True)
class Wanted:
    """The words that a query marks in a text: by term, by folded word, by pattern, in sequence
    (for each word of it its terms), and runs of letters of scripts without spaces."""

    stems: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    phrases: tuple[tuple[tuple[str, ...], ...], ...] = ()
    fuzzy: tuple[tuple[str, int], ...] = ()
    runs: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        words = self.stems or self.words or self.runs
        return bool(words or self.patterns or self.phrases or self.fuzzy)


class Compiler:
    """One walk over one syntax tree; collects notes and the words to mark on the way."""

    def __init__(
        self,
        known: Mapping[str, Text | Selector],
        limits: Limits,
        notes: list[Note],
        curation: Curation,
        tongues: QueryAnalyzer,
    ) -> None:
        """``known`` are the names that may stand before a colon, ``tongues`` the archive's."""
        self.known = known
        self.curation = curation
        self.limit = limits.clauses
        self.expansions = limits.expansions
        self.tongues = tongues
        self.notes = notes
        self.clauses = 0
        self.scoring = False
        self.negative = 0
        self.stems: set[str] = set()
        self.folded: set[str] = set()
        self.patterns: list[str] = []
        self.phrases: list[tuple[tuple[str, ...], ...]] = []
        self.fuzzy: list[tuple[str, int]] = []
        self.runs: set[str] = set()

    def wanted(self) -> Wanted:
        return Wanted(
            frozenset(self.stems),
            frozenset(self.folded),
            tuple(self.patterns),
            tuple(self.phrases),
            tuple(self.fuzzy),
            frozenset(self.runs),
        )

    def query(self, node: Any) -> wq.Query | None:
        """The query of a syntax node."""
        if isinstance(node, syntax.NotGroup):
            self.negative += 1
            inner = self.query(node.nodes[0]) if node.nodes else None
            self.negative -= 1
            return None if inner is None else wq.Not(inner)
        if isinstance(node, syntax.GroupNode):
            made = [q for child in node.nodes if (q := self.query(child)) is not None]
            if isinstance(node, syntax.OrGroup):
                return any_of([each for one in made for each in self._widened([one])])
            return all_of(self._widened(made))
        if isinstance(node, syntax.FieldnameNode):
            return self.words(node.original, node.startchar, node.endchar)
        if isinstance(node, FieldedNode):
            return self._fielded(node)
        if isinstance(node, PhraseNode):
            if name := node.fieldname:
                return self._field(
                    name, "", node.value, True, node.slop, node.startchar, node.endchar
                )
            return self._clause(lambda: self._phrase(node.value, node.slop), node)
        if isinstance(node, syntax.WordNode):
            if name := node.fieldname:
                return self._field(name, "", node.text, False, 1, node.startchar, node.endchar)
            return self._word(node)
        return None  # operators left without operands

    def _clause(self, make: Callable[[], wq.Query | None], node: Any) -> wq.Query | None:
        limit = self.limit
        self.clauses += 1
        if self.clauses == limit + 1:
            self.notes.append(
                Note(
                    f"Only the first {limit} words and fields were searched.",
                    node.startchar,
                    node.endchar,
                )
            )
        return make() if self.clauses <= limit else None

    # -- fields ---------------------------------------------------------------------------------

    def _fielded(self, node: FieldedNode) -> wq.Query | None:
        return self._field(
            node.name, node.op, node.value, node.quoted, node.slop, node.startchar, node.endchar
        )

    def _field(
        self, name: str, op: str, value: str, quoted: bool, slop: int, start: int, end: int
    ) -> wq.Query | None:
        meaning = self.known[name.lower()]
        if isinstance(meaning, fields.Text):
            return self._clause(
                lambda: self._text(meaning, op, value, quoted, slop), _Place(start, end)
            )
        try:
            made = meaning.query(op, value, quoted)
        except Unmeant as error:
            self.notes.append(Note(f"{error} Searched as words.", start, end))
            return self.words(f"{name} {value}", start, end)
        # A filter selects and does not weigh.
        return self._clause(lambda: wq.ConstantScoreQuery(made, FILTER), _Place(start, end))

    def _text(
        self, text: fields.Text, op: str, value: str, quoted: bool, slop: int
    ) -> wq.Query | None:
        if quoted:
            return self._phrase(value, slop, text)
        return all_of(
            [q for part in value.split() if (q := self._single(op + part, text)) is not None]
        )

    # -- words ----------------------------------------------------------------------------------

    def words(self, text: str, start: int, end: int) -> wq.Query | None:
        """Every word of a text that was meant as something else."""
        place = _Place(start, end)
        made = [self._clause(partial(self._piece, p), place) for p in self.tongues.pieces(text)]
        return all_of([q for q in made if q is not None])

    def plain(self, text: str) -> wq.Query | None:
        """Every word of a text that is words alone."""
        made = [
            self._clause(partial(self._piece, piece), _Place(piece.start, piece.end))
            for piece in self.tongues.pieces(text)
        ]
        return all_of(self._widened([q for q in made if q is not None]))

    def phrase(self, text: str) -> wq.Query | None:
        """A text that stands between quotes, alone."""
        made = self._clause(lambda: self._phrase(text, 1), _Place(0, len(text) + 2))
        return all_of(self._widened([made])) if made is not None else None

    def _widened(self, made: list[wq.Query]) -> list[wq.Query]:
        """The same clauses; words that have synonyms, alone or together, stand for those too."""
        others, longest = self.curation.others, self.curation.longest
        if not longest or self.negative:
            return made
        widened: list[wq.Query] = []
        at = 0
        while at < len(made):
            for end in range(min(at + longest, len(made)), at, -1):
                run = made[at:end]
                if not all(type(each) is Word and each.anywhere for each in run):
                    continue
                text = " ".join(each.text for each in run)
                if meant := others.get(tuple(analyzer.terms(text))):
                    wider = [q for other in meant if (q := self._phrase(other, 1)) is not None]
                    for query in wider:
                        # As much as what was typed, whichever of them has more words.
                        query.boost = SYNONYM * len(run) / len(getattr(query, "words", [query]))
                    widened.append(Synonyms(text, all_of(run), wider))
                    at = end
                    break
            else:
                widened.append(made[at])
                at += 1
        return widened

    def _word(self, node: syntax.WordNode) -> wq.Query | None:
        text: str = node.text
        if unknown := _UNKNOWN_FIELD.match(text):
            end = node.startchar + len(text)
            self.notes.append(
                Note(f"There is no field “{unknown[1]}”; searched as words.", node.startchar, end)
            )
        elif text.count('"') % 2:
            self.notes.append(
                Note(
                    "A quotation mark is not closed; searched as words.",
                    node.startchar,
                    node.endchar,
                )
            )
        return self._clause(lambda: self._single(text, None), node)

    def _single(self, text: str, within: fields.Text | None) -> wq.Query | None:
        """One run of characters without spaces: a word or several, a prefix, a pattern, fuzzy."""
        pieces = list(self.tongues.pieces(text))
        if not any(piece.run for piece in pieces):
            # Where no spaces are written, a word is found within others anyway.
            match = re.fullmatch(r"(.*\w)~([12])?", text)
            if match and (spelled := list(self.tongues.pieces(match[1]))):
                *before, last = spelled
                parts = [self._piece(piece, within) for piece in before]
                parts.append(self._fuzzy(folding.fold(last.text), int(match[2] or 1), within))
                return all_of([q for q in parts if q is not None])
            bare = text.strip("\"'.,;:!()[]{}")
            if "*" in bare or re.search(r"\w\?\w", bare):
                return self._pattern(bare, within)
        return all_of([self._piece(piece, within) for piece in pieces])

    def _piece(self, piece: Piece, within: fields.Text | None = None) -> wq.Query:
        """A word; or a run of letters, every two of which stand side by side in an essay."""
        self._score()
        if not piece.run:
            found = self.tongues.word(piece.text, within)
            self._want(found)
            return found
        run = folding.run(piece.text)
        if not self.negative:
            self.runs.add(run)
        if len(run) > 2:
            return self.tongues.sequence(piece.text, 1, within)
        return self.tongues.letters(run, within, self.expansions)

    def _want(self, word: Word) -> None:
        if self.negative:
            return
        stems = {term for name, term in word.terms if name in field_names.TEXT}
        self.stems |= stems
        if not stems:
            self.folded |= {term for _, term in word.terms}

    def _phrase(self, text: str, slop: int, within: fields.Text | None = None) -> wq.Query | None:
        pieces = list(self.tongues.pieces(text))
        if not pieces:
            return None
        *before, last = pieces
        if not before:
            return self._piece(last, within)
        if last.run and len(folding.run(last.text)) == 1:
            # A single letter may be the first of a longer word: no term says where it stands.
            head = self._phrase(text[: last.start], slop, within)
            return all_of([q for q in (head, self._piece(last, within)) if q is not None])
        self._score()
        found = self.tongues.sequence(text, slop, within)
        if not self.negative and slop == 1:
            self.phrases.append(tuple(tuple(sorted(word.stems)) for word in found.words))
        elif not self.negative:
            self.runs |= {folding.run(piece.text) for piece in pieces if piece.run}
            for piece in pieces:
                if not piece.run:
                    self._want(self.tongues.word(piece.text, within))
        return found

    def _pattern(self, text: str, within: fields.Text | None) -> wq.Query | None:
        pieces = [
            piece if piece in "*?" else "".join(tokenizer.words(piece))
            for piece in re.split(r"([*?])", text)
        ]
        folded = re.sub(r"\*+", "*", "".join(pieces))
        if not folded.strip("*?"):
            return None
        self._score()
        if not self.negative:
            self.patterns.append(folded)
        if folded.endswith("*") and not set("*?") & set(folded[:-1]):
            return _anywhere(lambda name: wq.Prefix(name, folded[:-1]), within)
        return _anywhere(lambda name: wq.Wildcard(name, folded), within)

    def _fuzzy(self, word: str, distance: int, within: fields.Text | None) -> wq.Query:
        self._score()
        if not self.negative:
            self.fuzzy.append((word, distance))
        return _anywhere(
            lambda name: wq.FuzzyTerm(name, word, maxdist=distance, prefixlength=0), within
        )

    def _score(self) -> None:
        self.scoring = self.scoring or not self.negative


class _Place(NamedTuple):
    startchar: int
    endchar: int


def _anywhere(make: Callable[[str], wq.Query], within: fields.Text | None) -> wq.Query:
    """What stands for many words, by the unstemmed ones; more where one is of the title."""
    if within:
        return wq.ConstantScoreQuery(make(within.unstemmed))
    return wq.Or(
        [wq.ConstantScoreQuery(make(name)) for name in (field_names.WORDS, field_names.TITLE_WORDS)]
    )
